"""问卷星 exports: headers as questions, answers as labels, codes for "no answer", personal data left behind."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from leadership_study.errors import ImportFormatError, PlanError, ResponseError
from leadership_study.importing import RawResponses, Source, csv_text, read_responses, wenjuanxing
from leadership_study.instruments import load_instrument
from leadership_study.instruments._parts import Parts
from leadership_study.instruments._reader import Complaints
from leadership_study.validation import validate

FLAGSHIP = load_instrument(Path(__file__).parents[2] / "questionnaires" / "school_district_head_leadership.toml")
SMALL_FILE = """
id = "small"
version = "1"
title = { en = "Small", zh = "小问卷" }

[response_scale.agreement]
values = [1, 2, 3]
labels = { en = ["No", "Partly", "Yes"], zh = ["不符合", "一般", "符合"] }

[[dimension]]
id = "planning"
label = { en = "Planning", zh = "规划" }
definition = { en = "Plans.", zh = "规划。" }
items = [
  { id = "a1", en = "The head plans.", zh = "学区长做规划。", self = { en = "I plan.", zh = "我做规划。" } },
  { id = "a2", en = "The head waits.", zh = "学区长等待。", self = { en = "I wait.", zh = "我等待。" } },
]

[[form]]
id = "importance"
of = "dimensions"
response_scale = "agreement"
label = { en = "Importance", zh = "重要性" }

[[background]]
id = "school"
kind = "group"
label = { en = "School", zh = "所在学校" }

[[background]]
id = "post"
kind = "nominal"
label = { en = "Post", zh = "职务" }
levels = [ { value = "t", en = "Teacher", zh = "教师" }, { value = "h", en = "Head", zh = "学区长" } ]

[[background]]
id = "years"
kind = "ordinal"
label = { en = "Years", zh = "年限" }
levels = [ { value = "a", en = "0 to 2", zh = "0—2年" }, { value = "b", en = "3 or more", zh = "3年及以上" } ]
relevant = { post = ["h"] }

[[background]]
id = "duties"
kind = "multiple"
label = { en = "Duties", zh = "承担的工作" }
levels = [ { value = "x", en = "Lessons", zh = "教学" }, { value = "y", en = "Office", zh = "行政" } ]

[[attention_check]]
id = "check"
after = "a1"
expected = 3
en = "Please choose Yes."
zh = "本题请选择“符合”。"

