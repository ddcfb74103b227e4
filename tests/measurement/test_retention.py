import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError
from leadership_study.measurement.retention import factors_to_retain, minimum_average_partial, parallel_analysis
from leadership_study.results import Result
from leadership_study.samples.contingency import categories
from leadership_study.samples.factor_counts import empirical_kaiser, hull, optimal_coordinates
from leadership_study.samples.factoring import squared_multiple_correlations
from leadership_study.samples.moments import moments
from leadership_study.samples.random_correlations import normal_correlations, permuted_correlations
from leadership_study.samples.random_polychorics import drawn_polychorics, permuted_polychorics

TESTS = Path(__file__).parents[1]
DATA = {
    "lq2002": (TESTS.parent / "data" / "raw" / "lq2002" / "lq2002.csv", "LEAD|TSIG|HOSTIL"),
    "holzinger": (TESTS / "data" / "holzinger.csv", r"x\d"),
    "bfi": (TESTS.parent / "data" / "raw" / "bfi" / "bfi.csv", r"[ACENO]\d"),
}


@cache
def sections(name):
    return json.loads((TESTS / "reference" / f"{name}.json").read_text("utf-8"))


def value(name, section):
    return sections(name)[f"nfactors.{section}"]["value"]


@cache
def items_of(name):
    path, pattern = DATA[name]
    return pd.read_csv(path).filter(regex=f"^({pattern})")


@pytest.mark.parametrize("name", DATA)
def test_every_value_of_horns_analysis(name):
    expected = value(name, "parallel_pca_horn")
    found = parallel_analysis(items_of(name), replicates=1000, missing="listwise", seed=1)
    assert found.n == expected["n"]
    assert len(found.components) == expected["p"]
    np.testing.assert_allclose(found.eigenvalues, expected["actual"], rtol=1e-10)
    sd = np.array(expected["sim_sd"])
    # Two simulations of 1000 draws: the difference of their means has error sd·√(2/1000), of the 95 % quantiles about
    # twice that; five errors for the largest of some 20 comparisons.
    np.testing.assert_array_less(abs(found.components["reference_mean"] - expected["sim_mean"]), 5 * sd * 0.0447)
    np.testing.assert_array_less(abs(found.reference - expected["sim_q95"]), 5 * sd * 0.095)
    assert found.n_factors == expected["retained_q95"]
    by_mean = parallel_analysis(items_of(name), replicates=1000, missing="listwise", criterion="mean", seed=1)
    assert by_mean.n_factors == expected["retained_mean"]
    assert set(expected) == {"n", "p", "actual", "sim_mean", "sim_sd", "sim_q95", "retained_q95", "retained_mean"}


@pytest.mark.parametrize("name", DATA)
def test_every_value_of_psychs_parallel_analysis(name):
    expected = dict(value(name, "parallel_minres_n100"))
    components = parallel_analysis(items_of(name), seed=2)
    factors = parallel_analysis(items_of(name), basis="factors", seed=2)
    np.testing.assert_allclose(components.eigenvalues, expected.pop("pc_values"), rtol=1e-10)
    np.testing.assert_allclose(factors.eigenvalues, expected.pop("fa_values"), atol=1e-4)  # psych's minres
    shuffled = parallel_analysis(items_of(name), resample="permutation", replicates=40, seed=2)
    shuffled_factors = parallel_analysis(items_of(name), resample="permutation", basis="factors", replicates=40, seed=2)
    # What psych returns under these names are means, whatever quantile it decides by: its pc.sim is Horn's sim_mean to
    # the error of 100 draws. The first reduced eigenvalue has a heavy tail (samples with a Heywood case), so its mean
    # of 100 or 40 draws is rough.
    horn = value(name, "parallel_pca_horn")
    if horn["n"] == components.n:
        apart = abs(np.array(expected["pc_sim_q95"]) - horn["sim_mean"])
        np.testing.assert_array_less(apart, 0.5 * np.array(horn["sim_sd"]))
    for ours, theirs in (
        (components, "pc_sim_q95"), (shuffled, "pc_resampled_q95"),
        (factors, "fa_sim_q95"), (shuffled_factors, "fa_resampled_q95"),
    ):  # fmt: skip
        band, mean = expected.pop(theirs), ours.components["reference_mean"]
        np.testing.assert_allclose(mean.iloc[1:], band[1:], atol=0.02)
        assert mean.iloc[0] == pytest.approx(band[0], abs=0.02 if ours.definition["basis"] == "components" else 0.12)
    assert components.n_factors == expected.pop("ncomp")
    assert factors.n_factors == expected.pop("nfact")
    assert expected.pop("n_iter") == 100
    assert expected.pop("seed") == 20240501  # does not carry over
    assert expected == {}


