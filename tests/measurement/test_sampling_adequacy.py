import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.sampling_adequacy import sampling_adequacy, word
from leadership_study.results import Result
from leadership_study.samples.moments import moments

TESTS = Path(__file__).parents[1]
DATA = {
    "lq2002": (TESTS.parent / "data" / "raw" / "lq2002" / "lq2002.csv", "LEAD|TSIG|HOSTIL"),
    "holzinger": (TESTS / "data" / "holzinger.csv", r"x\d"),
    "bfi": (TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv", r"[ACENO]\d"),
}
CLOSED = 1e-8  # closed forms


@cache
def sections(name):
    return json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))


@cache
def items_of(name):
    path, pattern = DATA[name]
    return pd.read_csv(path).filter(regex=f"^({pattern})")


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize(
    ("missing", "kmo", "bartlett"),
    [("pairwise", "kmo", "bartlett_pairwise"), ("listwise", "kmo_complete", "bartlett")],
)
def test_every_value_of_kmo_and_bartlett(name, missing, kmo, bartlett):
    found = sampling_adequacy(items_of(name), missing=missing)
    expected = sections(name)[f"nfactors.{kmo}"]["value"]
    assert set(expected) == {"MSA", "MSAi"}
    assert found.kmo == pytest.approx(expected["MSA"], rel=CLOSED)
    assert list(found.kmo_items.index) == list(expected["MSAi"])
    np.testing.assert_allclose(found.kmo_items, list(expected["MSAi"].values()), rtol=CLOSED)
    expected = sections(name)[f"nfactors.{bartlett}"]["value"]
    assert set(expected) == {"chisq", "p.value", "df"}
    assert found.bartlett_chi_square == pytest.approx(expected["chisq"], rel=CLOSED)
    assert found.bartlett_df == expected["df"]
    assert found.bartlett_p_value == pytest.approx(expected["p.value"], rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("name", DATA)
def test_smc_and_determinant(name):
    expected = sections(name)["nfactors.eigen"]["value"]
    found = sampling_adequacy(items_of(name))
    np.testing.assert_allclose(found.items["smc"], list(expected["smc"].values()), rtol=CLOSED)
    assert found.determinant == pytest.approx(expected["determinant"], rel=CLOSED)


@pytest.mark.parametrize(
    ("kmo", "expected"),
    [(0.9, "marvellous"), (0.8999, "meritorious"), (0.75, "middling"), (0.6, "mediocre"), (0.5, "miserable"),
     (0.49, "unacceptable")],
)  # fmt: skip
def test_kaisers_words(kmo, expected):
    assert word(kmo) == expected


def test_words_are_chosen_with_their_source():
    items = items_of("holzinger")
    kaiser, other = sampling_adequacy(items), sampling_adequacy(items, words="spssau")
    assert (kaiser.verdict, kaiser.definition["verdicts"]) == ("middling", "kaiser_1974")
    assert (other.verdict, other.definition["verdicts"]) == ("suitable", "spssau")
    assert [word(0.699, "spssau"), word(0.7, "spssau")] == ["unsuitable", "suitable"]
    with pytest.raises(ValueError, match="'words' parameter of sampling_adequacy must be one of 'kaiser', 'spssau'"):
        sampling_adequacy(items, words="own")


def test_moments_give_what_the_answers_give():
    items = items_of("holzinger")
    raw = sampling_adequacy(items)
    found = sampling_adequacy(moments(items.corr(), len(items)))
    assert found.kmo == pytest.approx(raw.kmo, rel=1e-12)
    assert found.bartlett_chi_square == pytest.approx(raw.bartlett_chi_square, rel=1e-12)


def test_order_of_items_does_not_matter():
    items = items_of("holzinger")
    turned = sampling_adequacy(items.iloc[:, ::-1])
    np.testing.assert_allclose(turned.kmo_items[items.columns], sampling_adequacy(items).kmo_items, rtol=1e-10)


def test_pairwise_n_counts_no_empty_rows():
    items = items_of("bfi")
    padded = pd.concat([items, pd.DataFrame(np.nan, index=range(10_000, 10_050), columns=items.columns)])
    found = sampling_adequacy(padded)
    assert found.n == 2800
    assert found.bartlett_chi_square == pytest.approx(sampling_adequacy(items).bartlett_chi_square, rel=1e-12)
    assert "pairwise_correlations" in [note.id for note in found.notes]


def test_a_repeated_item_has_no_inverse():
    items = items_of("holzinger").assign(again=lambda frame: frame["x1"])
    with pytest.raises(InsufficientDataError, match="not positive definite"):
        sampling_adequacy(items)


def test_no_more_respondents_than_items_is_refused():
    with pytest.raises(InsufficientDataError, match="6 respondents for 9 items"):
        sampling_adequacy(items_of("holzinger").head(6))


def test_one_item():
    with pytest.raises(InsufficientDataError, match="only 1 item"):
        sampling_adequacy(items_of("holzinger")[["x1"]])


def test_items_that_share_nothing_are_named():
    items = items_of("holzinger").assign(noise=np.random.default_rng(3).normal(size=301))
    found = sampling_adequacy(items)
    assert found.items.loc["noise", "verdict"] == "unacceptable"
    (note,) = [note for note in found.notes if note.id == "kmo_low_items"]
    assert str(note).endswith("noise.")


def test_it_says_that_it_is_not_validity_and_survives_storing():
    found = sampling_adequacy(items_of("holzinger"))
    assert found.notes[-1].id == "sampling_adequacy_is_not_validity"
    again = Result.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    pd.testing.assert_frame_equal(again.items, found.items)
    assert again.to_frame().loc["kmo", "value"] == found.kmo
