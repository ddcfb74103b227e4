"""Figures: what they show, that their texts do not collide, and that equal figures have equal bytes."""

import inspect
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from importlib.resources import files
from itertools import combinations

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from leadership_study.by_name import find, names
from leadership_study.influences.correlations import correlate
from leadership_study.influences.descriptives import Descriptives, describe, frequencies
from leadership_study.influences.rater_agreement import DimensionAgreement, rater_agreement
from leadership_study.influences.regression import hierarchical_regression, regress
from leadership_study.measurement.efa import efa
from leadership_study.measurement.item_analysis import ItemAnalyses, item_analysis
from leadership_study.measurement.polychoric import polychoric
from leadership_study.measurement.reliability import Reliability, cronbach_alpha
from leadership_study.measurement.retention import factors_to_retain, minimum_average_partial, parallel_analysis
from leadership_study.reporting.figures import _style, kinds, plot, save
from leadership_study.results import Note, NotEstimated, Result

LONG = "The head of the district listens to the schools before deciding and explains the reasons afterwards"
LONG_ZH = "学区长在做出决定之前会认真听取各校教师的意见，并在决定之后向大家说明理由"


def answers(n_items: int = 12, n_factors: int = 3, n: int = 400) -> pd.DataFrame:
    """Answers from 1 to 5 with ``n_factors`` factors and as many dimensions."""
    rng = np.random.default_rng(7)
    factors = rng.normal(size=(n, n_factors))
    per = n_items // n_factors
    items = np.hstack([factors[:, [k]] + rng.normal(size=(n, per)) for k in range(n_factors)])
    columns = [f"dim{k + 1}_{i + 1:02d}" for k in range(n_factors) for i in range(per)]
    return pd.DataFrame(np.clip(np.round(items + 3), 1, 5), columns=columns)


def analysed_items(items: pd.DataFrame) -> ItemAnalyses:
    """Item analyses of the dimensions of `answers`."""
    dimensions = list(dict.fromkeys(name.partition("_")[0] for name in items))
    found = {name: item_analysis(items.filter(like=f"{name}_"), criteria="wu") for name in dimensions}
    return ItemAnalyses(
        items=pd.concat({name: one.items for name, one in found.items()}, names=["dimension", "item"]),
        deletions=pd.concat({name: one.deletions for name, one in found.items()}, names=["dimension", "item"]),
        groups=pd.DataFrame({"n": [one.n for one in found.values()]}, index=pd.Index(dimensions, name="dimension")),
        definition=found[dimensions[0]].definition,
    )


def scales() -> pd.DataFrame:
    """Three scale scores, a group and a nominal predictor."""
    items = answers()
    table = pd.DataFrame({f"dim{k}": items.filter(like=f"dim{k}_").mean(axis=1) for k in (1, 2, 3)})
    table["school"] = [f"s{row % 30}" for row in range(len(table))]
    table["stage"] = np.where(np.arange(len(table)) % 3 == 0, "primary", "middle")
    return table


def described(items: pd.DataFrame, low: dict[str, int]) -> Descriptives:
    """Descriptives of items on five-point scales that start at ``low``, by dimension."""
    dimensions = [name.partition("_")[0] for name in items]
    items = items + [low.get(name, 1) - 1 for name in dimensions]
    values = {item: range(low.get(name, 1), low.get(name, 1) + 5) for item, name in zip(items, dimensions, strict=True)}
    table = describe(items).variables.rename_axis("item")
    table.insert(0, "dimension", pd.Series(dimensions, index=table.index, dtype=object))
    empty = pd.DataFrame(index=pd.Index([], name="x", dtype="str"))
    return Descriptives(
        items=table,
        scales=empty,
        frequencies=frequencies(items, values),
        missing=empty,
        groups=empty,
        midpoint=empty,
        n_rows=len(items),
        n_complete=len(items),
        n_patterns=1,
    )


def reliabilities() -> Reliability:
    """Reliability of the dimensions of `answers`, the last without omega."""
    alphas = {name: cronbach_alpha(answers().filter(like=f"{name}_")) for name in ("dim1", "dim2", "dim3")}
    rows = {
        name: {
            "alpha": one.alpha,
            "alpha_ci_low": one.ci_low,
            "alpha_ci_high": one.ci_high,
            "omega": one.alpha + 0.01,
            "omega_ci_low": one.ci_low + 0.01,
            "omega_ci_high": one.ci_high + 0.01,
        }
        for name, one in alphas.items()
    }
    rows["dim3"] |= dict.fromkeys(("omega", "omega_ci_low", "omega_ci_high"), float("nan"))
    nothing = pd.DataFrame(index=pd.Index([], name="dimension", dtype="str"))
    return Reliability(
        table=pd.DataFrame.from_dict(rows, orient="index").rename_axis("dimension"),
        items=pd.concat({name: one.items for name, one in alphas.items()}, names=["dimension", "item"]),
        levels=nothing,
        ordinal=nothing,
        alphas=alphas,
        definition={"confidence_level": 0.95},
    )


