"""Omega hierarchical, stratified alpha and the prophecy formula, against psych and by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.total_reliability import (
    hierarchical_omega,
    length_for,
    prophecy,
    run,
    stratified_alpha,
)
from leadership_study.samples.moments import moments, moments_of

ROOT = Path(__file__).parents[2]
DATA = {
    "bfi": ROOT / "data" / "raw" / "bfi" / "bfi.csv",
    "holzinger": ROOT / "tests" / "data" / "holzinger.csv",
    "lq2002": ROOT / "data" / "raw" / "lq2002" / "lq2002.csv",
}
SHORT = 1e-4  # psych stops its search for communalities there (the references' README)
ROTATED = 1e-3
SECTIONS = [
    ("bfi", "omega_h.all", 5),
    ("bfi", "omega_h.ACE_reversed_complete", 3),
    ("lq2002", "omega_h.LEAD", 3),
    ("lq2002", "omega_h.all", 3),
    ("holzinger", "omega_h.all", 3),
]


def frame_of(matrix):
    return pd.DataFrame(matrix["data"], index=matrix["rows"], columns=matrix["cols"], dtype=float)


def data_of(data_set, section, reference):
    names = reference(data_set)(section)["key"]
    frame = pd.read_csv(DATA[data_set])
    if section != "omega_h.ACE_reversed_complete":
        return frame[list(names)]
    turned = ["A1", "C4", "C5", "E1", "E2"]
    frame[turned] = 7 - frame[turned]
    return frame[list(names)].dropna()


@pytest.mark.parametrize(("data_set", "section", "n_factors"), SECTIONS)
def test_every_value_is_psychs(reference, data_set, section, n_factors):
    expected = reference(data_set)(section)
    assert set(expected) == {
        "omega_h", "omega_lim", "alpha", "omega_tot", "G6", "schmid", "omega_group", "chisq", "dof", "key"
    }  # fmt: skip
    items = data_of(data_set, section, reference)
    found = hierarchical_omega(items, n_factors)
    assert found.omega_hierarchical == pytest.approx(expected["omega_h"], abs=SHORT)
    assert found.omega_total == pytest.approx(expected["omega_tot"], abs=SHORT)
    assert found.omega_limit == pytest.approx(expected["omega_lim"], abs=SHORT)
    assert found.alpha == pytest.approx(expected["alpha"], abs=1e-8)
    assert found.guttman_lambda6 == pytest.approx(expected["G6"], abs=1e-8)
    assert found.loadings["turned"].to_dict() == {item: sign < 0 for item, sign in expected["key"].items()}
    # Factors in psych's order: the one with the same items.
    schmid = frame_of(expected["schmid"]["sl"]).set_axis(list(expected["key"]), axis=0)
    names = [f"F{at + 1}" for at in range(n_factors)]
    theirs = [f"{name}*" for name in names]
    overlap = np.abs(schmid[theirs].to_numpy().T @ found.loadings[names].to_numpy())
    order = [names[at] for at in overlap.argmax(axis=1)]
    assert sorted(order) == names
    turned = schmid[theirs].to_numpy()
    mine = found.loadings[order].to_numpy()
    mine = mine * np.sign((mine * turned).sum(axis=0))
    np.testing.assert_allclose(mine, turned, atol=ROTATED)
    np.testing.assert_allclose(found.loadings["g"], schmid["g"], atol=ROTATED)
    np.testing.assert_allclose(found.loadings["communality"], schmid["h2"], atol=SHORT)
    np.testing.assert_allclose(found.loadings["uniqueness"], schmid["u2"], atol=SHORT)
    np.testing.assert_allclose(found.loadings["general_share"], schmid["p2"], atol=ROTATED)
    groups = pd.DataFrame(expected["omega_group"]).set_index("row")
    assert found.omega_total == pytest.approx(groups.loc["g", "total"], abs=SHORT)
    assert found.omega_hierarchical == pytest.approx(groups.loc["g", "general"], abs=SHORT)
    np.testing.assert_allclose(
        found.subscales.loc[order, ["total", "general", "group"]], groups.iloc[1:].astype(float), atol=ROTATED
    )
    phi = frame_of(expected["schmid"]["phi"]).to_numpy()
    np.testing.assert_allclose(np.abs(found.factor_correlations.loc[order, order]), np.abs(phi), atol=ROTATED)
    gamma = frame_of(expected["schmid"]["gloading"]).iloc[:, 0]
    np.testing.assert_allclose(np.abs(found.second_order.loc[order, "loading"]), np.abs(gamma), atol=ROTATED)


def test_order_of_items_and_their_direction_do_not_matter(reference):
    items = data_of("holzinger", "omega_h.all", reference)
    found = hierarchical_omega(items, 3)
    other = hierarchical_omega((-items[items.columns[::-1]]).assign(x1=items["x1"]), 3)
    assert other.omega_hierarchical == pytest.approx(found.omega_hierarchical, abs=1e-6)
    assert other.loadings["turned"].sum() in (1, 8)  # x1 runs against the rest: it, or the rest, is turned


def test_correlations_are_enough(reference):
    items = data_of("holzinger", "omega_h.all", reference)
    assert hierarchical_omega(moments_of(items), 3).omega_hierarchical == pytest.approx(
        hierarchical_omega(items, 3, missing="listwise").omega_hierarchical, abs=1e-12
    )


def nine_items(phi):
    """Moments of three items a factor, loadings .8."""
    pattern = np.kron(np.eye(3), np.full((3, 1), 0.8))
    correlation = pattern @ np.array(phi) @ pattern.T
    np.fill_diagonal(correlation, 1)
    names = [f"q{at}" for at in range(9)]
    return moments(pd.DataFrame(correlation, names, names), 200)


def test_a_general_factor_that_is_one_of_the_factors_is_told():
    found = hierarchical_omega(nine_items([[1, 0.72, 0.45], [0.72, 1, 0.07], [0.45, 0.07, 1]]), 3)
    (note,) = [each for each in found.notes if each.id == "omega_second_order_heywood"]
    assert note.values["factors"] == found.second_order["loading"].abs().idxmax()
    proper = hierarchical_omega(nine_items([[1, 0.5, 0.45], [0.5, 1, 0.4], [0.45, 0.4, 1]]), 3)
    assert "omega_second_order_heywood" not in [each.id for each in proper.notes]


def test_two_factors_are_said_not_to_identify_the_general_one(reference):
    items = data_of("holzinger", "omega_h.all", reference)[["x1", "x2", "x3", "x4", "x5", "x6"]]
    found = hierarchical_omega(items, 2)
    assert "omega_two_factors" in {note.id for note in found.notes}
    between = found.factor_correlations.iloc[0, 1]
    assert found.second_order["loading"].pow(2).tolist() == pytest.approx([abs(between)] * 2)


def test_stratified_alpha_by_hand(lq2002):
    scales = {"LEAD": [f"LEAD{at:02d}" for at in range(1, 12)], "TSIG": [f"TSIG{at:02d}" for at in range(1, 4)]}
    found = stratified_alpha(lq2002, scales)
    whole = lq2002[[item for items in scales.values() for item in items]]
    left = 0.0
    for items in scales.values():
        own = lq2002[items]
        k, total = len(items), own.sum(axis=1).var()
        alpha = k / (k - 1) * (1 - own.var().sum() / total)
        left += total * (1 - alpha)
    assert found.stratified_alpha == pytest.approx(1 - left / whole.sum(axis=1).var(), rel=1e-12)
    assert found.alpha < found.stratified_alpha


def test_stratified_alpha_of_one_scale_is_alpha(lq2002):
    found = stratified_alpha(lq2002, {"LEAD": [f"LEAD{at:02d}" for at in range(1, 12)]})
    assert found.stratified_alpha == pytest.approx(found.alpha, rel=1e-12)


@pytest.mark.parametrize(
    ("scales", "word"),
    [({"a": ["LEAD01", "LEAD01"]}, "more than once"), ({"a": ["LEAD01", "zz"]}, "unknown items: zz")],
)
def test_wrong_scales_are_refused(lq2002, scales, word):
    with pytest.raises(ValueError, match=word):
        stratified_alpha(lq2002, scales)


def test_prophecy_and_its_inverse():
    assert prophecy(0.6, 2) == pytest.approx(0.75)
    assert prophecy(0.75, 0.5) == pytest.approx(0.6)
    assert length_for(0.6, 0.75) == pytest.approx(2)
    for reliability in (0.3, 0.8):
        assert prophecy(reliability, length_for(reliability, 0.9)) == pytest.approx(0.9)
    with pytest.raises(ValueError, match="times"):
        prophecy(0.6, 0)
    with pytest.raises(ValueError, match="wanted"):
        length_for(0.6, 1.0)


def test_the_plan_gives_no_bare_alpha(scored_lq2002):
    found = run(scored_lq2002)
    assert found.omega_hierarchical < found.alpha < found.stratified_alpha
    notes = {note.id: note for note in found.notes}
    assert {"alpha_of_total", "total_of_respondents"} <= set(notes)
    # The total is that of the items as keyed: those that run against it are named, not turned.
    items = pd.concat([scored_lq2002.scale_items(each) for each in scored_lq2002.instrument.dimension_ids], axis=1)
    as_keyed = hierarchical_omega(items, found.n_factors, flip=False, missing="listwise")
    assert found.omega_hierarchical == as_keyed.omega_hierarchical
    assert not found.loadings["turned"].any()
    against = ", ".join(found.loadings.index[found.loadings["g"] < 0])
    assert against
    assert notes["omega_items_against_the_total"].values["items"] == against


def test_one_dimension_has_no_total(scored_lq2002):
    with pytest.raises(InsufficientDataError, match="total of one dimension"):
        run(scored_lq2002, scales=("hostility",))


def test_reference_sections_are_all_compared():
    folder = Path(__file__).parents[1] / "reference"
    there = {
        (name, section)
        for name in ("bfi", "lq2002", "holzinger")
        for section in json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        if section.startswith("omega_h")
    }
    assert there == {(data_set, section) for data_set, section, _ in SECTIONS}
