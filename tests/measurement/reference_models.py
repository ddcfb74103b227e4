"""Data, scales and models behind the values from R, and how its tables are read."""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[2]
DATA = {
    "bfi": ROOT / "data" / "raw" / "bfi" / "bfi.csv",
    "holzinger": ROOT / "tests" / "data" / "holzinger.csv",
    "lq2002": ROOT / "data" / "raw" / "lq2002" / "lq2002.csv",
}
SCALES = {
    "bfi": {scale: [f"{scale}{k}" for k in range(1, 6)] for scale in "ACENO"},
    "holzinger": {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]},
    "lq2002": {
        "LEAD": [f"LEAD{k:02d}" for k in range(1, 12)],
        "TSIG": [f"TSIG{k:02d}" for k in range(1, 4)],
        "HOSTILE": [f"HOSTIL{k:02d}" for k in range(1, 6)],
    },
}


@cache
def _data(name: str) -> pd.DataFrame:
    frame = pd.read_csv(DATA[name])
    if name == "bfi":
        turned = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
        frame[turned] = 7 - frame[turned]
    return frame


def data_of(name: str) -> pd.DataFrame:
    """The raw rows, reverse-keyed items turned."""
    return _data(name).copy()


def items_of(name: str) -> list[str]:
    return [item for items in SCALES[name].values() for item in items]


def model_text(name: str) -> str:
    return "\n".join(f"{factor} =~ {' + '.join(items)}" for factor, items in SCALES[name].items())


def frame_of(matrix: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(matrix["data"], index=matrix["rows"], columns=matrix["cols"], dtype=float)


_WORDS = {
    ".": "_", "chisq": "chi_square", "pvalue": "p_value", "nomean": "no_mean", "notclose": "not_close",
    "ci_lower": "ci_low", "ci_upper": "ci_high",
}  # fmt: skip
_NAMES = {
    "npar": "n_parameters", "fmin": "minimum", "chisq": "chi_square", "logl": "log_likelihood", "ntotal": "n",
    "unrestricted.logl": "unrestricted_log_likelihood", "bic2": "sabic",
}  # fmt: skip
_GIVEN = ("rmsea.ci.level", "rmsea.close.h0", "rmsea.notclose.h0")


def fit_values(fit: dict[str, Any]) -> dict[str, float | None]:
    """lavaan's fit measures by the package's names, without those that only repeat what was asked for."""
    found = {}
    for name, value in fit.items():
        if name in _GIVEN:
            continue
        own = name
        for old, new in _WORDS.items():
            own = own.replace(old, new)
        found[_NAMES.get(name, own)] = value
    return found
