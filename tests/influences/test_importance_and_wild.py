"""Shares of R² and the wild cluster bootstrap: against brute force, on other data, and where they cannot be had."""

import itertools

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.influences.regression import hierarchical_regression, regress
from leadership_study.influences.relative_importance import relative_importance
from leadership_study.influences.relative_importance import run as run_importance
from leadership_study.reporting.figures import kinds, plot, save
from leadership_study.results import Result


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    random = np.random.default_rng(8)
    group = np.repeat(np.arange(8), 15)
    a, b = random.normal(size=120), random.normal(size=120)
    level = np.array(["p", "q", "r"])[random.integers(0, 3, 120)]
    y = a + 0.5 * b + (level == "r") + random.normal(size=8)[group] + random.normal(size=120)
    return pd.DataFrame({"y": y, "a": a, "b": 0.6 * a + b, "level": level, "g": group})


def r_squared(data, names):
    return regress(f"y ~ {' + '.join(names)}", data).fit["r_squared"] if names else 0.0


def test_lmg_is_the_mean_over_all_orders_and_dummies_count_together(data):
    names = ["a", "b", "level"]
    shares = relative_importance("y ~ a + b + level", data).shares
    gains = {name: [] for name in names}
    for order in itertools.permutations(names):
        for at, name in enumerate(order):
            gains[name].append(r_squared(data, list(order[: at + 1])) - r_squared(data, list(order[:at])))
    for name in names:
        assert shares.loc[name, "contribution"] == pytest.approx(np.mean(gains[name]), rel=1e-9)
    weights = relative_importance("y ~ a + b + level", data, method="relative_weights").shares
    whole = r_squared(data, names)
    assert shares["contribution"].sum() == pytest.approx(whole)
    assert weights["contribution"].sum() == pytest.approx(whole)
    assert shares["share"].sum() == pytest.approx(1)
    last = whole - r_squared(data, ["a", "b"])
    assert shares.loc["level", "last"] == pytest.approx(last)


def test_the_bootstrap_draws_whole_clusters(data):
    nested = relative_importance("y ~ a + b", data, bootstrap=400, clusters="g", seed=3)
    alone = relative_importance("y ~ a + b", data, bootstrap=400, seed=3)
    again = relative_importance("y ~ a + b", data, bootstrap=400, clusters="g", seed=3)
    assert nested.definition["resampled"] == "clusters"
    assert "shares_few_clusters" in [note.id for note in nested.notes]
    pd.testing.assert_frame_equal(nested.shares, again.shares)
    assert not np.allclose(nested.shares["contribution_ci_low"], alone.shares["contribution_ci_low"])
    # One row a cluster, drawn as rows: the same draws, the same intervals.
    own = relative_importance("y ~ a + b", data, bootstrap=400, clusters=list(range(len(data))), seed=3)
    assert own.shares["share_ci_high"].to_numpy() == pytest.approx(alone.shares["share_ci_high"].to_numpy())
    # A draw by hand: the first of all.
    from leadership_study.samples.resampling import row_weights

    weight = row_weights(len(data), 100, 3, 0)[0]
    drawn = data.loc[np.repeat(data.index, weight.astype(int))].reset_index(drop=True)
    from leadership_study.influences.relative_importance import _bootstrap

    table = np.column_stack([np.ones(len(data)), data[["a", "b", "y"]]])
    first = _bootstrap(table, None, [[0], [1]], "lmg", 100, 3)[0]
    expected = relative_importance("y ~ a + b", drawn).shares["contribution"]
    assert first == pytest.approx(expected.to_numpy(), rel=1e-8)


def test_importance_refuses(data):
    with pytest.raises(ValueError, match="needs a 'seed'"):
        relative_importance("y ~ a + b", data, bootstrap=200)
    with pytest.raises(ValueError, match="2 to 12"):
        relative_importance("y ~ a", data)
    with pytest.raises(ValueError, match="method"):
        relative_importance("y ~ a + b", data, method="pratt")
    with pytest.raises(InsufficientDataError, match="follows exactly"):
        relative_importance("y ~ a + b + c", data.assign(c=data["a"] - data["b"]))
    with pytest.raises(InsufficientDataError, match="same value"):
        relative_importance("y ~ a + b", data.assign(y=1.0))


def test_importance_block(scored_of):
    result = run_importance(
        scored_of(), outcome="hostility", predictors=("leadership_climate", "task_significance"), bootstrap=200
    )
    assert result.definition["n_clusters"] == 49
    pd.testing.assert_frame_equal(Result.from_json(result.to_json()).shares, result.shares)
    assert kinds(result) == ("shares",)
    axes = plot(result).axes[0]
    assert [bar.get_width() for bar in axes.patches] == sorted(result.shares["contribution"], reverse=True)


