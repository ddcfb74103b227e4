import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement import norms
from leadership_study.measurement.norms import norm_table


def test_norms_of_one_scale_by_hand():
    row, conversion = norm_table(pd.Series([1.0, 2, 2, 3, np.nan]))
    assert row["n"] == 4
    assert row["mean"] == 2
    assert row["sd"] == pytest.approx(np.sqrt(2 / 3))
    assert row["p25"] == 1.75  # R: quantile(c(1, 2, 2, 3), .25)
    assert conversion.index.tolist() == ["1", "2", "3"]
    assert conversion["n"].tolist() == [1, 2, 1]
    assert conversion["percentile_rank"].tolist() == [12.5, 50, 87.5]
    assert conversion["t_score"].tolist() == pytest.approx([50 - 10 / np.sqrt(2 / 3), 50, 50 + 10 / np.sqrt(2 / 3)])
    assert conversion["t_normalised"].tolist() == pytest.approx(50 + 10 * stats.norm.ppf([0.125, 0.5, 0.875]))


@pytest.mark.parametrize("score", [2.0, 10 / 3, 0.7])
@pytest.mark.parametrize("n", [3, 7, 11])
def test_equal_scores_have_no_z(score, n):
    row, conversion = norm_table(pd.Series([score] * n))
    assert row["sd"] == 0
    assert conversion["z_score"].isna().all()


def test_norms_by_group_and_of_groups(scored_lq2002):
    found = norms.run(scored_lq2002, by="company", min_n=50)
    sizes = scored_lq2002.groups["company"].value_counts()
    kept = [name for dimension, name in found.norms.index if dimension == "hostility"]
    assert kept[0] == "everyone"
    assert len(kept) == 1 + (sizes >= 50).sum()
    assert found.norms.loc[("hostility", "everyone"), "n"] == 2042
    assert found.norms.loc[("hostility", "everyone"), "mean"] == pytest.approx(0.9470127326150832, rel=1e-12)
    assert sum(note.id == "norm_group_too_small" for note in found.notes) == 3 * (sizes < 50).sum()
    assert "norms_of_single_ratings" in [note.id for note in found.notes]
    counts = found.conversion["n"].groupby(level=["dimension", "group"]).sum()
    assert counts.sort_index().equals(found.norms["n"].sort_index())

    means = norms.run(scored_lq2002, means_of="company")
    expected = scored_lq2002.scales["hostility"].groupby(scored_lq2002.groups["company"]).mean()
    row = means.norms.loc[("hostility", "everyone")]
    assert row["n"] == 49
    assert row["sd"] == pytest.approx(expected.std())
    assert row["p90"] == pytest.approx(expected.quantile(0.9))
    assert means.notes == ()


def test_what_has_no_norms(scored_lq2002):
    with pytest.raises(ValueError, match="not both"):
        norms.run(scored_lq2002, by="company", means_of="company")
    with pytest.raises(InsufficientDataError, match="fewer than 5000"):
        norms.run(scored_lq2002, min_n=5000)
