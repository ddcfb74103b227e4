"""What a plan says about its samples: titles, repairs, numbers distributed, weights; and what a run stores of them."""

import numpy as np
import pandas as pd
import pytest
from small_study import HEAD, MEANS

import leadership_study as ls
from leadership_study.errors import PlanError, ResponseError
from leadership_study.study.columns import column_lines, column_table
from leadership_study.study.complete import run_study
from leadership_study.study.problem_files import write_problems

SAMPLE = '\n[[analysis]]\nuse = "sample"\n'


def opened(project):
    return ls.open_study(project.study_file("small"))


@pytest.fixture
def population(project):
    """A fourth of the respondents' schools holds half of the population."""
    frame = opened(project).scored().groups["school"]
    names = sorted(frame.unique())
    rows = [f"school,{name},{300 if at == 0 else 60}" for at, name in enumerate(names)]
    path = project.raw("small") / "population.csv"
    path.write_text("variable,level,n\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("distributed = 0\n", "'distributed' must be a number, or"),
        ('distributed = "many"\n', "'distributed' must be a number, or"),
        ('distributed = { by = "school" }\n', "'distributed' must be a number, or"),
        ('distributed = { by = "scool", n = { a = 1 } }\n', "Unknown 'by': 'scool'; did you mean school"),
        ('distributed = { by = "school", n = { a = 0 } }\n', "'n' must be a table of numbers"),
        ('distributed = { by = "school", file = "../x.csv" }\n', "inside the study's folder"),
        ('distributed = { by = "school", n = { a = 1 }, m = 2 }\n', "Unknown key: 'm'"),
        ('encoding = "utf8000"\n', "'encoding' must be the name of an encoding"),
        ('title = { de = "Lehrer" }\n', "'title' has no text in 'en'"),
        ('repairs = [{ column = "str_01" }]\n', "must have exactly one of trim, recode, map"),
        ("repairs = [{ trim = true }]\n", "it names no column"),
        ('repairs = [{ column = "*", trim = false }]\n', "trim must be true"),
        ('repairs = [{ column = "a", map = { x = "y" }, by = 1 }]\n', "Unknown key: 'by'"),
        ('keep = "phone"\n', "'keep' must be a list"),
        ('[weights]\nof = ["teachers"]\n', "[weights]: 'population' is missing"),
        ('[weights]\npopulation = "p.csv"\nlargest = 1\n', "'largest' must be a number above 1"),
        ("[screening]\nmin_flags = 0\n", "'min_flags' must be a whole number from 1 on"),
        ("[scoring]\nitem_weights = { str_99 = 2 }\n", "item in item_weights: 'str_99'"),
        ('[scoring]\nproration = "median"\n', "'proration' must be one of"),
        ("[exclusions]\nattention_checks = 0\nmax_longstring = 0.5\n", "max_longstring"),
    ],
)
def test_what_cannot_be_said(project, replan, lines, told):
    replan(HEAD + lines + MEANS)
    with pytest.raises(PlanError) as caught:
        opened(project)
    assert any(told in str(problem) for problem in caught.value.problem_list), str(caught.value)


def test_both_wrong_exclusions_are_told_at_once(project, replan):
    replan(HEAD + "[exclusions]\nattention_checks = 0\nmax_longstring = 0.5\n" + MEANS)
    with pytest.raises(PlanError) as caught:
        opened(project)
    assert len(caught.value.problem_list) == 2


def test_a_file_of_an_analysis_must_lie_in_the_studys_folder_and_is_one_of_its_inputs(project, replan, population):
    replan(HEAD + SAMPLE + 'population = "../population.csv"\n')
    with pytest.raises(PlanError, match="the name of a CSV file inside"):
        opened(project)
    replan(HEAD + SAMPLE + 'population = "population.csv"\n')
    study = opened(project)
    assert population in study.input_files()
    before = study.fingerprints()["sample"]
    population.write_text(population.read_text("utf-8").replace("300", "301"), encoding="utf-8")
    assert opened(project).fingerprints()["sample"] != before


