"""What every analysis returns: numbers, tables, notes and the definition behind them.

A `Result` holds full precision and prints itself as text and HTML; `format_number` is the only place that rounds.
"""

import html
import importlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd


def _named(*statistics: str) -> re.Pattern[str]:
    """Match columns that hold one of ``statistics``: ``alpha`` is in ``alpha_ci_low`` and ``alpha_if_deleted``."""
    return re.compile(f"(^|_)({'|'.join(statistics)})(_|$)")


_AT_MOST_ONE = _named(
    *("alpha", "omega", "spearman_brown", "horst", r"lambda\d", "reliability", "average_variance_extracted"),
    *("r", "correlation", "item_total", "loading", "communality", "communalities", "uniqueness", "uniquenesses"),
    *("kmo", "smc", "fit", "score_rate", "share", "proportion", "cumulative"),
    *("icc", "icc1", "icc2", "rwg", "awg", "r_squared", "semipartial", "rmsea", "cfi", "tli", "srmr", "rmsr", "crms"),
    *("power", "false_positive", "icvi", "s_cvi", "chance_agreement", "kappa", "cvr", "aiken_v"),
)
_TWO_DECIMALS = _named(
    *("mean", "sd", "median", "mad", "skewness", "kurtosis", "minimum_value", "maximum_value", "cut"),
    *("statistic", "chi_square", "f", "critical_ratio", "vif", "gvif", "design_effect", "average_deviation"),
    "smallest_expected",
    *("eigenvalue", "reference", "ss_loadings", "null_variance", "aic", "bic", "sabic"),
)


