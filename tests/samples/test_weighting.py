"""Weights to the shares of a population: raking as in R's loglin, post-stratification by hand, impossible margins."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import ConvergenceError
from leadership_study.samples.weighting import design_effect, rake

COUNTS = np.array([[30, 10, 5], [12, 25, 8], [6, 9, 15]])
MARGINS = {"stage": pd.Series([0.5, 0.3, 0.2], index=list("abc")), "place": pd.Series([40, 35, 25], index=list("xyz"))}

# start <- matrix(c(30,10,5, 12,25,8, 6,9,15), 3, byrow=TRUE); rows <- c(.5,.3,.2); cols <- c(.4,.35,.25)
# loglin(outer(rows,cols)*120, list(1,2), start=start, fit=TRUE, eps=1e-13, iter=1000)$fit / start
LOGLIN = np.array(
    [
        [1.211242211584780, 1.485411599012941, 1.761723532465434],
        [0.663048624058569, 0.813132259977577, 0.964388751482219],
        [0.617691693958960, 0.757508612270130, 0.898418155054338],
    ]
)


@pytest.fixture
def people():
    rows = [
        (stage, place) for i, stage in enumerate("abc") for j, place in enumerate("xyz") for _ in range(COUNTS[i, j])
    ]
    return pd.DataFrame(rows, columns=["stage", "place"], dtype="str")


def test_raking_is_that_of_r(people):
    raked = rake(people, MARGINS)
    cells = raked.weights.groupby([people["stage"], people["place"]]).agg(["min", "max"])
    np.testing.assert_allclose(cells["min"].to_numpy().reshape(3, 3), LOGLIN, atol=1e-9)
    np.testing.assert_allclose(cells["max"].to_numpy().reshape(3, 3), LOGLIN, atol=1e-9)
    assert raked.design_effect == pytest.approx(1.08668820405095, abs=1e-9)
    assert raked.weights.mean() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(raked.shares["weighted_share"], raked.shares["population_share"], atol=1e-9)


def test_one_variable_is_post_stratification(people):
    raked = rake(people[["stage"]], {"stage": MARGINS["stage"]})
    share = people["stage"].value_counts(normalize=True)
    np.testing.assert_allclose(raked.weights, people["stage"].map(MARGINS["stage"] / share), atol=1e-12)


def test_rows_in_another_order_have_the_same_weights(people):
    mixed = people.sample(frac=1, random_state=3)
    one, other = rake(people, MARGINS).weights, rake(mixed, MARGINS).weights
    np.testing.assert_allclose(other.sort_index(), one, atol=1e-12)


def test_base_weights_are_the_start_and_nobody_without_an_answer_is_moved_by_it(people):
    base = pd.Series(np.where(people["place"] == "x", 2.0, 1.0), index=people.index)
    raked = rake(people[["stage"]], {"stage": MARGINS["stage"]}, base=base)
    ratio = raked.weights[people["place"] == "x"].groupby(people["stage"]).first()
    rest = raked.weights[people["place"] == "y"].groupby(people["stage"]).first()
    np.testing.assert_allclose(ratio / rest, 2.0)
    gaps = people.copy()
    gaps.loc[:9, "stage"] = np.nan
    weights = rake(gaps[["stage"]], {"stage": MARGINS["stage"]}).weights
    assert weights[:10].nunique() == 1
    answered = weights[10:].groupby(gaps["stage"][10:]).sum()
    np.testing.assert_allclose(answered / answered.sum(), MARGINS["stage"], atol=1e-9)


def test_a_bound_holds_and_the_mean_stays_one(people):
    raked = rake(people, MARGINS, largest=1.3)
    assert raked.weights.max() == pytest.approx(1.3, abs=1e-9)
    assert raked.weights.mean() == pytest.approx(1.0, abs=1e-12)
    assert abs(raked.shares["weighted_share"] - raked.shares["population_share"]).max() > 1e-3


def test_what_the_population_does_not_have_is_refused(people):
    with pytest.raises(ValueError, match="no share of stage = c"):
        rake(people, {"stage": MARGINS["stage"][:2]})


def test_margins_that_contradict_each_other_are_not_reached():
    data = pd.DataFrame({"one": list("aabb"), "other": list("xxyy")}, dtype="str")
    margins = {"one": pd.Series([0.5, 0.5], index=["a", "b"]), "other": pd.Series([0.9, 0.1], index=["x", "y"])}
    with pytest.raises(ConvergenceError, match="one"):
        rake(data, margins)


def test_equal_weights_cost_nothing():
    assert design_effect(np.full(7, 3.0)) == pytest.approx(1.0)
