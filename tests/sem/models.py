"""Models and data behind the values from R."""

from functools import cache
from pathlib import Path

import pandas as pd

TESTS = Path(__file__).parents[1]
SCALES = {
    "lq2002": {
        "LEAD": [f"LEAD{at:02d}" for at in range(1, 12)],
        "TSIG": ["TSIG01", "TSIG02", "TSIG03"],
        "HOSTILE": [f"HOSTIL{at:02d}" for at in range(1, 6)],
    },
    "bfi": {scale: [f"{scale}{at}" for at in range(1, 6)] for scale in "ACENO"},
    "holzinger": {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]},
}
SPECIFIC = {
    "lq2002": {"LEAD": "sL", "TSIG": "sT", "HOSTILE": "sH"},
    "bfi": {scale: f"s{scale}" for scale in "ACENO"},
    "holzinger": {"visual": "sv", "textual": "st", "speed": "ss"},
}
MEDIATION = "TSIG ~ a*LEAD\nHOSTILE ~ b*TSIG + cp*LEAD\nind := a*b\ntotal := cp + a*b"


@cache
def data(name: str) -> pd.DataFrame:
    raw = TESTS.parent / "data" / "raw" / name / f"{name}.csv"
    path = raw if raw.exists() else TESTS / "data" / f"{name}.csv"
    found = pd.read_csv(path)
    if name == "bfi":
        turned = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
        found[turned] = 7 - found[turned]
    return found


@cache
def with_gaps() -> pd.DataFrame:
    """Holzinger with missing values made by a fixed rule."""
    found = data("holzinger").copy()
    age = found["ageyr"] + found["agemo"] / 12
    found["x5"] = found["x5"].mask(found["x5"] <= found["x5"].quantile(0.3))
    found["x9"] = found["x9"].mask(age <= age.quantile(0.3))
    return found


@cache
def scale_means() -> pd.DataFrame:
    rows = data("lq2002")
    found = pd.DataFrame({scale: rows[items].mean(axis=1) for scale, items in SCALES["lq2002"].items()})
    return found.assign(COMPID=rows["COMPID"])


def items(name: str) -> list[str]:
    return [item for scale in SCALES[name].values() for item in scale]


def measured(factor: str, indicators: list[str], modifier: str = "") -> str:
    return f"{factor} =~ {' + '.join(modifier + item for item in indicators)}"


def correlated(name: str) -> str:
    return "\n".join(measured(factor, own) for factor, own in SCALES[name].items())


def second_order(name: str) -> str:
    return f"{correlated(name)}\ng =~ {' + '.join(SCALES[name])}"


def bifactor(name: str) -> str:
    own = [measured(SPECIFIC[name][factor], indicators) for factor, indicators in SCALES[name].items()]
    return "\n".join([measured("g", items(name)), *own])


def one_factor(name: str) -> str:
    return measured("G", items(name))


def method_factor(name: str, modifier: str = "") -> str:
    apart = " + ".join(f"0*{factor}" for factor in SCALES[name])
    return f"{correlated(name)}\n{measured('M', items(name), modifier)}\nM ~~ {apart}"
