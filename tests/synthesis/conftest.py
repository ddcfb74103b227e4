"""A small survey whose second dimension is weak, and interviews of six informants by two coders."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.groups import compare_groups
from leadership_study.influences.regression import regress
from leadership_study.influences.repeated import repeated_measures
from leadership_study.interviews import Interviews, read_interviews
from leadership_study.results import Note, NotEstimated, Result

BOOK = """
[[code]]
code = "plans"
dimension = "structural"
level = "head"
kind = "problem"
name = { en = "Late plans", zh = "规划滞后" }
[[code]]
code = "order"
dimension = "structural"
kind = "state"
[[code]]
code = "conflict"
dimension = "political"
kind = "problem"
[[code]]
code = "warmth"
dimension = "interpersonal"
kind = "state"
[[code]]
code = "time"
level = "head"
kind = "cause"
[[code]]
code = "trust"
level = "inside"
kind = "cause"
[[code]]
code = "never_used"
kind = "cause"
[[code]]
code = "calendar"
dimension = "structural"
level = "government"
kind = "measure"
"""
# Who said what: informant → codes; coder B leaves "trust" out.
SAID = {
    1: ("plans", "conflict", "time"),
    2: ("plans", "conflict", "time"),
    3: ("order", "warmth", "trust"),
    4: ("order", "warmth", "time"),
    5: ("order", "warmth", "trust"),
    6: ("order", "warmth", "calendar"),
}


@pytest.fixture(scope="session")
def interviews(tmp_path_factory: pytest.TempPathFactory) -> Interviews:
    folder = tmp_path_factory.mktemp("interviews")
    rows = ["transcript,coder,start,end,code,memo"]
    for number, codes in SAID.items():
        text = "Q: Well?\nT: " + " ".join(f"About {code} said by {number}." for code in codes) + "\n"
        head = f"---\nid: T{number}\nrole: teacher\ndate: 2026-03-0{number}\n---\n"
        (folder / f"t{number}.txt").write_text(head + text, encoding="utf-8")
        for code in codes:
            start = text.index(f"About {code}")
            end = start + len(f"About {code} said by {number}.")
            rows.append(f"T{number},A,{start},{end},{code},")
            if code != "trust":
                rows.append(f"T{number},B,{start + 1},{end},{code},")
    (folder / "codings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "book.toml").write_text(BOOK, encoding="utf-8")
    return read_interviews(folder / "t*.txt", folder / "codings.csv", folder / "book.toml")


@pytest.fixture(scope="session")
def results() -> dict[str, Result]:
    rng = np.random.default_rng(1)
    own = rng.normal(0, 0.5, size=(200, 1))
    scores = own + rng.normal([4.0, 3.4, 4.4, 3.9], 0.4, size=(200, 4))
    data = pd.DataFrame(scores, columns=["structural", "political", "interpersonal", "teaching"])
    data["post"] = np.repeat(["head", "teacher"], 100)
    data["years"] = rng.normal(size=200)
    data["political"] += np.where(data["post"] == "head", 0.5, 0) - 0.25 + 0.3 * data["years"]
    note = Note("constant_outcome", "The outcome has the same value in all {n} rows used.", {"n": 3})
    return {
        "scores": repeated_measures(data[["structural", "political", "interpersonal", "teaching"]]),
        "by_post": compare_groups(data, "political", "post"),
        "years": regress("political ~ years", data),
        "lost": NotEstimated.because(note),
    }