@dataclass(frozen=True)
class Note:
    """A sentence about a result that readers must see.

    ``id`` is stable and names the translation in ``reporting/languages``; ``text`` is the English sentence with
    ``{placeholders}`` filled from ``values``.
    """

    id: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.render(self.text)

    def render(self, template: str) -> str:
        """Fill ``template`` (this note's sentence in some language) with the values."""
        return template.format(**{name: format_number(value, name) for name, value in self.values.items()})


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """Base of all results.

    ``definition`` names the variant: formula, matrix, n after deletion, missing-data rule, interval. Fields that are
    scalars form the table ``summary``; each DataFrame field is a table of its own, one row a term, index unique.
    """

    definition: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    main: ClassVar[str] = "summary"
    shown_as: ClassVar[Mapping[str, str]] = {}
    """Tables whose columns are items or factors: the statistic that their cells are (``{"loadings": "loading"}``)."""
    aligned: ClassVar[bool] = True
    """Whether rows and columns mean the same in every sample, so that results can be compared; factors do not."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, unrounded."""
        scalars, frames = {}, {}
        for name, value in self._values():
            if isinstance(value, pd.DataFrame):
                frames[name] = value
            elif isinstance(value, pd.Series):
                frames[name] = value.to_frame("value")
            elif value is not None and isinstance(value, bool | int | float | str | np.generic):
                scalars[name] = value
        if scalars:
            summary = pd.DataFrame({"value": pd.Series(scalars, dtype=object)})
            frames = {"summary": summary.rename_axis("statistic"), **frames}
        return frames

    def to_frame(self) -> pd.DataFrame:
        """The main table, tidy and unrounded."""
        return self.tables()[self.main]

    def formatted(self, table: str | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One table (the main one when None) as text, by the one rounding rule; ``columns`` picks some of it."""
        name = self.main if table is None else table
        shown = self._formatted(name, self.tables()[name])
        return shown if columns is None else shown[list(columns)]

    def to_json(self) -> str:
        """The whole result as JSON; `from_json` gives back an equal one."""
        return json.dumps(_encode(self), ensure_ascii=False, allow_nan=False, indent=1) + "\n"

    @staticmethod
    def from_json(text: str) -> "Result":
        """Rebuild a result that `to_json` wrote."""
        result = _decode(json.loads(text))
        if not isinstance(result, Result):
            raise TypeError(f"The JSON holds a {type(result).__name__}, not a Result.")
        return result

    def __str__(self) -> str:
        parts = [_title(type(self).__name__)]
        for name, table in self.tables().items():
            parts.append(f"{_title(name)}\n{self._formatted(name, table).to_string()}")
        if self.definition:
            parts.append("; ".join(f"{key}: {format_number(value, key)}" for key, value in self.definition.items()))
        parts += [f"Note: {note}" for note in self.notes]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        parts = [f"<h4>{html.escape(_title(type(self).__name__))}</h4>"]
        for name, table in self.tables().items():
            parts.append(f"<p><em>{html.escape(_title(name))}</em></p>{_html_table(self._formatted(name, table))}")
        if self.definition:
            card = "; ".join(f"{key}: {format_number(value, key)}" for key, value in self.definition.items())
            parts.append(f"<p><small>{html.escape(card)}</small></p>")
        parts += [f"<p><small>Note: {html.escape(str(note))}</small></p>" for note in self.notes]
        return "".join(parts)

    def _formatted(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        return format_table(table, self.shown_as.get(name))

    def _values(self) -> Iterator[tuple[str, Any]]:
        for entry in fields(self):
            if entry.name not in ("definition", "notes"):
                yield entry.name, getattr(self, entry.name)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class NotEstimated(Result):
    """Stands where a result could not be computed; ``reason`` says why, and the report prints it."""

    reason: Note

    def __str__(self) -> str:
        return f"Not estimated: {self.reason}"

    def _repr_html_(self) -> str:
        return f"<p><strong>Not estimated:</strong> {html.escape(str(self.reason))}</p>"

    @classmethod
    def because(cls, note: Note) -> Self:
        """Make one from the note of an `EstimationError`."""
        return cls(reason=note)


def format_number(value: Any, column: str = "") -> str:
    """Return ``value`` as displays and reports show it: the one rounding rule.

    P values have three decimals and never read 0.000; statistics that cannot exceed 1 in absolute value have three
    decimals and no leading zero; means, standard deviations and test statistics have two decimals; every other
    fraction has three. Whole numbers stay whole.
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if value is None or value is pd.NA:
        return "–"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if not isinstance(value, float | np.floating):
        return str(value)
    number = float(value)
    if math.isnan(number):
        return "–"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    if re.search(r"(^|_)p_value$", column):
        return "< .001" if number < 0.001 else _unzero(f"{number:.3f}")
    if _AT_MOST_ONE.search(column) or column in ("minimum", "maximum"):  # of split-halves
        return _unzero(_signed(f"{number:.3f}"))
    if re.search(r"(^|_)df[12]?$", column):
        return str(int(number)) if number.is_integer() else f"{number:.1f}"
    return _signed(f"{number:.2f}" if _TWO_DECIMALS.search(column) else f"{number:.3f}")


def format_table(table: pd.DataFrame, shown_as: str | None = None) -> pd.DataFrame:
    """Return ``table`` as text; ``shown_as`` names the statistic when the columns are items or factors.

    In a column called ``value`` each row is formatted as the statistic that its index names.
    """
    shown = {}
    for column in table.columns:
        names = table.index if column == "value" else [str(column)] * len(table)
        shown[column] = [format_number(v, shown_as or str(n)) for v, n in zip(table[column], names, strict=True)]
    return pd.DataFrame(shown, index=table.index, dtype=object)


def _unzero(text: str) -> str:
    return text.replace("0.", ".", 1) if text.lstrip("−").startswith("0.") else text


def _signed(text: str) -> str:
    negative = text.startswith("-") and float(text) != 0
    return ("−" if negative else "") + text.removeprefix("-")


def _title(name: str) -> str:
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.replace("_", " ").strip().capitalize()


def _html_table(table: pd.DataFrame) -> str:
    keys = [html.escape(str(name or "")) for name in table.index.names]
    head = "".join(f"<th>{cell}</th>" for cell in [*keys, *(html.escape(str(c)) for c in table.columns)])
    rows = []
    for key, row in zip(table.index, table.to_numpy(), strict=True):
        labels = key if isinstance(key, tuple) else (key,)
        cells = "".join(f"<th>{html.escape(str(label))}</th>" for label in labels)
        cells += "".join(f'<td style="text-align:right">{html.escape(str(cell))}</td>' for cell in row)
        rows.append(f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


# --- JSON: exact, typed, nothing but the package's own classes -------------------------------------------------------

_DTYPES = ("float64", "int64", "Int64", "Float64", "bool", "str", "object")


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if value is pd.NA:
        return {"$na": True}
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else {"$float": repr(number)}
    if isinstance(value, list | tuple):
        return {"$tuple": [_encode(entry) for entry in value]}
    if isinstance(value, np.ndarray):
        return {"$array": _encode(value.tolist())}
    if isinstance(value, pd.Series):
        return {"$series": _encode(value.to_frame("value")), "name": _encode(value.name)}
    if isinstance(value, pd.DataFrame):
        return {"$frame": _encode_frame(value)}
    if isinstance(value, Note):
        return {"$note": [value.id, value.text, _encode(dict(value.values))]}
    if isinstance(value, Result):
        own = {entry.name: _encode(getattr(value, entry.name)) for entry in fields(value)}
        return {"$result": f"{type(value).__module__}:{type(value).__qualname__}", "fields": own}
    if isinstance(value, Mapping):
        return {str(key): _encode(entry) for key, entry in value.items()}
    raise TypeError(f"A Result cannot hold a {type(value).__name__}.")


def _encode_frame(frame: pd.DataFrame) -> dict[str, Any]:
    dtypes = [str(dtype) for dtype in frame.dtypes]
    if bad := sorted(set(dtypes) - set(_DTYPES)):
        raise TypeError(f"A Result's table cannot hold columns of type {', '.join(bad)}.")
    return {
        "index_names": list(frame.index.names),
        "index": [_encode(key) for key in frame.index],
        "columns": [str(column) for column in frame.columns],
        "dtypes": dtypes,
        "data": [[_encode(entry) for entry in frame.iloc[:, at]] for at in range(frame.shape[1])],
    }


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$na": _}:
            return pd.NA
        case {"$float": text}:
            return float(text)
        case {"$tuple": entries}:
            return tuple(_decode(entry) for entry in entries)
        case {"$array": entries}:
            return np.array(_as_lists(_decode(entries)))
        case {"$series": frame, "name": name}:
            return _decode(frame)["value"].rename(_decode(name))
        case {"$frame": frame}:
            return _decode_frame(frame)
        case {"$note": [name, text, values]}:
            return Note(name, text, _decode(values))
        case {"$result": path, "fields": entries}:
            return _result_class(path)(**{name: _decode(entry) for name, entry in entries.items()})
    return {key: _decode(entry) for key, entry in value.items()}


def _as_lists(value: Any) -> Any:
    return [_as_lists(entry) for entry in value] if isinstance(value, tuple) else value


def _decode_frame(frame: dict[str, Any]) -> pd.DataFrame:
    keys, names = [_decode(key) for key in frame["index"]], frame["index_names"]
    index = pd.MultiIndex.from_tuples(keys, names=names) if len(names) > 1 else pd.Index(keys, name=names[0])
    columns = {}
    for name, dtype, data in zip(frame["columns"], frame["dtypes"], frame["data"], strict=True):
        columns[name] = pd.Series([_decode(entry) for entry in data], index=index, dtype=dtype)
    return pd.DataFrame(columns, index=index, columns=frame["columns"])


def _result_class(path: str) -> type[Result]:
    module, _, name = path.partition(":")
    if module.partition(".")[0] != "leadership_study":
        raise TypeError(f"{path!r} is not a result of this package.")
    found = getattr(importlib.import_module(module), name)
    if not (isinstance(found, type) and issubclass(found, Result)):
        raise TypeError(f"{path!r} is not a result of this package.")
    return found
