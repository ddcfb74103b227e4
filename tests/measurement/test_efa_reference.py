"""Every value of R's EFA sections, on three data sets. Sign and column order are free."""

import itertools
import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.measurement._item_correlations import item_correlations
from leadership_study.measurement.efa import efa
from leadership_study.samples.factor_fit import factor_fit
from leadership_study.samples.factor_scores import score_weights
from leadership_study.samples.factoring import extract
from leadership_study.samples.moments import moments
from leadership_study.samples.rotation import rotate

TESTS = Path(__file__).parents[1]
DATA = {
    "lq2002": (TESTS.parent / "data" / "raw" / "lq2002" / "lq2002.csv", "LEAD|TSIG|HOSTIL", 3),
    "holzinger": (TESTS / "data" / "holzinger.csv", r"x\d", 3),
    "bfi": (TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv", r"[ACENO]\d", 5),
}
METHODS = {"minres": "minres", "ml": "ml", "pa": "paf"}

# psych stops optim at about 4 to 5 digits, GPArotation at a gradient of 1e-5 and stats::varimax at 1e-5: that is how
# far its own values are from their optimum. (README of the reference values: 1e-4 communalities, 1e-3 loadings.)
COMMUNALITY, LOADING, VARIMAX, FIT = 1e-4, 1e-3, 1.5e-3, 1e-5
TIGHT = 1e-5


@cache
def items_of(name):
    path, pattern, k = DATA[name]
    return pd.read_csv(path).filter(regex=f"^({pattern})"), k


@cache
def sections(name):
    return json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))


def value(name, section):
    return sections(name)[section]["value"]


def matrix(of):
    return np.array(of["data"], dtype=float)


def matched(expected, found):
    """Order and signs of ``found``'s columns that fit ``expected`` best."""
    agreement = expected.T @ found
    order = max(
        itertools.permutations(range(found.shape[1])), key=lambda o: sum(abs(agreement[i, j]) for i, j in enumerate(o))
    )
    return list(order), np.sign([agreement[i, j] for i, j in enumerate(order)])


def assert_loadings(expected, found, tolerance):
    order, sign = matched(expected, found)
    np.testing.assert_allclose(found[:, order] * sign, expected, rtol=0, atol=tolerance)
    return order, sign


CASES = [
    (name, method, rotation)
    for name in DATA
    for method in METHODS
    for rotation in ("none", "varimax", "promax", "oblimin")
]


@pytest.mark.parametrize(("name", "method", "rotation"), CASES)
def test_every_value_of_psych_fa(name, method, rotation):
    items, k = items_of(name)
    expected = dict(value(name, f"efa.{method}.{rotation}"))
    found = efa(items, k, method=METHODS[method], rotation=rotation, scores="regression")
    compare_with_psych(expected, found, found.score_weights, VARIMAX if rotation == "varimax" else LOADING)
    assert expected == {}, "a value of the reference that nothing was compared with"


@pytest.mark.parametrize("name", ["bfi", "lq2002"])
def test_every_value_of_psych_fa_of_polychorics(name):
    items, k = items_of(name)
    expected = dict(value(name, "efa.poly_minres.oblimin"))
    rho = value(name, "polychoric.psych_complete")["rho"]  # the matrix that the call factored, to psych's 2e-5
    theirs = moments(pd.DataFrame(matrix(rho), index=rho["rows"], columns=rho["cols"]), expected["n_obs"])
    found = efa(theirs, k)
    weights = score_weights(matrix(rho), found.loadings.to_numpy(), found.factor_correlations.to_numpy(), "regression")
    compare_with_psych(dict(expected), found, weights, LOADING)
    ours = efa(items, k, correlation="polychoric", missing="listwise")
    assert ours.n == expected["n_obs"]
    assert ours.definition["matrix"] == "polychoric_correlation"
    assert_loadings(matrix(expected["loadings"]), ours.loadings.to_numpy(), LOADING)
    np.testing.assert_allclose(ours.communalities, list(expected["communalities"].values()), atol=COMMUNALITY)
    np.testing.assert_allclose(ours.fit["rmsr"], expected["RMSR"], atol=1e-5)
    assert "efa_polychoric_fit" in [note.id for note in ours.notes]


