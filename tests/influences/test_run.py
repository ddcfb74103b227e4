"""The four analyses on scored answers: what the pipeline calls, and what its tables hold."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences import correlations, descriptives, rater_agreement, regression
from leadership_study.results import Result

BLOCKS = (("task_significance",), ("leadership_climate",))


def notes(result):
    return [note.id for note in result.notes]


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (descriptives, {}),
        (rater_agreement, {}),
        (correlations, {}),
        (regression, {"outcome": "hostility", "blocks": BLOCKS}),
    ],
)
@pytest.mark.parametrize("nested_in", [(), ("company",), ("company", "battalion")])
def test_tables_are_ready_to_be_stored(scored_of, module, options, nested_in):
    """Every table has named index levels of unique text, and survives JSON exactly."""
    scored = scored_of(nested_in, weights=1.0)
    if module is rater_agreement and not nested_in:
        with pytest.raises(InsufficientDataError, match="not nested"):
            module.run(scored)
        return
    result = module.run(scored, **options)
    assert "weights_not_used" in notes(result)
    assert result.to_frame() is not None
    back = Result.from_json(result.to_json())
    for name, table in result.tables().items():
        assert table.index.is_unique
        assert None not in table.index.names
        assert all(isinstance(part, str) for key in table.index for part in (key if isinstance(key, tuple) else (key,)))
        pd.testing.assert_frame_equal(back.tables()[name], table, check_index_type=len(table) > 0)
    assert str(back) == str(result)


def test_descriptives(scored_of, lq2002):
    result = descriptives.run(scored_of())
    assert list(result.scales.index) == ["leadership_climate", "task_significance", "hostility"]
    hostility = result.scales.loc["hostility"]
    assert (hostility["low"], hostility["high"]) == (0, 4)
    assert hostility["score_rate"] == pytest.approx(hostility["mean"] / 4)
    assert result.scales.loc["task_significance", "score_rate"] == pytest.approx(
        (result.scales.loc["task_significance", "mean"] - 1) / 4
    )
    assert result.items.loc["LEAD01", "dimension"] == "leadership_climate"
    assert result.frequencies.loc[("HOSTIL02", "0"), "n"] == 1376
    assert result.groups.loc["company"].tolist() == [49, pytest.approx(2042 / 49), 10, 99]
    assert result.n_complete == 2042
    assert list(descriptives.run(scored_of(), dimensions=("hostility",)).items.index) == [
        f"HOSTIL{at:02d}" for at in range(1, 6)
    ]


def test_descriptives_of_sums_know_their_ends(scored_of):
    from dataclasses import replace

    from leadership_study.scoring import ScoringRule

    scored = scored_of()
    summed = replace(scored, scales=scored.scales * [11, 3, 5], rule=ScoringRule(method="sum"))
    table, means = descriptives.run(summed).scales, descriptives.run(scored).scales
    assert table.loc["leadership_climate", ["low", "high"]].tolist() == [11, 55]
    assert table["score_rate"].to_numpy() == pytest.approx(means["score_rate"].to_numpy())


def test_an_unanswered_item_does_not_stop_the_rest(scored_of):
    result = descriptives.run(scored_of(replace={"TSIG01": np.nan}))
    assert result.missing.loc["TSIG01", "missing_share"] == 1
    assert result.n_complete == 0
    assert notes(result) == ["variables_without_answers"]
    assert result.frequencies.loc["TSIG01", "n"].sum() == 0


def test_agreement_by_dimension(scored_of, reference):
    result = rater_agreement.run(scored_of())
    value = reference("lq2002")
    for dimension, name in (("leadership_climate", "LEAD"), ("task_significance", "TSIG"), ("hostility", "HOSTILE")):
        row = result.table.loc[dimension]
        assert row["icc1"] == pytest.approx(value(f"icc.aov.{name}")["ICC1"])
        assert row["rwg_j_median"] == pytest.approx(value(f"rwgj.uniform.{name}")["median"])
        assert row["rwg_j_share"] == pytest.approx(value(f"rwgj.uniform.{name}")["pct_ge_70"])
        assert len(result.groups.loc[dimension]) == 49
    assert result.table.loc["leadership_climate", "rwg_j_verdict"] == "strong"
    assert result.table.loc["leadership_climate", "icc1_verdict"] == "small"
    assert result.table.loc["leadership_climate", "icc2_verdict"] == "acceptable"
    groups = result.groups
    assert (groups["ci_low"] < groups["mean"]).all()
    assert (groups["mean"] < groups["ci_high"]).all()


def test_agreement_counts_the_level_between(scored_of):
    nested = rater_agreement.run(scored_of(("company", "battalion")))
    assert nested.definition["group"] == "battalion"
    assert nested.definition["units"] == "company"
    assert "three_levels" in nested.variants.index.get_level_values("variant")
    inner = rater_agreement.run(scored_of(("company", "battalion")), group="company")
    assert "units" not in inner.definition
    assert (nested.table["df2"] == 49 - 7).all()


def test_one_dimension_that_fails_does_not_sink_the_others(scored_of):
    result = rater_agreement.run(scored_of(replace={f"TSIG{at:02d}": 3 for at in (1, 2, 3)}))
    assert list(result.table.index) == ["leadership_climate", "hostility"]
    note = next(note for note in result.notes if note.id == "dimension_not_estimated")
    assert str(note).startswith("task_significance is left out: Every rater gave the same answer")
    with pytest.raises(InsufficientDataError, match="one group"):
        rater_agreement.run(scored_of(replace={"COMPID": 1}))


def test_correlations_say_what_nesting_does(scored_of):
    result = correlations.run(scored_of())
    note = next(note for note in result.notes if note.id == "correlations_ignore_nesting_effect")
    assert note.values["design_effect"] > 4
    assert len(result.levels) == 3
    assert (result.pairs["adjusted_p_value"] >= result.pairs["p_value"]).all()
    alone = correlations.run(scored_of(()))
    assert notes(alone) == []
    assert alone.levels.empty
    partial = correlations.run(scored_of(), partial=("task_significance",))
    assert list(partial.pairs.index) == ["leadership_climate – hostility"]
    assert "task_significance" in partial.definition["partial"]


def test_correlations_leave_out_what_does_not_vary(scored_of):
    result = correlations.run(scored_of(replace={f"TSIG{at:02d}": 3 for at in (1, 2, 3)}))
    assert list(result.pairs.index) == ["leadership_climate – hostility"]
    assert "constant_left_out" in notes(result)
    with pytest.raises(PlanError, match="'words' are words"):
        correlations.run(scored_of(), variables=("dimensions", "words"))
    one = correlations.run(scored_of(replace={"COMPID": 1}))
    assert one.levels.empty


def test_regression_defaults_fit_the_answers(scored_of, reference):
    result = regression.run(scored_of(), outcome="hostility", blocks=BLOCKS)
    rows = {row["term"]: row for row in reference("lq2002_few_clusters")("cluster_robust.all")["CR2"]}
    assert result.definition["covariance"] == "CR2"
    assert result.coefficients.loc["leadership_climate", "std_error"] == pytest.approx(rows["LEAD"]["se"], rel=1e-6)
    assert list(result.steps["added"]) == ["task_significance", "leadership_climate"]
    assert regression.run(scored_of(()), outcome="hostility", blocks=BLOCKS).definition["covariance"] == "HC3"
    few = regression.run(scored_of(("company", "battalion")), outcome="hostility", blocks=BLOCKS)
    assert few.definition["n_clusters"] == 7
    assert "few_clusters_bootstrapped" in notes(few)
    inner = regression.run(scored_of(("company", "battalion")), outcome="hostility", blocks=BLOCKS, group="company")
    assert inner.definition["n_clusters"] == 49


def test_regression_makes_dummies_in_the_order_of_the_questionnaire(scored_of):
    result = regression.run(scored_of(), outcome="hostility", blocks=(("rank", "number"), ("leadership_climate",)))
    terms = ["intercept", "rank[sergeant]", "rank[officer]", "number", "leadership_climate"]
    assert list(result.coefficients.index) == terms
    assert notes(result) == ["rows_left_out", "reference_level"]
    assert str(result.notes[1]) == "The levels of rank are compared with private."
    assert (result.steps["n"] == 2042 - 20).all()
    ordered = regression.run(scored_of(), outcome="hostility", blocks=BLOCKS, order="number")
    assert 1.5 < ordered.diagnostics["durbin_watson"] < 2.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"outcome": "hostility", "blocks": (("dimensions",),)}, "also a predictor"),
        ({"outcome": "hostility", "blocks": (("words",),)}, "cannot be a predictor"),
        ({"outcome": "hostility", "blocks": BLOCKS, "group": "regiment"}, "regiment"),
        ({"outcome": "hostility", "blocks": (("leadership",),)}, "leadership_climate"),
    ],
)
def test_plans_that_make_no_sense(scored_of, options, message):
    with pytest.raises(PlanError, match=message):
        regression.run(scored_of(), **options)


def test_options_are_bound_from_a_plan():
    """Every option of ``run`` is keyword-only and typed, so that a plan can be checked before data are read."""
    import inspect

    for module in (descriptives, rater_agreement, correlations, regression):
        _, *options = inspect.signature(module.run).parameters.values()
        assert all(option.kind is option.KEYWORD_ONLY for option in options)
        assert all(option.annotation is not option.empty for option in options)


def test_correlations_do_not_blame_nesting_that_does_nothing(scored_of):
    alike = scored_of(replace={"COMPID": np.arange(2042) // 2})  # pairs of neighbours on an arbitrary list
    (note,) = correlations.run(alike).notes
    effect = note.values.get("design_effect", 1.0)
    assert (note.id == "correlations_ignore_nesting_effect") == (effect > 1.05)
    constant = scored_of(replace={"COMPID": 1})
    assert notes(correlations.run(constant)) == ["correlations_ignore_nesting"]


def test_one_variable_is_not_estimated_rather_than_an_error(scored_of):
    with pytest.raises(InsufficientDataError, match="nothing to set beside hostility"):
        correlations.run(scored_of(), variables=("hostility",))
    with pytest.raises(InsufficientDataError, match="hostility"):
        correlations.run(scored_of(), variables=("hostility", "leadership_climate"), partial=("leadership_climate",))


def test_an_ordinal_question_counts_as_ranks(scored_of):
    scored = scored_of()
    result = correlations.run(scored, variables=("hostility", "rank"), method="spearman")
    order = {"private": 1.0, "sergeant": 2.0, "officer": 3.0}
    ranks = scored.background["rank"].astype(object).map(order).astype(float)
    expected = scored.scales["hostility"].corr(ranks, method="spearman")
    assert result.correlations.loc["hostility", "rank"] == pytest.approx(expected)
    note = next(note for note in result.notes if note.id == "ordinal_as_ranks")
    assert note.values == {"variables": "rank"}
    assert "ordinal_as_ranks" not in notes(correlations.run(scored))


def test_cluster_errors_need_groups_in_the_plan(scored_of):
    with pytest.raises(PlanError, match="set `nested_in` or `group`, or leave `covariance` out"):
        regression.run(scored_of(()), outcome="hostility", blocks=BLOCKS, covariance="CR2")
    named = regression.run(scored_of(()), outcome="hostility", blocks=BLOCKS, covariance="CR2", group="company")
    assert named.definition["n_clusters"] == 49


def test_rows_received_are_not_called_n(scored_of):
    definition = descriptives.run(scored_of()).definition
    assert definition["n_rows"] == 2042
    assert "n" not in definition
