import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import PlanError
from leadership_study.importing import RawResponses, read_responses
from leadership_study.instruments import (
    BackgroundQuestion,
    Dimension,
    Form,
    Instrument,
    Item,
    Level,
    ResponseScale,
    load_instrument,
)
from leadership_study.scoring import score
from leadership_study.scoring._score import keyed
from leadership_study.validation import validate

ROOT = Path(__file__).parents[2]
EXACT = 1e-13  # closed forms of a few additions in double precision


def make(*, reverse=("a2",), values=(1, 2, 3, 4, 5)) -> Instrument:
    return Instrument(
        id="x",
        version="1",
        title={"en": "X", "zh": "某"},
        response_scales={
            "five": ResponseScale(id="five", values=values),
            "low": ResponseScale(id="low", values=(0, 1, 2, 3, 4)),
        },
        dimensions=(
            Dimension(
                id="a",
                response_scale="five",
                label={"en": "A", "zh": "甲"},
                items=tuple(
                    Item(id=id, dimension="a", response_scale="five", reverse_keyed=id in reverse)
                    for id in ("a1", "a2", "a3")
                ),
            ),
            Dimension(
                id="b",
                response_scale="low",
                items=tuple(
                    Item(id=id, dimension="b", response_scale="low", reverse_keyed=id in reverse) for id in ("b1", "b2")
                ),
            ),
        ),
        forms=(Form(id="importance", of="dimensions", response_scale="five"),),
        background=(
            BackgroundQuestion(
                id="post",
                kind="nominal",
                levels=(Level(value="t", text={"en": "Teacher", "zh": "教师"}), Level(value="h", text={"en": "Head"})),
            ),
            BackgroundQuestion(id="age", kind="number"),
            BackgroundQuestion(id="district", kind="group"),
            BackgroundQuestion(id="school", kind="group"),
        ),
    )


def respond(tmp_path, instrument, **columns):
    table = {
        "respondent_id": ["r1", "r2", "r3", "r4"],
        "a1": [5, 1, 3, None],
        "a2": [1, 5, None, None],
        "a3": [4, 1, None, None],
        "b1": [0, 4, 2, 1],
        "b2": [1, 4, 2, None],
        "importance_a": [5, 5, 4, 3],
        "importance_b": [1, 2, 3, 4],
        "post": ["t", "h", None, "t"],
        "age": [30, 40.5, None, 50],
        "district": ["d1", "d1", "d2", "d2"],
        "school": ["s1", "s2", "s3", None],
    } | columns
    path = tmp_path / "answers.csv"
    pd.DataFrame(table).to_csv(path, index=False)
    return read_responses(path, instrument, weights="w" if "w" in table else None)


@pytest.fixture
def validated(tmp_path):
    def validated(instrument=None, **columns):
        instrument = instrument or make()
        return validate(respond(tmp_path, instrument, **columns), instrument)

    return validated


# --- against R -----------------------------------------------------------------------------------------------------


def lq2002(**options):
    instrument = load_instrument(ROOT / "questionnaires" / "lq2002.toml")
    path = ROOT / "data" / "raw" / "lq2002" / "lq2002.csv"
    raw = read_responses(path, instrument, columns={"COMPID": "company"}, respondent_id="SUB")
    return score(validate(raw, instrument), **options)


def bfi(**options):
    turned = {"A1", "C4", "C5", "E1", "E2", "O2", "O5"}
    dimensions = [
        Dimension(
            id=f"dim_{letter}",
            response_scale="six",
            items=tuple(
                Item(id=id, dimension=f"dim_{letter}", response_scale="six", reverse_keyed=id in turned)
                for id in (f"{letter}{number}" for number in range(1, 6))
            ),
        )
        for letter in "ACENO"
    ]
    instrument = Instrument(
        id="bfi",
        version="1",
        title={"en": "BFI"},
        response_scales={"six": ResponseScale(id="six", values=(1, 2, 3, 4, 5, 6))},
        dimensions=tuple(dimensions),
    )
    return score(validate(read_responses(ROOT / "data" / "raw" / "bfi" / "bfi.csv", instrument), instrument), **options)


