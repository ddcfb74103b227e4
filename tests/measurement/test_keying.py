"""Keying: planted mistakes are told, and nothing else is."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import screened
from leadership_study.errors import InsufficientDataError
from leadership_study.instruments.model import Dimension, Instrument, Item, ResponseScale
from leadership_study.measurement.keying import Keying, check_keying, keying_problems, run
from leadership_study.reporting.figures import plot, save

TESTS = Path(__file__).parents[1]
INSTRUMENT = screened.instrument()


def told(frame: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {note.id: dict(note.values) for note in keying_problems(frame, INSTRUMENT)}


@pytest.fixture
def frame() -> pd.DataFrame:
    return screened.answers()


def test_right_answers_say_nothing(frame: pd.DataFrame) -> None:
    assert told(frame) == {}
    assert (check_keying(frame, INSTRUMENT).items["verdict"] == "as_declared").all()


def test_an_item_coded_the_other_way_round_is_told(frame: pd.DataFrame) -> None:
    frame["d3_2"] = 6 - frame["d3_2"]
    assert told(frame) == {"keying_not_reversed": {"dimension": "d3", "items": "d3_2"}}


def test_two_wrong_items_do_not_hide_each_other(frame: pd.DataFrame) -> None:
    frame[["d3_2", "d3_5"]] = 6 - frame[["d3_2", "d3_5"]]
    assert told(frame) == {"keying_not_reversed": {"dimension": "d3", "items": "d3_2, d3_5"}}


def test_one_half_of_a_scale_against_the_other_is_nobodys_fault(frame: pd.DataFrame) -> None:
    own = screened.DIMENSIONS["d3"]
    half = own[: len(own) // 2]
    frame[half] = 6 - frame[half]
    assert told(frame) == {"keying_opposed": {"dimension": "d3", "items": ", ".join(own)}}
    found = check_keying(frame, INSTRUMENT)
    assert found.n_wrong == found.scales.loc["d3", "n_wrong"] == len(half)


def test_reversed_items_that_the_file_holds_turned_already_are_told(frame: pd.DataFrame) -> None:
    frame[["d1_6", "d2_6"]] = 6 - frame[["d1_6", "d2_6"]]
    notes = [note for note in keying_problems(frame, INSTRUMENT) if note.id == "keying_reversed_twice"]
    assert [note.values["items"] for note in notes] == ["d1_6", "d2_6"]


def test_a_whole_scale_upside_down_is_told(frame: pd.DataFrame) -> None:
    own = screened.DIMENSIONS["d2"]
    frame[own] = 6 - frame[own]
    assert told(frame) == {"keying_upside_down": {"dimension": "d2"}}
    table = check_keying(frame, INSTRUMENT).scales
    assert table["verdict"].tolist() == ["as_declared", "upside_down", "as_declared", "as_declared"]
    assert table.loc["d2", "r_form"] < -0.3


def test_a_file_numbered_the_other_way_round_is_told_by_the_attention_check(frame: pd.DataFrame) -> None:
    turned = 6 - frame  # items, importance and check alike: the items agree with one another
    found = told(turned)
    assert set(found) == {"keying_mirrored_check"}
    assert found["keying_mirrored_check"]["mirrored"] == 2


def test_few_respondents_say_nothing(frame: pd.DataFrame) -> None:
    assert keying_problems(frame.iloc[:20], INSTRUMENT) == []
    with pytest.raises(InsufficientDataError, match="at least 30"):
        check_keying(frame.iloc[:20], INSTRUMENT)


def test_unrelated_items_are_unclear_and_no_alarm() -> None:
    rng = np.random.default_rng(4)
    noise = pd.DataFrame(rng.integers(1, 6, size=(400, 24)).astype(float), columns=INSTRUMENT.item_ids())
    assert keying_problems(noise, INSTRUMENT) == []
    assert not check_keying(noise, INSTRUMENT).n_wrong


@pytest.mark.parametrize("seed", range(20))
def test_chance_raises_no_alarm(seed: int) -> None:
    careful = screened.answers(n=80, seed=seed).iloc[2 * screened.CARELESS :]
    assert told(careful) == {}


def test_constant_items_are_not_judged(frame: pd.DataFrame) -> None:
    frame["d4_1"] = 3.0
    result = check_keying(frame, INSTRUMENT)
    assert result.items.loc[("d4", "d4_1"), "verdict"] == "not_judged"
    assert result.items["verdict"].drop(("d4", "d4_1")).eq("as_declared").all()


@pytest.mark.parametrize("turn", ["O5", "C4", "A1"])
def test_bfi_is_keyed_as_psych_says_and_every_other_keying_is_told(turn: str) -> None:
    """Real answers: with the published keys nothing goes wrong; with one key missing, that item does."""
    data = pd.read_csv(TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv")
    keys = {"A1", "C4", "C5", "E1", "E2", "O2", "O5"}
    assert json.loads((TESTS / "reference" / "bfi.json").read_text("utf-8"))["_setup"]
    assert keying_problems(data, bfi(keys)) == []
    (note,) = keying_problems(data, bfi(keys - {turn}))
    assert (note.id, note.values["items"]) == ("keying_not_reversed", turn)
    (note,) = keying_problems(data, bfi(keys | {"N1"}))
    assert (note.id, note.values["items"]) == ("keying_reversed_twice", "N1")


def bfi(keys: set[str]) -> Instrument:
    return Instrument(
        id="bfi",
        version="1",
        title={"en": "bfi"},
        response_scales={"six": ResponseScale(id="six", values=(1, 2, 3, 4, 5, 6))},
        dimensions=tuple(
            Dimension(
                id=scale,
                response_scale="six",
                items=tuple(
                    Item(id=f"{scale}{at}", dimension=scale, response_scale="six", reverse_keyed=f"{scale}{at}" in keys)
                    for at in range(1, 6)
                ),
            )
            for scale in "ACENO"
        ),
    )


def test_a_block_of_a_study_takes_answers_as_given() -> None:
    result = run(screened.scored())
    assert isinstance(result, Keying)
    assert result.n_wrong == 0
    assert result.items["reverse_keyed"].sum() == 2
    pd.testing.assert_frame_equal(result.items, check_keying(screened.answers(), INSTRUMENT).items)


def test_answers_made_by_hand_are_turned_back(make_scored) -> None:
    data = screened.answers()
    scored = make_scored(data, screened.DIMENSIONS)
    wrong = run(scored).items["verdict"]
    assert wrong[wrong != "as_declared"].to_dict() == {("d1", "d1_6"): "not_reversed", ("d2", "d2_6"): "not_reversed"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_draws_in_both_languages(language: str, frame: pd.DataFrame) -> None:
    frame["d3_2"] = 6 - frame["d3_2"]
    svg, _ = save(plot(check_keying(frame, INSTRUMENT), language=language))
    assert svg.startswith(b"<?xml")
