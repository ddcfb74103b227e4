"""A table of schools that cannot be right is refused, with every reason; what is odd is said."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.districts.balance import check, resource_balance
from leadership_study.errors import PlanError, ResponseError

RATIOS = {"primary": 1.0, "lower_secondary": 1.1}


def county(n=6, **columns):
    pupils = np.linspace(203, 907, n).round()
    amounts = {
        "teachers": pupils / 15, "teachers_above_required_degree": pupils / 20,
        "teachers_middle_title_or_higher": pupils / 30, "backbone_teachers": pupils / 80,
        "sports_arts_teachers": pupils / 100, "teaching_area_m2": pupils * 5, "sports_area_m2": pupils * 8,
        "equipment_value_yuan": pupils * 2500, "computers": pupils / 8, "books": pupils * 25,
        "multimedia_classrooms": pupils / 30,
    }  # fmt: skip
    frame = pd.DataFrame({"school": [f"S{at}" for at in range(n)], "stage": "primary", "pupils": pupils} | amounts)
    return frame.assign(**columns)


def problems(schools, standard="2017", **options):
    with pytest.raises(ResponseError) as caught:
        resource_balance(schools, standard=standard, **options)
    return caught.value.problem_list


@pytest.mark.parametrize(
    ("column", "factor"),
    [("teaching_area_m2", 1e-4), ("sports_area_m2", 1e-4), ("equipment_value_yuan", 1e-4), ("backbone_teachers", None)],
)
def test_a_column_in_another_unit_or_a_pupil_is_refused(column, factor):
    schools = county()
    schools[column] = schools[column] * factor if factor else schools[column] / schools["pupils"]
    (found,) = problems(schools)
    assert (found.rule, found.column, found.row) == ("unit", column, None)
    assert "check_units = false" in found.remedy
    assert resource_balance(schools, standard="2017", check_units=False).verdict.loc["primary", "verdict"]


def test_a_single_school_in_another_unit_is_found_among_the_others():
    schools = county()
    schools.loc[3, "teaching_area_m2"] /= 1e4
    schools.loc[4, "equipment_value_yuan"] *= 1e4
    found = problems(schools)
    assert {(one.column, one.row) for one in found} == {("teaching_area_m2", 4), ("equipment_value_yuan", 5)}


@pytest.mark.parametrize("by", [100, 1e4])
def test_pupils_in_hundreds_are_refused(by):
    schools = county()
    schools["pupils"] /= by
    (found,) = problems(schools)
    assert (found.rule, found.column) == ("unit", "pupils")


def test_nothing_at_all_is_no_unit():
    """A school without sports grounds has none; that is for the threshold to say."""
    schools = county(sports_area_m2=[0, 0, 4000, 4000, 5000, 6000])
    found = resource_balance(schools, standard="2017")
    assert found.shortfalls.loc[("primary", "S0", "sports_area"), "share"] == 0


def test_cells_as_text_are_numbers_or_are_refused():
    schools = county().astype(str)
    assert resource_balance(schools, standard="2012").verdict.loc["primary", "n_schools"] == 6
    schools.loc[0, "computers"] = "约30台"
    (found,) = problems(schools, "2012")
    assert (found.rule, found.row, found.value) == ("not_a_number", 1, "约30台")


def test_every_school_of_two_stages_is_named_at_once():
    schools = county(stage=["nine_year", "nine_year", "primary", "primary", "primary", "primary"])
    assert {one.rule for one in problems(schools)} == {"missing_pupils"}
    with pytest.raises(PlanError, match=r"S0, S1 have pupils of two stages.*primary, lower_secondary"):
        resource_balance(schools.assign(pupils_lower_secondary=50), standard="2017")


def test_a_twelve_year_school_gives_each_stage_its_share():
    schools = pd.concat([county(), county(stage="lower_secondary").assign(school=[f"T{at}" for at in range(6)])])
    twelve = county(n=1, stage="twelve_year", school="N", pupils=600.0).assign(
        pupils_primary=300.0, pupils_lower_secondary=200.0, equipment_value_yuan=1_000_000.0
    )
    ratios = {"primary": 1.0, "lower_secondary": 1.5, "upper_secondary": 2.0}
    found = resource_balance(
        pd.concat([schools, twelve], ignore_index=True), standard="2017", conversion=ratios
    ).schools
    whole = 300 * 1 + 200 * 1.5 + 100 * 2
    assert found.loc[("primary", "N"), "equipment"] == pytest.approx(1e6 * 300 / whole / 300)
    assert found.loc[("lower_secondary", "N"), "equipment"] == pytest.approx(1e6 * 300 / whole / 200)


def test_a_small_school_is_judged_unless_it_is_a_teaching_point():
    schools = county(
        pupils=[40.0, 40, 300, 300, 300, 300], school_type=["teaching_point", "ordinary", *["ordinary"] * 4]
    )
    found = resource_balance(schools, standard="2017", check_units=False)
    assert "S0" not in found.schools.index.get_level_values("school")
    assert "S1" in found.schools.index.get_level_values("school")


def test_what_is_left_out_need_not_be_complete():
    schools = county(school_type=["special", *["ordinary"] * 5], stage=["", *["primary"] * 5])
    schools.loc[0, "computers"] = np.nan
    assert resource_balance(schools, standard="2012").verdict.loc["primary", "n_schools"] == 5


def test_no_verdict_where_nobody_has_anything():
    found = resource_balance(county(computers=0.0), standard="2012")
    assert np.isnan(found.verdict.loc["primary", "composite_cv"])
    assert found.verdict.loc["primary", "verdict"] == found.county_verdict == "open"
    assert "indicator_without_amount" in {note.id for note in found.notes}


def test_a_county_without_one_stage_is_not_recognised_by_the_other():
    found = resource_balance(county(), standard="2012")
    assert found.verdict.loc["primary", "verdict"] == "meets"
    assert found.county_verdict == "open"


def test_the_single_school_of_a_stage_is_judged_by_its_thresholds():
    one = county(n=1, stage="lower_secondary", school="T0", equipment_value_yuan=200 * 100.0)
    found = resource_balance(pd.concat([county(), one], ignore_index=True), standard="2017")
    assert "lower_secondary" not in found.verdict.index
    assert not found.schools.loc[("lower_secondary", "T0"), "meets"]
    assert found.county_verdict == "fails"


def test_a_value_on_the_limit_meets_it():
    schools = county(n=2, pupils=[100.0, 100.0])
    schools["equipment_value_yuan"] = [0.5 * 1e6, 1.5 * 1e6]  # CV .5, but for what a computer makes of it
    row = resource_balance(schools, standard="2017", check_units=False).indicators.loc[("primary", "equipment")]
    assert row["meets"]


def test_more_of_a_kind_than_teachers_is_said():
    schools = county()
    schools.loc[2, "teachers_above_required_degree"] = schools.loc[2, "teachers"] + 1
    said = {note.id: str(note) for note in resource_balance(schools, standard="2012").notes}
    assert said["more_of_a_kind_than_teachers"].endswith("wrong: S2.")


def test_the_order_of_the_schools_does_not_matter():
    schools = county(location=["urban", "rural"] * 3, district=["A", "A", "B", "B", "C", "C"])
    for name in [str(name) for name in schools if schools[name].dtype == float and name != "pupils"]:
        schools[name] *= np.linspace(1.0, 1.6, 6)
    one, other = (resource_balance(frame, standard="2017") for frame in (schools, schools.iloc[::-1]))
    pd.testing.assert_frame_equal(one.indicators, other.indicators, rtol=1e-12)
    pd.testing.assert_frame_equal(one.districts, other.districts, rtol=1e-12)
    pd.testing.assert_frame_equal(one.schools, other.schools.loc[one.schools.index])


def test_districts_by_hand():
    schools = county(district=["A", "A", "A", "B", "B", "B"], books=[1000.0, 9000, 7000, 9000, 20000, 22000])
    found = resource_balance(schools, standard="2012").districts
    own = resource_balance(schools.iloc[:3], standard="2012")
    assert found.loc["A", "composite_cv"] == pytest.approx(own.verdict.loc["primary", "composite_cv"], rel=1e-12)
    whole = resource_balance(schools, standard="2012").indicators.loc["primary", "mean"]
    level = (own.indicators.loc["primary", "mean"] / whole).mean()
    assert found.loc["A", "resource_level"] == pytest.approx(level, rel=1e-12)


def test_a_plan_is_checked_before_the_table_is_read():
    with pytest.raises(PlanError, match="2017"):
        check(standard="2071")
    with pytest.raises(PlanError, match="lower_secondary"):
        check(standard="2017", conversion={"lower_secundary": 1.1})
    with pytest.raises(PlanError, match="above 0"):
        check(standard="2017", conversion={"primary": 0})