def described(values: pd.Series) -> dict[str, float]:
    """psych::describe(type = 3) of a score, written out."""
    x = values.dropna().to_numpy()
    n, sd, median = len(x), x.std(ddof=1), np.median(x)
    centred = x - x.mean()
    return {
        "n": n,
        "mean": x.mean(),
        "sd": sd,
        "median": median,
        "trimmed": stats.trim_mean(x, 0.1),
        "mad": 1.4826 * np.median(np.abs(x - median)),
        "min": x.min(),
        "max": x.max(),
        "range": x.max() - x.min(),
        "skew": (centred**3).mean() / sd**3,
        "kurtosis": (centred**4).mean() / sd**4 - 3,
        "se": sd / math.sqrt(n),
    }


@pytest.mark.parametrize(("section", "min_answered"), [("available_items", 0), ("complete_items", 1)])
@pytest.mark.parametrize(("data_set", "make_scores"), [("lq2002", lq2002), ("bfi", bfi)])
def test_scale_scores_are_those_of_r(reference, data_set, make_scores, section, min_answered):
    scales = make_scores(min_answered=min_answered).scales
    rows = reference(data_set)(f"scores.{section}")
    assert len(rows) == scales.shape[1]
    for row, column in zip(rows, scales, strict=True):
        ours = described(scales[column])
        assert set(row) == {"row", *ours}
        for statistic, value in ours.items():
            # 1e-11: skewness and kurtosis add up to 2800 powers in another order than R.
            assert value == pytest.approx(row[statistic], rel=1e-11, abs=1e-12), (column, statistic)


@pytest.mark.parametrize(("data_set", "make_scores"), [("lq2002", lq2002), ("bfi", bfi)])
@pytest.mark.parametrize(
    ("section", "options"),
    [("first10_available", {"min_answered": 0}), ("sum_first10_complete", {"method": "sum", "min_answered": 1})],
)
def test_the_first_scores_are_those_of_r(reference, data_set, make_scores, section, options):
    expected = reference(data_set)(f"scores.{section}")["data"]
    ours = make_scores(**options).scales.head(10).to_numpy()
    np.testing.assert_allclose(ours, np.array(expected, dtype=float), rtol=EXACT)


# --- keying ----------------------------------------------------------------------------------------------------------


def test_reverse_keyed_items_are_turned_on_their_own_scale(validated):
    scored = score(validated(make(reverse=("a2", "b1"))))
    np.testing.assert_array_equal(scored.items["a1"], [5, 1, 3, np.nan])
    np.testing.assert_array_equal(scored.items["a2"], [5, 1, np.nan, np.nan])
    np.testing.assert_array_equal(scored.items["b1"], [4, 0, 2, 3])
    np.testing.assert_allclose(scored.scales["b"], [2.5, 2, 2, 3])
    assert scored.definition["reverse_keyed_items"] == 2


def test_turning_twice_gives_back_the_answers(validated):
    instrument = make(reverse=("a1", "a2", "a3", "b1", "b2"), values=(-2, -1, 0, 1, 2))
    answers = pd.DataFrame(
        np.random.default_rng(1).integers(-2, 3, (50, 5)).astype(float), columns=instrument.item_ids()
    )
    answers = answers.mask(answers == 0)
    once = keyed(answers, instrument)
    assert not once.equals(answers)
    pd.testing.assert_frame_equal(keyed(once, instrument), answers)


def test_a_reversed_item_and_its_key_score_alike(validated):
    plain = score(validated(make(reverse=())))
    turned = score(validated(make(reverse=("a2",)), a2=[5, 1, None, None]))
    pd.testing.assert_frame_equal(plain.scales, turned.scales)


def test_validated_answers_are_left_as_they_were(validated):
    given = validated()
    before = given.frame.copy()
    score(given)
    pd.testing.assert_frame_equal(given.frame, before)


# --- scale scores ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "min_answered", "a", "b"),
    [
        ("mean", 0.5, [14 / 3, 1, math.nan, math.nan], [0.5, 4, 2, 1]),
        ("mean", 0, [14 / 3, 1, 3, math.nan], [0.5, 4, 2, 1]),
        ("mean", 1 / 3, [14 / 3, 1, 3, math.nan], [0.5, 4, 2, 1]),
        ("mean", 0.34, [14 / 3, 1, math.nan, math.nan], [0.5, 4, 2, 1]),
        ("mean", 1, [14 / 3, 1, math.nan, math.nan], [0.5, 4, 2, math.nan]),
        ("sum", 0.5, [14, 3, math.nan, math.nan], [1, 8, 4, 2]),
        ("sum", 0, [14, 3, 9, math.nan], [1, 8, 4, 2]),
        ("sum", 1, [14, 3, math.nan, math.nan], [1, 8, 4, math.nan]),
    ],
)
def test_scores_ask_for_enough_answers(validated, method, min_answered, a, b):
    scales = score(validated(), method=method, min_answered=min_answered).scales
    np.testing.assert_allclose(scales["a"], a, rtol=EXACT)
    np.testing.assert_allclose(scales["b"], b, rtol=EXACT)


