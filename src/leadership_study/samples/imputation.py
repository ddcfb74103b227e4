"""Multiple imputation by chained equations.

Ordered answers and numbers are imputed by predictive mean matching, nominal ones by a multinomial logit; groups enter
by effects of their own or by their means.

Why matching: each imputed value is the answer of a respondent with nearly the same prediction, so it is on the response
scale, keeps a skewed distribution and needs no model of categories. Wu, Jia and Enders (2015,
https://doi.org/10.1080/00273171.2015.1022644) found logistic regressions (proportional odds among them) to bias means,
reliabilities and slopes of Likert scales, and linear models to be sound unless their draws are rounded. The matching is
of type 1 (observed rows by the estimated, missing rows by the drawn coefficients), among 5 donors: Morris, White and
Royston (2014, https://doi.org/10.1186/1471-2288-14-75), van Buuren (2018, https://doi.org/10.1201/9780429492259, 3.4).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note
from leadership_study.samples._imputation_draws import draw_matches, draw_nominal
from leadership_study.samples._imputation_targets import Target, targets_of
from leadership_study.samples.resampling import block_generator

Floats = NDArray[np.float64]

ITERATIONS = 10
DONORS = 5
GROUP_EFFECT_ANSWERS = 10
"""A group has an effect of its own on a variable that at least so many of its members answered."""
ROWS_PER_PREDICTOR = 10
"""With fewer answers than this for each predictor, other dimensions enter by their mean scores."""


@dataclass(frozen=True, kw_only=True, eq=False)
class IncompleteTable:
    """What is to be completed.

    Attributes
    ----------
    values : DataFrame, n × p
        Numbers, NaN where missing; nominal variables as codes 0, 1, ….
    wanted : array of bool, n × p
        Cells to be filled: missing ones whose question was put to the respondent.
    nominal : set of column names
    parcels : mapping of column to the set of columns that it belongs to (its dimension)
    covariates : array n × c
        Complete predictors that are not imputed (weights, the block of respondents).
    groups : array of n codes 0, 1, …, or None
        What respondents are nested in; −1 where it is not known.
    """

    values: pd.DataFrame
    wanted: NDArray[np.bool_]
    nominal: frozenset[str]
    parcels: dict[str, str]
    covariates: Floats
    groups: NDArray[np.int64] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Completed:
    """One completed table: ``values``, and what each iteration imputed on average (iterations × imputed columns).

    ``means`` and ``sds`` are of the imputed values; of a nominal variable ``means`` is the share of its most frequent
    level, and ``sds`` is missing.
    """

    values: pd.DataFrame
    means: pd.DataFrame
    sds: pd.DataFrame


class ChainedEquations:
    """The imputation model of one table; `draw` completes it.

    Each incomplete variable is regressed in turn on all others, those with the fewest gaps first, `ITERATIONS` times.
    Ordered answers and numbers: linear regression with flat priors, coefficients and residual variance drawn from their
    posterior, then predictive mean matching. Predictors are all other variables, or, where a variable has fewer than
    `ROWS_PER_PREDICTOR` answers for each of them, those of its own parcel and the means of the other parcels (Eekhout
    et al., 2018, https://doi.org/10.1177/0962280216654511). A group with at least `GROUP_EFFECT_ANSWERS` answers to the
    variable has an effect of its own, the others share one and enter by the group's means of the parcels (Lüdtke,
    Robitzsch & Grund, 2017, https://doi.org/10.1037/met0000096). R twin: ``mice::mice(method = "pmm")``.

    Attributes
    ----------
    by_parcels : bool
        Whether other parcels enter by their means.
    group_effects : DataFrame, index imputed variable
        ``groups`` and how many of them have an effect of their own (``with_effect``).
    """

    def __init__(self, table: IncompleteTable) -> None:
        self.table = table
        values = table.values.to_numpy(dtype=float)
        self._names = [str(name) for name in table.values.columns]
        self._targets = targets_of(values, table.wanted, table.groups, GROUP_EFFECT_ANSWERS)
        for target in self._targets:
            if len(target.rows) < 2:
                text = "Too few respondents answered {variable} for its unanswered cells to be imputed; leave it out."
                raise InsufficientDataError(Note("imputation_too_few", text, {"variable": self._names[target.column]}))
        self._design = _Design(table, values, self._names)
        fewest = min((len(target.rows) for target in self._targets), default=len(values))
        self.by_parcels = fewest < ROWS_PER_PREDICTOR * self._design.width
        self.group_effects = pd.DataFrame(
            {"groups": [t.n_groups for t in self._targets], "with_effect": [t.n_effects for t in self._targets]},
            index=pd.Index([self._names[t.column] for t in self._targets], name="variable", dtype="str"),
            dtype=np.int64,
        )

    @property
    def imputed(self) -> list[str]:
        """Names of the variables that are completed."""
        return [self._names[target.column] for target in self._targets]

    def draw(self, seed: int, number: int, *, iterations: int = ITERATIONS) -> Completed:
        """Complete the table; ``number`` 0, 1, … has a random stream of its own, whatever was drawn before."""
        random = block_generator(seed, number)
        values = self.table.values.to_numpy(dtype=float).copy()
        for target in self._targets:
            seen = values[target.rows, target.column]
            values[target.gaps, target.column] = seen[random.integers(len(seen), size=len(target.gaps))]
        design = self._design.filled(values)
        means, sds = (np.full((iterations, len(self._targets)), np.nan) for _ in range(2))
        order = sorted(range(len(self._targets)), key=lambda at: len(self._targets[at].gaps))
        for step in range(iterations):
            for at in order:
                target = self._targets[at]
                new = self._drawn(target, values, design, random)
                values[target.gaps, target.column] = new
                design.refill(target.column, values[:, target.column])
                means[step, at], sds[step, at] = self._said(target, values, new)
        index = pd.RangeIndex(1, iterations + 1, name="iteration")
        frame = self.table.values
        return Completed(
            values=pd.DataFrame(values, index=frame.index, columns=frame.columns),
            means=pd.DataFrame(means, index=index, columns=self.imputed),
            sds=pd.DataFrame(sds, index=index, columns=self.imputed),
        )

    def _drawn(self, target: Target, values: Floats, design: "_Design", random: np.random.Generator) -> Floats:
        answers = values[target.rows, target.column]
        nominal = self._names[target.column] in self.table.nominal
        predictors = design.predictors(target, by_parcels=self.by_parcels or nominal, by_means=nominal)
        if nominal:
            return draw_nominal(answers, predictors[target.rows], predictors[target.gaps], random)
        return draw_matches(answers, predictors, target, random, donors=DONORS)

    def _said(self, target: Target, values: Floats, new: Floats) -> tuple[float, float]:
        if self._names[target.column] in self.table.nominal:
            codes, counts = np.unique(values[target.rows, target.column], return_counts=True)
            return float((new == codes[counts.argmax()]).mean()), np.nan
        return float(new.mean()), float(new.std(ddof=1)) if len(new) > 1 else np.nan


class _Design:
    """Standardised predictors of all variables: one column a number, one less than its levels a nominal variable."""

    def __init__(self, table: IncompleteTable, values: Floats, names: list[str]) -> None:
        self._nominal = [name in table.nominal for name in names]
        self._covariates = _standardised(table.covariates)
        groups = table.groups
        # Respondents whose group is not known make up one.
        self._groups = None if groups is None else np.where(groups < 0, groups.max() + 1, groups)
        self._codes = [np.unique(column[~np.isnan(column)]) for column in values.T]
        spread = [1.0 if nominal else float(np.nanstd(column)) if np.isfinite(column).any() else 0.0
                  for nominal, column in zip(self._nominal, values.T, strict=True)]  # fmt: skip
        self._scale = spread
        self._centre = [float(np.nanmean(column)) if np.isfinite(column).any() else 0.0 for column in values.T]
        home: list[str] = []
        self._columns: dict[int, list[int]] = {}
        for at, name in enumerate(names):
            size = max(len(self._codes[at]) - 1, 0) if self._nominal[at] else int(spread[at] > 0)
            self._columns[at] = list(range(len(home), len(home) + size))
            home += [table.parcels[name]] * size
        self._home = np.array(home, dtype=object)
        self._parcel_of = [table.parcels[name] for name in names]
        nominal_columns = {column for at in self._columns if self._nominal[at] for column in self._columns[at]}
        # Dummies of a nominal variable have no mean worth taking: each is a parcel of its own.
        self._parcels = [np.array([c]) for c in sorted(nominal_columns)]
        for parcel in dict.fromkeys(home):
            own = [c for c in np.flatnonzero(self._home == parcel) if c not in nominal_columns]
            self._parcels += [np.array(own)] if own else []
        self.width = len(home) + self._covariates.shape[1]
        self._matrix = np.zeros((len(values), len(home)))
        self._averages: dict[int, Floats] = {}
        self._sizes = np.ones(1) if self._groups is None else np.maximum(np.bincount(self._groups), 1).astype(float)

    def filled(self, values: Floats) -> "_Design":
        """Take the predictors' values; a cell that is missing, and not to be filled, counts as average."""
        for at in range(values.shape[1]):
            self.refill(at, values[:, at])
        return self

    def refill(self, column: int, values: Floats) -> None:
        """Take new values of one variable."""
        for place, own in enumerate(self._columns[column]):
            if self._nominal[column]:
                dummy = (values == self._codes[column][place + 1]).astype(float)
                self._matrix[:, own] = np.where(np.isnan(values), 0.0, dummy)
            else:
                self._matrix[:, own] = np.nan_to_num((values - self._centre[column]) / self._scale[column], nan=0.0)

    def predictors(self, target: Target, *, by_parcels: bool, by_means: bool) -> Floats:
        """All predictors of one variable; ``by_means``: groups enter by their means only."""
        own = self._columns[target.column]
        parts = [self._covariates]
        if by_parcels:
            parcel = self._parcel_of[target.column]
            within = [c for c in np.flatnonzero(self._home == parcel) if c not in own]
            parts.append(self._matrix[:, within])
            parts += [self._matrix[:, c].mean(axis=1)[:, None] for c in self._parcels if self._home[c[0]] != parcel]
        else:
            parts.append(np.delete(self._matrix, own, axis=1))
        if self._groups is not None and (by_means or target.shared.any()):
            parts.append(self._group_means(target.column) * (1.0 if by_means else target.shared[:, None]))
        return np.hstack(parts)

    def _group_means(self, column: int) -> Floats:
        if self._groups is None:
            raise RuntimeError("There are no groups to take means of.")
        if column not in self._averages:
            kept = [c[~np.isin(c, self._columns[column])] for c in self._parcels]
            shares = [np.isin(np.arange(len(self._home)), c) / len(c) for c in kept if len(c)]
            self._averages[column] = np.column_stack(shares)
        means = self._matrix @ self._averages[column]
        sums = np.zeros((len(self._sizes), means.shape[1]))
        np.add.at(sums, self._groups, means)
        return np.asarray((sums / self._sizes[:, None])[self._groups])


def _standardised(values: Floats) -> Floats:
    spread = values.std(axis=0)
    return np.asarray(((values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0))[:, spread > 0])
