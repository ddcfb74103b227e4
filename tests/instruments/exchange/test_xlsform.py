import io
import zipfile

import openpyxl
import pytest
from pyxform.xls2xform import convert

from leadership_study.errors import InstrumentError
from leadership_study.instruments.exchange import xlsform as format
from leadership_study.instruments.exchange._conditions import condition_of

FIVE = ("1", "2", "3", "4", "5")


def rows_of(data, sheet):
    rows = list(openpyxl.load_workbook(io.BytesIO(data))[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def problems(data, file="form.xlsx"):
    with pytest.raises(InstrumentError) as caught:
        format.read(data, file=file)
    table = caught.value.problems
    assert (table["file"] == file).all()
    assert table["remedy"].str.len().gt(0).all()
    return table


def rules(data):
    return list(problems(data)["rule"])


def notes_of(data):
    return {note.id: str(note) for note in format.read(data, file="form.xlsx")[1]}


def test_pyxform_takes_it_without_a_warning(instrument, tmp_path):
    path = tmp_path / "form.xlsx"
    path.write_bytes(format.write(instrument)[0])
    result = convert(path)
    assert result.warnings == []
    for name in instrument.column_ids:
        assert f"/{name}" in result.xform
    assert "ls_reverse_keyed" not in result.xform
    for language in ("English (en)", "中文 (zh)"):
        assert f'<translation lang="{language}"' in result.xform


def test_the_sheets_say_what_the_questionnaire_says(whole):
    data, _ = format.write(whole)
    survey = {row["name"]: row for row in rows_of(data, "survey") if row["name"]}
    assert survey["subjects"]["type"] == "select_multiple levels_subjects"
    assert survey["subjects"]["relevant"] == "${post} = 'teacher' or ${post} = 'middle leader'"
    assert survey["years"]["relevant"].startswith("(${post} = 'it_s') and (selected(${subjects}, ")
    assert survey["age"]["constraint"] == ". >= 0"
    assert survey["age"]["constraint_message::中文 (zh)"]
    assert (survey["o_1"]["required"], survey["open_1"]["required"]) == ("yes", None)
    assert (survey["o_1"]["appearance"], survey["open_1"]["appearance"]) == ("likert", "multiline")
    assert survey["o_1"]["label::English (en)"] == "=1+1 is {two}"
    assert survey["order"]["type"] == "begin_group"
    order = [row["name"] for row in rows_of(data, "survey") if row["name"]]
    assert order.index("o_2") + 1 == order.index("early")
    settings = rows_of(data, "settings")[0]
    assert (settings["form_id"], settings["default_language"]) == ("everything", "English (en)")


def test_the_file_holds_no_formula_and_no_date(whole):
    data, _ = format.write(whole)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert b"created" not in archive.read("docProps/core.xml")


def test_without_our_columns_it_is_read_by_rule(whole, workbook):
    book = openpyxl.load_workbook(io.BytesIO(format.write(whole)[0]))
    sheets = {}
    for sheet in book:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        keep = [at for at, name in enumerate(rows[0]) if not str(name).startswith("ls_")]
        sheets[sheet.title] = [[row[at] for at in keep] for row in rows]
    instrument, notes = format.read(workbook(**sheets), file="form.xlsx")
    assert [dimension.id for dimension in instrument.dimensions][:2] == ["order_scale_agree", "order_scale_half"]
    assert instrument.item_ids("order_scale_agree") == ["o_1", "o_3"]
    assert not any(item.reverse_keyed for item in instrument.items)
    assert instrument.background_question("subjects").relevant == {"post": ("teacher", "middle leader")}
    assert {"form_does_not_tell", "order_not_told", "dimension_by_rule"} <= {note.id for note in notes}
    assert instrument.title == {"en": "Everything", "zh": "Everything"}


def test_groups_of_ratings_become_dimensions_and_the_rest_background(xlsform):
    data = xlsform(
        [
            ["begin_group", "care", "Care", "关心"],
            ["select_one five", "c1", "Listens", "倾听"],
            ["note", "n", "A note", "说明"],
            ["select_one five", "c2", "Helps", "帮助"],
            ["end_group", ""],
            ["select_one sex", "sex", "Sex", "性别"],
            ["select_one five", "single", "Alone on the scale here", "单独"],
            ["integer", "age", "Age", "年龄"],
            ["text", "why", "Why", "为什么"],
            ["geopoint", "where", "Where", "哪里"],
            ["calculate", "sum", None, None],
        ],
        {"five": FIVE, "sex": ("f", "m")},
    )
    instrument, notes = format.read(data, file="form.xlsx")
    (dimension,) = instrument.dimensions
    assert (dimension.id, dimension.label) == ("care", {"en": "Care", "zh": "关心"})
    assert instrument.item_ids() == ["c1", "c2"]
    assert instrument.scale_of("c1").values == (1, 2, 3, 4, 5)
    assert instrument.scale_of("c1").labels["zh"] == ("1 zh", "2 zh", "3 zh", "4 zh", "5 zh")
    kinds = {question.id: question.kind for question in instrument.background}
    assert kinds == {"sex": "nominal", "single": "nominal", "age": "number", "why": "text"}
    told = {note.id: str(note) for note in notes}
    assert told["form_read"] == ("The form was read. Questions: 7; choices: 7; lists of choices: 2; languages: en, zh.")
    assert "where (geopoint)" in told["questions_left_out"]


def test_likert_words_become_numbers_and_say_so(xlsform):
    rows = [["select_one words", f"c{at}", f"C{at}", f"丙{at}", "likert"] for at in (1, 2)]
    data = xlsform(rows, {"words": ("never", "seldom", "often")}, extra=["appearance"])
    instrument, notes = format.read(data, file="form.xlsx")
    assert instrument.scale_of("c1").values == (1, 2, 3)
    assert "never, seldom, often of a rating list became the values 1, 2, 3" in " ".join(map(str, notes))


def test_falling_codes_are_put_in_order(xlsform):
    data = xlsform([["select_one f", f"c{at}", "C", "丙"] for at in (1, 2)], {"f": ("3", "2", "1")})
    scale = format.read(data, file="form.xlsx")[0].scale_of("c1")
    assert scale.values == (1, 2, 3)
    assert scale.labels["en"] == ("1 en", "2 en", "3 en")


def test_the_rating_table_of_kobotoolbox(workbook):
    survey = [
        ["type", "name", "label", "kobo--score-choices", "required"],
        ["begin_score", "care", "How much?", "lk4", "false"],
        ["score__row", "listens", "Listens", None, "false"],
        ["score__row", "helps", "Helps", None, "false"],
        ["end_score", None, None, None, None],
    ]
    choices = [["list_name", "name", "label"], *[["lk4", f"option_{at}", f"L{at}"] for at in (1, 2, 3)]]
    instrument, _ = format.read(workbook(survey=survey, choices=choices), file="k.xlsx")
    assert instrument.dimensions[0].label == {"und": "How much?"}
    assert instrument.scale_of("helps").values == (1, 2, 3)


def test_old_spellings_and_or_other(workbook):
    survey = [
        ["type", "name", "label:English", "bind:relevant"],
        ["select one from yn", "a", "A", None],
        ["select all that apply from yn", "b", "B", "${a} = 'y'"],
        ["add integer prompt", "c", "C", None],
        ["begin group", "g", "G", "selected(${b}, 'n')"],
        ["select_one yn or_other", "d", "D", None],
        ["phone number", "e", "E", None],
        ["end group", None, None, None],
    ]
    choices = [["list name", "value", "label:English"], ["yn", "y", "Yes"], ["yn", "n", "No"]]
    instrument, _ = format.read(workbook(survey=survey, choices=choices), file="o.xlsx")
    assert instrument.languages == ("en",)
    found = {question.id: (question.kind, dict(question.relevant)) for question in instrument.background}
    assert found == {
        "a": ("nominal", {}),
        "b": ("multiple", {"a": ("y",)}),
        "c": ("number", {}),
        "d": ("nominal", {"b": ("n",)}),
        "d_other": ("text", {"d": ("other",)}),
        "e": ("text", {"b": ("n",)}),
    }
    assert [level.value for level in instrument.background_question("d").levels] == ["y", "n", "other"]
    assert [level.value for level in instrument.background_question("a").levels] == ["y", "n"]


def test_csv_with_the_names_of_sheets():
    text = '"survey",,,\n,"type","name","label"\n,"text","a","A"\n,"select_one yn","b","B"\n'
    text += '"choices",,,\n,"list name","name","label"\n,"yn",1,"Yes"\n,"yn",2,"No"\n'
    assert format.recognises(text.encode(), "f.csv")
    instrument, notes = format.read(text.encode(), file="f.csv")
    assert [level.value for level in instrument.background_question("b").levels] == ["1", "2"]
    assert "language_not_named" in {note.id for note in notes}


def test_what_no_questionnaire_holds_is_told(workbook):
    survey = [
        ["type", "name", "label", "hint::English (en)", "required", "constraint", "relevant"],
        ["integer", "a", "A", "In years", "yes", ". < 9", None],
        ["integer", "b", "B", None, "no", None, "${a} > 3"],
    ]
    told = notes_of(workbook(survey=survey))
    assert told["settings_left_out"].endswith("left out: hint (a); required (a); constraint (a).")
    assert "left out: b." in told["asking_rules_left_out"]


def test_a_rule_put_on_an_item_of_our_own_form_is_not_dropped_silently(whole, workbook):
    book = openpyxl.load_workbook(io.BytesIO(format.write(whole)[0]))
    sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    at = sheets["survey"][0].index("relevant")
    for row in sheets["survey"]:
        if row[1] in ("o_3", "age"):
            row[at] = "${post} = 'teacher'" if row[1] == "o_3" else "${o_1} > 2"
    assert "left out: age, o_3." in notes_of(workbook(**sheets))["asking_rules_left_out"]


def test_names_that_cannot_be_ids_are_changed_and_told(xlsform):
    data = xlsform([["text", "my-name", "A", "甲"], ["text", "_x", "B", "乙"], ["text", "weight", "C", "丙"]])
    instrument, notes = format.read(data, file="f.xlsx")
    assert [question.id for question in instrument.background] == ["my_name", "x", "q_weight"]
    assert "my-name → my_name" in " ".join(map(str, notes))


def test_every_problem_is_told_at_once(workbook):
    survey = [
        ["type", "name", "label::English (en)", "label::中文 (zh)", "relevant"],
        ["selekt_one yn", "a", "A", "甲", None],
        ["select_one nowhere", "b", "B", "乙", None],
        ["text", "c", "C", "丙", "${d} = 'x'"],
        ["text", "d", "D", "丁", "${e} != '' and ${c} = 1"],
        ["text", "e", "E", "戊", "${gone} = 'x'"],
        ["text", "e", "E", "戊", None],
        ["text", "f", None, "己", None],
        ["text", None, "G", "庚", None],
        ["select_one twice", "h", "H", "辛", None],
        ["integer", "i", ("=1+1",), "壬", None],
        ["begin_group", "j", "J", "癸", None],
    ]
    choices = [["list_name", "name", "label::English (en)", "label::中文 (zh)"], ["twice", "1", "One", "一"]]
    choices += [["twice", "1", "Uno", "一"], ["twice", None, "Two", "二"], ["twice", "3", None, "三"]]
    table = problems(workbook(survey=survey, choices=choices))
    assert set(table["rule"]) == {
        "unknown_type", "unknown_list", "cyclic_relevance", "unknown_question", "equal_names", "missing_wording",
        "no_name", "equal_codes", "no_code", "formula", "group_not_ended",
    }  # fmt: skip
    told = "\n".join(table["message"])
    assert "c → d → c" in told
    assert "'selekt_one yn'" not in told  # it stands in its own column
    assert "selekt_one yn" in set(table["value"])
    assert "sheet 'survey', row 2" in told
    assert (table["rule"] == "missing_wording").sum() == 2  # f, and the choice 3; not the cell with a formula


def test_a_rule_may_name_itself_or_its_group_only_in_a_circle(xlsform):
    rows = [
        ["begin_group", "g", "G", "庚", "${a} = '1'"],
        ["select_one yn", "a", "A", "甲", None],
        ["end_group", None, None, None, None],
    ]
    assert rules(xlsform(rows, {"yn": ("1", "2")}, extra=["relevant"])) == ["cyclic_relevance"]


def test_translations_that_are_missing_are_listed(xlsform):
    data = xlsform([["text", "a", "A", "甲"], ["select_one yn", "b", "B", None]], {"yn": ("1", "2")})
    assert notes_of(data)["translations_missing"] == "Translations missing in the form (1): b (zh)."
    assert rules(xlsform([["text", "a", None, "甲"]])) == ["missing_wording"]


def test_macros_entities_and_bombs_are_refused_unread(xlsform):
    good = xlsform([["text", "a", "A", "甲"]])

    def with_part(name, content):
        buffer = io.BytesIO(good)
        with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        return buffer.getvalue()

    assert rules(with_part("xl/vbaProject.bin", b"x")) == ["macros"]
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert rules(with_part("xl/other.xml", bomb)) == ["entities"]
    assert rules(with_part("xl/other.xml", bomb.decode().encode("utf-16"))) == ["entities"]
    assert rules(with_part("xl/media/image.png", b"\0" * (65 * 2**20))) == ["too_large"]
    assert rules(good[:200]) == ["no_workbook"]
    assert rules(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest") == ["no_workbook"]
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert rules(locked) == ["password"]
    assert rules(locked[:8] + "_VBA_PROJECT_CUR".encode("utf-16-le")) == ["macros"]
    assert rules(b"\xff\xfe\x00") == ["no_workbook"]


def test_a_workbook_of_something_else(workbook):
    assert rules(workbook(Sheet1=[["a"], [1]])) == ["no_survey"]
    assert rules(workbook(survey=[["a", "b"], [1, 2]])) == ["nothing_asked"]


def test_an_own_form_that_was_broken_says_where(whole, workbook):
    book = openpyxl.load_workbook(io.BytesIO(format.write(whole)[0]))
    sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
    header = sheets["survey"][0]
    at = next(row for row in sheets["survey"] if row[1] == "o_3")
    at[header.index("type")] = "select_one levels_post"
    choice = next(row for row in sheets["choices"] if row[:2] == ["scale_agree", "2"])
    choice[1] = "two"
    assert rules(workbook(**sheets)) == ["unknown_scale", "wrong_type"]


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ("", {}),
        ("1", {}),
        ("${a} = 'x'", {"a": ("x",)}),
        ('${a}="x" or ${a}="y"', {"a": ("x", "y")}),
        ("(${a} = 'x' or ${a} = 'y') and ${b} = 1", {"a": ("x", "y"), "b": ("1",)}),
        ("selected(${a}, 'it is')", {"a": ("it is",)}),
        ('((a.NAOK == "A1" || a.NAOK == "A2")) && (b_SQ1.NAOK == "Y")', {"a": ("A1", "A2"), "b_SQ1": ("Y",)}),
        ("${a} != 'x'", None),
        ("${a} = 'x' or ${b} = 'y'", None),
        ("${a} = 'x' and ${a} = 'y'", None),
        ("not(selected(${a}, 'x'))", None),
        ("${a} > 3", None),
        ("${a} = ", None),
        ("count-selected(${a}) = 2", None),
        ("((", None),
    ],
)
def test_rules_for_asking(rule, condition):
    assert condition_of(rule) == condition
