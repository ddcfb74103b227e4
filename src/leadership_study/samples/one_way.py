"""Answers in groups: the one-way analysis of variance and the group sizes behind it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note


@dataclass(frozen=True, kw_only=True, eq=False)
class OneWay:
    """One-way analysis of variance of n values in g groups.

    Attributes
    ----------
    sizes : array of g whole numbers
        Values per group.
    means : array of g numbers
        Means of the groups.
    within : array of g numbers
        Sums of squared deviations from the group's mean.
    mean_square_between, mean_square_within : float
        Mean squares with ``df1`` = g − 1 and ``df2`` = n − g degrees of freedom.
    """

    sizes: NDArray[np.int64]
    means: NDArray[np.float64]
    within: NDArray[np.float64]
    mean_square_between: float
    mean_square_within: float
    df1: int
    df2: int

    @property
    def n(self) -> int:
        """Values in all groups."""
        return int(self.sizes.sum())

    @property
    def mean_size(self) -> float:
        """N/G."""
        return self.n / len(self.sizes)

    @property
    def adjusted_size(self) -> float:
        """k₀ = (N − Σn²/N) / (G − 1), the size that unbalanced mean squares expect."""
        return float((self.n - (self.sizes**2).sum() / self.n) / self.df1)

    @property
    def size_of_a_raters_group(self) -> float:
        """Σn²/N: the size of the group that a randomly drawn rater belongs to, as design effects need it."""
        return float((self.sizes**2).sum() / self.n)

    @property
    def f(self) -> float:
        """F ratio; infinite without any spread inside groups."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.float64(self.mean_square_between) / np.float64(self.mean_square_within))

    @property
    def p_value(self) -> float:
        """P value of F."""
        return float(stats.f.sf(self.f, self.df1, self.df2))

    def icc1(self, size: float) -> float:
        """(MSB − MSW) / (MSB + (size − 1) MSW); negative when groups differ less than chance has it."""
        between, within = self.mean_square_between, self.mean_square_within
        return (between - within) / (between + (size - 1) * within)

    @property
    def icc2(self) -> float:
        """(MSB − MSW) / MSB; NaN when the groups have the same mean."""
        between, within = self.mean_square_between, self.mean_square_within
        return np.nan if between == 0 else (between - within) / between


def one_way(values: NDArray[np.float64], codes: NDArray[np.int64]) -> OneWay:
    """Analyse ``values`` (no NaN) in the groups ``codes`` (0 … g − 1, every one used).

    Raises
    ------
    InsufficientDataError
        Without values, with fewer than two groups, no group of two, or the same value everywhere.
    """
    if len(values) == 0:
        raise InsufficientDataError(Note("no_values_in_groups", "Nobody has both an answer and a group."))
    if codes.max() < 1:
        raise InsufficientDataError(
            Note("one_group", "All answers come from one group, so agreement between groups cannot be judged.")
        )
    sizes = np.bincount(codes)
    n, groups = len(values), len(sizes)
    if n == groups:
        raise InsufficientDataError(
            Note("no_group_of_two", "Every group has a single rater, so agreement within groups cannot be judged.")
        )
    if values.min() == values.max():
        raise InsufficientDataError(
            Note("same_answer_everywhere", "Every rater gave the same answer, so groups cannot be told apart.")
        )
    centred = values - values.mean()
    means = np.bincount(codes, centred) / sizes
    within = np.asarray(np.bincount(codes, (centred - means[codes]) ** 2), dtype=np.float64)
    return OneWay(
        sizes=sizes,
        means=means + values.mean(),
        within=within,
        mean_square_between=float((sizes * means**2).sum() / (groups - 1)),
        mean_square_within=float(within.sum() / (n - groups)),
        df1=groups - 1,
        df2=n - groups,
    )
