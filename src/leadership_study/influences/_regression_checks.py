"""Further checks of a fitted regression: its form, collinearity by dimension, rows to look at, a wild bootstrap."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.influences._design import Design
from leadership_study.influences._regression_tables import Covariance, DegreesOfFreedom, Fitted, fitted
from leadership_study.results import Note
from leadership_study.samples.cluster_robust import WaldTest
from leadership_study.samples.wild_bootstrap import MOST_ENUMERATED, wild_tests, wild_weights

ROWS_KEPT = 2000
"""A table of rows holds at most about so many: a picture shows no more."""

_POWERS = (2, 3)
_TELLING = 100  # rows of the largest Cook's distance and of the largest residual that are always kept


def specification(fit: Fitted, design: Design, columns: list[int]) -> pd.DataFrame:
    """RESET: whether the squares and cubes of the fitted values add anything, by the test that fits the errors.

    Ramsey, J. B. (1969). Journal of the Royal Statistical Society B, 31, 350–371.
    https://doi.org/10.1111/j.2517-6161.1969.tb00796.x. R twin: ``lmtest::resettest(power = 2:3)``.
    """
    ols, nothing = fit.ols, WaldTest(statistic=np.nan, df1=len(_POWERS), df2=np.nan, p_value=np.nan)
    test = nothing
    if not ols.is_exact and ols.slopes:
        at = (ols.fitted - ols.fitted.mean()) / max(float(ols.fitted.std()), 1e-300)
        test = _added(fit, design, columns, np.column_stack([at**power for power in _POWERS]), nothing)
    values = {"statistic": test.statistic, "df1": test.df1, "df2": test.df2, "p_value": test.p_value}
    return pd.DataFrame([values], index=pd.Index(["reset"], name="test"))


def _added(fit: Fitted, design: Design, columns: list[int], powers: NDArray[np.float64], nothing: WaldTest) -> WaldTest:
    p = len(columns)
    left = powers - fit.ols.basis @ (fit.ols.basis.T @ powers)
    spread = np.sqrt((powers**2).sum(axis=0))
    if fit.ols.n <= p + len(_POWERS) or np.linalg.svd(left / spread, compute_uv=False)[-1] < 1e-8:
        return nothing  # fitted values of two kinds only, such as those of one dummy
    wider = Design(
        matrix=np.column_stack([design.matrix[:, columns], powers]),
        terms=(*(design.terms[at] for at in columns), *(f"fitted^{power}" for power in _POWERS)),
        constant=columns.index(design.constant) if design.constant in columns else None,
        parts=(*(design.parts[at] for at in columns), *("fitted" for _ in _POWERS)),
        outcome=design.outcome,
        outcome_name=design.outcome_name,
        codes=design.codes,
        rows=design.rows,
        positions=design.positions,
        received=design.received,
        notes=(),
    )
    kind: Covariance = fit.type
    df: DegreesOfFreedom = fit.df
    return fitted(wider, list(range(p + len(_POWERS))), kind, df).wald(list(range(p, p + len(_POWERS))))


def condition(fit: Fitted) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Condition indices of the design with columns of length one, and each coefficient's variance by dimension.

    Belsley, D. A., Kuh, E., & Welsch, R. E. (1980). Regression diagnostics. https://doi.org/10.1002/0471725153. R twin:
    ``perturb::colldiag``.
    """
    design = fit.ols.design / np.sqrt((fit.ols.design**2).sum(axis=0))
    _, values, turned = np.linalg.svd(design, full_matrices=False)
    parts = (turned.T / values) ** 2
    shares = parts / parts.sum(axis=1, keepdims=True)
    names = [str(at) for at in range(1, len(values) + 1)]
    table = pd.DataFrame({"eigenvalue": values**2, "condition_index": values[0] / values}, index=names)
    proportions = pd.DataFrame(shares, index=pd.Index(fit.ols.terms, name="term"), columns=names)
    return table.rename_axis("collinearity_dimension"), proportions


def rows(fit: Fitted, labels: pd.Index) -> pd.DataFrame:
    """What the pictures of the residuals show, a row each: those of note, and the rest evenly by size of residual.

    ``standardised`` is e/(s√(1 − h)); ``normal_quantile`` that of its rank (Blom, 1958, as R's ``qqnorm``).
    """
    ols, p = fit.ols, len(fit.ols.terms)
    names = ("fitted", "residual", "standardised", "normal_quantile", "leverage", "cook")
    if ols.is_exact:
        return pd.DataFrame(
            {name: pd.Series(dtype=float) for name in names}, index=pd.Index([], name="row", dtype=object)
        )
    left = np.maximum(1 - ols.leverages, 1e-10)
    standardised = np.where(1 - ols.leverages < 1e-10, np.nan, ols.residuals / np.sqrt(ols.sigma_squared * left))
    cook = ols.residuals**2 / (p * ols.sigma_squared) * ols.leverages / left**2
    order = np.argsort(standardised, kind="stable")
    quantile = np.empty(ols.n)
    offset = 3 / 8 if ols.n <= 10 else 1 / 2
    quantile[order] = stats.norm.ppf((np.arange(1, ols.n + 1) - offset) / (ols.n + 1 - 2 * offset))
    kept = np.ones(ols.n, dtype=np.bool_)
    if ols.n > ROWS_KEPT:
        kept[:] = False
        kept[order[np.linspace(0, ols.n - 1, ROWS_KEPT).astype(np.int64)]] = True
        kept[np.argsort(cook)[-_TELLING:]] = True
        kept[order[:_TELLING]] = kept[order[-_TELLING:]] = True
    texts = labels.astype(str)
    if not texts.is_unique:
        texts = pd.Index([str(at) for at in range(1, ols.n + 1)])
    columns = (ols.fitted, ols.residuals, standardised, quantile, ols.leverages, cook)
    table = pd.DataFrame(dict(zip(names, columns, strict=True)), index=texts.rename("row"))
    return table[kept]


def wild(
    fit: Fitted, codes: NDArray[np.int64] | None, few: int, draws: int, seed: int, confidence_level: float
) -> tuple[pd.DataFrame, dict[str, Any], list[Note]]:
    """Wild cluster bootstrap of every coefficient where there are fewer than ``few`` clusters; else an empty table."""
    names = ["p_value", "ci_low", "ci_high"]
    if fit.clusters is None or codes is None or draws == 0 or fit.ols.is_exact or fit.clusters.n_clusters >= few:
        return pd.DataFrame(columns=names, index=pd.Index([], name="term", dtype=object), dtype=float), {}, []
    groups = fit.clusters.n_clusters
    weights = wild_weights(groups, draws, seed)
    tests = wild_tests(fit.ols, codes, weights, confidence_level=confidence_level)
    table = pd.DataFrame(
        [(test.p_value, test.ci_low, test.ci_high) for test in tests],
        columns=names,
        index=pd.Index(fit.ols.terms, name="term"),
    )
    enumerated = groups <= MOST_ENUMERATED
    definition = {"bootstrap_weights": "rademacher" if enumerated else "webb", "bootstrap": weights.shape[1]}
    notes = []
    if (least := 2.0 ** (1 - groups)) > 1 - confidence_level:
        text = (
            "With {n_clusters} clusters no p value of the wild cluster bootstrap can be below {least}, so it can "
            "reject nothing at this level."
        )
        notes.append(Note("wild_cannot_reject", text, {"n_clusters": groups, "least": least}))
    return table, definition, notes
