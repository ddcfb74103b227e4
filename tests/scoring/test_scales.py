"""Item weights, proration, composites, forms and standard scores."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_score import bfi, described, make, respond

from leadership_study.errors import PlanError
from leadership_study.instruments import Form
from leadership_study.instruments.model import Composite
from leadership_study.scoring import score
from leadership_study.scoring._scales import ScoringRule, scale_scores
from leadership_study.scoring.standard import standard_scores


@pytest.fixture
def scored(tmp_path):
    from leadership_study.validation import validate

    def scored(instrument=None, answers=None, **options):
        instrument = instrument or make(reverse=())
        return score(validate(respond(tmp_path, instrument, **(answers or {})), instrument), **options)

    return scored


def test_every_score_knows_how_many_items_it_rests_on(scored):
    found = scored()
    assert found.answered["a"].tolist() == [3, 3, 1, 1 - 1]
    assert found.answered["b"].tolist() == [2, 2, 2, 1]


def test_items_weigh_what_was_said(scored):
    means = scored(min_answered=0, item_weights={"a1": 2, "a3": 0.5}).scales["a"]
    np.testing.assert_allclose(means, [(2 * 5 + 1 + 0.5 * 4) / 3.5, (2 + 5 + 0.5) / 3.5, 3, np.nan])
    sums = scored(min_answered=0, method="sum", item_weights={"a1": 2, "a3": 0.5}).scales["a"]
    np.testing.assert_allclose(sums, [13, 7.5, 3 * 3.5, np.nan])
    assert scored(item_weights={"a1": 2}).definition["formula"] == "weighted_mean_of_answered_items"
    assert scored(item_weights={"a1": 2}, method="sum").limits("a") == (4, 20)
    assert scored(item_weights={"a1": 2}).limits("a") == (1, 5)
    assert scored(method="sum").limits("b") == (0, 8)


def test_two_way_proration_allows_for_easy_items():
    items = pd.DataFrame({"a1": [5.0, 4, 2, 5], "a2": [3, 3, 1, np.nan], "a3": [2.0, 1, 1, np.nan]})
    rule = ScoringRule(proration="two_way", min_answered=0)
    found, _ = scale_scores(items, {"a": ["a1", "a2", "a3"]}, rule, make(reverse=()))
    overall = items.sum().sum() / items.count().sum()
    filled = [np.clip(5 + items[name].mean() - overall, 1, 5) for name in ("a2", "a3")]
    np.testing.assert_allclose(found["a"], [10 / 3, 8 / 3, 4 / 3, (5 + sum(filled)) / 3])
    assert found["a"][3] < 5  # what the person mean would give
    assert scale_scores(items, {"a": ["a1", "a2", "a3"]}, ScoringRule(min_answered=0), make())[0]["a"][3] == 5


def test_complete_answers_score_alike_by_any_rule():
    plain, two_way = bfi().scales, bfi(proration="two_way").scales
    complete = bfi().answered.eq(5)
    pd.testing.assert_frame_equal(plain.where(complete), two_way.where(complete))
    assert not plain.equals(two_way)


def test_a_composite_is_scored_over_the_items_of_its_dimensions(scored):
    instrument = replace(make(reverse=()), composites=(Composite(id="total", of=("a", "b")),))
    found = scored(instrument)
    items = found.items[["a1", "a2", "a3", "b1", "b2"]]
    np.testing.assert_allclose(found.composites["total"], items.mean(axis=1).where(items.count(axis=1) >= 2.5))
    assert found.answered["total"].tolist() == [5, 5, 3, 1]
    assert found.limits("total") == ((3 * 1 + 0) / 5, (3 * 5 + 2 * 4) / 5)
    np.testing.assert_allclose(found.frame(["total"])["total"], found.composites["total"])
    np.testing.assert_allclose(scored(instrument, method="sum").composites["total"][:2], items.sum(axis=1)[:2])
    assert found.of(["responses"]).composites.equals(found.composites)
    assert "total" in standard_scores(found)[0]
    with pytest.raises(PlanError, match="did you mean"):
        found.limits("totals")


@pytest.mark.parametrize(("section", "share"), [("available_items", 0), ("complete_items", 1)])
def test_scores_of_holzinger_are_those_of_r(reference, section, share):
    data = pd.read_csv(Path(__file__).parents[1] / "data" / "holzinger.csv")
    members = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
    rows = reference("holzinger")(f"scores.{section}")
    means, _ = scale_scores(data, members, ScoringRule(min_answered=share), make())
    assert [row["row"] for row in rows] == list(members)
    for row in rows:
        ours = described(means[row["row"]])
        assert set(row) == {"row", *ours}
        assert ours == pytest.approx({name: row[name] for name in ours}, rel=1e-11, abs=1e-12)
    first = reference("holzinger")("scores.first10_available")["data"]
    np.testing.assert_allclose(means.head(10), first, rtol=1e-13)
    sums, _ = scale_scores(data, members, ScoringRule(method="sum", min_answered=1), make())
    np.testing.assert_allclose(sums.head(10), reference("holzinger")("scores.sum_first10_complete")["data"], rtol=1e-13)


def test_a_form_of_items_has_dimension_scores_and_is_never_turned(scored):
    instrument = replace(make(reverse=("a2",)), forms=(Form(id="importance", of="items", response_scale="five"),))
    ratings = {f"importance_{item}": [1, 2, 3, 4] for item in instrument.item_ids()} | {
        "importance_a2": [4, 5, None, None]
    }
    found = scored(instrument, ratings)
    np.testing.assert_allclose(found.forms["importance_a"], [2, 3, 3, 4])
    np.testing.assert_allclose(found.frame(["importance_a"])["importance_a"], [2, 3, 3, 4])
    with pytest.raises(PlanError, match="did you mean"):
        found.frame(["importance_c"])


def test_standard_scores():
    found = bfi()
    t, moments = standard_scores(found)
    assert moments.loc["dim_A", "n"] == found.scales["dim_A"].count()
    np.testing.assert_allclose(t.mean(), 50)
    np.testing.assert_allclose(t.std(), 10)
    z, _ = standard_scores(
        found, kind="z", reference=pd.DataFrame({"mean": 3.0, "sd": 2.0}, index=found.scales.columns)
    )
    np.testing.assert_allclose(z, (found.scales - 3) / 2)
    with pytest.raises(ValueError, match="dim_C"):
        standard_scores(found, reference=moments.loc[["dim_A"]])
    with pytest.raises(ValueError, match="'kind'"):
        standard_scores(found, kind="iq")


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"proration": "none"}, ValueError, "'proration' parameter of score must be one of 'person_mean', 'two_way'"),
        ({"item_weights": {"a1": 0}}, ValueError, "weight of 'a1'"),
        ({"item_weights": {"a9": 1}}, PlanError, "'a9'; did you mean"),
    ],
)
def test_wrong_options_are_refused(scored, options, error, match):
    with pytest.raises(error, match=match):
        scored(**options)


def test_what_was_recorded_comes_with_the_respondents(scored):
    found = scored()
    assert found.system.index.equals(found.items.index)
    assert found.flags.index.equals(found.items.index)
    assert replace(found, validated=None).flags.shape == (4, 0)
