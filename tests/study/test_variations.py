"""A headline is computed with and without the flagged respondents, a block with imputations on imputed data sets."""

import numpy as np
import pandas as pd
import pytest
from small_study import DRAW, HEAD, MEANS, tree

import leadership_study as ls
from leadership_study.results import Note, NotEstimated
from leadership_study.study.compared import compare
from leadership_study.study.complete import run_study
from leadership_study.study.options import analysis
from leadership_study.study.variations import flagged_by, steps_of


def opened(project):
    return ls.open_study(project.study_file("small"))


def run(project):
    return run_study(project, "small", lambda *_: None)


@pytest.fixture
def careless(project, replan):
    """Five respondents fail an attention check, twelve others leave an item out."""
    questionnaire = project.questionnaire_file("small")
    check = '\n[[attention_check]]\nid = "check_1"\nexpected = 4\nen = "Tick 4"\nzh = "选4"\n'
    questionnaire.write_text(questionnaire.read_text("utf-8") + check, encoding="utf-8")
    path = project.raw("small") / "responses.csv"
    rows = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    at = rows[0].index("str_01")
    rows[0].append("check_1")
    for number, row in enumerate(rows[1:]):
        row.append("1" if number < 5 else "4")
        if number < 5:
            row[at : at + 4] = ["5"] * 4
    for number, row in enumerate(rows[10:22]):
        row[at + number % 4] = ""
    path.write_text("\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    replan(HEAD + "[screening]\nmin_flags = 1\n" + MEANS + "headline = true\n" + DRAW)
    return project


def test_a_headline_is_three_results(careless):
    study = opened(careless)
    assert [step.id for step in study.steps()] == ["means", "means-without_flagged", "means-compared", "tiny_draw"]
    results = study.run()
    flagged = flagged_by(study.scored(), 1)
    assert flagged.iloc[:5].all()
    assert flagged.sum() == 5
    scales = study.scored().scales
    everybody, without = scales["structural"].mean(), scales.loc[~flagged, "structural"].mean()
    compared = results["means-compared"].compared.loc["structural"]
    assert compared["mean"] == pytest.approx(everybody, abs=1e-12)
    assert compared["without_flagged_mean"] == pytest.approx(without, abs=1e-12)
    assert compared["difference_mean"] == pytest.approx(without - everybody, abs=1e-12)
    assert results.reference("means-compared.summary.n_flagged.value") == flagged.sum()


def test_it_is_stored_and_reported_and_the_next_run_finds_it_unchanged(careless):
    run(careless)
    made = tree(careless.root)
    names = [name.rpartition("/")[2] for name in made]
    assert {"means.json", "means-without_flagged.json", "means-compared.json", "means-compared.compared.csv"} <= set(
        names
    )
    assert "flags.csv" in names
    page = made["reports/small/report.en.html"].decode()
    assert "with and without the flagged respondents" in page
    assert run(careless).unchanged
    for path in careless.processed("small").glob("*.json"):
        path.unlink()
    again = run(careless)
    assert not again.computed
    assert tree(careless.root) == made


def test_another_number_of_flags_computes_the_headline_again_and_nothing_else(careless, replan):
    before = opened(careless).fingerprints()
    replan(HEAD + "[screening]\nmin_flags = 2\n" + MEANS + "headline = true\n" + DRAW)
    after = opened(careless).fingerprints()
    assert {name for name in after if after[name] != before[name]} == {
        "means", "means-without_flagged", "means-compared",
    }  # fmt: skip


def test_nobody_flagged_is_said(project, replan):
    replan(HEAD + "[screening]\nmin_flags = 9\n" + MEANS + "headline = true\n")
    run(project)
    page = (project.reports("small") / "report.en.html").read_text("utf-8")
    assert "so the result without flagged respondents is the same" in page


def test_imputed_blocks_run_on_complete_answers_and_the_same_seed_gives_the_same(careless, replan):
    plan = HEAD + MEANS + 'variables = ["items"]\nimputations = 3\n'
    replan(plan)
    first = opened(careless)
    result = first.run()["means"]
    observed = first.scored().items.mean()
    assert result.definition["imputations"] == 3
    gaps = first.scored().items.isna().any()
    complete = [item for item in observed.index if not gaps[item]]
    assert 0 < len(complete) < 8
    np.testing.assert_allclose(result.means.loc[complete, "mean"], observed[complete], atol=1e-12)
    assert {"imputed_answers", "means_over_imputations", "few_imputations"} <= {note.id for note in result.notes}
    stored = (careless.processed("small") / "results" / "means.json").read_bytes()
    for path in (careless.processed("small") / "results").iterdir():
        path.unlink()
    opened(careless).run()
    assert (careless.processed("small") / "results" / "means.json").read_bytes() == stored


def test_more_imputations_are_another_result(careless, replan):
    replan(HEAD + MEANS + "imputations = 3\n")
    before = opened(careless).fingerprints()
    replan(HEAD + MEANS + "imputations = 4\n")
    assert opened(careless).fingerprints()["means"] != before["means"]


def test_without_gaps_nothing_is_imputed_and_that_is_said(project, replan):
    replan(HEAD + MEANS + "imputations = 5\n")
    calls = analysis("tiny_means").CALLS
    calls.clear()
    result = opened(project).run()["means"]
    assert len(calls) == 1
    assert [note.id for note in result.notes] == ["nothing_to_impute"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("imputations = 1\n", "'imputations' must be 0, or at least 2"),
        ("imputations = 2.5\n", "'imputations' must be a whole number"),
        ('headline = "yes"\n', "'headline' must be true or false"),
    ],
)
def test_what_a_block_cannot_say(project, replan, lines, told):
    replan(HEAD + MEANS + lines)
    with pytest.raises(ls.errors.PlanError) as caught:
        opened(project)
    assert told in str(caught.value)


