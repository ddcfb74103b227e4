"""Multilevel mediation against mixed models, nlme's stacked model, and bad input."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import lq2002

from leadership_study.errors import InsufficientDataError
from leadership_study.influences import multilevel_mediation as analysis
from leadership_study.influences._slope_covariance import group_slopes, slope_covariance
from leadership_study.influences.multilevel_mediation import multilevel_mediation
from leadership_study.results import Result

LME4 = {  # lmer(TSIG ~ xw + xb + (1|COMPID)), lmer(HOSTILE ~ xw + xb + mw + mb + (1|COMPID)), lme4 1.1-31
    "a_within": (0.6591433, 0.02375906), "a_between": (0.4576418, 0.14260550),
    "c_prime_within": (-0.3458303, 0.03133615), "c_prime_between": (-0.4161276, 0.10557140),
    "b_within": (-0.1748551, 0.02509707), "b_between": (-0.4200010, 0.09251942),
}  # fmt: skip


@pytest.fixture
def varying() -> pd.DataFrame:
    """Slopes a and b that go together over groups: covariance .10."""
    random = np.random.default_rng(3)
    slopes = random.multivariate_normal([0.5, 0.4], [[0.16, 0.1], [0.1, 0.16]], 80)
    head = np.repeat(np.arange(80), 25)
    x = random.normal(size=2000) + random.normal(size=80)[head]
    m = slopes[head, 0] * x + random.normal(size=80)[head] * 0.5 + random.normal(size=2000)
    noise = random.normal(size=80)[head] * 0.5 + random.normal(size=2000) * 1.5
    return pd.DataFrame({"x": x, "m": m, "y": slopes[head, 1] * m + 0.2 * x + noise, "head": head})


def test_coefficients_are_those_of_mixed_models():
    result = multilevel_mediation(lq2002(), "LEAD", "TSIG", "HOSTILE", "COMPID", seed=1)
    for path, (estimate, error) in LME4.items():
        assert result.paths["estimate"][path] == pytest.approx(estimate, rel=1e-5)
        assert result.paths["std_error"][path] == pytest.approx(error, rel=1e-4)
    indirect = result.indirect["estimate"]
    assert indirect["within_groups"] == pytest.approx(0.6591433 * -0.1748551, rel=1e-5)
    assert indirect["between_groups"] == pytest.approx(0.4576418 * -0.4200010, rel=1e-5)
    for part in ("within", "between"):
        b, a = result.paths.loc[f"b_{part}"], result.paths.loc[f"a_{part}"]
        exact = (a["estimate"] * b["std_error"]) ** 2 + (b["estimate"] * a["std_error"]) ** 2
        exact += (a["std_error"] * b["std_error"]) ** 2
        assert result.indirect["std_error"][f"{part}_groups"] == pytest.approx(exact**0.5, rel=0.02)


def test_the_covariance_of_varying_slopes(varying):
    """nlme::lme on stacked data (random dM, a, dY, b; REML) gives .15104 with standard deviations .412 and .435."""
    result = multilevel_mediation(varying, "x", "m", "y", "head", random_slopes=True, seed=1)
    slopes = result.slopes["estimate"]
    assert slopes["covariance_of_a_and_b"] == pytest.approx(0.151, abs=0.003)
    a, b = (result.paths["estimate"][f"{one}_within"] for one in "ab")
    whole = result.indirect.loc["within_groups"]
    assert whole["estimate"] == pytest.approx(a * b + slopes["covariance_of_a_and_b"], rel=1e-9)
    assert whole["estimate"] == pytest.approx(0.3, abs=2.5 * whole["std_error"]), "0.5 × 0.4 + 0.10"
    assert a * b < whole["ci_low"], "without the covariance the mean indirect effect would be missed"


def test_error_of_the_covariance_is_that_of_normal_variables():
    random = np.random.default_rng(6)
    found = []
    one = random.normal(size=20)
    x = np.tile(one - one.mean(), 60)
    groups = np.repeat(np.arange(60), 20).astype(object)
    for _ in range(120):
        a, b = random.multivariate_normal([0, 0], [[0.2, 0.1], [0.1, 0.2]], 60).T
        own = np.repeat(a, 20) * x + random.normal(size=1200)
        own = own - np.repeat(own.reshape(60, 20).mean(axis=1), 20)
        y = np.repeat(b, 20) * own + random.normal(size=1200)
        together = slope_covariance(group_slopes(x, own, y, groups, 1.0, 1.0), 0.2, 0.2)
        found.append((together.estimate, together.std_error))
    estimates, errors = np.array(found).T
    assert estimates.mean() == pytest.approx(0.1, abs=0.01)
    assert 0.75 < estimates.std() / errors.mean() < 1.1


def test_a_fact_about_groups_has_an_effect_between_them_only():
    data = lq2002()
    data["SIZE"] = data.groupby("COMPID")["SUB"].transform("size")
    result = multilevel_mediation(data, "SIZE", "TSIG", "HOSTILE", "COMPID", seed=1)
    assert list(result.indirect.index) == ["between_groups"]
    assert result.levels["icc"]["SIZE"] == 1.0
    assert "no_effect_within" in {note.id for note in result.notes}


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        ({"m": 1.0}, {}, InsufficientDataError, "m has the same value"),
        ({"head": 1}, {}, InsufficientDataError, "one cluster"),
        ({"m": np.nan}, {}, InsufficientDataError, "m has the fewest answers"),
        ({}, {"x": "q"}, ValueError, "Unknown variable: 'q'"),
        ({}, {"draws": 10}, ValueError, "'draws'"),
        ({}, {"seed": -1}, ValueError, "'seed'"),
        ({}, {"group": "q"}, ValueError, "Unknown column of clusters"),
    ],
)
def test_bad_input(varying, change, options, error, words):
    called = {"x": "x", "m": "m", "y": "y", "group": "head", "seed": 1} | options
    with pytest.raises(error, match=words):
        multilevel_mediation(varying.assign(**change), **called)


def test_nothing_within_and_nothing_between(varying):
    means = varying.groupby("head")["m"].transform("mean")
    with pytest.raises(InsufficientDataError, match="nothing to explain within"):
        multilevel_mediation(varying.assign(m=means), "x", "m", "y", "head", seed=1)
    with pytest.raises(InsufficientDataError, match="no effect between"):
        multilevel_mediation(varying.assign(m=varying["m"] - means), "x", "m", "y", "head", seed=1)


def test_run_in_the_outermost_groups(scored_of):
    options = {"x": "leadership_climate", "m": "task_significance", "y": "hostility", "seed": 1}
    result = analysis.run(scored_of(nested_in=("company", "battalion")), **options)
    assert (result.definition["group"], result.definition["n_groups"]) == ("battalion", 7)
    assert "few_groups_between" in {note.id for note in result.notes}
    assert Result.from_json(result.to_json()).to_json() == result.to_json()
    with pytest.raises(InsufficientDataError, match="not nested"):
        analysis.run(scored_of(nested_in=()), **options)
