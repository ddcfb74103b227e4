"""Checks on reported figures: what cannot be is found, and nothing is claimed that totals cannot carry."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.districts.reported_figures import check, check_figures
from leadership_study.errors import InsufficientDataError, PlanError, ResponseError

REPORT = Path(__file__).parents[2] / "data" / "raw" / "jiajiang_2017" / "county_report.csv"


@pytest.fixture(scope="module")
def report():
    return pd.read_csv(REPORT, dtype=str)


def figures(*rows):
    return pd.DataFrame(list(rows))


def test_the_county_report_adds_up_and_carries_no_coefficient_of_variation(report):
    found = check_figures(report)
    assert found.sums["reported"].tolist() == [44, 1719, 17551]
    assert (found.sums["verdict"] == "adds_up").all()
    assert found.ratios.loc[("primary", "pupils_per_teacher"), "value"] == pytest.approx(11488 / 971)
    assert found.ratios.loc[("all", "share_of_schools_reaching"), "value"] == pytest.approx(42 / 44)
    assert found.classes["classes"].to_dict() == {"all": 352, "primary": 230, "lower_secondary": 122}
    assert not found.support["cv_possible"].any()
    assert not found.claims.loc[
        ["coefficient_of_variation", "verdict_by_standard", "town_and_country", "trend"], "carried"
    ].any()
    assert {note.id for note in found.notes} == {"totals_have_no_variation", "figures_without_stage"}
    assert "unknown" not in found.ratios.index.get_level_values("stage")
    assert found.labels("zh")["teachers"] == "教师总数"


def test_a_report_with_a_slip_is_found(report):
    wrong = report.assign(value=report["value"].where(report["figure"] != "teachers_primary", "917"))
    found = check_figures(wrong)
    assert found.sums.loc[("teachers", "stage"), ["difference", "verdict"]].tolist() == [-54, "does_not_add_up"]
    assert ("sums", "teachers", "stage") in found.doubts.index


def test_ratios_that_cannot_be():
    found = check_figures(
        figures(
            {"figure": "a", "quantity": "pupils", "value": "1000"},
            {"figure": "b", "quantity": "teachers", "value": "6"},
            {"figure": "c", "quantity": "schools", "value": "10"},
            {"figure": "d", "quantity": "schools_reaching", "value": "11"},
            {"figure": "e", "quantity": "land_m2", "value": "0.5"},
        )
    )
    doubtful = set(found.doubts.index.get_level_values("what"))
    assert doubtful == {"pupils_per_teacher", "teachers_per_school", "share_of_schools_reaching", "land_per_pupil"}


def test_changes_between_years():
    rows = [("2015", 1000), ("2016", 1000), ("2017", 2500), ("2019", 2600)]
    found = check_figures(
        figures(*({"figure": f"p{y}", "quantity": "pupils", "year": y, "value": str(v)} for y, v in rows))
    ).changes.droplevel(["stage", "quantity"])
    assert found["verdict"].to_dict() == {"2015–2016": "unchanged", "2016–2017": "doubtful", "2017–2019": "possible"}
    assert found.loc["2017–2019", "yearly_change"] == pytest.approx((2600 / 2500) ** 0.5 - 1)


def test_round_digits_pile_up():
    random = np.random.default_rng(3)
    honest = random.integers(100, 999, size=60)
    table = pd.DataFrame(
        {"school": [f"S{at}" for at in range(60)], "stage": "primary", "pupils": honest, "books": honest // 5 * 5}
    )
    found = check_figures(schools=table).digits
    assert found.loc["pupils", "verdict"] == "not_heaped"
    assert found.loc["books", ["share_heaped", "verdict"]].tolist() == [1.0, "heaped"]


def test_single_schools_are_checked_too():
    table = pd.DataFrame({"school": ["A", "B"], "stage": "primary", "pupils": [500, 400], "teachers": [30, 25],
                          "backbone_teachers": [5, 26]})  # fmt: skip
    found = check_figures(schools=table)
    assert list(found.doubts.index) == [("school_ratios", "B, primary", "share_backbone")]


def test_what_is_no_figure_is_refused_at_once():
    table = figures(
        {"figure": "a", "value": "ten", "bound": "exact", "part_of": ""},
        {"figure": "a", "value": "-1", "bound": "about", "part_of": "z"},
    )
    with pytest.raises(ResponseError) as caught:
        check_figures(table)
    assert {one.rule for one in caught.value.problem_list} == {
        "figure_name", "not_a_number", "impossible_amount", "unknown_bound", "unknown_total"
    }  # fmt: skip


def test_a_plan_names_a_table():
    with pytest.raises(PlanError, match="figures"):
        check(standard="2017", bounds="plausible")
    with pytest.raises(PlanError, match="plausible"):
        check(figures="a.csv", standard="2017", bounds="plausibel")


def test_rooms_may_stay_what_they_are_and_a_pupil_count_may_not():
    rows = [(year, name) for year in ("2016", "2017") for name in ("building_m2", "pupils")]
    found = check_figures(
        figures(*({"figure": f"{name}{year}", "quantity": name, "year": year, "value": "9431"} for year, name in rows))
    ).changes.droplevel(["stage", "years"])
    assert found["verdict"].to_dict() == {"building_m2": "possible", "pupils": "unchanged"}


def test_the_totals_of_a_report_are_held_against_its_schools():
    schools = pd.DataFrame({"school": ["A", "B"], "stage": ["primary", "nine_year"], "pupils": [500, 400]})
    report = figures(
        {"figure": "n", "quantity": "schools", "value": "2"}, {"figure": "p", "quantity": "pupils", "value": "990"},
        {"figure": "t", "quantity": "teachers", "value": "60"},
    )  # fmt: skip
    found = check_figures(report, schools).sums.droplevel("partition")
    assert found["difference"].to_dict() == {"n": 0, "p": -90}
    assert found.loc["p", "verdict"] == "does_not_add_up"


def test_a_school_of_two_stages_has_a_value_for_each():
    random = np.random.default_rng(2)
    table = pd.DataFrame({"school": list("abc"), "stage": ["primary", "nine_year", "primary"], "pupils": 400})
    table = table.assign(teaching_area_m2=random.integers(2001, 2999, 3), sports_area_m2=[3000, None, 2000])
    found = check_figures(schools=table).support
    assert found.loc[("primary", "teaching_area"), ["n_schools", "cv_possible"]].tolist() == [3, True]
    assert found.loc[("primary", "sports_area"), ["n_schools", "cv_possible"]].tolist() == [2, False]
    assert found.loc[("lower_secondary", "teaching_area"), ["n_schools", "cv_possible"]].tolist() == [1, False]


def test_many_honest_columns_are_not_heaped():
    random = np.random.default_rng(0)
    heaped = 0
    for _ in range(40):
        table = pd.DataFrame(random.integers(100, 9999, size=(30, 12)), columns=[f"q{at}" for at in range(12)])
        found = check_figures(schools=table.assign(school=[f"S{at}" for at in range(30)])).digits
        heaped += bool((found["verdict"] == "heaped").any())
    assert heaped <= 2  # one in a hundred tables expected; without Holm's rule it is one in ten


def test_schools_that_cannot_be_are_refused():
    table = pd.DataFrame({"school": ["A", "A ", "C"], "pupils": ["500", "-4", "many"], "strength": [-1.0, 0.5, 2.0]})
    with pytest.raises(ResponseError) as caught:
        check_figures(schools=table)
    assert {(one.rule, one.row) for one in caught.value.problem_list} == {
        ("duplicate_school", 1), ("duplicate_school", 2), ("impossible_amount", 2), ("not_a_number", 3)
    }  # fmt: skip
    with pytest.raises(ResponseError, match="year"):
        check_figures(figures({"figure": "a", "quantity": "pupils", "year": "next", "value": "3"}))
    for empty in ({"figures": table.iloc[:0].assign(figure=[], value=[])}, {"schools": table.iloc[:0]}):
        with pytest.raises(InsufficientDataError, match="no rows"):
            check_figures(**empty)
