"""Consistency inside and between groups, and the reliability of their means."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.rater_agreement import rater_agreement
from leadership_study.measurement._group_level import COLUMNS, group_levels
from leadership_study.measurement.reliability import run


def nested(heads=30, schools=4, raters=8, *, head=0.5, school=0.4, seed=1):
    random = np.random.default_rng(seed)
    code = np.repeat(np.arange(heads * schools), raters)
    common = (
        np.repeat(random.normal(size=heads), schools * raters) * head
        + np.repeat(random.normal(size=heads * schools), raters) * school
        + random.normal(size=len(code)) * 0.6
    )
    items = pd.DataFrame(common[:, None] + random.normal(size=(len(code), 5)) * 0.8, columns=list("abcde"))
    # Every district numbers its schools anew.
    groups = pd.DataFrame({"school": [f"s{at % schools}" for at in code], "head": [f"h{at // schools}" for at in code]})
    return items, groups


def test_planted_shares_are_found():
    items, groups = nested(heads=150)
    found = group_levels(items, groups)
    rows = pd.DataFrame.from_dict(found.rows, orient="index", columns=list(COLUMNS))
    assert rows["n_groups"].tolist() == [600, 150]
    total = 0.25 + 0.16 + 0.36 + 0.64 / 5
    assert rows.loc["school", "icc1"] == pytest.approx(0.41 / total, abs=0.06)
    assert rows.loc["head", "icc1"] == pytest.approx(0.25 / total, abs=0.06)
    mean = 0.25 + 0.16 / 4 + (0.36 + 0.64 / 5) / 32
    assert rows.loc["head", "reliability"] == pytest.approx(0.25 / mean, abs=0.05)
    # Inside schools 5 items with true variance .36 and errors of .64; between them the errors are gone.
    assert rows.loc["school", "alpha_within"] == pytest.approx(5 * 0.36 / (5 * 0.36 + 0.64), abs=0.02)
    assert rows.loc["school", "alpha_between"] == pytest.approx(1, abs=0.02)


def test_reliability_of_a_head_is_that_of_rater_agreement():
    items, groups = nested()
    found = group_levels(items, groups)
    units = groups["head"] + "/" + groups["school"]
    data = items.assign(school=units, head=groups["head"])
    other = rater_agreement(data, "head", scale=(-9, 9), nested_in=("school",))
    at = list(COLUMNS).index("reliability")
    assert found.rows["head"][at] == pytest.approx(other.reliability, abs=1e-6)


def test_groups_that_do_not_differ_have_no_consistency_between_them():
    items, groups = nested(head=0, school=0, seed=3)
    rows = pd.DataFrame.from_dict(group_levels(items, groups).rows, orient="index", columns=list(COLUMNS))
    assert rows.loc["head", "reliability"] < 0.3
    assert rows["alpha_within"].between(0.6, 0.8).all()


def test_one_group_is_told_not_computed():
    items, groups = nested()
    found = group_levels(items, groups.assign(head="h0", school="s0"))
    assert found.rows == {}
    assert {note.id for note in found.notes} == {"group_level_left_out"}


def test_the_table_stands_beside_alpha(scored_lq2002):
    found = run(scored_lq2002)
    assert found.levels.index.tolist() == [(dimension, "company") for dimension in found.table.index]
    assert found.levels["reliability"].between(0, 1).all()
