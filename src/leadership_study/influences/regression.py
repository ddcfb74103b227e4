"""Linear regression of one outcome on blocks of predictors, with errors that fit the answers.

Teachers who rate the same head, or work in the same school, give answers that go together. Errors that ignore this are
too small; ``covariance="CR2"`` with Satterthwaite degrees of freedom allows for it, also with few heads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from leadership_study.errors import PlanError
from leadership_study.influences import _regression_tables as tables
from leadership_study.influences._design import INTERCEPT, from_columns, from_formula
from leadership_study.influences._groups import Clusters
from leadership_study.influences._regression_parts import check, check_bootstrap, parts
from leadership_study.influences._regression_tables import Covariance, DegreesOfFreedom
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Note, Result
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Regression(Result):
    """A linear regression.

    Attributes
    ----------
    coefficients : DataFrame, index ``term``
        estimate, std_error, statistic (t), df, p_value, ci_low, ci_high; beta = estimate · sd(x)/sd(y), dummies too,
        on the rows used; vif and tolerance of each column.
    fit : Series
        n, r_squared, adj_r_squared, residual_sd, the overall test (statistic, df1, df2, p_value) that fits the errors,
        residual_sum_of_squares, log_likelihood, aic, bic, n_clusters.
    collinearity : DataFrame, index ``variable``
        gvif, df, gvif_root: the dummies of a variable taken together.
    condition : DataFrame, index ``collinearity_dimension``
        eigenvalue and condition_index of the design with columns of length one.
    variance_proportions : DataFrame, index ``term``
        Share of the variance of each coefficient that lies in each of these dimensions, one a column.
    heteroscedasticity : DataFrame, index ``test``
        statistic, df, p_value of four tests of equal variance, all of which take the rows as independent.
    specification : DataFrame, index ``test``
        Ramsey's RESET with squares and cubes of the fitted values, by the test that fits the errors.
    diagnostics : Series
        Influential rows and residuals; durbin_watson only when an order of the rows is named.
    wild_bootstrap : DataFrame, index ``term``
        With fewer than 20 clusters: p_value, ci_low, ci_high of the wild cluster bootstrap; else empty.
    rows : DataFrame, index ``row``
        fitted, residual, standardised, normal_quantile, leverage, cook: what the pictures of the residuals show. Of
        many rows only the telling ones and an even choice of the others.
    """

    coefficients: pd.DataFrame
    fit: pd.Series
    collinearity: pd.DataFrame
    condition: pd.DataFrame
    variance_proportions: pd.DataFrame
    heteroscedasticity: pd.DataFrame
    specification: pd.DataFrame
    diagnostics: pd.Series
    wild_bootstrap: pd.DataFrame
    rows: pd.DataFrame

    shown_as: ClassVar[Mapping[str, str]] = {"variance_proportions": "proportion"}
    main: ClassVar[str] = "coefficients"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HierarchicalRegression(Regression):
    """A regression in steps, each of which adds a block; the inherited tables are those of the last step.

    Attributes
    ----------
    steps : DataFrame, index ``step`` ("1", "2", …)
        added (ids, joined with ", "), n, r_squared, adj_r_squared, delta_r_squared, cohen_f2 = ΔR²/(1 − R²), and the
        test of the added coefficients in the model of that step: statistic, df1, df2, p_value.
    step_coefficients : DataFrame, index ``step``, ``term``
        Columns as in ``coefficients``, for every step.
    """

    steps: pd.DataFrame
    step_coefficients: pd.DataFrame


def regress(
    formula: str,
    data: pd.DataFrame,
    *,
    covariance: Covariance = "nonrobust",
    clusters: Clusters | None = None,
    df: DegreesOfFreedom | None = None,
    order: str | None = None,
    bootstrap: int = 9999,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> Regression:
    """Fit ``formula``, for example ``"hostility ~ leadership_climate + C(company)"``, by ordinary least squares.

    Parameters
    ----------
    formula : str
        Patsy's formula language, which is R's for ``+ - : * C() I()``; text columns become dummies whose reference is
        the first level in natural order ("a2" before "a10"), categories in their own order.
    data : DataFrame
        One row a respondent. Rows with a missing value in any variable of the formula are left out, and counted.
    covariance : {"nonrobust", "HC0" … "HC4", "CR0", "CR1", "CR1S", "CR2", "CR3"}
        Classical errors; errors robust to unequal variances; errors robust to clusters: CR1 has the factor G/(G − 1),
        CR1S Stata's, CR2 and CR3 adjust each cluster's residuals.
    clusters : column label, Series or array, optional
        Column of ``data``, or one cluster a row, missing as NaN or None; needed by the CR errors and by nothing else.
    df : {"residual", "satterthwaite", "G-1", "normal"}, optional
        Degrees of freedom of the t tests: n − p by default, Satterthwaite's for the CR errors.
    order : str, optional
        Column of numbers or dates that says which row follows which; without it no Durbin–Watson statistic is given.
    bootstrap : int
        Draws of the wild cluster bootstrap that stands beside the CR errors when there are fewer than 20 clusters, 0
        for none. With up to 12 clusters all patterns of signs are taken instead.
    seed : int
        Of these draws.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        For an unknown option or variable, an infinite number, a text outcome; numbers or dates in a column of type
        object; a predictor that is the outcome, or is called ``intercept``.
    InsufficientDataError
        With no complete row, one cluster, a constant outcome, a predictor that follows from the others.

    Notes
    -----
    The overall test is the classical F only without robust errors; with HC errors it is the robust Wald F, with CR
    errors and Satterthwaite degrees of freedom the HTZ test. It is NaN, and noted, with too few clusters: for several
    coefficients at once, as many as clusters less one or more, or a denominator df below 1. All errors and tests are
    NaN, and that is noted, when nothing is left unexplained. R twins: ``lm``, ``sandwich::vcovHC``,
    ``clubSandwich::coef_test``, ``car::vif``.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Survey Methodology, 28, 169–181. Pustejovsky, J. E., & Tipton, E. (2018).
    Journal of Business & Economic Statistics, 36, 672–683. https://doi.org/10.1080/07350015.2016.1247004
    """
    check("regress", covariance, clusters, df, confidence_level)
    check_bootstrap("regress", bootstrap)
    design = from_formula(formula, data, clusters, "regress")
    fit = tables.fitted(design, list(range(len(design.terms))), covariance, df)
    return Regression(**parts(design, fit, data, order, confidence_level, bootstrap, seed))


def hierarchical_regression(
    outcome: str,
    blocks: Sequence[Sequence[str]],
    data: pd.DataFrame,
    *,
    covariance: Covariance = "nonrobust",
    clusters: Clusters | None = None,
    df: DegreesOfFreedom | None = None,
    order: str | None = None,
    bootstrap: int = 9999,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> HierarchicalRegression:
    """Regress ``outcome`` on the first block, then on the first two, and so on.

    Parameters
    ----------
    outcome : str
        Column of numbers.
    blocks : sequence of sequences of str
        Columns added at each step. Columns of text or categories become dummies; the reference is the first category,
        or the first level in natural order.
    data, covariance, clusters, df, order, bootstrap, seed, confidence_level
        As in `regress`.

    Raises
    ------
    ValueError, TypeError, InsufficientDataError
        As `regress`; a variable in two blocks is a ValueError.

    Notes
    -----
    All steps use the rows complete on the last block, so R² may be compared. The change of a step is tested in the
    model of that step: by the classical F without robust errors, the robust Wald F with HC errors, and with CR errors
    by clubSandwich's HTZ test (df ``"G-1"``: Wald F with G − 1). The first step is compared with the constant alone.
    """
    check("hierarchical_regression", covariance, clusters, df, confidence_level)
    check_bootstrap("hierarchical_regression", bootstrap)
    if isinstance(blocks, str) or not blocks or any(isinstance(block, str) or not block for block in blocks):
        raise ValueError(
            "The 'blocks' parameter of hierarchical_regression must be a list of lists of columns, none of them empty. "
            f"Got {blocks!r} instead."
        )
    everything = [name for block in blocks for name in block]
    design = from_columns(outcome, everything, data, clusters, "hierarchical_regression")
    steps, coefficients, notes = {}, {}, []
    before = 0.0
    for number, block in enumerate(blocks, start=1):
        included = [INTERCEPT, *(name for earlier in blocks[:number] for name in earlier)]
        columns = design.columns_of(included)
        fit = tables.fitted(design, columns, covariance, df)
        added = [at for at, column in enumerate(columns) if design.parts[column] in block]
        test = fit.wald(added)
        if np.isnan(test.statistic) and not fit.ols.is_exact and np.isfinite(fit.covariance).all():
            text = (
                "The change of step {step} is not tested: there are too few clusters for {coefficients} coefficients."
            )
            notes.append(Note("change_not_tested", text, {"step": number, "coefficients": len(added)}))
        steps[str(number)] = {
            "added": ", ".join(block),
            "n": fit.ols.n,
            "r_squared": fit.ols.r_squared,
            "adj_r_squared": fit.ols.adj_r_squared,
            "delta_r_squared": fit.ols.r_squared - before,
            "cohen_f2": (fit.ols.r_squared - before) / (1 - fit.ols.r_squared) if not fit.ols.is_exact else np.nan,
            "statistic": test.statistic,
            "df1": test.df1,
            "df2": test.df2,
            "p_value": test.p_value,
        }
        coefficients[str(number)] = fit.coefficients(confidence_level)
        before = fit.ols.r_squared
    last = parts(design, fit, data, order, confidence_level, bootstrap, seed)
    last["notes"] = (*last["notes"], *notes)
    table = pd.DataFrame.from_dict(steps, orient="index").rename_axis("step")
    return HierarchicalRegression(
        **last, steps=table, step_coefficients=pd.concat(coefficients, names=["step", "term"])
    )


def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    blocks: tuple[Variables, ...],
    covariance: Covariance | None = None,
    df: DegreesOfFreedom | None = None,
    group: Variable | None = None,
    order: Variable | None = None,
    bootstrap: int = 9999,
    seed: int = 0,
    confidence_level: float = 0.95,
) -> HierarchicalRegression:
    """Regress ``outcome`` on ``blocks`` of variables, added one block at a time.

    Errors are CR2 by default when the answers are nested, with the outermost group as the cluster (``group`` names
    another), otherwise HC3. Background questions with levels become dummies in the questionnaire's order.
    """
    group = chosen_group(scored, group)
    if group is None and covariance is not None and covariance.startswith("CR"):
        raise PlanError(
            f"The covariance {covariance!r} needs groups: set `nested_in` or `group`, or leave `covariance` out."
        )
    covariance = covariance or ("HC3" if group is None else "CR2")
    expanded = [scored.expand(block) for block in blocks]
    predictors = [name for block in expanded for name in block]
    if outcome in predictors:
        raise PlanError(
            f"The outcome {outcome!r} is also a predictor; name the other predictors one by one in 'blocks'."
        )
    data = scored.frame([outcome, *predictors])
    for name in data.columns:
        data[name] = with_levels(scored, name, data[name])
    if order is not None:
        data[order] = scored.frame([order])[order]
    result = hierarchical_regression(
        outcome,
        expanded,
        data,
        covariance=covariance,
        clusters=scored.groups[group] if group is not None and covariance.startswith("CR") else None,
        df=df,
        order=order,
        bootstrap=bootstrap,
        seed=seed,
        confidence_level=confidence_level,
    )
    return replace(result, notes=(*result.notes, *unweighted(scored)))
