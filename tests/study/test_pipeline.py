"""The stages of a study as calls."""

import subprocess
import sys

import pandas as pd
import pytest
from small_study import DRAW, HEAD, MEANS

import leadership_study as ls
from leadership_study.errors import ImportFormatError, LeadershipStudyError, PlanError, ResponseError
from leadership_study.study import provenance
from leadership_study.study.options import analysis


def opened(project):
    return ls.open_study(project.study_file("small"))


def test_the_stages_are_what_their_packages_return(project):
    study = opened(project)
    assert list(study.raw()) == ["teachers"]
    assert study.raw()["teachers"][0].frame["str_01"].dtype == "str"
    assert study.validated().flow.loc["analysed", "n"] == 60
    assert list(study.scored().scales.columns) == ["structural", "teaching"]
    assert study.scored().nested_in == ("school",)
    results = study.run()
    assert list(results) == ["means", "tiny_draw"]
    expected = study.scored().scales["structural"].mean()
    assert results["means"].means.loc["structural", "mean"] == expected
    assert results.reference("means.means.structural.mean") == expected
    assert results.reference("means.summary.n.value") == 60


def test_a_study_opens_by_name_from_inside_its_project(project, monkeypatch):
    monkeypatch.chdir(project.questionnaires)
    assert ls.open_study("small").plan.title == {"en": "Small"}


def test_results_of_one_analysis_and_a_word_on_those_that_are_not_there(project, replan):
    replan(HEAD + MEANS + MEANS.replace('"means"', '"few"') + "least = 61\n")
    results, told = opened(project).run(), []
    assert results.of_kind("tiny_means", tell=told.append) == {"means": results["means"]}
    assert results.of_kind("efa", tell=told.append) == {}
    assert told == [
        "few: Not estimated: 60 respondents are fewer than the 61 that are needed.",
        "This study has no block of the analysis 'efa'.",
    ]


def test_a_reference_to_nothing_names_the_nearest(project):
    results = opened(project).run()
    with pytest.raises(LeadershipStudyError, match="did you mean structural"):
        results.reference("means.means.strctural.mean")
    with pytest.raises(KeyError, match="did you mean means"):
        results["meens"]


def test_what_cannot_be_estimated_says_why(project, replan):
    replan(HEAD + MEANS + "least = 61\n")
    results = opened(project).run()
    assert isinstance(results["means"], ls.NotEstimated)
    assert str(results["means"].reason) == "60 respondents are fewer than the 61 that are needed."
    with pytest.raises(LeadershipStudyError, match="60 respondents are fewer"):
        results.reference("means.means.structural.mean")
    assert "Not estimated: 60 respondents" in repr(results)


def test_an_option_out_of_range_is_a_mistake_of_the_plan(project, replan):
    replan(HEAD + MEANS + "factor = -1\n")
    with pytest.raises(PlanError, match=r"\[\[analysis\]\] 'means': The 'factor' parameter of run must be above 0"):
        opened(project).run()


def test_an_error_that_python_raises_is_a_defect_and_no_mistake_of_the_plan(project, replan, monkeypatch):
    replan(HEAD + MEANS + "least = 61\n")
    monkeypatch.setattr(analysis("tiny_means"), "Note", int)
    with pytest.raises(TypeError, match="int"):
        opened(project).run()


def test_what_is_stored_is_read_and_not_computed_again(project):
    calls = analysis("tiny_means").CALLS
    opened(project).run()
    calls.clear()
    told = []
    results = opened(project).run(lambda stage, what: told.append((stage, what)))
    assert calls == []
    assert told == [("reused", "means"), ("reused", "tiny_draw")]
    assert results["means"].n == 60


