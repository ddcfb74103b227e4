"""The screening of everybody who answered: indices and flags, worked out when somebody asks for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from leadership_study.instruments import Instrument
from leadership_study.results import Note
from leadership_study.validation._flags import kinds_of
from leadership_study.validation.careless import CarelessResult, careless

LEAST = 10
"""Fewer respondents in a block tell nothing about what is unusual among them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Screening:
    """Answers of all respondents received, by block: teachers are compared with teachers, heads with heads.

    ``indices`` are as in `CarelessResult`, with runs that skip missing answers (who stops is no straight-liner) and
    distances and person–total from the answers given; ``flags`` adds one column an attention check.
    """

    instrument: Instrument
    frame: pd.DataFrame
    block: pd.Series
    system: pd.DataFrame

    @cached_property
    def by_block(self) -> Mapping[str, CarelessResult]:
        """Screening of each block of at least ten respondents."""
        names = self.instrument.item_ids()
        found = {}
        for block in self.block.unique():
            own = (self.block == block).to_numpy()
            items = self.frame[names] if own.all() else self.frame.loc[own, names]
            if len(items) >= LEAST and len(names) > 1:
                recorded = self.system.loc[own] if len(self.system.columns) else None
                found[str(block)] = careless(items, system=recorded, **_asked(self.instrument))
        return found

    @cached_property
    def indices(self) -> pd.DataFrame:
        """Index by index, for everybody; NaN in blocks too small to screen."""
        parts = [part.indices for part in self.by_block.values()]
        if len(parts) == 1 and len(parts[0]) == len(self.frame):
            return parts[0]
        return pd.concat(parts).reindex(self.frame.index) if parts else pd.DataFrame(index=self.frame.index)

    @cached_property
    def checks(self) -> pd.DataFrame:
        """Attention checks: True where an answer was given and it was not the expected one."""
        wrong = {}
        for check in self.instrument.attention_checks:
            answered = self.frame[check.id]
            wrong[check.id] = (answered.notna() & (answered != check.expected)).to_numpy(dtype=bool)
        return pd.DataFrame(wrong, index=self.frame.index)

    @cached_property
    def flags(self) -> pd.DataFrame:
        """All flags, attention checks first."""
        return self._beside(self.checks, [part.flags for part in self.by_block.values()])

    @cached_property
    def judged(self) -> pd.DataFrame:
        """Of whom each flag could be told, as `CarelessResult.judged`; of attention checks, who answered them."""
        ids = [check.id for check in self.instrument.attention_checks]
        return self._beside(self.frame[ids].notna(), [part.judged for part in self.by_block.values()])

    def _beside(self, checks: pd.DataFrame, parts: list[pd.DataFrame]) -> pd.DataFrame:
        if not parts:
            return checks
        whole = pd.concat(parts) if len(parts) > 1 else parts[0]
        if not whole.index.equals(self.frame.index):
            whole = whole.reindex(self.frame.index, fill_value=False)
        return pd.concat([checks, whole], axis=1)

    @cached_property
    def kinds(self) -> "pd.Series[int]":
        """Number of kinds of sign that each respondent shows."""
        return kinds_of(self.flags)

    def notes_of(self, blocks: Collection[str]) -> tuple[Note, ...]:
        """What the indices could not tell of these blocks, each sentence once."""
        parts = [part for name, part in self.by_block.items() if name in blocks]
        return tuple({str(note): note for part in parts for note in part.notes}.values())


def _asked(instrument: Instrument) -> dict[str, Any]:
    """Return what `careless` must know of a questionnaire."""
    ends = {item: (float(scale.low), float(scale.high)) for item, scale in _scales(instrument).items()}
    return {
        "dimensions": {dimension.id: instrument.item_ids(dimension.id) for dimension in instrument.dimensions},
        "reverse_keyed": [item.id for item in instrument.items if item.reverse_keyed],
        "scale": ends,
        "cutoffs": "usual",
        "runs": "missing_skipped",
        "mahalanobis": "zero_deviation",
        "person_total": "available",
    }


def _scales(instrument: Instrument) -> dict[str, Any]:
    return {item: instrument.scale_of(item) for item in instrument.item_ids()}
