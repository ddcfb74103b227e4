"""Figures of multilevel models and of the profiles of heads."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.influences.head_profiles import head_profiles
from leadership_study.influences.multilevel import mixed_model
from leadership_study.reporting.figures import kinds, plot, save


@pytest.fixture
def data() -> pd.DataFrame:
    random = np.random.default_rng(4)
    head = np.repeat(np.arange(12), 20)
    x = random.normal(size=240)
    y = 3 + 0.4 * random.normal(size=12)[head] + 0.3 * x + random.normal(size=240)
    return pd.DataFrame({"y": y, "x": x, "head": [f"D{one:02d}" for one in head]})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_caterpillar_rises_and_shows_every_head(data, language):
    result = head_profiles(data, "y", "head")
    assert kinds(result) == ("caterpillar",)
    figure = plot(result, language=language)
    axes = figure.axes[0]
    shrunken = next(line for line in axes.lines if line.get_marker() == "o")
    assert np.all(np.diff(shrunken.get_ydata()) >= 0)
    assert len(shrunken.get_ydata()) == 12
    named = [text.get_text() for text in axes.get_xticklabels()]
    assert named == list(result.profiles["estimate"].sort_values().index)
    assert save(figure)[0] == save(plot(result, language=language))[0]


def test_heads_without_intervals_are_drawn_all_the_same(data):
    data["y"] -= data.groupby("head")["y"].transform("mean")
    result = head_profiles(data, "y", "head")
    assert result.profiles["std_error"].isna().all()
    assert save(plot(result))[1]


def test_coefficients_stand_where_they_are(data):
    result = mixed_model("y ~ x", data, "head")
    axes = plot(result).axes[0]
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert points[0].get_xdata()[0] == pytest.approx(result.fixed.loc["x", "estimate"])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["x"]
