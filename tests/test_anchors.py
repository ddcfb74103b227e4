"""Defects known from other programs, one test each: of items, reliability, correlations and factors."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from scipy import special

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.efa import efa
from leadership_study.measurement.polychoric import polychoric
from leadership_study.measurement.reliability import cronbach_alpha, mcdonald_omega
from leadership_study.measurement.total_reliability import hierarchical_omega
from leadership_study.samples.moments import moments
from leadership_study.samples.polyserial import polyserial
from leadership_study.samples.rotation import rotate

TESTS = Path(__file__).parent
EXTRACTIONS = ["minres", "ml", "paf", "principal"]
OBLIQUE = ["oblimin", "quartimin", "geomin", "promax"]


@pytest.fixture(scope="module")
def items() -> pd.DataFrame:
    return pd.read_csv(TESTS / "data" / "holzinger.csv").filter(regex=r"x\d")


def blocks(n: int = 2000) -> pd.DataFrame:
    """Three correlated factors of unequal weight, the items of the last one first."""
    random = np.random.default_rng(3)
    phi = np.array([[1, 0.6, 0.1], [0.6, 1, 0.3], [0.1, 0.3, 1]])
    factors = random.multivariate_normal(np.zeros(3), phi, size=n)
    of = np.repeat([2, 0, 1], [3, 6, 4])
    loadings = np.repeat([0.6, 0.9, 0.75], [3, 6, 4])
    values = factors[:, of] * loadings + random.normal(size=(n, 13)) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(values, columns=[f"f{factor}_{at}" for at, factor in enumerate(of)])


# --- factor_analyzer and reliabiliPy ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", OBLIQUE)
def test_factor_analyzer_sorts_loadings_but_not_the_factor_correlations(rotation: str) -> None:
    found = efa(blocks(), 3, rotation=rotation)  # type: ignore[arg-type]
    marked = {at: found.loadings.filter(like=f"f{at}_", axis=0).abs().mean().idxmax() for at in range(3)}
    assert list(marked.values()) == ["F1", "F2", "F3"]  # by the variance that they account for
    phi = found.factor_correlations
    assert phi.loc[marked[0], marked[1]] == pytest.approx(0.6, abs=0.08)
    assert phi.loc[marked[0], marked[2]] == pytest.approx(0.1, abs=0.08)
    assert phi.loc[marked[1], marked[2]] == pytest.approx(0.3, abs=0.08)


@pytest.mark.parametrize("rotation", OBLIQUE)
@pytest.mark.parametrize("method", EXTRACTIONS)
def test_factor_analyzer_takes_sums_of_squared_oblique_loadings_for_communalities(
    items: pd.DataFrame, method: str, rotation: str
) -> None:
    found = efa(items, 3, method=method, rotation=rotation)  # type: ignore[arg-type]
    pattern, phi = found.loadings.to_numpy(), found.factor_correlations.to_numpy()
    np.testing.assert_allclose(np.diag(pattern @ phi @ pattern.T) + found.uniquenesses, 1, atol=1e-12)
    assert np.abs(np.sum(pattern**2, axis=1) - found.communalities).max() > 0.01


@pytest.mark.parametrize("rotation", OBLIQUE)
def test_factor_analyzer_depends_on_the_order_of_columns(items: pd.DataFrame, rotation: str) -> None:
    found = efa(items, 3, rotation=rotation)  # type: ignore[arg-type]
    turned = efa(items[items.columns[::-1]], 3, rotation=rotation)  # type: ignore[arg-type]
    np.testing.assert_allclose(turned.loadings.loc[items.columns], found.loadings, atol=1e-6)
    np.testing.assert_allclose(turned.factor_correlations, found.factor_correlations, atol=1e-6)


@pytest.mark.parametrize("gamma", [-0.5, 0.3])
def test_factor_analyzer_multiplies_oblimins_gamma_into_a_matrix_of_zeros(reference, gamma: float) -> None:
    section = reference("other_sets")
    start = np.array(section("thurstone.minres")["loadings"]["data"], dtype=float)
    expected = section(f"thurstone.oblimin.{gamma}")
    found = rotate(start, "oblimin", gamma=gamma)
    theirs = np.array(expected["L"]["data"], dtype=float)
    order = np.abs(theirs.T @ found.loadings).argmax(axis=1)
    sign = np.sign(np.sum(theirs * found.loadings[:, order], axis=0))
    np.testing.assert_allclose(found.loadings[:, order] * sign, theirs, atol=1e-5)
    phi = found.factor_correlations[np.ix_(order, order)] * np.outer(sign, sign)
    np.testing.assert_allclose(phi, np.array(expected["Phi"]["data"], dtype=float), atol=1e-5)


@pytest.mark.parametrize("method", EXTRACTIONS)
def test_factor_analyzer_standardises_a_correlation_matrix_again(items: pd.DataFrame, method: str) -> None:
    by_rows = efa(items, 3, method=method)  # type: ignore[arg-type]
    by_matrix = efa(moments(items.corr(), len(items)), 3, method=method)  # type: ignore[arg-type]
    np.testing.assert_allclose(by_matrix.loadings, by_rows.loadings, atol=1e-8)
    np.testing.assert_allclose(by_matrix.factor_correlations, by_rows.factor_correlations, atol=1e-8)


def test_factor_analyzer_fills_gaps_with_medians_and_says_nothing(items: pd.DataFrame) -> None:
    gaps = items.copy()
    gaps.iloc[:120, 0] = np.nan
    found = efa(gaps, 3)
    expected = efa(moments(gaps.corr(), len(gaps)), 3)
    np.testing.assert_allclose(found.loadings, expected.loadings, atol=1e-8)
    assert "pairwise_correlations" in [note.id for note in found.notes]


def test_reliabilipy_drops_the_number_of_factors_it_was_given() -> None:
    answers = blocks()
    two, three = hierarchical_omega(answers, 2), hierarchical_omega(answers, 3)
    assert (two.n_factors, three.n_factors) == (2, 3)
    assert abs(two.omega_hierarchical - three.omega_hierarchical) > 0.01


# --- statsmodels -----------------------------------------------------------------------------------------------------


def test_statsmodels_promax_matches_no_other_program(reference) -> None:
    section = reference("other_sets")
    for data_set in ("thurstone", "harman74"):
        start = np.array(section(f"{data_set}.minres")["loadings"]["data"], dtype=float)
        theirs = np.array(section(f"{data_set}.promax")["L"]["data"], dtype=float)
        found = rotate(start, "promax", promax_variant="stats").loadings
        order = np.abs(theirs.T @ found).argmax(axis=1)
        sign = np.sign(np.sum(theirs * found[:, order], axis=0))
        np.testing.assert_allclose(found[:, order] * sign, theirs, atol=1e-5)


# --- pingouin --------------------------------------------------------------------------------------------------------


def test_pingouin_counts_rows_before_it_drops_the_incomplete_ones() -> None:
    wide = pingouin.read_dataset("cronbach_wide_missing")
    for interval_n in ("smallest_pair", "rows"):  # an option of pairwise moments: complete rows are counted as they are
        found = cronbach_alpha(wide, interval_n=interval_n)
        assert found.n == found.definition["n"] == 9
        assert found.alpha == pytest.approx(0.8017, abs=5e-5)
        assert [found.ci_low, found.ci_high] == pytest.approx([0.533, 0.947], abs=5e-4)


# --- semopy, girth, psych --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["two_step", "ml", "conversion"])
def test_semopy_divides_by_the_variance_in_polyserial_correlations(items: pd.DataFrame, method: str) -> None:
    codes = np.digitize(items["x2"], [5, 7])
    plain = polyserial(items["x1"].to_numpy(), codes, method=method)  # type: ignore[arg-type]
    for scale in (1e-3, 40.0):
        rescaled = polyserial(scale * items["x1"].to_numpy() - 7, codes, method=method)  # type: ignore[arg-type]
        assert rescaled == pytest.approx(plain, abs=1e-9)


@pytest.mark.parametrize("sizes", [(2, 2), (2, 7), (3, 5), (4, 4), (7, 6)])
def test_semopys_polychorics_do_not_run_and_psychs_depend_on_empty_cells(sizes: tuple[int, int]) -> None:
    random = np.random.default_rng(sum(sizes))
    latent = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=4000)
    cuts = [special.ndtri(np.linspace(0, 1, size + 1)[1:-1] ** 1.4) for size in sizes]
    codes = np.column_stack([np.searchsorted(cut, latent[:, at]) for at, cut in enumerate(cuts)]).astype(float)
    empty = ~((codes[:, 0] == 0) & (codes[:, 1] == sizes[1] - 1)) if min(sizes) > 2 else np.ones(len(codes), bool)
    data = pd.DataFrame(codes[empty], columns=["a", "b"])
    plain, filled = polychoric(data), polychoric(data, empty_cell=0.5)
    for found, added in ((plain, 0.0), (filled, 0.5)):
        assert found.correlations.loc["a", "b"] == pytest.approx(0.6, abs=0.045)  # three standard errors and more
        assert found.definition["empty_cell"] == added  # which of the two was used is always said
    gaps = {"polychoric_empty_cells", "polychoric_empty_cells_filled"}
    if min(sizes) > 2:
        assert [note.id for note in plain.notes if note.id in gaps] == ["polychoric_empty_cells"]
        assert [note.id for note in filled.notes if note.id in gaps] == ["polychoric_empty_cells_filled"]
        assert plain.correlations.loc["a", "b"] != filled.correlations.loc["a", "b"]


def test_girth_falls_back_on_pearson_in_silence() -> None:
    random = np.random.default_rng(1)  # polychoric correlations of few skewed answers are often indefinite
    latent = random.normal(size=(30, 1)) + 0.4 * random.normal(size=(30, 8))
    data = pd.DataFrame((latent > [-1.2, -1, 0, 0.5, 1, 1.2, 0.8, -0.5]) * 1.0, columns=list("abcdefgh"))
    found = polychoric(data)
    assert found.smallest_eigenvalue < 0
    assert "polychoric_not_positive_definite" in [note.id for note in found.notes]
    assert np.abs(found.correlations - data.corr()).max(axis=None) > 0.1
    with pytest.raises(InsufficientDataError, match="not positive definite"):
        efa(data, 1, method="ml", correlation="polychoric")


# --- semTools, lavaan ------------------------------------------------------------------------------------------------


def test_semtools_crashes_on_ordinal_omega_of_unequal_categories() -> None:
    random = np.random.default_rng(2)
    latent = random.normal(size=(400, 1)) + random.normal(size=(400, 4))
    cuts = [[0.0], [-1.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [-2, -1, 0, 1, 2]]
    codes = np.column_stack([np.searchsorted(cut, latent[:, at]) for at, cut in enumerate(cuts)]).astype(float)
    data = pd.DataFrame(codes, columns=list("abcd"))
    underlying = mcdonald_omega(data, ordinal=True).omega
    observed = mcdonald_omega(data, ordinal="green-yang").omega
    assert 0.5 < observed < underlying < 0.9


@pytest.fixture(scope="module")
def printed_with() -> dict[str, str]:
    """What a fresh process prints with one and with two threads of linear algebra."""
    code = """
import numpy as np, pandas as pd
import leadership_study as ls
random = np.random.default_rng(5)
values = np.clip(np.round(3 + random.normal(size=(900, 1)) + random.normal(size=(900, 12))), 1, 5)
items = pd.DataFrame(values).rename(columns=lambda at: f"q{at}").mask(random.random(values.shape) < 0.02)
for missing in ("listwise", "pairwise"):
    print(ls.cronbach_alpha(items, interval="bootstrap", bootstrap=250, seed=4, missing=missing).to_json())
    print(ls.polychoric(items, missing=missing).to_json())
    print(ls.efa(items, 2, missing=missing, n_starts=3).to_json())
    print(ls.parallel_analysis(items, replicates=60, seed=4, missing=missing, basis="factors").to_json())
    print(ls.hierarchical_omega(items, 3, missing=missing).to_json())
print(ls.item_analysis(items).to_json())
"""
    found = {}
    for threads in ("1", "2"):
        environment = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        process = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        found[threads] = process.stdout
    return found


def test_lavaans_bootstrap_depended_on_the_number_of_workers(printed_with: dict[str, str]) -> None:
    assert len(printed_with["1"]) > 10_000
    assert printed_with["1"] == printed_with["2"]
