"""The steps of a multilevel analysis: predictors of every level, the sequence of models, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences._design import INTERCEPT, Design
from leadership_study.influences._mixed_design import random_term
from leadership_study.influences._mixed_tables import DegreesOfFreedom, Floats, Inference, is_constant_in
from leadership_study.results import Note
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.mixed_model import MixedFit, fit_mixed_model
from leadership_study.samples.mixed_model_shares import RatioTest, ratio_test, shares_of
from leadership_study.samples.mixed_model_structure import RandomTerm

FEW_GROUPS = 10
"""Below this many outermost units they are also shown as fixed effects."""

POWER = 0.80
_COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "ci_low", "ci_high")
SLOPES, INTERACTIONS, NULL = "slopes", "interactions", "null"


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """One model of the sequence: what it adds, the columns of the design that it has, and its random slopes."""

    name: str
    added: tuple[str, ...]
    columns: tuple[int, ...]
    slopes: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """Rows complete on the last model, with the columns of all models.

    ``levels`` are the grouping factors, inner to outer; ``codes`` and ``labels`` those of each; ``slopes`` are the
    columns whose effect varies and the position of the factor between whose levels it does.
    """

    design: Design
    stages: tuple[Stage, ...]
    levels: tuple[str, ...]
    codes: tuple[NDArray[np.int64], ...]
    labels: tuple[tuple[str, ...], ...]
    slopes: tuple[tuple[int, int], ...]
    split: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...]

    @property
    def outer(self) -> NDArray[np.int64]:
        """Code of the outermost unit of each row."""
        return self.codes[-1]

    @property
    def n_outer(self) -> int:
        """Outermost units."""
        return len(self.labels[-1])

    def design_at(self, stage: Stage) -> Design:
        """The design of one model."""
        at = list(stage.columns)
        return replace(
            self.design,
            matrix=self.design.matrix[:, at],
            terms=tuple(self.design.terms[j] for j in at),
            parts=tuple(self.design.parts[j] for j in at),
        )

    def terms_at(self, stage: Stage) -> tuple[RandomTerm, ...]:
        """The random terms of one model."""
        found = []
        for at, (name, codes, labels) in enumerate(zip(self.levels, self.codes, self.labels, strict=True)):
            varying = [column for column, level in self.slopes if level == at and stage.slopes]
            matrix = np.column_stack([np.ones(len(codes)), *(self.design.matrix[:, column] for column in varying)])
            columns = (INTERCEPT, *(self.design.terms[column] for column in varying))
            found.append(random_term(name, codes, labels, matrix, columns))
        return tuple(found)

    def fit(self, stage: Stage, *, reml: bool) -> MixedFit:
        """Fit one model."""
        part = self.design_at(stage)
        return fit_mixed_model(
            part.matrix, part.outcome, part.terms, self.terms_at(stage), constant=part.constant, reml=reml
        )

    @cached_property
    def head_level(self) -> tuple[int, ...]:
        """Columns of the last model that vary between the outermost units only."""
        last = self.stages[-1].columns
        return tuple(j for j in last if j != 0 and is_constant_in(self.design.matrix[:, j], self.outer))


def refuse_too_many(data: Prepared, per_predictor: int) -> None:
    """At most one predictor for so many outermost units, unless the plan says otherwise."""
    if per_predictor < 1:
        raise PlanError(f"'heads_per_predictor' of a multilevel analysis must be 1 or more. Got {per_predictor}.")
    allowed = data.n_outer // per_predictor
    if len(data.head_level) > allowed:
        text = (
            "{n_groups} units of {group} carry at most {allowed} predictors of their level, one for {each} units, and "
            "the model has {predictors}: {terms}; leave some out, or set 'heads_per_predictor'."
        )
        values = {
            "n_groups": data.n_outer, "group": data.levels[-1], "allowed": allowed, "each": per_predictor,
            "predictors": len(data.head_level), "terms": ", ".join(data.design.terms[j] for j in data.head_level),
        }  # fmt: skip
        raise InsufficientDataError(Note("too_many_head_predictors", text, values))


def few_notes(data: Prepared) -> tuple[Note, ...]:
    """What few outermost units mean for what was found."""
    notes = []
    group = data.levels[-1]
    if data.head_level:
        text = (
            "What is said about predictors of the level of {group} is exploratory: it rests on {n_groups} units, "
            "however many respondents each has."
        )
        notes.append(Note("head_level_exploratory", text, {"group": group, "n_groups": data.n_outer}))
    if data.n_outer < FEW_GROUPS:
        text = (
            "{group} has only {n_groups} units, too few to estimate how much units like them vary, so the model is "
            "also shown with these units as fixed effects; it then speaks of these units only, and says nothing of "
            "predictors of their level."
        )
        notes.append(Note("few_outer_units", text, {"group": group, "n_groups": data.n_outer}))
    return tuple(notes)


def null_levels(data: Prepared) -> pd.DataFrame:
    """Variance of each level in the model without predictors, with the test that there is none."""
    full = data.fit(data.stages[0], reml=True)
    total = sum(float(one[0, 0]) for one in full.covariances) + full.sigma**2
    rows: dict[str, dict[str, float]] = {}
    for at, (term, covariance) in enumerate(zip(full.terms, full.covariances, strict=True)):
        test = variance_test(full, at)
        rows[term.name] = {
            "n_groups": float(term.n_levels), "variance": covariance[0, 0], "icc": covariance[0, 0] / total,
            "chi_square": test.chi_square, "p_value": test.boundary,
        }  # fmt: skip
    nan = float("nan")
    rows["residual"] = {"n_groups": nan, "variance": full.sigma**2, "icc": nan, "chi_square": nan, "p_value": nan}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")
    table.index = table.index.astype("str")
    counts = [pd.NA if np.isnan(value) else int(value) for value in table["n_groups"]]
    return table.assign(n_groups=pd.array(counts, dtype="Int64"))


def variance_test(full: MixedFit, which: int) -> RatioTest:
    """Restricted likelihood-ratio test that the intercept variance of one term is 0, beside all others."""
    others = [term for at, term in enumerate(full.terms) if at != which]
    ols = full.ols
    if others:
        smaller = fit_mixed_model(
            ols.design, ols.outcome, ols.terms, others, constant=ols.constant, reml=True
        ).log_likelihood
    else:
        smaller = -full.deviance_of.profiled(np.zeros(len(full.theta)))[0] / 2
    return ratio_test(smaller, full.log_likelihood, 1, new_effects=1)


def sequence(data: Prepared, fits: Sequence[MixedFit]) -> pd.DataFrame:
    """One row a model, each tested against the one before."""
    rows = {}
    for at, (stage, fit) in enumerate(zip(data.stages, fits, strict=True)):
        shares = shares_of(fit)
        test = RatioTest(chi_square=np.nan, df=0, p_value=np.nan, boundary=np.nan)
        if at:
            before = fits[at - 1]
            slopes = sum(term.n_columns for term in fit.terms) - sum(term.n_columns for term in before.terms)
            test = ratio_test(
                before.log_likelihood, fit.log_likelihood, fit.n_parameters - before.n_parameters, new_effects=slopes,
                covariances=len(fit.theta) - len(before.theta) - slopes,
            )  # fmt: skip
        rows[stage.name] = {
            "added": ", ".join(stage.added), "n_parameters": fit.n_parameters, "log_likelihood": fit.log_likelihood,
            "aic": fit.aic, "bic": fit.bic, "chi_square": test.chi_square, "df": test.df if at else pd.NA,
            "p_value": test.p_value, "boundary_p_value": test.boundary, "r_squared_marginal": shares.marginal,
            "r_squared_conditional": shares.conditional,
        }  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")
    table.index = table.index.astype("str")
    return table.astype({"added": object, "df": "Int64", "n_parameters": "int64"})


def contextual(data: Prepared, inference: Inference, level: float) -> pd.DataFrame:
    """How much more the mean of a unit goes along with the outcome than the deviations below it do."""
    terms = [data.design.terms[j] for j in data.stages[-1].columns]
    rows = {}
    for name, parts in data.split:
        for below, above in pairwise(parts):
            if below not in terms or above not in terms:
                continue
            contrast = np.zeros(len(terms))
            contrast[terms.index(above)], contrast[terms.index(below)] = 1.0, -1.0
            rows[name, above.rpartition(" – ")[2]] = inference.row(contrast, level)
    index = pd.MultiIndex.from_tuples(list(rows), names=["term", "group"]) if rows else _no_pairs()
    return pd.DataFrame(list(rows.values()), index=index, columns=list(_COLUMNS), dtype="float64")


def _no_pairs() -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[], []], names=["term", "group"])


def detectable(data: Prepared, inference: Inference, level: float) -> pd.DataFrame:
    """Coefficients of the outermost level, and the smallest effects that would be found.

    (t of the level + t of the power) · standard error: Bloom, H. S. (1995). Evaluation Review, 19, 547–556.
    https://doi.org/10.1177/0193841X9501900504
    """
    own = list(data.stages[-1].columns)
    first = np.unique(data.outer, return_index=True)[1]
    rows = {}
    for j in data.head_level:
        contrast = np.zeros(len(own))
        contrast[own.index(j)] = 1.0
        row = inference.row(contrast, level)
        reach = stats.t.ppf((1 + level) / 2, row["df"]) + stats.t.ppf(POWER, row["df"])
        row["smallest_detectable"] = float(reach) * row["std_error"]
        spread = float(data.design.matrix[first, j].std(ddof=1)) / float(data.design.outcome.std(ddof=1))
        row["smallest_detectable_beta"] = row["smallest_detectable"] * spread
        rows[data.design.terms[j]] = row
    columns = [*_COLUMNS, "smallest_detectable", "smallest_detectable_beta"]
    return _by_term(rows, columns)


def fixed_groups(data: Prepared, reml: bool, df: DegreesOfFreedom, level: float) -> pd.DataFrame:
    """The last model with the outermost units as dummies, where there are few of them."""
    stage = data.stages[-1]
    inside = [j for j in stage.columns if j != 0 and j not in data.head_level]
    if data.n_outer >= FEW_GROUPS or not inside:
        return _by_term({}, list(_COLUMNS))
    dummies = (data.outer[:, None] == np.arange(1, data.n_outer)).astype(np.float64)
    matrix = np.column_stack([np.ones(len(dummies)), data.design.matrix[:, inside], dummies])
    names = tuple(data.design.terms[j] for j in inside)
    terms = (INTERCEPT, *names, *(f"unit {label}" for label in data.labels[-1][1:]))
    inner = data.terms_at(stage)[:-1]
    if inner:
        fit = fit_mixed_model(matrix, data.design.outcome, terms, inner, constant=0, reml=reml)
        inference = Inference(fit, df)
        rows = {name: inference.row(np.eye(len(terms))[at], level) for at, name in enumerate(names, start=1)}
        return _by_term(rows, list(_COLUMNS))
    ols = least_squares(matrix, data.design.outcome, terms)
    errors = np.sqrt(np.diag(ols.covariance()))
    rows = {}
    for at, name in enumerate(names, start=1):
        estimate, error, rest = float(ols.estimates[at]), float(errors[at]), ols.df_residual
        half = float(stats.t.ppf((1 + level) / 2, rest)) * error
        statistic = estimate / error
        p = 2 * float(stats.t.sf(abs(statistic), rest))
        values = (estimate, error, statistic, float(rest), p, estimate - half, estimate + half)
        rows[name] = dict(zip(_COLUMNS, values, strict=True))
    return _by_term(rows, list(_COLUMNS))


def _by_term(rows: dict[str, dict[str, float]], columns: Sequence[str]) -> pd.DataFrame:
    index = pd.Index(list(rows), name="term", dtype="str")
    return pd.DataFrame(list(rows.values()), index=index, columns=list(columns), dtype="float64")


def column_level(column: Floats, codes: Sequence[NDArray[np.int64]]) -> int:
    """How many factors, from the innermost, have units in which ``column`` is constant."""
    return max((at for at, one in enumerate(codes, start=1) if is_constant_in(column, one)), default=0)
