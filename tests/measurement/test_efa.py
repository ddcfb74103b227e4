from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import ConvergenceError, InsufficientDataError
from leadership_study.measurement.efa import efa, run
from leadership_study.results import Result
from leadership_study.samples.moments import moments

METHODS = ("minres", "ml", "paf", "principal")
ROTATIONS = ("none", "varimax", "quartimax", "promax", "oblimin", "quartimin", "geomin")


def planted(n=500, seed=0, k=3, per=4):
    """Answers with k correlated factors."""
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal(np.zeros(k), 0.6 * np.eye(k) + 0.4, n)
    loading = rng.uniform(0.5, 0.9, k * per)
    answers = loading * np.repeat(factors, per, axis=1) + np.sqrt(1 - loading**2) * rng.normal(size=(n, k * per))
    return pd.DataFrame(answers, columns=[f"i{at:02d}" for at in range(k * per)])


def with_gaps(items, share=0.1, seed=1):
    return items.mask(np.random.default_rng(seed).random(items.shape) < share)


WEAK = np.eye(6)  # a matrix whose likelihood has several minima
WEAK[np.tril_indices(6, -1)] = (
    -0.050646, 0.52088, -0.089607, -0.134617, 0.251862, -0.15148, 0.363929, -0.14485, 0.439038, -0.128616, -0.094756,
    0.045638, -0.131621, 0.127549, 0.026999,
)  # fmt: skip
WEAK += np.tril(WEAK, -1).T


def note_ids(found):
    return [note.id for note in found.notes]


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("method", METHODS)
def test_diagonal_of_the_reproduced_matrix_and_uniquenesses_make_one(method, rotation):
    # factor_analyzer 0.5.1 ignores the factor correlations in its communalities.
    found = efa(planted(), 3, method=method, rotation=rotation)
    lam, phi = found.loadings.to_numpy(), found.factor_correlations.to_numpy()
    np.testing.assert_allclose(np.diag(lam @ phi @ lam.T) + found.uniquenesses, 1, atol=1e-12)
    np.testing.assert_allclose(found.communalities + found.uniquenesses, 1, atol=1e-12)
    np.testing.assert_allclose(found.structure, lam @ phi, atol=1e-12)
    np.testing.assert_allclose(found.variance["ss_loadings"].sum(), found.communalities.sum(), rtol=1e-10)
    assert found.variance["cumulative_explained"].iloc[-1] == pytest.approx(1)


@pytest.mark.parametrize("rotation", ["promax", "oblimin", "geomin"])
def test_order_of_items_changes_neither_loadings_nor_which_correlation_belongs_to_which_factors(rotation):
    # factor_analyzer 0.5.1 reorders the loadings without their correlations.
    items = planted(k=3, seed=4)
    found = efa(items, 3, rotation=rotation)
    turned = efa(items.iloc[:, np.random.default_rng(5).permutation(12)], 3, rotation=rotation)
    pd.testing.assert_frame_equal(turned.loadings.loc[items.columns], found.loadings, atol=1e-5, rtol=0)
    pd.testing.assert_frame_equal(turned.factor_correlations, found.factor_correlations, atol=1e-5, rtol=0)


def test_factor_correlations_are_those_of_the_factors_that_the_items_mark():
    # Only the first and the last block correlate: whatever the order of the columns, Φ must say so.
    rng = np.random.default_rng(7)
    factors = rng.multivariate_normal(np.zeros(3), [[1, 0, 0.6], [0, 1, 0], [0.6, 0, 1]], 5000)
    answers = 0.8 * np.repeat(factors, 4, axis=1) + 0.6 * rng.normal(size=(5000, 12))
    found = efa(pd.DataFrame(answers).rename(columns=str), 3)
    primary = found.items["primary_factor"]
    first, middle, last = primary["0"], primary["4"], primary["8"]
    assert len({first, middle, last}) == 3
    assert found.factor_correlations.loc[first, last] == pytest.approx(0.6, abs=0.05)
    assert abs(found.factor_correlations.loc[first, middle]) < 0.06
    assert abs(found.factor_correlations.loc[middle, last]) < 0.06


