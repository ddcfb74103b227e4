"""The plan is checked from end to end, and everything wrong with it is said at once."""

import pytest
from small_study import DRAW, HEAD, MEANS

from leadership_study.errors import InstrumentError, PlanError
from leadership_study.study.plan import load_plan


def problems_of(project, plan: str) -> list[str]:
    project.study_file("small").write_text(plan, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(project, "small")
    assert all(problem.file == "studies/small.toml" for problem in caught.value.problem_list)
    assert all(problem.remedy for problem in caught.value.problem_list)
    return [str(problem) for problem in caught.value.problem_list]


def test_a_plan_is_read_with_all_its_defaults(project):
    plan, instrument = load_plan(project, "small")
    assert instrument.id == "small"
    assert (plan.seed, plan.nested_in, plan.simulated) == (7, ("school",), True)
    assert (plan.scoring.method, plan.scoring.min_answered) == ("mean", 0.5)
    assert [block.id for block in plan.analyses] == ["means", "tiny_draw"]
    assert plan.analyses[0].of == ("teachers",)
    assert plan.analyses[0].options == {
        "variables": ("dimensions",), "statistic": "mean", "factor": 1.0, "least": 1,
    }  # fmt: skip
    assert plan.report.formats == ("html",)
    assert plan.report.languages == ("en",)


def test_options_come_in_the_types_that_run_asks_for(project, replan):
    replan(HEAD + MEANS + 'variables = ["items", "structural"]\nstatistic = "median"\nfactor = 2\nleast = 3\n')
    options = load_plan(project, "small")[0].analyses[0].options
    assert options["variables"] == ("items", "structural")
    assert type(options["factor"]) is float
    assert (options["statistic"], options["factor"], options["least"]) == ("median", 2.0, 3)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('statistic = "mode"', "'statistic' must be one of \"mean\", \"median\" (found 'mode')"),
        ('statistik = "mean"', "Unknown option: 'statistik'; did you mean statistic"),
        ('factor = "2"', "'factor' must be a number (found '2')"),
        ("factor = true", "'factor' must be a number"),
        ("least = 2.5", "'least' must be a whole number"),
        ("least = true", "'least' must be a whole number"),
        ('variables = "dimensions"', "'variables' must be a list of ids"),
        ("variables = [1]", "'variables' must be"),
        ('variables = ["strctural"]', "Unknown variable: 'strctural'; did you mean structural"),
        ('of = ["techers"]', "'techers'; did you mean teachers"),
        ("of = []", "'of' must be a list of at least one"),
        ("seed = 3", "'seed' is not set by a block"),
        ('title = { zh = "小" }', "'title' has no text in 'en'"),
    ],
)
def test_a_wrong_option_is_named_with_its_block(project, line, told):
    (problem,) = problems_of(project, HEAD + MEANS + line + "\n")
    assert problem.startswith("studies/small.toml: [[analysis]] 'means': ")
    assert told in problem


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("seed = 7", ""), "'seed' is missing"),
        (("seed = 7", "seed = -1"), "'seed' must be a whole number of at least 0"),
        (("seed = 7", "seed = 7\nsed = 7"), "Unknown key: 'sed'; did you mean seed"),
        (('nested_in = ["school"]', ""), "'nested_in' is missing; add a line such as: nested_in = "),
        (('nested_in = ["school"]', 'nested_in = ["shool"]'), "'shool'; did you mean school"),
        (('nested_in = ["school"]', 'nested_in = ["str_01"]'), "Unknown background question of kind 'group'"),
        (("simulated = true", "simulated = 1"), "'simulated' must be true or false"),
        (('title = { en = "Small" }', 'title = "Small"'), "'title' must be a table of texts"),
        (('title = { en = "Small" }', 'title = { de = "Klein" }'), "'title' has no text in 'en'"),
        (('questionnaire = "small"', 'questionnaire = "smal"'), "Unknown questionnaire: 'smal'; did you mean small"),
        (('questionnaire = "small"', ""), "'questionnaire' is missing"),
        (('files = ["responses.csv"]', ""), "[[responses]] 'teachers': 'files' is missing"),
        (('files = ["responses.csv"]', 'files = ["../x.csv"]'), "'files' must be a list of files inside"),
        (('files = ["responses.csv"]', "files = []"), "'files' must be a list of files inside"),
        (('id = "teachers"', 'id = "teach-ers"'), "'id' must be an id of letters"),
        (('id = "teachers"', 'id = "teachers"\nform = "others"'), "Unknown 'form': 'others'; did you mean other"),
        (('id = "teachers"', 'id = "teachers"\nformat = "csv_txt"'), "Unknown 'format': 'csv_txt'; did you mean csv_"),
        (('id = "teachers"', 'id = "teachers"\ncolumns = { a = "scool" }'), "'scool'; did you mean school"),
        (('id = "teachers"', 'id = "teachers"\ncolumns = { a = "school", b = "school" }'), "both stand for 'school'"),
    ],
)
def test_a_wrong_key_is_named(project, change, told):
    plan = HEAD + DRAW
    assert change[0] in plan
    found = problems_of(project, plan.replace(*change))
    assert any(told in problem for problem in found), found


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('[[analysis]]\nuse = "tiny_mean"', "[[analysis]] 'tiny_mean': Unknown 'use': 'tiny_mean'; did you mean tiny_"),
        ('[[analysis]]\nid = "x"', "[[analysis]] 'x': 'use' is missing"),
        ('[[analysis]]\nid = "MEANS"\nuse = "tiny_means"', "the id 'MEANS' is used twice"),
        ('[[analysis]]\nid = "respondents"\nuse = "tiny_draw"', "stands for the respondents"),
        ("[[analysis]]\nid = 3", "[[analysis]] number 2: 'use' is missing"),
        ("[exclusions]\nmax_missing_shre = 0.2", "[exclusions]: Unknown exclusion rule: 'max_missing_shre'; did"),
        ("[exclusions]\nmax_missing_share = 20", "'max_missing_share' must be a share from 0 to 1"),
        ('[scoring]\nmethod = "average"', "[scoring]: 'method' must be one of"),
        ("[scoring]\nmin_answered = 1.5", "must be a share from 0 to 1"),
        ("[scoring]\nmin_answered = true", "'min_answered' must be a number"),
        ('[report]\nformats = ["pdff"]', "Unknown report format in 'formats': 'pdff'"),
        ('[report]\nlanguages = ["xx"]', "Unknown language in 'languages': 'xx'"),
        ("[report]\nlanguages = []", "'languages' must be a list of at least one language"),
        ('[report]\nnotebooks = ["01_answers"]', "there is no notebook in notebooks/ yet"),
        ('[[context]]\nof = "district"\nfile = "d.csv"\ncolumns = ["x"]', "Unknown 'of': 'district'"),
        ('[[context]]\nof = "school"', "[[context]] number 1: 'file' is missing"),
        ("[reprot]\n", "Unknown key: 'reprot'; did you mean report"),
    ],
)
def test_a_wrong_table_is_named(project, lines, told):
    found = problems_of(project, HEAD + MEANS + lines + "\n")
    assert any(told in problem for problem in found), found


