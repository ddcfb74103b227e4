"""Importance beside performance: quadrants only where intervals carry them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import leadership_study as ls
from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.importance_performance import importance_performance, run
from leadership_study.results import Result

CORNERS = {"keep_up": (0.5, 0.5), "concentrate_here": (0.5, -0.5), "low_priority": (-0.5, -0.5),
           "possible_overkill": (-0.5, 0.5)}  # fmt: skip


def planted(n=400, seed=3, shift=CORNERS):
    """Ratings of dimensions that lie where ``shift`` puts them, and one, ``centre``, that lies on the crosshair."""
    rng = np.random.default_rng(seed)
    places = {**shift, "centre": (0.0, 0.0)}
    own = rng.normal(size=(n, 1))
    rated = [own + rng.normal(size=(n, len(places))) + [place[at] for place in places.values()] for at in (0, 1)]
    return [pd.DataFrame(values, columns=list(places)) + 3.5 for values in rated]


def test_planted_quadrants_are_found_and_the_centre_is_undecided():
    result = importance_performance(*planted(), importance_scale=(1, 5), performance_scale=(1, 5))
    assert {name: result.quadrants["quadrant"][name] for name in CORNERS} == {name: name for name in CORNERS}
    assert result.quadrants["quadrant"]["centre"] == "undecided"
    assert set(result.quadrants["midpoint_quadrant"]) >= {"keep_up"}, "both scales lie above their midpoints of three"


def test_every_number_is_a_paired_t_test():
    importance, performance = planted(n=60)
    result = importance_performance(importance, performance)
    for name in importance.columns:
        row = result.quadrants.loc[name]
        paired = stats.ttest_rel(performance[name], importance[name])
        assert [row["statistic"], row["p_value"], row["df"]] == pytest.approx([paired.statistic, paired.pvalue, 59])
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(list(paired.confidence_interval()))
        for rating, data in (("importance", importance), ("performance", performance)):
            own = result.deviations.loc[(name, rating)]
            test = stats.ttest_rel(data[name], data.mean(axis=1))
            assert [own["statistic"], own["p_value"]] == pytest.approx([test.statistic, test.pvalue])
            assert own["mean"] - own["estimate"] == pytest.approx(getattr(result, f"mean_{rating}"))


def test_one_adjustment_over_all_deviations():
    result = importance_performance(*planted(n=60), adjust="bonferroni")
    expected = np.minimum(result.deviations["p_value"] * 10, 1)
    assert result.deviations["adjusted_p_value"].to_numpy() == pytest.approx(expected.to_numpy())


def test_clusters_are_allowed_for():
    importance, performance = planted(n=300)
    shared = np.repeat(np.random.default_rng(4).normal(size=30), 10)
    performance["keep_up"] += shared
    alone = importance_performance(importance, performance)
    nested = importance_performance(importance, performance, clusters=np.repeat(np.arange(30), 10))
    where = ("keep_up", "performance")
    assert nested.deviations["std_error"][where] > 1.5 * alone.deviations["std_error"][where]
    assert nested.deviations["estimate"].equals(alone.deviations["estimate"])
    twin = ls.repeated_measures(performance, clusters=np.repeat(np.arange(30), 10)).deviations
    mine = nested.deviations.xs("performance", level="rating")
    assert mine["std_error"].to_numpy() == pytest.approx(twin["std_error"].to_numpy())


def test_quadrants_keep_their_error_rate_when_nothing_differs():
    wrong = 0
    for seed in range(60):
        importance, performance = planted(n=80, seed=seed, shift=dict.fromkeys("abcd", (0.0, 0.0)))
        wrong += int((importance_performance(importance, performance).deviations["verdict"] != "undecided").any())
    assert wrong <= 9  # of 60, at 5 %: more has a chance of less than 1 in 1,000


def test_scales_with_other_ends_have_quadrants_and_no_difference():
    result = importance_performance(*planted(), importance_scale=(1, 7), performance_scale=(1, 5))
    assert result.quadrants["difference"].isna().all()
    assert result.quadrants["quadrant"]["keep_up"] == "keep_up"
    assert [note.id for note in result.notes] == ["quadrants_other_scale"]


def test_missing_ratings_are_left_out_and_counted():
    importance, performance = planted(n=50)
    importance.iloc[0, 0] = performance.iloc[1, 1] = np.nan
    result = importance_performance(importance, performance)
    assert result.n == 48
    assert "2 of 50" in str(result.notes[0])
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda i, p: (i[["centre"]], p[["centre"]]), InsufficientDataError, "two dimensions"),
        (lambda i, p: (i.head(2), p.head(2)), InsufficientDataError, "at least 3"),
        (lambda i, p: (i, p[["centre"]]), ValueError, "same columns"),
        (lambda i, p: (i, p.head(3)), ValueError, "same rows"),
    ],
)
def test_what_cannot_be_compared_says_why(change, error, words):
    with pytest.raises(error, match=words):
        importance_performance(*change(*planted(n=20)))


def test_one_cluster_is_refused():
    with pytest.raises(InsufficientDataError, match="one group"):
        importance_performance(*planted(n=20), clusters=["a"] * 20)
    with pytest.raises(ValueError, match="'adjust'"):
        importance_performance(*planted(n=20), adjust="none")


def test_a_questionnaire_without_the_form_is_a_problem_of_the_plan(scored_of):
    with pytest.raises(PlanError, match="form of the questionnaire"):
        run(scored_of())