def test_running_from_a_notebook_needs_no_lock_when_all_is_stored(project):
    opened(project).run()
    code = (
        "import sys; from pathlib import Path\nfrom leadership_study.study.lock import locked\n"
        "with locked(Path(sys.argv[1]), 'there'):\n    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(project.processed("small"))]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        assert len(opened(project).run()) == 2
    finally:
        holder.communicate()


@pytest.mark.parametrize(
    "change",
    ["option", "seed", "answer", "questionnaire", "lock"],
)
def test_a_block_is_computed_again_when_what_it_is_made_from_changes(project, replan, change):
    before = opened(project).fingerprints()
    if change == "option":
        replan(HEAD + MEANS + "factor = 2.0\n" + DRAW)
    elif change == "seed":
        replan(HEAD.replace("seed = 7", "seed = 8") + MEANS + DRAW)
    elif change == "lock":
        project.lock_file.write_text("numpy==1\n")
    elif change == "answer":
        path = project.raw("small") / "responses.csv"
        frame = pd.read_csv(path, dtype="str")
        frame.loc[0, "str_01"] = "1" if frame.loc[0, "str_01"] != "1" else "2"
        frame.to_csv(path, index=False)
    else:
        path = project.questionnaire_file("small")
        path.write_text(path.read_text("utf-8").replace(", reverse_keyed = true", ""), encoding="utf-8")
    after = opened(project).fingerprints()
    assert before["means"] != after["means"]
    assert (before["tiny_draw"] == after["tiny_draw"]) == (change == "option")


def test_a_new_title_computes_nothing_again(project, replan):
    before = opened(project).fingerprints()
    replan(HEAD.replace("Small", "Smaller") + MEANS + 'title = { en = "Means" }\n' + DRAW)
    assert opened(project).fingerprints() == before


def test_the_seed_of_a_block_follows_from_the_study_and_its_id():
    assert provenance.block_seed(7, "a") == provenance.block_seed(7, "a")
    assert len({provenance.block_seed(seed, block) for seed in (7, 8) for block in "ab"}) == 4
    assert provenance.block_seed(2002, "retention") < 2**31


def test_the_draw_has_the_blocks_seed(project):
    assert opened(project).run()["tiny_draw"].seed == provenance.block_seed(7, "tiny_draw")


def test_of_takes_the_named_blocks_only(project, replan):
    answers = (project.raw("small") / "responses.csv").read_text()
    lines = answers.splitlines(keepends=True)
    (project.raw("small") / "self.csv").write_text("".join(lines[:11]))
    replan(
        HEAD
        + '[[responses]]\nid = "heads"\nform = "self"\nfiles = ["self.csv"]\n'
        + MEANS
        + MEANS.replace('"means"', '"own"')
        + 'of = ["heads"]\n'
    )
    results = opened(project).run()
    assert (results["means"].n, results["own"].n) == (60, 10)


def test_the_report_from_stored_results_asks_for_a_run_first(project):
    with pytest.raises(LeadershipStudyError, match="run 'leadership-study run small' first"):
        opened(project).stored()
    opened(project).run()
    assert list(opened(project).stored()) == ["means", "tiny_draw"]


def test_all_files_problems_come_together(project, replan):
    replan(HEAD.replace('["responses.csv"]', '["a.csv", "b.csv"]') + MEANS)
    (project.raw("small") / "b.csv").write_text("")
    with pytest.raises(ImportFormatError) as caught:
        opened(project).raw()
    assert [problem.file.rpartition("/")[2] for problem in caught.value.problem_list] == ["a.csv", "b.csv"]


def test_cells_are_checked_as_far_as_the_structure_lets_them_be_found(project, replan):
    replan(HEAD.replace('["responses.csv"]', '["responses.csv", "b.csv"]') + MEANS)
    path = project.raw("small") / "responses.csv"
    header, first, second, third, *_ = path.read_text().splitlines()
    cut = second.rpartition(",")[0]
    path.write_text("\n".join([header.replace("tea_01", "teaching1"), first[:-1] + "9", cut, third[:-1] + "x"]))
    (project.raw("small") / "b.csv").write_text(f"{header}\n{first.replace('t101', 't999')[:-1]}8\n")
    with pytest.raises(ImportFormatError, match="The files in data/raw/small have 5 problems") as caught:
        opened(project).raw()
    found = [(p.file, p.rule, p.row, p.line, p.column) for p in caught.value.problem_list]
    assert found == [
        ("responses.csv", "row_too_short", 2, 3, None),
        ("responses.csv", "missing_column", None, None, "tea_01"),
        ("responses.csv", "not_on_scale", 1, 2, "tea_04"),
        ("responses.csv", "not_a_number", 3, 4, "tea_04"),
        ("b.csv", "not_on_scale", 1, 2, "tea_04"),
    ]


def test_nobody_left_is_said(project):
    path = project.raw("small") / "responses.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *(f"{row.split(',')[0]},s" + "," * 8 for row in rows)]) + "\n")
    with pytest.raises(ResponseError, match="No respondent of teachers is left"):
        opened(project).validated()


def test_a_wrong_answer_is_a_response_error(project):
    path = project.raw("small") / "responses.csv"
    path.write_text(path.read_text().replace("\nt101,school_1,", "\nt101,school_1,9", 1))
    with pytest.raises(ResponseError, match="row 1"):
        opened(project).scored()