def agreement_of_dimensions() -> DimensionAgreement:
    """Rater agreement of the dimensions of `answers`."""
    schools = [f"s{row % 30}" for row in range(400)]
    found = {
        name: rater_agreement(answers().filter(like=f"{name}_"), schools, scale=(1, 5))
        for name in ("dim1", "dim2", "dim3")
    }
    return DimensionAgreement(
        table=pd.DataFrame({"icc1": [one.icc1 for one in found.values()]}, index=pd.Index(found, name="dimension")),
        variants=pd.concat({name: one.variants for name, one in found.items()}, names=["dimension", "variant"]),
        nulls=pd.concat({name: one.nulls for name, one in found.items()}, names=["dimension", "null_distribution"]),
        by_raters=pd.concat({name: one.by_raters for name, one in found.items()}, names=["dimension", "raters"]),
        groups=pd.concat({name: one.groups for name, one in found.items()}, names=["dimension", "group"]),
        definition=found["dim1"].definition,
    )


RESULTS = {
    "descriptives": lambda: described(answers(), {"dim3": 0}),
    "descriptives_50_items": lambda: described(answers(50, 5, 600), {}),
    "reliability": reliabilities,
    "correlations": lambda: correlate(scales()[["dim1", "dim2", "dim3"]]),
    "correlations_of_2": lambda: correlate(scales()[["dim1", "dim2"]]),
    "correlations_of_50": lambda: correlate(answers(50, 5, 600)),
    "agreement_of_dimensions": agreement_of_dimensions,
    "efa": lambda: efa(answers(), 3),
    "efa_50_items": lambda: efa(answers(50, 5, 600), 5),
    "polychoric": lambda: polychoric(answers()),
    "retention": lambda: factors_to_retain(answers(), replicates=20, seed=1),
    "parallel_analysis": lambda: parallel_analysis(answers(), replicates=20, seed=1, criterion="mean"),
    "item_analysis": lambda: analysed_items(answers()),
    "item_analysis_50_items": lambda: analysed_items(answers(50, 5, 600)),
    "one_scale": lambda: item_analysis(answers().iloc[:, :4]),
    "regression": lambda: hierarchical_regression(
        "dim3", [["stage"], ["dim1", "dim2"]], scales(), covariance="CR2", clusters="school"
    ),
    "one_regression": lambda: regress("dim3 ~ dim1", scales()),
    "rater_agreement": lambda: rater_agreement(
        answers().iloc[:, :4], [f"s{row % 30}" for row in range(400)], scale=(1, 5)
    ),
}


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    return {name: make() for name, make in RESULTS.items()}


def labels_for(result: Result, text: str) -> dict[str, str]:
    """Give every row of a result a long label, factors and components aside."""
    ids = {str(key) for table in result.tables().values() for key in table.index.to_frame().to_numpy().ravel()}
    return {name: f"{text} {name}" for name in sorted(ids) if not re.fullmatch(r"F?\d+", name)}


def texts_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]


CASES = [(name, language) for name in RESULTS for language in ("en", "zh")]


@pytest.mark.parametrize(("name", "language"), CASES)
def test_texts_stay_inside_and_apart(results: dict[str, Result], name: str, language: str) -> None:
    result = results[name]
    labels = labels_for(result, LONG if language == "en" else LONG_ZH)
    for kind in kinds(result):
        figure = plot(result, kind, language=language, labels=labels)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        width, height = figure.bbox.width, figure.bbox.height
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                low, high = sorted(axis.get_view_interval())
                ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
                texts = [text for tick in ticks for text in (tick.label1, tick.label2)]
                boxes = [text.get_window_extent(renderer) for text in texts if text.get_visible()]
                boxes = [box for box in boxes if box.width > 0]
                for box in boxes:
                    assert box.x0 >= -1, f"{kind}: a label is cut off at the left"
                    assert box.x1 <= width + 1, f"{kind}: a label is cut off at the right"
                    assert box.y0 >= -1, f"{kind}: a label is cut off below"
                    assert box.y1 <= height + 1, f"{kind}: a label is cut off above"
                along_x = axis is axes.xaxis
                for one, other in combinations(boxes, 2):
                    apart = one.x1 <= other.x0 + 1 or other.x1 <= one.x0 + 1
                    if not along_x:
                        # A line's box is higher than its letters: a quarter may be shared.
                        shared = min(one.y1, other.y1) - max(one.y0, other.y0)
                        apart = shared <= 0.25 * min(one.height, other.height)
                    assert apart, f"{kind}: two labels of an axis lie on each other"


