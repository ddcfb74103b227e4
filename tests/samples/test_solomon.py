"""Equivalent halves: alike in what they share, deterministic, and no worse than chance."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.samples.solomon import half_of, solomon_halves


def answers(n: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    factors = random.normal(size=(n, 2))
    loadings = np.kron(np.eye(2), [[0.8, 0.7, 0.6, 0.5]])
    return pd.DataFrame(factors @ loadings + 0.6 * random.normal(size=(n, 8))).add_prefix("i")


def test_halves_share_all_rows_evenly() -> None:
    for n in (8, 9, 200, 201):
        halves = solomon_halves(answers(n))
        assert int(halves.first.sum()) == (n + 1) // 2
        assert halves.used.all()


def test_the_same_rows_give_the_same_halves_whatever_the_units() -> None:
    items = answers(150)
    scaled = items * [1, 10, 100, 1, 1, 5, 1, 1] + 3
    one, other = solomon_halves(items), solomon_halves(scaled)
    np.testing.assert_array_equal(one.first, other.first)
    assert one.communality_ratio == pytest.approx(other.communality_ratio, abs=1e-10)


def test_the_farthest_rows_begin_different_halves() -> None:
    items = pd.DataFrame(
        {"a": [-9.0, 9.0, -6.0, 6.0, 0.1, 0.2, -0.1, -0.2], "b": [0.1, -0.2, 0.3, -0.1, 0.2, 0, 0.1, -0.3]}
    )
    halves = solomon_halves(items[["a"]])
    assert halves.first[:4].tolist() == [True, True, False, False]


def test_halves_are_more_alike_than_chance_makes_them() -> None:
    apart, chance = [], []
    for seed in range(20):
        items = answers(120, seed)
        first = solomon_halves(items).first
        random = np.random.default_rng(seed).permutation(120) < 60
        for mask, found in ((first, apart), (random, chance)):
            covariances = [np.cov(items[part].to_numpy(), rowvar=False) for part in (mask, ~mask)]
            found.append(np.abs(np.diag(covariances[0] - covariances[1])).mean())
    assert np.mean(apart) < np.mean(chance)


def test_ratio_is_that_of_the_sampling_adequacies() -> None:
    from leadership_study.measurement.sampling_adequacy import sampling_adequacy

    items = answers(300)
    halves = solomon_halves(items)
    kmo = [sampling_adequacy(items[mask]).kmo for mask in (halves.first, ~halves.first)]
    assert halves.kmo == pytest.approx(kmo, abs=1e-12)
    assert halves.communality_ratio == pytest.approx(min(kmo) / max(kmo), abs=1e-12)
    assert 0.9 < halves.communality_ratio <= 1


def test_rows_without_an_answer_are_in_neither_half() -> None:
    items = answers(60)
    items.iloc[3] = np.nan
    items.iloc[7, 2] = np.nan
    halves = solomon_halves(items)
    assert not halves.used[3]
    assert not halves.first[3]
    one, notes = half_of(items, "first")
    other, _ = half_of(items, "second")
    assert len(one) + len(other) == 59
    assert not set(one.index) & set(other.index)
    assert notes[0].id == "half_of_sample"
    assert notes[0].values["n_rows"] == 59
    assert half_of(items, "all") == (items, ()) or half_of(items, "all")[0] is items


def test_bad_input() -> None:
    with pytest.raises(InsufficientDataError, match="5 respondents"):
        solomon_halves(answers(5))
    with pytest.raises(InsufficientDataError, match="same answers"):
        solomon_halves(pd.DataFrame(np.ones((20, 3))).add_prefix("i"))
    with pytest.raises(ValueError, match="'half' parameter"):
        half_of(answers(20), "third")  # type: ignore[arg-type]
