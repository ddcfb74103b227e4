"""Reliability of total and subscale scores from a fitted bifactor, second-order or correlated-factors model."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement._checks import one_of
from leadership_study.measurement._measurement_part import MeasurementPart, measurement_parts
from leadership_study.measurement._sem_result import SemFit
from leadership_study.results import Note, Result

Floats = NDArray[np.float64]
Kind = Literal["bifactor", "second_order", "correlated", "one_factor"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ModelReliability(Result):
    """How much of the variance of total and subscale scores a model's factors account for.

    Attributes
    ----------
    table : DataFrame, one row a score (``total``, then a row a factor)
        ``n_items``; ``omega_total``, the share of all factors; ``omega_hierarchical``, the share of the general factor
        in the total, and in a subscale that of its own group factor; ``general``, the share of the general factor;
        ``explained_common_variance``, the general factor's share of the common variance. Columns that need a general
        factor are NaN without one. In several groups the index is (group, score).
    summary fields
        ``omega_hierarchical, omega_total, explained_common_variance`` (ECV) and
        ``uncontaminated_correlations`` (PUC: the share of correlations between items of different group factors) of the
        total, of the first group; ``kind`` is the model's kind, ``general`` the name of the general factor.
    """

    omega_hierarchical: float
    omega_total: float
    explained_common_variance: float
    uncontaminated_correlations: float
    kind: Kind
    general: str
    n: int
    table: pd.DataFrame

    main: ClassVar[str] = "table"

    @property
    def subscales(self) -> pd.DataFrame:
        """The rows of `table` that are no totals."""
        level = self.table.index.get_level_values(-1)
        return self.table[level != "total"]


def model_reliability(fit: SemFit, *, metric: Literal["standardized", "raw"] = "standardized") -> ModelReliability:
    """Reliability of scores from a fitted model.

    Parameters
    ----------
    fit : SemFit
        A bifactor model (one factor of all items, uncorrelated with the others), a second-order model (one factor of
        the other factors), correlated factors, or one factor.
    metric : {"standardized", "raw"}
        Scores that add up standardised items, or the items as they are.

    Raises
    ------
    InsufficientDataError
        When the model has no factor with items, or factors of factors beyond one general one.
    ValueError
        When the fit was read back from a file, or for an unknown option.

    Notes
    -----
    With general loadings g, group loadings s and residual covariances Θ, V = (Σg)² + Σ(Σs)² + ΣΘ is the implied
    variance of the total: ω_t = 1 − ΣΘ/V, ω_h = (Σg)²/V; over the items of a subscale ω_h is its group factor's
    (Σs)²/V (Reise, 2012, https://doi.org/10.1080/00273171.2012.715555; Rodriguez, Reise & Haviland, 2016,
    https://doi.org/10.1037/met0000045). A second-order model is first brought into bifactor form (Schmid & Leiman,
    1957): g = λγ, s = λ√ψ. With correlated factors 1 − ΣΘ/V alone is defined. Of ordered items these are coefficients
    of the underlying responses. R twins: ``semTools::compRelSEM``, ``reliabilityL2``; ``BifactorIndicesCalculator``.
    """
    one_of(metric, ("standardized", "raw"), name="metric", function="model_reliability")
    tables, first = [], None
    kind: Kind = "one_factor"
    general = ""
    puc = float("nan")
    for part in measurement_parts(fit):
        part = part.standardised() if metric == "standardized" else part
        kind, general, loadings, groups = general_and_group_loadings(part)
        table = _table(part, loadings, groups)
        puc = _uncontaminated(part, groups) if loadings is not None else float("nan")
        first = table if first is None else first
        if len(fit.groups) > 1:
            table.index = pd.MultiIndex.from_product([[part.group], table.index], names=["group", "score"])
        tables.append(table)
    if first is None:
        raise InsufficientDataError(_no_factor())
    total = first.astype("float64").loc["total"].to_dict()
    return ModelReliability(
        omega_hierarchical=float(total["omega_hierarchical"]),
        omega_total=float(total["omega_total"]),
        explained_common_variance=float(total["explained_common_variance"]),
        uncontaminated_correlations=puc,
        kind=kind,
        general=general,
        n=fit.n,
        table=pd.concat(tables),
        definition={
            "formula": "omega_hierarchical" if general else "omega_total",
            "model": kind,
            "metric": metric,
            "n": fit.n,
            "source": "Reise (2012)",
        },
        notes=_notes(fit),
    )


def general_and_group_loadings(part: MeasurementPart) -> tuple[Kind, str, Floats | None, dict[str, Floats]]:
    """Return the model's kind, its general factor, and loadings of general and group factors on the items.

    Without a general factor the loadings are None, and those of the factors stand as group loadings.
    """
    measured = part.measured
    if not measured:
        raise InsufficientDataError(_no_factor())
    above = [factor for factor in part.factors if factor not in measured]
    columns = {factor: part.loadings[:, part.factors.index(factor)] for factor in measured}
    if len(above) == 1:
        top = part.factors.index(above[0])
        scale = np.sqrt(part.disturbances[top, top])
        general, groups = np.zeros(len(part.items)), {}
        for factor in measured:
            at = part.factors.index(factor)
            general += columns[factor] * part.indirect[at, top] * scale
            groups[factor] = columns[factor] * np.sqrt(max(float(part.disturbances[at, at]), 0.0))
        return "second_order", above[0], general, groups
    if above:
        text = "Reliability of a total is offered for one general factor; the model has {factors} above the others."
        raise InsufficientDataError(Note("several_general_factors", text, {"factors": ", ".join(above)}))
    for factor in measured:
        at = part.factors.index(factor)
        others = np.delete(part.covariance[at], at)
        everything = {name for other in measured if other != factor for name in part.indicators(other)}
        if len(measured) > 1 and everything <= set(part.indicators(factor)) and np.all(np.abs(others) < 1e-12):
            spread = np.sqrt(np.diag(part.covariance))
            scaled = {name: columns[name] * spread[part.factors.index(name)] for name in measured}
            return "bifactor", factor, scaled.pop(factor), scaled
    spread = np.sqrt(np.diag(part.covariance))
    scaled = {name: columns[name] * spread[part.factors.index(name)] for name in measured}
    return ("correlated" if len(measured) > 1 else "one_factor"), "", None, scaled


def _table(part: MeasurementPart, general: Floats | None, groups: dict[str, Floats]) -> pd.DataFrame:
    rows: dict[str, dict[str, Any]] = {}
    scores = {"total": np.arange(len(part.items))} | {
        name: np.array(part.indicators(name))  # a group factor without variance of its own keeps its items
        for name in groups
    }
    for score, at in scores.items():
        variance = float(part.implied[np.ix_(at, at)].sum())
        error = float(part.residual[np.ix_(at, at)].sum())
        row: dict[str, Any] = {"n_items": len(at), "omega_total": 1 - error / variance}
        common = sum(float((loadings[at] ** 2).sum()) for loadings in groups.values())
        if general is None:
            row |= dict.fromkeys(("omega_hierarchical", "general", "explained_common_variance"), float("nan"))
        else:
            share = float(general[at].sum() ** 2 / variance)
            own = share if score == "total" else float(groups[score][at].sum() ** 2 / variance)
            squares = float((general[at] ** 2).sum())
            row |= {
                "omega_hierarchical": own,
                "general": share,
                "explained_common_variance": squares / (squares + common),
            }
        rows[score] = row
    names = pd.Index(list(rows), name="score", dtype="str")
    return pd.DataFrame(list(rows.values()), index=names).astype({"n_items": "int64"})


def _uncontaminated(part: MeasurementPart, groups: dict[str, Floats]) -> float:
    """Share of pairs of items that no group factor has in common."""
    loaded = np.zeros((len(groups), len(part.items)))
    for row, name in zip(loaded, groups, strict=True):
        row[part.indicators(name)] = 1.0
    together = loaded.T @ loaded
    below = np.tril_indices(len(together), -1)
    return float((together[below] == 0).mean())


def _notes(fit: SemFit) -> tuple[Note, ...]:
    notes = [note for note in fit.notes if note.id.startswith("sem_")]
    if fit.definition.get("matrix") == "polychoric":
        text = "These are coefficients of the responses that underlie the ordered answers, not of the observed scores."
        notes.append(Note("reliability_of_underlying_responses", text))
    return tuple(notes)


def _no_factor() -> Note:
    return Note("no_measured_factor", "The model has no factor with items, so there is nothing to judge.")
