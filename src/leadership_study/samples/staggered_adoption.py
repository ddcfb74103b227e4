"""Effects of a treatment that units join at different times, each against units that have not joined (yet).

Every estimate comes with its influence on it of each unit, so that any weighted mean of estimates has its error.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Comparison = Literal["not_yet", "never"]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An estimate and the influence (n,) of each unit; its variance is Σ influence² / n²."""

    estimate: float
    influence: Floats

    def std_error(self, clusters: NDArray[np.int64] | None) -> float:
        """Standard error when units of a cluster go together."""
        summed = summed_within(self.influence[:, None], clusters)[:, 0]
        return float(np.sqrt(summed @ summed) / len(self.influence))


@dataclass(frozen=True, kw_only=True)
class GroupTime(Effect):
    """The effect at ``time`` on the units that joined at ``joined``."""

    joined: float
    time: float
    base: float
    n_treated: int
    n_comparison: int


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """Outcomes of n units at T times, and the time each joined (infinite: never).

    ``outcomes`` (n, T) may lack values: a unit serves where both of its values are there.
    """

    outcomes: Floats
    times: Floats
    joined: Floats

    def sizes(self) -> dict[float, float]:
        """Share of the units that joined at each time, among those first seen before they joined."""
        groups = self.groups()
        return {group: float((self.joined == group).mean()) for group in groups}

    def groups(self) -> list[float]:
        """Times of joining after the first time there is."""
        return [float(time) for time in np.unique(self.joined) if np.isfinite(time) and time > self.times[0]]

    def effect(self, joined: float, time: float, *, comparison: Comparison, universal: bool) -> GroupTime | None:
        """Return E[Y(t) − Y(b) | joined] − E[Y(t) − Y(b) | not joined]; None without units on both sides.

        b is the last time before joining; before that, with a varying base, the time before t.
        """
        at = int(np.flatnonzero(self.times == time)[0])
        before = np.flatnonzero(self.times < joined)
        base = int(before[-1]) if time >= joined or universal else at - 1
        if base < 0 or base == at:
            return None
        change = self.outcomes[:, at] - self.outcomes[:, base]
        there = np.isfinite(change)
        free = ~np.isfinite(self.joined)
        if comparison == "not_yet":
            free = (self.joined > max(time, self.times[base])) & (self.joined != joined)
        treated, compared = there & (self.joined == joined), there & free
        if not treated.any() or not compared.any():
            return None
        n = len(change)
        own, other = change[treated].mean(), change[compared].mean()
        influence = np.zeros(n)
        influence[treated] = (change[treated] - own) * n / treated.sum()
        influence[compared] = -(change[compared] - other) * n / compared.sum()
        return GroupTime(
            estimate=float(own - other), influence=influence, joined=joined, time=time, base=float(self.times[base]),
            n_treated=int(treated.sum()), n_comparison=int(compared.sum()),
        )  # fmt: skip

    def mean_of(self, effects: list[GroupTime]) -> Effect:
        """Mean of effects weighted by the sizes of their groups, which are estimated too."""
        sizes = self.sizes()
        shares = np.array([sizes[effect.joined] for effect in effects])
        member = np.column_stack([(self.joined == effect.joined).astype(float) for effect in effects])
        weights = shares / shares.sum()
        estimates = np.array([effect.estimate for effect in effects])
        of_shares = (member - shares - (member - shares).sum(axis=1, keepdims=True) * weights) / shares.sum()
        influence = np.column_stack([effect.influence for effect in effects]) @ weights + of_shares @ estimates
        return Effect(estimate=float(weights @ estimates), influence=influence)


def summed_within(influence: Floats, clusters: NDArray[np.int64] | None) -> Floats:
    """Influences (n, k) added up within clusters; as they are without."""
    if clusters is None:
        return influence
    return np.column_stack([np.bincount(clusters, weights=column) for column in influence.T])


def plain_mean(effects: list[Effect]) -> Effect:
    """Mean of effects that all count the same."""
    influence = np.mean([effect.influence for effect in effects], axis=0)
    return Effect(estimate=float(np.mean([effect.estimate for effect in effects])), influence=influence)
