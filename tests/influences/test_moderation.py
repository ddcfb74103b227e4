"""Moderation: slopes, bounds, categories, few clusters, bad input."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import lq2002

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences import moderation
from leadership_study.influences.moderation import moderate
from leadership_study.influences.regression import regress
from leadership_study.results import Result


@pytest.fixture
def data() -> pd.DataFrame:
    random = np.random.default_rng(5)
    head = np.repeat(np.arange(25), 12)
    x, w = random.normal(size=300), random.normal(size=300) + 4
    y = 1 + 0.2 * x + 0.1 * w + 0.3 * x * (w - 4) + random.normal(size=300)
    return pd.DataFrame({"x": x, "w": w, "y": y, "head": head, "stage": np.array(["a2", "a10", "b"])[head % 3],
                         "two": head % 2 * 1.0})  # fmt: skip


def test_centring_moves_single_coefficients_and_nothing_else(data):
    centred, plain = (moderate(data, "x", "w", "y", centring=one) for one in ("mean", "none"))
    pd.testing.assert_frame_equal(centred.simple_slopes, plain.simple_slopes, rtol=1e-9)
    pd.testing.assert_frame_equal(centred.johnson_neyman["moderator"].to_frame(),
                                  plain.johnson_neyman["moderator"].to_frame(), rtol=1e-8)  # fmt: skip
    pd.testing.assert_frame_equal(centred.predicted, plain.predicted, rtol=1e-9)
    assert centred.coefficients["estimate"]["x"] != pytest.approx(plain.coefficients["estimate"]["x"])
    assert centred.coefficients["estimate"]["x"] == pytest.approx(centred.simple_slopes["estimate"]["mean"])


@pytest.mark.parametrize("options", [{}, {"covariance": "HC3"}, {"covariance": "CR2", "clusters": "head"}])
def test_the_interval_of_the_slope_ends_at_zero_at_each_bound(data, options):
    result = moderate(data, "x", "w", "y", **options)
    assert len(result.johnson_neyman)
    for bound in result.johnson_neyman["moderator"]:
        moved = regress("y ~ x * v", data.assign(v=data["w"] - bound), **options).coefficients.loc["x"]
        assert min(abs(moved["ci_low"]), abs(moved["ci_high"])) == pytest.approx(0, abs=1e-8)
    regions = result.regions
    assert regions["share_of_rows"].sum() == pytest.approx(1)
    assert regions["slope"].iloc[-1] == "positive"
    assert (regions["from"].to_numpy()[1:] == regions["to"].to_numpy()[:-1]).all()


def test_slopes_of_categories_are_those_within_them(data):
    result = moderate(data, "x", "stage", "y")
    assert list(result.simple_slopes.index) == ["stage[a2]", "stage[a10]", "stage[b]"]
    for name, slope in result.simple_slopes["estimate"].items():
        own = data[data["stage"] == name[6:-1]]
        assert slope == pytest.approx(np.polyfit(own["x"], own["y"], 1)[0], rel=1e-9)
    assert result.johnson_neyman.empty
    assert result.curve.empty
    assert result.interaction["df1"] == 2
    smaller, larger = regress("y ~ x + stage", data), regress("y ~ x * stage", data)
    gained = larger.fit["r_squared"] - smaller.fit["r_squared"]
    assert result.interaction["delta_r_squared"] == pytest.approx(gained, rel=1e-9)


def test_a_moderator_with_two_values_has_slopes_at_both(data):
    slopes = moderate(data, "x", "two", "y").simple_slopes
    assert slopes["moderator"].to_dict() == {"0": 0.0, "1": 1.0}
    assert slopes["estimate"]["1"] == pytest.approx(np.polyfit(*data[data["two"] == 1][["x", "y"]].T.to_numpy(), 1)[0])


def test_predictions_pass_through_the_means(data):
    result = moderate(data, "x", "w", "y", covariates="two")
    middle = result.predicted.xs("mean", level="at")["estimate"].mean()
    b = result.coefficients["estimate"]
    assert middle == pytest.approx(b["intercept"] + b["two"] * data["two"].mean(), rel=1e-9)


def test_few_clusters_and_slopes_beyond_the_data_are_told(data):
    few = data[data["head"] < 6]
    result = moderate(few, "x", "w", "y", covariance="CR2", clusters="head")
    assert "few_clusters_bootstrapped" in {note.id for note in result.notes}
    # The same as of the regression on the centred product.
    centred = few.assign(x=few["x"] - few["x"].mean(), w=few["w"] - few["w"].mean())
    same = regress("y ~ x * w", centred, covariance="CR2", clusters="head").wild_bootstrap
    assert len(result.wild_bootstrap) == 4
    np.testing.assert_allclose(result.wild_bootstrap.to_numpy(), same.to_numpy(), rtol=1e-9)
    without = moderate(few, "x", "w", "y", covariance="CR2", clusters="head", bootstrap=0)
    assert without.wild_bootstrap.empty
    assert "few_clusters" in {note.id for note in without.notes}
    assert moderate(data, "x", "w", "y", covariance="CR2", clusters="head").wild_bootstrap.empty
    skewed = data.assign(w=np.where(np.arange(300) % 50 == 0, 5.0, 0.0) + np.arange(300) % 3 * 0.01)
    assert "slope_outside_range" in {note.id for note in moderate(skewed, "x", "w", "y").notes}


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        ({"w": 1.0}, {}, InsufficientDataError, "w has the same value"),
        ({"y": 1.0}, {}, InsufficientDataError, "outcome has the same value"),
        ({"stage": "a"}, {"w": "stage"}, InsufficientDataError, "single level"),
        ({"x": np.nan}, {}, InsufficientDataError, "fewest answers"),
        ({"head": 1}, {"covariance": "CR2", "clusters": "head"}, InsufficientDataError, "one cluster"),
        ({}, {"w": "q"}, ValueError, "Unknown variable: 'q'"),
        ({}, {"x": "stage"}, TypeError, "must hold numbers"),
        ({}, {"covariance": "CR2"}, ValueError, "needs clusters"),
        ({}, {"centring": "group"}, ValueError, "'centring' parameter"),
        ({}, {"w": "x"}, ValueError, "more than once"),
    ],
)
def test_bad_input(data, change, options, error, words):
    with pytest.raises(error, match=words):
        moderate(data.assign(**change), **({"x": "x", "w": "w", "y": "y"} | options))


def test_an_exact_outcome_has_slopes_and_no_tests(data):
    result = moderate(data.assign(y=data["x"] * data["w"]), "x", "w", "y")
    assert result.simple_slopes["estimate"]["mean"] == pytest.approx(data["w"].mean())
    assert result.simple_slopes["std_error"].isna().all()
    assert "perfect_fit" in {note.id for note in result.notes}


def test_run_allows_for_nesting(scored_of):
    options = {"x": "leadership_climate", "w": "task_significance", "y": "hostility"}
    result = moderation.run(scored_of(), **options)
    assert (result.definition["covariance"], result.definition["n_clusters"]) == ("CR2", 49)
    assert moderation.run(scored_of(nested_in=()), **options).definition["covariance"] == "HC3"
    with pytest.raises(PlanError, match="needs groups"):
        moderation.run(scored_of(nested_in=()), covariance="CR2", **options)
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


def test_text_of_lq2002_sizes_keeps_the_order_of_categories():
    result = moderate(lq2002(), "LEAD", "SIZE3", "HOSTILE")
    assert list(result.simple_slopes.index) == ["SIZE3[small]", "SIZE3[medium]", "SIZE3[large]"]
