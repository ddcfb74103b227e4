"""Indices of careless responding: every value of the reference, planted carelessness, and what they cannot tell."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.validation import _consistency as consistency
from leadership_study.validation._blocks import blocks, sums
from leadership_study.validation._copies import identical
from leadership_study.validation.careless import CarelessResult, Cutoffs, careless, flagged

TESTS = Path(__file__).parents[1]
SCALES = {scale: [f"{scale}{at}" for at in range(1, 6)] for scale in "ACENO"}
ITEMS = [item for items in SCALES.values() for item in items]
KEYING: dict[str, Any] = {
    "dimensions": SCALES,
    "reverse_keyed": ["A1", "C4", "C5", "E1", "E2", "O2", "O5"],
    "scale": (1, 6),
    "synonyms": 0.50,
    "antonyms": -0.25,
}


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    return pd.read_csv(TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv")[ITEMS]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    everything = json.loads((TESTS / "reference" / "bfi.json").read_text("utf-8"))
    return {name: entry["value"] for name, entry in everything.items() if name.startswith("careless.")}


@pytest.fixture(scope="module")
def found(bfi: pd.DataFrame) -> CarelessResult:
    return careless(bfi, **KEYING)


@pytest.fixture(scope="module")
def variant(bfi: pd.DataFrame) -> CarelessResult:
    return careless(bfi, runs="missing_skipped", mahalanobis="zero_deviation", person_total="available", **KEYING)


def pairs_of(result: CarelessResult, kind: str) -> list[dict[str, Any]]:
    own = result.pairs[result.pairs["kind"] == kind]
    return [{"i": row.first, "j": row.second, "r": pytest.approx(row.r, abs=1e-12)} for row in own.itertuples()]


def first(series: pd.Series, wanted: list[float]) -> None:
    """R's NA is null."""
    expected = np.array([np.nan if value is None else value for value in wanted], dtype=float)
    np.testing.assert_allclose(series.to_numpy()[: len(expected)], expected, rtol=0, atol=1e-10)


def test_all_values_of_the_reference(found: CarelessResult, variant: CarelessResult, reference: dict[str, Any]) -> None:
    at = found.indices
    everything: dict[str, dict[str, Any]] = {
        "careless.longstring": {
            "first20": at["longstring"],
            "table": {f"{value:g}": n for value, n in at["longstring"].value_counts().items()},
            "mean": at["longstring"].mean(),
            "max": at["longstring"].max(),
            "n_ge_10": (at["longstring"] >= 10).sum(),
        },
        "careless.longstring_skipna": {
            "first20": variant.indices["longstring"],
            "mean": variant.indices["longstring"].mean(),
            "max": variant.indices["longstring"].max(),
            "n_ge_10": (variant.indices["longstring"] >= 10).sum(),
        },
        "careless.avgstring": {"first20": at["average_string"], "mean": at["average_string"].mean()},
        "careless.irv": {
            "first20": at["irv"],
            "mean": at["irv"].mean(),
            "min": at["irv"].min(),
            "q05": at["irv"].quantile(0.05),
            "n_zero": (at["irv"] == 0).sum(),
        },
        "careless.mahalanobis_complete": {
            "n": at["mahalanobis"].notna().sum(),
            "first20": at["mahalanobis"].dropna(),
            "rows_first20": (np.flatnonzero(at["mahalanobis"].notna())[:20] + 1).tolist(),
            "max": at["mahalanobis"].max(),
            "argmax_row": int(at["mahalanobis"].argmax()) + 1,
            "n_p_lt_001": (at["mahalanobis_p_value"] < 0.001).sum(),
            "n_p_lt_01": (at["mahalanobis_p_value"] < 0.01).sum(),
        },
        "careless.mahalanobis_psych_outlier": {
            "first20": variant.indices["mahalanobis"],
            "max": variant.indices["mahalanobis"].max(),
        },
        "careless.even_odd": {
            "first20_r": at["even_odd_r"],
            "first20_spearman_brown": at["even_odd"],
            "mean_sb": at["even_odd"].mean(),
            "n_na": at["even_odd"].isna().sum(),
            "n_below_0": (at["even_odd"] < 0).sum(),
        },
        "careless.psychsyn": {
            "critical": found.definition["synonyms_above"],
            "n_pairs_gt60": (found.pairs["r"] > 0.60).sum(),
            "n_pairs": (found.pairs["kind"] == "synonyms").sum(),
            "pairs": pairs_of(found, "synonyms"),
            "first20": at["psychometric_synonyms"],
            "mean": at["psychometric_synonyms"].mean(),
            "n_na": at["psychometric_synonyms"].isna().sum(),
            "n_negative": (at["psychometric_synonyms"] < 0).sum(),
        },
        "careless.psychant": {
            "critical": found.definition["antonyms_below"],
            "n_pairs": (found.pairs["kind"] == "antonyms").sum(),
            "pairs": pairs_of(found, "antonyms"),
            "first20": at["psychometric_antonyms"],
            "mean": at["psychometric_antonyms"].mean(),
            "n_na": at["psychometric_antonyms"].isna().sum(),
        },
        "careless.person_total": {
            "n": at["person_total"].notna().sum(),
            "first20": at["person_total"].dropna(),
            "mean": at["person_total"].mean(),
        },
    }
    assert set(everything) == set(reference)
    for section, wanted in reference.items():
        assert set(everything[section]) == set(wanted), section
        for name, value in wanted.items():
            own = everything[section][name]
            if isinstance(own, pd.Series):
                first(own, value)
            elif name == "pairs":
                key = lambda pair: (pair["i"], pair["j"])  # noqa: E731
                assert sorted(value, key=key) == sorted(own, key=key)
            elif isinstance(value, list | dict):
                assert own == value, (section, name)
            else:
                assert own == pytest.approx(value, abs=1e-9), (section, name)