def test_a_comparison_has_no_difference_of_p_values_and_names_lost_rows():
    means = analysis("tiny_means")
    index = pd.Index(["a", "b"], name="variable")
    one = means.Means(means=pd.DataFrame({"mean": [1.0, 2.0], "p_value": [0.1, 0.2]}, index=index), n=9)
    other = means.Means(means=pd.DataFrame({"mean": [1.5], "p_value": [0.3]}, index=index[:1]), n=8)
    found = compare(one, other, n=9, n_flagged=1, min_flags=2)
    assert list(found.compared) == [
        "mean", "without_flagged_mean", "difference_mean", "p_value", "without_flagged_p_value",
    ]  # fmt: skip
    assert found.compared.loc["a", "difference_mean"] == 0.5
    assert found.notes[0].values["rows"] == ["b"]
    failed = NotEstimated.because(Note("tiny_too_few", "Too few."))
    with pytest.raises(ls.errors.InsufficientDataError, match="Too few"):
        compare(one, failed, n=9, n_flagged=1, min_flags=2)


def test_a_block_that_is_no_headline_is_one_step(project):
    (step,) = steps_of(opened(project).plan.analyses[0])
    assert step.id == "means"


def test_rows_that_hang_on_the_flagged_are_named() -> None:
    from dataclasses import dataclass

    from leadership_study.results import Result
    from leadership_study.study.compared import compare

    @dataclass(frozen=True, kw_only=True, eq=False, repr=False)
    class Tested(Result):
        table: pd.DataFrame
        main = "table"

    def tested(**limits: tuple[float, float]) -> Tested:
        low, high = zip(*limits.values(), strict=True)
        columns = {"estimate": 1.0, "ci_low": low, "ci_high": high, "p_value": 0.5}
        return Tested(table=pd.DataFrame(columns, index=pd.Index([*limits], name="term")))

    one = tested(intercept=(-1.0, 1.0), stays=(1.0, 2.0), lost=(0.1, 2.0), found=(-0.1, 2.0))
    other = tested(intercept=(1.0, 2.0), stays=(0.5, 2.0), lost=(-0.1, 2.0), found=(0.2, 2.0))
    compared = compare(one, other, n=10, n_flagged=2, min_flags=2).compared
    assert compared["hangs"].to_dict() == {"intercept": False, "stays": False, "lost": True, "found": True}
