"""Ordinal logistic regression with proportional odds: what goes with higher answers on an ordered question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.influences import _category_outcomes as outcomes
from leadership_study.influences._design import Design, from_formula
from leadership_study.influences._groups import Clusters
from leadership_study.influences._regression_parts import FEW_CLUSTERS
from leadership_study.influences.logistic_regression import prepared
from leadership_study.results import Note, Result
from leadership_study.samples.cluster_robust import WaldTest, wald_f
from leadership_study.samples.cumulative_logit import CumulativeLogit, cumulative_logit, parallel_test
from leadership_study.scoring import ScoredResponses, Variable, Variables
from leadership_study.scoring.dimensions import unweighted

OrdinalCovariance = Literal["nonrobust", "HC0", "CR0", "CR1"]
OrdinalDf = Literal["G-1", "normal"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OrdinalRegression(Result):
    """A proportional-odds model.

    Attributes
    ----------
    coefficients : DataFrame, index ``term``
        estimate (log odds ratio of a higher answer), std_error, statistic, df, p_value, ci_low, ci_high, odds_ratio,
        odds_ratio_ci_low, odds_ratio_ci_high.
    thresholds : DataFrame, index ``threshold`` ("1|2", …)
        estimate and std_error of the cuts between neighbouring categories.
    fit : Series
        n, the test of all predictors (statistic, df1, df2, p_value: likelihood ratio without robust errors, else
        Wald), log_likelihood, null_log_likelihood, aic, bic and the analogues of R².
    tests : DataFrame, index ``variable``
        Wald test of a variable, its dummies taken together.
    proportional_odds : DataFrame, index ``variable`` ("overall" first)
        chi_square, df, p_value of Brant's test that the coefficients are the same at all cuts.
    splits : DataFrame, index ``term``
        Coefficients of the binary regression of answers above each cut, one cut a column.
    categories : DataFrame, index ``category``
        n of each answer.
    """

    coefficients: pd.DataFrame
    thresholds: pd.DataFrame
    fit: pd.Series
    tests: pd.DataFrame
    proportional_odds: pd.DataFrame
    splits: pd.DataFrame
    categories: pd.DataFrame

    main: ClassVar[str] = "coefficients"
    shown_as: ClassVar[Mapping[str, str]] = {"splits": "estimate"}


def ordinal_regression(
    formula: str,
    data: pd.DataFrame,
    *,
    levels: Sequence[object] | None = None,
    covariance: OrdinalCovariance = "nonrobust",
    clusters: Clusters | None = None,
    df: OrdinalDf | None = None,
    confidence_level: float = 0.95,
) -> OrdinalRegression:
    """Fit the odds of a higher answer, for example ``"satisfaction ~ trust + C(stage)"``.

    Parameters
    ----------
    formula : str
        As `regress` takes it; to the left a column of ordered answers.
    data : DataFrame
        One row a respondent; rows that lack a variable are left out, and counted.
    levels : sequence, optional
        Answers from low to high; without it numbers by size, categories as they are ordered, text in natural order.
    covariance : {"nonrobust", "HC0", "CR0", "CR1"}
        Inverse observed information, its sandwich, or the sandwich of whole clusters, in CR1 with G/(G − 1).
    clusters : column label, Series or array, optional
        For the CR errors.
    df : {"G-1", "normal"}, optional
        Normal by default, clusters less one for the CR errors.
    confidence_level : float

    Raises
    ------
    ValueError, TypeError
        As `regress`; for ``levels`` that leave out an answer.
    InsufficientDataError
        As `regress`; with fewer than three different answers, and when predictors separate them, so that an odds ratio
        is infinite: the note names them.
    ConvergenceError
        When the search does not settle.

    Notes
    -----
    logit P(y > j) = x'β − θ_j: one coefficient for all cuts. Brant's test says whether that holds; with clusters it
    uses their joint sandwich. Answers that nobody gave are left out. R twins: ``MASS::polr``, ``ordinal::clm``,
    ``brant::brant``.

    References
    ----------
    McCullagh, P. (1980). Journal of the Royal Statistical Society B, 42, 109–142.
    https://doi.org/10.1111/j.2517-6161.1980.tb01109.x. Brant, R. (1990). Biometrics, 46, 1171–1178.
    https://doi.org/10.2307/2532457
    """
    name = "ordinal_regression"
    outcomes.check_options(
        name, covariance, get_args(OrdinalCovariance), clusters, df, get_args(OrdinalDf), confidence_level
    )
    outcome = outcomes.outcome_of(formula, data, name)
    listed = _levels(data, outcome, levels)
    design = from_formula(formula, outcomes.with_codes(data, outcome, listed), clusters, name)
    if design.constant is None or design.matrix.shape[1] < 2:
        raise ValueError(f"The formula {formula!r} needs a predictor, and its constant: the cuts take its place.")
    used, codes = np.unique(design.outcome.astype(np.int64), return_inverse=True)
    labels = [outcomes.label(listed[at]) for at in used]
    if len(labels) < 3:
        text = "{outcome} has {levels} different answers in the rows used; an ordinal regression needs three or more."
        values = {"outcome": outcome, "levels": len(labels)}
        raise InsufficientDataError(Note("too_few_categories", text, values))
    notes = list(design.notes)
    if len(labels) < len(listed):
        absent = [outcomes.label(level) for at, level in enumerate(listed) if at not in used]
        notes.append(
            Note("categories_unused", "Nobody in the rows used answered {levels}.", {"levels": ", ".join(absent)})
        )
    columns = [at for at in range(len(design.terms)) if at != design.constant]
    terms = tuple(design.terms[at] for at in columns)
    fit = cumulative_logit(design.matrix[:, columns], codes.astype(np.int64), terms)
    errors = _Errors(fit, design.codes, covariance, df, len(labels) - 1)
    parts = [design.parts[at] for at in columns]
    groups = {part: [at for at, own in enumerate(parts) if own == part] for part in dict.fromkeys(parts)}
    proportional, splits, trouble = _proportional_odds(design, columns, codes.astype(np.int64), terms, groups, labels)
    if errors.n_clusters is not None and errors.n_clusters < FEW_CLUSTERS:
        text = "There are only {n_clusters} clusters: errors of odds ratios made for few clusters are uncertain."
        notes.append(Note("logit_few_clusters", text, {"n_clusters": errors.n_clusters}))
    return OrdinalRegression(
        coefficients=errors.coefficients(terms, confidence_level),
        thresholds=errors.thresholds(labels),
        fit=errors.measures(len(codes)),
        tests=errors.tests(groups),
        proportional_odds=proportional,
        splits=splits,
        categories=pd.DataFrame({"n": np.bincount(codes)}, index=pd.Index(labels, name="category")),
        definition=_definition(design, errors, confidence_level),
        notes=(*notes, *trouble),
    )


def _levels(data: pd.DataFrame, outcome: str, levels: Sequence[object] | None) -> list[object]:
    present = outcomes.observed_levels(data, outcome)
    if levels is None:
        return present
    if isinstance(levels, str) or len(set(levels)) < len(levels):
        raise ValueError(f"The 'levels' parameter of ordinal_regression must list each answer once. Got {levels!r}.")
    if missing := [level for level in present if level not in levels]:
        raise ValueError(f"The 'levels' of ordinal_regression leave out {missing[0]!r}, which was answered; add it.")
    return list(levels)


class _Errors:
    """Covariance of a fitted model and the tables that need it."""

    def __init__(
        self,
        fit: CumulativeLogit,
        codes: NDArray[np.int64] | None,
        covariance: OrdinalCovariance,
        df: OrdinalDf | None,
        cuts: int,
    ) -> None:
        self.fit, self.type, self.cuts = fit, covariance, cuts
        self.n_clusters: int | None = None
        self.matrix = fit.covariance
        if covariance == "HC0":
            self.matrix = fit.covariance @ (fit.scores.T @ fit.scores) @ fit.covariance
        elif codes is not None:
            self.n_clusters = groups = int(codes.max()) + 1
            sums = np.column_stack([np.bincount(codes, column) for column in fit.scores.T])
            factor = groups / (groups - 1) if covariance == "CR1" else 1.0
            self.matrix = factor * fit.covariance @ (sums.T @ sums) @ fit.covariance
        self.df_name: OrdinalDf = df or ("G-1" if codes is not None else "normal")
        self.df = np.inf if self.df_name == "normal" or self.n_clusters is None else self.n_clusters - 1.0

    def coefficients(self, terms: Sequence[str], confidence_level: float) -> pd.DataFrame:
        slopes = slice(self.cuts, None)
        error = np.sqrt(np.diag(self.matrix))[slopes]
        return outcomes.odds_table(
            self.fit.estimates[slopes], error, np.full(len(terms), self.df), terms, confidence_level
        )

    def thresholds(self, labels: Sequence[str]) -> pd.DataFrame:
        names = [f"{one}|{other}" for one, other in pairwise(labels)]
        error = np.sqrt(np.diag(self.matrix))[: self.cuts]
        values = {"estimate": self.fit.estimates[: self.cuts], "std_error": error}
        return pd.DataFrame(values, index=pd.Index(names, name="threshold"))

    def measures(self, n: int) -> pd.Series:
        fit, slopes = self.fit, list(range(self.cuts, len(self.fit.estimates)))
        test = self._wald(slopes)
        if self.type == "nonrobust":
            chi_square = 2 * (fit.log_likelihood - fit.null_log_likelihood)
            p_value = float(stats.chi2.sf(chi_square, len(slopes)))
            test = WaldTest(statistic=chi_square, df1=len(slopes), df2=np.inf, p_value=p_value)
        values: dict[str, Any] = {
            "n": n,
            "statistic": test.statistic,
            "df1": test.df1,
            "df2": test.df2,
            "p_value": test.p_value,
            **outcomes.likelihood_measures(fit.log_likelihood, fit.null_log_likelihood, len(fit.estimates), n),
        }
        if self.n_clusters is not None:
            values["n_clusters"] = self.n_clusters
        return pd.Series(values, dtype=object, name="value").rename_axis("statistic")

    def tests(self, groups: dict[str, list[int]]) -> pd.DataFrame:
        found = {part: self._wald([self.cuts + at for at in columns]) for part, columns in groups.items()}
        rows = [(test.statistic, test.df1, test.df2, test.p_value) for test in found.values()]
        names = ["statistic", "df1", "df2", "p_value"]
        return pd.DataFrame(rows, columns=names, index=pd.Index(list(found), name="variable"))

    def _wald(self, columns: list[int]) -> WaldTest:
        if self.n_clusters is not None and len(columns) >= self.n_clusters:
            return WaldTest(statistic=np.nan, df1=len(columns), df2=np.nan, p_value=np.nan)
        return wald_f(self.fit.estimates, self.matrix, np.eye(len(self.fit.estimates))[columns], self.df)


def _proportional_odds(
    design: Design,
    columns: list[int],
    codes: NDArray[np.int64],
    terms: tuple[str, ...],
    groups: dict[str, list[int]],
    labels: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    names = ["overall", *groups]
    cuts = [f"> {label}" for label in labels[:-1]]
    index = pd.Index(names, name="variable")
    try:
        test = parallel_test(design.matrix[:, columns], codes, terms, list(groups.values()), design.codes)
    except (InsufficientDataError, ConvergenceError) as error:
        nothing = pd.DataFrame({"chi_square": np.nan, "df": 0, "p_value": np.nan}, index=index)
        text = "Proportional odds are not tested, because the regression at a cut cannot be estimated: {reason}"
        note = Note("proportional_odds_not_tested", text, {"reason": error.note})
        return nothing, pd.DataFrame(np.nan, index=pd.Index(terms, name="term"), columns=cuts), [note]
    rows = [(test.chi_square, test.df, test.p_value), *test.by_term]
    table = pd.DataFrame(rows, columns=["chi_square", "df", "p_value"], index=index)
    notes = []
    if test.p_value < 0.05:
        text = (
            "The odds are not proportional: a coefficient is an average over cuts at which it differs (see the "
            "coefficients of each cut)."
        )
        notes.append(Note("odds_not_proportional", text))
    splits = pd.DataFrame(test.splits.T, index=pd.Index(terms, name="term"), columns=cuts)
    return table, splits, notes


def _definition(design: Design, errors: _Errors, confidence_level: float) -> dict[str, Any]:
    definition: dict[str, Any] = {
        "formula": "proportional_odds",
        "outcome": design.outcome_name,
        "estimation": "ml",
        "missing": "listwise",
        "n": len(design.outcome),
        "covariance": errors.type,
        "df": "asymptotic" if errors.df_name == "normal" else errors.df_name,
        "confidence_level": confidence_level,
        "source": "McCullagh (1980); Brant (1990)",
    }
    if errors.n_clusters is not None:
        definition["n_clusters"] = errors.n_clusters
    return definition


def run(
    scored: ScoredResponses,
    *,
    outcome: Variable,
    predictors: Variables,
    covariance: OrdinalCovariance | None = None,
    df: OrdinalDf | None = None,
    group: Variable | None = None,
    confidence_level: float = 0.95,
) -> OrdinalRegression:
    """Model the odds of a higher answer to an item or an ordered question.

    Errors are CR1 by default when the answers are nested, with the outermost group as the cluster (``group`` names
    another), otherwise those of the model.
    """
    data, right, group, chosen = prepared(scored, outcome, predictors, group, covariance, "CR1")
    kind: OrdinalCovariance = chosen  # type: ignore[assignment]
    result = ordinal_regression(
        f'Q("{outcome}") ~ {right}',
        data,
        covariance=kind,
        clusters=scored.groups[group] if group is not None and kind.startswith("CR") else None,
        df=df,
        confidence_level=confidence_level,
    )
    return replace(result, notes=(*result.notes, *unweighted(scored)))
