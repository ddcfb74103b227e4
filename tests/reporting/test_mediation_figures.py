"""Figures of mediation, moderation and split raters."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.mediation import mediate
from leadership_study.influences.moderated_mediation import moderated_mediation
from leadership_study.influences.moderation import moderate
from leadership_study.influences.multilevel_mediation import multilevel_mediation
from leadership_study.influences.split_raters import split_raters
from leadership_study.reporting.figures import kinds, plot, save


@pytest.fixture
def data() -> pd.DataFrame:
    random = np.random.default_rng(9)
    head = np.repeat(np.arange(12), 15)
    x = random.normal(size=180) + random.normal(size=12)[head]
    m = 0.6 * x + random.normal(size=180) + random.normal(size=12)[head]
    n = 0.01 * x + random.normal(size=180)
    y = 0.5 * m + 0.4 * x * m + random.normal(size=180)
    return pd.DataFrame({"x": x, "m": m, "n": n, "y": y, "head": [f"D{one}" for one in head],
                         "stage": np.array(["primary", "lower"])[head % 2]})  # fmt: skip


def texts(figure) -> str:
    return " ".join(text.get_text() for axes in figure.axes for text in axes.texts)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["parallel", "serial"])
def test_the_diagram_has_every_path_and_dashes_the_open_ones(data, language, kind):
    result = mediate(data, "x", ["m", "n"], "y", kind=kind, covariates="stage", bootstrap=100, seed=1)
    assert kinds(result) == ("path_diagram", "effects")
    figure = plot(result, language=language, labels={"m": "Trust"})
    drawn = texts(figure)
    assert "Trust" in drawn
    assert all(f"{path} = " in drawn for path in ("a1", "a2", "b1", "b2"))
    assert ("d21 = " in drawn) == (kind == "serial")
    arrows = [patch for patch in figure.axes[0].patches if type(patch).__name__ == "FancyArrowPatch"]
    rows = result.paths[result.paths["predictor"].isin(["x", "m", "n"])].drop("c")
    undecided = ((rows["ci_low"] <= 0) & (rows["ci_high"] >= 0)).sum()
    assert undecided
    assert sum(patch.get_linestyle() != "-" and patch.get_linestyle() != "solid" for patch in arrows) == undecided
    assert save(figure)[0] == save(plot(result, language=language, labels={"m": "Trust"}))[0]


def test_effects_stand_where_they_are(data):
    result = mediate(data, "x", ["m", "n"], "y", bootstrap=100, seed=1)
    axes = plot(result, "effects").axes[0]
    points = [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]
    expected = [*result.effects["estimate"][["total_effect", "direct_effect"]], *result.indirect["estimate"]]
    assert points == pytest.approx(expected)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_slopes_and_the_region(data, language):
    result = moderate(data, "x", "m", "y")
    assert kinds(result) == ("slopes", "johnson_neyman")
    lines = [line for line in plot(result, language=language).axes[0].lines if len(line.get_xdata()) == 2]
    steep = [float(np.diff(line.get_ydata())[0] / np.diff(line.get_xdata())[0]) for line in lines]
    assert steep == pytest.approx(list(result.simple_slopes["estimate"]))
    axes = plot(result, "johnson_neyman", language=language).axes[0]
    upright = [float(line.get_xdata()[0]) for line in axes.lines if len(set(line.get_xdata())) == 1]
    inside = result.johnson_neyman.loc[result.johnson_neyman["in_range"], "moderator"]
    assert upright == pytest.approx(list(inside))
    assert kinds(moderate(data, "x", "stage", "y")) == ("slopes",)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_others_are_drawn(data, language):
    conditional = moderated_mediation(data, "x", "m", "y", "stage", bootstrap=100, seed=1)
    levels = multilevel_mediation(data, "x", "m", "y", "head", seed=1)
    halves = split_raters(data, "x", "y", "head", splits=50, bootstrap=100, seed=1)
    for result, number in ((conditional, 2), (levels, 3)):
        axes = plot(result, language=language).axes[0]
        assert sum(line.get_marker() == "o" for line in axes.lines) == number
        assert all(text.get_text() for text in axes.get_yticklabels())
    upright = {round(float(line.get_xdata()[0]), 9) for line in plot(halves, language=language).axes[0].lines}
    named = ["different_raters", "same_half", "all_raters"]
    assert upright == {round(float(value), 9) for value in halves.estimates["estimate"][named]}
