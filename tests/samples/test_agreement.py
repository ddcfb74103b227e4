"""Agreement coefficients against R (textbook tables), published values, brute force and the defect of a peer."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.interviews.agreement import (
    brennan_prediger,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    holsti,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
)
from leadership_study.samples.agreement_many import category_kappas, many_coders
from leadership_study.samples.agreement_pair import cohen_pairs
from leadership_study.samples.agreement_patterns import patterns_of
from leadership_study.samples.agreement_weights import agreement_weights

EXACT = {"rtol": 1e-10, "atol": 1e-14}


def matrix(given):
    return np.array([[np.nan if cell is None else cell for cell in row] for row in given["data"]], dtype=float)


@pytest.fixture
def inputs(reference):
    return reference("textbook")("_inputs")


@pytest.fixture
def krippendorffs(inputs):
    return pd.DataFrame(matrix(inputs["krippendorff"]).T, columns=inputs["krippendorff"]["rows"])


def spread(table):
    """Two columns of ratings from a crosstable."""
    cells = [(i + 1, j + 1) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(int(count))]
    return np.array(cells).T


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff(reference, krippendorffs, level):
    expected = dict(reference("textbook")(f"krippendorff.{level}"))
    found = krippendorff_alpha(krippendorffs, level=level)
    np.testing.assert_allclose(found.estimate, expected.pop("alpha"), **EXACT)
    np.testing.assert_allclose(found.observed, expected.pop("Do"), **EXACT)
    np.testing.assert_allclose(found.expected, expected.pop("De"), **EXACT)
    table = expected.pop("coincidences")
    np.testing.assert_allclose(found.counts, matrix(table), **EXACT)
    assert found.counts.to_numpy().sum() == pytest.approx(expected.pop("n_pairable"))
    assert [int(name) for name in found.counts.index] == expected.pop("values")
    assert not expected
    assert found.ci_low < found.estimate < found.ci_high <= 1
    assert found.n == 11


def test_fleiss(reference, inputs):
    expected = dict(reference("textbook")("fleiss.kappa"))
    found = fleiss_kappa(matrix(inputs["fleiss_counts"]), counts=True)
    assert found.estimate == pytest.approx(expected.pop("kappa"), rel=1e-12)
    assert found.observed == pytest.approx(expected.pop("P_bar"), rel=1e-12)
    assert found.expected == pytest.approx(expected.pop("Pe"), rel=1e-12)
    assert found.std_error_null == pytest.approx(expected.pop("se_null"), rel=1e-12)
    assert found.estimate / found.std_error_null == pytest.approx(expected.pop("z"), rel=1e-12)
    assert expected.pop("p") < 1e-34
    table = found.categories
    for theirs, ours in [
        ("category_kappa", "kappa"), ("category_z", "statistic"), ("p_j", "share"), ("category_se", "std_error_null")
    ]:  # fmt: skip
        np.testing.assert_allclose(table[ours], expected.pop(theirs), **EXACT)
    assert not expected


def test_gwet(reference, krippendorffs):
    expected = dict(reference("textbook")("gwet.ac1"))
    found = gwet_ac1(krippendorffs)
    assert found.estimate == pytest.approx(expected.pop("AC1"), rel=1e-12)
    assert found.expected == pytest.approx(expected.pop("AC1_pe"), rel=1e-12)
    assert percent_agreement(krippendorffs).estimate == pytest.approx(expected.pop("pa"), rel=1e-12)
    assert fleiss_kappa(krippendorffs).estimate == pytest.approx(expected.pop("fleiss_generalised"), rel=1e-12)
    assert brennan_prediger(krippendorffs).estimate == pytest.approx(expected.pop("brennan_prediger"), rel=1e-12)
    shares = expected.pop("pi")
    counts = krippendorffs.apply(lambda row: row.value_counts(normalize=True), axis=1).fillna(0.0).mean()
    np.testing.assert_allclose(counts, list(shares.values()), **EXACT)
    assert not expected


def test_gwet_ac2(reference, krippendorffs):
    expected = dict(reference("textbook")("gwet.ac2_quadratic"))
    found = gwet_ac1(krippendorffs, weights="quadratic")
    np.testing.assert_allclose(
        agreement_weights((1, 2, 3, 4, 5), "quadratic"), matrix(expected.pop("weights")), **EXACT
    )
    assert (found.observed, found.expected, found.estimate) == pytest.approx(
        (expected.pop("pa"), expected.pop("pe"), expected.pop("AC2")), rel=1e-12
    )
    assert not expected


def test_published_errors_of_gwet(krippendorffs):
    """Gwet's cac.raw4raters: estimates, standard errors and t intervals as his package's documentation prints them."""
    printed = {
        gwet_ac1: (0.77544, 0.14295, 0.461, 1), fleiss_kappa: (0.76117, 0.15302, 0.424, 1),
        brennan_prediger: (0.77273, 0.14472, 0.454, 1), percent_agreement: (0.81818, 0.12561, 0.542, 1),
    }  # fmt: skip
    for function, (estimate, error, low, high) in printed.items():
        found = function(krippendorffs)
        assert found.estimate == pytest.approx(estimate, abs=5e-6)
        assert found.std_error == pytest.approx(error, abs=1e-5)
        assert found.ci_low == pytest.approx(low, abs=1e-3)
        assert found.ci_high == high


def test_cohen_table(reference, inputs):
    expected = dict(reference("textbook")("cohen.kappa_table"))
    check_cohen(expected, *spread(matrix(inputs["cohen_table"])))


def test_cohen_linear(reference, inputs):
    expected = dict(reference("textbook")("cohen.kappa_linear"))
    found = cohen_kappa(*spread(matrix(inputs["cohen_table"])), weights="linear")
    assert found.estimate == pytest.approx(expected.pop("weighted_kappa"), rel=1e-12)
    assert not expected


def test_cohen_bfi(reference):
    from pathlib import Path

    data = pd.read_csv(Path(__file__).parents[2] / "data" / "raw" / "bfi" / "bfi.csv")
    expected = dict(reference("textbook")("cohen.kappa_bfi_pair"))
    check_cohen(expected, data["N1"], data["N2"])


def check_cohen(expected, a, b):
    plain, weighted = cohen_kappa(a, b), cohen_kappa(a, b, weights="quadratic")
    assert plain.estimate == pytest.approx(expected.pop("kappa"), rel=1e-10)
    assert weighted.estimate == pytest.approx(expected.pop("weighted_kappa"), rel=1e-10)
    assert plain.std_error**2 == pytest.approx(expected.pop("var_kappa"), rel=1e-10)
    assert expected.pop("var_weighted") == pytest.approx(
        psychs_weighted_variance(weighted.counts.to_numpy()), rel=1e-10
    )
    assert plain.n == weighted.n == expected.pop("n_obs")
    limits = matrix(expected.pop("confid"))
    np.testing.assert_allclose([plain.ci_low, plain.estimate, plain.ci_high], limits[0], rtol=1e-8)
    np.testing.assert_allclose(weighted.estimate, limits[1][1], rtol=1e-10)
    if "weight" in expected:
        np.testing.assert_allclose(agreement_weights((1, 2, 3), "quadratic"), matrix(expected.pop("weight")))
        shares = plain.counts.to_numpy() / plain.counts.to_numpy().sum()
        np.testing.assert_allclose(shares, matrix(expected.pop("agree")), **EXACT)
    assert not expected


def psychs_weighted_variance(table):
    """psych 2.2.9 sums each row of weights times that row's own margin, where Fleiss et al. want the mean weight."""
    n, p = table.sum(), table / table.sum()
    w = agreement_weights(tuple(range(len(p))), "quadratic")
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    po, pe = (w * p).sum(), (w * np.outer(rows, columns)).sum()
    sides = (w.T @ columns)[:, None] + (w.sum(axis=1) * rows)[None, :]
    return ((p * (w * (1 - pe) - sides * (1 - po)) ** 2).sum() - (po * pe - 2 * pe + po) ** 2) / (n * (1 - pe) ** 4)


