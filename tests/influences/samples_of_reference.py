"""The scores that the reference values from R were computed from."""

from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]


def raw(name: str) -> pd.DataFrame:
    """Answers as they are: of ``bfi`` or ``holzinger``."""
    homes = {"bfi": ROOT / "data" / "raw" / "bfi" / "bfi.csv", "holzinger": ROOT / "tests" / "data" / "holzinger.csv"}
    return pd.read_csv(homes[name])


def bfi() -> pd.DataFrame:
    """Scale means over the answers that are there, with background: R's ``sc``."""
    data = pd.read_csv(ROOT / "data" / "raw" / "bfi" / "bfi.csv")
    for item in ("A1", "C4", "C5", "E1", "E2", "O2", "O5"):
        data[item] = 7 - data[item]
    scores = pd.DataFrame({s: data[[f"{s}{at}" for at in range(1, 6)]].mean(axis=1) for s in "ACENO"})
    return scores.assign(gender=data["gender"], education=data["education"], age=data["age"])


def bfi_items(scale: str) -> pd.DataFrame:
    """Keyed items of a scale."""
    data = pd.read_csv(ROOT / "data" / "raw" / "bfi" / "bfi.csv")
    for item in ("A1", "C4", "C5", "E1", "E2", "O2", "O5"):
        data[item] = 7 - data[item]
    return data[[f"{scale}{at}" for at in range(1, 6)]]


def lq2002() -> pd.DataFrame:
    """Scale means of lq2002, with companies, their sizes in three classes, and halves of the rows: R's ``d2``."""
    data = pd.read_csv(ROOT / "data" / "raw" / "lq2002" / "lq2002.csv")
    scores = pd.DataFrame(
        {
            "COMPID": data["COMPID"],
            "SUB": data["SUB"],
            "LEAD": data[[f"LEAD{at:02d}" for at in range(1, 12)]].mean(axis=1),
            "TSIG": data[[f"TSIG{at:02d}" for at in range(1, 4)]].mean(axis=1),
            "HOSTILE": data[[f"HOSTIL{at:02d}" for at in range(1, 6)]].mean(axis=1),
        }
    )
    size = data.groupby("COMPID")["SUB"].transform("size")
    classes = pd.cut(size, [0, 40, 70, float("inf")], labels=["small", "medium", "large"])
    return scores.assign(SIZE3=classes, HALF=(data["SUB"] > 1021).astype(int) + 1)