@pytest.mark.parametrize("name", DATA)
def test_minimum_average_partial_of_psych(name):
    expected = value(name, "vss_map")
    found = minimum_average_partial(items_of(name))
    np.testing.assert_allclose(found.values.loc["1":"8"], expected["map"], rtol=1e-8)
    assert found.n_factors == expected["map_n"]
    # vss1, vss2 and stats belong to the very simple structure, which is not offered


@pytest.mark.parametrize("name", DATA)
def test_eigenvalues_and_kaisers_rule(name):
    expected = value(name, "eigen")
    found = factors_to_retain(items_of(name), replicates=4, seed=1)
    np.testing.assert_allclose(found.eigenvalues["eigenvalue"], expected["pairwise_cor_eigenvalues"], rtol=1e-10)
    assert (
        found.votes.loc["kaiser", "n_factors"]
        == expected["kaiser_n"]
        == value(name, "nFactors")["components"]["nkaiser"]
    )
    complete = factors_to_retain(items_of(name), replicates=4, missing="listwise", seed=1)
    np.testing.assert_allclose(complete.eigenvalues["eigenvalue"], expected["complete_cor_eigenvalues"], rtol=1e-10)
    reduced = items_of(name).corr().to_numpy(copy=True)
    np.fill_diagonal(reduced, squared_multiple_correlations(reduced))
    np.testing.assert_allclose(np.linalg.eigvalsh(reduced)[::-1], expected["reduced_eigenvalues_smc"], atol=1e-10)


def test_drawn_scatter_matrices_are_distributed_as_those_of_drawn_answers():
    n, p = 12, 4
    drawn = np.linalg.eigvalsh(normal_correlations(n, p, 4000, 5))[:, ::-1]
    answers = np.random.default_rng(6).standard_normal((4000, n, p))
    answers -= answers.mean(axis=1, keepdims=True)
    scatter = answers.transpose(0, 2, 1) @ answers
    scale = np.sqrt(np.diagonal(scatter, axis1=1, axis2=2))
    plain = np.linalg.eigvalsh(scatter / (scale[:, :, None] * scale[:, None, :]))[:, ::-1]
    for quantile in (0.05, 0.5, 0.95):
        apart = np.quantile(drawn, quantile, axis=0) - np.quantile(plain, quantile, axis=0)
        assert abs(apart).max() < 0.03  # five errors of a quantile of 4000 draws
    np.testing.assert_allclose(drawn.sum(axis=1), p, atol=1e-12)


def test_replicates_are_the_same_however_many_are_drawn():
    np.testing.assert_array_equal(normal_correlations(40, 5, 60, 9), normal_correlations(40, 5, 170, 9)[:60])
    answers = np.random.default_rng(1).normal(size=(30, 4))
    np.testing.assert_array_equal(permuted_correlations(answers, 52, 9), permuted_correlations(answers, 70, 9)[:52])


def test_the_seed_matters_and_suffices():
    items = items_of("holzinger")
    assert parallel_analysis(items, seed=1).to_json() == parallel_analysis(items, seed=1).to_json()
    assert not parallel_analysis(items, seed=1).reference.equals(parallel_analysis(items, seed=2).reference)


def test_shuffled_correlations_with_missing_answers_are_pandas_own():
    answers = np.random.default_rng(2).normal(size=(40, 3))
    answers[::7, 0] = answers[::5, 2] = np.nan
    first = permuted_correlations(answers, 1, 4)[0]
    from leadership_study.samples.random_correlations import streams

    shuffled = next(streams(1, 4))[0].permuted(answers - np.nanmean(answers, axis=0), axis=0)
    np.testing.assert_allclose(first, pd.DataFrame(shuffled).corr(), atol=1e-12)


def planted(k, n=400, per=4, seed=0):
    rng = np.random.default_rng(seed)
    answers = 0.8 * np.repeat(rng.normal(size=(n, k)), per, axis=1) + 0.6 * rng.normal(size=(n, k * per))
    return pd.DataFrame(answers, columns=[f"i{at}" for at in range(k * per)])


RULES = ["kaiser", "parallel_components", "parallel_factors", "minimum_average_partial", "empirical_kaiser", "hull"]


