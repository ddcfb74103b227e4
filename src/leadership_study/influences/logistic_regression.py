"""Binary logistic regression: what goes with the odds of an outcome of two kinds."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, get_args

import numpy as np
import pandas as pd
from scipy import stats

from leadership_study.errors import PlanError
from leadership_study.influences import _category_outcomes as outcomes
from leadership_study.influences._design import Design, from_formula
from leadership_study.influences._groups import Clusters
from leadership_study.influences._marginal_effects import marginal_effects
from leadership_study.influences._regression_parts import FEW_CLUSTERS
from leadership_study.influences._regression_tables import Covariance, DegreesOfFreedom, Fitted
from leadership_study.influences._scored import chosen_group, with_levels
from leadership_study.results import Note, Result
from leadership_study.samples.cluster_robust import cluster_robust
from leadership_study.samples.logit import Logit, logit
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LogisticRegression(Result):
    """A binary logistic regression.

    Attributes
    ----------
    coefficients : DataFrame, index ``term``
        estimate (log odds ratio), std_error, statistic, df (infinite: z), p_value, ci_low, ci_high, odds_ratio,
        odds_ratio_ci_low, odds_ratio_ci_high.
    fit : Series
        n, n_events, the test of all predictors (statistic, df1, df2, p_value: likelihood ratio without robust errors,
        else Wald), log_likelihood, null_log_likelihood, aic, bic, mcfadden_r_squared, cox_snell_r_squared,
        nagelkerke_r_squared, area_under_curve.
    tests : DataFrame, index ``variable``
        statistic, df1, df2, p_value: the dummies of a variable taken together, by the Wald test that fits the errors.
    marginal_effects : DataFrame, index ``term``
        Average difference of the probability for one unit more, or for a level against its reference: estimate,
        std_error, statistic, p_value, ci_low, ci_high. Empty with interactions and functions of predictors.
    """

    coefficients: pd.DataFrame
    fit: pd.Series
    tests: pd.DataFrame
    marginal_effects: pd.DataFrame

    main: ClassVar[str] = "coefficients"


def logistic_regression(
    formula: str,
    data: pd.DataFrame,
    *,
    event: Hashable | None = None,
    covariance: Covariance = "nonrobust",
    clusters: Clusters | None = None,
    df: DegreesOfFreedom | None = None,
    confidence_level: float = 0.95,
) -> LogisticRegression:
    """Fit the log odds of an outcome of two kinds, for example ``"stays ~ trust + C(stage)"``.

    Parameters
    ----------
    formula : str
        As `regress` takes it; to the left a column with two different values.
    data : DataFrame
        One row a respondent; rows that lack a variable are left out, and counted.
    event : value of the outcome, optional
        Whose odds are modelled: the second level unless said (1 of 0 and 1).
    covariance : {"nonrobust", "HC0" … "HC4", "CR0", "CR1", "CR1S", "CR2", "CR3"}
        Inverse information, or its sandwich on the working model; CR2 adjusts the residuals of the responses, whose
        variances differ, as clubSandwich does.
    clusters : column label, Series or array, optional
        For the CR errors.
    df : {"residual", "satterthwaite", "G-1", "normal"}, optional
        Normal by default, Satterthwaite's for the CR errors.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        As `regress`; for an event that does not occur.
    InsufficientDataError
        As `regress`; for an outcome that has not two values, and when predictors separate them, so that an odds ratio
        is infinite: the note names them.
    ConvergenceError
        When the search does not settle.

    Notes
    -----
    R twins: ``glm(family = binomial)``, ``clubSandwich::coef_test``, ``performance::r2_nagelkerke``.

    References
    ----------
    McCullagh, P., & Nelder, J. A. (1989). Generalized linear models (2nd ed.). Chapman & Hall. Pustejovsky, J. E., &
    Tipton, E. (2018). Journal of Business & Economic Statistics, 36, 672–683.
    https://doi.org/10.1080/07350015.2016.1247004
    """
    name = "logistic_regression"
    outcomes.check_options(
        name, covariance, get_args(Covariance), clusters, df, get_args(DegreesOfFreedom), confidence_level
    )
    outcome = outcomes.outcome_of(formula, data, name)
    coded, event_label, other = outcomes.binary_codes(data, outcome, event)
    design = from_formula(formula, coded, clusters, name)
    fit = logit(design.matrix, design.outcome, design.terms, constant=design.constant)
    errors = _errors(fit, design, covariance, df)
    coefficients = _coefficients(errors, confidence_level)
    df_of_terms = coefficients["df"].to_numpy(dtype=float)
    return LogisticRegression(
        coefficients=coefficients,
        fit=_fit(fit, errors, design),
        tests=_tests(errors, design),
        marginal_effects=marginal_effects(fit, design, errors.covariance, df_of_terms, confidence_level),
        definition=_definition(design, errors, event_label, other, confidence_level),
        notes=(*design.notes, *_notes(errors, design)),
    )


def _errors(fit: Logit, design: Design, covariance: Covariance, df: DegreesOfFreedom | None) -> Fitted:
    working = fit.working
    if covariance.startswith("CR") and design.codes is not None:
        variances = fit.probabilities * (1 - fit.probabilities)
        robust = cluster_robust(working, design.codes, covariance, variances=variances)  # type: ignore[arg-type]
        return Fitted(
            ols=working, type=covariance, covariance=robust.covariance, clusters=robust, df=df or "satterthwaite"
        )
    matrix = working.unscaled_covariance
    if covariance != "nonrobust":
        matrix = working.covariance(covariance)  # type: ignore[arg-type]
    return Fitted(ols=working, type=covariance, covariance=matrix, clusters=None, df=df or "normal")


def _coefficients(errors: Fitted, confidence_level: float) -> pd.DataFrame:
    table = errors.coefficients(confidence_level)
    return outcomes.odds_table(
        errors.ols.estimates,
        table["std_error"].to_numpy(),
        table["df"].to_numpy(),
        errors.ols.terms,
        confidence_level,
    )


def _fit(fit: Logit, errors: Fitted, design: Design) -> pd.Series:
    n, parameters = len(design.outcome), len(design.terms)
    slopes = [at for at in range(parameters) if at != design.constant]
    values: dict[str, Any] = {"n": n, "n_events": int(design.outcome.sum())}
    if errors.type == "nonrobust":
        chi_square = 2 * (fit.log_likelihood - fit.null_log_likelihood)
        p_value = float(stats.chi2.sf(chi_square, len(slopes))) if slopes else np.nan
        values |= {"statistic": chi_square, "df1": len(slopes), "df2": np.inf, "p_value": p_value}
    elif slopes:
        test = errors.wald(slopes)
        values |= {"statistic": test.statistic, "df1": test.df1, "df2": test.df2, "p_value": test.p_value}
    values |= outcomes.likelihood_measures(fit.log_likelihood, fit.null_log_likelihood, parameters, n)
    ranks = stats.rankdata(fit.probabilities)
    events = values["n_events"]
    above = ranks[design.outcome == 1].sum() - events * (events + 1) / 2
    values["area_under_curve"] = float(above / (events * (n - events)))
    if errors.clusters is not None:
        values["n_clusters"] = errors.clusters.n_clusters
    return pd.Series(values, dtype=object, name="value").rename_axis("statistic")


def _tests(errors: Fitted, design: Design) -> pd.DataFrame:
    rows = {}
    for part in dict.fromkeys(design.parts):
        columns = design.columns_of([part])
        if design.constant in columns:
            continue
        test = errors.wald(columns)
        rows[part] = (test.statistic, test.df1, test.df2, test.p_value)
    names = ["statistic", "df1", "df2", "p_value"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    return table.astype({"statistic": float, "df2": float, "p_value": float}).rename_axis("variable")


def _definition(design: Design, errors: Fitted, event: str, other: str, confidence_level: float) -> dict[str, Any]:
    definition: dict[str, Any] = {
        "formula": "binary_logistic_regression",
        "outcome": design.outcome_name,
        "event": event,
        "other_outcome": other,
        "estimation": "ml",
        "missing": "listwise",
        "n": len(design.outcome),
        "covariance": errors.type,
        "df": "asymptotic" if errors.df == "normal" else errors.df,
        "confidence_level": confidence_level,
        "source": outcomes.source_of(errors.type),
    }
    if errors.clusters is not None:
        definition["n_clusters"] = errors.clusters.n_clusters
    return definition


def _notes(errors: Fitted, design: Design) -> list[Note]:
    notes = []
    parameters, events = len(design.terms), int(min(design.outcome.sum(), (1 - design.outcome).sum()))
    if events < 10 * max(parameters - 1, 1):
        text = "The rarer outcome occurs {events} times, which is few for {coefficients} coefficients."
        notes.append(Note("few_events", text, {"events": events, "coefficients": parameters - 1}))
    if errors.clusters is not None and errors.clusters.n_clusters < FEW_CLUSTERS:
        text = "There are only {n_clusters} clusters: errors of odds ratios made for few clusters are uncertain."
        notes.append(Note("logit_few_clusters", text, {"n_clusters": errors.clusters.n_clusters}))
    if np.isnan(errors.covariance).any():
        text = (
            "A single cluster determines a coefficient, so CR3 errors do not exist; use CR2 or merge rare categories."
        )
        notes.append(Note("cluster_determines_coefficient", text))
    return notes


def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    predictors: Variables,
    event: str | None = None,
    at_least: float | None = None,
    covariance: Covariance | None = None,
    df: DegreesOfFreedom | None = None,
    group: Variable | None = None,
    confidence_level: float = 0.95,
) -> LogisticRegression:
    """Model the odds of ``event`` of a question with two levels, or of a score of ``at_least`` so many points.

    Errors are CR2 by default when the answers are nested, with the outermost group as the cluster (``group`` names
    another), otherwise those of the model.
    """
    data, right, group, chosen = prepared(scored, outcome, predictors, group, covariance, "CR2")
    kind: Covariance = chosen  # type: ignore[assignment]
    if at_least is not None:
        if not pd.api.types.is_numeric_dtype(data[outcome].dtype):
            raise PlanError(f"The outcome {outcome!r} has no numbers for 'at_least'; name the 'event' instead.")
        reached = (data[outcome] >= at_least).astype(float).where(data[outcome].notna())
        data[outcome] = reached
        event = "1"
    result = logistic_regression(
        f'Q("{outcome}") ~ {right}',
        data,
        event=event,
        covariance=kind,
        clusters=scored.groups[group] if group is not None and kind.startswith("CR") else None,
        df=df,
        confidence_level=confidence_level,
    )
    definition = dict(result.definition)
    if outcome in {question.id for question in scored.instrument.background}:
        definition |= {name: f"{outcome}[{definition[name]}]" for name in ("event", "other_outcome")}
    if at_least is not None:
        definition |= {"event": f"≥ {at_least:g}", "other_outcome": f"< {at_least:g}"}
    return replace(result, definition=definition, notes=(*result.notes, *unweighted(scored)))


def prepared(
    scored: ScoredResponses,
    outcome: str,
    predictors: Variables,
    group: str | None,
    covariance: str | None,
    nested: str,
) -> tuple[pd.DataFrame, str, str | None, str]:
    """Answers with levels in the questionnaire's order, the formula's right side, the clusters' group and the errors.

    Raises
    ------
    PlanError
        For an outcome among the predictors, no predictor, CR errors without groups.
    """
    group = chosen_group(scored, group)
    if group is None and covariance is not None and covariance.startswith("CR"):
        raise PlanError(
            f"The covariance {covariance!r} needs groups: set `nested_in` or `group`, or leave `covariance` out."
        )
    names = scored.expand(predictors)
    if not names:
        raise PlanError("No predictor is named; give some in 'predictors'.")
    if outcome in names:
        raise PlanError(
            f"The outcome {outcome!r} is also a predictor; name the other predictors one by one in 'predictors'."
        )
    data = scored.frame([outcome, *names])
    for name in data.columns:
        data[name] = with_levels(scored, name, data[name])
    right = " + ".join(f'Q("{name}")' for name in names)
    return data, right, group, covariance or (nested if group is not None else "nonrobust")
