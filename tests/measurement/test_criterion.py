"""Criterion validity."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement.criterion import criterion_validity, run
from leadership_study.measurement.reliability import cronbach_alpha


def test_correlations_with_their_intervals(lq2002):
    scores = pd.DataFrame({"lead": lq2002.filter(like="LEAD").mean(axis=1)})
    criteria = pd.DataFrame({"hostility": lq2002.filter(like="HOSTIL").mean(axis=1)})
    criteria.iloc[:500] = np.nan
    found = criterion_validity(scores, criteria, reliability=pd.Series({"lead": 0.81})).table.loc[("lead", "hostility")]
    other = stats.pearsonr(scores["lead"][500:], criteria["hostility"][500:])
    limits = other.confidence_interval()
    assert found["n"] == 1542
    assert found[["correlation", "p_value", "ci_low", "ci_high"]].tolist() == pytest.approx(
        [other.statistic, other.pvalue, limits.low, limits.high], rel=1e-8
    )
    assert found["corrected"] == pytest.approx(other.statistic / 0.9)


def test_a_study_corrects_by_its_own_alpha(scored_lq2002):
    age = scored_lq2002.scales["hostility"].rank()
    scored = replace(
        scored_lq2002,
        forms=pd.DataFrame({"rank": age}),
        instrument=scored_lq2002.instrument,
    )
    found = run(scored, criteria=("task_significance",), scales=("hostility",)).table
    row = found.loc[("hostility", "task_significance")]
    assert row["reliability"] == pytest.approx(cronbach_alpha(scored.scale_items("hostility")).alpha)
    assert abs(row["corrected"]) > abs(row["correlation"])


def test_a_scale_is_no_criterion_of_itself(scored_lq2002):
    with pytest.raises(PlanError, match="one of the scales"):
        run(scored_lq2002, criteria=("hostility",))


def test_words_are_no_criterion(scored_lq2002):
    with pytest.raises(PlanError, match="must be a number, and 'company'"):
        run(scored_lq2002, criteria=("company",))


def test_a_constant_criterion_is_told():
    frame = pd.DataFrame({"a": np.arange(9.0)})
    with pytest.raises(InsufficientDataError, match="no variance"):
        criterion_validity(frame, pd.DataFrame({"b": np.ones(9)}))


def nested(groups: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Uncorrelated score and criterion that groups of 15 have a good part of in common."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), 15)
    both = rng.normal(size=(groups, 2))[group] + rng.normal(size=(len(group), 2))
    return pd.DataFrame({"s": both[:, 0]}), pd.DataFrame({"c": both[:, 1]}), pd.Series(group)


def test_whole_groups_go_together():
    scores, criteria, groups = nested(12, 1)
    found = criterion_validity(scores, criteria, clusters=groups)
    row = found.table.loc[("s", "c")]
    r = [np.corrcoef(scores["s"][groups != out], criteria["c"][groups != out])[0, 1] for out in range(12)]
    z = np.arctanh(r)
    error = np.sqrt(11 / 12 * np.sum((z - z.mean()) ** 2))
    limits = np.tanh(np.arctanh(row["correlation"]) + stats.t.ppf([0.025, 0.975], 11) * error)
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(limits.tolist(), rel=1e-10)
    assert row["p_value"] == pytest.approx(2 * stats.t.sf(abs(np.arctanh(row["correlation"])) / error, 11), rel=1e-10)
    assert found.definition["interval"] == "fisher_z_cluster_jackknife"
    assert [note.id for note in found.notes] == ["criterion_few_clusters"]


def test_intervals_of_grouped_answers_cover_the_truth_where_fishers_do_not():
    inside = {True: 0, False: 0}
    for seed in range(120):
        scores, criteria, groups = nested(20, seed)
        for whole in inside:
            row = criterion_validity(scores, criteria, clusters=groups if whole else None).table.iloc[0]
            inside[whole] += row["ci_low"] <= 0 <= row["ci_high"]
    assert inside[True] >= 108
    assert inside[False] < 90


def test_a_nested_study_takes_its_outermost_groups(scored_lq2002):
    found = run(scored_lq2002, criteria=("task_significance",), scales=("hostility",))
    assert found.definition["interval"] == "fisher_z_cluster_jackknife"
    unnested = run(replace(scored_lq2002, nested_in=()), criteria=("task_significance",), scales=("hostility",))
    wide, narrow = (each.table.iloc[0]["ci_high"] - each.table.iloc[0]["ci_low"] for each in (found, unnested))
    assert wide > 1.2 * narrow


def test_groups_that_tell_nothing_about_chance():
    scores, criteria, groups = nested(2, 3)
    one = criterion_validity(scores, criteria, clusters=groups.where(groups == 0)).table.iloc[0]
    assert one["n"] == 15
    assert one[["ci_low", "ci_high", "p_value"]].isna().all()
    scores.iloc[:15] = 3.0  # without the second group the score does not vary
    assert np.isnan(criterion_validity(scores, criteria, clusters=groups).table.iloc[0]["ci_low"])
    with pytest.raises(ValueError, match="index of the scores"):
        criterion_validity(scores, criteria, clusters=groups.iloc[1:])
