"""From a table of a result to the table that is printed: chosen columns, words for ids, equal decimals.

What is chosen stands in ``layouts/`` (``[analyses.<use>.tables.<table>]``); a table that is not there is shown
whole. Keys there:

- ``columns``: names in order; ``low:high`` puts an interval into one cell, ``mean±sd`` two numbers, ``table.column``
  takes a column of another table with the same rows; ``…`` stands for all other columns, and ``optional`` ones may be
  absent;
- ``rows``: names in order, those that are there; ``min_rows``: fewer than these are not worth a table;
- ``shown_as``: what the values of a column are, for the rounding rule: a limit of a correlation is an ``r``;
- ``headers``: another word for a column, such as ``t_statistic`` for ``statistic``;
- ``mute_below``: cells smaller than this in absolute value are grey, where columns are items or factors;
- ``triangle``: a square table shows what is below its diagonal, rows and columns numbered; ``diagonal`` puts a column
  of another table on it, in parentheses.

Nothing gets lost: the stored CSV has every column at full precision.
"""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.errors import LeadershipStudyError
from leadership_study.importing._formulas import neutral
from leadership_study.reporting.languages import Language, markup
from leadership_study.reporting.lookup import row_name
from leadership_study.reporting.parts import Cell, Number, Paragraph, Spans, Symbol, Table, plain
from leadership_study.reporting.sentences import Writer
from leadership_study.results import format_number

_PAIR = re.compile("[:±]")
_DIGITS = re.compile(r"^[−]?\d+$")
REST = "…"


def display_table(
    writer: Writer,
    name: str,
    layout: Mapping[str, Any],
    *,
    label: str,
    caption: Spans,
    note: str = "",
    csv: str | None = None,
) -> Table:
    """Return the table ``name`` of a block as printed.

    Parameters
    ----------
    writer
        Holds the block's values and the words.
    name
        Name of the result's table.
    layout
        Its entry in ``layouts/``; empty shows everything.
    label, caption
        "Table 1" and the spans beside it.
    note
        A general note below, with references as in sentences; ``{muted}`` is the bound of the grey cells.
    csv
        Path of the stored file from the report's folder.

    Raises
    ------
    LeadershipStudyError
        When the layout names a column that the table does not have.
    """
    values, language = writer.values, writer.language
    frame = values.table(name)
    if layout.get("triangle") and _is_square(frame):
        header, rows, stub = _triangle(writer, name, frame, layout)
    else:
        header, rows, stub = _plain(writer, name, frame, layout)
    notes = []
    if note:
        muted = format_number(layout.get("mute_below", 0.0), "loading")
        spans = writer.fill(note.replace("{muted}", muted))
        notes.append(Paragraph((Symbol(language.word("note")), language.word("colon"), *spans), "note"))
    if writer.names.turned_among([frame]):
        told = markup(language.word("turned_note"))
        notes.append(Paragraph((Symbol(language.word("note")), language.word("colon"), *told), "note"))
    return Table(
        ref=f"{values.block}.{name}",
        label=label,
        caption=caption,
        header=header,
        rows=rows,
        stub=stub,
        notes=tuple(notes),
        csv=csv,
    )


