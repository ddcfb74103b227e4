"""Cells that a spreadsheet would run as a formula: protected where we write them, restored where we read them.

A spreadsheet takes a cell of a text file that begins with ``=``, ``+``, ``-`` or ``@`` (or with a tab or a carriage
return, which some programs drop first) for a formula, and a formula can send the table away. In what we write such a
text gets an apostrophe in front, the sign for "this is text"; plain numbers such as ``-2`` stay as they are. A text
that has apostrophes before such a sign already gets one more, so that taking one away always gives back what was there.
"""

import re
from collections.abc import Callable, Iterable

import pandas as pd

_STARTS = re.compile(r"'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PROTECTED = re.compile(r"'+[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]")


def neutral(text: str) -> str:
    """Return ``text`` as it may stand in a table that a spreadsheet opens."""
    if _STARTS.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def restored(text: str) -> str:
    """Return what `neutral` was given."""
    return text[1:] if _PROTECTED.match(text) else text


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with every text cell and header as `neutral` gives it; numbers are untouched."""
    columns = {}
    for name in frame.columns:
        cells = frame[name]
        if not pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
            cells = _mapped(cells, neutral)
        columns[neutral(str(name))] = cells
    return pd.DataFrame(columns, index=frame.index)


def restored_cells(cells: pd.Series) -> tuple[pd.Series, int]:
    """Return the column without the apostrophes of `neutral`, and how many cells had one."""
    protected = cells.str.startswith("'", na=False)
    if not protected.any():
        return cells, 0
    back = _mapped(cells, restored)
    return back, int((back.fillna("") != cells.fillna("")).sum())


def _mapped(cells: pd.Series, change: Callable[[str], str]) -> pd.Series:
    texts = cells.dropna().unique()
    changed = {text: change(text) for text in texts if isinstance(text, str)}
    if all(old == new for old, new in changed.items()):
        return cells
    return cells.map(lambda text: changed.get(text, text), na_action="ignore").astype(cells.dtype)


def live(texts: Iterable[str]) -> list[str]:
    """Return those of ``texts`` that a spreadsheet would run."""
    return [text for text in texts if text and text[0] in "=+-@\t\r" and not _NUMBER.fullmatch(text)]