@pytest.mark.parametrize("method", METHODS)
def test_a_correlation_matrix_gives_what_its_answers_give(method):
    # factor_analyzer 0.5.1 fails this for "principal".
    items = planted()
    raw = efa(items, 3, method=method)
    given = efa(moments(items.corr(), len(items)), 3, method=method)
    for name, table in raw.tables().items():
        if name == "items":
            assert list(given.items["primary_factor"]) == list(table["primary_factor"])
            table = table.drop(columns="primary_factor")
        if name != "summary":
            np.testing.assert_allclose(
                given.tables()[name][table.columns].to_numpy(dtype=float), table.to_numpy(dtype=float), atol=1e-6
            )
    assert given.n == raw.n


def test_shifting_and_stretching_items_changes_nothing():
    items = planted()
    moved = efa(items * np.arange(1, 13) + 100, 3)
    pd.testing.assert_frame_equal(moved.loadings, efa(items, 3).loadings, atol=1e-8, rtol=0)


def test_missing_answers_pairwise_and_listwise():
    items = with_gaps(planted())
    pairwise, listwise = efa(items, 3), efa(items, 3, missing="listwise")
    assert pairwise.n == 500
    assert listwise.n == len(items.dropna()) == listwise.definition["n"]
    assert "pairwise_correlations" in note_ids(pairwise)
    assert "pairwise_correlations" not in note_ids(listwise)
    complete = efa(items.dropna(), 3)
    pd.testing.assert_frame_equal(listwise.loadings, complete.loadings, atol=1e-9, rtol=0)


def test_rows_without_any_answer_count_for_nothing():
    items = planted()
    empty = pd.concat([items, pd.DataFrame(np.nan, index=range(500, 600), columns=items.columns)])
    found, plain = efa(empty, 3), efa(items, 3)
    assert found.n == plain.n == 500
    assert found.fit["chi_square"] == pytest.approx(plain.fit["chi_square"], rel=1e-9)


def test_a_true_model_is_not_rejected_too_often():
    rejected = [efa(planted(seed=seed, n=300), 3, method="ml").fit["p_value"] < 0.05 for seed in range(200)]
    assert 0.01 < np.mean(rejected) < 0.10  # 5 % nominal, three errors of 200 draws


def test_no_more_respondents_than_items_is_refused():
    for n in (8, 12):
        with pytest.raises(InsufficientDataError, match=f"{n} respondents for 12 items") as caught:
            efa(planted(n=n), 2)
        assert caught.value.note.id == "fewer_rows_than_items"
    assert np.isfinite(efa(planted(n=13), 1).fit["rmsr"])


def test_solutions_of_different_starts_are_told():
    names = list("abcdef")
    matrix = pd.DataFrame(WEAK, index=names, columns=names)
    (note,) = [each for each in efa(moments(matrix, 150), 2, method="ml").notes if each.id == "extraction_local_minima"]
    assert note.values["minima"] > 1
    assert "extraction_local_minima" not in note_ids(efa(planted(), 3))


def test_component_communalities_above_one_are_named():
    # Pairwise correlations of different respondents: not positive definite, so the first components take too much.
    matrix = pd.DataFrame([[1, 0.9, 0.9], [0.9, 1, -0.5], [0.9, -0.5, 1]], index=list("abc"), columns=list("abc"))
    found = efa(moments(matrix, 50), 2, method="principal", rotation="none")
    assert found.communalities.max() > 1
    assert "communality_above_one" in note_ids(found)


def test_a_repeated_item():
    items = planted().assign(again=lambda frame: frame["i00"])
    found = efa(items, 3)
    assert "matrix_not_positive_definite" in note_ids(found)
    assert np.isnan(found.fit["objective"])
    np.testing.assert_allclose(found.loadings.loc["again"], found.loadings.loc["i00"], atol=1e-6)


