"""Figures of confirmatory models: every estimate stands where it can be read."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from leadership_study.measurement.cfa import cfa
from leadership_study.measurement.construct_validity import construct_validity
from leadership_study.measurement.invariance import measurement_invariance
from leadership_study.measurement.method_bias import method_bias
from leadership_study.measurement.rival_models import rival_models
from leadership_study.reporting.figures import kinds, plot, save
from leadership_study.reporting.figures._paths import paths_of
from leadership_study.results import Result, format_number

DIMENSIONS = ("structural", "interpersonal", "political", "teaching", "cultural")
MEMBERS = {name: [f"{name[:3]}_{k:02d}" for k in range(1, 7)] for name in DIMENSIONS}
ENGLISH = {name: f"{name.capitalize()} leadership" for name in DIMENSIONS}
CHINESE = dict(zip(DIMENSIONS, ["结构领导力", "人际领导力", "政治领导力", "教学领导力", "文化领导力"], strict=True))
for _items in MEMBERS.values():
    ENGLISH |= {item: f"{item}  The district head listens to the schools before deciding" for item in _items}
    CHINESE |= {item: f"{item}（反）  学区长在做出决定之前会认真听取各校教师的意见{item[-1]}" for item in _items}


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    random = np.random.default_rng(11)
    general, own = random.normal(size=(500, 1)), random.normal(size=(500, 5))
    factors = 0.8 * general + 0.6 * own
    items = np.repeat(factors, 6, axis=1) * 0.75 + 0.7 * random.normal(size=(500, 30))
    names = [item for items in MEMBERS.values() for item in items]
    return pd.DataFrame(items, columns=names).assign(place=np.where(np.arange(500) % 2, "town", "village"))


@pytest.fixture(scope="module")
def correlated() -> str:
    return "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in MEMBERS.items())


@pytest.fixture(scope="module")
def fits(answers, correlated):
    everything = " + ".join(item for items in MEMBERS.values() for item in items)
    return {
        "correlated": cfa(correlated, answers),
        "second_order": cfa(f"{correlated}\ngeneral =~ {' + '.join(DIMENSIONS)}", answers),
        "bifactor": cfa(f"{correlated}\ngeneral =~ {everything}", answers, std_lv=True, orthogonal=True),
        "paths": cfa(f"{correlated}\ncultural ~ structural + political\nstr_01 ~~ str_02\ncultural =~ tea_01", answers),
    }


def texts_of(figure):
    FigureCanvasAgg(figure).draw()
    renderer = figure.canvas.get_renderer()
    found = [(text, text.get_window_extent(renderer)) for axes in figure.axes for text in axes.texts]
    return [(text.get_text(), box) for text, box in found if text.get_text().strip() and text.get_visible()]


@pytest.mark.parametrize("name", ["correlated", "second_order", "bifactor", "paths"])
@pytest.mark.parametrize(("language", "labels"), [("en", ENGLISH), ("zh", CHINESE)])
def test_no_texts_of_a_path_diagram_collide(fits, name, language, labels) -> None:
    figure = plot(fits[name], language=language, labels=labels)
    shown = texts_of(figure)
    assert len(shown) > 60
    width, height = figure.canvas.get_width_height()
    for text, box in shown:
        assert box.x0 >= -1, text
        assert box.x1 <= width + 1, text
        assert box.y0 >= -1, text
        assert box.y1 <= height + 1, text
    for (one, a), (other, b) in combinations(shown, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        along = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or along <= 2.5, f"{one!r} and {other!r} collide"


@pytest.mark.parametrize("name", ["correlated", "second_order", "bifactor", "paths"])
def test_every_estimate_is_drawn_once(fits, name) -> None:
    paths = paths_of(fits[name].estimates)
    values = [*paths.loadings.values(), *paths.above.values(), *paths.covariances.values(), *paths.regressions.values()]
    if name != "bifactor":
        values += [*paths.residuals.values(), *paths.together.values()]
    drawn = [text for text, _ in texts_of(plot(fits[name]))]
    expected = [format_number(value, "loading") for value in values]
    numbers = [text for text in drawn if text.replace("−", "").replace(".", "").isdigit() and "." in text]
    assert sorted(numbers) == sorted(expected)
    assert len(paths.loadings) == {"bifactor": 60, "paths": 31}.get(name, 30)
    assert paths.general == ("general" if name == "bifactor" else "")


def test_a_fit_read_back_from_its_file_is_drawn_the_same(fits) -> None:
    back = Result.from_json(fits["correlated"].to_json())
    assert save(plot(back, labels=ENGLISH)) == save(plot(fits["correlated"], labels=ENGLISH))


def test_groups_are_named_and_what_is_not_drawn_is_said(answers) -> None:
    data = answers.assign(size=np.arange(500) % 7)
    several = cfa("structural =~ str_01 + str_02 + str_03", data, group="place")
    assert any("village" in text for text, _ in texts_of(plot(several)))
    regressed = cfa("structural =~ str_01 + str_02 + str_03\nstructural ~ size", data)
    assert any("Not drawn: size" in text for text, _ in texts_of(plot(regressed)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_can_be_drawn(answers, correlated, fits, language) -> None:
    results = [
        fits["correlated"],
        construct_validity(fits["correlated"], bootstrap=20, seed=1),
        construct_validity(cfa("structural =~ str_01 + str_02 + str_03", answers)),
        rival_models(answers, MEMBERS, sample="halves", models=("one_factor", "correlated")),
        measurement_invariance(correlated, answers, "place"),
        method_bias(answers, correlated),
    ]
    labels = ENGLISH if language == "en" else CHINESE
    for result in results:
        assert kinds(result)
        for kind in kinds(result):
            figure = plot(result, kind, language=language, labels=labels)
            assert figure.axes
            FigureCanvasAgg(figure).draw()
    with pytest.raises(ValueError, match="must be one of 'paths', 'residuals'"):
        plot(fits["correlated"], "tree")


def test_points_are_the_results(answers, fits) -> None:
    result = construct_validity(fits["correlated"])
    axes = plot(result, "pairs").axes[0]
    drawn = axes.lines[0].get_xdata()
    np.testing.assert_allclose(drawn, result.pairs["htmt"])
    invariance = measurement_invariance("structural =~ str_01 + str_02 + str_03 + str_04", answers, "place")
    panels = plot(invariance).axes
    np.testing.assert_allclose(panels[0].lines[0].get_xdata(), invariance.table["cfi"])
    np.testing.assert_allclose(panels[2].lines[0].get_xdata(), invariance.table["srmr"])
