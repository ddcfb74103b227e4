"""The scales of the reference values: their data sets, names and items, keyed as the calls of the references keyed them."""

from functools import cache
from pathlib import Path

import pandas as pd

TESTS = Path(__file__).parents[1]
FILES = {
    "lq2002": TESTS.parent / "data" / "raw" / "lq2002" / "lq2002.csv",
    "bfi": TESTS / "data" / "bfi.csv",
    "holzinger": TESTS / "data" / "holzinger.csv",
}
REVERSE_KEYED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
SCALES = {
    **{
        ("lq2002", name): [f"{prefix}{at:02d}" for at in range(1, k + 1)]
        for name, prefix, k in (("LEAD", "LEAD", 11), ("TSIG", "TSIG", 3), ("HOSTILE", "HOSTIL", 5))
    },
    **{("bfi", name): [f"{name}{at}" for at in range(1, 6)] for name in "ACENO"},
    **{
        ("holzinger", name): [f"x{at}" for at in range(first, first + 3)]
        for name, first in (("visual", 1), ("textual", 4), ("speed", 7))
    },
}
IDS = [".".join(scale) for scale in SCALES]


@cache
def _frame(data_set: str) -> pd.DataFrame:
    frame = pd.read_csv(FILES[data_set])
    if data_set == "bfi":
        frame[REVERSE_KEYED] = 7 - frame[REVERSE_KEYED]
    return frame


def items_of(scale: tuple[str, str]) -> pd.DataFrame:
    """Answers to the items of one scale; those of bfi have gaps."""
    return _frame(scale[0])[SCALES[scale]].copy()
