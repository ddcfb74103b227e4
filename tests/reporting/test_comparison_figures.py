"""Figures of comparisons: what is drawn is what the tables hold, in both languages, and no text falls on another."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.differences import Differences
from leadership_study.influences.factorial import factorial_anova
from leadership_study.influences.groups import compare_groups
from leadership_study.influences.importance_performance import importance_performance
from leadership_study.influences.repeated import repeated_measures
from leadership_study.influences.self_other import self_other
from leadership_study.influences.weighted import design_means
from leadership_study.reporting.figures import kinds, plot, save


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    group = rng.integers(0, 4, 300)
    return pd.DataFrame(
        {
            "trust": rng.normal(size=300) + 0.3 * group,
            "care": rng.normal(size=300),
            "post": np.array(["a", "b", "c", "d"])[group],
            "sex": np.array(["f", "m"])[rng.integers(0, 2, 300)],
        }
    )


LABELS = {"trust": "信任 Trust", "post": "Post", "post[a]": "Post: class head", "sex": "Sex", "sex[f]": "Sex: female"}


def table(data):
    compared = {(y, x): compare_groups(data, y, x) for y in ("trust", "care") for x in ("post", "sex")}
    index = pd.MultiIndex.from_tuples(list(compared), names=["outcome", "variable"])
    means = pd.concat({key: one.groups for key, one in compared.items()}, names=["outcome", "variable", "level"])
    tests = pd.DataFrame({"verdict": [one.verdict for one in compared.values()]}, index=index)
    nothing = pd.DataFrame(index=pd.Index([], name="x", dtype="str"))
    return Differences(n_undecided=1, tests=tests, means=means, pairs=nothing, definition={"confidence_level": 0.95})


def results(data):
    return {
        "differences": table(data),
        "factorial": factorial_anova(data, "trust", ["post", "sex"]),
        "groups": compare_groups(data, "trust", "post"),
        "importance_performance": importance_performance(data[["trust", "care"]] + 0.5, data[["trust", "care"]]),
        "repeated": repeated_measures(data[["trust", "care"]], midpoint=0.0),
        "self_other": self_other(
            data[["trust", "care", "post"]], data.groupby("post")[["trust", "care"]].mean() + 0.3, "post"
        ),
        "weighted": design_means(data[["trust", "care"]]),
    }


NAMES = ["differences", "factorial", "groups", "importance_performance", "repeated", "self_other", "weighted"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_is_drawn_and_equal_figures_have_equal_bytes(data, name, language):
    result = results(data)[name]
    for kind in kinds(result):
        first, second = (save(plot(result, kind, language=language, labels=LABELS)) for _ in range(2))
        assert first == second
        assert plot(result, kind, language=language).alt


def test_the_points_are_the_means(data):
    result = results(data)["groups"]
    (axes,) = plot(result, labels=LABELS).axes
    assert axes.lines[0].get_xdata() == pytest.approx(result.groups["mean"].to_numpy())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["class head", "b", "c", "d"]


def test_differences_label_levels_once_and_colour_what_is_significant(data):
    figure = plot(table(data), labels=LABELS)
    first, second = figure.axes
    texts = [label.get_text() for label in first.get_yticklabels()]
    assert {"Post", "class head", "Sex", "female"} <= set(texts)
    assert {label.get_text() for label in second.get_yticklabels()} == {""}
    colours = {line.get_color() for line in first.lines}
    assert len(colours) == 2, "trust differs by post, not by sex"


def test_repeated_measures_keep_the_order_of_the_questionnaire(data):
    (axes,) = plot(results(data)["repeated"]).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["trust", "care"]


def test_the_crosshair_is_the_mean_of_all_dimensions(data):
    result = results(data)["importance_performance"]
    (axes,) = plot(result).axes
    across, up = axes.lines[0].get_xdata(), axes.lines[1].get_ydata()
    assert across[0] == pytest.approx(result.mean_performance)
    assert up[0] == pytest.approx(result.mean_importance)
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines[2:]]
    np.testing.assert_allclose(points, result.quadrants[["performance", "importance"]])


def test_self_ratings_stand_beside_the_interval_of_others(data):
    result = results(data)["self_other"]
    first = plot(result).axes[0]
    own = result.heads.xs("trust", level="dimension")
    assert first.lines[0].get_xdata() == pytest.approx(own["other_mean"].to_numpy())
    (segments,) = [one.get_segments() for one in first.collections]
    low, high = np.array([[line[0, 0], line[1, 0]] for line in segments]).T
    assert (low < own["other_mean"]).all()
    assert (high - low) == pytest.approx((own["ci_high"] - own["ci_low"]).to_numpy())
