"""Mediation and moderated mediation: invariants, recovery, bad input."""

import numpy as np
import pandas as pd
import pytest
from samples_of_reference import lq2002

from leadership_study.errors import InsufficientDataError
from leadership_study.influences import mediation, moderated_mediation
from leadership_study.influences.mediation import latent_mediation, mediate
from leadership_study.influences.regression import regress
from leadership_study.results import Result
from leadership_study.samples.resampling import row_weights


@pytest.fixture
def chain() -> pd.DataFrame:
    """x → m → n → y with known slopes, and groups."""
    random = np.random.default_rng(8)
    head = np.repeat(np.arange(30), 12)
    x = random.normal(size=360) + random.normal(size=30)[head]
    m = 0.5 * x + random.normal(size=360)
    n = 0.4 * m + 0.2 * x + random.normal(size=360)
    y = 0.6 * n + 0.3 * m - 0.2 * x + random.normal(size=360)
    return pd.DataFrame({"x": x, "m": m, "n": n, "y": y, "head": [f"H{one}" for one in head],
                         "sex": np.where(random.random(360) < 0.5, "f", "m")})  # fmt: skip


def slopes(formula: str, data: pd.DataFrame) -> pd.Series:
    return regress(formula, data).coefficients["estimate"]


def test_a_chain_has_every_path_through_it(chain):
    result = mediate(chain, "x", ["m", "n"], "y", kind="serial", covariates="sex", bootstrap=100, seed=1)
    one, two = slopes("m ~ x + sex", chain), slopes("n ~ x + m + sex", chain)
    three, whole = slopes("y ~ x + m + n + sex", chain), slopes("y ~ x + sex", chain)
    expected = {"m": one["x"] * three["m"], "n": two["x"] * three["n"], "m → n": one["x"] * two["m"] * three["n"]}
    assert result.indirect["estimate"].drop("total_indirect").to_dict() == pytest.approx(expected, rel=1e-10)
    assert result.effects["estimate"]["total_effect"] == pytest.approx(whole["x"], rel=1e-10)
    assert result.paths["estimate"][["a1", "a2", "d21", "b1", "b2", "c_prime", "c"]].tolist() == pytest.approx(
        [one["x"], two["x"], two["m"], three["m"], three["n"], three["x"], whole["x"]], rel=1e-10
    )
    assert result.contrasts["estimate"]["m – m → n"] == pytest.approx(expected["m"] - expected["m → n"])
    assert "sex[m] → y" in result.paths.index


def test_mediators_side_by_side_share_their_errors(chain):
    """The delta error of all indirect effects is that of lavaan with m ~~ n, up to its divisor n."""
    result = mediate(chain, "x", ["m", "n"], "y", bootstrap=0, interval="delta", seed=1)
    z = chain[["x", "m", "n", "y"]] - chain[["x", "m", "n", "y"]].mean()
    sxx, n = (z["x"] ** 2).sum(), len(z)
    a = (z[["m", "n"]].T @ z["x"]) / sxx
    e = z[["m", "n"]] - np.outer(z["x"], a)
    errors = e.T @ e / (n - 2)
    predictors = z[["x", "m", "n"]].to_numpy()
    inverse = np.linalg.inv(predictors.T @ predictors)
    b = inverse @ predictors.T @ z["y"]
    left = z["y"] - predictors @ b
    cov_b = inverse[1:, 1:] * (left @ left) / (n - 4)
    variance = b[1:] @ (errors / sxx).to_numpy() @ b[1:] + a @ cov_b @ a
    assert result.indirect["std_error"]["total_indirect"] == pytest.approx(variance**0.5, rel=1e-9)


def test_bootstrap_samples_are_those_of_the_rows_themselves(chain):
    result = mediate(chain, "x", "m", "y", bootstrap=100, seed=5)
    weights = row_weights(len(chain), 100, 5, 0)
    products = []
    for own in weights:
        drawn = chain.loc[np.repeat(np.arange(len(chain)), own.astype(int)), ["x", "m", "y"]].to_numpy()
        drawn = drawn - drawn.mean(axis=0)
        a = np.linalg.lstsq(drawn[:, :1], drawn[:, 1], rcond=None)[0][0]
        products.append(a * np.linalg.lstsq(drawn[:, :2], drawn[:, 2], rcond=None)[0][1])
    row = result.intervals.loc[("m", "percentile")]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(list(np.quantile(products, [0.025, 0.975])), rel=1e-9)
    assert row["std_error"] == pytest.approx(np.std(products, ddof=1), rel=1e-9)


