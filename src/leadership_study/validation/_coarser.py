"""One background question on its way to coarser answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

OTHER = "other"
"""What rare levels of a nominal question become."""

_BINS = (10, 6, 4, 3, 2)


@dataclass(frozen=True, eq=False)
class Coarser:
    """A question's answers as codes of their present levels; 0 is missing.

    ``holds`` has, for each level from 1 on, the original levels (places in ``given``) that it holds.
    """

    kind: str
    given: tuple[str | float, ...]
    first: np.ndarray
    holds: tuple[tuple[int, ...], ...]
    done: str = ""
    is_dropped: bool = False

    @classmethod
    def start(cls, column: pd.Series, kind: str, order: Sequence[str]) -> "Coarser":
        """Begin with the answers as they are."""
        if kind == "number":
            given: tuple[str | float, ...] = tuple(sorted(float(value) for value in column.dropna().unique()))
        else:
            present = {str(value) for value in column.dropna().unique()}
            given = (*(value for value in order if value in present), *sorted(present - set(order)))
        places = {value: at for at, value in enumerate(given, start=1)}
        read = float if kind == "number" else str
        codes = np.array([0 if pd.isna(value) else places[read(value)] for value in column], dtype=np.int64)
        return cls(kind, given, codes, tuple((at,) for at in range(1, len(given) + 1)))

    @cached_property
    def codes(self) -> np.ndarray:
        """Each respondent's present level."""
        if self.is_dropped:
            return np.zeros_like(self.first)
        turned = np.zeros(len(self.given) + 1, dtype=np.int64)
        for level, places in enumerate(self.holds, start=1):
            turned[list(places)] = level
        return np.asarray(turned[self.first])

    @property
    def distinguishes(self) -> bool:
        """Whether any two respondents differ in it still."""
        return bool((self.codes != self.codes[0]).any())

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return bool(self.done)

    @cached_property
    def entropy(self) -> float:
        """Entropy of the original answers, in bits."""
        return _entropy(self.first)

    @property
    def lost(self) -> float:
        """Share of the entropy of the original answers that is gone."""
        return 0.0 if self.entropy == 0 else 1.0 - _entropy(self.codes) / self.entropy

    def values(self, column: pd.Series) -> pd.Series:
        """The answers as they now are: numbers as the mean of their bin, all else as text."""
        if self.is_dropped:
            return pd.Series(np.nan, index=column.index, dtype="float64" if self.kind == "number" else "str")
        if self.kind == "number":
            if not self.changed:
                return column.astype("float64")
            numbers = column.to_numpy(dtype="float64")
            means = [np.nan] + [float(np.nanmean(numbers[self.codes == at])) for at in range(1, len(self.holds) + 1)]
            return pd.Series(np.round(np.array(means), 1)[self.codes], index=column.index)
        names: list[str | float] = [np.nan, *(self._name(places) for places in self.holds)]
        return pd.Series([names[code] for code in self.codes], index=column.index, dtype="str")

    def levels(self) -> Mapping[str, tuple[str, ...]]:
        """The present levels with the original values they hold."""
        if self.is_dropped:
            return {}
        return {self._name(places): tuple(str(self.given[at - 1]) for at in places) for places in self.holds}

    def described(self, other: "Coarser") -> str:
        """The levels that ``other`` has not."""
        if self.is_dropped:
            return ""
        mine = [places for places in self.holds if places not in other.holds or other.is_dropped]
        if self.kind == "number":
            return f"{len(self.holds)} values" if self.done == "" else f"{len(self.holds)} bins"
        return "; ".join(" / ".join(str(self.given[at - 1]) for at in places) for places in mine)

    def _name(self, places: tuple[int, ...]) -> str:
        if len(places) == 1:
            return str(self.given[places[0] - 1])
        if self.kind == "ordinal":
            between = " / " if len(places) == 2 else " … "
            return between.join(str(self.given[at - 1]) for at in (places[0], places[-1]))
        return OTHER


def next_steps(entry: Coarser) -> Iterator[Coarser]:
    """Yield what may be done next with a question."""
    if len(entry.holds) <= 2:
        yield replace(entry, done="dropped", is_dropped=True, holds=(tuple(range(1, len(entry.given) + 1)),))
        return
    if entry.kind == "ordinal":
        for at in range(len(entry.holds) - 1):
            joined = (*entry.holds[at], *entry.holds[at + 1])
            yield replace(entry, done="merged", holds=(*entry.holds[:at], joined, *entry.holds[at + 2 :]))
    elif entry.kind == "number":
        yield _binned(entry)
    else:
        yield _with_other(entry)


def _binned(entry: Coarser) -> Coarser:
    """Fewer bins of about equal size, made of whole values."""
    counts = np.bincount(entry.first, minlength=len(entry.given) + 1)[1:]
    for wanted in _BINS:
        if wanted >= len(entry.holds):
            continue
        middle = (np.cumsum(counts) - counts / 2) / counts.sum()
        bins = np.minimum((middle * wanted).astype(int), wanted - 1)
        holds = tuple(
            tuple(int(at) + 1 for at in np.flatnonzero(bins == number))
            for number in range(wanted)
            if (bins == number).any()
        )
        if 1 < len(holds) < len(entry.holds):
            return replace(entry, done="binned", holds=holds)
    return replace(entry, done="dropped", is_dropped=True, holds=(tuple(range(1, len(entry.given) + 1)),))


def _with_other(entry: Coarser) -> Coarser:
    """The rarest level joins ``other``; the first time the two rarest do."""
    counts = np.bincount(entry.codes, minlength=len(entry.holds) + 1)[1:]
    known = [at for at, places in enumerate(entry.holds) if len(places) > 1 or entry.given[places[0] - 1] == OTHER]
    order = sorted((at for at in range(len(entry.holds)) if at not in known), key=lambda at: (counts[at], at))
    chosen = [*known, *order[: 1 if known else 2]]
    joined = tuple(sorted(place for at in chosen for place in entry.holds[at]))
    rest = tuple(places for at, places in enumerate(entry.holds) if at not in chosen)
    return replace(entry, done="other", holds=(*rest, joined))


def _entropy(codes: np.ndarray) -> float:
    shares = np.bincount(codes)[np.bincount(codes) > 0] / len(codes)
    return float(-(shares * np.log2(shares)).sum())
