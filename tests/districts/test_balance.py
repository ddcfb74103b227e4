"""Balance of schools: the worked example, official tables, brute force, and what is refused."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from leadership_study.districts import _inequality as inequality
from leadership_study.districts._standard import known_standards, load_standard
from leadership_study.districts.balance import resource_balance, resource_inequality
from leadership_study.errors import InsufficientDataError, PlanError, ResponseError

# The worked example of the calculation rules: pupils and books of five schools.
PUPILS = np.array([45, 37, 89, 76, 55], dtype=float)
BOOKS = np.array([279, 137, 935, 160, 402], dtype=float)

JIUJIANG = [0.297929, 0.501787, 0.401952, 0.288419, 0.37545, 0.312782, 0.394205]
"""Coefficients of variation of the primary schools of 鸠江区, 2023, in the order of the standard of 2017."""


def county(stage="primary", n=4, **columns):
    amounts = {
        indicator.of: np.full(n, 1e6) for name in ("2012", "2017") for indicator in load_standard(name).indicators
    }
    return pd.DataFrame(
        {"school": [f"S{at}" for at in range(n)], "stage": stage, "pupils": np.full(n, 100.0)} | amounts | columns
    )


def with_cv(cv, n=2, pupils=100.0):
    """Two equal schools whose indicator has this coefficient of variation."""
    return np.array([1 - cv, 1 + cv]) * 1e6 * pupils / pupils


def test_the_worked_example():
    found = inequality.coefficient_of_variation(BOOKS / PUPILS, PUPILS)
    # By exact fractions, as a pupil of each school would count it.
    p, x = [Fraction(int(v)) for v in PUPILS], [Fraction(int(v)) for v in BOOKS]
    mean = sum(x) / sum(p)
    variance = sum(pi / sum(p) * (xi / pi - mean) ** 2 for pi, xi in zip(p, x, strict=True))
    assert found == pytest.approx(float(variance) ** 0.5 / float(mean), rel=1e-14)
    assert round(found, 3) == 0.515
    assert round(float(mean), 2) == 6.33
    measures = resource_inequality(BOOKS.tolist(), PUPILS.tolist())
    assert measures["cv"] == found
    assert measures["range_ratio"] == pytest.approx((935 / 89) / (160 / 76))
    for amounts, pupils in (
        ([1, 2], [1, 0]),
        ([1], [1]),
        ([1, 2, 3], [1, 2]),
        ([1, -2], [1, 2]),
        ([1, np.nan], [1, 2]),
    ):
        with pytest.raises(PlanError, match=r"Give one amount|Amounts must be"):
            resource_inequality(amounts, pupils)


def test_a_composite_that_passes_does_not_save_an_indicator_that_fails():
    rules = load_standard("2017")
    columns = {indicator.of: with_cv(cv) for indicator, cv in zip(rules.indicators, JIUJIANG, strict=True)}
    found = resource_balance(county(n=2, **columns), standard="2017")
    assert found.indicators["cv"].tolist() == pytest.approx(JIUJIANG, abs=1e-12)
    row = found.verdict.loc["primary"]
    assert row["composite_cv"] == pytest.approx(0.367503, abs=5e-7)
    assert row["composite_cv"] < row["limit"]
    assert (row["indicators_failing"], row["verdict"]) == ("backbone", "fails")


# Coefficients of variation that official tables print for the eight indicators of 2012, with the composite of each.
OFFICIAL = {
    ("庐阳区", "primary"): ([0.881, 1.299, 0.977, 0.379, 0.170, 0.334, 0.286, 0.408], 0.592),
    ("庐阳区", "lower_secondary"): ([0.353, 0.784, 0.146, 0.491, 0.037, 0.226, 0.223, 0.253], 0.314),
    ("蜀山区", "primary"): ([0.711, 0.649, 0.472, 0.338, 0.235, 0.274, 0.260, 0.396], 0.417),
    ("蜀山区", "lower_secondary"): ([0.505, 0.484, 0.325, 0.275, 0.199, 0.715, 0.421, 1.021], 0.493),
    ("南关区", "primary"): ([0.393, 0.578, 0.372, 0.246, 0.208, 0.311, 0.311, 0.455], 0.359),
    ("南关区", "lower_secondary"): ([0.433, 0.464, 0.334, 0.318, 0.433, 0.362, 0.368, 0.335], 0.381),
    ("绿园区", "primary"): ([0.280, 0.819, 0.315, 0.206, 0.104, 0.353, 0.343, 0.406], 0.353),
    ("万州区", "primary"): ([0.437, 0.419, 0.255, 0.188, 0.171, 0.263, 0.263, 0.420], 0.302),
    ("黔江区", "primary"): ([0.633, 0.891, 0.435, 0.328, 0.351, 0.391, 0.379, 0.541], 0.494),
    ("永川区", "primary"): ([0.696, 0.916, 0.819, 0.580, 0.450, 0.286, 0.285, 0.470], 0.562),
}


@pytest.mark.parametrize(("of", "stage"), OFFICIAL)
def test_composites_of_official_tables(of, stage):
    cvs, composite = OFFICIAL[of, stage]
    indicators = load_standard("2012").indicators
    # Two schools of equal size cannot differ by more than CV = 1: five let one of them have most of it.
    spread = np.array([4, -1, -1, -1, -1]) / 2
    columns = {one.of: 1e6 * (1 + cv * spread) for one, cv in zip(indicators, cvs, strict=True)}
    found = resource_balance(county(stage, n=5, **columns), standard="2012", check_units=False)
    assert found.indicators["cv"].tolist() == pytest.approx(cvs, abs=1e-12)
    # The tables print three digits of each, so their mean is right to one half of the last digit twice over.
    assert found.verdict.loc[stage, "composite_cv"] == pytest.approx(composite, abs=1e-3)
    assert found.verdict.loc[stage, "verdict"] == "meets"
    assert found.verdict["schools_failing"].isna().all()


def test_2012_judges_the_mean():
    rules = load_standard("2012")
    columns = {indicator.of: with_cv(cv) for indicator, cv in zip(rules.indicators, [0.9] + [0.5] * 7, strict=True)}
    found = resource_balance(county(n=2, **columns), standard="2012")
    assert found.verdict.loc["primary", "composite_cv"] == pytest.approx(0.55)
    assert found.verdict.loc["primary", "verdict"] == "meets"
    assert found.indicators["meets"].isna().all()
    secondary = county("lower_secondary", n=2, **columns | {"computers": with_cv(0.51)})
    assert resource_balance(secondary, standard="2012").verdict.loc["lower_secondary", "verdict"] == "fails"


@pytest.mark.parametrize(
    ("share", "missed", "meets"), [(0.86, 1, True), (0.84, 1, False), (0.99, 2, False), (1.0, 0, True)]
)
def test_six_of_seven_and_85_percent(share, missed, meets):
    rules = load_standard("2017")
    columns = {}
    for at, indicator in enumerate(rules.indicators):
        amount = indicator.thresholds["primary"] * 100 / indicator.per
        columns[indicator.of] = np.array([amount * (share if at < missed else 1), amount])
    found = resource_balance(county(n=2, **columns), standard="2017")
    school = found.schools.loc[("primary", "S0")]
    assert (school["indicators_met"], school["meets"]) == (7 - missed, meets)
    assert len(found.shortfalls) == missed
    for (_, _, name), row in found.shortfalls.iterrows():
        indicator = next(entry for entry in rules.indicators if entry.id == name)
        amount = indicator.thresholds["primary"] * 100 / indicator.per
        assert row["missing"] == pytest.approx(amount * (1 - share))


def test_what_a_school_lacks_is_in_the_unit_of_the_resource():
    schools = county(n=2, sports_area_m2=np.array([500.0, 1e6]))
    found = resource_balance(schools, standard="2017").shortfalls.loc[("primary", "S0", "sports_area")]
    assert found["missing"] == pytest.approx(7.5 * 100 - 500)  # m² that 100 pupils lack


def test_nine_year_schools_are_split_by_declared_ratios():
    schools = pd.concat([county(n=2), county("lower_secondary", n=2).assign(school=["T0", "T1"])], ignore_index=True)
    nine = county("nine_year", n=1).assign(school="N", pupils=300.0, pupils_lower_secondary=100.0)
    both = pd.concat([schools, nine], ignore_index=True)
    with pytest.raises(PlanError, match=r"N has pupils of two stages.*conversion"):
        resource_balance(both, standard="2017")
    found = resource_balance(both, standard="2017", conversion={"primary": 1, "lower_secondary": 1.5}).schools
    # 200 and 100 × 1.5 pupils count: 4/7 of what the school has is the primary pupils'.
    assert found.loc[("primary", "N"), "pupils"] == 200
    assert found.loc[("primary", "N"), "equipment"] == pytest.approx(1e6 * 4 / 7 / 200)
    assert found.loc[("lower_secondary", "N"), "equipment"] == pytest.approx(1e6 * 3 / 7 / 100)


def test_inequality_by_brute_force():
    random = np.random.default_rng(4)
    pupils = random.integers(1, 40, size=12).astype(float)
    values = random.gamma(2, size=12)
    groups = random.integers(3, size=12)
    each = np.repeat(values, pupils.astype(int))
    mean = each.mean()
    difference = np.abs(each[:, None] - each[None, :]).mean()
    assert inequality.gini(values, pupils) == pytest.approx(difference / 2 / mean, rel=1e-10)
    assert inequality.coefficient_of_variation(values, pupils) == pytest.approx(each.std() / mean, rel=1e-12)
    theil = (each / mean * np.log(each / mean)).mean()
    assert inequality.theil(values, pupils) == pytest.approx(theil, rel=1e-10)
    within = 0.0
    for group in range(3):
        own = np.repeat(values[groups == group], pupils[groups == group].astype(int))
        within += own.sum() / each.sum() * (own / own.mean() * np.log(own / own.mean())).mean()
    between = inequality.theil_between(values, pupils, groups)
    assert between + within == pytest.approx(theil, rel=1e-10)
    ordered = np.sort(each)
    if len(ordered) % 2 == 0:
        median = ordered[len(ordered) // 2 - 1]
        lower = ordered[: len(ordered) // 2]
        assert inequality.mcloone(values, pupils) == pytest.approx(lower.sum() / (median * len(lower)), rel=1e-10)


def test_leaving_out_one_school():
    values, pupils = BOOKS / PUPILS, PUPILS
    found = [
        inequality.coefficient_of_variation(np.delete(values, at), np.delete(pupils, at)) for at in range(len(values))
    ]
    assert inequality.leave_one_out(inequality.coefficient_of_variation, values, pupils) == (min(found), max(found))


def test_equal_schools_are_balanced():
    found = resource_balance(county(), standard="2017")
    assert found.verdict.loc["primary", "verdict"] == "meets"
    assert found.indicators["cv"].abs().max() < 1e-12
    assert found.indicators["gini"].abs().max() < 1e-12
    assert {note.id for note in found.notes} == {"stage_without_schools"}


def test_small_and_special_schools_are_left_out_and_named():
    schools = county(n=5, pupils=np.array([100, 100, 100, 49, 100.0])).assign(
        school_type=[None, None, None, None, "special"]
    )
    found = resource_balance(schools, standard="2017")
    assert found.verdict.loc["primary", "n_schools"] == 3
    said = {note.id: str(note) for note in found.notes}
    assert "S3" in said["small_schools_left_out"]
    assert "S4" in said["special_schools_left_out"]
    assert resource_balance(schools, standard="2012").verdict.loc["primary", "n_schools"] == 4


def test_everything_wrong_is_told_at_once():
    schools = county(
        n=6,
        pupils=[100, 0, -3, 100, 100, "many"],
        stage=["primary", "primary", "primary", "kinder", "primary", "primary"],
    )
    schools.loc[4, "school"] = "S0 "
    schools.loc[0, "books"] = np.nan
    with pytest.raises(ResponseError) as caught:
        resource_balance(schools, standard="2012")
    assert {problem.rule for problem in caught.value.problem_list} == {
        "no_pupils", "impossible_amount", "unknown_stage", "duplicate_school", "not_a_number"
    }  # fmt: skip


def test_more_pupils_in_a_stage_than_in_the_school():
    schools = county("nine_year", n=2).assign(pupils_lower_secondary=[500.0, 50.0])
    with pytest.raises(ResponseError, match="1 problem"):
        resource_balance(schools, standard="2017", conversion={"primary": 1, "lower_secondary": 1})


def test_a_lacking_column_is_named():
    with pytest.raises(PlanError, match=r"'computers'.*2012"):
        resource_balance(county().drop(columns="computers"), standard="2012")


def test_one_school_is_no_county():
    with pytest.raises(InsufficientDataError, match="fewer than two schools"):
        resource_balance(county(n=1), standard="2017")


def test_a_provinces_own_thresholds_are_a_file_away(tmp_path):
    text = (
        'id = "own"\ntitle = { en = "Own" }\nsource = "Own"\nrule = "each"\nlimits = { primary = 0.4 }\n'
        '[[indicator]]\nid = "books"\nof = "books"\nper = 1\nunit = { en = "a pupil" }\nlabel = { en = "Books" }\n'
    )
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    found = resource_balance(county(n=2, books=with_cv(0.45)), standard=path)
    assert found.verdict.loc["primary", ["indicators_failing", "verdict"]].tolist() == ["books", "fails"]
    path.write_text(text.replace('rule = "each"', 'rule = "some"'), encoding="utf-8")
    with pytest.raises(PlanError, match="rule"):
        load_standard(path)


def test_standards_are_found_by_name():
    assert known_standards() == ["2012", "2017"]
    with pytest.raises(PlanError, match="2017"):
        load_standard("2107")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = { en = "Own" }', 'title = "Own"', "'title' has one text a language"),
        ("limits = { primary = 0.4 }", "limits = 0.4", "one limit a stage"),
        ("limits = { primary = 0.4 }", "limits = { primary = 40 }", "not a percentage"),
        ("limits = { primary = 0.4 }", 'limits = { primary = 0.4 }\nindicators_met = "1"', "'indicators_met' must be"),
        ("limits = { primary = 0.4 }", "limits = { primary = 0.4 }\nrest_at_least = 85", "not a percentage"),
        ("limits = { primary = 0.4 }", 'limits = { primary = 0.4 }\nfewest_pupils = "x"', "whole number"),
        ("[[indicator]]", "[indicator]", r"under \[\[indicator\]\]"),
        ('label = { en = "Books" }', 'label = "Books"', "'label' has one text a language"),
    ],
)
def test_a_file_that_is_no_standard_says_where(tmp_path, old, new, told):
    text = (
        'id = "own"\ntitle = { en = "Own" }\nsource = "Own"\nrule = "each"\nlimits = { primary = 0.4 }\n'
        '[[indicator]]\nid = "books"\nof = "books"\nper = 1\nunit = { en = "a pupil" }\nlabel = { en = "Books" }\n'
    )
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PlanError, match=f"own.toml: .*{told}"):
        load_standard(path)


def test_a_table_that_is_none_is_refused():
    schools = county("nine_year", n=3).assign(pupils_lower_secondary=40.0)
    with pytest.raises(InsufficientDataError, match="no rows"):
        resource_balance(schools.iloc[:0], standard="2017")
    with pytest.raises(PlanError, match="'pupils' more than once"):
        resource_balance(pd.concat([schools, schools[["pupils"]]], axis=1), standard="2017")
    with pytest.raises(PlanError, match=r"primary in 'conversion' must be a number"):
        resource_balance(schools, standard="2017", conversion={"primary": "1", "lower_secondary": 1})
