"""Propensity weighting: the error against stacked estimating equations, balance, and recovery."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime
from scipy.special import expit

import leadership_study as ls
from leadership_study.errors import InsufficientDataError

WEIGHTS = {
    "average": (lambda e: 1 / e, lambda e: 1 / (1 - e)),
    "treated": (lambda e: 1 + 0 * e, lambda e: e / (1 - e)),
    "overlap": (lambda e: 1 - e, lambda e: e),
}


def data_of(seed, n=400, effect=0.5):
    random = np.random.default_rng(seed)
    years, title = random.normal(size=n), random.choice(["none", "middle", "senior"], n)
    chance = expit(0.8 * years + 0.7 * (title == "senior") - 0.2)
    joined = random.uniform(size=n) < chance
    y = 3 + effect * joined + 0.6 * years + 0.4 * (title == "senior") + random.normal(size=n)
    return pd.DataFrame({"y": y, "joined": np.where(joined, "yes", "no"), "years": years, "title": title})


def compared(data, **options):
    return ls.propensity_weighting(data, "y", "joined", ["years", "title"], treated="yes", **options)


@pytest.mark.parametrize("estimand", WEIGHTS)
def test_the_error_is_that_of_the_stacked_equations(estimand):
    data = data_of(1, n=150)
    design = np.column_stack(
        [np.ones(len(data)), data["years"], *(data["title"] == one for one in ("none", "senior"))]
    ).astype(float)
    treated, y = (data["joined"] == "yes").to_numpy(dtype=float), data["y"].to_numpy()
    first, second = WEIGHTS[estimand]

    def equations(values):
        score = expit(design @ values[:4])
        return np.column_stack([
            design * (treated - score)[:, None],
            treated * first(score) * (y - values[4]),
            (1 - treated) * second(score) * (y - values[5]),
        ])  # fmt: skip

    found = compared(data, estimand=estimand)
    row = found.comparison.loc["weighted"]
    beta = np.zeros(4)
    for _ in range(30):
        score = expit(design @ beta)
        beta += np.linalg.solve((design * (score * (1 - score))[:, None]).T @ design, design.T @ (treated - score))
    values = np.r_[beta, row["mean_treated"], row["mean_comparison"]]
    np.testing.assert_allclose(equations(values).sum(axis=0), 0, atol=1e-8)
    bread = np.array([approx_fprime(values, lambda v, at=at: equations(v).sum(axis=0)[at], 1e-7) for at in range(6)])
    inverse = np.linalg.inv(bread)
    covariance = inverse @ equations(values).T @ equations(values) @ inverse.T
    contrast = np.array([0, 0, 0, 0, 1.0, -1.0])
    assert row["std_error"] == pytest.approx(float(contrast @ covariance @ contrast) ** 0.5, rel=1e-5)


def test_overlap_weights_balance_the_covariates_exactly():
    balance = compared(data_of(2), estimand="overlap").balance
    np.testing.assert_allclose(balance["difference_after"], 0, atol=1e-7)
    assert balance["difference_before"].abs().max() > 0.3


def test_the_effect_is_found_again_where_the_plain_difference_is_off():
    plain, inside = [], []
    for seed in range(80):
        rows = compared(data_of(seed), estimand="average").comparison
        plain.append(rows.loc["unweighted", "estimate"])
        inside.append(rows.loc["weighted", "ci_low"] < 0.5 < rows.loc["weighted", "ci_high"])
    assert np.mean(plain) > 0.9
    assert 0.88 < np.mean(inside) <= 1.0


def test_clusters_that_all_go_together_keep_their_error():
    data = data_of(3)
    copies = pd.concat([data.assign(pair=range(len(data)))] * 2)
    alone, together = compared(data), compared(copies, clusters="pair")
    factor = (len(data) / (len(data) - 1)) ** 0.5
    assert together.comparison.loc["weighted", "std_error"] == pytest.approx(
        alone.comparison.loc["weighted", "std_error"] * factor
    )


def test_groups_of_whole_clusters_are_told():
    data = data_of(4)
    found = compared(data.assign(school=data["joined"] + (data.index % 5).astype(str)), clusters="school")
    assert {"psw_cluster_level", "psw_few_clusters"} <= {note.id for note in found.notes}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda data: data.assign(joined="yes"), InsufficientDataError, "same value"),
        (lambda data: data.assign(joined=data["title"]), InsufficientDataError, "3 different values"),
        (lambda data: data.assign(years=(data["joined"] == "yes") * 1.0), InsufficientDataError, "separat"),
        (lambda data: data.assign(y="high"), TypeError, "not numbers"),
        (lambda data: data.assign(years=np.nan), InsufficientDataError, "row"),
        (lambda data: data.assign(title="none"), InsufficientDataError, "single level"),
        (lambda data: data.drop(columns="years"), ValueError, "years"),
    ],
)
def test_bad_input(change, error, message):
    with pytest.raises(error, match=message):
        compared(change(data_of(5, n=60)))
