"""Means, totals and regressions of a weighted sample with strata and clusters: linearised errors."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Note

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveyDesign:
    """How n respondents were drawn.

    Attributes
    ----------
    weights : array of n numbers above 0
    strata, clusters : arrays of n whole numbers
        Clusters are those drawn first (primary sampling units), numbered over all strata; each lies in one stratum.
    """

    weights: Floats
    strata: Integers
    clusters: Integers

    @property
    def n(self) -> int:
        """Respondents."""
        return len(self.weights)

    @cached_property
    def stratum_of(self) -> Integers:
        """Stratum of each cluster."""
        found = np.zeros(int(self.clusters.max()) + 1, dtype=np.int64)
        found[self.clusters] = self.strata
        return found

    @property
    def df(self) -> int:
        """Clusters less strata."""
        return int(self.clusters.max()) - int(self.strata.max())

    @property
    def effective_n(self) -> float:
        """Kish's (Σw)²/Σw²."""
        return float(self.weights.sum() ** 2 / (self.weights**2).sum())

    def covariance_of_totals(self, scores: Floats) -> Floats:
        """Covariance of the weighted totals of ``scores`` (n × p), clusters drawn with replacement.

        Σ over strata of c/(c − 1) Σ (z − z̄)(z − z̄)', z the weighted totals of its c clusters.
        """
        size = int(self.clusters.max()) + 1
        weighted = scores * self.weights[:, None]
        totals = np.column_stack([np.bincount(self.clusters, column, size) for column in weighted.T])
        drawn = np.bincount(self.stratum_of)
        means = np.column_stack([np.bincount(self.stratum_of, column) for column in totals.T]) / drawn[:, None]
        away = (totals - means[self.stratum_of]) * np.sqrt(drawn / (drawn - 1))[self.stratum_of][:, None]
        return np.asarray(away.T @ away)

    def means(self, values: Floats) -> tuple[Floats, Floats]:
        """Weighted means of ``values`` (n × p, no NaN) and their covariance."""
        means = self.weights @ values / self.weights.sum()
        return means, self.covariance_of_totals((values - means) / self.weights.sum())

    def totals(self, values: Floats) -> tuple[Floats, Floats]:
        """Weighted totals and their covariance."""
        return self.weights @ values, self.covariance_of_totals(values)

    def variance(self, values: Floats) -> float:
        """Weighted variance of one variable: Σw(x − x̄)²/Σw · n/(n − 1)."""
        mean = self.weights @ values / self.weights.sum()
        return float(self.weights @ (values - mean) ** 2 / self.weights.sum() * self.n / (self.n - 1))

    def quantile(self, values: Floats, p: float) -> float:
        """Smallest value at which the weighted share of values up to it reaches ``p``; midway when it is just ``p``."""
        order = np.argsort(values, kind="stable")
        ranked = values[order]
        share = np.cumsum(self.weights[order]) / self.weights.sum()
        close = 1e-12
        at = int(np.searchsorted(share, p - close))
        if abs(share[at] - p) <= close and at + 1 < len(ranked):
            following = ranked[np.flatnonzero(ranked > ranked[at])[:1]]
            return float((ranked[at] + following[0]) / 2) if following.size else float(ranked[at])
        return float(ranked[at])

    def regression(self, design: Floats, outcome: Floats) -> tuple[Floats, Floats]:
        """Weighted least-squares coefficients and their linearised covariance."""
        weighted = design * self.weights[:, None]
        inverse = np.linalg.inv(design.T @ weighted)
        estimates = inverse @ (weighted.T @ outcome)
        scores = design * (outcome - design @ estimates)[:, None] @ inverse
        return estimates, self.covariance_of_totals(scores)


def survey_design(weights: Floats, strata: Integers, clusters: Integers) -> SurveyDesign:
    """Check a design; ``clusters`` that occur in several strata are taken as different ones.

    Raises
    ------
    InsufficientDataError
        Without respondents, or when a stratum has a single cluster, so that its error is unknown.

    References
    ----------
    Lumley, T. (2004). https://doi.org/10.18637/jss.v009.i08. Binder, D. A. (1983). https://doi.org/10.2307/1402588.
    R twins: ``survey::svymean``, ``svytotal``, ``svyglm`` without finite population correction.
    """
    if len(weights) < 2:
        raise InsufficientDataError(
            Note(
                "design_too_few", "Weighted estimates need two respondents or more; there are {n}.", {"n": len(weights)}
            )
        )
    _, levels = np.unique(strata, return_inverse=True)
    _, units = np.unique(np.column_stack([levels, clusters]), axis=0, return_inverse=True)
    design = SurveyDesign(weights=weights, strata=levels, clusters=units.ravel())
    drawn = np.bincount(design.stratum_of)
    if drawn.min() < 2:
        text = "{count} of {strata} strata hold a single sampled group, so its error cannot be estimated; merge strata."
        told = {"count": int((drawn < 2).sum()), "strata": len(drawn)}
        raise InsufficientDataError(Note("lonely_stratum", text, told))
    return design