def compare_with_psych(expected, found, weights, tolerance):
    loadings = expected.pop("loadings")
    assert list(found.loadings.index) == loadings["rows"]
    order, sign = assert_loadings(matrix(loadings), found.loadings.to_numpy(), tolerance)
    k = len(order)
    for column, ours in (("communalities", found.communalities), ("uniquenesses", found.uniquenesses)):
        theirs = pd.Series(expected.pop(column))
        np.testing.assert_allclose(ours[theirs.index], theirs, rtol=0, atol=COMMUNALITY)
    theirs = pd.Series(expected.pop("complexity"))
    np.testing.assert_allclose(
        found.items["complexity"][theirs.index], theirs, rtol=2 * tolerance
    )  # ratios of fourth powers
    phi = found.factor_correlations.to_numpy()[np.ix_(order, order)] * np.outer(sign, sign)
    theirs = expected.pop("Phi")
    np.testing.assert_allclose(phi, np.eye(k) if theirs is None else matrix(theirs), rtol=0, atol=tolerance)
    structure = found.structure.to_numpy()[:, order] * sign
    np.testing.assert_allclose(structure, matrix(expected.pop("structure")), rtol=0, atol=tolerance)
    compare_variance(expected.pop("vaccounted"), found, order, tolerance)
    eigen = found.eigenvalues
    np.testing.assert_allclose(eigen["eigenvalue"], expected.pop("eigen_original"), atol=1e-12)
    np.testing.assert_allclose(eigen["reduced_eigenvalue"], expected.pop("eigen_reduced"), atol=2e-4)
    rmsea = expected.pop("RMSEA")
    assert rmsea.pop("confidence") == 0.9
    theirs = {ours: expected.pop(theirs) for ours, theirs in FIT_NAMES.items() if theirs in expected}
    theirs |= {"rmsea": rmsea["RMSEA"], "rmsea_ci_low": rmsea["lower"], "rmsea_ci_high": rmsea["upper"]}
    assert set(theirs) == set(found.fit.index)
    for statistic, number in theirs.items():
        # An information criterion is a small difference of two large numbers.
        near = FIT * theirs["chi_square"] if statistic.endswith("bic") else 1e-5
        assert found.fit[statistic] == pytest.approx(number, rel=FIT, abs=near), statistic
    assert found.n == expected.pop("n_obs")
    weights = np.asarray(weights)[:, order] * sign
    np.testing.assert_allclose(weights, matrix(expected.pop("score_weights")), rtol=0, atol=3e-3)
    validity = expected.pop("R2_scores")
    validity = list(validity.values()) if isinstance(validity, dict) else np.atleast_1d(validity)
    ours = found.variance["score_r_squared"].to_numpy()[order]
    np.testing.assert_allclose(ours, validity, rtol=0, atol=tolerance)
    np.testing.assert_allclose(np.sum(weights * structure, axis=0), ours, rtol=0, atol=1e-10)
    expected.pop("rot_mat")  # of psych's own unrotated loadings: the rotated loadings above are its product


FIT_NAMES = {
    "chi_square": "statistic_chisq",
    "df": "dof",
    "p_value": "p",
    "tli": "TLI",
    "bic": "BIC",
    "sabic": "SABIC",
    "rmsr": "RMSR",
    "crms": "CRMS",
    "empirical_chi_square": "empirical_chi",
    "empirical_p_value": "empirical_p",
    "empirical_bic": "EBIC",
    "null_chi_square": "null_chisq",
    "null_df": "null_dof",
    "objective": "objective",
    "fit": "fit",
    "fit_off_diagonal": "fit_off",
}