@pytest.mark.parametrize("k", [1, 2, 4])
def test_planted_factors_are_found_again(k):
    found = factors_to_retain(planted(k), seed=1)
    # One factor of four items: too few numbers of factors to try for a hull. Equally strong factors make no line for
    # the optimal coordinates, which then stop at the first.
    rules = RULES if k > 1 else RULES[:-1]
    assert found.votes.loc[rules, "n_factors"].tolist() == [k] * len(rules)
    assert ("hull" in found.votes.index) == (k > 1)
    assert found.votes.loc["acceleration", "n_factors"] == k
    assert found.n_factors == k


@pytest.mark.parametrize("name", DATA)
def test_every_value_of_nfactors(name):
    expected = value(name, "nFactors")
    analysis = pd.DataFrame(expected["analysis"])
    eigenvalues, reference = analysis["Eigenvalues"].to_numpy(), analysis["Par.Analysis"].to_numpy()
    found = factors_to_retain(items_of(name), missing="listwise", replicates=400, seed=5)
    np.testing.assert_allclose(found.eigenvalues["eigenvalue"], eigenvalues, rtol=1e-10)
    np.testing.assert_allclose(eigenvalues / len(eigenvalues), analysis["Prop"], rtol=1e-10)
    np.testing.assert_allclose(np.cumsum(eigenvalues) / len(eigenvalues), analysis["Cumu"], rtol=1e-10)
    sd = np.array(value(name, "parallel_pca_horn")["sim_sd"])
    np.testing.assert_array_less(abs(found.eigenvalues["reference_quantile"] - reference), 6 * sd * 0.17)
    np.testing.assert_allclose(found.eigenvalues["optimal_coordinate"], analysis["Pred.eig"].astype(float), rtol=1e-10)
    np.testing.assert_allclose(found.eigenvalues["acceleration"], analysis["Acc.factor"].astype(float), atol=1e-10)
    names = {
        "noc": "optimal_coordinates",
        "naf": "acceleration",
        "nparallel": "parallel_components",
        "nkaiser": "kaiser",
    }
    assert {ours: found.votes.loc[ours, "n_factors"] for ours in names.values()} == {
        ours: expected["components"][theirs] for theirs, ours in names.items()
    }
    assert optimal_coordinates(eigenvalues, reference)[0] == expected["components"]["noc"]
    assert list(analysis["OC"]).index("(< OC)") == expected["components"]["noc"] - 1
    assert list(analysis["AF"]).index("(< AF)") == expected["components"]["naf"] - 1
    assert set(analysis) == {
        "Eigenvalues", "Prop", "Cumu", "Par.Analysis", "Pred.eig", "OC", "Acc.factor", "AF",
    }  # fmt: skip


def test_empirical_kaiser_by_hand():
    # p = 4, n = 100: (1 + .2)² = 1.44; then 1.44·(4 − 2)/3 = .96 → 1; then 1.
    count, reference = empirical_kaiser(np.array([2.0, 1.05, 0.6, 0.35]), 100)
    np.testing.assert_allclose(reference, [1.44, 1.0, 1.0, 1.0])
    assert count == 2


def test_hull_takes_the_sharpest_corner():
    found = hull(planted(3, n=1000).corr().to_numpy(), 5)
    assert found.n_factors == 3
    assert found.elbow[3] == np.nanmax(found.elbow)
    assert np.isnan(found.elbow[[0, 5]]).all()
    assert found.fit.argmax() >= 3
    assert hull(planted(1).corr().to_numpy(), 1).n_factors is None


ORDINAL = pd.DataFrame(
    np.digitize(
        0.75 * np.repeat(np.random.default_rng(12).normal(size=(500, 2)), 4, axis=1)
        + 0.66 * np.random.default_rng(13).normal(size=(500, 8)),
        [0.6, 1.1, 1.7],
    ) + 1.0,
    columns=list("abcdefgh"),
)  # fmt: skip


@pytest.mark.parametrize("resample", ["normal", "permutation"])
@pytest.mark.parametrize("basis", ["components", "factors"])
def test_polychoric_parallel_analysis_finds_planted_factors(resample, basis):
    found = parallel_analysis(ORDINAL, correlation="polychoric", resample=resample, basis=basis, replicates=20, seed=2)
    assert found.n_factors == 2
    assert found.definition["matrix"] == "polychoric_correlation"
    pearson = parallel_analysis(ORDINAL, basis=basis, replicates=20, seed=2)
    assert found.eigenvalues.iloc[0] > pearson.eigenvalues.iloc[0]
    # Polychoric correlations of few categories scatter more, so chance reaches further.
    assert found.components["reference_mean"].iloc[0] > pearson.components["reference_mean"].iloc[0]