def test_clusters_are_drawn_whole(chain):
    """Copies of a cluster's rows tell a bootstrap of clusters nothing, and a bootstrap of rows much."""
    copies = pd.concat([chain] * 4, ignore_index=True)
    spread = [
        mediate(data, "x", "m", "y", bootstrap=500, seed=3, clusters="head").indirect["std_error"]["m"]
        for data in (chain, copies)
    ]
    assert spread[1] == pytest.approx(spread[0], rel=1e-9)
    rows = mediate(copies, "x", "m", "y", bootstrap=500, seed=3).indirect["std_error"]["m"]
    assert rows < 0.6 * spread[0]


def test_large_means_and_the_order_of_rows_change_nothing(chain):
    moved = chain.assign(x=chain["x"] + 1e6, m=chain["m"] - 1e6)
    one, two = (mediate(data, "x", "m", "y", bootstrap=200, interval="bca", seed=3) for data in (chain, moved))
    assert two.indirect["ci_low"]["m"] == pytest.approx(one.indirect["ci_low"]["m"], rel=1e-6)
    turned = mediate(chain.iloc[::-1], "x", "m", "y", interval="delta", bootstrap=0, seed=3)
    assert turned.indirect["ci_low"]["m"] == pytest.approx(one.intervals.loc[("m", "delta"), "ci_low"], rel=1e-10)


def test_intervals_cover_what_they_should():
    random = np.random.default_rng(11)
    missed = {"percentile": 0, "bca": 0, "monte_carlo": 0}
    for at in range(50):
        x = random.normal(size=80)
        m = 0.4 * x + random.normal(size=80)
        data = pd.DataFrame({"x": x, "m": m, "y": 0.4 * m + random.normal(size=80)})
        limits = mediate(data, "x", "m", "y", bootstrap=300, seed=at).intervals.loc["m"]
        for method in missed:
            missed[method] += not limits["ci_low"][method] <= 0.16 <= limits["ci_high"][method]
    assert all(count <= 8 for count in missed.values()), "binomial(50, .05) exceeds 8 once in 1,000"


def test_moderated_paths_multiply_out(chain):
    data = chain.assign(w=chain["n"])
    result = moderated_mediation.moderated_mediation(
        data, "x", "m", "y", "w", stage="both", direct=True, bootstrap=100, seed=1
    )
    c = data[["x", "m", "w", "y"]] - data[["x", "m", "w", "y"]].mean()
    c = c.assign(xw=c["x"] * c["w"], mw=c["m"] * c["w"])
    one, two = slopes("m ~ x + w + xw", c), slopes("y ~ x + m + w + mw + xw", c)
    sd = data["w"].std()
    for at, w in {"mean_minus_sd": -sd, "mean": 0.0, "mean_plus_sd": sd}.items():
        product = (one["x"] + one["xw"] * w) * (two["m"] + two["mw"] * w)
        assert result.conditional["estimate"][("m", at)] == pytest.approx(product, rel=1e-9)
        assert result.direct["estimate"][at] == pytest.approx(two["x"] + two["xw"] * w, rel=1e-9)
    assert result.index.empty
    second = moderated_mediation.moderated_mediation(data, "x", "m", "y", "w", stage="second", bootstrap=100, seed=1)
    two = slopes("y ~ x + m + w + mw", c)
    assert second.index["estimate"]["m"] == pytest.approx(slopes("m ~ x", c)["x"] * two["mw"], rel=1e-9)


def test_two_categories_moderate_between_them(chain):
    result = moderated_mediation.moderated_mediation(chain, "x", "m", "y", "sex", bootstrap=100, seed=1)
    conditional = result.conditional["estimate"]
    assert list(result.conditional.index) == [("m", "sex[f]"), ("m", "sex[m]")]
    difference = conditional[("m", "sex[m]")] - conditional[("m", "sex[f]")]
    assert result.index["estimate"]["m"] == pytest.approx(difference, rel=1e-9)
    assert result.differences["estimate"]["m"] == pytest.approx(difference, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "options", "error", "words"),
    [
        ({"m": 1.0}, {}, InsufficientDataError, "m has the same value"),
        ({"x": 2.0}, {}, InsufficientDataError, "x has the same value"),
        ({"y": 3.0}, {}, InsufficientDataError, "outcome has the same value"),
        ({"m": np.nan}, {}, InsufficientDataError, "m has the fewest answers"),
        ({"head": "H1"}, {"clusters": "head"}, InsufficientDataError, "one cluster"),
        ({}, {"m": "q"}, ValueError, "Unknown variable: 'q'"),
        ({}, {"m": "sex"}, TypeError, "'sex' of mediate must hold numbers"),
        ({}, {"x": "head"}, ValueError, "categories"),
        ({}, {"bootstrap": 50}, ValueError, "100 or more"),
        ({}, {"interval": "sobel"}, ValueError, "'interval' parameter"),
        ({}, {"kind": "tree"}, ValueError, "'kind' parameter"),
        ({}, {"seed": -1}, ValueError, "'seed' parameter"),
        ({}, {"m": ("m", "m")}, ValueError, "more than once"),
        ({}, {"m": ()}, ValueError, "must name columns"),
        ({}, {"covariates": "y"}, ValueError, "more than once"),
    ],
)
def test_bad_input(chain, change, options, error, words):
    called = {"x": "x", "m": "m", "y": "y", "bootstrap": 100, "seed": 1} | options
    with pytest.raises(error, match=words):
        mediate(chain.assign(**change), **called)


