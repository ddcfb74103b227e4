"""Scoring an instrument that somebody owns, from a key of ids and keying without any wording; the key is invented."""

import pytest

from leadership_study import read_responses, score, validate
from leadership_study.instruments import load_instrument

FRAMES = ("north", "east", "south", "west")
HEADER = """\
id = "owned"
version = "1"
title = { en = "An owned instrument", zh = "某授权问卷" }
source = "Invented for a test"
texts = "withheld"

[response_scale.frequency]
values = [0, 1, 2, 3, 4]
"""


def key(dimensions, reverse=()):
    parts = [HEADER]
    for name, items in dimensions.items():
        listed = ", ".join(
            f'{{ id = "{item}", reverse_keyed = true }}' if item in reverse else f'{{ id = "{item}" }}'
            for item in items
        )
        parts.append(f'[[dimension]]\nid = "{name}"\nitems = [{listed}]\n')
    return "\n".join(parts)


def cyclic(names, n):
    """Items in the order of the sheet go round the scales: the first, fifth, ninth … belong to the first of four."""
    return {name: [f"i{at:02d}" for at in range(start, n + 1, len(names))] for start, name in enumerate(names, 1)}


@pytest.fixture
def scored(tmp_path):
    answers = tmp_path / "answers.csv"
    columns = [f"i{at:02d}" for at in range(1, 17)]
    rows = [[(at * step) % 5 for at in range(1, 17)] for step in (1, 2, 3)]
    lines = [
        ",".join(["respondent_id", *columns]),
        *(",".join(map(str, [f"p{n}", *row])) for n, row in enumerate(rows)),
    ]
    answers.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(text, **options):
        path = tmp_path / "owned.toml"
        path.write_text(text, encoding="utf-8")
        instrument = load_instrument(path)
        raw = read_responses(answers, instrument, respondent_id="respondent_id")
        return score(validate(raw, instrument), **options), rows

    return run


def test_cyclic_items_are_scored_by_the_key(scored):
    dimensions = cyclic(FRAMES, 16)
    assert dimensions["east"] == ["i02", "i06", "i10", "i14"]
    result, rows = scored(key(dimensions))
    for start, name in enumerate(FRAMES):
        expected = [sum(row[start::4]) / 4 for row in rows]
        assert result.scales[name].tolist() == expected


def test_reverse_keyed_items_and_sums(scored):
    result, rows = scored(key(cyclic(FRAMES, 16), reverse=("i06", "i10")), method="sum")
    assert result.scales["east"].tolist() == [row[1] + (4 - row[5]) + (4 - row[9]) + row[13] for row in rows]


def test_subscales_are_a_key_of_their_own_over_the_same_answers(scored):
    frames = cyclic(FRAMES, 16)
    halves = {f"{name}_{half}": items[half::2] for name, items in frames.items() for half in (0, 1)}
    result, rows = scored(key(halves))
    assert result.scales["south_1"].tolist() == [(row[6] + row[14]) / 2 for row in rows]
    assert len(result.scales.columns) == 8


def test_ids_stand_for_the_wording(scored):
    result, _ = scored(key(cyclic(FRAMES, 16)))
    assert result.instrument.label("i02", "en") == "i02"
    assert result.instrument.label("east", "zh") == "east"
