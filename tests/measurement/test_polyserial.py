"""`polyserial`: many items and scores at once, and what is noted or refused."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.polychoric import polyserial
from leadership_study.results import Result
from leadership_study.samples.polyserial import polyserial as of_arrays


@pytest.fixture
def data() -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(4)
    z = random.normal(size=(400, 1))
    scores = pd.DataFrame({"s": z[:, 0], "t": 3 - 2 * z[:, 0] + random.normal(size=400)})
    latent = 0.7 * z + np.sqrt(0.51) * random.normal(size=(400, 3))
    items = pd.DataFrame(np.digitize(latent, [-1, 0.3, 1.2]) + 1.0, columns=["a", "b", "c"])
    return scores, items


def test_each_pair_is_that_of_the_arrays(data) -> None:
    scores, items = data
    for method in ("two_step", "ml", "conversion"):
        found = polyserial(scores, items, method=method)
        for item in items:
            for score in scores:
                alone = of_arrays(scores[score].to_numpy(), items[item].to_numpy(int) - 1, method=method)
                assert found.correlations.loc[item, score] == alone
    assert found.correlations["s"].between(0.6, 0.8).all()
    assert (found.correlations["t"] < -0.5).all()
    assert Result.from_json(found.to_json()).to_frame().equals(found.to_frame())


def test_gaps_listwise_and_pairwise(data) -> None:
    scores, items = data
    scores.iloc[:50, 0] = np.nan
    items.iloc[30:90, 1] = np.nan
    complete = polyserial(scores, items)
    assert complete.n == 310
    assert (complete.pair_n == 310).all(axis=None)
    kept = scores.notna().all(axis=1) & items.notna().all(axis=1)
    pd.testing.assert_frame_equal(complete.correlations, polyserial(scores[kept], items[kept]).correlations)
    pairs = polyserial(scores, items, missing="pairwise")
    assert pairs.pair_n.loc["b"].tolist() == [310, 340]
    assert pairs.pair_n.loc["a"].tolist() == [350, 400]
    assert pairs.n == 400


def test_categories_need_not_be_whole_and_the_unit_does_not_matter(data) -> None:
    scores, items = data
    plain = polyserial(scores, items).correlations
    recoded = polyserial(1e6 + 1e-3 * scores, items.replace({1.0: -2.5, 4.0: 40})).correlations
    pd.testing.assert_frame_equal(recoded, plain, rtol=0, atol=1e-7)


def test_a_pair_in_perfect_order_is_named() -> None:
    scores, items = (
        pd.Series([1.0, 2, 3, 4, 5], name="s"),
        pd.DataFrame({"a": [1.0, 1, 2, 2, 3], "b": [1.0, 2, 1, 2, 1]}),
    )
    found = polyserial(scores, items)
    assert found.correlations.loc["a", "s"] == 1
    assert next(note for note in found.notes if note.id == "polyserial_perfect_order").values["pairs"] == "a – s"


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda s, i: (s.assign(s=1.0), i), InsufficientDataError, "same answer to s"),
        (lambda s, i: (s, i.assign(a=2.0)), InsufficientDataError, "same answer to a"),
        (lambda s, i: (s, i.assign(a=np.nan)), InsufficientDataError, "No respondent answered a"),
        (lambda s, i: (s.iloc[:2], i.iloc[:2]), InsufficientDataError, "at least three"),
        (lambda s, i: (s, i.iloc[::-1]), ValueError, "same order"),
        (lambda s, i: (s.assign(s=np.inf), i), ValueError, "infinite"),
        (lambda s, i: (s, i.assign(a="agree")), TypeError, "'a' holds"),
        (lambda s, i: (s, i.assign(a=np.arange(400.0))), ValueError, "'a' has 400 different values"),
    ],
)
def test_what_cannot_be_correlated_is_named(data, change, error, match) -> None:
    with pytest.raises(error, match=match):
        polyserial(*change(*data))


def test_unknown_options_are_named(data) -> None:
    with pytest.raises(ValueError, match="'method' parameter of polyserial"):
        polyserial(*data, method="pearson")
    with pytest.raises(ValueError, match="'missing' parameter of polyserial"):
        polyserial(*data, missing="fiml")
