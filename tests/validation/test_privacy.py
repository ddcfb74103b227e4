"""Who would be known by background answers, and what makes them unknown."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.results import Result
from leadership_study.validation.privacy import OTHER, coarsen, k_anonymity

KINDS = {"gender": "nominal", "subject": "nominal", "age": "number", "years": "ordinal"}
YEARS = ["0-5", "6-10", "11-15", "16+"]


def teachers(n=400, seed=1):
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "gender": draw.choice(["female", "male"], n),
            "subject": draw.choice(list("abcdef"), n, p=[0.4, 0.3, 0.1, 0.1, 0.08, 0.02]),
            "age": draw.integers(22, 60, n).astype(float),
            "years": draw.choice(YEARS, n),
        }
    )
    frame["age"] = frame["age"].mask(draw.random(n) < 0.015)
    frame["years"] = frame["years"].mask(draw.random(n) < 0.015)
    return frame


def sizes(frame):
    """Independent of the package: cells counted as tuples."""
    return Counter(tuple(None if pd.isna(value) else value for value in row) for row in frame.to_numpy().tolist())


def test_cells_are_those_that_counting_finds():
    frame = teachers()
    found = k_anonymity(frame, k=4)
    counted = sizes(frame)
    small = {cell: n for cell, n in counted.items() if n < 4}
    assert (found.k, found.n, found.below) == (min(counted.values()), 400, sum(small.values()))
    assert len(found.cells) == len(small)
    assert found.cells["n"].is_monotonic_increasing
    shown = Counter(tuple(row) for row in found.cells[["gender", "subject", "years", "n"]].to_numpy().tolist())
    wanted = Counter((g, s, "–" if y is None else y, n) for (g, s, _, y), n in small.items())
    assert shown == wanted
    for name in frame:
        others = sizes(frame.drop(columns=name))
        assert found.variables.loc[name, "below_without"] == sum(n for n in others.values() if n < 4)
        assert found.variables.loc[name, "rarest"] == frame[name].value_counts(dropna=False).min()
    assert Result.from_json(found.to_json()).cells.equals(found.cells)


def test_a_cell_of_one_school_tells_the_school():
    frame = pd.DataFrame({"post": ["head", "head", "teacher", "teacher"], "school": ["x", "x", "x", "y"]})
    found = k_anonymity(frame, k=3, sensitive="school")
    assert found.cells.set_index("post")["different"].to_dict() == {"head": 1, "teacher": 2}


@pytest.mark.parametrize("k", [2, 5, 20, 100])
def test_coarsening_reaches_every_k(k):
    frame = teachers()
    found = coarsen(frame, KINDS, k=k, levels={"years": YEARS})
    assert min(sizes(found.frame).values()) == found.k >= k
    assert found.frame.index.equals(frame.index)
    assert list(found.frame) == list(frame)


def test_levels_are_joined_as_their_kind_allows():
    frame = teachers()
    found = coarsen(frame, {"subject": "nominal", "age": "number", "years": "ordinal"}, k=7, levels={"years": YEARS})
    assert not found.dropped
    holds = found.levels["years"]
    gone = found.frame.isna().all(axis="columns")
    assert gone.sum() >= found.suppressed >= 7
    assert found.suppressed <= 0.05 * len(frame)
    frame, found = frame[~gone], replace(found, frame=found.frame[~gone])
    places = [[YEARS.index(value) for value in values] for values in holds.values()]
    assert [at for part in places for at in part] == [0, 1, 2, 3], "neighbours only, in order, none lost"
    for new, olds in holds.items():
        assert set(frame.loc[found.frame["years"] == new, "years"]) == set(olds)
    rare = list(found.levels["subject"][OTHER])
    counts = frame["subject"].value_counts()
    assert counts[rare].max() <= counts.drop(rare).min()
    ages = pd.DataFrame({"old": frame["age"], "new": found.frame["age"]}).dropna().sort_values("old")
    assert ages["new"].is_monotonic_increasing
    assert (ages.groupby("new")["old"].mean() - ages["new"].unique()).abs().max() < 0.5
    missing = {name: frame[name].isna() for name in found.frame}
    assert all(found.frame[name].isna().equals(where) for name, where in missing.items())


def test_nothing_is_changed_without_need_and_no_step_is_needless():
    frame = teachers()
    already = coarsen(frame, KINDS, k=1, levels={"years": YEARS})
    assert already.steps.empty
    assert already.levels == {}
    pd.testing.assert_frame_equal(already.frame, frame, check_dtype=False)
    exact = coarsen(frame, KINDS, k=5, levels={"years": YEARS}, suppress=0.0)
    assert exact.suppressed == 0
    for name in set(exact.steps["variable"]):
        restored = exact.frame.assign(**{name: frame[name]})
        assert min(sizes(restored).values()) < 5, f"{name} could have stayed as it was"


def test_the_order_of_rows_makes_no_difference():
    frame = teachers()
    shuffled = frame.sample(frac=1, random_state=3)
    first = coarsen(frame, KINDS, k=6, levels={"years": YEARS})
    second = coarsen(shuffled, KINDS, k=6, levels={"years": YEARS})
    pd.testing.assert_frame_equal(first.frame, second.frame.loc[frame.index])
    pd.testing.assert_frame_equal(first.steps, second.steps)


def test_what_analyses_need_is_kept_longest():
    frame = teachers()
    for name, other in itertools.permutations(["gender", "subject", "age", "years"], 2):
        found = coarsen(frame, KINDS, k=3, levels={"years": YEARS}, keep=[name])
        if name in set(found.steps["variable"]):
            assert other in found.dropped, f"{name} was changed while {other} was left"


def test_lost_is_the_share_of_entropy():
    frame = pd.DataFrame({"x": list("aaaabbccde")})
    found = coarsen(frame, {"x": "nominal"}, k=2, suppress=0.0)
    assert found.levels["x"] == {"a": ("a",), "b": ("b",), "c": ("c",), OTHER: ("d", "e")}
    before = -(0.4 * np.log2(0.4) + 0.4 * np.log2(0.2) + 0.2 * np.log2(0.1))
    after = -(0.4 * np.log2(0.4) + 0.6 * np.log2(0.2))
    assert found.steps["lost"].iloc[-1] == pytest.approx(1 - after / before)


def test_users_mistakes_are_told():
    frame = teachers(20)
    with pytest.raises(ValueError, match=r"gendre.*gender"):
        k_anonymity(frame, ["gendre"])
    with pytest.raises(ValueError, match="'k' parameter"):
        k_anonymity(frame, k=0)
    with pytest.raises(ValueError, match="kind"):
        coarsen(frame, {"gender": "nominl"}, k=2)
    with pytest.raises(InsufficientDataError, match="20 respondents"):
        coarsen(frame, KINDS, k=21)
    with pytest.raises(InsufficientDataError):
        k_anonymity(frame[[]])
