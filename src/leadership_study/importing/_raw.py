"""What an import format gives: a table of text, and what was found out about its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from leadership_study.errors import Problem
from leadership_study.results import Note

Values = Literal["codes", "text", "number"]
"""What cells hold: the questionnaire's own values, the labels of answers, or the numbers of options."""

OptionOrder = Literal["as_listed", "reversed"]
"""Whether option 1 is the lowest answer of a response scale, as the questionnaire lists them, or the highest."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file's table as a format module reads it, before its columns are matched with a questionnaire.

    ``cells`` has the columns 0, 1, … of text (empty cells are NaN) and the record numbers 1, 2, … as its index; records
    with ``problems`` in their structure are left out, and it is None when no record could be made out. ``lines`` are
    the lines on which the records begin, where they are known. ``header`` is trimmed.

    What a format knows about its files: ``wordings``, for each header, the texts that may be its question's wording;
    ``missing_codes`` and ``values``, used unless the plan says otherwise; ``respondent_id``, the header that numbers
    the respondents.
    """

    header: tuple[str, ...]
    cells: pd.DataFrame | None
    encoding: str
    delimiter: str | None = None
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    wordings: tuple[tuple[str, ...], ...] = ()
    missing_codes: tuple[str, ...] = ()
    values: Values = "codes"
    respondent_id: str | None = None
    lines: pd.Series | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where answers come from and how their file was read.

    ``columns`` maps the file's headers to ids; ``ignored`` lists the headers that were not carried on;
    ``missing_codes`` are the texts declared to mean "no answer", which validation turns into missing values; ``form``
    says whom the items are about, ``values`` what the cells hold, and ``option_order`` how options are numbered.
    """

    file: str
    format: str
    sha256: str
    encoding: str
    delimiter: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    missing_codes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    form: Literal["other", "self"] = "other"
    values: Values = "codes"
    option_order: OptionOrder | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class RawResponses:
    """Answers as received: all text, nothing guessed, nothing checked yet.

    ``frame`` has the columns ``respondent_id``, the ids of the questionnaire and, where named, ``weight``; an empty
    cell is NaN; the index ``row`` is the record number in the file, the first record being 1. ``lines`` has the line of
    the file on which each of these records begins, where that is known.
    """

    frame: pd.DataFrame
    source: Source
    lines: pd.Series | None = None