def test_context_columns_are_variables(project, replan):
    context = '[[context]]\nof = "school"\nfile = "schools.csv"\ncolumns = ["pupils"]\n'
    replan(HEAD + context + MEANS + 'variables = ["pupils"]\n')
    assert load_plan(project, "small")[0].analyses[0].options["variables"] == ("pupils",)


def test_all_problems_are_said_at_once_those_of_the_questionnaire_too(project):
    path = project.questionnaire_file("small")
    path.write_text(path.read_text("utf-8").replace('id = "str_02"', 'id = "str_01"'), encoding="utf-8")
    plan = HEAD.replace("seed = 7", "") + MEANS + 'statistik = "x"\nfactor = "y"\n'
    project.study_file("small").write_text(plan, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(project, "small")
    files = [problem.file.rpartition("/")[2] for problem in caught.value.problem_list]
    assert len(files) == 4
    assert "str_01" in str(caught.value.problem_list[-1])


def test_a_wrong_questionnaire_alone_is_its_own_error(project):
    path = project.questionnaire_file("small")
    path.write_text(path.read_text("utf-8").replace('id = "str_02"', 'id = "str_01"'), encoding="utf-8")
    with pytest.raises(InstrumentError, match="str_01"):
        load_plan(project, "small")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"seed = 7\ntitle = {", "line 2: not TOML"), (b"a = 1\nb = '\xff'\n", "line 2 is not UTF-8")],
)
def test_what_is_not_toml_is_told_with_its_line(project, content, told):
    project.study_file("small").write_bytes(content)
    with pytest.raises(PlanError, match=r"studies/small\.toml") as caught:
        load_plan(project, "small")
    assert told in str(caught.value)