def test_weighted_error_is_that_of_samples(inputs, rng):
    """psych's is .057; ours is what repeated samples from the table show."""
    table = matrix(inputs["cohen_table"])
    w = agreement_weights((1, 2, 3), "quadratic")
    drawn = rng.multinomial(100, table.ravel() / 100, size=4000).reshape(-1, 3, 3) / 100
    po = (w * drawn).sum(axis=(1, 2))
    pe = np.einsum("ni,ij,nj->n", drawn.sum(axis=2), w, drawn.sum(axis=1))
    found = cohen_kappa(*spread(table), weights="quadratic").std_error
    assert found == pytest.approx(np.std((po - pe) / (1 - pe)), rel=0.03)
    assert found == pytest.approx(math.sqrt(0.006197482853), rel=1e-8)


def test_null_error_of_cohen_is_the_classical_one(inputs):
    table = matrix(inputs["cohen_table"])
    p = table / table.sum()
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    pe = rows @ columns
    variance = (pe + pe**2 - (rows * columns * (rows + columns)).sum()) / (table.sum() * (1 - pe) ** 2)
    assert cohen_kappa(*spread(table)).std_error_null == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_fleiss_1971_diagnoses():
    """Thirty patients, six psychiatrists: kappa .430 (Fleiss, 1971; R's irr)."""
    rows = """444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445
    333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555""".split()
    assert len(rows) == 30
    found = fleiss_kappa(pd.DataFrame([list(row) for row in rows]))
    assert found.estimate == pytest.approx(0.430, abs=5e-4)
    assert found.estimate / found.std_error_null == pytest.approx(17.7, abs=0.06)