def compare_variance(theirs, found, order, tolerance):
    names = {
        "SS loadings": "ss_loadings",
        "Proportion Var": "proportion",
        "Cumulative Var": "cumulative",
        "Proportion Explained": "proportion_explained",
        "Cumulative Proportion": "cumulative_explained",
    }
    assert list(theirs["rows"]) == list(names)
    rows = dict(zip(theirs["rows"], matrix(theirs), strict=True))
    ours = found.variance.iloc[order]
    np.testing.assert_allclose(ours["ss_loadings"], rows["SS loadings"], atol=5 * tolerance)
    np.testing.assert_allclose(ours["proportion"], rows["Proportion Var"], atol=tolerance)
    np.testing.assert_allclose(ours["proportion_explained"], rows["Proportion Explained"], atol=tolerance)
    # Cumulated in psych's order of the factors, which is free.
    np.testing.assert_allclose(np.cumsum(ours["proportion"]), rows["Cumulative Var"], atol=tolerance)
    np.testing.assert_allclose(np.cumsum(ours["proportion_explained"]), rows["Cumulative Proportion"], atol=tolerance)
    np.testing.assert_allclose(found.variance["cumulative"], np.cumsum(found.variance["proportion"]), atol=1e-12)


def varimax_of_r(unrotated):
    """R's iteration, which ends when the sum of the singular values grows by less than 1e-5."""
    lengths = np.sqrt(np.sum(unrotated**2, axis=1, keepdims=True))
    x = unrotated / lengths
    turn, past, now = np.eye(x.shape[1]), 0.0, 1e-300
    while now > past * (1 + 1e-5):
        z = x @ turn
        u, singular, v = np.linalg.svd(x.T @ (z**3 - z * np.mean(z**2, axis=0)))
        turn, past, now = u @ v, now, singular.sum()
    return x @ turn * lengths


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", DATA)
def test_psychs_varimax_differs_only_because_it_stops_early(name, method):
    # R's iteration from our unrotated loadings gives psych's values.
    items, k = items_of(name)
    unrotated = efa(items, k, method=METHODS[method], rotation="none").loadings.to_numpy()
    assert_loadings(matrix(value(name, f"efa.{method}.varimax")["loadings"]), varimax_of_r(unrotated), 1e-4)


@pytest.mark.parametrize("name", DATA)
def test_every_value_of_the_tight_minres(name):
    items, k = items_of(name)
    expected = value(name, "efa.minres_tight")
    assert set(expected) == {"R", "uniquenesses", "psi", "loadings", "sum_sq_offdiag_residual", "convergence"}
    np.testing.assert_allclose(
        item_correlations(items, missing="pairwise", at_least=3).matrix, matrix(expected["R"]), atol=1e-12
    )
    found = efa(items, k, rotation="none")
    assert_loadings(matrix(expected["loadings"]), found.loadings.to_numpy(), 1e-7)
    np.testing.assert_allclose(found.uniquenesses, list(expected["uniquenesses"].values()), atol=1e-7)
    np.testing.assert_allclose(found.uniquenesses, expected["psi"], atol=1e-7)
    extraction = extract(matrix(expected["R"]), k)
    assert extraction.objective == pytest.approx(expected["sum_sq_offdiag_residual"], rel=1e-10)
    assert extraction.converged == (expected["convergence"] == 0)


@pytest.mark.parametrize("name", DATA)
def test_every_value_of_factanal(name):
    items, k = items_of(name)
    expected = value(name, "efa.factanal")
    assert set(expected) == {"uniquenesses", "loadings", "statistic", "dof", "p", "objective"}
    found = efa(items, k, method="ml", rotation="none", missing="listwise")
    assert_loadings(matrix(expected["loadings"]), found.loadings.to_numpy(), TIGHT)
    np.testing.assert_allclose(found.uniquenesses, list(expected["uniquenesses"].values()), atol=TIGHT)
    assert found.fit["objective"] == pytest.approx(expected["objective"], rel=1e-8)
    assert found.fit["chi_square"] == pytest.approx(expected["statistic"]["objective"], rel=1e-8)
    assert found.fit["df"] == expected["dof"]
    assert found.fit["p_value"] == pytest.approx(expected["p"]["objective"], rel=1e-6, abs=1e-300)