@pytest.mark.parametrize("name", [name for name in RESULTS if "50" not in name])
def test_equal_results_give_equal_bytes(results: dict[str, Result], name: str) -> None:
    first = save(plot(results[name], language="zh"))
    again = save(plot(Result.from_json(results[name].to_json()), language="zh"))
    assert first == again
    svg, png = first
    assert png.startswith(b"\x89PNG")
    assert b"Software" not in png[:200]
    assert b"<dc:date>" not in svg
    assert b"matplotlib" not in svg.lower().replace(b"matplotlib.axis", b"")[:1500]


def test_saving_twice_gives_the_same_bytes(results: dict[str, Result]) -> None:
    figure = plot(results["retention"])
    assert save(figure) == save(figure)


def test_bytes_do_not_hang_on_the_users_settings(results: dict[str, Result]) -> None:
    expected = save(plot(results["efa"]))
    with matplotlib.rc_context({"font.size": 21, "axes.facecolor": "red", "axes.unicode_minus": False}):
        assert save(plot(results["efa"])) == expected
        assert matplotlib.rcParams["font.size"] == 21


def test_drawing_leaves_no_global_state(results: dict[str, Result]) -> None:
    before = dict(matplotlib.rcParams)
    save(plot(results["regression"]))
    assert dict(matplotlib.rcParams) == before


