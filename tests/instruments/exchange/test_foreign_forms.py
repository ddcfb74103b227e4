"""XLSForms as other authors write them: old files, old words, names used twice, rules through calculations."""

from pathlib import Path

import pytest

from leadership_study.errors import InstrumentError
from leadership_study.instruments import exchange

FORMS = Path(__file__).parents[2] / "data" / "forms"
CHOICES = [("list_name", "name", "label"), ("yn", "yes", "Yes"), ("yn", "no", "No")]


def read(data, file="form.xlsx"):
    instrument, notes = exchange.read(data, file=file)
    return instrument, {note.id: str(note) for note in notes}


def problems(data, file="form.xlsx"):
    with pytest.raises(InstrumentError) as caught:
        exchange.read(data, file=file)
    return caught.value.problems


def test_an_excel_file_of_1997_with_the_words_of_its_time():
    instrument, told = read((FORMS / "old_form.xls").read_bytes(), "old_form.xls")
    assert instrument.languages == ("en", "sw")
    assert [(question.id, question.kind) for question in instrument.background] == [
        ("a", "nominal"), ("g_age", "number"), ("h_age", "number"), ("b", "multiple"),
    ]  # fmt: skip
    assert [level.value for level in instrument.background_question("a").levels] == ["1", "0"]
    assert instrument.background_question("b").levels[0].text == {"en": "Yes", "sw": "Ndiyo"}
    assert instrument.background_question("g_age").relevant == {"a": ("1",)}
    assert told["form_read"].endswith("Questions: 4; choices: 2; lists of choices: 1; languages: en, sw.")
    assert "g/age → g_age, h/age → h_age" in told["names_told_apart"]


def test_a_formula_in_an_old_file_is_refused_at_its_place():
    table = problems((FORMS / "old_form_with_formula.xls").read_bytes(), "f.xls")
    assert list(table["rule"]) == ["formula"]
    assert "sheet 'survey', row 2, column 3" in table["message"].iloc[0]


def test_a_formula_is_one_problem(workbook):
    survey = [("type", "name", "label"), ("text", "a", ('=CONCATENATE("x", "y")',))]
    assert list(problems(workbook(survey=survey))["rule"]) == ["formula"]


def test_a_name_used_twice_is_told_apart_by_group_or_refused(workbook):
    head = ("type", "name", "label", "relevant")
    groups = [("begin group", "g", "G"), ("text", "a", "A"), ("end group",), ("begin group", "h", "H"),
              ("text", "a", "A"), ("end group",)]  # fmt: skip
    instrument, told = read(workbook(survey=[head, *groups]))
    assert [question.id for question in instrument.background] == ["g_a", "h_a"]
    assert "names_told_apart" in told
    named = [*groups, ("text", "b", "B", "${a} = 'x'")]
    assert "equal_names" in list(problems(workbook(survey=[head, *named]))["rule"])
    alike = [("begin group", "g", "G"), ("text", "a", "A"), ("text", "a", "A"), ("end group",)]
    assert list(problems(workbook(survey=[head, *alike]))["rule"]) == ["equal_names"]
    outside = [("text", "a", "A"), ("text", "a", "A")]
    assert list(problems(workbook(survey=[head, *outside]))["rule"]) == ["equal_names"]


def test_a_circle_through_a_calculation_is_seen(workbook):
    survey = [
        ("type", "name", "label", "relevant", "calculation"),
        ("select_one yn", "a", "A?", "${c} = 1", None),
        ("calculate", "c", None, None, "if(${a} = 'yes', 1, 0)"),
    ]
    table = problems(workbook(survey=survey, choices=CHOICES))
    assert list(table["rule"]) == ["cyclic_relevance"]
    assert "→" in table["message"].iloc[0]


def test_a_form_without_languages_is_not_told_about_one(workbook):
    table = problems(workbook(survey=[("type", "name", "label"), ("text", "a", None)]))
    assert "the wording of 'a' is missing" in table["message"].iloc[0]
    assert "und" not in table["message"].iloc[0]


@pytest.mark.parametrize(
    ("header", "code"),
    [("label::Kiswahili", "sw"), ("label :: Français (fr)", "fr"), ("LABEL:हिन्दी", "hi"), ("caption:English", "en")],
)
def test_headers_of_many_spellings(workbook, header, code):
    instrument, _ = read(workbook(survey=[("type", "name", header), ("text", "a", "A?")]))
    assert instrument.languages == (code,)
    assert instrument.background[0].label == {code: "A?"}


def test_repeats_pictures_ranges_cascades_and_others(workbook):
    survey = [
        ("type", "name", "label", "choice_filter", "calculation", "parameters"),
        ("start", "start"),
        ("begin group", "g", "Group"),
        ("select_one yn or_other", "q", "Q?"),
        ("end group",),
        ("begin repeat", "r", "Children"),
        ("integer", "age", "Age?"),
        ("end repeat",),
        ("calculate", "c", None, None, "1 + 1"),
        ("range", "much", "How much?", None, None, "start=0 end=10 step=1"),
        ("image", "picture", "A picture"),
        ("select_one state", "st", "State?"),
        ("select_one county", "co", "County?", "state = ${st}"),
        ("note", "thanks", "Thanks"),
    ]
    choices = [
        ("list_name", "name", "label", "state"), ("yn", "yes", "Yes"), ("yn", "no", "No"), ("state", "tx", "Texas"),
        ("state", "wa", "Washington"), ("county", "king", "King", "wa"), ("county", "cam", "Cameron", "tx"),
    ]  # fmt: skip
    instrument, told = read(workbook(survey=survey, choices=choices))
    kinds = {question.id: question.kind for question in instrument.background}
    assert kinds == {"q": "nominal", "q_other": "text", "much": "number", "st": "nominal", "co": "nominal"}
    assert [level.value for level in instrument.background_question("q").levels] == ["yes", "no", "other"]
    assert "Questions: 6; choices: 6; lists of choices: 3" in told["form_read"]
    assert told["questions_left_out"].endswith("left out: age (repeat), picture (image).")
    assert "choice_filter (co)" in told["settings_left_out"]