@pytest.mark.parametrize("name", DATA)
def test_principal_axes_at_psychs_own_stopping_rule(name):
    items, k = items_of(name)
    expected = dict(value(name, "efa.pa_default.none"))
    pairwise = item_correlations(items, missing="pairwise", at_least=3)
    correlation = pairwise.matrix
    stopped = extract(correlation, k, method="paf", tolerance=1e-3, max_iterations=50)
    assert_loadings(matrix(expected["loadings"]), stopped.loadings, 1e-10)
    np.testing.assert_allclose(stopped.uniquenesses, list(expected["uniquenesses"].values()), atol=1e-10)
    fit = factor_fit(correlation, stopped.loadings @ stopped.loadings.T, expected["n_obs"], k, pair_n=pairwise.pair_n)
    for ours, theirs in FIT_NAMES.items():
        if theirs in expected:
            assert fit[ours] == pytest.approx(expected[theirs], rel=1e-8, abs=1e-12), ours
    assert fit["rmsea"] == pytest.approx(expected["RMSEA"]["RMSEA"], rel=1e-8)
    assert fit["rmsea_ci_low"] == pytest.approx(expected["RMSEA"]["lower"], rel=1e-4)
    assert fit["rmsea_ci_high"] == pytest.approx(expected["RMSEA"]["upper"], rel=1e-4)


@pytest.mark.parametrize("rotation", ["none", "varimax"])
@pytest.mark.parametrize("name", DATA)
def test_every_value_of_principal(name, rotation):
    items, k = items_of(name)
    expected = value(name, f"pca.{rotation}")
    assert set(expected) == {"loadings", "communalities", "vaccounted", "values"}
    found = efa(items, k, method="principal", rotation=rotation)
    tolerance = 1e-10 if rotation == "none" else VARIMAX
    order, _ = assert_loadings(matrix(expected["loadings"]), found.loadings.to_numpy(), tolerance)
    np.testing.assert_allclose(found.communalities, list(expected["communalities"].values()), atol=1e-10)
    np.testing.assert_allclose(found.eigenvalues["eigenvalue"], expected["values"], atol=1e-10)
    compare_variance(expected["vaccounted"], found, order, tolerance)


