"""Power by simulation: what is drawn, what is found, the same again from the same seed, and interruptions."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.regression import regress
from leadership_study.results import Result
from leadership_study.samples.least_squares import least_squares
from leadership_study.samples.power_formulas import wilson
from leadership_study.study import _nested_design as nested
from leadership_study.study import power as ls
from leadership_study.study._power_studies import Way, judge

DESIGN = ls.NestedDesign(
    districts=12, schools_per_district=4, teachers_per_school=10, icc_district=0.06, icc_school=0.08
)


def difference(design=DESIGN, **options):
    options = {"means": (0, 0.5), "level": "district", "replicates": 200, "seed": 1, "values": [], **options}
    return ls.simulate_group_difference(design, **options)


def test_drawn_studies_have_the_variances_asked_for():
    design = ls.NestedDesign(
        districts=400, schools_per_district=6, teachers_per_school=12, icc_district=0.10, icc_school=0.15, size_cv=0.3
    )
    random = np.random.default_rng(3)
    asked = nested.ask(design, random)
    scores = pd.Series(nested.residuals(design, asked, random))
    sizes = np.bincount(asked.school)
    assert sizes.mean() == pytest.approx(12, rel=0.03)
    assert sizes.std() / sizes.mean() == pytest.approx(0.3, abs=0.03)
    inside = scores - scores.groupby(asked.school).transform("mean")
    assert (inside**2).sum() / (len(scores) - design.schools) == pytest.approx(0.75, rel=0.03)
    assert scores.var() == pytest.approx(1.0, rel=0.06)
    assert scores.groupby(asked.district).mean().var() == pytest.approx(0.10 + 0.15 / 6 + 0.75 / 72, rel=0.15)


def test_drawn_predictors_have_the_levels_and_correlations_asked_for():
    given = (
        ls.Predictor(name="a", slope=0.1, level="district"),
        ls.Predictor(name="b", slope=0.2, level="district"),
        ls.Predictor(name="c", slope=0.3, icc_district=0.1, icc_school=0.2),
    )
    design = ls.NestedDesign(
        districts=3000, schools_per_district=3, teachers_per_school=4, icc_district=0.0, icc_school=0.0
    )
    random = np.random.default_rng(4)
    asked = nested.ask(design, random)
    drawn = nested.predictors(design, asked, given, 0.4, random)
    assert drawn.var(axis=0) == pytest.approx([1, 1, 1], rel=0.06)
    found = np.corrcoef(drawn, rowvar=False)
    assert found[0, 1] == pytest.approx(0.4, abs=0.05)
    assert found[0, 2] == pytest.approx(0.4 * math.sqrt(0.1), abs=0.05)
    r = np.array([[1, 0.4, 0.4 * 0.1**0.5], [0.4, 1, 0.4 * 0.1**0.5], [0.4 * 0.1**0.5, 0.4 * 0.1**0.5, 1]])
    slopes = np.array([0.1, 0.2, 0.3])
    assert nested.explained(given, 0.4) == pytest.approx(slopes @ r @ slopes)
    assert all(np.ptp(drawn[asked.district == at, 0]) == 0 for at in range(5))


@pytest.mark.parametrize("level", ["teacher", "school", "district"])
def test_groups_are_made_of_whole_units_in_the_shares_asked_for(level):
    random = np.random.default_rng(1)
    asked = nested.ask(DESIGN, random)
    groups = nested.memberships(DESIGN, asked, level, (0.25, 0.75), random)
    unit = {"teacher": np.arange(DESIGN.n), "school": asked.school, "district": asked.district}[level]
    per_unit = pd.Series(groups).groupby(unit).nunique()
    assert (per_unit == 1).all()
    assert (groups == 0).mean() == 0.25


def test_the_test_is_that_of_regress():
    random = np.random.default_rng(8)
    asked = nested.ask(DESIGN, random)
    groups = nested.memberships(DESIGN, asked, "school", (1 / 3, 1 / 3, 1 / 3), random)
    frame = pd.DataFrame({
        "y": nested.residuals(DESIGN, asked, random) + 0.15 * groups, "g": groups.astype(str), "d": asked.district,
    })  # fmt: skip
    result = regress("y ~ C(g)", frame, covariance="CR2", clusters="d")
    dummies = (groups[:, None] == [1, 2]).astype(float)
    fit = least_squares(
        np.column_stack([np.ones(len(groups)), dummies]), frame["y"].to_numpy(), ("intercept", "g1", "g2")
    )
    for p_value, tested in ((result.fit["p_value"], [1, 2]), (result.coefficients["p_value"].iloc[2], [2])):
        for level, expected in ((p_value * 0.999, False), (p_value * 1.001, True)):
            way = Way(test="CR2", clusters="district", significance_level=level)
            assert judge(fit, asked.district, way, tested, np.zeros(len(tested))).found is expected


def test_false_positives_are_those_of_the_same_study_without_the_effect():
    with_effect, without = difference(means=(0, 0.5)), difference(means=(0, 1e-12))
    assert with_effect.false_positive_rate == without.false_positive_rate
    assert without.power == without.false_positive_rate
    assert with_effect.power > without.power


def test_power_is_that_of_the_formula_where_there_is_one():
    # Balanced groups of districts without schools of their own: t with districts − 2 degrees of freedom, exactly.
    design = ls.NestedDesign(
        districts=14, schools_per_district=1, teachers_per_school=20, icc_district=0.12, icc_school=0.0
    )
    exact = ls.cluster_comparison_power(0.6, icc=0.12, cluster_size=20, clusters=14).power
    for test in ("CR2", "cluster_means"):
        result = difference(design, means=(0, 0.6), test=test, replicates=1500)
        low, high = wilson(round(result.power * 1500), 1500, 0.999)
        assert low < exact < high
        assert result.false_positive_ci_low < 0.05 < result.false_positive_ci_high


def test_ignoring_the_nesting_finds_what_is_not_there():
    naive = difference(test="nonrobust")
    assert naive.false_positive_ci_low > 0.15
    (note,) = [note for note in naive.notes if note.id == "level_not_kept"]
    assert "cannot be trusted" in str(note)
    assert difference(clusters="school").false_positive_rate > difference().false_positive_rate


def test_three_groups_and_a_regression_find_their_true_values():
    groups = difference(means=(0, 0.2, 0.4), level="school")
    assert groups.terms["true_value"].to_list() == [0.2, 0.4]
    assert groups.terms["mean_estimate"].to_list() == pytest.approx([0.2, 0.4], abs=0.03)
    regression = ls.simulate_regression(
        DESIGN,
        [ls.Predictor(name="years", slope=0.12, icc_school=0.1),
         ls.Predictor(name="support", slope=0.25, level="school")],
        tested=["years"], correlation=0.3, replicates=200, seed=2, values=[],
    )  # fmt: skip
    assert regression.terms["mean_estimate"].to_list() == pytest.approx([0.12, 0.25], abs=0.03)
    assert regression.power == regression.terms.loc["years", "power"]
    assert regression.effect == 0.12
    assert regression.false_positive_rate < 0.11
    both = ls.simulate_regression(
        DESIGN,
        [ls.Predictor(name="a", slope=0.1), ls.Predictor(name="b", slope=0.1)],
        replicates=100,
        seed=2,
        values=[],
    )
    assert both.power > both.terms["power"].max()
    assert both.effect is None


def test_equal_seeds_give_equal_results_and_points_do_not_depend_on_each_other():
    one = difference(values=[8, 16])
    assert difference(values=[8, 16]).to_json() == one.to_json()
    assert difference(seed=2).curve["power"].to_list() != difference().curve["power"].to_list()
    alone = difference()
    pd.testing.assert_frame_equal(one.curve.loc[["12"]], alone.curve)
    # The first two hundred replicates are the same, however many follow.
    first, more = difference(replicates=200), difference(replicates=300)
    assert round(more.power * 300) - round(first.power * 200) in range(101)
    assert isinstance(Result.from_json(one.to_json()), ls.SimulatedPower)


def test_the_curve_rises_and_says_what_suffices():
    result = difference(values=None, means=(0, 0.55))
    assert result.curve["districts"].to_list() == [6, 9, 12, 18, 24]
    assert result.curve["n"].to_list() == [240, 360, 480, 720, 960]
    assert result.curve["power"].is_monotonic_increasing
    enough = result.curve[result.curve["power"] >= 0.8]
    assert result.sufficient == enough["districts"].iloc[0]
    assert (result.power, result.n) == (result.curve.loc["12", "power"], 480)
    teachers = difference(vary="teachers_per_school", values=[5, 40])
    assert teachers.curve["teachers_per_school"].to_list() == [5, 10, 40]
    assert teachers.sufficient is None
    assert "sufficient" not in teachers.tables()["summary"].index


def test_progress_is_told_after_each_block():
    told = []
    difference(replicates=250, progress=lambda done, planned: told.append((done, planned)))
    assert told == [(100, 250), (200, 250), (250, 250)]


def test_an_interruption_gives_the_result_so_far_labelled():
    def stop(done, planned):
        if done == 200:
            raise KeyboardInterrupt

    result = difference(replicates=500, values=[8], progress=stop)
    assert (result.complete, result.replicates, result.replicates_planned) == (False, 200, 500)
    assert "Interrupted: 200 of 500 replicates" in " ".join(map(str, result.notes))
    assert result.definition["replicates"] == 200
    pd.testing.assert_frame_equal(result.curve, difference(replicates=200, values=[8]).curve)
    assert difference(replicates=200, values=[8]).complete


def test_an_interruption_inside_a_block_counts_whole_blocks_only(monkeypatch):
    from leadership_study.study import _power_studies

    real, calls = _power_studies.judge, []

    def judged(*arguments):
        calls.append(1)
        if len(calls) == 250:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(_power_studies, "judge", judged)
    result = difference(replicates=300, values=[8])
    assert result.replicates == 100
    calls.clear()
    monkeypatch.setattr(_power_studies, "judge", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        difference()


def test_unequal_schools_need_more():
    even = difference(means=(0, 0.25), level="school", replicates=400, vary="teachers_per_school")
    design = dataclasses.replace(DESIGN, size_cv=0.9)
    uneven = difference(design, means=(0, 0.25), level="school", replicates=400)
    assert uneven.power < even.power + 0.03


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: difference(means=(0, 0)), "must differ"),
        (lambda: difference(means=(1,)), "one number a group"),
        (lambda: difference(shares=(1, 1, 1)), "'shares'"),
        (lambda: difference(shares=(1, 9)), "each group needs at least two districts"),
        (lambda: difference(values=[3]), "each group needs at least two districts; 3 are too few"),
        (lambda: difference(values=[0]), "'values'"),
        (lambda: difference(level="class"), "'level'"),
        (lambda: difference(test="lmer"), "'test'"),
        (lambda: difference(test="cluster_means", level="school"), "for groups of districts"),
        (lambda: difference(vary="pupils"), "'vary'"),
        (lambda: difference(replicates=0), "'replicates'"),
        (lambda: difference(seed=-1), "'seed'"),
        (lambda: difference(target_power=1.5), "'target_power'"),
        (lambda: ls.NestedDesign(districts=2, schools_per_district=1, teachers_per_school=5, icc_district=0.6,
                                 icc_school=0.5), "leave variance to teachers"),
        (lambda: ls.NestedDesign(districts=1, schools_per_district=1, teachers_per_school=5, icc_district=0.1,
                                 icc_school=0.1), "'districts'"),
        (lambda: ls.Predictor(name="x", slope=0.1, level="school", icc_school=0.1), "leave its ICCs out"),
        (lambda: ls.simulate_regression(DESIGN, [], seed=1), "must list predictors"),
        (lambda: ls.simulate_regression(DESIGN, [ls.Predictor(name="x", slope=0.8), ls.Predictor(name="z", slope=0.8)],
                                        seed=1), "must leave some"),
        (lambda: ls.simulate_regression(DESIGN, [ls.Predictor(name="x", slope=0.1)], tested=["y"], seed=1), "'tested'"),
        (lambda: ls.simulate_regression(DESIGN, [ls.Predictor(name="x", slope=0.1)], test="cluster_means", seed=1),
         "'test'"),
        (lambda: ls.simulate_regression(
            dataclasses.replace(DESIGN, districts=3),
            [ls.Predictor(name="x", slope=0.1, level="district"), ls.Predictor(name="z", slope=0.1, level="district")],
            seed=1), "2 predictors of districts need at least 4 districts"),
    ],
)  # fmt: skip
def test_what_cannot_be_simulated_is_said_in_one_sentence(call, told):
    with pytest.raises(ValueError, match=told) as caught:
        call()
    assert "\n" not in str(caught.value)
