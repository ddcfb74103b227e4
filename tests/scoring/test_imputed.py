import numpy as np
import pandas as pd
import pytest
from test_score import make

from leadership_study.importing import read_responses
from leadership_study.scoring import score
from leadership_study.scoring.imputed import Imputation, impute_scored
from leadership_study.validation import validate


@pytest.fixture
def scored(tmp_path):
    random = np.random.default_rng(1)
    n = 120
    factor = random.normal(size=n)
    table = {"respondent_id": [f"r{at}" for at in range(n)]}
    for item in ("a1", "a2", "a3", "b1", "b2"):
        low = 0 if item[0] == "b" else 1
        sign = -1 if item == "a2" else 1
        raw = np.clip(np.round(2 + sign * factor + 0.7 * random.normal(size=n)), 0, 4) + low
        table[item] = np.where(random.random(n) < 0.2, np.nan, raw)
    table |= {"importance_a": random.integers(1, 6, n), "importance_b": random.integers(1, 6, n)}
    table["post"] = np.where(random.random(n) < 0.2, None, np.where(factor > 0, "t", "h"))
    table["age"] = np.where(random.random(n) < 0.2, np.nan, 40 + 5 * factor + random.normal(size=n)).round()
    table |= {"district": random.integers(1, 4, n), "school": np.arange(n) % 3 + 1}
    table["school"] = [f"{d}-{s}" for d, s in zip(table["district"], table["school"], strict=True)]
    path = tmp_path / "answers.csv"
    pd.DataFrame(table).to_csv(path, index=False)
    instrument = make()
    return score(validate(read_responses(path, instrument), instrument), nested_in=["school", "district"])


def test_every_data_set_is_scored_again_from_filled_items(scored):
    sets = list(impute_scored(scored, 3, 7, iterations=3))
    assert len(sets) == 3
    for one in sets:
        assert one.items.notna().all().all()
        assert one.background.notna().all().all()
        pd.testing.assert_frame_equal(one.items.where(scored.items.notna()), scored.items)
        pd.testing.assert_frame_equal(one.background.where(scored.background.notna()), scored.background)
        np.testing.assert_allclose(one.scales["a"], one.items[["a1", "a2", "a3"]].mean(axis=1))
        assert one.items["a1"].isin([1, 2, 3, 4, 5]).all()
        assert one.items["b1"].isin([0, 1, 2, 3, 4]).all()
        assert set(one.background["post"]) == {"t", "h"}
        assert one.background.dtypes.equals(scored.background.dtypes)
        pd.testing.assert_frame_equal(one.answered, scored.answered)
        assert one.nested_in == scored.nested_in
    assert not sets[0].items.equals(sets[1].items)


def test_the_first_data_sets_do_not_depend_on_how_many_follow(scored):
    two = list(impute_scored(scored, 2, 7, iterations=2))
    three = list(impute_scored(scored, 3, 7, iterations=2))
    for one, other in zip(two, three, strict=False):
        pd.testing.assert_frame_equal(one.items, other.items)
        pd.testing.assert_frame_equal(one.background, other.background)


def test_what_goes_together_stays_together(scored):
    """Post was planted to follow the factor: imputed posts do so too."""
    gone = scored.background["post"].isna()
    shares = [one.scales["a"][gone & (one.background["post"] == "t")].mean()
              - one.scales["a"][gone & (one.background["post"] == "h")].mean()
              for one in impute_scored(scored, 5, 3)]  # fmt: skip
    assert np.mean(shares) > 0.4


def test_readers_are_told_how(scored):
    model = Imputation(scored)
    notes = {note.id: note for note in model.notes(20)}
    assert set(notes) >= {"imputed_answers", "imputation_group_effects"}
    gaps = int(scored.items.isna().sum().sum() + scored.background.isna().sum().sum())
    assert notes["imputed_answers"].values == {"cells": gaps, "variables": 7, "imputations": 20}
    assert notes["imputation_group_effects"].values["group"] == "school"
    assert notes["imputation_group_effects"].values["groups"] == 9


@pytest.mark.parametrize(("m", "iterations", "match"), [(1, 5, "'m'"), (2.0, 5, "'m'"), (2, 0, "'iterations'")])
def test_wrong_numbers_are_refused(scored, m, iterations, match):
    with pytest.raises(ValueError, match=match):
        next(impute_scored(scored, m, 1, iterations=iterations))
