"""Google Forms: a timestamp, then a column a question headed by its wording; a row of a grid is ``question [row]``."""

from collections.abc import Collection
from dataclasses import replace

from leadership_study.importing._formulas import neutral, neutral_frame
from leadership_study.importing._headings import parts, wordings
from leadership_study.importing._raw import RawResponses, Table
from leadership_study.importing._start import Start, start_of
from leadership_study.importing._system import take_system
from leadership_study.importing._tables import read_any
from leadership_study.instruments import Instrument

TIMESTAMPS = (
    "timestamp", "时间戳记", "时间戳", "時間戳記", "zeitstempel", "horodateur", "marca temporal",
    "carimbo de data/hora", "タイムスタンプ", "타임스탬프",
    "informazioni cronologiche", "отметка времени", "tijdstempel",
)  # fmt: skip
"""What the first column is called, in lower case."""

_PERSONAL = {
    "Email Address": "email", "Email address": "email", "Username": "email", "电子邮件地址": "email",
    "電子郵件地址": "email", "E-Mail-Adresse": "email", "Adresse e-mail": "email",
}  # fmt: skip
_SCORES = {"Score": "total_score", "Total score": "total_score", "得分": "total_score", "分数": "total_score"}


def recognises(data: bytes, start: Start | None = None) -> bool:
    """Whether the first column is the platform's timestamp."""
    header = (start or start_of(data)).header
    return len(header) > 1 and header[0].casefold() in TIMESTAMPS


def read(
    data: bytes,
    *,
    file: str,
    expected: Collection[str] = (),
    encoding: str | None = None,
    sheet: str | int | None = None,
) -> Table:
    """Read an export; several answers stand in one cell with ``, `` between them.

    Whether the timestamp has the day before the month is not guessed: see `_system.iso_times`.
    """
    table = read_any(data, file=file, expected=expected, encoding=encoding, sheet=sheet)
    if table.cells is None or not table.header:
        return table
    roles = {name: "submitted_at" for name in table.header[:1] if name.casefold() in TIMESTAMPS} | _SCORES
    table = replace(
        table,
        wordings=tuple(wordings(name) for name in table.header),
        parts=tuple(parts(name) for name in table.header),
        values=None,
        withheld={name: kind for name, kind in _PERSONAL.items() if name in table.header},
    )
    return take_system(table, roles, file=file)


def write(raw: RawResponses, instrument: Instrument | None = None, *, language: str = "en") -> bytes:
    """Return ``raw`` as the platform exports it, headed by the wording in ``language``; ids of respondents are kept."""
    frame = neutral_frame(raw.frame)
    if instrument is not None:
        names = {
            neutral(str(id)): neutral(instrument.label(str(id), language))
            for id in raw.frame.columns
            if id != "respondent_id"
        }
        frame = frame.rename(columns=names)
    frame.insert(0, "Timestamp", "")
    return frame.to_csv(index=False, lineterminator="\n").encode()