VSS_FIT = {
    "dof": "df", "chisq": "chi_square", "prob": "p_value", "RMSEA": "rmsea", "BIC": "bic", "SABIC": "sabic",
    "eChisq": "empirical_chi_square", "SRMR": "rmsr", "eRMS": "rmsr", "eCRMS": "crms", "eBIC": "empirical_bic",
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_every_value_of_the_very_simple_structure(name):
    """It is no rule of this package, but all of it follows from minres, R's varimax and the fit of each solution."""
    items, _ = items_of(name)
    expected = value(name, "nfactors.vss_map")
    assert set(expected) == {"map", "map_n", "vss1", "vss2", "stats"}  # map: test_retention
    correlation = item_correlations(items, missing="pairwise", at_least=3).matrix
    size = float(np.sum(correlation**2))
    determined = 0
    for k, row in enumerate(expected["stats"], start=1):
        theirs = dict(row)
        if theirs["dof"] < 0:  # more parameters than correlations: psych prints where its search happened to end
            assert name == "holzinger"
            assert k > 5
            continue
        unrotated = extract(correlation, k, starts="one").loadings
        fit = factor_fit(correlation, unrotated @ unrotated.T, len(items), k)
        for psychs, ours in VSS_FIT.items():
            number = theirs.pop(psychs)
            near = 3e-4 * fit["chi_square"] if "BIC" in psychs else 3e-4  # psych's minres ends at 1e-3 of its objective
            assert fit[ours] == pytest.approx(np.nan if number is None else number, rel=3e-4, abs=near, nan_ok=True)
        loadings = unrotated if k == 1 else varimax_of_r(unrotated)
        largest = np.argsort(-np.abs(loadings), axis=1)
        for kept in range(1, 9):
            simple = np.zeros_like(loadings)
            np.put_along_axis(
                simple, largest[:, :kept], np.take_along_axis(loadings, largest[:, :kept], axis=1), axis=1
            )
            left = float(np.sum((correlation - simple @ simple.T) ** 2))
            shown = kept <= k  # psych has 0 for more loadings an item than there are factors
            assert theirs.pop(f"cresidual.{kept}") == pytest.approx(left if shown else 0, rel=0.01)
            assert theirs.pop(f"cfit.{kept}") == pytest.approx(1 - left / size if shown else 0, abs=0.005)
            if kept <= min(k, 2):
                assert expected[f"vss{kept}"][k - 1] == row[f"cfit.{kept}"]
        assert theirs.pop("sqresid") == pytest.approx(left, rel=1e-3)
        assert theirs.pop("fit") == pytest.approx(1 - left / size, abs=1e-4)
        hofmann = np.mean(np.sum(loadings**2, axis=1) ** 2 / np.sum(loadings**4, axis=1))
        assert theirs.pop("complex") == pytest.approx(hofmann, rel=3e-3)
        assert theirs == {}
        determined += 1
    assert determined == (5 if name == "holzinger" else 8)


ROTATIONS = {
    "varimax_kaiser": ({"method": "varimax"}, TIGHT),
    "varimax_raw": ({"method": "varimax", "normalize": False}, TIGHT),
    "quartimax": ({"method": "quartimax"}, TIGHT),
    "oblimin0": ({"method": "oblimin"}, TIGHT),
    "oblimin0_kaiser": ({"method": "oblimin", "normalize": True}, TIGHT),
    "quartimin_same": ({"method": "quartimin"}, TIGHT),
    "geominQ": ({"method": "geomin"}, TIGHT),
    "stats_promax_m4": ({"method": "promax", "promax_variant": "stats"}, TIGHT),
    "psych_promax": ({"method": "promax"}, LOADING),  # its varimax stops at 1e-5
    "psych_Promax": ({"method": "promax", "promax_variant": "stats"}, LOADING),
}


@pytest.mark.parametrize("key", ROTATIONS)
@pytest.mark.parametrize("name", DATA)
def test_every_rotation_of_one_matrix(name, key):
    section = value(name, "rotation.from_minres_tight")
    assert set(section) == {"input", *ROTATIONS}
    options, tolerance = ROTATIONS[key]
    start, expected = matrix(section["input"]), section[key]
    found = rotate(start, **options)
    order, sign = assert_loadings(matrix(expected.get("L", expected)), found.loadings, tolerance)
    assert found.converged is True
    if "Phi" in expected:
        phi = found.factor_correlations[np.ix_(order, order)] * np.outer(sign, sign)
        np.testing.assert_allclose(phi, matrix(expected["Phi"]), rtol=0, atol=tolerance)
    if "T" in expected:
        theirs = matrix(expected["T"])
        if key == "stats_promax_m4":  # of the varimax loadings that the call put in
            theirs = matrix(section["varimax_kaiser"]["T"]) @ theirs
        np.testing.assert_allclose(found.rotation_matrix[:, order] * sign, theirs, atol=tolerance)
    if "Th" in expected:  # L = A inv(Th)′
        turned = np.linalg.inv(found.rotation_matrix).T[:, order] * sign
        np.testing.assert_allclose(turned, matrix(expected["Th"]), atol=tolerance)
    if "f" in expected:
        assert found.objective == pytest.approx(expected["f"], rel=1e-8)
    assert expected.get("converged", True) is True
    assert set(expected) <= {"L", "Phi", "T", "Th", "f", "converged", "log10_gradient", "rows", "cols", "data"}
