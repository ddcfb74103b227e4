"""Difference in differences: values of another implementation, by hand, and recovery."""

import numpy as np
import pandas as pd
import pytest

import leadership_study as ls
from leadership_study.errors import InsufficientDataError


def panel(seed=0, n=200, times=5, effect=1.0, groups=(2, 3, 4, np.nan)):
    random = np.random.default_rng(seed)
    joined, level = random.choice(groups, n), random.normal(size=n)
    rows = []
    for unit in range(n):
        for time in range(1, times + 1):
            gain = effect * (time - joined[unit] + 1) if time >= joined[unit] else 0
            rows.append((f"u{unit}", time, joined[unit], level[unit] + 0.3 * time + gain + random.normal()))
    return pd.DataFrame(rows, columns=["unit", "time", "joined", "y"])


def estimated(data, **options):
    return ls.difference_in_differences(data, "y", unit="unit", time="time", joined="joined", **options)


def test_values_of_csdid():
    """csdid 0.4.3: ATTgt(control_group=["notyettreated"]).fit(est_method="reg", bstrap=False), aggte of each type."""
    found = estimated(panel())
    cells = found.group_times.loc[("2", "2")]
    assert cells["estimate"] == pytest.approx(1.0883479820983246, abs=1e-12)
    assert cells["std_error"] == pytest.approx(0.2641058, abs=1e-7)
    expected = [
        ("-2", -0.346282931752036, 0.2393232), ("-1", 0.025066956984269792, 0.16797582),
        ("0", 1.0145283046766655, 0.14385431), ("1", 1.8837530925646644, 0.14851423),
        ("2", 2.7270370717612513, 0.1912884), ("3", 3.5894186510231165, 0.28331146),
    ]  # fmt: skip
    assert list(found.events.index) == [since for since, _, _ in expected]
    for since, estimate, error in expected:
        assert found.events.loc[since, "estimate"] == pytest.approx(estimate, abs=1e-12)
        assert found.events.loc[since, "std_error"] == pytest.approx(error, abs=1e-7)
    averages = found.averages[["estimate", "std_error"]]
    np.testing.assert_allclose(averages.loc["event_mean"], [2.3036842800064243, 0.14885036099241752], atol=1e-12)
    np.testing.assert_allclose(averages.loc["group_mean"], [1.8339760014646251, 0.13752770523607036], atol=1e-12)
    np.testing.assert_allclose(averages.loc["group_time_mean"], [1.942178110752421, 0.1376845132803886], atol=1e-12)
    np.testing.assert_allclose(found.groups["estimate"], [2.40942729, 1.75630714, 1.43938913], atol=1e-8)
    np.testing.assert_allclose(found.groups["std_error"], [0.22127667, 0.19473447, 0.22368341], atol=1e-8)
    assert found.before_joining["statistic"] == pytest.approx(3.983559215587426, abs=1e-12)
    assert found.before_joining["p_value"] == pytest.approx(0.26324, abs=1e-5)


def test_two_times_and_two_groups_are_a_difference_of_mean_changes():
    data = panel(1, n=40, times=2, groups=(2, np.nan))
    wide = data.pivot_table(index="unit", columns="time", values="y")
    change = (wide[2] - wide[1]).to_numpy()
    own = data.groupby("unit")["joined"].first().reindex(wide.index).notna().to_numpy()
    found = estimated(data)
    assert found.averages.loc["group_mean", "estimate"] == pytest.approx(change[own].mean() - change[~own].mean())
    variance = change[own].var() / own.sum() + change[~own].var() / (~own).sum()
    assert found.averages.loc["group_mean", "std_error"] == pytest.approx(variance**0.5)
    assert found.averages.loc["two_way", "estimate"] == pytest.approx(found.averages.loc["group_mean", "estimate"])


def test_two_way_fixed_effects_only_when_all_join_at_once():
    assert "two_way" not in estimated(panel()).averages.index
    assert "two_way" in estimated(panel(groups=(3, np.nan))).averages.index


def test_answers_of_a_unit_are_averaged_and_their_order_is_irrelevant():
    data = panel(2, n=60)
    twice = pd.concat([data.assign(y=data["y"] + 1), data.assign(y=data["y"] - 1)]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(estimated(data).events, estimated(twice).events)


def test_effects_and_none_before_are_found_again():
    inside = []
    for seed in range(60):
        events = estimated(panel(seed), bootstrap=200, seed=1).events
        truth = np.array([max(float(since) + 1, 0.0) for since in events.index])
        inside.append([
            ((events["ci_low"] < truth) & (truth < events["ci_high"])).mean(),
            ((events["band_low"] < truth) & (truth < events["band_high"])).all(),
        ])  # fmt: skip
    pointwise, band = np.mean(inside, axis=0)
    assert 0.90 < pointwise < 0.985
    assert 0.86 < band <= 1.0


def test_clusters_that_all_go_together_widen_the_error():
    data = panel(3, n=100)
    copies = pd.concat([data, data.assign(unit=data["unit"] + "b")])
    copies["pair"] = copies["unit"].str.removesuffix("b")
    alone, together = estimated(data), estimated(copies, clusters="pair")
    np.testing.assert_allclose(together.events["std_error"], alone.events["std_error"])


def test_who_had_joined_before_the_first_time_is_left_out_and_told():
    data = panel(4, groups=(1, 3, np.nan))
    found = estimated(data)
    assert [note.id for note in found.notes].count("did_joined_before") == 1
    assert list(found.groups.index) == ["3"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda data: data.assign(joined=np.nan), InsufficientDataError, "No unit that joined"),
        (lambda data: data[data["time"] == 1], InsufficientDataError, "No unit that joined"),
        (lambda data: data.assign(joined=np.arange(len(data)) % 4 + 2), ValueError, "differs within the unit"),
        (lambda data: data.assign(y="high"), TypeError, "not numbers"),
        (lambda data: data.assign(y=np.inf), ValueError, "infinite"),
        (lambda data: data.assign(y=np.nan), InsufficientDataError, "No row"),
        (lambda data: data.drop(columns="y"), ValueError, "'y'"),
    ],
)
def test_bad_input(change, error, message):
    with pytest.raises(error, match=message):
        estimated(change(panel(5, n=20)))
