"""Sentences with references, filled from the results.

A sentence is a string, or a table ``{text, each, cases, list, item, when, empty, source}``. In its text

- ``{mean}`` is a column of the row that ``each`` is at, or else a field of the table ``summary``;
- ``{items/LEAD01/mean}`` is a table, a row and a column; the row may be ``lowest:mean`` or ``highest:mean`` (just
  ``lowest`` for the column shown), and the column ``row`` stands for the row's label;
- ``{=p_value}`` puts "=" before the number, or keeps its "<", and lets no line end there;
- ``{share%}`` is the number as a whole percentage, without its sign;
- ``{n|respondent|respondents}`` is one of two words: for a number that is one, and for others;
- ``{row}`` is the label of the row, ``{row.group}`` of one level of it; ``{rows}`` the rows found by ``list``;
- ``{@items}`` is the number of a table ("Table 3"), ``{:mean}`` the header of a column;
- ``{option.outcome}`` is an option of the block, ``{definition.n}`` a part of the definition, and
  ``{definition.confidence_level%}`` the same as a percentage.

``each`` names a table whose rows give one sentence each: ``text``, or of ``cases`` (each with ``when`` and ``text``)
the first that holds for the row, so that rows keep their order. ``list`` names a table whose rows are enumerated in a
single sentence, each as ``item`` says, or ``empty`` when there are none. ``when`` is one condition or a list that must
all hold: ``column``, ``ref``, ``option`` or ``definition`` with ``is``, ``is_not``, ``present``, ``below``, ``above``,
``not_below``, ``not_above`` or ``beyond`` (in absolute value); a ``column`` may be ``same_as`` another or not
(``differs_from``); ``row = true`` looks at the row's name, which may also contain something (``has``, ``has_not``);
``table`` asks with ``present`` whether a table has rows, with ``rows_above`` or ``rows_below`` how many.
What a text refers to must exist: a missing one is an error, never a blank.

Digits are for references; a sentence with a criterion in it names its ``source``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from leadership_study.errors import LeadershipStudyError
from leadership_study.reporting.languages import Language, markup
from leadership_study.reporting.lookup import Values, row_name, whole_percent
from leadership_study.reporting.naming import Names
from leadership_study.reporting.parts import Number, Paragraph, Span, Spans

_TOKEN = re.compile(r"\{([^{}]+)\}")
_KEYS = frozenset({"text", "each", "cases", "list", "item", "when", "empty", "source"})
_NO_BREAK = "\u00a0"


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Fills the sentences of one block; the rows of its tables are called by ``names``, or else by ``labels``."""

    values: Values
    language: Language
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    options: Mapping[str, Any] = field(default_factory=dict)
    numbered: Mapping[str, str] = field(default_factory=dict)

    def paragraphs(self, groups: Sequence[Mapping[str, Any]]) -> tuple[Paragraph, ...]:
        """Write paragraphs, each a table with ``sentences``; one without any sentence left is not there.

        With ``apart = true`` every sentence is a paragraph of its own.
        """
        found = []
        for group in groups:
            written = [one for sentence in group["sentences"] for one in self.sentence(sentence)]
            if group.get("apart", False):
                found += [Paragraph(tuple(one)) for one in written]
            elif written:
                spans = list(written[0])
                for one in written[1:]:
                    spans += [self.language.word("space"), *one]
                found.append(Paragraph(tuple(spans)))
        return tuple(found)

    def sentence(self, sentence: str | Mapping[str, Any]) -> list[list[Span]]:
        """Write one sentence: none when its condition fails, several when it goes through the rows of a table."""
        if isinstance(sentence, str):
            return [self.fill(sentence)]
        if extra := sorted(set(sentence) - _KEYS):
            raise LeadershipStudyError(f"A sentence has the unknown keys {', '.join(extra)}: {sentence.get('text')!r}.")
        conditions = sentence.get("when", [])
        conditions = [conditions] if isinstance(conditions, dict) else conditions
        general = [one for one in conditions if not {"column", "row"} & set(one)]
        if not all(self._holds(one, None, None) for one in general):
            return []
        rows = [one for one in conditions if "column" in one or "row" in one]
        if "list" in sentence:
            return self._list(sentence, rows)
        if "each" not in sentence:
            return [self.fill(sentence["text"])]
        found = []
        for row in self._rows(sentence["each"], rows):
            text = self._case(sentence["cases"], sentence["each"], row) if "cases" in sentence else sentence["text"]
            found += [] if text is None else [self.fill(text, sentence["each"], row)]
        return found

    def fill(self, text: str, table: str | None = None, row: str | None = None, rows: Spans = ()) -> list[Span]:
        """Replace the references of ``text``."""
        spans: list[Span] = []
        at = 0
        for token in _TOKEN.finditer(text):
            before = text[at : token.start()]
            if token[1].startswith("=") and before.endswith(" "):
                before = before[:-1] + _NO_BREAK
            spans += markup(before)
            spans += rows if token[1] == "rows" else self._token(token[1], table, row)
            at = token.end()
        return [*spans, *markup(text[at:])]

    def shown(self, number: Number) -> Spans:
        """Return a stored value as shown: words translated, numbers bound."""
        if isinstance(number.value, bool | np.bool_):
            return markup(self.language.word("yes" if number.value else "no"))
        if isinstance(number.value, str):
            return self.language.spans(number.value, self.labels)
        return (number,)

    def label(self, table: str, row: str, level: str | None = None) -> str:
        """Return the label of a row, or of one level of it."""
        index = self.values.table(table).index
        key = index[[row_name(entry) for entry in index].index(row)]
        parts = key if isinstance(key, tuple) else (key,)
        if level is not None:
            if level not in index.names:
                raise LeadershipStudyError(f"The rows of {self.values.block}.{table} have no level {level!r}.")
            parts = (parts[index.names.index(level)],)
        joint = self.language.word("within" if index.names[0] == "dimension" else "comma")
        return joint.join(self.language.term(str(part), self.labels) for part in parts)

    def _case(self, cases: Sequence[Mapping[str, Any]], table: str, row: str) -> str | None:
        """Return the text of the first case that holds for a row."""
        for case in cases:
            conditions = case.get("when", [])
            conditions = [conditions] if isinstance(conditions, dict) else conditions
            if all(self._holds(one, table, row) for one in conditions):
                return str(case["text"])
        return None

    def _rows(self, table: str, conditions: Sequence[Mapping[str, Any]]) -> list[str]:
        rows = [row_name(key) for key in self.values.table(table).index]
        return [row for row in rows if all(self._holds(one, table, row) for one in conditions)]

    def _list(self, sentence: Mapping[str, Any], conditions: Sequence[Mapping[str, Any]]) -> list[list[Span]]:
        table = sentence["list"]
        rows = self._rows(table, conditions)
        if not rows:
            return [self.fill(sentence["empty"])] if "empty" in sentence else []
        spans: list[Span] = []
        for at, row in enumerate(rows):
            if at:
                spans.append(self.language.word("and" if at == len(rows) - 1 else "comma"))
            spans += self.fill(sentence.get("item", "{row}"), table, row)
        return [self.fill(sentence["text"], rows=tuple(spans))]

    def _token(self, token: str, table: str | None, row: str | None) -> Spans:
        if "|" in token:
            counted, one, several = token.split("|")
            spans = self._token(counted, table, row)
            return (one if isinstance(spans[0], Number) and spans[0].value == 1 else several,)
        if token.startswith(":"):
            return self.language.column(token[1:])
        if token.startswith("@"):
            if token[1:] not in self.numbered:
                raise LeadershipStudyError(f"The report of {self.values.block!r} shows no table {token[1:]!r}.")
            return (self.numbered[token[1:]],)
        if token.startswith("="):
            spans = self._token(token[1:], table, row)
            bound = len(spans) == 1 and isinstance(spans[0], Number) and spans[0].text.startswith("<")
            return spans if bound else (f"={_NO_BREAK}", *spans)
        if token.startswith("definition."):
            key = token.removeprefix("definition.")
            return self.shown(self.values.option(key.removesuffix("%"), percent=key.endswith("%")))
        if token.startswith("option."):
            return (self._option(token.removeprefix("option.")),)
        if token == "row" or token.startswith("row."):
            if table is None or row is None:
                raise LeadershipStudyError("'{row}' stands in a sentence without 'each' or 'list'.")
            return (self.label(table, row, token[4:] or None),)
        if token.endswith("%"):
            (span,) = self._value(token[:-1], table, row)
            if not isinstance(span, Number):
                raise LeadershipStudyError(f"{token!r} is not a number of {self.values.block!r}.")
            return (Number(span.ref, span.value, whole_percent(span.value)),)
        return self._value(token, table, row)

    def _value(self, token: str, table: str | None, row: str | None) -> Spans:
        if "/" in token:
            table, rest = token.split("/", 1)
            row, column = rest.rsplit("/", 1)
            row = self._extreme(table, row, column)
            return (self.label(table, row),) if column == "row" else self.shown(self.values.number(table, row, column))
        if table is not None and row is not None:
            return self.shown(self.values.number(table, row, token))
        return self.shown(self.values.number("summary", token, "value"))

    def _extreme(self, table: str, row: str, column: str) -> str:
        which, _, by = row.partition(":")
        if which not in ("lowest", "highest"):
            return row
        frame = self.values.table(table)
        if (by or column) not in frame.columns:
            place = f"{self.values.block}.{table}"
            raise LeadershipStudyError(f"{place} has no column {by or column!r} to find {row!r} by.")
        numbers = pd.to_numeric(frame[by or column]).dropna()
        if numbers.empty:
            return row_name(frame.index[0])
        return row_name(numbers.idxmin() if which == "lowest" else numbers.idxmax())

    def _option(self, name: str) -> str:
        if name not in self.options:
            raise LeadershipStudyError(f"The block {self.values.block!r} has no option {name!r}.")
        value = self.options[name]
        if isinstance(value, list | tuple):
            return self.language.listed(self.language.term(str(entry), self.labels) for entry in value)
        return self.language.term(str(value), self.labels)

    def _holds(self, condition: Mapping[str, Any], table: str | None, row: str | None) -> bool:
        if "table" in condition:
            rows = len(self.values.tables.get(condition["table"], ()))
            enough = rows > condition.get("rows_above", -1) and rows < condition.get("rows_below", np.inf)
            asked = "present" in condition or not {"rows_above", "rows_below"} & set(condition)
            return enough and (not asked or (rows > 0) is bool(condition.get("present", True)))
        value: Any
        if "row" in condition:
            value = row
        elif "option" in condition:
            value = self.options.get(condition["option"])
        elif "definition" in condition:
            value = self.values.definition.get(condition["definition"])
        elif "ref" in condition:
            at, rest = condition["ref"].split("/", 1)
            name, column = rest.rsplit("/", 1)
            value = self.values.value(at, self._extreme(at, name, column), column)
        elif table is not None and row is not None:
            value = self.values.value(table, row, condition["column"])
            for key in ("same_as", "differs_from"):
                if key in condition:
                    return bool(value == self.values.value(table, row, condition[key])) is (key == "same_as")
        else:
            raise LeadershipStudyError(f"The condition {dict(condition)!r} names nothing to look at.")
        return _test(condition, value)


def _test(condition: Mapping[str, Any], value: Any) -> bool:
    absent = value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
    if "present" in condition:
        return absent != bool(condition["present"])
    if "is" in condition:
        return not absent and (value.item() if isinstance(value, np.generic) else value) in condition["is"]
    if "is_not" in condition:
        return absent or (value.item() if isinstance(value, np.generic) else value) not in condition["is_not"]
    if "has" in condition:
        return condition["has"] in str(value)
    if "has_not" in condition:
        return condition["has_not"] not in str(value)
    if "below" in condition:
        return not absent and bool(value < condition["below"])
    if "above" in condition:
        return not absent and bool(value > condition["above"])
    if "not_below" in condition:
        return not absent and bool(value >= condition["not_below"])
    if "not_above" in condition:
        return not absent and bool(value <= condition["not_above"])
    if "beyond" in condition:
        return not absent and bool(abs(value) > condition["beyond"])
    raise LeadershipStudyError(f"The condition {dict(condition)!r} asks nothing.")