def test_returns_by_school_from_a_file(project, replan):
    names = sorted(opened(project).scored().groups["school"].unique())
    path = project.raw("small") / "sent.csv"
    path.write_text("school,n\n" + "".join(f"{name},20\n" for name in names), encoding="utf-8")
    replan(HEAD + 'distributed = { by = "school", file = "sent.csv" }\n' + SAMPLE)
    table = opened(project).run()["sample"].returns
    assert table.loc[("teachers", "all", "all"), "distributed"] == 20 * len(names)
    assert table.loc[("teachers", "school", names[0]), "return_rate"] == pytest.approx(0.5)
    path.write_text("school,n\nA,x\nA,3\nA,4\n", encoding="utf-8")
    with pytest.raises(ResponseError, match="must be a whole number above 0") as caught:
        opened(project).run()
    assert [problem.row for problem in caught.value.problem_list] == [1, 3]


def test_who_was_left_out_was_returned_and_is_not_valid(project, replan):
    path = project.raw("small") / "responses.csv"
    rows = path.read_text("utf-8").splitlines()
    header = rows[0].split(",")
    cells = rows[1].split(",")
    for name in ("str_01", "str_02", "str_03", "str_04", "tea_01"):
        cells[header.index(name)] = ""
    path.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n", encoding="utf-8")
    replan(HEAD + "distributed = 80\n[exclusions]\nmax_missing_share = 0.5\n" + SAMPLE)
    row = opened(project).run()["sample"].returns.loc[("teachers", "all", "all")]
    assert (row["distributed"], row["returned"], row["valid"]) == (80, 60, 59)
    assert row["usable_rate"] == pytest.approx(59 / 80)


def test_weights_make_the_respondents_like_their_population(project, replan, population):
    replan(HEAD + '[weights]\npopulation = "population.csv"\n' + SAMPLE + 'population = "population.csv"\n' + MEANS)
    study = opened(project)
    scored = study.scored()
    first = sorted(scored.groups["school"].unique())[0]
    share = scored.weights[scored.groups["school"] == first].sum() / scored.weights.sum()
    assert share == pytest.approx(0.5)
    assert [note.id for note in scored.notes][-1] == "weighted_to_population"
    result = study.run()["sample"]
    np.testing.assert_allclose(result.levels["weighted_share"], result.levels["population_share"], atol=1e-9)
    mean = np.average(scored.scales["structural"], weights=scored.weights)
    assert result.scores.loc["structural", "weighted_mean"] == pytest.approx(mean)
    assert result.effective_n == pytest.approx(60 / result.weights_design_effect)


def test_a_population_without_one_of_the_schools_is_told_with_its_place(project, replan, population):
    lines = population.read_text("utf-8").splitlines()
    population.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    replan(HEAD + '[weights]\npopulation = "population.csv"\n' + MEANS)
    with pytest.raises(PlanError) as caught:
        opened(project).scored()
    (problem,) = caught.value.problem_list
    assert problem.file == "studies/small.toml"
    assert problem.message.startswith("[weights]: The table of the population has nobody with school = ")


def test_the_match_of_columns_is_stored_and_shown(project):
    study = opened(project)
    run_study(project, "small", lambda *_: None)
    stored = pd.read_csv(project.processed("small") / "columns.csv", dtype="str", keep_default_na=False)
    assert list(stored) == ["block", "file", "header", "id", "how"]
    assert stored.set_index("header").loc["str_01", ["id", "how"]].tolist() == ["str_01", "id"]
    sources = study.validated().sources
    assert len(column_table(sources)) == len(stored)
    assert column_lines(sources)[0] == "responses.csv (teachers)"
    assert any(line.split() == ["str_01", "id", "str_01"] for line in column_lines(sources))


def test_titles_stand_in_the_report_for_ids(project, replan):
    replan(HEAD + 'title = { en = "Teachers of six schools" }\n' + SAMPLE)
    run_study(project, "small", lambda *_: None)
    page = (project.reports("small") / "report.en.html").read_text("utf-8")
    assert "Teachers of six schools" in page