def test_the_overlap_case():
    """10,000 characters, two coders of 75 each with 50 in common: .664, where a peer says .482."""
    a, b = np.zeros(10_000, dtype=int), np.zeros(10_000, dtype=int)
    a[:75] = 1
    b[25:100] = 1
    assert cohen_kappa(a, b).estimate == pytest.approx(0.664, abs=5e-4)
    union = (a + b) > 0
    assert cohen_kappa(a[union], b[union]).estimate == pytest.approx(-1 / 3, abs=5e-4)


def test_krippendorff_equals_all_pairs(rng):
    """Brute force over pairs of values, with missing ratings, at every level."""
    data = rng.integers(0, 5, size=(30, 4)).astype(float)
    data[:, 1] = np.where(rng.random(30) < 0.6, data[:, 0], data[:, 1])
    data[rng.random(data.shape) < 0.2] = np.nan
    units = [row[~np.isnan(row)] for row in data]
    units = [unit for unit in units if len(unit) >= 2]
    pooled = np.concatenate(units)

    def between(low, high):
        return (
            sum((pooled == v).sum() for v in range(int(low), int(high) + 1))
            - ((pooled == low).sum() + (pooled == high).sum()) / 2
        )

    measures = {
        "nominal": lambda x, y: float(x != y),
        "ordinal": lambda x, y: 0.0 if x == y else between(min(x, y), max(x, y)) ** 2,
        "interval": lambda x, y: (x - y) ** 2,
        "ratio": lambda x, y: 0.0 if x == y else ((x - y) / (x + y)) ** 2,
    }
    for level, apart in measures.items():
        seen = sum(
            sum(apart(x, y) for x, y in itertools.permutations(unit, 2)) / (len(unit) - 1) for unit in units
        ) / len(pooled)
        chance = sum(apart(x, y) for x, y in itertools.permutations(pooled, 2)) / (len(pooled) * (len(pooled) - 1))
        assert krippendorff_alpha(data, level=level).estimate == pytest.approx(1 - seen / chance, rel=1e-10)


