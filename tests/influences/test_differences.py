"""The whole table of dimensions by background questions: as one comparison at a time, corrected once."""

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import InsufficientDataError, PlanError
from leadership_study.influences.differences import run
from leadership_study.influences.groups import run as compare
from leadership_study.results import Result
from leadership_study.samples.multiplicity import adjusted


def test_every_row_is_the_comparison_by_itself(scored_of):
    scored = scored_of(nested_in=())
    result = run(scored, variables=("rank", "battalion"))
    assert list(result.tests.index)[:2] == [("leadership_climate", "rank"), ("leadership_climate", "battalion")]
    assert len(result.tests) == result.definition["family"] == 6
    for (outcome, variable), row in result.tests.iterrows():
        one = compare(scored, outcome=outcome, group=variable)
        test = one.test.iloc[0]
        assert [row["statistic"], row["p_value"], row["n"]] == [test["statistic"], test["p_value"], one.n]
        means = result.means.sort_index(level=[0, 1], sort_remaining=False).loc[outcome, variable]
        assert means["mean"].to_numpy() == pytest.approx(one.groups["mean"].to_numpy())
        assert row["equivalence_p_value"] == one.equivalence["p_value"].max()
    p = result.tests["p_value"].to_numpy()
    assert result.tests["adjusted_p_value"].to_numpy() == pytest.approx(adjusted(p, "holm"))
    assert (result.tests["adjusted_p_value"] >= result.tests["p_value"]).all()


def test_pairs_stand_only_where_the_corrected_test_is_significant(scored_of):
    result = run(scored_of(nested_in=()), variables=("rank", "battalion"))
    shown = {key[:2] for key in result.pairs.index}
    assert shown == set(result.tests.index[result.tests["adjusted_p_value"] < 0.05])
    assert all(" – " in pair and "[" not in pair for *_, pair in result.pairs.index)


def test_nested_answers_are_allowed_for(scored_of):
    result = run(scored_of(), variables=("rank",))
    assert (result.tests["test"] == "cluster_robust").all()
    assert result.tests["mixed_model_p_value"].notna().all()
    assert result.definition["nested_in"] == "company"


def test_questions_without_groups_are_named(scored_of):
    result = run(scored_of())
    note = next(note for note in result.notes if note.id == "differences_no_groups")
    assert note.values["variables"] == "words, number"
    with pytest.raises(InsufficientDataError) as error:
        run(scored_of(), variables=("words",))
    assert error.value.note.id == "differences_nothing"
    with pytest.raises(PlanError, match="words"):
        run(scored_of(), outcomes=("rank",))


def test_a_planted_difference_is_found_and_a_planted_absence_called_equivalent(scored_of, lq2002):
    rng = np.random.default_rng(4)
    scored = scored_of(nested_in=())
    rank = scored.background["rank"]
    scored.scales["hostility"] = rng.normal(size=len(rank)) + 0.6 * (rank == "officer").to_numpy()
    scored.scales["task_significance"] = np.tile([-1.0, 0.0, 1.0], len(rank) // 3 + 1)[: len(rank)]
    scored.scales["task_significance"] = rng.permutation(scored.scales["task_significance"])
    verdicts = run(scored, variables=("rank",)).tests["verdict"]
    assert verdicts["hostility", "rank"] == "different"
    assert verdicts["task_significance", "rank"] in ("equivalent", "undecided")


def test_survives_json(scored_of):
    for options in ({}, {"by": "ranks"}):
        result = run(scored_of(), variables=("rank",), **options)
        back = Result.from_json(result.to_json())
        for name, table in result.tables().items():
            pd.testing.assert_frame_equal(back.tables()[name], table, check_index_type=len(table) > 0)
