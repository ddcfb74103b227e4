"""The figure of a power analysis: what it shows in both languages."""

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from leadership_study.reporting.figures import plot, save
from leadership_study.results import Result
from leadership_study.study import power as ls


@pytest.fixture(scope="module")
def simulated() -> ls.SimulatedPower:
    design = ls.NestedDesign(
        districts=8, schools_per_district=3, teachers_per_school=6, icc_district=0.05, icc_school=0.05
    )
    return ls.simulate_group_difference(design, means=(0, 0.6), level="district", replicates=100, seed=1)


def texts_of(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.findobj(matplotlib.text.Text)}


def test_the_curve_of_a_formula_with_the_sample_found():
    result = ls.t_test_power(0.5)
    figure = plot(result)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert np.array_equal(lines["By formula"].get_xdata(), result.curve["n"])
    assert np.array_equal(lines["By formula"].get_ydata(), result.curve["power"])
    found = lines["Respondents in all: 128"]
    assert (found.get_xdata()[0], found.get_ydata()[0]) == (128, result.curve.loc["128", "power"])
    assert {"Wanted: .800", "Power", "Respondents in all"} <= texts_of(figure)
    assert {"期望值 .800", "检验力", "总人数：128"} <= texts_of(plot(result, language="zh"))


def test_widths_and_effective_samples_have_their_own_axis():
    assert {"Width of the interval", "Wanted: 0.100"} <= texts_of(plot(ls.alpha_precision(0.85, n_items=6, width=0.1)))
    assert "相当于独立样本的人数" in texts_of(plot(ls.cluster_design(128, icc=0.1, cluster_size=15), language="zh"))
    with pytest.raises(ValueError, match="no curve to draw"):
        plot(ls.yamane_sample(900))


def test_a_simulation_shows_its_intervals_and_false_positives(simulated):
    figure = plot(simulated)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    power = lines["Simulated, 95 % interval (100 replicates)"]
    assert np.array_equal(power.get_xdata(), simulated.curve["districts"])
    assert np.array_equal(power.get_ydata(), simulated.curve["power"])
    false = lines["Significant without any effect, 95 % interval"]
    assert np.array_equal(false.get_ydata(), simulated.curve["false_positive_rate"])
    segments = figure.axes[0].collections[0].get_segments()
    assert [tuple(segment[:, 1]) for segment in segments] == list(
        simulated.curve[["ci_low", "ci_high"]].itertuples(index=False, name=None)
    )
    assert {"Significance level .050", "Districts"} <= texts_of(figure)
    assert "效应为零时的拒绝率及 95% 置信区间" in texts_of(plot(simulated, language="zh"))


def test_equal_results_give_equal_bytes(simulated):
    for result in (simulated, ls.correlation_power(0.3)):
        assert save(plot(result)) == save(plot(Result.from_json(result.to_json())))


def test_a_notice_stands_at_the_foot_and_covers_nothing():
    plain, told = (plot(ls.t_test_power(0.5)) for _ in range(2))
    assert save(plain) != save(told, notice="The data are simulated.")
    (line,) = [text for text in told.texts if "simulated" in text.get_text()]
    told.draw_without_rendering()
    assert line.get_window_extent().y1 < told.axes[0].get_tightbbox().y0
    assert line.get_window_extent().y0 >= 0


def test_a_notice_goes_below_a_line_that_is_there():
    figure = plot(ls.t_test_power(0.5))
    figure.supxlabel("A line", x=0.012, ha="left")
    save(figure, notice="The data are simulated.")
    assert [text.get_text() for text in figure.texts] == ["A line\nThe data are simulated."]