def test_a_heywood_case_is_named_in_a_note():
    matrix = pd.DataFrame(
        [[1, 0.9, 0.8, 0.1], [0.9, 1, 0.5, 0.1], [0.8, 0.5, 1, 0.1], [0.1, 0.1, 0.1, 1.0]], index=list("abcd"),
        columns=list("abcd"),
    )  # fmt: skip
    found = efa(moments(matrix, 100), 1)
    (note,) = [note for note in found.notes if note.id == "heywood_case"]
    assert note.values["items"] == "a"
    assert found.uniquenesses["a"] <= 0.005
    assert "heywood_case" not in note_ids(efa(planted(), 3))


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda items: items.assign(i03=2.0), InsufficientDataError, "i03"),
        (lambda items: items.assign(i03=np.nan), InsufficientDataError, "i03"),
        (lambda items: items.assign(i03=np.inf), ValueError, "i03"),
        (lambda items: items.assign(i03="agree"), TypeError, "i03"),
        (lambda items: items.to_numpy(), TypeError, "DataFrame"),
        (lambda items: items[["i00", "i01"]], InsufficientDataError, "only 2 items"),
        (lambda items: items[["i00"]], InsufficientDataError, "only 1 item,"),
        (lambda items: items.head(1), InsufficientDataError, "at least two are needed"),
        (lambda items: items.head(0), InsufficientDataError, "No respondent"),
    ],
)
def test_unusable_items_are_named(change, error, match):
    with pytest.raises(error, match=match):
        efa(change(planted()), 1)


def test_more_parameters_than_correlations():
    with pytest.raises(InsufficientDataError, match="degrees of freedom -1"):
        efa(planted().iloc[:, :4], 2)
    with pytest.raises(InsufficientDataError, match="too many"):
        efa(planted().iloc[:, :3], 3)
    assert efa(planted().iloc[:, :3], 3, method="principal").n_factors == 3


def test_no_degrees_of_freedom_left():
    found = efa(planted().iloc[:, :3], 1)
    assert found.fit["df"] == 0
    assert np.isnan(found.fit["p_value"])
    assert "efa_no_degrees_of_freedom" in note_ids(found)


@pytest.mark.parametrize("n_factors", [0, -1, 2.0, "3", True])
def test_a_number_of_factors_that_cannot_be(n_factors):
    with pytest.raises(ValueError, match="'n_factors' parameter of efa"):
        efa(planted(), n_factors)


@pytest.mark.parametrize(("n_factors", "match"), [(13, "13 factors are more than the 12 items"), (10, "too many")])
def test_a_number_of_factors_that_these_items_cannot_have(n_factors, match):
    with pytest.raises(InsufficientDataError, match=match):
        efa(planted(), n_factors)


@pytest.mark.parametrize("options", [{"method": "uls"}, {"rotation": "equamax"}, {"missing": "fiml"}])
def test_wrong_options_are_named(options):
    (got,) = options.values()
    with pytest.raises(ValueError, match=f"Got '{got}' instead"):
        efa(planted(), 2, **options)


def test_principal_axes_without_an_optimum_raise():
    # Noise with half as many factors as items: the communalities run away.
    items = pd.DataFrame(np.random.default_rng(1).normal(size=(30, 8))).rename(columns=str)
    with pytest.raises(ConvergenceError, match="4 factors by paf did not converge"):
        efa(items, 4, method="paf")


def test_components_have_no_likelihood():
    found = efa(planted(), 3, method="principal", rotation="varimax")
    assert "components_not_factors" in note_ids(found)
    assert np.isnan(found.fit["chi_square"])
    assert np.isfinite(found.fit["fit"])
    assert "heywood_case" not in note_ids(found)


