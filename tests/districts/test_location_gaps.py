"""Gaps between town and country, and balance over years."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.districts._standard import load_standard
from leadership_study.districts.balance_trend import balance_trend
from leadership_study.districts.location_gaps import location_gaps
from leadership_study.errors import InsufficientDataError, PlanError, ResponseError

AMOUNTS = [indicator.of for indicator in load_standard("2017").indicators]


def county(**columns):
    pupils = np.array([100.0, 200, 300, 400])
    frame = pd.DataFrame(
        {"school": list("ABCD"), "stage": "primary", "pupils": pupils, "location": ["urban", "town", "rural", "rural"]}
        | {name: pupils * 30 for name in AMOUNTS}
    )
    return frame.assign(**columns)


def test_a_gap_by_hand():
    schools = county(sports_area_m2=[1000.0, 1400, 1200, 1600])
    row = location_gaps(schools, standard="2017").gaps.loc[("primary", "sports_area")]
    assert row["town_mean"] == pytest.approx(2400 / 300)
    assert row["country_mean"] == pytest.approx(2800 / 700)
    assert row["ratio"] == pytest.approx(0.5)
    without = [(2800 / 700) / 7, (2800 / 700) / 10, 4 / 8, 4 / 8]
    assert (row["ratio_low"], row["ratio_high"]) == (pytest.approx(min(without)), pytest.approx(max(without)))
    assert row["favours"] == "in_town"
    ratio, share = np.array([8, 4]) / 5.2, np.array([0.3, 0.7])
    between = share @ (ratio * np.log(ratio))
    each, weight = np.array([10, 7, 4, 4]) / 5.2, np.array([0.1, 0.2, 0.3, 0.4])
    assert row["share_between"] == pytest.approx(between / (weight @ (each * np.log(each))))


def test_measures_are_tied_to_the_gaps():
    schools = county(sports_area_m2=[1000.0, 1400, 1200, 1600], backbone_teachers=[1.0, 2, 9, 12])
    found = location_gaps(schools, standard="2017")
    assert len(found.fields) == 7
    assert found.fields.loc["school_conditions", ["country_behind", "town_behind", "largest_gap"]].tolist() == [
        1,
        0,
        "sports_area",
    ]
    assert found.fields.loc["teachers", ["country_behind", "town_behind"]].tolist() == [0, 1]
    assert found.fields.loc[["mechanism", "special_groups", "supervision"], "country_behind"].isna().all()
    assert found.labels("zh")["school_conditions"] == "办学条件"


def test_equal_places_have_no_gap():
    row = location_gaps(county(), standard="2017").gaps.iloc[0]
    assert (row["ratio"], row["favours"]) == (pytest.approx(1), "open")
    assert row["difference"] == pytest.approx(0)


def test_what_cannot_be_compared():
    with pytest.raises(PlanError, match=r"'location' of A"):
        location_gaps(county(location=[None, "town", "rural", "rural"]), standard="2017")
    with pytest.raises(PlanError, match="village"):
        location_gaps(county(), standard="2017", country=["village"])
    with pytest.raises(PlanError, match="no town"):
        location_gaps(county(location="rural"), standard="2017")
    split = county(stage=["primary", "primary", "lower_secondary", "lower_secondary"])
    with pytest.raises(InsufficientDataError, match="no gap"):
        location_gaps(split, standard="2017")


def test_years_are_followed():
    before = county(sports_area_m2=[1000.0, 1400, 1200, 9000], year=2016)
    schools = pd.concat([county(year=2019), before], ignore_index=True)
    found = balance_trend(schools, standard="2017")
    assert list(found.verdicts.index) == [("primary", "2016"), ("primary", "2019")]
    row = found.changes.loc[("primary", "sports_area")]
    assert row["cv_change"] == pytest.approx(-row["cv_first"])
    assert row["towards"] == "even"
    assert found.changes.loc[("primary", "degree"), "towards"] == "open"


def test_problems_of_all_years_have_their_rows():
    schools = pd.concat([county(year=2016), county(year=2019)], ignore_index=True)
    schools.loc[[1, 6], "pupils"] = 0
    with pytest.raises(ResponseError) as caught:
        balance_trend(schools, standard="2017")
    assert [one.row for one in caught.value.problem_list] == [2, 7]
    with pytest.raises(PlanError, match="one year"):
        balance_trend(county(year=2016), standard="2017")