def by_hand(data, at, value=0.0):
    """Wild cluster bootstrap with all sign patterns, row by row (Cameron, Gelbach & Miller, 2008)."""
    x = np.column_stack([np.ones(len(data)), data[["a", "b"]]])
    y, codes = data["y"].to_numpy(), data["g"].to_numpy()

    def t(outcome):
        bread = np.linalg.inv(x.T @ x)
        b = bread @ x.T @ outcome
        residual = outcome - x @ b
        scores = np.stack([x[codes == g].T @ residual[codes == g] for g in np.unique(codes)])
        return (b[at] - value) / (bread @ scores.T @ scores @ bread)[at, at] ** 0.5

    rest = np.delete(x, at, axis=1)
    free = y - value * x[:, at]
    fitted = rest @ np.linalg.lstsq(rest, free, rcond=None)[0]
    observed = abs(t(y))
    signs = itertools.product((1.0, -1.0), repeat=8)
    drawn = [abs(t(fitted + value * x[:, at] + (free - fitted) * np.array(s)[codes])) for s in signs]
    return np.mean(np.array(drawn) >= observed - 1e-9)


def test_wild_bootstrap_is_the_brute_force(data):
    result = regress("y ~ a + b", data, covariance="CR1", clusters="g")
    table = result.wild_bootstrap
    assert list(table.index) == ["intercept", "a", "b"]
    for at, term in enumerate(table.index):
        assert table.loc[term, "p_value"] == pytest.approx(by_hand(data, at), abs=1e-12), term
    low, high = table.loc["b", ["ci_low", "ci_high"]]
    assert by_hand(data, 2, low - 1e-4) <= 0.05 < by_hand(data, 2, low + 1e-4)
    assert by_hand(data, 2, high + 1e-4) <= 0.05 < by_hand(data, 2, high - 1e-4)
    assert result.definition["bootstrap_weights"] == "rademacher"
    assert result.definition["bootstrap"] == 2**8


def test_wild_bootstrap_where_there_are_more_or_too_few_clusters(data):
    few = regress("y ~ a", data[data["g"] < 4], covariance="CR2", clusters="g")
    assert few.wild_bootstrap.loc["a", "p_value"] >= 2 / 16
    assert "wild_cannot_reject" in [note.id for note in few.notes]
    assert np.isinf(few.wild_bootstrap.loc["a", "ci_high"])
    many = data.assign(g=np.arange(120) % 15)
    drawn = regress("y ~ a", many, covariance="CR2", clusters="g", bootstrap=999, seed=1)
    assert drawn.definition["bootstrap_weights"] == "webb"
    again = regress("y ~ a", many, covariance="CR2", clusters="g", bootstrap=999, seed=1)
    pd.testing.assert_frame_equal(drawn.wild_bootstrap, again.wild_bootstrap)
    assert drawn.wild_bootstrap.loc["a", "p_value"] == pytest.approx(1 / 1000)
    enough = regress("y ~ a", data.assign(g=np.arange(120) % 20), covariance="CR2", clusters="g")
    assert enough.wild_bootstrap.empty
    assert regress("y ~ a", data, covariance="CR2", clusters="g", bootstrap=0).wild_bootstrap.empty
    with pytest.raises(ValueError, match="at least 99"):
        regress("y ~ a", data, covariance="CR2", clusters="g", bootstrap=5)


RESET = (
    1.5553975421867,
    0.22200355452672,
)  # R: lmtest::resettest(lm(dist ~ speed, cars), power = 2:3, type = "fitted")


def test_reset_and_condition_indices():
    speed = np.repeat([4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25],
                      [2, 2, 1, 1, 3, 2, 4, 4, 4, 3, 2, 3, 4, 3, 5, 1, 1, 4, 1])  # fmt: skip
    dist = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26, 54, 32,
            40, 32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85]  # fmt: skip
    result = regress("dist ~ speed", pd.DataFrame({"dist": dist, "speed": speed}))
    test = result.specification.loc["reset"]
    assert test[["df1", "df2"]].tolist() == [2, 46]
    assert test["statistic"] == pytest.approx(RESET[0], rel=1e-8)
    assert test["p_value"] == pytest.approx(RESET[1], rel=1e-8)
    x = np.column_stack([np.ones(50), speed])
    values = np.linalg.eigvalsh((x / np.sqrt((x**2).sum(axis=0))).T @ (x / np.sqrt((x**2).sum(axis=0))))[::-1]
    assert result.condition["condition_index"].to_numpy() == pytest.approx(np.sqrt(values[0] / values))
    assert result.variance_proportions.sum(axis=1).to_numpy() == pytest.approx([1, 1])


def test_the_rows_of_the_pictures(data):
    result = hierarchical_regression("y", [["a"], ["level"]], data)
    assert len(result.rows) == 120
    assert result.rows["cook"].max() == pytest.approx(result.diagnostics["cook_largest"])
    assert (result.rows["normal_quantile"].rank() == result.rows["standardised"].rank()).all()
    assert kinds(result) == ("coefficients", "diagnostics")
    for language in ("en", "zh"):
        figure = plot(result, "diagnostics", language=language)
        assert len(figure.axes) == 4
        assert figure.axes[0].lines[0].get_ydata() == pytest.approx(result.rows["residual"].to_numpy())
        assert save(figure)[0] == save(plot(result, "diagnostics", language=language))[0]
    large = pd.concat([data] * 40, ignore_index=True)
    large["y"] += np.random.default_rng(1).normal(size=len(large))
    kept = regress("y ~ a", large)
    assert 2000 <= len(kept.rows) <= 2400
    assert kept.rows["cook"].max() == pytest.approx(kept.diagnostics["cook_largest"])
    exact = regress("y ~ a", data.assign(y=2 * data["a"] + 1))
    assert exact.rows.empty
    assert kinds(exact) == ("coefficients",)