def test_linearised_errors_are_those_of_the_jackknife(rng):
    """Infinitesimal and ordinary jackknife agree to first order."""
    truth = rng.integers(0, 3, size=400)
    data = np.where(rng.random((400, 3)) < 0.7, truth[:, None], rng.integers(0, 3, size=(400, 3))).astype(float)
    data[rng.random(400) < 0.2, 0] = np.nan
    for chance in ("none", "fleiss", "gwet", "brennan_prediger"):
        whole = many_coders(patterns_of(list(data.T)), chance)
        left = [many_coders(patterns_of(list(np.delete(data, at, axis=0).T)), chance).estimate for at in range(0, 400)]
        jackknife = math.sqrt(399 / 400 * ((np.array(left) - np.mean(left)) ** 2).sum())
        assert whole.std_error == pytest.approx(jackknife, rel=0.01)


def test_scott_is_fleiss_of_two_and_holsti_is_percent():
    a, b = spread([[20, 5], [10, 15]])
    p = np.array([[0.4, 0.1], [0.2, 0.3]])
    shares = (p.sum(axis=0) + p.sum(axis=1)) / 2
    pe = (shares**2).sum()
    assert scott_pi(a, b).estimate == pytest.approx((0.7 - pe) / (1 - pe))
    assert fleiss_kappa(np.column_stack([a, b])).estimate == scott_pi(a, b).estimate
    assert holsti(a, b).estimate == pytest.approx(0.7)
    assert holsti(a, b).std_error == pytest.approx(percent_agreement(np.column_stack([a, b])).std_error)
    assert cohen_kappa(a, b).estimate == pytest.approx(0.4)


def test_holsti_counts_decisions():
    a, b = [1, 1, 2, np.nan], [1, 2, np.nan, np.nan]
    assert holsti(a, b).estimate == pytest.approx(2 * 1 / (3 + 2))


def test_light_is_the_mean_of_pairs(rng):
    data = rng.integers(0, 2, size=(60, 3))
    pairs = [cohen_kappa(data[:, i], data[:, j]).estimate for i, j in [(0, 1), (0, 2), (1, 2)]]
    assert cohen_pairs(patterns_of(list(data.T)), np.eye(2)).estimate == pytest.approx(np.mean(pairs))


def test_orders_do_not_matter(rng, krippendorffs):
    turned = krippendorffs.iloc[rng.permutation(12)][["D", "A", "C", "B"]]
    for function, options in [
        (fleiss_kappa, {}), (gwet_ac1, {"weights": "linear"}), (krippendorff_alpha, {"level": "interval"})
    ]:  # fmt: skip
        one, other = function(krippendorffs, **options), function(turned, **options)
        assert one.estimate == pytest.approx(other.estimate, rel=1e-12)
        assert one.std_error == pytest.approx(other.std_error, rel=1e-12 if function is not krippendorff_alpha else 0.1)
    rows = krippendorff_alpha(krippendorffs.iloc[rng.permutation(12)], level="ordinal")
    assert rows.ci_low == krippendorff_alpha(krippendorffs, level="ordinal").ci_low


def test_bootstrap_interval_of_units_is_near_the_linearised_one(rng):
    truth = rng.integers(0, 3, size=500)
    data = np.where(rng.random((500, 3)) < 0.8, truth[:, None], rng.integers(0, 3, size=(500, 3)))
    alone = gwet_ac1(data)
    as_clusters = gwet_ac1(data, clusters=np.arange(500))
    assert as_clusters.std_error == pytest.approx(alone.std_error, rel=0.1)
    assert as_clusters.definition["interval"] == "bootstrap_clusters"


def test_transcripts_widen_the_interval(rng):
    """Segments of one interview that share their difficulty: drawing segments understates the error."""
    hard = np.repeat(rng.random(30) < 0.3, 40)
    truth = rng.integers(0, 2, size=1200)
    wrong = rng.random((1200, 2)) < np.where(hard, 0.45, 0.02)[:, None]
    a, b = (np.where(wrong[:, at], 1 - truth, truth) for at in (0, 1))
    within = cohen_kappa(a, b, clusters=np.repeat(np.arange(30), 40))
    assert within.std_error > 1.8 * cohen_kappa(a, b).std_error
    assert within.estimate == cohen_kappa(a, b).estimate