def test_pyplot_is_not_needed() -> None:
    program = (
        "import sys\n"
        "from leadership_study.by_name import find, names\n"
        "package = 'leadership_study.reporting.figures'\n"
        "for name in names(package): find(package, name)\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_loadings_are_printed_by_the_rounding_rule_and_sorted(results: dict[str, Result]) -> None:
    result = results["efa"]
    figure = plot(result)
    shown = texts_of(figure)
    largest = result.loadings.abs().to_numpy().max()
    assert f"{largest:.3f}".removeprefix("0") in shown
    smallest = result.loadings.to_numpy().min()
    assert smallest < 0
    assert f"−{abs(smallest):.3f}".replace("−0", "−") in shown
    assert not any(re.fullmatch(r"-\.?\d+", text) for text in shown)
    rows = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    primary = [result.items.loc[row, "primary_factor"] for row in rows]
    assert primary == sorted(primary)
    sizes = [
        abs(result.items.loc[row, "primary_loading"]) for row in rows if result.items.loc[row, "primary_factor"] == "F1"
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_scree_shows_observed_and_reference(results: dict[str, Result]) -> None:
    result = results["retention"]
    axes = plot(result).axes[0]
    drawn = {line.get_label(): np.asarray(line.get_ydata()) for line in axes.lines}
    assert np.array_equal(drawn["Random data, 95 % quantile"], result.eigenvalues["reference_quantile"])
    kept = drawn[f"Observed, {result.n_factors} retained"]
    assert np.array_equal(kept, result.eigenvalues["eigenvalue"][: result.n_factors])
    assert len(drawn["Observed, not retained"]) == len(result.eigenvalues) - result.n_factors


def test_coefficients_show_each_step_without_the_constant(results: dict[str, Result]) -> None:
    result = results["regression"]
    figure = plot(result, labels={"dim1": "First", "stage": "Stage"})
    shown = texts_of(figure)
    assert {"Step 1", "Step 2", "First", "dim2", "Stage: primary"} <= set(shown)
    assert not any("intercept" in text for text in shown)
    drawn = np.concatenate([np.asarray(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "o"])
    slopes = result.coefficients.drop(index="intercept")["estimate"]
    assert np.array_equal(np.sort(drawn), np.sort(slopes))


def test_item_analysis_marks_what_misses_a_criterion(results: dict[str, Result]) -> None:
    result = results["item_analysis"]
    weak = result.items.copy()
    weak.loc[weak.index[0], "keep"] = False
    marked = plot(replace(result, items=weak))
    (open_squares,) = [line for line in marked.axes[0].lines if line.get_marker() == "s"]
    assert np.asarray(open_squares.get_xdata()).tolist() == [weak["corrected_item_total"].iloc[0]]
    assert "To be reconsidered" in texts_of(marked)


def test_groups_are_sorted_and_not_named(results: dict[str, Result]) -> None:
    result = results["rater_agreement"]
    figure = plot(result)
    (means,) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert np.array_equal(np.asarray(means.get_ydata()), np.sort(result.groups["mean"]))
    assert not set(result.groups.index) & set(texts_of(figure))
    assert any("unshrunken" in text for text in texts_of(figure))


def test_answers_are_centred_only_where_there_is_a_middle(results: dict[str, Result]) -> None:
    result = results["descriptives"]
    centred, stacked = plot(result).axes
    share = result.frequencies["share"]
    starts = [min(bar.get_x() for bar in bars) for bars in zip(*centred.containers, strict=True)]
    items = [tick.get_text() for tick in centred.get_yticklabels()]
    assert items == [name for name in result.items.index if not name.startswith("dim3")]
    for item, start in zip(items, starts, strict=True):
        given = share.loc[item]
        assert start == pytest.approx(-(given["1"] + given["2"] + given["3"] / 2))
    assert {min(bar.get_x() for bar in bars) for bars in zip(*stacked.containers, strict=True)} == {0.0}
    for axes in (centred, stacked):
        for bars in zip(*axes.containers, strict=True):
            assert sum(bar.get_width() for bar in bars) == pytest.approx(1)
    legends = [[text.get_text() for text in axes.get_legend().get_texts()] for axes in (centred, stacked)]
    assert legends == [["1", "2", "3", "4", "5"], ["0", "1", "2", "3", "4"]]


def test_correlations_show_each_pair_once(results: dict[str, Result]) -> None:
    result = results["correlations"]
    shown = texts_of(plot(result, labels={"dim1": "First", "dim2": "Second", "dim3": "Third"}))
    pairs = [result.correlations.loc[one, other] for one, other in combinations(["dim1", "dim2", "dim3"], 2)]
    expected = sorted(f"{value:.3f}".replace("-", "−").replace("0.", ".") for value in pairs)
    assert sorted(text for text in shown if re.fullmatch(r"−?\.\d{3}", text)) == expected
    assert {"1  First", "2  Second", "3  Third"} <= set(shown)


def test_reliability_shows_interval_and_what_is_missing(results: dict[str, Result]) -> None:
    result = results["reliability"]
    axes = plot(result).axes[0]
    (alpha,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert np.array_equal(np.asarray(alpha.get_xdata()), result.table["alpha"])
    drawn = sorted(tuple(segment[:, 0]) for segment in axes.collections[0].get_segments())
    assert drawn == sorted(zip(result.table["alpha_ci_low"], result.table["alpha_ci_high"], strict=True))
    assert "–" in texts_of(plot(result)), "omega could not be had"


def test_unknown_kind_and_results_without_figure(results: dict[str, Result]) -> None:
    with pytest.raises(ValueError, match=r"must be one of 'loadings' for efa\. Got 'pie' instead"):
        plot(results["efa"], "pie")
    alpha = cronbach_alpha(answers().iloc[:, :4])
    assert kinds(alpha) == ()
    with pytest.raises(ValueError, match="Alpha has no figure"):
        plot(alpha)
    partial = minimum_average_partial(answers())
    assert kinds(partial) == ()
    with pytest.raises(ValueError, match="MinimumAveragePartial has no figure"):
        plot(partial)
    nothing = NotEstimated.because(Note("x", "Too few answers."))
    assert kinds(nothing) == ()
    with pytest.raises(ValueError, match="nothing to draw: Too few answers"):
        plot(nothing)
    with pytest.raises(TypeError, match=r"must be a Result\. Got DataFrame"):
        plot(alpha.items)  # type: ignore[arg-type]


def test_unknown_language(results: dict[str, Result]) -> None:
    with pytest.raises(Exception, match="no words for the language 'xx'"):
        plot(results["efa"], language="xx")


def test_both_languages_have_the_same_words_and_placeholders() -> None:
    folder = files("leadership_study.reporting.figures") / "texts"
    english, chinese = (
        tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")) for language in ("en", "zh")
    )
    assert {section: set(words) for section, words in english.items()} == {
        section: set(words) for section, words in chinese.items()
    }
    for section, words in english.items():
        for word, text in words.items():
            fields = re.findall(r"\{(\w+)\}", text)
            assert sorted(fields) == sorted(re.findall(r"\{(\w+)\}", chinese[section][word])), (section, word)
    modules = {
        name: find("leadership_study.reporting.figures", name) for name in names("leadership_study.reporting.figures")
    }
    assert set(english) == {name for name, module in modules.items() if "words(" in inspect.getsource(module)}


def test_figures_show_themselves_in_jupyter(results: dict[str, Result]) -> None:
    png, size = plot(results["efa"])._repr_png_()  # type: ignore[attr-defined]
    assert png.startswith(b"\x89PNG")
    assert 0 < size["width"] <= round(_style.WIDTH * _style.SCREEN_DPI)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("Task significance of soldiers", 18, "Task significance\nof soldiers"),
        ("任务重要性与敌意", 8, "任务重要\n性与敌意"),
        ("short", 8, "short"),
    ],
)
def test_wrapping(text: str, width: int, expected: str) -> None:
    assert _style.wrapped(text, width) == expected
