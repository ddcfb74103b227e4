"""Every exception and warning of the package.

Each message is one sentence: what is wrong, where, and what to do.
"""

import html
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from leadership_study.results import Note

_SHOWN = 20
_SHOWN_AS_HTML = 200
_COLUMNS = ("file", "row", "line", "respondent_id", "column", "value", "rule", "message", "remedy")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one place in the input.

    ``row`` is the record number in its file, the first record after the header being 1 (None: the file or a column as
    a whole), and ``line`` the line on which it begins, where that is known; ``rule`` is a stable identifier; ``remedy``
    says what the user can do.
    """

    file: str
    message: str
    remedy: str
    rule: str
    row: int | None = None
    respondent_id: str | None = None
    column: str | None = None
    value: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}" + ("" if self.line is None else f" (line {self.line})"))
        if self.respondent_id is not None:
            place.append(f"respondent {self.respondent_id}")
        if self.column is not None:
            place.append(f"column {self.column}")
        found = "" if self.value is None else f" (found {self.value!r})"
        return f"{', '.join(place)}: {self.message}{found}; {self.remedy}"


class LeadershipStudyError(Exception):
    """Base of every error that a user's input can cause."""


class _WithProblems(LeadershipStudyError):
    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problem_list = tuple(problems)

    @property
    def problems(self) -> "pd.DataFrame":
        """All problems: file, row, line, respondent_id, column, value, rule, message, remedy."""
        return self.to_frame()

    def to_frame(self) -> "pd.DataFrame":
        """Return all problems as a table, one row each; what is not known is missing."""
        import pandas as pd

        frame = pd.DataFrame([asdict(problem) for problem in self.problem_list], columns=list(_COLUMNS))
        return frame.astype({"row": "Int64", "line": "Int64"})

    def to_text(self) -> str:
        """Return the message and all problems as a table of plain text; columns that nothing fills are left out."""
        rows = [[_plain(getattr(problem, name)) for name in _COLUMNS] for problem in self.problem_list]
        kept = [at for at in range(len(_COLUMNS)) if any(row[at] for row in rows)]
        table = [[_COLUMNS[at] for at in kept], *([row[at] for at in kept] for row in rows)]
        widths = [max(_width(line[at]) for line in table) for at in range(len(kept))]
        lines = ["  ".join(_padded(*cell) for cell in zip(line, widths, strict=True)).rstrip() for line in table]
        return "\n".join([self.message, *(lines if rows else [])])

    def to_html(self, shown: int | None = None) -> str:
        """Return the message and the problems (the first ``shown``, or all) as HTML.

        Every text is escaped: a script in an answer is shown as the text it is.
        """
        listed = self.problem_list if shown is None else self.problem_list[:shown]
        kept = [name for name in _COLUMNS if any(getattr(problem, name) is not None for problem in listed)]
        head = "".join(f"<th>{name}</th>" for name in kept)
        rows = []
        for problem in listed:
            cells = (html.escape(_plain(getattr(problem, name))) for name in kept)
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        parts = [f"<p><strong>{html.escape(self.message)}</strong></p>"]
        if rows:
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>")
        if more := len(self.problem_list) - len(listed):
            parts.append(f"<p>… and {more} more (all of them in .problems)</p>")
        return "".join(parts)

    def _repr_html_(self) -> str:
        return self.to_html(_SHOWN_AS_HTML)

    def __str__(self) -> str:
        lines = [self.message, *(f"  {problem}" for problem in self.problem_list[:_SHOWN])]
        if len(self.problem_list) > _SHOWN:
            lines.append(f"  … and {len(self.problem_list) - _SHOWN} more (all of them in .problems)")
        return "\n".join(lines)


def _plain(value: object) -> str:
    """Return ``value`` as one line; what cannot be seen (line ends, controls, marks of direction) is written out."""
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


class InstrumentError(_WithProblems):
    """A questionnaire file is wrong."""


class ImportFormatError(_WithProblems):
    """A file cannot be read as a table of answers.

    ``readable`` are the `RawResponses` of the rows and columns that could be made out all the same, if any: validation
    can say what is wrong in them too.
    """

    def __init__(self, message: str, problems: Iterable[Problem] = (), *, readable: Any = None) -> None:
        super().__init__(message, problems)
        self.readable = readable


class ResponseError(_WithProblems):
    """The answers do not fit the questionnaire; ``.problems`` lists everything at once."""


class PlanError(_WithProblems):
    """A study file is wrong: an unknown name, a missing key, an option that the analysis does not take."""


class ProjectError(LeadershipStudyError):
    """There is no project here, or no study of that name in it."""


class BusyError(LeadershipStudyError):
    """Another run is working in the same folder."""


class EstimationError(LeadershipStudyError):
    """A statistic cannot be computed from these data; ``.note`` says why."""

    def __init__(self, note: "Note") -> None:
        super().__init__(str(note))
        self.note = note


class InsufficientDataError(EstimationError):
    """Too few rows, groups, items or too little variance."""


class ConvergenceError(EstimationError):
    """An iteration did not reach its optimum."""
