"""Shrunken profiles of heads: against lme4's conditional modes, by coverage, and with nothing to tell apart."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences import head_profiles as module
from leadership_study.influences.head_profiles import head_profiles
from leadership_study.influences.multilevel import mixed_model
from leadership_study.results import Result


def simulated(seed: int, *, heads: float, schools: float, sizes: int = 14) -> tuple[pd.DataFrame, np.ndarray]:
    """Teachers of five schools under each of twelve heads, and how the heads truly stand."""
    random = np.random.default_rng(seed)
    head, school, _ = np.indices((12, 5, sizes)).reshape(3, -1)
    truth = 3 + random.normal(0, np.sqrt(heads), 12)
    y = truth[head] + random.normal(0, np.sqrt(schools), (12, 5))[head, school] + random.normal(size=len(head))
    names = [f"D{one + 1:02d}" for one in range(12)]
    data = pd.DataFrame(
        {"y": y, "head": np.array(names)[head], "school": [f"{a}-{b}" for a, b in zip(head, school, strict=True)]}
    )
    return data, truth


def test_estimates_are_lme4s(lq2002, reference):
    data = lq2002.assign(LEAD=lq2002.filter(like="LEAD").mean(axis=1))
    result = head_profiles(data, "LEAD", "COMPID")
    for row in reference("lq2002_few_clusters")("ranef"):
        own = result.profiles.loc[row["grp"]]
        assert own["estimate"] - result.mean == pytest.approx(row["condval"], rel=1e-5, abs=1e-7)
        assert own["std_error"] > row["condsd"], "the mean of all is estimated too"
        assert own["reliability"] == pytest.approx(1 - row["condsd"] ** 2 / result.group_variance, rel=1e-5)
    assert result.icc == pytest.approx(reference("lq2002")("icc.lmer.LEAD")["ICC1"], rel=1e-6)


def test_the_error_of_balanced_groups_by_hand():
    """With equal sizes the prediction error variance has a closed form."""
    data, _ = simulated(2, heads=0.3, schools=0.0, sizes=10)
    result = head_profiles(data, "y", "head")
    tau, sigma, n, groups = result.group_variance, result.residual_variance, 50, 12
    shrink = n * tau / (n * tau + sigma)
    variance = shrink * sigma / n + (1 - shrink) ** 2 * (tau + sigma / n) / groups
    np.testing.assert_allclose(result.profiles["std_error"] ** 2, variance, rtol=1e-8)
    means = data.groupby("head")["y"].mean()
    np.testing.assert_allclose(result.profiles["estimate"], means.mean() + shrink * (means - means.mean()), rtol=1e-8)


def test_intervals_cover_where_heads_truly_stand():
    covered = total = 0
    for seed in range(60):
        data, truth = simulated(seed, heads=0.2, schools=0.1)
        profiles = head_profiles(data, "y", ["school", "head"]).profiles
        inside = (profiles["ci_low"] <= truth) & (truth <= profiles["ci_high"])
        covered, total = covered + int(inside[profiles["std_error"].notna()].sum()), total + len(inside)
    assert 0.92 <= covered / total <= 0.99


def test_shrunken_means_lie_closer_to_the_truth_than_plain_ones():
    shrunken = plain = 0.0
    for seed in range(30):
        data, truth = simulated(seed, heads=0.05, schools=0.1, sizes=4)
        profiles = head_profiles(data, "y", ["school", "head"]).profiles
        shrunken += float(((profiles["estimate"] - truth) ** 2).sum())
        plain += float(((profiles["observed_mean"] - truth) ** 2).sum())
    assert shrunken < 0.8 * plain


def test_schools_make_the_intervals_wider():
    data, _ = simulated(4, heads=0.3, schools=0.3)
    both, alone = head_profiles(data, "y", ["school", "head"]), head_profiles(data, "y", "head")
    assert (both.profiles["std_error"] > 1.5 * alone.profiles["std_error"]).all()
    assert (both.profiles["n_units"] == 5).all()
    assert "n_units" not in alone.profiles


def test_nothing_tells_the_heads_apart():
    data, _ = simulated(1, heads=0.0, schools=0.2)
    data["y"] -= data.groupby("head")["y"].transform("mean")
    result = head_profiles(data, "y", ["school", "head"])
    assert result.group_variance == 0
    assert result.p_value == 1
    assert result.profiles["estimate"].nunique() == 1
    assert result.profiles[["std_error", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(result.profiles["position"]) == {"not_told_from_the_mean"}
    assert "groups_not_told_apart" in {note.id for note in result.notes}


def test_positions_follow_the_intervals_of_the_deviations():
    data, _ = simulated(5, heads=0.6, schools=0.02)
    result = head_profiles(data, "y", ["school", "head"])
    far = result.profiles["estimate"] - result.mean
    assert (far[result.profiles["position"] == "above_the_mean"] > 0).all()
    assert (far[result.profiles["position"] == "below_the_mean"] < 0).all()
    assert far[result.profiles["position"] == "not_told_from_the_mean"].abs().max() < far.abs().max()


def test_the_error_of_a_deviation_by_brute_force():
    """V written out: Var(a'b − a'b̂) of the contrast of each head with the mean of all."""
    data, _ = simulated(9, heads=0.2, schools=0.1, sizes=5)
    data = data.iloc[np.random.default_rng(2).permutation(len(data))[:200]].sort_values(["head", "school"])
    result = head_profiles(data, "y", ["school", "head"])
    z = pd.get_dummies(data["head"]).to_numpy(dtype=float)
    s = pd.get_dummies(data["school"]).to_numpy(dtype=float)
    tau = result.group_variance
    v = tau * z @ z.T + result.unit_variance * s @ s.T + result.residual_variance * np.eye(len(data))
    inverse, ones = np.linalg.inv(v), np.ones((len(data), 1))
    project = inverse - inverse @ ones @ ones.T @ inverse / (ones.T @ inverse @ ones)
    errors = tau * np.eye(12) - tau**2 * z.T @ project @ z
    weights = np.eye(12) - 1 / 12
    limit = stats.t.ppf(0.975, 11) * np.sqrt(np.diag(weights @ errors @ weights))
    apart = weights @ result.profiles["estimate"].to_numpy()
    expected = np.where(
        apart > limit, "above_the_mean", np.where(apart < -limit, "below_the_mean", "not_told_from_the_mean")
    )
    assert result.profiles["position"].tolist() == expected.tolist()
    assert len(set(expected)) > 1
    # and of the errors themselves: those of groups share nothing but the mean
    from leadership_study.influences._head_profile import _from_their_mean

    shared = (np.diag(errors) - (known := tau * (1 - result.profiles["reliability"].to_numpy()))).clip(0)
    variance = 1 / float((ones.T @ inverse @ ones)[0, 0])
    found = _from_their_mean(known, -np.sqrt(shared * variance), variance)
    np.testing.assert_allclose(found, np.diag(weights @ errors @ weights), rtol=1e-6)


def test_names_are_not_printed():
    data, _ = simulated(3, heads=0.3, schools=0.1)
    names = {f"D{at:02d}": name for at, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑", start=1)}
    result = head_profiles(data.assign(head=data["head"].map(names)), "y", ["school", "head"])
    assert list(result.profiles.index) == [f"{at:02d}" for at in range(1, 13)]
    assert "groups_numbered" in {note.id for note in result.notes}
    assert not set(names.values()) & set(result.to_json())
    codes = head_profiles(data, "y", ["school", "head"])
    assert codes.profiles.index[0] == "D01"
    assert sorted(codes.profiles["estimate"]) == pytest.approx(sorted(result.profiles["estimate"]))


def test_same_numbers_as_the_mixed_model():
    data, _ = simulated(6, heads=0.3, schools=0.1)
    result = head_profiles(data, "y", ["school", "head"])
    modes = mixed_model("y ~ 1", data, ["head", "school"]).modes.loc["head"].droplevel("effect")
    deviation = result.profiles["estimate"] - result.mean
    np.testing.assert_allclose(deviation, modes["estimate"].loc[deviation.index], rtol=1e-8)


def test_run_takes_every_dimension_and_all_levels(scored_of):
    result = module.run(scored_of(nested_in=("company", "battalion")))
    assert list(result.table.index) == ["leadership_climate", "task_significance", "hostility"]
    assert result.profiles.loc["hostility"].shape[0] == 7
    assert result.definition["group"] == "company, battalion"
    again = Result.from_json(result.to_json())
    pd.testing.assert_frame_equal(again.profiles, result.profiles)
    one = module.run(scored_of(nested_in=("company", "battalion")), dimensions=("hostility",), groups=("company",))
    assert one.table.loc["hostility", "n_groups"] == 49


def test_a_dimension_that_nobody_answered_is_left_out(scored_of):
    items = {f"TSIG{at:02d}": np.nan for at in (1, 2, 3)}
    result = module.run(scored_of(replace=items))
    assert list(result.table.index) == ["leadership_climate", "hostility"]
    assert any(note.id == "dimension_not_estimated" for note in result.notes)


def test_bad_input(scored_of):
    data, _ = simulated(1, heads=0.1, schools=0.1)
    with pytest.raises(InsufficientDataError, match="2 units"):
        head_profiles(data[data["head"].isin(["D01", "D02"])], "y", "head")
    with pytest.raises(InsufficientDataError, match="same value"):
        head_profiles(data.assign(y=1.0), "y", "head")
    with pytest.raises(InsufficientDataError, match="has a group"):
        head_profiles(data.assign(head=None), "y", "head")
    with pytest.raises(ValueError, match="each once"):
        head_profiles(data, "y", ["head", "head"])
    with pytest.raises(ValueError, match="did you mean head"):
        head_profiles(data, "y", "haed")
    with pytest.raises(ValueError, match="between 0 and 1"):
        head_profiles(data, "y", "head", confidence_level=2)
    with pytest.raises(TypeError, match="not numbers"):
        head_profiles(data, "school", "head")
    with pytest.raises(InsufficientDataError, match="not nested"):
        module.run(scored_of(nested_in=()))
    with pytest.raises(PlanError, match="one dimension at a time"):
        module.run(scored_of(), dimensions=("rank",))
