"""What an import format gives: a table of text, and what was found out about its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import pandas as pd

from leadership_study.errors import Problem
from leadership_study.results import Note

Values = Literal["codes", "text", "number"]
"""What cells hold: the questionnaire's own values, the labels of answers, or the numbers of options."""

OptionOrder = Literal["as_listed", "reversed"]
"""Whether option 1 is the lowest answer of a response scale, as the questionnaire lists them, or the highest."""

How = Literal["id", "number", "wording", "map"]
"""How a column was found: see `Source`."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file's table as a format module reads it, before its columns are matched with a questionnaire.

    ``cells`` has the columns 0, 1, … of text (empty cells are NaN) and the record numbers 1, 2, … as its index; records
    with ``problems`` in their structure are left out, and it is None when no record could be made out. ``lines`` are
    the lines on which the records begin, where they are known. ``header`` is trimmed.

    What a format knows about its files: ``ids``, for each header, the texts that may be a question's id in another
    spelling (the last part of ``group/str_01``); ``wordings``, for each header, the texts that may be its question's
    wording, and ``parts`` the pairs (question, option) where a column stands for one option of a question;
    ``missing_codes`` and ``values``, used unless the plan says otherwise (``values`` None: the cells decide between
    codes and labels); ``respondent_id``, the header that numbers the respondents; ``labels``, for each header that has
    them, what its codes mean; ``system``, what the platform recorded (see `RawResponses`), with the headers it came
    from; ``withheld``, the headers of personal data, each with its kind.
    """

    header: tuple[str, ...]
    cells: pd.DataFrame | None
    encoding: str
    delimiter: str | None = None
    sheet: str | None = None
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    ids: tuple[tuple[str, ...], ...] = ()
    wordings: tuple[tuple[str, ...], ...] = ()
    parts: tuple[tuple[tuple[str, str], ...], ...] = ()
    missing_codes: tuple[str, ...] = ()
    values: Values | None = "codes"
    respondent_id: str | None = None
    lines: pd.Series | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unsure_numbers: bool = False
    """Whether numbers in the cells may be numbers of options, so that the plan must say what they are."""
    option_codes: bool = False
    """Whether the platform gives options numbers or codes of its own (``4``, ``A4``), which may be other values."""
    system: pd.DataFrame | None = None
    system_headers: Mapping[str, str] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)


class Match(NamedTuple):
    """One column of the file and the id it stands for."""

    id: str
    header: str
    how: How


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where answers come from and how their file was read.

    ``columns`` maps the file's headers to ids; ``ignored`` lists the headers that were not carried on;
    ``missing_codes`` are the texts declared to mean "no answer", which validation turns into missing values; ``form``
    says whom the items are about, ``values`` what the cells hold, and ``option_order`` how options are numbered.

    ``match`` says of each id which header it was found in and how: by ``id``, by ``number`` (``Q1``, ``1.``), by
    ``wording``, or by the plan's ``map``. ``system`` maps headers to the columns of ``RawResponses.system``;
    ``withheld`` maps the headers of personal data, none of which was carried on, to their kind. ``sheet`` is the name
    of the sheet in a workbook; ``labels`` has, by id, what the file itself says its codes mean.
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
    match: tuple["Match", ...] = ()
    system: Mapping[str, str] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def match_frame(self) -> pd.DataFrame:
        """Return ``match`` as a table: index ``id``, columns ``header`` and ``how``; one row a column of the file."""
        index = pd.Index([entry.id for entry in self.match], name="id", dtype="str")
        columns = {"header": [entry.header for entry in self.match], "how": [entry.how for entry in self.match]}
        return pd.DataFrame(columns, index=index, dtype="str")


@dataclass(frozen=True, kw_only=True, eq=False)
class RawResponses:
    """Answers as received: all text, nothing guessed, nothing checked yet.

    ``frame`` has the columns ``respondent_id``, the ids of the questionnaire and, where named, ``weight``; an empty
    cell is NaN; the index ``row`` is the record number in the file, the first record being 1. ``lines`` has the line of
    the file on which each of these records begins, where that is known (in a workbook, the number of its row).
    ``source`` says which file it was: its name, format, encoding, SHA-256, and what was not carried on.

    ``system`` is what the platform recorded about each respondent, with the index of ``frame``; any of the columns

    - ``duration_seconds`` (float): time from opening to submitting;
    - ``submitted_at``, ``started_at`` (text): ISO 8601, in the platform's time zone unless one is written;
    - ``channel`` (text): how the respondent came (``微信``, ``anonymous``);
    - ``same_address`` (Int64): equal numbers mean equal IP addresses or devices; the addresses are nowhere;
    - ``progress`` (float): per cent of the questionnaire seen;
    - ``finished`` (text): what the platform says about completion;
    - ``language`` (text): in which language the questionnaire was answered;
    - ``total_score`` (float): the platform's own sum, never used for a score.
    """

    frame: pd.DataFrame
    source: Source
    lines: pd.Series | None = None
    system: pd.DataFrame = field(default_factory=pd.DataFrame)