def test_irv_of_the_parts_is_that_of_rs_cut(found: CarelessResult, bfi: pd.DataFrame) -> None:
    # cut(1:25, 3): the places 1–9, 10–17, 18–25
    for part, (start, end) in enumerate([(0, 9), (9, 17), (17, 25)], start=1):
        expected = bfi.iloc[:, start:end].std(axis=1, ddof=1)
        np.testing.assert_allclose(found.indices[f"irv_{part}"], expected, atol=1e-12)


def test_blocks_of_rows_change_nothing(bfi: pd.DataFrame, found: CarelessResult, monkeypatch: Any) -> None:
    module = importlib.import_module("leadership_study.validation.careless")
    monkeypatch.setattr(module, "blocks", lambda items: blocks(items, 211))
    monkeypatch.setattr(module, "sums", lambda items: sums(items, 211))
    pd.testing.assert_frame_equal(careless(bfi, **KEYING).indices, found.indices, atol=1e-12)


def test_the_order_of_rows_is_irrelevant(bfi: pd.DataFrame, found: CarelessResult) -> None:
    mixed = bfi.sample(frac=1, random_state=np.random.RandomState(1))
    again = careless(mixed, **KEYING)
    pd.testing.assert_frame_equal(again.indices.loc[bfi.index], found.indices, atol=1e-9)
    pd.testing.assert_frame_equal(again.flags.loc[bfi.index], found.flags)


# --- planted carelessness ------------------------------------------------------------------------------------------

DIMENSIONS = {f"d{at}": [f"d{at}_{item}" for item in range(8)] for at in range(5)}
REVERSE = [f"d{at}_7" for at in range(5)]
CAREFUL = 600