def test_definition_says_which_variant():
    assert efa(planted(), 3, rotation="promax").definition == {
        "extraction": "minres", "rotation": "promax", "normalization": "kaiser", "matrix": "pearson_correlation",
        "missing": "pairwise", "n": 500, "power": 4.0, "promax_variant": "psych",
    }  # fmt: skip
    assert efa(planted(), 3).definition["normalization"] == "none"
    assert efa(planted(), 1).definition["rotation"] == "none"


def test_results_survive_storing_and_have_unique_rows():
    found = efa(planted(), 3)
    again = Result.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    for name, table in found.tables().items():
        assert table.index.is_unique, name
        assert table.index.name, name
    assert found.to_frame().equals(found.loadings)
    assert "F1" in str(found)
    assert "<table>" in found._repr_html_()


class Scored(SimpleNamespace):
    def expand(self, variables):
        return [item for name in variables for item in (self.items.columns if name == "items" else [name])]

    def frame(self, variables):
        return self.items[self.expand(variables)]


def scored(items, dimensions):
    instrument = SimpleNamespace(dimension_ids=list(dimensions), item_ids=lambda dimension: dimensions[dimension])
    return Scored(items=items, instrument=instrument)


def test_run_takes_as_many_factors_as_dimensions_that_the_items_serve():
    items = planted()
    names = list(items.columns)
    study = scored(items, {"one": names[:4], "two": names[4:8], "three": names[8:]})
    found = run(study)
    assert found.n_factors == 3
    pd.testing.assert_frame_equal(found.loadings, efa(items, 3).loadings)
    assert run(study, items=tuple(names[:8])).n_factors == 2
    assert run(study, n_factors=1).n_factors == 1
    assert found.notes[-1].id == "efa_not_confirmatory"


def test_run_with_one_item_a_dimension_has_too_many_factors():
    items = planted().iloc[:, :4]
    with pytest.raises(InsufficientDataError, match="too many"):
        run(scored(items, {name: [name] for name in items.columns}))


ORDINAL = pd.DataFrame(np.digitize(planted(n=800), [0.3, 0.9, 1.5]) + 1.0, columns=planted(n=2).columns)


def test_polychoric_correlations_undo_what_few_categories_take_away():
    whole, cut = planted(n=800), ORDINAL
    direct, pearson = efa(whole, 3), efa(cut, 3)
    found = efa(cut, 3, correlation="polychoric", missing="listwise")
    assert found.definition["matrix"] == "polychoric_correlation"
    assert "efa_polychoric_fit" in note_ids(found)
    gap = (found.communalities - direct.communalities).abs().mean()
    assert gap < 0.5 * (pearson.communalities - direct.communalities).abs().mean()
    with pytest.raises(InsufficientDataError, match="answers themselves"):
        efa(moments(cut.corr(), 800), 3, correlation="polychoric")
    with pytest.raises(ValueError, match="The 'correlation' parameter"):
        efa(cut, 3, correlation="tetrachoric")


@pytest.mark.parametrize("method", ["regression", "bartlett", "tenBerge"])
def test_scores_follow_order_and_signs_of_the_loadings(method):
    items = planted()
    found = efa(items, 3, scores=method)
    assert found.definition["scores"] == method
    assert list(found.scores.columns) == list(found.loadings.columns)
    # Each factor's scores correlate most with the mean of the items that load on it, and positively.
    for factor in found.loadings:
        own = items[found.items.index[found.items["primary_factor"] == factor]].mean(axis=1).to_numpy()
        with_own = found.scores.apply(lambda score, own=own: np.corrcoef(score, own)[0, 1])
        assert with_own.idxmax() == factor
        assert with_own[factor] > 0.9
    np.testing.assert_allclose(found.scores.mean(), 0, atol=1e-12)
    turned = efa(-items, 3, scores=method)
    pd.testing.assert_frame_equal(turned.scores, -found.scores, atol=1e-8, rtol=0)
    if method == "tenBerge":
        np.testing.assert_allclose(found.scores.corr(), found.factor_correlations, atol=1e-10)
        np.testing.assert_allclose(found.scores.std(), 1, atol=1e-10)