def test_collinear_and_too_few(chain):
    with pytest.raises(InsufficientDataError, match="follows exactly"):
        mediate(chain.assign(m=2 * chain["x"]), "x", "m", "y", bootstrap=100, seed=1)
    with pytest.raises(InsufficientDataError, match="too few"):
        mediate(chain.head(3), "x", "m", "y", bootstrap=100, seed=1)


def test_few_clusters_and_opposite_signs_are_told(chain):
    few = chain[chain["head"].isin(["H1", "H2", "H3", "H4", "H5"])].reset_index(drop=True)
    notes = {note.id for note in mediate(few, "x", "m", "y", bootstrap=100, seed=1, clusters="head").notes}
    assert "bootstrap_few_groups" in notes
    notes = {note.id for note in mediate(chain, "x", ["m", "n"], "y", bootstrap=100, seed=1).notes}
    assert "opposite_signs" in notes


def test_run_takes_the_outermost_group_and_latent_variables(scored_of):
    scored = scored_of(nested_in=("company", "battalion"))
    options = {"x": "leadership_climate", "m": ("task_significance",), "y": "hostility", "seed": 1}
    result = mediation.run(scored, bootstrap=100, **options)
    assert (result.definition["n_clusters"], result.definition["resampled"]) == (7, "whole_clusters")
    latent = mediation.run(scored_of(), latent=True, **options)
    assert "sem_nesting_unadjusted" in {note.id for note in latent.notes}
    assert abs(latent.indirect["standardised"].iloc[0]) > abs(result.indirect["standardised"].iloc[0])
    assert Result.from_json(latent.to_json()).to_json() == latent.to_json()
    assert Result.from_json(result.to_json()).to_json() == result.to_json()


def test_latent_variables_as_lavaan(reference):
    data = pd.read_csv("data/raw/lq2002/lq2002.csv")
    scales = {"LEAD": [f"LEAD{at:02d}" for at in range(1, 12)], "TSIG": [f"TSIG{at:02d}" for at in range(1, 4)],
              "HOSTILE": [f"HOSTIL{at:02d}" for at in range(1, 6)]}  # fmt: skip
    result = latent_mediation(data, scales, "LEAD", "TSIG", "HOSTILE", estimator="ML")
    rows = {row["label"]: row for row in reference("lq2002")("mediation.latent")["parameters"] if row["label"]}
    ours = {"ind": result.indirect.loc["TSIG"], "total": result.effects.loc["total_effect"],
            "a": result.paths.loc["a"], "b": result.paths.loc["b"], "cp": result.paths.loc["c_prime"]}  # fmt: skip
    assert set(rows) == set(ours)
    for name, row in rows.items():
        standardised = ours[name].get("standardised", ours[name].get("beta"))
        # lavaan stops at a relative change of 1e-10, so its estimates are right to the fifth digit
        assert [ours[name]["estimate"], standardised] == pytest.approx([row["est"], row["std.all"]], rel=3e-5)
        assert ours[name]["std_error"] == pytest.approx(row["se"], rel=1e-4)


def test_every_interval_is_there_once():
    result = mediate(lq2002(), "LEAD", "TSIG", "HOSTILE", clusters="COMPID", interval="bca", bootstrap=300, seed=1)
    methods = set(result.intervals.index.get_level_values("method"))
    assert methods == {"percentile", "bc", "bca", "delta", "monte_carlo"}
    chosen = result.intervals.loc[("TSIG", "bca")]
    assert result.indirect["ci_low"]["TSIG"] == chosen["ci_low"]
