from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from leadership_study.importing import read_responses
from leadership_study.instruments import load_instrument
from leadership_study.measurement import missing_answers
from leadership_study.reporting.figures import kinds, plot
from leadership_study.scoring import score
from leadership_study.validation import validate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scored():
    instrument = load_instrument(ROOT / "questionnaires" / "lq2002.toml")
    path = ROOT / "data" / "raw" / "lq2002" / "lq2002.csv"
    found = score(
        validate(read_responses(path, instrument, columns={"COMPID": "company"}, respondent_id="SUB"), instrument)
    )
    return replace(found, nested_in=())


@pytest.fixture(scope="module")
def result(scored):
    gone = np.random.default_rng(1).random(scored.items.shape) < np.where(np.arange(2042) < 200, 0.03, 0)[:, None]
    return missing_answers.run(replace(scored, items=scored.items.mask(gone)), datasets=2, iterations=3, seed=1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_patterns_show_each_missing_item_once(result, language):
    figure = plot(result, "patterns", language=language)
    above, _, cells, beside = figure.axes
    shown = result.patterns.iloc[:20]
    assert len(cells.patches) == shown["n_missing"].sum()
    assert [bar.get_height() for bar in above.patches] == result.items["missing"].tolist()
    assert [bar.get_width() for bar in beside.patches] == shown["n"].tolist()


def test_chains_and_distributions_show_the_variables_with_most_gaps(result):
    chains = plot(result, "chains")
    assert len([axes for axes in chains.axes if axes.get_visible()]) == 6
    assert len(chains.axes[0].lines) == 2 + 1  # data sets, and the mean of the answers
    bars = plot(result, "distributions", language="zh").axes[0].patches
    assert sum(bar.get_height() for bar in bars) == pytest.approx(2)


def test_without_gaps_there_are_no_chains(scored):
    whole = missing_answers.run(scored)
    assert kinds(whole) == ("patterns",)
    with pytest.raises(ValueError, match="must be one of 'patterns'"):
        plot(whole, "chains")