def simulated(seed: int = 3) -> pd.DataFrame:
    """Careful answers of five dimensions, then ten each of six careless sorts."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(CAREFUL, 5)) * 0.9
    columns = {}
    for at, (_, items) in enumerate(DIMENSIONS.items()):
        for number, item in enumerate(items):
            latent = traits[:, at] * 0.9 + rng.normal(size=CAREFUL) * 0.5 + (number - 4) * 0.12
            values = np.clip(np.round(3 + latent), 1, 5)
            columns[item] = 6 - values if item in REVERSE else values
    careful = pd.DataFrame(columns)
    straight = pd.DataFrame(np.tile(np.repeat([[4.0], [5.0]], 5, axis=0), (1, 40)), columns=careful.columns)
    seesaw = pd.DataFrame(np.tile([1.0, 2.0, 3.0, 4.0, 5.0], (10, 8)), columns=careful.columns)
    random = pd.DataFrame(rng.integers(1, 6, size=(10, 40)).astype(float), columns=careful.columns)
    copied = careful.iloc[:10]
    nearly = careful.iloc[10:20].copy()
    nearly.iloc[:, 3] = np.where(nearly.iloc[:, 3] == 1, 2, 1)
    parts = [careful, straight, seesaw, random, copied, nearly]
    together = pd.concat(parts, ignore_index=True)
    return together.set_axis([f"r{at}" for at in range(len(together))])


PLANTED = {
    "straight": slice(CAREFUL, CAREFUL + 10),
    "seesaw": slice(CAREFUL + 10, CAREFUL + 20),
    "random": slice(CAREFUL + 20, CAREFUL + 30),
    "copied": slice(CAREFUL + 30, CAREFUL + 40),
    "nearly": slice(CAREFUL + 40, CAREFUL + 50),
}


@pytest.fixture(scope="module")
def planted() -> CarelessResult:
    items = simulated()
    rng = np.random.default_rng(5)
    seconds = rng.lognormal(5.7, 0.3, len(items))
    seconds[PLANTED["random"]] = 45.0  # 40 items
    start = pd.Timestamp("2026-04-18T08:00:00")
    when = start + pd.to_timedelta(np.sort(rng.uniform(0, 6 * 86_400, len(items))), unit="s")
    when = pd.Series(when)
    when.iloc[PLANTED["seesaw"]] = [
        pd.Timestamp("2026-05-01T00:00:00") + pd.Timedelta(seconds=37 * at) for at in range(10)
    ]
    system = pd.DataFrame(
        {
            "duration_seconds": seconds,
            "submitted_at": when.dt.strftime("%Y-%m-%dT%H:%M:%S").to_numpy(),
            "same_address": pd.array([1, 1] + [None] * (len(items) - 2), dtype="Int64"),
        },
        index=items.index,
    )
    return careless(items, dimensions=DIMENSIONS, reverse_keyed=REVERSE, scale=(1, 5), system=system)


@pytest.mark.parametrize(
    ("flag", "sort", "least"),
    [
        ("longstring", "straight", 10),
        ("low_irv", "straight", 10),
        ("patterned", "seesaw", 10),
        ("even_odd", "random", 3),
        ("psychometric_synonyms", "random", 3),
        ("mahalanobis", "random", 8),
        ("too_fast", "random", 10),
        ("fast_for_sample", "random", 10),
        ("duplicate", "copied", 10),
        ("near_duplicate", "copied", 10),
        ("near_duplicate", "nearly", 10),
        ("regular_submission", "seesaw", 10),
    ],
)
def test_planted_carelessness_is_flagged(planted: CarelessResult, flag: str, sort: str, least: int) -> None:
    assert planted.flags[flag].iloc[PLANTED[sort]].sum() >= least


@pytest.mark.parametrize(
    "flag", ["longstring", "patterned", "too_fast", "duplicate", "near_duplicate", "regular_submission", "mahalanobis"]
)
def test_careful_answers_are_rarely_flagged(planted: CarelessResult, flag: str) -> None:
    careful = planted.flags[flag].iloc[20:CAREFUL]  # the first twenty are the models of the copies
    assert careful.mean() <= 0.01


def test_flags_of_one_kind_count_once(planted: CarelessResult) -> None:
    flags = planted.flags[["longstring", "low_irv"]]
    assert flags.all(axis=1).iloc[PLANTED["straight"]].all()
    assert not flagged(flags).any()
    assert flagged(flags, min_flags=1).iloc[PLANTED["straight"]].all()
    assert flagged(planted.flags).iloc[PLANTED["random"]].all()
    assert flagged(planted.flags).iloc[20:CAREFUL].mean() < 0.03


def test_a_shared_address_counts_for_nothing(planted: CarelessResult) -> None:
    assert planted.flags["same_address"].tolist()[:3] == [True, True, False]
    assert not flagged(planted.flags[["same_address"]], min_flags=1).any()


def test_equal_straight_lines_are_no_copies(planted: CarelessResult) -> None:
    lines = planted.indices["copies"].iloc[PLANTED["straight"]]
    assert (lines == 4).all()
    assert not planted.flags["duplicate"].iloc[PLANTED["straight"]].any()


def test_counts_are_of_those_who_could_be_judged(planted: CarelessResult) -> None:
    for flag, row in planted.counts.iterrows():
        assert row["n_flagged"] == planted.flags[flag].sum()
        assert row["n_judged"] == planted.judged[flag].sum()
        assert not (planted.flags[flag] & ~planted.judged[flag]).any()


# --- what cannot be told -------------------------------------------------------------------------------------------


def test_without_system_and_keying_the_notes_say_what_is_missing() -> None:
    result = careless(simulated())
    assert {"careless_no_reverse_keyed", "careless_needs_scales"} <= {note.id for note in result.notes}
    assert result.indices["even_odd"].isna().all()
    assert result.counts.loc["too_fast", "n_judged"] == 0


def test_equal_item_means_make_person_total_no_flag() -> None:
    rng = np.random.default_rng(2)
    items = pd.DataFrame(rng.integers(1, 6, size=(300, 12)).astype(float)).rename(columns=str)
    result = careless(items)
    assert not result.flags["person_total"].any()
    assert any(note.id == "careless_index_unclear" and note.values["index"] == "person_total" for note in result.notes)


def test_items_that_follow_from_others_have_no_distance() -> None:
    items = simulated()
    items["sum"] = items.iloc[:, 0] + items.iloc[:, 1]
    result = careless(items)
    assert result.indices["mahalanobis"].isna().all()
    assert "careless_no_distance" in {note.id for note in result.notes}


def test_a_constant_item_is_left_out_of_the_distance() -> None:
    items = simulated()
    without = careless(items).indices["mahalanobis"]
    items["same"] = 3.0
    result = careless(items)
    np.testing.assert_allclose(result.indices["mahalanobis"], without, rtol=1e-9)
    assert "careless_constant_items" in {note.id for note in result.notes}


def test_rows_without_answers_have_no_indices() -> None:
    items = simulated()
    items.iloc[4] = np.nan
    row = careless(items, runs="missing_skipped", mahalanobis="zero_deviation", person_total="available").indices.iloc[
        4
    ]
    assert row.drop(["copies"]).isna().all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cutoffs": "hard"}, "'cutoffs'.*'usual', 'lenient', 'strict'"),
        ({"runs": "skip"}, "'runs'"),
        ({"synonyms": 1.2}, "'synonyms'"),
        ({"antonyms": 0.6}, "'antonyms'"),
        ({"irv_parts": 0}, "'irv_parts'"),
        ({"reverse_keyed": ["d0_7"]}, "'scale'"),
        ({"reverse_keyed": ["d0_8"], "scale": (1, 5)}, "d0_8"),
        ({"dimensions": {"d": ["d0_1", "x"]}}, "'x'"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        careless(simulated(), **options)


def test_answers_must_be_finite_numbers() -> None:
    items = simulated()
    with pytest.raises(TypeError, match="'d0_0' holds no numbers"):
        careless(items.astype({"d0_0": "str"}))
    items.iloc[1, 1] = np.inf
    with pytest.raises(ValueError, match="'d0_1' holds an infinite number"):
        careless(items)
    with pytest.raises(InsufficientDataError):
        careless(items.iloc[:0])


def test_own_cutoffs_are_taken() -> None:
    items = simulated()
    result = careless(items, cutoffs=Cutoffs(longstring_share=1.0))
    assert result.flags["longstring"].sum() == 10
    assert result.definition["cut_offs"] == "own"


def test_identical_answers_are_counted_exactly(monkeypatch: Any) -> None:
    """Even if every hash is the same."""
    from leadership_study.validation import _copies

    items = pd.DataFrame({"a": [1, 2, 1, np.nan, np.nan, 2, 1], "b": [1.0, 1, 1, 2, 2, 3, 1]})
    expected = [2, 0, 2, 1, 1, 0, 2]
    assert identical(items).tolist() == expected
    monkeypatch.setattr(_copies, "_hashed", lambda matrix: np.zeros(len(matrix), dtype=np.uint64))
    assert identical(items).tolist() == expected


def test_a_result_survives_json(found: CarelessResult, bfi: pd.DataFrame) -> None:
    small = careless(bfi.iloc[:60], **KEYING)
    again = CarelessResult.from_json(small.to_json())
    assert isinstance(again, CarelessResult)
    pd.testing.assert_frame_equal(again.counts, small.counts)
    assert len(str(found).splitlines()) < 120


@pytest.mark.parametrize("share", [0.01, 0.4, 0.97])
def test_sums_and_person_total_with_gaps_are_those_of_pandas(share):
    rng = np.random.default_rng(4)
    values = rng.normal(size=(3000, 7)) * [1, 10, 0.1, 1, 1, 1, 1] + [0, 1000, 0, 5, 5, 5, 5]
    values[rng.random(values.shape) < share] = np.nan
    items = pd.DataFrame(values, columns=list("abcdefg"))
    found = sums(items, rows=700)
    np.testing.assert_allclose(found.covariance, items.cov(), rtol=1e-9)
    np.testing.assert_allclose(found.correlation, items.corr(), atol=1e-12)
    np.testing.assert_allclose(found.means, items.mean(), rtol=1e-12)
    own = items.sub(items.mean()) + 3  # one scale: with 1000 beside 0.1 person–total is the item's mean alone
    expected = own.add([0, 1, 2, 3, 4, 5, 6]).head(300)
    mean = expected.mean()
    told = consistency.person_total(expected.to_numpy(), mean.to_numpy(), listwise=False)
    by_hand = [row.corr(mean) for _, row in expected.iterrows()]
    np.testing.assert_allclose(told, by_hand, atol=1e-12)