def test_the_definition_says_how(validated):
    assert score(validated()).definition == {
        "formula": "mean_of_answered_items", "method": "mean", "min_answered": 0.5, "proration": "person_mean",
        "reverse_keyed_items": 1, "n": 4,
    }  # fmt: skip
    assert score(validated(), method="sum").definition["formula"] == "prorated_sum_of_items"
    assert score(validated(), method="sum", min_answered=1).definition["formula"] == "sum_of_items"


def test_missing_scores_are_noted(validated):
    notes = [str(note) for note in score(validated(), nested_in=()).notes]
    assert notes == [
        "Respondents without a score for a, because they answered too few of its items (the least share is 0.500): 2."
    ]


def test_items_on_different_scales_are_noted(validated):
    instrument = make()
    first = instrument.dimensions[0]
    mixed = replace(first, items=(*first.items[:2], replace(first.items[2], response_scale="low")))
    scored = score(validated(replace(instrument, dimensions=(mixed, instrument.dimensions[1]))), min_answered=0)
    assert "mixed_response_scales" in [note.id for note in scored.notes]
    assert "mixed_response_scales" not in [note.id for note in score(validated()).notes]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"method": "median"}, "The 'method' parameter of score must be one of 'mean', 'sum'. Got 'median' instead"),
        ({"min_answered": 1.5}, "The 'min_answered' parameter of score must be a share from 0 to 1. Got 1.5"),
        ({"min_answered": math.nan}, "must be a share"),
        ({"min_answered": True}, "must be a share"),
    ],
)
def test_wrong_options_are_refused(validated, options, match):
    with pytest.raises(ValueError, match=match):
        score(validated(), **options)


def test_the_order_of_rows_and_columns_is_irrelevant(tmp_path):
    instrument = make()
    raw = respond(tmp_path, instrument)
    turned = RawResponses(frame=raw.frame.iloc[::-1, ::-1], source=raw.source)
    forward, backward = (score(validate(answers, instrument)) for answers in (raw, turned))
    for name in ("items", "scales", "background", "groups", "forms"):
        pd.testing.assert_frame_equal(getattr(backward, name).loc[forward.items.index], getattr(forward, name))


# --- groups, context, weights ----------------------------------------------------------------------------------------


def test_groups_come_inner_to_outer(validated):
    scored = score(validated(), nested_in=["school", "district"])
    assert scored.nested_in == ("school", "district")
    assert list(scored.groups) == ["school", "district"]
    assert list(score(validated(), nested_in=["school"]).groups) == ["school", "district"]
    sentence = "Respondents without a value for school, who stay out of analyses that need it: 1."
    assert sentence in [str(note) for note in scored.notes]


def test_only_a_single_group_needs_no_saying(validated):
    assert score(validated()).nested_in == ()
    assert lq2002().nested_in == ("company",)
    assert lq2002(nested_in=[]).nested_in == ()


def test_groups_that_are_not_nested_are_named(validated):
    given = validated(school=["s1", "s2", "s1", "s2"])
    with pytest.raises(PlanError, match="not nested as nested_in says") as caught:
        score(given, nested_in=["school", "district"])
    assert caught.value.problems["value"].tolist() == ["s1", "s2"]
    assert caught.value.problems.loc[0, "message"] == "school s1 lies in more than one district: d1, d2"
    score(given, nested_in=["school"])


@pytest.mark.parametrize("nested_in", [["scholl"], ["post"], ["school", "school"]])
def test_wrong_groups_are_refused(validated, nested_in):
    with pytest.raises(PlanError, match="nested_in"):
        score(validated(), nested_in=nested_in)


def test_context_is_joined_to_its_respondents(validated):
    facts = pd.DataFrame({"size": [10, 20, 30]}, index=["d2", "d1", "d3"])
    scored = score(validated(), context={"district": facts})
    assert scored.context is not None
    assert scored.context["size"].tolist() == [20, 20, 10, 10]
    assert scored.context.index.equals(scored.items.index)
    schools = pd.DataFrame({"urban": [1.0, 0.0, 1.0]}, index=["s1", "s2", "s3"])
    both = score(validated(), context={"district": facts, "school": schools}, nested_in=[])
    np.testing.assert_array_equal(both.frame(["urban", "size"]), [[1, 20], [0, 20], [1, 10], [np.nan, 10]])


