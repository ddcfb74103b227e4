"""Ways of writing exports that platforms have, and that were once misread or refused."""

import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
import survey
from survey import SMALL

from leadership_study.errors import ImportFormatError, PlanError, ResponseError
from leadership_study.importing import read_responses
from leadership_study.validation import validate

FORM = survey.parsed(
    survey.TEXT.replace(
        "[[background]]",
        """[[dimension]]
id = "talking"
label = { en = "Talking", zh = "沟通" }
definition = { en = "Talks.", zh = "沟通。" }
items = [ { id = "tal_01", en = "The head listens.", zh = "学区长倾听教师的意见。" } ]

[[form]]
id = "importance"
of = "dimensions"
response_scale = "agreement"
label = { en = "Importance", zh = "重要性" }

[[background]]""",
        1,
    )
)
EN = ["Never", "Rarely", "Agree", "Always, fully"]
ITEMS = ["The head plans ahead & well.", "Please choose Always, fully.", "The head waits.", "The head sets goals."]

ANSWERS = [[4, 4, 1, 3], [3, 4, 2, 2], [1, 4, 4, 2], [2, 3, 3, 1]]


def refused(read, *arguments):
    with pytest.raises(ImportFormatError) as caught:
        read(*arguments)
    return caught.value.problem_list[0]