def test_an_item_keyed_the_wrong_way_is_told_before_anything_else(project, replan):
    path = project.questionnaire_file("small")
    path.write_text(path.read_text("utf-8").replace(", reverse_keyed = true", ""), encoding="utf-8")
    replan(HEAD + MEANS)
    told = []
    run_study(project, "small", lambda stage, what: told.append((stage, what)))
    stages = [stage for stage, _ in told]
    assert stages.index("WARNING:") < stages.index("computing")
    assert "str_04" in dict(told)["WARNING:"]
    page = (project.reports("small") / "report.en.html").read_text("utf-8")
    assert page.index("str_04") < page.index('id="means"')


def test_problems_are_written_as_a_page_or_a_table_without_live_formulas(tmp_path):
    problem = ls.errors.Problem("a.csv", "no number", "correct it", "not_a_number", row=1, value='=HYPERLINK("x")')
    error = ResponseError("There is 1 problem.", [problem])
    write_problems(tmp_path / "p.csv", error)
    assert "\"'=HYPERLINK(" in (tmp_path / "p.csv").read_text("utf-8")
    write_problems(tmp_path / "p.html", error)
    assert "no number" in (tmp_path / "p.html").read_text("utf-8")
    with pytest.raises(ls.errors.ProjectError, match=r"must end in \.html or \.csv"):
        write_problems(tmp_path / "p.txt", error)


def test_declared_repairs_are_applied_logged_and_stored(project, replan):
    path = project.raw("small") / "responses.csv"
    rows = path.read_text("utf-8").splitlines()
    cells = rows[1].split(",")
    cells[rows[0].split(",").index("str_01")] = "6"
    path.write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n", encoding="utf-8")
    with pytest.raises(ResponseError, match="str_01"):
        opened(project).validated()
    replan(HEAD + 'repairs = [{ column = "str_01", recode = { "6" = "5" } }]\n' + MEANS)
    run_study(project, "small", lambda *_: None)
    log = pd.read_csv(project.processed("small") / "repairs.csv", dtype="str")
    assert log[["column", "rule", "before", "after"]].to_numpy().tolist() == [["str_01", "recode", "6", "5"]]


def test_two_waves_and_leaders_about_themselves(project, replan):
    """Each block says whose answers it used; a block of self-ratings shows the items as the leaders read them."""
    path = project.questionnaire_file("small")
    text = path.read_text("utf-8").replace(
        'zh = "校长为我们的工作设定清晰的目标。" }',
        'zh = "校长为我们的工作设定清晰的目标。", self = { en = "I set clear goals.", zh = "我设定清晰的目标。" } }',
    )
    path.write_text(text, encoding="utf-8")
    answers = (project.raw("small") / "responses.csv").read_bytes()
    for name in ("second.csv", "heads.csv"):
        (project.raw("small") / name).write_bytes(answers)
    plan = HEAD + (
        '[[responses]]\nid = "again"\nwave = 2\nfiles = ["second.csv"]\ntitle = { en = "Second wave" }\n'
        '[[responses]]\nid = "heads"\nform = "self"\nfiles = ["heads.csv"]\n'
        '[[analysis]]\nuse = "descriptives"\n'
        '[[analysis]]\nid = "second"\nuse = "descriptives"\nof = ["again"]\n'
        '[[analysis]]\nid = "own"\nuse = "descriptives"\nof = ["heads"]\n'
    )
    replan(plan)
    run_study(project, "small", lambda *_: None)
    page = (project.reports("small") / "report.en.html").read_text("utf-8")
    first, second, own = page.index('id="descriptives"'), page.index('id="second"'), page.index('id="own"')
    assert "Whose answers: teachers and Second wave." in page[first:second]
    assert "Whose answers: Second wave." in page[second:own]
    assert "I set clear goals" in page[own:]
    assert "I set clear goals" not in page[first:own]
    assert "The head sets clear goals" in page[first:second]
