"""Random halves of raters: what shared raters add is found, and not found where there is none."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences import split_raters as analysis
from leadership_study.influences.split_raters import split_raters
from leadership_study.results import Result
from leadership_study.samples.random_halves import half_means


def ratings(halo: float, seed: int = 2, groups: int = 60, raters: int = 12) -> pd.DataFrame:
    """Leaders whose x and y go together with r = .5, and raters whose mood goes into both."""
    random = np.random.default_rng(seed)
    true = random.multivariate_normal([0, 0], [[0.3, 0.15], [0.15, 0.3]], groups)
    head = np.repeat(np.arange(groups), raters)
    mood = halo * random.normal(size=len(head))
    noise = random.normal(size=(len(head), 2))
    return pd.DataFrame({"x": true[head, 0] + mood + noise[:, 0], "y": true[head, 1] + mood + noise[:, 1],
                         "head": [f"H{one}" for one in head]})  # fmt: skip


def test_halves_are_whole_groups_and_share_nobody():
    random = np.random.default_rng(1)
    codes = random.permutation(np.repeat(np.arange(4), [2, 3, 6, 9]))
    values = 2.0 ** np.arange(20)[:, None]  # a sum says who is in it
    first, second = half_means(values, codes, 30, seed=4)
    for group in range(4):
        own, everybody = values[codes == group, 0], int(values[codes == group].sum())
        for one, two in zip(first[:, group, 0], second[:, group, 0], strict=True):
            half = len(own) // 2
            sums = [
                (round(one * a), round(two * (len(own) - a)))
                for a in {half, len(own) - half}
                if float(one * a).is_integer() and round(one * a).bit_count() == a
            ]
            assert any(a + b == everybody and a & b == 0 for a, b in sums)
    assert len(np.unique(first[:, 3, 0])) > 20


def test_mood_shows_as_the_difference_and_only_then():
    with_mood, without = (split_raters(ratings(halo), "x", "y", "head", splits=100, bootstrap=400, seed=1).estimates
                          for halo in (1.0, 0.0))  # fmt: skip
    assert with_mood["ci_low"]["same_less_different"] > 0
    assert without["ci_low"]["same_less_different"] < 0 < without["ci_high"]["same_less_different"]
    assert with_mood["estimate"]["all_raters"] > with_mood["estimate"]["different_raters"] + 0.1


def test_the_order_of_groups_and_rows_of_other_groups_do_not_matter():
    data = ratings(0.5, groups=10)
    small = pd.DataFrame({"x": [1.0, 2.0], "y": [2.0, 1.0], "head": ["small", "small"]})
    one = split_raters(data, "x", "y", "head", splits=20, bootstrap=100, seed=1)
    two = split_raters(pd.concat([data, small], ignore_index=True), "x", "y", "head", splits=20, bootstrap=100, seed=1)
    pd.testing.assert_frame_equal(one.estimates, two.estimates)
    assert "groups_with_few_raters" in {note.id for note in two.notes}
    assert "bootstrap_few_groups" in {note.id for note in one.notes}
    means = data.groupby("head")[["x", "y"]].mean()
    assert one.estimates["estimate"]["all_raters"] == pytest.approx(means.corr().iloc[0, 1], rel=1e-10)


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        ({"x": 1.0}, {}, InsufficientDataError, "x has the same value"),
        ({"head": "one"}, {}, InsufficientDataError, "one cluster"),
        ({}, {"least_raters": 13}, InsufficientDataError, "needs four"),
        ({}, {"splits": 3}, ValueError, "'splits'"),
        ({}, {"x": "q"}, ValueError, "Unknown variable"),
        ({}, {"x": "head"}, TypeError, "must hold numbers"),
        ({}, {"group": "q"}, ValueError, "Unknown column of clusters"),
    ],
)
def test_bad_input(change, options, error, words):
    called = {"x": "x", "y": "y", "group": "head", "splits": 20, "bootstrap": 100, "seed": 1} | options
    with pytest.raises(error, match=words):
        split_raters(ratings(0.0, groups=6).assign(**change), **called)


def test_groups_with_the_same_mean_have_no_association():
    data = ratings(0.0, groups=8)
    data["x"] -= data.groupby("head")["x"].transform("mean")
    data["x"] = np.tile([1.0, -1.0], 48)
    with pytest.raises(InsufficientDataError, match="same mean"):
        split_raters(data, "x", "y", "head", splits=20, bootstrap=100, seed=1)


def test_run_needs_groups(scored_of):
    options = {"x": "leadership_climate", "y": "hostility", "splits": 20, "bootstrap": 100, "seed": 1}
    result = analysis.run(scored_of(), **options)
    assert result.groups == 49
    assert Result.from_json(result.to_json()).to_json() == result.to_json()
    with pytest.raises(InsufficientDataError, match="not nested"):
        analysis.run(scored_of(nested_in=()), **options)