@pytest.fixture
def read(tmp_path):
    def read(content, name="answers.csv", instrument=SMALL, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_responses(path, instrument, **options)

    return read


def table(labels=EN, answers=ANSWERS, **own):
    """A table of the small survey headed by wordings; ``own`` columns come first."""
    frame = pd.DataFrame([[labels[value - 1] for value in row] for row in answers], columns=ITEMS)
    frame.insert(0, "School", ["S1", "S1", "S2", "S2"])
    frame.insert(1, "Post", ["Teacher", "Head, deputy", "Teacher", "Teacher"])
    frame.insert(2, "Duties", ["Office", "Lessons, exams", "Office", "Office"])
    frame["Anything else?"] = ""
    for name, cells in reversed(own.items()):
        frame.insert(0, name, cells)
    return frame


def text(frame, **options):
    return frame.to_csv(index=False, **options)


def items(raw, instrument=SMALL):
    return validate(raw, instrument).frame[["pla_01", "check_1", "pla_02", "pla_03"]].to_numpy().tolist()


def workbook(rows, merged=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    "heads",
    [
        ["9、(规划)", "9、(沟通)"],
        ["第9题(规划)", "第9题(沟通)"],
        ["9、重要性(规划)", "9、(沟通)"],
        ["9、以下各项的重要程度如何？—规划", "9、以下各项的重要程度如何？—沟通"],
        ["Importance [Planning]", "Importance [Talking]"],
        ["How important is each? - Planning", "How important is each? - Talking"],
        ["IMP[planning]", "IMP[talking]"],
    ],
)
def test_rows_of_a_form_are_found_together(read, heads):
    frame = table()
    frame["The head listens."] = "Agree"
    frame[heads[0]] = ["Never", "Rarely", "Agree", "Never"]
    frame[heads[1]] = ["Agree", "Agree", "Rarely", "Never"]
    found = validate(read(text(frame), instrument=FORM), FORM).frame
    assert found["importance_planning"].tolist() == [1, 2, 3, 1]
    assert found["importance_talking"].tolist() == [3, 3, 2, 1]


def test_rows_of_a_form_under_two_questions_are_not_guessed(read):
    frame = table()
    frame["The head listens."] = "Agree"
    for stem in ("How important?", "How urgent?"):
        for row in ("Planning", "Talking"):
            frame[f"{stem} [{row}]"] = "Agree"
    with pytest.raises(ImportFormatError) as caught:
        read(text(frame), instrument=FORM)
    assert caught.value.problems["column"].tolist() == ["importance_planning", "importance_talking"]


def test_an_export_without_the_items_lacks_columns_and_is_no_export_by_numbers(read):
    frame = table()[["School", "Post", "Duties"]].rename(columns=lambda name: f"1、{name}")
    with pytest.raises(ImportFormatError) as caught:
        read(text(frame), format="wenjuanxing")
    assert "missing_column" in set(caught.value.problems["rule"])


def test_running_numbers_may_count_the_attention_check(read):
    frame = table().rename(columns={name: f"18_{at}" for at, name in enumerate(ITEMS, 1)})
    assert items(read(text(frame))) == ANSWERS


def test_options_whose_question_stands_over_the_first_only(read):
    frame = table().drop(columns="Duties")
    frame["3、Duties(Lessons, exams)"] = ["1", "0", "1", "0"]
    frame["3、(Office)"] = ["1", "1", "0", "0"]
    assert validate(read(text(frame)), SMALL).frame["duties"].fillna("").tolist() == ["x┋y", "y", "x", ""]


def test_options_as_redcap_writes_them(read):
    frame = table().drop(columns="Duties")
    frame["duties___x"], frame["duties___y"] = ["1", "0", "1", "0"], ["1", "1", "0", "0"]
    assert validate(read(text(frame)), SMALL).frame["duties"].fillna("").tolist() == ["x┋y", "y", "x", ""]


def test_the_order_of_a_ranking_is_not_lost_in_silence(read):
    frame = table()
    frame["Duties"] = ["Office→Lessons, exams", "Office", "Office", "Office"]
    raw = read(text(frame))
    assert raw.frame["duties"].tolist()[0] == "Office┋Lessons, exams"
    assert "ranked_answers" in [note.id for note in raw.source.notes]


def test_answers_that_are_only_joined_otherwise_are_not_said_to_be_labels(read):
    frame = table(labels=["1", "2", "3", "4"])
    frame["Post"], frame["Duties"] = "t", ["x y", "x", "y", "x"]
    raw = read(text(frame))
    assert raw.frame["duties"].tolist()[0] == "x┋y"
    assert "labels_and_codes" not in [note.id for note in raw.source.notes]


LIME = {"id": [1, 2, 3, 4], "submitdate": ["1980-01-01 00:00:00"] * 4, "lastpage": ["1"] * 4}


def test_codes_of_limesurvey_are_numbers_of_options_once_their_order_is_said(read):
    frame = table(labels=["A1", "A2", "A3", "A4"], **LIME)
    frame["Post"], frame["Duties"] = ["A1", "A2", "A1", "A1"], ["A2", "A1", "A2", "A2"]
    with pytest.raises(PlanError, match="codes of answers such as A4: say values"):
        read(text(frame))
    raw = read(text(frame), values="number", option_order="as_listed")
    assert items(raw) == ANSWERS
    assert validate(raw, SMALL).frame["post"].tolist() == ["t", "h", "t", "t"]
    assert "option_codes" in [note.id for note in raw.source.notes]
    turned = [[5 - value for value in row] for row in ANSWERS]
    frame = table(labels=["A4", "A3", "A2", "A1"], **LIME)
    frame["Post"], frame["Duties"] = "A1", "A2"
    assert items(read(text(frame), values="number", option_order="reversed")) == ANSWERS != turned


def test_numbers_of_a_platform_are_taken_as_values_with_a_note(read):
    frame = table(labels=["1", "2", "3", "4"], **LIME)
    raw = read(text(frame))
    assert items(raw) == ANSWERS
    assert "numbers_taken_as_values" in [note.id for note in raw.source.notes]


def test_codes_that_are_turned_round_are_caught_by_the_attention_check(read):
    answers = [[4, 4, 1, 3]] * 2 + [[3, 4, 2, 2]] * 2
    frame = pd.concat([table(labels=["4", "3", "2", "1"], answers=answers)] * 2)
    with pytest.raises(ImportFormatError) as caught:
        read(text(frame))
    problem = caught.value.problem_list[0]
    assert problem.rule == "option_order_contradicted"
    assert 'values = "number" and option_order = "reversed"' in problem.remedy
    raw = read(text(frame.assign(Post="1", Duties="1")), values="number", option_order="reversed")
    assert items(raw) == answers * 2


def test_numbers_among_labels_are_values(read):
    frame = table()
    frame[ITEMS[3]] = ["3", "2", "2", "1"]
    raw = read(text(frame))
    assert items(raw) == ANSWERS
    note = next(note for note in raw.source.notes if note.id == "numbers_among_labels")
    assert note.values["columns"] == "pla_03"


def test_numbers_that_are_no_answers_or_stand_between_labels_stay_problems(read):
    frame = table()
    frame[ITEMS[3]] = ["3", "2", "9", "1"]
    frame[ITEMS[2]] = ["1", "Rarely", "Rarely", "Agree"]
    with pytest.raises(ResponseError) as caught:
        validate(read(text(frame)), SMALL)
    problems = caught.value.problems
    assert set(problems["rule"]) == {"unknown_label"}
    assert problems["column"].value_counts().to_dict() == {"pla_03": 4, "pla_02": 1}


def test_a_scale_without_labels_takes_numbers_beside_labels(read):
    own = survey.parsed(
        survey.TEXT.replace('version = "1"', 'version = "1"\ntexts = "withheld"', 1)
        .replace("[[dimension]]", "[response_scale.ten]\nvalues = [1, 2, 3, 4, 5]\n\n[[dimension]]", 1)
        .replace('zh = "学区长设定目标。" }', 'zh = "学区长设定目标。", response_scale = "ten" }')
    )
    frame = table()
    frame[ITEMS[3]] = ["5", "2", "2", "1"]
    assert validate(read(text(frame), instrument=own), own).frame["pla_03"].tolist() == [5, 2, 2, 1]


@pytest.mark.parametrize(
    ("time", "read_as"),
    [
        ("05.01.2024 15:04:05", "2024-01-05T15:04:05"),
        ("2024/01/05 3:04:05 下午 GMT+8", "2024-01-05T15:04:05+08:00"),
        ("2024/01/05 上午 12:04:05", "2024-01-05T00:04:05"),
        ("1/5/2024 15:04:05", None),
    ],
)
def test_times_of_several_places(read, time, read_as):
    found = read(text(table(Timestamp=time))).system["submitted_at"].tolist()
    assert [None if pd.isna(one) else one for one in found] == [read_as] * 4


SURVEYMONKEY = [
    ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name"],
    ["School", "Post", "Duties", "", "How far?", "", "", "", "Anything else?"],
]


def monkey():
    first = [*SURVEYMONKEY[0], *SURVEYMONKEY[1]]
    second = [""] * 7 + ["Open-Ended Response", "Response", "Lessons, exams", "Office", *ITEMS, "Open-Ended Response"]
    times = ["01/13/2024 10:00:00 AM", "01/13/2024 10:02:00 AM"]
    rows = [
        [
            str(100 + at),
            "7",
            *times,
            "1.2.3.4",
            "",
            "",
            "S1",
            "Teacher",
            "",
            "Office",
            *(EN[v - 1] for v in answers),
            "",
        ]
        for at, answers in enumerate(ANSWERS)
    ]
    return [first, second, *rows]


def test_two_header_rows_of_surveymonkey(read):
    lines = io.StringIO()
    pd.DataFrame(monkey()).to_csv(lines, index=False, header=False)
    for raw in (read(lines.getvalue()), read(workbook([[c or None for c in row] for row in monkey()]), "a.xlsx")):
        assert raw.source.format == "surveymonkey"
        assert items(raw) == ANSWERS
        assert raw.frame["respondent_id"].tolist() == ["100", "101", "102", "103"]
        assert raw.system["duration_seconds"].tolist() == [120.0] * 4
        assert validate(raw, SMALL).frame["duties"].tolist() == ["y"] * 4
        assert {"Email Address", "First Name", "IP Address"} <= set(raw.source.withheld)


def typed(extra=(), merged=()):
    frame = table()
    return workbook([list(frame.columns), *frame.replace("", None).to_numpy().tolist(), *extra], merged)


@pytest.mark.parametrize(
    "extra", [[[], ["注：1=从不，4=总是"]], [["注：1=从不"]], [[], ["Typed in June"], ["by hand"]]]
)
def test_remarks_below_a_table_are_nobody(read, extra):
    raw = read(typed(extra), "a.xlsx")
    assert len(raw.frame) == 4
    assert items(raw) == ANSWERS
    assert "remarks_below" in [note.id for note in raw.source.notes]


def test_a_respondent_without_answers_is_no_remark(read):
    assert len(read(typed([["S3"]]), "a.xlsx").frame) == 5
    assert len(read(typed([[], ["12"]]), "a.xlsx").frame) == 5


@pytest.mark.parametrize("word", ["合计", "平均分", "Total", "Mean "])
def test_a_row_of_totals_is_named(read, word):
    for content, name in (
        (typed([[word, None, None, 3, 4, 2, 2]]), "a.xlsx"),
        (text(pd.concat([table(), table().iloc[:1].assign(School=word)])), "a.csv"),
    ):
        with pytest.raises(ImportFormatError) as caught:
            read(content, name)
        problem = caught.value.problems.set_index("rule").loc["totals_row"]
        assert (problem["row"], problem["line"]) == (5, 6)


@pytest.mark.parametrize("cells", ["A1:XFD1048576", "A1:XFD2"])
def test_a_cell_merged_over_the_whole_sheet_fills_no_memory(read, cells):
    with pytest.raises(ImportFormatError) as caught:
        read(merged_over_all(typed(), cells), "a.xlsx")
    assert len(caught.value.problem_list) < 20
    assert cells == "A1:XFD2" or cells in str(caught.value)


def merged_over_all(data, place):
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                merged = f'</sheetData><mergeCells count="1"><mergeCell ref="{place}"/></mergeCells>'
                part = part.replace(b"</sheetData>", merged.encode())
            new.writestr(name, part)
    return changed.getvalue()


def test_thousands_of_merged_cells_are_told_in_a_few_lines(read):
    rows = [list(table().columns), *([["S1"] * 8] * 60)]
    with pytest.raises(ImportFormatError) as caught:
        read(workbook(rows, [f"A{at}:B{at}" for at in range(2, 60)]), "a.xlsx")
    assert sum(problem.rule == "merged_cells" for problem in caught.value.problem_list) == 20


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"\n <!DOCTYPE HTML><body>", "web page"),
        (b"\x1f\x8b" + bytes(30), "gzip archive"),
    ],
)
def test_what_is_no_table_says_what_it_is(read, content, words):
    problem = refused(read, content, "a.xls")
    assert words in problem.message
    assert problem.rule == "binary_file"


