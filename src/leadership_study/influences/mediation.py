"""Mediation: how much of what goes with a predictor goes along with variables between it and the outcome.

An indirect effect is a product of regression coefficients, and products are skewed: intervals come from a bootstrap
that draws rows, or whole clusters where answers are nested. In a cross-section it is a pattern of associations that
agrees with a chain of causes, and with others (Maxwell & Cole, 2007, https://doi.org/10.1037/1082-989X.12.1.23).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, ClassVar, Literal, get_args

import pandas as pd

from leadership_study.influences._effect_intervals import Effects, IntervalMethod, check_interval, effects_of
from leadership_study.influences._groups import Clusters
from leadership_study.influences._latent_mediation import latent_tables
from leadership_study.influences._path_design import (
    DIRECT,
    TOTAL,
    TOTAL_INDIRECT,
    PathDesign,
    as_names,
    path_design,
)
from leadership_study.influences._path_tables import fitted, models_table, paths_table
from leadership_study.influences._regression_parts import check
from leadership_study.influences._regression_tables import Covariance
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.measurement._nesting import usable_clusters
from leadership_study.results import Note, Result
from leadership_study.samples.path_effects import Effect, Equation
from leadership_study.samples.path_effects import Term as Product
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted
from leadership_study.sem.threads import one_thread

Kind = Literal["parallel", "serial"]

_SHARE = "proportion_mediated"
_SOURCE = "Preacher & Hayes (2008); MacKinnon, Lockwood & Williams (2004)"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Mediation(Result):
    """A mediation.

    Attributes
    ----------
    paths : DataFrame, index ``path``
        ``a`` (x to mediator), ``b`` (mediator to y), ``c_prime`` (x to y beside the mediators: the direct effect),
        ``c`` (x to y without them: the total effect), ``d21`` (first mediator to second, serial only); numbered when
        there are several mediators; covariates as "age → trust". Columns predictor, outcome, estimate, std_error,
        statistic (t), df, p_value, ci_low, ci_high, beta.
    indirect : DataFrame, index ``path_effect``
        One row a path through mediators ("trust", "trust → morale") and ``total_indirect`` when there are several:
        estimate, std_error, ci_low, ci_high (by the interval chosen), statistic (z) and p_value of the delta method
        (Sobel's for a single mediator), standardised = estimate · sd(x)/sd(y) with its limits, share_of_total.
    effects : DataFrame, index ``path_effect``
        total_effect, direct_effect, total_indirect, and proportion_mediated = total_indirect / total.
    contrasts : DataFrame, index ``path_effect``
        Differences of two indirect effects, "trust – morale".
    intervals : DataFrame, index ``path_effect``, ``method``
        The interval of every effect by every method.
    models : DataFrame, index ``model``
        n, r_squared, adj_r_squared, residual_sd of each regression, named by what it explains; ``total_effect`` is
        that of the outcome without the mediators.
    """

    paths: pd.DataFrame
    indirect: pd.DataFrame
    effects: pd.DataFrame
    contrasts: pd.DataFrame
    intervals: pd.DataFrame
    models: pd.DataFrame

    main: ClassVar[str] = "indirect"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LatentMediation(Mediation):
    """A mediation between latent variables: a structural equation model.

    The tables are those of `Mediation`; ``df`` is infinite (z tests), ``models`` has n and r_squared only.

    Attributes
    ----------
    fit : Series
        Fit measures of the model, as of `sem`.
    """

    fit: pd.Series


@one_thread()
def mediate(
    data: pd.DataFrame,
    x: str,
    m: str | Sequence[str],
    y: str,
    *,
    kind: Kind = "parallel",
    covariates: str | Sequence[str] = (),
    interval: IntervalMethod = "percentile",
    bootstrap: int = 5000,
    clusters: Clusters | None = None,
    seed: int,
    covariance: Covariance | None = None,
    confidence_level: float = 0.95,
) -> Mediation:
    """Estimate the indirect effects of ``x`` on ``y`` through the mediators ``m``.

    Parameters
    ----------
    data : DataFrame
        One row a respondent. Rows with a missing value in any variable are left out, and counted.
    x : str
        Column of numbers, or of two categories.
    m : str or sequence of str
        Columns of numbers; their order is the chain's when ``kind`` is "serial".
    y : str
        Column of numbers.
    kind : {"parallel", "serial"}
        Mediators beside one another (one mediator: simple mediation), or each predicted by those before it.
    covariates : str or sequence of str
        Columns that enter every regression; text and categories as dummies.
    interval : {"percentile", "bca", "bc", "delta", "monte_carlo"}
        Which limits stand in ``indirect``; ``intervals`` has all. BCa takes its acceleration from the jackknife.
    bootstrap : int
        Samples, 100 or more; 0 for the "delta" and "monte_carlo" intervals alone.
    clusters : column label, Series or array, optional
        Every bootstrap sample then draws whole clusters, and the errors of the paths are CR2.
    seed : int
        The same seed gives the same limits, whatever the machine.
    covariance : str, optional
        Errors of the paths and of the delta method, as `regress` takes them; classical by default, CR2 with clusters.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For an unknown option or variable, a mediator or outcome of text, a predictor of three or more categories.
    InsufficientDataError
        With too few complete rows, one cluster, a variable that does not vary, collinear predictors.

    Notes
    -----
    Every regression is by ordinary least squares on the same rows, so total = direct + total indirect exactly. The
    delta method's error of a product is √(b²s_a² + a²s_b²), Sobel's; Aroian's and Goodman's stand in ``intervals``.
    lavaan's errors are smaller by √((n − p)/n). R twins: ``lavaan::sem`` with ``:=``, ``psych::mediate``.

    References
    ----------
    Preacher, K. J., & Hayes, A. F. (2008). Behavior Research Methods, 40, 879–891.
    https://doi.org/10.3758/BRM.40.3.879. MacKinnon, D. P., Lockwood, C. M., & Williams, J. (2004). Multivariate
    Behavioral Research, 39, 99–128. https://doi.org/10.1207/s15327906mbr3901_4
    """
    if kind not in get_args(Kind):
        raise ValueError(f"The 'kind' parameter of mediate must be 'parallel' or 'serial'. Got {kind!r} instead.")
    errors: Covariance = covariance or ("nonrobust" if clusters is None else "CR2")
    check_interval("mediate", interval, bootstrap, seed, confidence_level)
    check("mediate", errors, clusters if errors.startswith("CR") else None, None, confidence_level)
    mediators = as_names(m, "m", "mediate")
    controls = as_names(covariates, "covariates", "mediate") if len(covariates) else ()
    path = path_design(data, x, mediators, y, controls, clusters, serial=kind == "serial", function="mediate")
    fits = [fitted(path, equation, errors) for equation in path.model.equations]
    total = fitted(path, path.total, errors)

    specific = [path.indirect(chain) for chain in path.chains(serial=kind == "serial")]
    direct = Effect(DIRECT, (Product(1.0, (path.model.position(path.y, path.x),)),))
    together = Effect(TOTAL_INDIRECT, tuple(term for effect in specific for term in effect.terms))
    contrasts = [one.minus(two, f"{one.name} – {two.name}") for one, two in combinations(specific, 2)]
    whole = Effect(TOTAL, (*direct.terms, *together.terms))
    found = effects_of(
        path, fits, [*specific, together, *contrasts, direct, whole], shares=[(_SHARE, TOTAL_INDIRECT, TOTAL)],
        interval=interval, bootstrap=bootstrap, seed=seed, confidence_level=confidence_level,
    )  # fmt: skip
    rows = [effect.name for effect in specific] + [TOTAL_INDIRECT] * (len(specific) > 1)
    indirect = found.table.loc[rows]
    shares = indirect["estimate"] / found.table["estimate"][TOTAL]
    return Mediation(
        paths=paths_table(
            path, [*zip(path.model.equations, fits, strict=True), (path.total, total)], _letters(path), confidence_level
        ),
        indirect=indirect.assign(share_of_total=shares),
        effects=found.table.loc[[TOTAL, DIRECT, TOTAL_INDIRECT, _SHARE]],
        contrasts=found.table.loc[[effect.name for effect in contrasts]],
        intervals=found.intervals,
        models=models_table([*mediators, y, TOTAL], [*fits, total]),
        definition={
            "formula": "mediation",
            "kind": "simple" if len(mediators) == 1 else kind,
            "predictor": x,
            "mediators": ", ".join(mediators),
            "outcome": y,
            "covariates": ", ".join(controls) or "none",
            "missing": "listwise",
            "n": len(path.design.outcome),
            "covariance": errors,
            "interval": interval,
            "bootstrap": bootstrap,
            "resampled": "single_rows" if path.design.codes is None else "whole_clusters",
            "n_clusters": 0 if path.design.codes is None else int(path.design.codes.max()) + 1,
            "confidence_level": confidence_level,
            "source": _SOURCE,
        },
        notes=(*path.design.notes, *found.notes, *_share_notes(found)),
    )


def latent_mediation(
    data: pd.DataFrame,
    scales: Mapping[str, Sequence[str]],
    x: str,
    m: str | Sequence[str],
    y: str,
    *,
    kind: Kind = "parallel",
    covariates: str | Sequence[str] = (),
    estimator: Literal["ML", "MLR"] = "MLR",
    missing: Literal["listwise", "fiml"] = "listwise",
    clusters: str | None = None,
    bootstrap: int = 0,
    seed: int | None = None,
) -> LatentMediation:
    """Mediation of which some variables are latent: measured by the items that ``scales`` names.

    Parameters
    ----------
    data : DataFrame
        Items, and columns of numbers for what is not latent.
    scales : mapping
        Items of each latent variable, under the names that ``x``, ``m`` and ``y`` use.
    x, m, y, kind, covariates
        As in `mediate`; covariates are numbers.
    estimator, missing, clusters
        As in `sem`; ``clusters`` is a column of ``data``.
    bootstrap, seed
        Samples (of clusters, if there are any) for percentile intervals; with 0 intervals are the delta method's.

    Raises
    ------
    ValueError, TypeError, InsufficientDataError, ConvergenceError
        As `sem`.

    Notes
    -----
    The errors of mediators beside one another are free to covary. Indirect effects are defined parameters of the model
    (``:=``), their errors those of the delta method. R twin: ``lavaan::sem``.

    References
    ----------
    MacKinnon, D. P. (2008). Introduction to statistical mediation analysis. Erlbaum.
    """
    if kind not in get_args(Kind):
        raise ValueError(
            f"The 'kind' parameter of latent_mediation must be 'parallel' or 'serial'. Got {kind!r} instead."
        )
    mediators = as_names(m, "m", "latent_mediation")
    controls = as_names(covariates, "covariates", "latent_mediation") if len(covariates) else ()
    if stray := sorted(set(scales) - {x, *mediators, y}):
        raise ValueError(f"The scale {stray[0]!r} of latent_mediation is neither x, m nor y; leave it out.")
    options = {"estimator": estimator, "missing": missing, "clusters": clusters, "bootstrap": bootstrap, "seed": seed}
    made = latent_tables(data, scales, x, mediators, y, controls, serial=kind == "serial", options=options)
    return LatentMediation(
        paths=made.paths, indirect=made.indirect, effects=made.effects, contrasts=made.contrasts,
        intervals=made.intervals, models=made.models, fit=made.fit.fit,
        definition={
            "formula": "latent_mediation",
            "kind": "simple" if len(mediators) == 1 else kind,
            "predictor": x,
            "mediators": ", ".join(mediators),
            "outcome": y,
            "covariates": ", ".join(controls) or "none",
            "missing": missing,
            "n": made.fit.n,
            "estimator": estimator,
            "interval": "percentile" if bootstrap else "delta",
            "bootstrap": bootstrap,
            "resampled": "none" if not bootstrap else "single_rows" if clusters is None else "whole_clusters",
            "n_clusters": 0 if clusters is None else int(data[clusters].nunique()),
            "confidence_level": 0.95,
            "source": "MacKinnon (2008)",
        },
        notes=made.fit.notes,
    )  # fmt: skip


def run(
    scored: ScoredResponses,
    *,
    x: Variable,
    m: Variables,
    y: Variable,
    kind: Kind = "parallel",
    covariates: Variables = (),
    interval: IntervalMethod = "percentile",
    bootstrap: int | None = None,
    group: Variable | None = None,
    latent: bool = False,
    seed: int,
    confidence_level: float = 0.95,
) -> Mediation:
    """Mediation of scale scores, or with ``latent`` of the dimensions behind them.

    Where answers are nested, the outermost group (``group`` names another) is drawn whole in every bootstrap sample.
    There are 5,000 of them for scores, and none by default for latent variables: their intervals are the delta
    method's, with cluster-robust errors where the clusters suffice for them.
    """
    group = chosen_group(scored, group)
    mediators, controls = scored.expand(m), scored.expand(covariates)
    if latent:
        return _latent(scored, x, mediators, y, kind, controls, bootstrap or 0, group, seed)
    data = scored.frame([x, *mediators, y, *controls])
    for name in data.columns:
        data[name] = with_levels(scored, name, data[name])
    clusters = scored.groups[group] if group is not None else None
    result = mediate(
        data, x, mediators, y, kind=kind, covariates=controls, interval=interval,
        bootstrap=5000 if bootstrap is None else bootstrap, clusters=clusters, seed=seed,
        confidence_level=confidence_level,
    )  # fmt: skip
    return replace(result, notes=(*result.notes, *unweighted(scored)))


def _latent(
    scored: ScoredResponses,
    x: str,
    m: Sequence[str],
    y: str,
    kind: Kind,
    covariates: Sequence[str],
    bootstrap: int,
    group: str | None,
    seed: int,
) -> LatentMediation:
    scales = {name: scored.instrument.item_ids(name) for name in (x, *m, y) if name in scored.instrument.dimension_ids}
    items = [item for names in scales.values() for item in names]
    others = [name for name in (x, *m, y, *covariates) if name not in scales]
    data = scored.frame([*items, *others])
    called: dict[str, Any] = {"kind": kind, "covariates": covariates, "bootstrap": bootstrap, "seed": seed}
    if group is None:
        return latent_mediation(data, scales, x, m, y, **called)
    nested = data.assign(**{group: scored.groups[group]})
    if bootstrap:
        return latent_mediation(nested, scales, x, m, y, clusters=group, **called)
    plain = latent_mediation(data, scales, x, m, y, **called)
    clusters, notes = usable_clusters(scored.groups[group], int(plain.fit["n_parameters"]) + len(items))
    if clusters is not None:
        plain = latent_mediation(nested, scales, x, m, y, clusters=group, **called)
    return replace(plain, notes=(*plain.notes, *notes, *unweighted(scored)))


def _letters(path: PathDesign) -> dict[tuple[Equation, int], str]:
    """The field's letters for the slopes."""
    several = len(path.mediators) > 1
    number = {column: str(at + 1) if several else "" for at, column in enumerate(path.mediators)}
    letters = {(path.total, path.x): "c"}
    for equation in path.model.equations:
        into = number.get(equation.outcome)
        letters[(equation, path.x)] = "c_prime" if into is None else f"a{into}"
        for column in path.mediators:
            letters[(equation, column)] = f"b{number[column]}" if into is None else f"d{into}{number[column]}"
    return letters


def _share_notes(found: Effects) -> tuple[Note, ...]:
    """Said when the direct and the indirect effect have opposite signs, where a share has no meaning."""
    direct, indirect = (float(found.table["estimate"][name]) for name in (DIRECT, TOTAL_INDIRECT))
    if direct * indirect >= 0:
        return ()
    text = (
        "The direct and the indirect effect have opposite signs, so the indirect effect is no share of the total "
        "effect: the proportion mediated has no meaning here."
    )
    return (Note("opposite_signs", text),)
