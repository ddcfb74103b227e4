"""Answers that fit their questionnaire."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from leadership_study.importing import Source
from leadership_study.instruments import Instrument
from leadership_study.results import Note
from leadership_study.validation._screening import Screening


@dataclass(frozen=True, kw_only=True, eq=False)
class ValidatedResponses:
    """Checked answers, one row a respondent that takes part in the analyses.

    Attributes
    ----------
    instrument
        What was asked.
    frame
        Typed answers in the questionnaire's columns (and ``weight``): items, forms and numbers are float64, all else
        is text; missing is NaN. Items are as answered: reverse-keyed ones are turned in scoring. The index
        ``respondent_id`` is unique; it is ``<block>/<id>`` when there are several blocks.
    block
        Block of each respondent; the same index.
    flow
        Index ``step``: received, all_missing, one row a declared exclusion rule, analysed. Column ``n`` and, when there
        are several blocks, one column a block. Received minus the exclusions is analysed.
    system
        What the platform recorded about each respondent, as in `RawResponses`; the same index, no columns where
        nothing was recorded.
    screening
        The screening of everybody received, those left out included, by block.
    exclusions_log
        One row a respondent left out: block, respondent_id, rule, value, threshold.
    repairs_log
        One row a cell changed by a declared repair: file, row, respondent_id, column, rule, before, after.
    sources
        The files of each block.
    notes
        What readers must know: missing codes met, groups without a value, how files were read.
    """

    instrument: Instrument
    frame: pd.DataFrame
    block: pd.Series
    flow: pd.DataFrame
    system: pd.DataFrame
    screening: Screening
    exclusions_log: pd.DataFrame
    repairs_log: pd.DataFrame
    sources: Mapping[str, tuple[Source, ...]]
    notes: tuple[Note, ...] = ()

    @cached_property
    def flags(self) -> pd.DataFrame:
        """All screening flags, bool, worked out when first asked for.

        One column an attention check (True where a wrong answer was given), then those of `careless`.
        """
        return self._of_mine(self.screening.flags)

    @cached_property
    def indices(self) -> pd.DataFrame:
        """The indices behind the flags, as in `CarelessResult`; worked out when first asked for."""
        return self._of_mine(self.screening.indices)

    def _of_mine(self, table: pd.DataFrame) -> pd.DataFrame:
        return table if len(table) == len(self.frame) else table.loc[self.frame.index]
