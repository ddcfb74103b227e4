"""The codebook as CSV: one row a variable, in the order of the data's columns; written only."""

import csv
import io

from leadership_study.instruments.exchange._finish import withheld
from leadership_study.instruments.exchange._form import number_text
from leadership_study.instruments.exchange._variables import Variable, variables
from leadership_study.instruments.model import Instrument, Text
from leadership_study.results import Note

SUFFIX = ".csv"


def write(instrument: Instrument) -> tuple[bytes, tuple[Note, ...]]:
    """Return the codebook as CSV in UTF-8 (with byte order mark, for spreadsheets), and notes.

    Columns: id, part, dimension, composites (of an item), kind, measure, response_scale, values (``1 = …; 2 = …``, in
    each language), reverse_keyed and scored_as (what the scoring makes of an answer x), expected (of attention checks),
    asked_if, missing, and the wording in each language, also about oneself. A missing answer is an empty cell.
    """
    languages = instrument.languages
    header = [
        "id",
        "part",
        "dimension",
        "composites",
        "kind",
        "measure",
        "response_scale",
        "reverse_keyed",
        "scored_as",
        "expected",
        "asked_if",
    ]
    header += ["missing"]
    for language in languages:
        header += [
            f"dimension_label_{language}",
            f"wording_{language}",
            f"self_wording_{language}",
            f"values_{language}",
        ]
    text = io.StringIO()
    table = csv.DictWriter(text, header, restval="", lineterminator="\n")
    table.writeheader()
    for variable in variables(instrument):
        table.writerow(_row(instrument, variable))
    return b"\xef\xbb\xbf" + text.getvalue().encode(), withheld(instrument)


def scored_as(instrument: Instrument, variable: Variable) -> str:
    """Return the formula that turns an answer x of a reverse-keyed item: low + high − x; empty for any other."""
    if not variable.reverse_keyed:
        return ""
    scale = instrument.response_scales[variable.response_scale]
    return f"{number_text(scale.low + scale.high)} - x"


def values_told(variable: Variable, language: str) -> str:
    """Return the values with their labels: ``1 = Strongly disagree; 2 = …``."""
    return "; ".join(_told(value, text, language) for value, text in variable.values)


def _told(value: str, text: Text, language: str) -> str:
    return f"{value} = {text[language]}" if language in text else value


def _row(instrument: Instrument, variable: Variable) -> dict[str, str]:
    row = {
        "id": variable.id,
        "part": variable.part,
        "dimension": variable.dimension,
        "composites": " ".join(entry.id for entry in instrument.composites if variable.dimension in entry.of)
        if variable.part == "item"
        else "",
        "kind": variable.kind,
        "measure": variable.measure,
        "response_scale": variable.response_scale,
        "reverse_keyed": ("yes" if variable.reverse_keyed else "no") if variable.part == "item" else "",
        "scored_as": scored_as(instrument, variable),
        "expected": variable.expected,
        "asked_if": variable.relevant,
        "missing": "empty",
    }
    for language in instrument.languages:
        if variable.dimension:
            row[f"dimension_label_{language}"] = instrument.dimension(variable.dimension).label.get(language, "")
        row[f"wording_{language}"] = variable.text.get(language, "")
        row[f"self_wording_{language}"] = variable.self_text.get(language, "")
        row[f"values_{language}"] = values_told(variable, language)
    return row