def test_numbered_groups_find_their_context(validated):
    given = validated(district=[7, 7, 8, 8])
    scored = score(given, context={"district": pd.DataFrame({"size": [1, 2]}, index=[8, 7])})
    assert scored.frame("size")["size"].tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("name", "index", "column", "match"),
    [
        ("district", ["d1"], "size", "The context of district has no row for d2"),
        ("districts", ["d1", "d2"], "size", "'districts'; did you mean district"),
        ("district", ["d1", "d1", "d2"], "size", "more than one row for d1"),
        ("district", ["d1", "d2"], "a1", "'a1' of district has a name that is taken"),
    ],
)
def test_wrong_context_is_refused(validated, name, index, column, match):
    with pytest.raises(PlanError, match=match):
        score(validated(), context={name: pd.DataFrame({column: range(len(index))}, index=index)})


def test_weights_are_carried_through(validated):
    assert score(validated()).weights is None
    scored = score(validated(w=[1, 2, 0.5, 1]))
    assert scored.weights is not None
    assert scored.weights.tolist() == [1, 2, 0.5, 1]
    assert scored.weights.index.tolist() == ["r1", "r2", "r3", "r4"]


# --- what analyses ask for -------------------------------------------------------------------------------------------


def test_words_stand_for_all_of_their_kind(validated):
    scored = score(validated())
    assert scored.expand("dimensions") == ["a", "b"]
    assert scored.expand(["b1", "items", "a"]) == ["b1", "a1", "a2", "a3", "b2", "a"]
    assert scored.expand(["background"]) == ["post", "age"]
    assert scored.expand(["school", "importance_a"]) == ["school", "importance_a"]
    with pytest.raises(PlanError, match="Unknown variable: 'importance'; did you mean importance_"):
        scored.expand(["a", "importance"])
    with pytest.raises(PlanError, match="did you mean dimensions"):
        scored.expand("dimension")


def test_a_frame_has_what_was_asked_for_in_that_order(validated):
    scored = score(validated())
    frame = scored.frame(["district", "a", "a2", "age", "importance_b", "post"])
    assert list(frame) == ["district", "a", "a2", "age", "importance_b", "post"]
    np.testing.assert_array_equal(frame["a2"], [5, 1, np.nan, np.nan])
    np.testing.assert_array_equal(frame["importance_b"], [1, 2, 3, 4])
    np.testing.assert_array_equal(frame["age"], [30, 40.5, np.nan, 50])
    assert frame["post"].isna().tolist() == [False, False, True, False]
    pd.testing.assert_series_equal(frame["a"], scored.scales["a"])


def test_items_of_a_dimension_are_keyed(validated):
    scored = score(validated())
    pd.testing.assert_frame_equal(scored.scale_items("a"), scored.items[["a1", "a2", "a3"]])
    with pytest.raises(PlanError, match="Unknown dimension: 'c'"):
        scored.scale_items("c")


def test_blocks_are_chosen_by_id(tmp_path):
    instrument = make()
    raw = respond(tmp_path, instrument, w=[1, 2, 3, 4])
    facts = pd.DataFrame({"size": [10, 20]}, index=["d1", "d2"])
    scored = score(validate({"one": raw, "two": raw}, instrument), context={"district": facts})
    two = scored.of(["two"])
    ids = [f"two/r{number}" for number in range(1, 5)]
    for part in (two.items, two.scales, two.background, two.groups, two.forms, two.block, two.weights, two.context):
        assert part.index.tolist() == ids
    assert len(scored.of(["one", "two"]).items) == 8
    with pytest.raises(PlanError, match="Unknown block of responses: 'tow'; did you mean two"):
        scored.of(["tow"])


def test_labels_in_each_language(validated):
    scored = score(validated(), context={"district": pd.DataFrame({"size": [1, 2]}, index=["d1", "d2"])})
    labels = scored.labels("zh")
    assert labels["a"] == "甲"
    assert labels["a1"] == "a1"
    assert labels["size"] == "size"
    assert scored.level_labels("zh") == {"post": {"t": "教师", "h": "h"}}
    assert scored.level_labels("en") == {"post": {"t": "Teacher", "h": "Head"}}
