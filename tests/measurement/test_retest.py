"""Retest reliability: by hand, planted, and from the waves of a study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin
import pytest

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.measurement.retest import retest_reliability, run


def occasions(n=60, seed=5):
    random = np.random.default_rng(seed)
    trait = random.normal(size=n)
    index = pd.Index([f"r{at}" for at in range(n)])
    frames = [
        pd.DataFrame({"a": trait + shift + random.normal(size=n) * 0.5, "b": random.normal(size=n)}, index=index)
        for shift in (0, 1)
    ]
    return frames[0], frames[1]


def test_correlation_agreement_and_change():
    first, second = occasions()
    found = retest_reliability(first, second.iloc[::-1])  # matched by respondent, not by place
    row = found.table.loc["a"]
    other = pingouin.corr(first["a"], second["a"])
    assert row["correlation"] == pytest.approx(float(other["r"].iloc[0]), abs=1e-10)
    paired = pingouin.ttest(second["a"], first["a"], paired=True)
    change = (second["a"] - first["a"]).mean()
    assert row["change"] == pytest.approx(change)
    t = change / ((row["change_ci_high"] - row["change_ci_low"]) / 2 / 2.0009953780882688)  # t(.975, 59)
    assert t == pytest.approx(float(paired["T"].iloc[0]), abs=1e-6)
    assert row["agreement"] < row["consistency"] - 0.1  # everybody moved by one
    assert row["smallest_detectable_change"] == pytest.approx(1.96 * np.sqrt(2) * row["std_error_of_measurement"])
    assert abs(found.table.loc["b", "correlation"]) < 0.3


def test_only_those_asked_twice_count():
    first, second = occasions()
    found = retest_reliability(first, second.iloc[:40].rename(index={"r0": "new"}))
    assert (found.n_first, found.n_second, found.n_both) == (60, 40, 39)
    assert found.table["n"].tolist() == [39, 39]


def test_nobody_in_common_is_told():
    first, second = occasions()
    with pytest.raises(InsufficientDataError, match="0 respondents have both scores"):
        retest_reliability(first, second.add_prefix("", axis=1).set_axis([f"x{at}" for at in range(60)], axis=0))


def test_a_respondent_twice_is_refused():
    first, second = occasions()
    with pytest.raises(ValueError, match="'r0' twice"):
        retest_reliability(pd.concat([first, first.iloc[:1]]), second)


def test_waves_of_a_study(scored_lq2002):
    items = scored_lq2002.items.iloc[:200]
    waves = {"before": items, "after": items.iloc[:150]}
    index = pd.Index([f"{wave}/{id}" for wave, part in waves.items() for id in part.index], name="respondent_id")
    both = pd.concat(list(waves.values())).set_axis(index)
    scored = replace(
        scored_lq2002,
        items=both,
        scales=pd.DataFrame({"hostility": both[[f"HOSTIL{at:02d}" for at in range(1, 6)]].mean(axis=1)}),
        background=pd.DataFrame(index=index),
        groups=pd.DataFrame(index=index),
        forms=pd.DataFrame(index=index),
        block=pd.Series([name.split("/")[0] for name in index], index=index),
        nested_in=(),
    )
    found = run(scored, first="before", second="after", variables=("hostility",))
    assert found.table.loc["hostility", ["n", "correlation", "change"]].tolist() == pytest.approx([150, 1, 0])
    with pytest.raises(PlanError, match="'later'"):
        run(scored, first="before", second="later", variables=("hostility",))
