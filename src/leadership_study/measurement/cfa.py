"""Confirmatory factor analysis and structural equation models, with lavaan's syntax and defaults."""

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from leadership_study.measurement._cfa_block import ConfirmatoryAnalysis, block_of
from leadership_study.measurement._nesting import outer_groups, takes_independent, usable_clusters
from leadership_study.measurement._sem_result import SemFit, sem_fit
from leadership_study.samples.moments import Moments
from leadership_study.samples.solomon import Half, half_of
from leadership_study.scoring import ScoredResponses
from leadership_study.scoring.variables import Variable, Variables
from leadership_study.sem.options import Estimator, Information, Likelihood
from leadership_study.sem.specify import Errors, Parameterization

Missing = Literal["listwise", "fiml", "ml", "pairwise"]

__all__ = ["ConfirmatoryAnalysis", "SemFit", "cfa", "run", "sem"]


def cfa(
    model: str,
    data: pd.DataFrame | Moments,
    *,
    estimator: Estimator | None = None,
    missing: Missing = "listwise",
    ordered: Sequence[str] | bool = (),
    group: str | None = None,
    equal: Sequence[str] = (),
    partial: Sequence[str] = (),
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool | None = None,
    parameterization: Parameterization = "delta",
    information: Information | None = None,
    likelihood: Likelihood = "normal",
    se: Errors | None = None,
    clusters: str | None = None,
    bootstrap: int = 0,
    seed: int | None = None,
) -> SemFit:
    """Fit a confirmatory factor model.

    Parameters
    ----------
    model : str
        In lavaan's syntax: ``=~ ~ ~~ ~1 | ~*~ := == < >``, labels, fixed and start values, ``NA*``, ``c(a, b)*``.
    data : DataFrame of numbers, rows × variables, or Moments
        A missing answer is NaN. Moments serve ML, GLS and ULS of one group.
    estimator : {"ML", "MLM", "MLR", "GLS", "ULS", "WLS", "DWLS", "WLSMV", "ULSMV"}, optional
        None: ML; WLSMV with ordered items; MLR with clusters.
    missing : {"listwise", "fiml", "pairwise"}
        Complete rows; all answers, by likelihood (ML, MLR; "ml" means the same); or all answers to each pair of
        ordered items.
    ordered : sequence of str or bool
        Ordered items, True for all: thresholds and polychoric correlations instead of means and covariances.
    group : str, optional
        Column of groups, taken in order of appearance.
    equal : sequence of str
        What is equal in all groups: loadings, intercepts, thresholds, residuals, means, regressions,
        residual_covariances, lv_variances, lv_covariances.
    partial : sequence of str
        Parameters released from ``equal``: ``"f =~ x2"``, ``"x3 ~1"``.
    std_lv, orthogonal : bool
        Fix factor variances to 1 instead of the first loadings; exogenous factors uncorrelated.
    meanstructure : bool, optional
        None: with groups, missing answers, clusters or intercepts in the model.
    parameterization : {"delta", "theta"}
        Of ordered items: scales, or residual variances, are parameters.
    information : {"expected", "observed"}, optional
        None: observed for MLR and missing answers, else expected.
    likelihood : {"normal", "wishart"}
        Divisor n or n − 1.
    se : {"standard", "robust", "bootstrap", "none"}, optional
        None: the estimator's own.
    clusters : str, optional
        Column of clusters, for errors and tests that allow for dependence within them.
    bootstrap : int
        Samples of rows (clusters, if there are any) for standard errors and percentile intervals.
    seed : int, optional
        Needed for the bootstrap.

    Returns
    -------
    SemFit

    Raises
    ------
    ModelSyntaxError
        With line and column.
    InsufficientDataError
        Too few rows, a singular covariance matrix, a model that is not identified; the parameter is named.
    ConvergenceError
        No optimum was found.
    ValueError, TypeError
        Unknown variables or options, text or infinite numbers in a column.

    Notes
    -----
    Defaults and results are those of lavaan 0.6-14 (Rosseel, 2012, https://doi.org/10.18637/jss.v048.i02). The
    optimum is exact to rounding, where lavaan stops at a relative change of 1e-10: its estimates differ from ours in
    the fifth digit. Solutions that are improper (negative variances, correlations beyond 1) come with a note and a row
    in ``problems``. R twin: ``lavaan::cfa(model, data, …)``.
    """
    return sem_fit(
        model, data, bootstrap=bootstrap, seed=seed, estimator=estimator, missing=missing, ordered=ordered, group=group,
        equal=equal, partial=partial, std_lv=std_lv, orthogonal=orthogonal, meanstructure=meanstructure,
        parameterization=parameterization, information=information, likelihood=likelihood, se=se, clusters=clusters,
    )  # fmt: skip


def sem(model: str, data: pd.DataFrame | Moments, **options: Any) -> SemFit:
    """Fit a structural equation model: the same as `cfa`, whose options it takes.

    Regressions (``y ~ x``) may join the measurement part; observed variables that only predict are taken as fixed.
    R twin: ``lavaan::sem(model, data, …)``.
    """
    return cfa(model, data, **options)


def run(
    scored: ScoredResponses,
    *,
    model: str | None = None,
    items: Variables = ("items",),
    estimator: Estimator | None = None,
    missing: Missing = "listwise",
    ordered: bool = False,
    group: Variable | None = None,
    equal: tuple[str, ...] = (),
    partial: tuple[str, ...] = (),
    std_lv: bool = False,
    orthogonal: bool = False,
    half: Half = "all",
) -> ConfirmatoryAnalysis:
    """Confirmatory factor analysis of the questionnaire: without ``model``, its dimensions as correlated factors.

    Continuous items are fitted by MLR unless another estimator is named. In a nested study the errors are
    cluster-robust over the outermost group where the clusters suffice, and said to be unadjusted where they do not.
    ``half`` takes one of two equivalent halves of the respondents, so that the other can be explored.
    """
    frame, notes = half_of(scored.frame(items), half)
    text = dimension_model(scored, list(frame.columns)) if model is None else model
    chosen = estimator if estimator is not None or ordered else "MLR"
    extra = [] if group is None or group in frame.columns else [group]
    data = frame.join(scored.frame(tuple(extra))[extra]) if extra else frame
    options: dict[str, Any] = {
        "estimator": chosen, "missing": missing, "ordered": ordered, "group": group, "equal": equal, "partial": partial,
        "std_lv": std_lv, "orthogonal": orthogonal,
    }  # fmt: skip
    fit = cfa(text, data, **options)
    outer = outer_groups(scored)
    if outer is None or outer.name == group:
        return block_of(fit, notes)
    outer = outer.loc[data.index]
    if ordered or missing != "listwise" or chosen not in ("ML", "MLR"):
        return block_of(fit, (*notes, takes_independent(str(outer.name))))
    means = 0 if not fit.implied_means.empty else len(fit.implied)  # clusters add the items' means to the model
    clusters, told = usable_clusters(outer, int(fit.fit["n_parameters"]) + means)
    if clusters is not None:
        fit = cfa(text, data.assign(**{clusters: outer}), clusters=clusters, **options)
    return block_of(fit, (*notes, *told))


def dimension_model(scored: ScoredResponses, items: Sequence[str]) -> str:
    """Return the model in which each dimension is a factor of its own items."""
    lines = []
    for dimension in scored.instrument.dimensions:
        own = [item.id for item in dimension.items if item.id in items]
        if own:
            lines.append(f"{dimension.id} =~ {' + '.join(own)}")
    return "\n".join(lines)