def to_csv(table: Table) -> bytes:
    """Return the displayed cells as CSV (UTF-8 with a mark that spreadsheets need, LF)."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow([neutral(plain(head)) for head in table.header])
    writer.writerows([neutral(plain(cell.spans)) for cell in row] for row in table.rows)
    return lines.getvalue().encode("utf-8-sig")


_Shape = tuple[tuple[Spans, ...], tuple[tuple[Cell, ...], ...], int]


def _plain(writer: Writer, name: str, frame: pd.DataFrame, layout: Mapping[str, Any]) -> _Shape:
    columns = _columns(writer, frame, name, layout)
    if "rows" in layout:
        frame = frame.loc[[key for key in layout["rows"] if key in frame.index]]
    stub = frame.index.nlevels
    header = [_stub_header(writer.language, str(level or "term")) for level in frame.index.names]
    renamed = layout.get("headers", {})
    header += [_header(writer, renamed.get(column, column)) for column in columns]
    rows = []
    bound = layout.get("mute_below", 0.0) if name in writer.values.shown_as else 0.0
    above: tuple[Any, ...] = ()
    for key in frame.index:
        names = key if isinstance(key, tuple) else (key,)
        same = next((at for at, (old, new) in enumerate(zip(above, names, strict=False)) if old != new), 0)
        named = [_words(writer, str(part), "value" in frame.columns, narrow=stub > 1) for part in names]
        if frame.index.names[-1] in ("level", "pair") and stub > 1:
            named[-1] = _level(writer, str(names[-2]), str(names[-1])) or named[-1]
        cells = [Cell(spans, repeated=at < same) for at, spans in enumerate(named)]
        above = names
        cells += [_cell(writer, name, row_name(key), column, bound) for column in columns]
        rows.append(tuple(cells))
    shown = _aligned(rows, [at for at, column in enumerate(columns, stub) if column != "value"])
    keep = [at for at in range(len(header)) if at < stub or any(_said(row[at]) for row in shown)]
    return tuple(header[at] for at in keep), tuple(tuple(row[at] for at in keep) for row in shown), stub


def _on_diagonal(writer: Writer, where: str, row: str) -> Cell:
    """A column of another table, in parentheses; a dash without one, or where it has no number."""
    table, _, column = where.partition(".")
    if table in writer.values.tables and column in writer.values.tables[table].columns:
        cell = _cell(writer, table, row, column, 0.0)
        if _said(cell):
            return Cell(("(", *cell.spans, ")"))
    return Cell(("—",))


def _triangle(writer: Writer, name: str, frame: pd.DataFrame, layout: Mapping[str, Any]) -> _Shape:
    columns = _columns(writer, frame, name, layout)
    beside = [column for column in columns if column not in frame.columns]
    header = [_stub_header(writer.language, str(frame.index.name or "term")), *(_header(writer, one) for one in beside)]
    header += [(str(at + 1),) for at in range(len(frame))]
    rows = []
    for at, key in enumerate(frame.index):
        cells = [Cell((f"{at + 1}. ", *_words(writer, str(key))))]
        cells += [_cell(writer, name, row_name(key), column, 0.0) for column in beside]
        for to, column in enumerate(frame.columns):
            shown = _cell(writer, name, row_name(key), str(column), 0.0)
            if to == at:
                shown = _on_diagonal(writer, str(layout.get("diagonal", "")), row_name(key))
            cells.append(shown if to <= at else Cell(()))
        rows.append(tuple(cells))
    return tuple(header), tuple(rows), 1


def _is_square(frame: pd.DataFrame) -> bool:
    return frame.index.nlevels == 1 and list(map(str, frame.index)) == list(map(str, frame.columns))


def _columns(writer: Writer, frame: pd.DataFrame, name: str, layout: Mapping[str, Any]) -> list[str]:
    there = [str(column) for column in frame.columns]
    chosen = list(layout.get("columns", [REST]))
    wanted = {one: _PAIR.split(one) for one in chosen if one != REST}
    absent = {one for one, parts in wanted.items() if not all(_exists(writer, there, part) for part in parts)}
    if missing := sorted(absent - set(layout.get("optional", ()))):
        raise LeadershipStudyError(
            f"layouts/ wants the columns {', '.join(missing)} of {name}, which has {', '.join(there)}."
        )
    named = {part for parts in wanted.values() for part in parts}
    rest = _intervals([column for column in there if column not in named])
    found: list[str] = []
    for one in chosen:
        found += rest if one == REST else [] if one in absent else [one]
    return found


def _exists(writer: Writer, there: list[str], column: str) -> bool:
    if column in there:
        return True
    table, dot, own = column.partition(".")
    return bool(dot) and table in writer.values.tables and own in writer.values.tables[table].columns


def _intervals(columns: list[str]) -> list[str]:
    """Put each ``x_ci_low`` and ``x_ci_high`` into one column."""
    found = []
    for column in columns:
        high = f"{column.removesuffix('low')}high" if column.endswith("ci_low") else ""
        low = f"{column.removesuffix('high')}low" if column.endswith("ci_high") else ""
        if high in columns:
            found.append(f"{column}:{high}")
        elif low not in columns:
            found.append(column)
    return found


def _header(writer: Writer, column: str) -> Spans:
    language = writer.language
    if column in writer.labels:
        return (writer.labels[column],)
    if "±" in column:
        return language.column(column)
    low, colon, _ = column.partition(":")
    if colon and not low.endswith("ci_low"):
        return language.column(column)
    if colon:
        stem = low.removesuffix("ci_low").rstrip("_")
        return (*((*language.column(stem), " ") if stem else ()), interval(writer))
    return language.column(column.rpartition(".")[2])


def interval(writer: Writer) -> str:
    """Return the header of intervals with their level, where the definition gives one."""
    level = writer.values.definition.get("confidence_level")
    if level is None:
        return writer.language.word("interval")
    return f"{plain((writer.values.option('confidence_level', percent=True),))}% {writer.language.word('interval')}"


def _stub_header(language: Language, name: str) -> Spans:
    return language.column(name)


def _words(writer: Writer, word: str, statistic: bool = False, *, narrow: bool = False) -> Spans:
    """Return the words for the name of a row, which names a statistic where there is a column ``value``."""
    if word in writer.names.in_rows:
        return (writer.names.of_row(word, narrow=narrow),)
    if statistic and word not in writer.labels:
        return writer.language.column(word)
    return writer.language.spans(word, writer.labels)


def _level(writer: Writer, variable: str, level: str) -> Spans:
    """Return the words for an answer to the background question that stands beside it, without the question's.

    Of two answers, "a – b", each gets its words.
    """
    rows = writer.names.in_rows
    if f"{variable}[{level}]" not in rows and " – " in level:
        both = [_level(writer, variable, one) for one in level.split(" – ")]
        return (" – ".join(plain(spans) for spans in both),) if all(both) else ()
    if f"{variable}[{level}]" not in rows:
        return ()
    return (
        rows[f"{variable}[{level}]"].removeprefix(f"{rows.get(variable, variable)}{writer.language.word('colon')}"),
    )


def _cell(writer: Writer, table: str, row: str, column: str, bound: float) -> Cell:
    own = _PAIR.split(column)[0] in writer.values.table(table).columns
    if "." in column and not own:
        table, _, column = column.partition(".")
    pair = _PAIR.split(column)
    if len(pair) == 1:
        number = writer.values.number(table, row, column)
        size = number.value
        return Cell(writer.shown(number), muted=own and isinstance(size, float) and abs(size) < bound)
    first, second = (writer.values.number(table, row, end) for end in pair)
    if first.text == second.text == "–":
        return Cell(("–",))
    return Cell((first, " ± ", second) if "±" in column else ("[", first, ", ", second, "]"))


def _said(cell: Cell) -> bool:
    return plain(cell.spans) not in ("", "–")


def _aligned(rows: list[tuple[Cell, ...]], among: list[int]) -> list[tuple[Cell, ...]]:
    """Give whole numbers the decimals of the fractions in their column, where these all have the same."""
    if not rows:
        return rows
    columns = [list(column) for column in zip(*rows, strict=True)]
    for column in (columns[at] for at in among):
        texts = [cell.spans[0].text for cell in column if len(cell.spans) == 1 and isinstance(cell.spans[0], Number)]
        decimals = {len(text.partition(".")[2]) for text in texts if "." in text and not text.startswith("<")}
        same_kind = all(isinstance(_only(cell), float | np.floating) or not _said(cell) for cell in column)
        if len(decimals) != 1 or not same_kind:
            continue
        for at, cell in enumerate(column):
            if len(cell.spans) == 1 and isinstance(span := cell.spans[0], Number) and _DIGITS.match(span.text):
                padded = Number(span.ref, span.value, f"{span.text}.{'0' * decimals.copy().pop()}")
                column[at] = Cell((padded,), cell.muted)
    return [tuple(row) for row in zip(*columns, strict=True)]


def _only(cell: Cell) -> Any:
    span = cell.spans[0] if len(cell.spans) == 1 else None
    return span.value if isinstance(span, Number) else None
