import dataclasses

import pytest

from leadership_study.errors import InstrumentError
from leadership_study.instruments import Dimension, Form, Instrument, Item, ResponseScale


@pytest.fixture
def instrument() -> Instrument:
    items = (
        Item(id="a1", dimension="a", response_scale="five", text={"en": "The head listens."}),
        Item(id="a2", dimension="a", response_scale="four", reverse_keyed=True),
    )
    return Instrument(
        id="x",
        version="1",
        title={"en": "X", "zh": "某"},
        response_scales={
            "five": ResponseScale(id="five", values=(1, 2, 3, 4, 5)),
            "four": ResponseScale(id="four", values=(0, 1, 2, 3)),
        },
        dimensions=(Dimension(id="a", items=items, response_scale="five", label={"en": "A", "zh": "甲"}),),
        forms=(Form(id="importance", of="dimensions", response_scale="four", label={"en": "Importance"}),),
    )


def test_things_are_found_by_id(instrument):
    assert instrument.item_ids() == instrument.item_ids("a") == ["a1", "a2"]
    assert instrument.item("a2").reverse_keyed
    assert instrument.scale_of("a2").high == 3
    assert instrument.scale_of("a1").low == 1
    assert instrument.column_ids == ("a1", "a2", "importance_a")
    assert instrument.scale_of("importance_a").id == "four"
    assert instrument.languages == ("en", "zh")


def test_a_label_falls_back_to_the_id(instrument):
    assert instrument.label("a", "zh") == "甲"
    assert instrument.label("a1", "en") == "The head listens."
    assert instrument.label("a1", "zh") == "a1"
    assert instrument.label("importance_a", "en") == "Importance: A"
    assert instrument.label("importance_a", "zh") == "importance_a"
    assert instrument.label("anything", "en") == "anything"


@pytest.mark.parametrize("method", ["item", "dimension", "background_question", "item_ids"])
def test_an_unknown_id_names_the_known_ones(instrument, method):
    with pytest.raises(InstrumentError, match=r"Unknown .*'zz9'"):
        getattr(instrument, method)("zz9")
    with pytest.raises(InstrumentError, match="did you mean a2"):
        instrument.item("a22")


def test_a_questionnaire_cannot_be_changed(instrument):
    with pytest.raises(dataclasses.FrozenInstanceError):
        instrument.id = "y"
