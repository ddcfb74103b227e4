"""Out and back in: nothing that the target can hold is lost, and what it cannot hold is listed."""

import dataclasses

import pytest

from leadership_study.errors import InstrumentError
from leadership_study.instruments import exchange, load_instrument
from leadership_study.instruments.toml_writer import to_toml

BOTH_WAYS = ("xlsform", "limesurvey_tsv")


@pytest.mark.parametrize("format", BOTH_WAYS)
def test_a_round_trip_loses_nothing(instrument, format):
    data, _ = exchange.write(instrument, format)
    back, _ = exchange.read(data, file="form")
    assert back == instrument
    assert list(back.response_scales) == list(instrument.response_scales)


@pytest.mark.parametrize("format", exchange.formats("write"))
def test_equal_questionnaires_give_equal_bytes(instrument, format):
    assert exchange.write(instrument, format)[0] == exchange.write(instrument, format)[0]


@pytest.mark.parametrize("format", BOTH_WAYS)
def test_what_the_platform_cannot_hold_is_listed(whole, format):
    notes = {note.id: str(note) for note in exchange.write(whole, format)[1]}
    for lost in ("reverse keys", "about oneself", "definitions", "attention checks", "source"):
        assert lost in notes["carried_aside"]
    plain = dataclasses.replace(whole, source="", attention_checks=())
    told = str(exchange.write(plain, format)[1][0])
    assert "source" not in told
    assert "attention" not in told


def test_withheld_wording_is_said_not_invented():
    instrument = load_instrument("lq2002")
    for format in exchange.formats("write"):
        assert "ids_stand_for_wording" in {note.id for note in exchange.write(instrument, format)[1]}


def test_toml_reads_back_equal(instrument, tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(to_toml(instrument, comments=("made by a test",)), encoding="utf-8")
    assert load_instrument(path) == instrument


def test_toml_keeps_odd_signs(whole, tmp_path):
    odd = 'quote " backslash \\ tab \t bell \x07 delete \x7f line\nend 字'
    whole = dataclasses.replace(whole, title={"en": odd, "zh": odd}, source=odd)
    path = tmp_path / "x.toml"
    path.write_text(to_toml(whole), encoding="utf-8", newline="\n")
    assert load_instrument(path) == whole


def test_an_unknown_format_names_the_known_ones(whole):
    with pytest.raises(InstrumentError, match="did you mean xlsform"):
        exchange.write(whole, "xlsfrom")
    with pytest.raises(InstrumentError, match="format to read"):
        exchange.read(b"", file="x", format="ddi_codebook")
    with pytest.raises(InstrumentError, match="no form of a known format"):
        exchange.read(b"hello", file="x.txt")


@pytest.mark.parametrize("format", BOTH_WAYS)
def test_a_change_made_on_the_platform_comes_back(whole, format):
    changed = dataclasses.replace(whole.open_questions[0], text={"en": "Really anything?", "zh": "真的？"})
    whole = dataclasses.replace(whole, open_questions=(changed,))
    assert exchange.read(exchange.write(whole, format)[0], file="f")[0].open_questions == (changed,)
