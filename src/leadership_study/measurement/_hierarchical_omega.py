"""Hierarchical omega: how much of a total's variance one general factor accounts for."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement import _checks
from leadership_study.measurement._alpha_coefficients import coefficients
from leadership_study.measurement._item_correlations import item_correlations
from leadership_study.measurement.efa import solution_notes, solve
from leadership_study.results import Note, Result
from leadership_study.samples.factoring import LOWEST_UNIQUENESS
from leadership_study.samples.moments import Missing, Moments, moments_of
from leadership_study.samples.schmid_leiman import schmid_leiman
from leadership_study.sem.threads import one_thread

Floats = NDArray[np.float64]
Extracting = Literal["minres", "ml", "paf"]
Rotating = Literal["oblimin", "quartimin", "geomin", "promax"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HierarchicalOmega(Result):
    """Omega of a total of several factors, after Schmid and Leiman.

    Attributes
    ----------
    omega_hierarchical : float
        Share of the variance of the total (the sum of standardised items) that the general factor accounts for.
    omega_total : float
        Share that all common factors account for.
    omega_limit : float
        omega_hierarchical / omega_total: what it would become with endlessly many items.
    explained_common_variance : float
        Share of the common variance of the items that is general: Σg² over the squares of all general and group
        loadings.
    alpha, guttman_lambda6 : float
        Of the same standardised items, for comparison; alpha mistakes group factors for the general one.
    n, n_items, n_factors : int
    loadings : DataFrame
        One row an item: ``g``, one column a group factor, ``communality``, ``uniqueness``, ``general_share`` (g² / h²)
        and ``turned``: True where the item loads negatively on the general factor and counts reversed.
    subscales : DataFrame
        One row a group factor, of the items whose largest group loading is on it: ``n_items``, ``total``, ``general``
        and ``group``, the shares of the variance of their sum (total = general + group).
    second_order : DataFrame
        ``loading`` of each group factor's original on the general factor.
    factor_correlations : DataFrame
        Φ of the oblique solution behind it all.
    """

    main: ClassVar[str] = "summary"
    shown_as: ClassVar[dict[str, str]] = {"factor_correlations": "r"}

    omega_hierarchical: float
    omega_total: float
    omega_limit: float
    explained_common_variance: float
    alpha: float
    guttman_lambda6: float
    n: int
    n_items: int
    n_factors: int
    loadings: pd.DataFrame
    subscales: pd.DataFrame
    second_order: pd.DataFrame
    factor_correlations: pd.DataFrame


@one_thread()
def hierarchical_omega(
    items: pd.DataFrame | Moments,
    n_factors: int,
    *,
    method: Extracting = "minres",
    rotation: Rotating = "oblimin",
    flip: bool = True,
    missing: Missing = "pairwise",
) -> HierarchicalOmega:
    """Estimate omega hierarchical from an oblique factor solution and its Schmid–Leiman transformation.

    ω_h = (Σg)² / Σ R over the standardised items, with g their loadings on the general factor; ω_total = 1 − Σu² / ΣR,
    with u² the uniquenesses of the oblique solution.

    Parameters
    ----------
    items : DataFrame of numbers, respondents × items, or Moments
        Missing answers are NaN.
    n_factors : int
        Group factors. With two, the general loadings are not identified and taken as equal: a note says so.
    method, rotation
        Of the factor analysis: see `efa`.
    flip : bool
        Reverse items with a negative general loading, as psych does; False takes them as they are.
    missing : {"pairwise", "listwise"}

    Raises
    ------
    InsufficientDataError, ConvergenceError
        As `efa`; items that cancel out.
    TypeError, ValueError
        Columns that are not numbers; options that do not exist.

    Notes
    -----
    R twin: ``psych::omega(items, n_factors, fm = "minres", rotate = "oblimin")``.

    References
    ----------
    Schmid and Leiman (1957), 10.1007/BF02289209. Zinbarg, Revelle, Yovel and Li (2005), 10.1007/s11336-003-0974-7.
    """
    _checks.one_of(method, ["minres", "ml", "paf"], name="method", function="hierarchical_omega")
    oblique = ["oblimin", "quartimin", "geomin", "promax"]
    _checks.one_of(rotation, oblique, name="rotation", function="hierarchical_omega")
    moments = moments_of(items, missing=missing)
    found = item_correlations(moments, missing=missing, at_least=3)
    extraction, solution = solve(found, n_factors, method, rotation)
    pattern, phi = solution.loadings, solution.factor_correlations
    bifactor = schmid_leiman(pattern, phi, method=method)
    communalities = np.diag(pattern @ phi @ pattern.T)
    turned = (bifactor.general < 0) if flip else np.zeros(len(pattern), dtype=bool)
    sign = np.where(turned, -1.0, 1.0)
    correlation = found.matrix * np.outer(sign, sign)
    general, group = bifactor.general * sign, bifactor.group * sign[:, None]
    whole = float(correlation.sum())
    _checks.total_varies(whole, float(len(correlation)))
    hierarchical = float(general.sum() ** 2 / whole)
    total = float(1 - (1 - communalities).sum() / whole)
    own = coefficients(correlation)
    names = [f"F{at + 1}" for at in range(n_factors)]
    item, factor = moments.covariance.index, pd.Index(names, name="factor", dtype="str")
    loadings = {
        "g": general,
        **dict(zip(names, group.T, strict=True)),
        "communality": communalities,
        "uniqueness": 1 - communalities,
        "general_share": general**2 / communalities,
        "turned": turned,
    }
    return HierarchicalOmega(
        omega_hierarchical=hierarchical,
        omega_total=total,
        omega_limit=hierarchical / total,
        explained_common_variance=float((general**2).sum() / ((general**2).sum() + (group**2).sum())),
        alpha=own["alpha"],
        guttman_lambda6=own["guttman_lambda6"],
        n=moments.n,
        n_items=len(pattern),
        n_factors=n_factors,
        loadings=pd.DataFrame(loadings, index=item),
        subscales=_subscales(correlation, general, group, factor),
        second_order=pd.DataFrame({"loading": bifactor.second_order}, index=factor),
        factor_correlations=pd.DataFrame(phi, index=factor, columns=factor.rename(None)),
        definition={
            "formula": "omega_hierarchical",
            "model": "schmid_leiman",
            "extraction": method,
            "rotation": rotation,
            "matrix": "correlation",
            "missing": moments.missing,
            "n": moments.n,
            "source": "Zinbarg, Revelle, Yovel and Li (2005)",
        },
        notes=(
            *solution_notes(found, extraction, solution, method),
            *_notes(
                [name for name, its in zip(found.items, bifactor.general, strict=True) if its < 0], n_factors, flip
            ),
            *_improper(bifactor.second_order, names),
        ),
    )


def _subscales(correlation: Floats, general: Floats, group: Floats, factor: pd.Index) -> pd.DataFrame:
    """Shares of the variance of the sum of each factor's own items."""
    inside = np.abs(group).argmax(axis=1)[:, None] == np.arange(group.shape[1])
    variance = np.einsum("ik,ij,jk->k", inside, correlation, inside, optimize=True)
    sums = np.stack([general @ inside, np.sum(group * inside, axis=0)])
    shares = np.divide(sums**2, variance, out=np.full(sums.shape, np.nan), where=variance > 0)
    columns = {"n_items": inside.sum(axis=0), "total": shares.sum(axis=0), "general": shares[0], "group": shares[1]}
    return pd.DataFrame(columns, index=factor)


