"""Figures of the setting: every school and every indicator is there, in both languages."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.districts._standard import load_standard
from leadership_study.districts.balance import resource_balance
from leadership_study.districts.location_gaps import location_gaps
from leadership_study.reporting.figures import kinds, plot


def county(standard: str) -> pd.DataFrame:
    pupils = np.array([200.0, 400, 600, 800])
    frame = pd.DataFrame({"school": list("abcd"), "stage": "primary", "pupils": pupils})
    frame["location"] = ["rural", "town", "urban", "urban"]
    amounts = {one.of: pupils * np.array([30, 40, 50, 20]) for one in load_standard(standard).indicators}
    return frame.assign(**amounts)


@pytest.mark.parametrize(("language", "title"), [("en", "Primary"), ("zh", "小学")])
@pytest.mark.parametrize("standard", ["2012", "2017"])
def test_balance_shows_every_indicator_and_school(standard: str, language: str, title: str) -> None:
    result = resource_balance(county(standard), standard=standard)
    assert kinds(result) == ("cv", "schools")
    for kind in kinds(result):
        (axes,) = plot(result, kind, language=language).axes
        assert axes.get_title("left") == title
        assert len(axes.get_yticks()) == len(load_standard(standard).indicators)
    points = [line for line in axes.lines if line.get_marker() in "osD"]
    assert sum(len(line.get_xdata()) for line in points) == 4 * len(load_standard(standard).indicators)
    legend = plot(result, "schools", language=language).legends[0]
    assert len(legend.get_texts()) == 3


def test_what_is_beyond_the_limit_differs_only_where_each_indicator_is_judged() -> None:
    uneven = county("2017").assign(books=[10_000, 0, 0, 0])
    for name in ("backbone_teachers",):
        uneven[name] = [4000, 10, 10, 10]
    told = [text.get_text() for text in plot(resource_balance(uneven, standard="2017"), "cv").legends[0].get_texts()]
    assert told == ["Within the limit", "Beyond the limit", "Limit of the standard: 0.50"]
    mixed = county("2012").assign(books=[40_000, 10, 10, 10])
    told = [
        text.get_text()
        for text in plot(resource_balance(mixed, standard="2012", check_units=False), "cv").legends[0].get_texts()
    ]
    assert told == ["Judged by their mean", "Limit of the standard: 0.65"]


def test_gaps_are_drawn_on_their_side() -> None:
    result = location_gaps(county("2017"), standard="2017")
    (axes,) = plot(result, language="zh").axes
    drawn = {line.get_label(): len(line.get_xdata()) for line in axes.lines if not line.get_label().startswith("_")}
    assert sum(drawn.values()) == 7
    assert set(drawn) == {"城镇较多", "乡村较多", "尚无定论"}
