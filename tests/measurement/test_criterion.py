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