def test_respondents_with_gaps_have_no_scores_and_are_counted():
    items = with_gaps(planted(), share=0.02)
    complete = items.notna().all(axis=1).to_numpy()
    for missing in ("pairwise", "listwise"):
        found = efa(items, 3, scores="regression", missing=missing)
        np.testing.assert_array_equal(found.scores.notna().all(axis=1), complete)
        note = next(str(each) for each in found.notes if each.id == "scores_missing")
        assert note.startswith(f"{(~complete).sum()} respondents")
    listwise = efa(items[complete], 3, scores="regression")
    np.testing.assert_allclose(found.scores[complete], listwise.scores, atol=1e-8)


def test_scores_that_cannot_be_given_say_why():
    items = planted()
    with pytest.raises(InsufficientDataError, match="answers themselves"):
        efa(moments(items.corr(), len(items)), 3, scores="regression")
    with pytest.raises(ValueError, match="no factor scores from polychoric"):
        efa(ORDINAL, 3, correlation="polychoric", scores="regression")
    with pytest.raises(ValueError, match="The 'scores' parameter"):
        efa(items, 3, scores="sum")
    with pytest.raises(InsufficientDataError, match="not positive definite"):
        efa(items.assign(again=items["i00"]), 3, scores="tenBerge")
    with pytest.raises(ValueError, match="different labels"):
        efa(pd.concat([items, items]), 3, scores="regression")


def test_target_rotation_keeps_the_names_and_the_order_of_its_target():
    items = planted()
    target = pd.DataFrame(0.0, index=items.columns[::-1], columns=["late", "early", "middle"])
    for factor, first in (("late", 8), ("early", 0), ("middle", 4)):
        target.loc[[f"i{at:02d}" for at in range(first, first + 4)], factor] = np.nan
    found = efa(items, 3, rotation="target", target=target)
    assert list(found.loadings.columns) == ["late", "early", "middle"]
    assert found.items.loc["i00", "primary_factor"] == "early"
    assert found.items.loc["i11", "primary_factor"] == "late"
    off = found.loadings.where(target.loc[items.columns] == 0).abs()
    assert off.max().max() < 0.12
    with pytest.raises(ValueError, match="items as its index"):
        efa(items, 3, rotation="target", target=target.iloc[1:])
    with pytest.raises(ValueError, match="one column for each"):
        efa(items, 2, rotation="target", target=target)
    with pytest.raises(ValueError, match="needs the 'target'"):
        efa(items, 3, rotation="target")


def test_run_rotates_towards_the_dimensions(scored_lq2002):
    found = run(scored_lq2002, rotation="target", scores="tenBerge")
    assert list(found.loadings.columns) == ["leadership_climate", "task_significance", "hostility"]
    assert found.items.loc["LEAD01", "primary_factor"] == "leadership_climate"
    assert found.scores.index[0] == scored_lq2002.items.index[0]
    again = Result.from_json(found.to_json())
    assert again.to_json() == found.to_json()


@pytest.mark.parametrize("rotation", ["none", "varimax", "promax", "oblimin"])
def test_the_rotation_matrix_leads_from_the_unrotated_loadings_to_the_rotated(rotation):
    items = pd.DataFrame(np.random.default_rng(8).normal(size=(200, 2)).repeat(3, axis=1))
    items = items + np.random.default_rng(9).normal(size=items.shape)
    unrotated, rotated = efa(items, 2, rotation="none"), efa(items, 2, rotation=rotation)
    turn = rotated.rotation_matrix.to_numpy()
    np.testing.assert_allclose(unrotated.loadings.to_numpy() @ turn, rotated.loadings, atol=1e-8)
    np.testing.assert_allclose(np.linalg.inv(turn.T @ turn), rotated.factor_correlations, atol=1e-8)
