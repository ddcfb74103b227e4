"""Values from R on sets that nothing was built with: yes–no items, skewed answers, forty items, published matrices."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadership_study.measurement.efa import efa
from leadership_study.measurement.item_analysis import item_analysis
from leadership_study.measurement.polychoric import polychoric
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega
from leadership_study.measurement.retention import minimum_average_partial
from leadership_study.measurement.sampling_adequacy import sampling_adequacy
from leadership_study.measurement.total_reliability import hierarchical_omega
from leadership_study.samples.moments import moments
from leadership_study.samples.rotation import rotate

CLOSED = {"rel": 1e-8, "abs": 1e-10}
OPTIMISED = 1e-5  # where lavaan stops
SEARCHED = 1e-4  # where psych and the search for polychorics stop
ANSWERS = ["attitude", "dichotomous", "skewed", "inventory"]
MATRICES = {"thurstone": (213, 3), "harman74": (145, 4)}


@pytest.fixture
def value(reference):
    return reference("other_sets")


@pytest.fixture(scope="session")
def sets() -> dict[str, pd.DataFrame]:
    import json
    from pathlib import Path

    text = (Path(__file__).parents[1] / "reference" / "other_sets.json").read_text("utf-8")
    return {
        name: frame(given) if "rows" in given else pd.DataFrame(given, dtype=float)
        for name, given in json.loads(text)["data"].items()
    }


def frame(of: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(of["data"], index=of["rows"], columns=of["cols"], dtype=float)


def numbers(of: list[Any] | dict[str, Any]) -> np.ndarray:
    return np.array(list(of.values()) if isinstance(of, dict) else of, dtype=float)


def apart(expected: np.ndarray, found: np.ndarray, phi: np.ndarray, theirs: np.ndarray | None) -> float:
    """Largest difference of loadings and factor correlations, order and signs of the factors left free."""
    gaps = []
    for order in itertools.permutations(range(expected.shape[1])):
        turned = found[:, order]
        sign = np.sign((turned * expected).sum(axis=0))
        gap = np.abs(turned * sign - expected).max()
        if theirs is not None:
            gap = max(gap, np.abs(phi[np.ix_(order, order)] * np.outer(sign, sign) - theirs).max())
        gaps.append(gap)
    return float(min(gaps))


@pytest.mark.parametrize("name", ANSWERS)
def test_alpha(value, sets, name):
    expected, found = value(f"{name}.alpha.complete"), cronbach_alpha(sets[name])
    total = {
        "raw_alpha": found.alpha, "std.alpha": found.standardized_alpha, "G6(smc)": found.guttman_lambda6,
        "average_r": found.average_r, "S/N": found.signal_to_noise, "ase": found.std_error, "mean": found.mean,
        "sd": found.sd, "median_r": found.median_r,
    }  # fmt: skip
    assert total == pytest.approx(expected["total"], **CLOSED)
    assert [found.ci_low, found.ci_high] == pytest.approx(list(expected["feldt"].values()), **CLOSED)
    for theirs, ours in {
        "raw_alpha": "alpha", "std.alpha": "standardized_alpha", "G6(smc)": "guttman_lambda6", "average_r": "average_r",
    }.items():  # fmt: skip
        np.testing.assert_allclose(found.items[f"{ours}_if_deleted"], expected["drop"].pop(theirs), rtol=1e-8)
    for theirs, ours in {
        "std.r": "standardized_item_total", "r.cor": "overlap_corrected_item_total", "r.drop": "corrected_item_total",
    }.items():  # fmt: skip
        np.testing.assert_allclose(found.items[ours], expected["items"].pop(theirs), rtol=1e-8)
    assert expected["drop"] == expected["items"] == {}


@pytest.mark.parametrize("name", ANSWERS)
def test_guttmans_bounds(value, sets, name):
    found = cronbach_alpha(sets[name]).guttman["correlation"]
    assert found.drop(["lambda5_plus", "theta"]).to_dict() == pytest.approx(value(f"{name}.guttman"), **CLOSED)


@pytest.mark.parametrize("name", ANSWERS)
def test_omega(value, sets, name):
    expected, found = value(f"{name}.omega"), mcdonald_omega(sets[name])
    scale = max(numbers(expected["loadings"]))
    np.testing.assert_allclose(found.items["loading"], numbers(expected["loadings"]), atol=OPTIMISED * scale)
    np.testing.assert_allclose(found.items["residual_variance"], numbers(expected["residuals"]), rtol=OPTIMISED)
    assert found.omega == pytest.approx(expected["omega"], rel=OPTIMISED)
    observed = mcdonald_omega(sets[name], denominator="observed").omega
    assert observed == pytest.approx(expected["observed"], rel=OPTIMISED)
    fit = [found.chi_square, found.df, found.p_value, found.cfi, found.tli, found.rmsea, found.srmr]
    assert fit == pytest.approx(list(expected["fit"].values()), rel=OPTIMISED, abs=1e-6)


@pytest.mark.parametrize("name", ANSWERS)
def test_critical_ratios(value, sets, name):
    found = item_analysis(sets[name]).items
    for row in value(f"{name}.critical_ratio"):
        own = found.loc[row["item"], ["critical_ratio", "df", "p_value"]].astype(float)
        if row["t"] is None:
            assert own.isna()["critical_ratio"]
        else:
            assert own.to_list() == pytest.approx([row["t"], row["df"], row["p"]], rel=1e-8)


@pytest.mark.parametrize("name", ANSWERS)
def test_sampling_adequacy_and_minimum_average_partial(value, sets, name):
    expected, found = value(f"{name}.kmo"), sampling_adequacy(sets[name])
    assert found.kmo == pytest.approx(expected["kmo"], **CLOSED)
    np.testing.assert_allclose(found.kmo_items, numbers(expected["items"]), rtol=1e-8)
    expected, found = value(f"{name}.bartlett"), sampling_adequacy(sets[name], missing="listwise")
    ours = [found.bartlett_chi_square, found.bartlett_df, found.bartlett_p_value]
    assert ours == pytest.approx([expected[key] for key in ("chisq", "df", "p")], rel=1e-6, abs=1e-300)
    average = minimum_average_partial(sets[name]).values
    expected = value(f"{name}.map")
    np.testing.assert_allclose(average.iloc[1 : len(expected) + 1], expected, rtol=1e-8)


@pytest.mark.parametrize("name", ["dichotomous", "skewed"])
def test_polychorics(value, sets, name):
    found = polychoric(sets[name], std_errors=True)
    seen = 0
    for row in value(f"{name}.lavCor.complete"):
        seen += 1
        if row["op"] == "|":
            assert found.thresholds.loc[row["lhs"], row["rhs"]] == pytest.approx(row["est"], abs=1e-9)
            continue
        pair = (row["lhs"], row["rhs"])
        assert found.correlations.loc[pair] == pytest.approx(row["est"], abs=SEARCHED)
        assert found.std_errors.loc[pair] == pytest.approx(row["se"], rel=SEARCHED)
    p = sets[name].shape[1]
    assert seen == p * (p - 1) // 2 + found.thresholds.notna().sum(axis=None)
    psych = frame(value(f"{name}.psych"))
    np.testing.assert_allclose(found.correlations, psych, atol=SEARCHED)
    pairwise = polychoric(sets[name], missing="pairwise").correlations
    np.testing.assert_allclose(pairwise, frame(value(f"{name}.lavCor.pairwise")), atol=SEARCHED)


@pytest.mark.parametrize("name", MATRICES)
def test_factors_of_published_correlations(value, sets, name):
    n, k = MATRICES[name]
    given = moments(sets[name], n)
    expected, found = value(f"{name}.omega_h"), hierarchical_omega(given, k)
    assert found.omega_hierarchical == pytest.approx(expected.pop("omega_h"), abs=SEARCHED)
    assert found.omega_total == pytest.approx(expected.pop("omega_tot"), abs=SEARCHED)
    assert found.omega_limit == pytest.approx(expected.pop("omega_lim"), abs=SEARCHED)
    assert [found.alpha, found.guttman_lambda6] == pytest.approx([expected.pop("alpha"), expected.pop("G6")], rel=1e-8)
    assert expected == {}
    expected, found = value(f"{name}.factanal"), efa(given, k, method="ml", rotation="none")
    np.testing.assert_allclose(found.uniquenesses, numbers(expected["uniquenesses"]), atol=OPTIMISED)
    assert found.fit["chi_square"] == pytest.approx(expected["chisq"], rel=1e-6)
    assert found.fit["df"] == expected["dof"]
    expected, found = dict(value(f"{name}.minres")), efa(given, k, rotation="none")
    loadings = frame(expected.pop("loadings")).to_numpy()
    assert apart(loadings, found.loadings.to_numpy(), np.eye(k), None) < 1e-3
    np.testing.assert_allclose(found.communalities, numbers(expected.pop("communalities")), atol=SEARCHED)
    for statistic, number in expected.items():
        assert found.fit[statistic] == pytest.approx(number, rel=SEARCHED, abs=SEARCHED), statistic


def test_the_second_order_factor_is_extracted_as_the_first_order_ones(value, sets):
    given = moments(sets["harman74"], 145)
    expected, found = value("harman74.omega_ml_promax"), hierarchical_omega(given, 4, method="ml", rotation="promax")
    mine = {
        "omega_h": found.omega_hierarchical, "omega_tot": found.omega_total, "ECV": found.explained_common_variance,
    }  # fmt: skip
    assert mine == pytest.approx(expected, abs=SEARCHED)
    assert hierarchical_omega(given, 4).explained_common_variance == pytest.approx(
        value("harman74.omega_ECV"), abs=SEARCHED
    )


@pytest.mark.parametrize("criterion", ["oblimin.-0.5", "oblimin.0.3", "quartimax", "geomin", "promax"])
@pytest.mark.parametrize("name", MATRICES)
def test_rotations_are_those_of_gparotation(value, name, criterion):
    expected = value(f"{name}.{criterion}")
    start = frame(value(f"{name}.minres")["loadings"]).to_numpy()
    method, _, gamma = criterion.partition(".")
    options: dict[str, Any] = {"gamma": float(gamma)} if gamma else {}
    if method == "promax":
        options["promax_variant"] = "stats"
    found = rotate(start, method, **options)  # type: ignore[arg-type]
    phi = frame(expected["Phi"]).to_numpy() if "Phi" in expected else None
    assert apart(frame(expected["L"]).to_numpy(), found.loadings, found.factor_correlations, phi) < 1e-5
    if "f" in expected:
        assert found.objective == pytest.approx(expected["f"], rel=1e-8)