def test_half_a_workbook_is_called_damaged(read):
    rng = np.random.default_rng(1)
    frame = pd.concat([table().assign(School=[str(one) for one in rng.random(4)]) for _ in range(300)])
    whole = workbook([list(frame.columns), *frame.to_numpy().tolist()])
    problem = refused(read, whole[: len(whole) // 2], "a.xlsx")
    assert problem.rule in ("truncated_file", "no_workbook")
    assert "export it again" in problem.remedy


def test_a_line_of_a_hundred_thousand_columns_is_refused_at_once(read):
    content = ",".join(f"c{at}" for at in range(100_000)) + "\n" + ",".join(["1"] * 100_000) + "\n"
    problem = refused(read, content)
    assert problem.rule == "too_large"


def test_excels_mark_of_the_delimiter_hides_no_platform(read):
    frame = table(**{"序号": [1, 2, 3, 4], "提交答卷时间": "2026/4/1 8:00:00", "所用时间": "80秒"})
    frame["Post"] = ["(跳过)", "Teacher", "Teacher", "Teacher"]
    raw = read("sep=;\n" + text(frame, sep=";"))
    assert raw.source.format == "wenjuanxing"
    assert items(raw) == ANSWERS
    assert raw.system["duration_seconds"].tolist() == [80.0] * 4


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        ({"values": "codes"}, ["1", "2", "3", "4"]),
        ({"values": "number", "option_order": "as_listed"}, ["1", "2", "3", "4"]),
        ({"values": "number", "option_order": "reversed"}, ["4", "3", "2", "1"]),
    ],
)
def test_labels_among_numbers_are_told_by_their_words(read, options, labels):
    frame = table(labels=labels)
    frame[ITEMS[3]] = ["Agree", "Rarely", "Rarely", "Never"]
    frame["Post"], frame["Duties"] = "Teacher", "Office"
    raw = read(text(frame), **options)
    assert items(raw) == ANSWERS
    note = next(note for note in raw.source.notes if note.id == "labels_and_codes")
    assert "pla_03" in note.values["columns"]