[[open_question]]
id = "more"
en = "Anything else?"
zh = "还有什么想说的吗？"
"""


def parsed(text):
    complaints = Complaints("small.toml")
    instrument = Parts(tomllib.loads(text), complaints).instrument()
    assert instrument is not None, complaints.found
    return instrument


SMALL = parsed(SMALL_FILE)
HEADER = (
    "序号,提交答卷时间,所用时间,来源,来源详情,来自IP,1、所在学校,2、职务,3、年限,4、承担的工作,"
    "5、下列描述—学区长做规划。,5、下列描述—本题请选择“符合”。,5、下列描述—学区长等待。,6、重要性—规划,7、还有什么想说的吗？"
)
ROWS = [
    "11,2026/4/18 08:00:00,80秒,微信,福建福州,192.0.2.1,一校,教师,(跳过),教学┋行政,符合,符合,不符合,一般,(空)",
    "12,2026/4/18 08:03:10,95秒,微信,福建福州,192.0.2.1,一校,学区长,0—2年,行政,一般,符合,(空),符合,很好",
]
EXPORT = "\n".join([HEADER, *ROWS, ""])
TYPED = {
    "a1": [3.0, 2.0],
    "a2": [1.0, None],
    "importance_planning": [2.0, 3.0],
    "school": ["一校", "一校"],
    "post": ["t", "h"],
    "years": [None, "a"],
    "duties": ["x┋y", "y"],
    "check": [3.0, 3.0],
    "more": [None, "很好"],
}


def typed_frame():
    index = pd.Index(["11", "12"], name="respondent_id", dtype="str")
    frame = pd.DataFrame(TYPED, index=index)
    texts = ["school", "post", "years", "duties", "more"]
    return frame.astype({name: "str" for name in texts})


@pytest.fixture
def read(tmp_path):
    def of(content, instrument=SMALL, **options):
        path = tmp_path / "export.csv"
        path.write_bytes(content.encode("utf-8-sig") if isinstance(content, str) else content)
        return read_responses(path, instrument, **options)

    return of


def test_an_export_is_recognised_and_its_answers_get_their_values(read):
    raw = read(EXPORT)
    assert raw.source.format == "wenjuanxing"
    assert (raw.source.values, raw.source.missing_codes) == ("text", wenjuanxing.MISSING_CODES)
    assert raw.frame.loc[1, "a1"] == "符合"  # as received
    validated = validate(raw, SMALL)
    pd.testing.assert_frame_equal(validated.frame, typed_frame())
    missing = next(note for note in validated.notes if note.id == "missing_codes")
    assert missing.values["count"] == 3


def test_the_match_of_headers_and_ids_is_kept(read):
    columns = read(EXPORT).source.columns
    assert columns["序号"] == "respondent_id"
    assert columns["1、所在学校"] == "school"
    assert columns["5、下列描述—本题请选择“符合”。"] == "check"
    assert columns["6、重要性—规划"] == "importance_planning"


def test_addresses_are_never_carried_on(read):
    raw = read(EXPORT)
    assert "192.0.2.1" not in raw.frame.to_csv()
    assert "来自IP" not in raw.source.ignored
    note = next(note for note in raw.source.notes if note.id == "personal_data_left_out")
    assert str(note) == "Personal data in export.csv were not carried on: 来自IP (IP地址/IP address)."
    named = read(EXPORT, respondent_id="来自IP")
    assert not named.frame["respondent_id"].str.contains("192.0.2", regex=False).any()
    assert "192.0.2" not in str(named.source)
    assert "192.0.2.1" not in wenjuanxing.write(raw, SMALL).decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1、所在学校", "1.所在学校"),
        ("1、所在学校", "1：所在学校"),
        ("1、所在学校", "(1)1、所在学校"),
        ("1、所在学校", " 1、 所在\t学校 "),
        ("1、所在学校", "第1题(所在学校)"),
        ("1、所在学校", "所在学校"),
        ("1、所在学校", "1、School"),
        ("1、所在学校", "school"),
        ("5、下列描述—学区长做规划。", "第5题(学区长做规划)"),
        ("5、下列描述—学区长做规划。", "5、下列——描述—学区长做规划"),
        ("5、下列描述—学区长做规划。", "5、How far—The head plans"),
        ("6、重要性—规划", "6、重要性: 规划"),
        ("0—2年", "0－2年"),
        ("0—2年", "0 to 2"),
        ("教学┋行政", "行政┋教学"),
        ("学区长,0", " 学区长 ,0"),
        ("(空)", "-2"),
        ("(跳过)", "-3"),
        ("(空)", ""),
    ],
)
def test_ways_of_writing_the_same(read, old, new):
    assert old in EXPORT
    pd.testing.assert_frame_equal(validate(read(EXPORT.replace(old, new)), SMALL).frame, typed_frame())


def test_an_explicit_map_wins_over_the_wording(read):
    text = EXPORT.replace("1、所在学校", "1、您在哪里工作")
    raw = read(text, columns={"1、您在哪里工作": "school"})
    pd.testing.assert_frame_equal(validate(raw, SMALL).frame, typed_frame())
    with pytest.raises(ImportFormatError, match="no column 'school' and none headed by its wording"):
        read(text)


def test_the_nearest_header_is_named(read):
    with pytest.raises(ImportFormatError) as caught:
        read(EXPORT.replace("学区长做规划", "学区长作规划"))
    (problem,) = caught.value.problem_list
    assert (problem.column, problem.rule) == ("a1", "missing_column")
    assert "学区长作规划" in problem.remedy


def test_two_columns_with_the_same_wording_must_be_told_apart(read):
    text = "\n".join(
        f"{line},{more}" for line, more in zip(EXPORT.split("\n")[:3], ["8、职务", "教师", "教师"], strict=True)
    )
    with pytest.raises(ImportFormatError) as caught:
        read(text)
    assert [problem.rule for problem in caught.value.problem_list] == ["ambiguous_column"]
    assert validate(read(text, columns={"2、职务": "post"}), SMALL).frame["post"].tolist() == ["t", "h"]


def test_an_unknown_label_is_a_problem_that_names_the_nearest(read):
    raw = read(
        EXPORT.replace("教师,(跳过)", "老教师,(跳过)")
        .replace("很好", "好")
        .replace("符合,符合,不符合", "符合,符合,不大符合")
    )
    with pytest.raises(ResponseError) as caught:
        validate(raw, SMALL)
    found = {problem.column: problem for problem in caught.value.problem_list}
    assert {problem.rule for problem in found.values()} == {"unknown_label"}
    assert found["a2"].remedy == "did you mean '不符合'?"
    assert found["post"].remedy == "did you mean '教师'?"


def numbers(text):
    for old, new in (
        ("教师", "1"), (",学区长,", ",2,"), ("教学┋行政", "1┋2"), (",行政,", ",2,"), ("0—2年", "1"),
        ("(跳过)", "-3"), ("(空)", "-2"), (",不符合", ",1"), (",一般", ",2"), (",符合", ",3"),
    ):  # fmt: skip
        text = text.replace(old, new)
    return text


def test_numbers_of_options_need_their_order(read):
    lines = EXPORT.split("\n")
    text = "\n".join([lines[0], *(numbers(line) for line in lines[1:])])
    with pytest.raises(PlanError, match="'option_order' is missing"):
        read(text, values="number")
    listed = validate(read(text, values="number", option_order="as_listed"), SMALL).frame
    pd.testing.assert_frame_equal(listed, typed_frame())
    turned = validate(read(text, values="number", option_order="reversed"), SMALL).frame
    assert turned["a1"].tolist() == [1.0, 2.0]  # 4 minus the answer: the scale only, not the background
    assert turned["post"].tolist() == ["t", "h"]
    with pytest.raises(PlanError, match="only for values"):
        read(text, option_order="reversed")
    with pytest.raises(ResponseError, match="not the number of an option"):
        validate(read(text.replace(",2,2,", ",7,2,"), values="number", option_order="as_listed"), SMALL)


def test_declared_missing_codes_replace_those_of_the_platform(read):
    raw = read(EXPORT, missing_codes=["(空)"])
    assert raw.source.missing_codes == ("(空)",)
    with pytest.raises(ResponseError, match="\\(跳过\\)"):
        validate(raw, SMALL)


def test_labels_in_a_plain_table_are_read_when_said(read):
    text = ",".join(["respondent_id", *SMALL.column_ids]) + "\n1,Yes,No,Yes,一校,Teacher,,Lessons,Yes,\n"
    raw = read(text, values="text")
    assert raw.source.format == "csv_text"
    assert validate(raw, SMALL).frame.loc["1", ["a1", "a2", "post"]].tolist() == [3.0, 1.0, "t"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("form", ["other", "self"])
def test_what_is_written_is_read_back(read, form, language):
    frame = pd.DataFrame(
        [
            ["r1", "3", "1", "2", "一校", "t", None, "x┋y", "3", None],
            ["r2", "2", None, "3", "一校", "h", "a", "y", "3", "很,好"],
        ],
        columns=["respondent_id", *SMALL.column_ids],
        index=pd.RangeIndex(1, 3, name="row"),
        dtype="str",
    )
    raw = RawResponses(frame=frame, source=Source(file="x", format="csv_text", sha256="", encoding="utf-8"))
    data = wenjuanxing.write(raw, SMALL, form=form, language=language)
    assert data.startswith(b"\xef\xbb\xbf\xe5\xba\x8f")
    again = read(data, form=form)
    assert again.source.format == "wenjuanxing"
    pd.testing.assert_frame_equal(validate(again, SMALL).frame, validate(raw, SMALL).frame)
    assert again.frame["years"].tolist()[0] == "(跳过)"
    assert again.frame["a2"].tolist()[1] == "(空)"
    assert wenjuanxing.write(again, SMALL, form=form, language=language) == data
    with pytest.raises(ImportFormatError):
        read(data, form="self" if form == "other" else "other")


def test_what_nobody_was_asked_is_said_to_be_skipped(read):
    data = wenjuanxing.write(validated_codes(), SMALL, not_asked=["school"])
    assert read(data).frame["school"].tolist() == ["(跳过)"]


def validated_codes():
    cells = ["r1", "3", "1", "2", None, "t", None, "x", "3", None]
    frame = pd.DataFrame([cells], columns=["respondent_id", *SMALL.column_ids], index=[1], dtype="str")
    return RawResponses(frame=frame, source=Source(file="x", format="csv_text", sha256="", encoding="utf-8"))


def test_plain_tables_are_not_taken_for_exports():
    assert not wenjuanxing.recognises(b"respondent_id,a1,a2\n1,2,3\n")
    assert not wenjuanxing.recognises("编号,姓名,年龄\n1,甲,3\n".encode())
    assert wenjuanxing.recognises("1.题目,2.题目,3.题目,4.题目\n1,2,3,4\n".encode("gb18030"))
    assert csv_text.recognises(EXPORT.encode())


def test_every_column_of_the_flagship_has_a_header_of_its_own():
    for form in ("other", "self"):
        for language in ("en", "zh"):
            headers = wenjuanxing.headers(FLAGSHIP, form=form, language=language)
            assert list(headers) == [*dict.fromkeys(headers)]
            assert sorted(headers) == sorted(FLAGSHIP.column_ids)
            assert len(set(headers.values())) == len(headers)
