"""Answers that fit their questionnaire."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from leadership_study.importing import Source
from leadership_study.instruments import Instrument
from leadership_study.results import Note


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
    flags
        One column of bool an attention check: True where an answer was given and it was not the expected one.
    exclusions_log
        One row a respondent left out: block, respondent_id, rule, value, threshold.
    sources
        The files of each block.
    notes
        What readers must know: missing codes met, groups without a value, how files were read.
    """

    instrument: Instrument
    frame: pd.DataFrame
    block: pd.Series
    flow: pd.DataFrame
    flags: pd.DataFrame
    exclusions_log: pd.DataFrame
    sources: Mapping[str, tuple[Source, ...]]
    notes: tuple[Note, ...] = ()