def _notes(negative: list[str], n_factors: int, flip: bool) -> list[Note]:
    notes = []
    if negative and not flip:
        text = (
            "These items load negatively on the general factor, so that they take from the total what the others add "
            "to it: {items}; check their keying, and whether a total of all makes sense."
        )
        notes.append(Note("omega_items_against_the_total", text, {"items": ", ".join(negative)}))
    elif negative:
        text = "These items load negatively on the general factor and count reversed: {items}; check their keying."
        notes.append(Note("omega_items_turned", text, {"items": ", ".join(negative)}))
    if n_factors == 2:
        text = (
            "Two group factors do not identify the general one: its loadings on them are taken as equal, so omega "
            "hierarchical rests on that choice; three factors or a bifactor model would not need it."
        )
        notes.append(Note("omega_two_factors", text))
    return notes


def _improper(second_order: Floats, names: list[str]) -> list[Note]:
    limit = 1 - LOWEST_UNIQUENESS * (1 + 1e-6)
    beyond = [name for name, loading in zip(names, second_order, strict=True) if loading**2 >= limit]
    if not beyond or len(names) == 1:
        return []
    text = (
        "The general factor takes all of {factors} (a Heywood case among the factors), so nothing is left to it as a "
        "group factor, and omega hierarchical is not dependable."
    )
    return [Note("omega_second_order_heywood", text, {"factors": ", ".join(beyond)})]


def omega_of_total(items: pd.DataFrame, n_factors: int, *, missing: Missing) -> HierarchicalOmega:
    """`hierarchical_omega` of a questionnaire's total, where one factor a dimension is what was planned.

    The total is that of the items as they are keyed, so none is turned.

    Raises
    ------
    InsufficientDataError
        With fewer than two dimensions, whose total is one scale: its omega is `mcdonald_omega`.
    """
    if n_factors < 2:
        text = "A total of one dimension is that dimension: its omega stands with the reliability of the scales."
        raise InsufficientDataError(Note("total_of_one_dimension", text))
    return hierarchical_omega(items, n_factors, flip=False, missing=missing)