def test_undefined_says_why():
    same = np.ones((10, 2))
    for found in (
        cohen_kappa(same[:, 0], same[:, 1]), fleiss_kappa(same), krippendorff_alpha(same, level="nominal"),
        scott_pi(same[:, 0], same[:, 1]),
    ):  # fmt: skip
        assert math.isnan(found.estimate)
        assert math.isnan(found.ci_low)
        assert "same category" in found.reason or "1 category" in found.reason
        assert found.notes
    apart = np.array([[1, np.nan], [np.nan, 1], [2, np.nan]])
    assert "two coders" in gwet_ac1(apart).reason
    assert "category" in gwet_ac1(same).reason
    assert gwet_ac1(same, categories=[0, 1]).estimate == 1
    assert percent_agreement(same).estimate == 1
    assert any(note.id == "agreement_flat" for note in percent_agreement(same).notes)


def test_text_has_no_order():
    a, b = ["low", "high", "mid", "low"], ["low", "mid", "mid", "high"]
    with pytest.raises(ValueError, match="order"):
        cohen_kappa(a, b, weights="linear")
    with pytest.raises(ValueError, match="order"):
        krippendorff_alpha(pd.DataFrame({"a": a, "b": b}), level="ordinal")
    with pytest.raises(ValueError, match="numbers"):
        krippendorff_alpha(pd.DataFrame({"a": a, "b": b}), level="interval", categories=["low", "mid", "high"])
    right = cohen_kappa(a, b, weights="linear", categories=["low", "mid", "high"])
    assert right.estimate == pytest.approx(cohen_kappa([1, 3, 2, 1], [1, 2, 2, 3], weights="linear").estimate)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: cohen_kappa([1, 2], [1, 2, 3]), "same units"),
        (lambda: cohen_kappa([1, 2], [1, 3], categories=[1, 2]), "Unknown category"),
        (lambda: cohen_kappa([1, 2], [1, 2], weights="cubic"), "must be one of"),
        (lambda: krippendorff_alpha(np.ones((3, 2)), level="cardinal"), "must be one of"),
        (lambda: fleiss_kappa([[1.5, 0], [1, 1]], counts=True), "whole numbers"),
        (lambda: krippendorff_alpha([[1, -2], [1, 1]], level="ratio"), "0 and above"),
        (lambda: gwet_ac1([[1, np.inf], [1, 1]]), "infinite"),
        (lambda: gwet_ac1([[1, 2], [1, 1]], clusters=["a", None]), "missing labels"),
        (lambda: gwet_ac1([[1, 2], [1, 1]], confidence_level=95), "between 0 and 1"),
    ],
)
def test_wrong_use_is_refused(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_one_coder_is_refused():
    with pytest.raises(InsufficientDataError, match="two coders"):
        fleiss_kappa(np.ones((4, 1)))


def test_categories_need_equal_numbers_of_ratings():
    kappas, shares, error = category_kappas(patterns_of([[1, 2, np.nan], [1, 1, 2], [1, 2, 2]]))
    assert np.isnan(kappas).all()
    assert math.isnan(error)
    assert shares.sum() == pytest.approx(1)


def test_fifty_thousand_segments_with_a_hundred_categories(rng):
    truth = rng.integers(0, 100, size=50_000)
    ratings = np.where(rng.random((50_000, 6)) < 0.7, truth[:, None], rng.integers(0, 100, size=(50_000, 6)))
    frame = pd.DataFrame(ratings)
    found = [fleiss_kappa(frame), gwet_ac1(frame), brennan_prediger(frame), percent_agreement(frame)]
    found += [krippendorff_alpha(frame, level="nominal"), cohen_kappa(frame[0], frame[1]), scott_pi(frame[0], frame[1])]
    assert found[0].estimate == pytest.approx(0.49, abs=0.01)
    assert all(one.ci_low < one.estimate < one.ci_high for one in found)


@pytest.fixture
def rng():
    return np.random.default_rng(20260)