def test_the_first_replicates_do_not_depend_on_how_many_follow():
    coded = categories(ORDINAL.to_numpy())
    for draw in (drawn_polychorics, permuted_polychorics):
        np.testing.assert_array_equal(draw(coded, 53, 7)[:3], draw(coded, 3, 7))
        np.testing.assert_array_equal(draw(coded, 53, 7)[50:], draw(coded, 60, 7)[50:53])
        assert not np.array_equal(draw(coded, 2, 7), draw(coded, 2, 8))


def test_polychorics_need_answers():
    with pytest.raises(InsufficientDataError, match="answers themselves"):
        parallel_analysis(moments(ORDINAL.corr(), 500), correlation="polychoric", seed=1)


def test_random_items_have_no_factor():
    items = pd.DataFrame(np.random.default_rng(3).normal(size=(500, 8)))
    found = factors_to_retain(items, replicates=400, seed=1)
    assert found.n_factors == 0
    assert {"retention_no_factor", "retention_criteria_disagree"} <= {note.id for note in found.notes}
    assert found.votes.loc["kaiser", "n_factors"] > 2


def test_the_basis_says_who_decides():
    found = factors_to_retain(items_of("lq2002"), basis="factors", seed=1)
    assert found.votes.index[found.votes["decides"]].tolist() == ["parallel_factors"]
    assert (
        found.n_factors
        == found.votes.loc["parallel_factors", "n_factors"]
        != found.votes.loc["parallel_components", "n_factors"]
    )


def test_moments_give_what_the_answers_give():
    items = items_of("holzinger")
    given = moments(items.corr(), len(items))
    found, raw = parallel_analysis(given, seed=3), parallel_analysis(items, seed=3)
    np.testing.assert_allclose(found.eigenvalues, raw.eigenvalues, rtol=1e-12)
    pd.testing.assert_series_equal(found.reference, raw.reference)
    assert minimum_average_partial(given).n_factors == minimum_average_partial(items).n_factors
    with pytest.raises(InsufficientDataError, match="answers themselves"):
        parallel_analysis(given, resample="permutation", seed=3)


def test_no_more_respondents_than_items_is_refused():
    for n in (6, 8):
        for analysis in (factors_to_retain, parallel_analysis):
            with pytest.raises(InsufficientDataError, match="more respondents than items"):
                analysis(planted(2, n=n), seed=1)


def test_shuffling_gaps_until_no_pair_is_left_is_refused():
    rng = np.random.default_rng(2)
    answers = pd.DataFrame(rng.integers(1, 6, (14, 5)).astype(float), columns=list("abcde"))
    answers = answers.mask(rng.random((14, 5)) < 0.35)
    with pytest.raises(InsufficientDataError, match="no respondents in common") as caught:
        parallel_analysis(answers, seed=1, replicates=30, resample="permutation")
    assert caught.value.note.id == "permutation_pairs_too_small"


def test_repeated_items_still_have_eigenvalues():
    repeated = planted(2).assign(again=lambda frame: frame["i0"])
    found = factors_to_retain(repeated, seed=1)
    assert found.n_factors == 2
    assert "matrix_not_positive_definite" in [note.id for note in found.notes]


@pytest.mark.parametrize(
    ("options", "name"),
    [({"basis": "component"}, "basis"), ({"resample": "boot"}, "resample"), ({"criterion": "q"}, "criterion"),
     ({"correlation": "kendall"}, "correlation"),
     ({"replicates": 1}, "replicates"), ({"quantile": 95}, "quantile"), ({"missing": "fiml"}, "missing")],
)  # fmt: skip
def test_wrong_options_are_named(options, name):
    with pytest.raises(ValueError, match=f"The '{name}' parameter"):
        parallel_analysis(planted(1), seed=1, **options)


def test_too_few_items():
    with pytest.raises(InsufficientDataError, match="only 2 items"):
        minimum_average_partial(planted(1).iloc[:, :2])


def test_results_survive_storing():
    items = items_of("holzinger")
    for found in (factors_to_retain(items, seed=1), parallel_analysis(items, seed=1), minimum_average_partial(items)):
        again = Result.from_json(found.to_json())
        assert again.to_json() == found.to_json()
        assert str(again) == str(found)
        assert all(table.index.is_unique for table in found.tables().values())
