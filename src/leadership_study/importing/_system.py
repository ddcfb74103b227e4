"""What platforms record about a submission, in one form: seconds, ISO times, channels, numbered addresses."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pandas as pd

from leadership_study.importing._raw import Table
from leadership_study.importing._wording import normal
from leadership_study.results import Note

ADDRESS = "same_address"
COLUMNS = (
    "duration_seconds", "submitted_at", "started_at", "channel", ADDRESS, "progress", "finished", "language",
    "total_score",
)  # fmt: skip
_UNITS = {
    "天": 86_400,
    "小时": 3600,
    "时": 3600,
    "分钟": 60,
    "分": 60,
    "秒": 1,
    "d": 86_400,
    "h": 3600,
    "m": 60,
    "min": 60,
    "s": 1,
    "sec": 1,
}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(天|小时|时|分钟|分|秒|min|sec|d|h|m|s)")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2}(?:\.\d+)?)")
_DATE = re.compile(
    r"(?P<a>\d{1,4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,4})日?(?:[T\s,]+(?P<half>上午|下午|中午|凌晨|晚上)?\s*"
    r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?\s*(?P<late>上午|下午|中午|凌晨|晚上)?\s*(?P<ampm>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<zone>Z|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?|GMT|UTC)?)?"
)


def take_system(table: Table, roles: Mapping[str, str], *, file: str) -> Table:
    """Return the table with the system columns that ``roles`` (header → column) names; the first header that is there.

    Headers are compared as wordings are. An address is turned into a running number and withheld.
    """
    if table.cells is None:
        return table
    by_header: dict[str, int] = {}
    for at, name in enumerate(table.header):
        by_header.setdefault(normal(name), at)
    columns: dict[str, pd.Series] = {}
    headers: dict[str, str] = {}
    withheld = dict(table.withheld)
    notes = list(table.notes)
    for header, role in roles.items():
        at = by_header.get(normal(header), -1)
        if at < 0 or role in columns:
            continue
        cells = table.cells[at]
        headers[table.header[at]] = role
        if role == ADDRESS:
            codes, _ = pd.factorize(cells.str.replace(r"\(.*", "", regex=True).str.strip())
            columns[role] = pd.Series(codes + 1, index=cells.index, dtype="Int64").mask(codes < 0)
            withheld[table.header[at]] = "ip"
        elif role in ("submitted_at", "started_at"):
            columns[role], unread = iso_times(cells)
            if unread:
                text = "Times in the column {column} of {file} could not be read without guessing: {count}."
                values = {"column": table.header[at], "file": file, "count": unread}
                notes.append(Note("unread_times", text, values))
        elif role == "duration_seconds":
            columns[role] = seconds(cells)
        elif role in ("progress", "total_score"):
            columns[role] = pd.to_numeric(cells.str.strip().str.removesuffix("%"), errors="coerce").astype("float64")
        else:
            columns[role] = cells
    if "duration_seconds" not in columns and {"started_at", "submitted_at"} <= columns.keys():
        columns["duration_seconds"] = between(columns["started_at"], columns["submitted_at"])
    order = [name for name in COLUMNS if name in columns]
    system = pd.DataFrame({name: columns[name] for name in order}, index=table.cells.index)
    return replace(table, system=system, system_headers=headers, withheld=withheld, notes=tuple(notes))


def seconds(cells: pd.Series) -> pd.Series:
    """Return durations as seconds: ``80秒``, ``1分20秒``, ``1 h 2 min``, ``00:01:20``, ``80``; else NaN."""
    known = {text: _seconds(str(text)) for text in cells.dropna().unique()}
    return cells.map(known, na_action="ignore").astype("float64")


def _seconds(text: str) -> float | None:
    trimmed = text.strip()
    try:
        value = float(trimmed)
    except ValueError:
        pass
    else:
        return value if 0 <= value < 1e12 else None
    if clock := _CLOCK.fullmatch(trimmed):
        return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    found = _AMOUNT.findall(trimmed)
    if found and not _AMOUNT.sub("", trimmed).strip():
        return sum(float(amount) * _UNITS[unit] for amount, unit in found)
    return None


def iso_times(cells: pd.Series) -> tuple[pd.Series, int]:
    """Return times in ISO 8601 and how many cells could not be read.

    Year first is read as it stands. Of ``8/7/2020`` nobody knows which is the month, unless a cell of the column has a
    number over 12 in one of the two places: without such a cell none of the column is read.
    """
    texts = [str(text) for text in cells.dropna().unique() if str(text).strip()]
    matches = {text: _DATE.fullmatch(text.strip()) for text in texts}
    short = [match for match in matches.values() if match and len(match["a"]) < 4]
    first = any(int(match["a"]) > 12 for match in short)
    second = any(int(match["b"]) > 12 for match in short)
    dotted = all("." in text.split()[0] for text, match in matches.items() if match)  # 05.01.2024: always day first
    order = "dm" if (first or dotted) and not second else "md" if second and not first else None
    known = {text: value for text, match in matches.items() if match and (value := _iso(match, order))}
    result = cells.map(known, na_action="ignore").astype("str")
    return result, int((cells.notna() & result.isna() & (cells.str.strip() != "")).sum())


def _iso(match: re.Match[str], order: str | None) -> str | None:
    a, b, c = (int(match[name]) for name in "abc")
    if len(match["a"]) == 4:
        year, month, day = a, b, c
    elif order is None or len(match["c"]) != 4:
        return None
    else:
        year, month, day = (c, b, a) if order == "dm" else (c, a, b)
    hour = int(match["h"] or 0)
    half = match["half"] or match["late"]
    afternoon = (match["ampm"] or "").lower().startswith("p") or half in ("下午", "晚上")
    if afternoon and hour < 12:
        hour += 12
    if hour == 12 and ((match["ampm"] or "").lower().startswith("a") or half in ("上午", "凌晨")):
        hour = 0
    try:
        when = datetime(year, month, day, hour, int(match["m"] or 0), int(match["s"] or 0))
    except ValueError:
        return None
    if match["h"] is None:
        return when.date().isoformat()
    return when.isoformat() + _zone(match["zone"])


def _zone(text: str | None) -> str:
    if not text:
        return ""
    if text in ("Z", "GMT", "UTC"):
        return "+00:00"
    offset = text.removeprefix("GMT").removeprefix("UTC")
    sign, digits = offset[0], offset[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return f"{sign}{int(hours):02d}:{minutes}"


def between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Return the seconds from one ISO time to another; NaN where one is missing, or the other comes first."""

    def span(pair: tuple[object, object]) -> float | None:
        try:
            first, last = (datetime.fromisoformat(str(text)) for text in pair)
            length = (last - first).total_seconds()
        except (ValueError, TypeError):
            return None
        return length if length >= 0 else None

    return pd.Series([span(pair) for pair in zip(start, end, strict=True)], index=start.index, dtype="float64")
