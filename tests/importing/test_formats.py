"""Every format: recognised, read back as written, forced; no formula is ever written live."""

import csv
import io
import zipfile

import pandas as pd
import pytest
import survey
from survey import SMALL

from leadership_study.by_name import find, names
from leadership_study.errors import ImportFormatError, PlanError
from leadership_study.importing import csv_text, read_files, read_responses
from leadership_study.importing._formulas import live, neutral, restored
from leadership_study.validation import validate

FORMATS = names("leadership_study.importing")


@pytest.fixture
def read(tmp_path):
    def read(content, name="answers", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_responses(path, SMALL, **options)

    return read


def written(format, language=None, rows=survey.ROWS):
    module = find("leadership_study.importing", format)
    raw = survey.raw(rows)
    if format in ("csv_text", "excel"):
        return module.write(raw)
    if format in ("kobo", "limesurvey") and language is None:
        return module.write(raw, SMALL)
    return module.write(raw, SMALL, language=language or "zh")


def test_all_formats_are_there():
    expected = [
        "csv_text",
        "excel",
        "google_forms",
        "kobo",
        "limesurvey",
        "qualtrics",
        "spss",
        "stata",
        "surveymonkey",
        "wenjuanxing",
    ]
    assert sorted(FORMATS) == expected


@pytest.mark.parametrize("language", ["zh", "en", None])
@pytest.mark.parametrize("format", FORMATS)
def test_what_is_written_is_recognised_and_read_back(read, format, language):
    raw = read(written(format, language))
    assert raw.source.format == format
    if format == "google_forms":  # the platform numbers nobody
        expected = survey.frame()
        raw.frame["respondent_id"] = expected["respondent_id"]
    else:
        expected = survey.frame()
    if format == "wenjuanxing":
        pd.testing.assert_frame_equal(validate(raw, SMALL).frame, validate(survey.raw(), SMALL).frame)
        return
    if raw.source.values == "text":
        raise AssertionError("codes were written")
    pd.testing.assert_frame_equal(raw.frame, expected)


@pytest.mark.parametrize("format", FORMATS)
def test_the_match_is_shown_and_stored(read, format):
    source = read(written(format)).source
    shown = source.match_frame()
    assert set(SMALL.column_ids) <= set(shown.index)
    assert shown["header"].to_dict() == {id: header for header, id in source.columns.items()}
    assert set(shown["how"]) <= {"id", "wording", "number", "map"}
    if format in ("google_forms", "surveymonkey", "wenjuanxing"):
        assert shown.loc[list(SMALL.column_ids), "how"].eq("wording").all()
    else:
        assert shown["how"].eq("id").all()


@pytest.mark.parametrize(
    "format", ["csv_text", "google_forms", "kobo", "limesurvey", "qualtrics", "surveymonkey", "wenjuanxing"]
)
def test_no_formula_is_written_live(format):
    text = written(format).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";" if format == "kobo" else ",") for cell in row]
    assert any("1+1" in cell for cell in cells)
    assert live(cells) == []


def test_no_formula_is_written_into_a_workbook():
    with zipfile.ZipFile(io.BytesIO(written("excel"))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in sheet
    assert 't="n"' not in sheet
    assert written("excel") == written("excel")


@pytest.mark.parametrize(
    "text", ["=1", "'=1", "''=1", "-2", "+86 10", "@x", "-", "--", "'", "'a", "a=1", "\t=1", "-1e3"]
)
def test_neutral_texts_come_back(text):
    assert restored(neutral(text)) == text
    assert live([neutral(text)]) == []


def test_a_format_can_be_forced_and_an_unknown_one_is_refused(read):
    assert read(written("wenjuanxing"), format="csv_text").source.format == "csv_text"
    with pytest.raises(PlanError, match="did you mean wenjuanxing"):
        read(written("wenjuanxing"), format="wenjuanxin")


def text_table(delimiter=","):
    labels = SMALL.response_scales["agreement"].labels["zh"]
    header = ["序", *(SMALL.label(id, "zh") for id in SMALL.column_ids)]
    lines = [delimiter.join(header)]
    lines += [
        delimiter.join([str(at), *[labels[at % 4]] * 3, "一校", "教师", "教学", labels[3], "好"]) for at in range(12)
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_wordings_and_labels_are_found_in_any_text(read, encoding, delimiter):
    raw = read(text_table(delimiter).encode(encoding))
    assert raw.source.values == "text"
    assert raw.source.delimiter == delimiter
    assert validate(raw, SMALL).frame["pla_01"].tolist() == [1.0, 2.0, 3.0, 4.0] * 3


@pytest.mark.parametrize(
    ("said", "encoding", "found"),
    [("學區長提前做好規劃，老師很滿意", "big5", "big5"), ("Über größere Ziele – naïve Café", "cp1252", "cp1252"),
     ("Élève déjà reçu à l'école", "latin-1", "cp1252"), ("很好", "gbk", "gb18030")],
)  # fmt: skip
def test_old_encodings_are_recognised_by_rules_and_noted(read, said, encoding, found):
    text = csv_text.write(survey.raw([["r1", "4", "1", "3", "A", "t", "x", "4", said]])).decode()
    raw = read(text.encode(encoding))
    assert raw.frame["more"].tolist() == [said]
    assert raw.source.encoding == found
    assert "other_encoding" in [note.id for note in raw.source.notes]
    forced = read(text.encode(encoding), encoding=encoding)
    assert forced.frame["more"].tolist() == [said]
    assert "forced_encoding" in [note.id for note in forced.source.notes]


def test_a_wrong_encoding_is_refused(read):
    with pytest.raises(ImportFormatError) as caught:
        read(text_table().encode("gbk"), encoding="utf-8")
    assert caught.value.problems["rule"].tolist() == ["wrong_encoding"]
    with pytest.raises(PlanError, match="encoding"):
        read(text_table(), encoding="utf-9")


def test_mixed_encodings_and_files_cut_off_are_refused(read):
    text = text_table()
    with pytest.raises(ImportFormatError) as caught:
        read(text.encode() + text.encode("gbk"))
    assert caught.value.problems["rule"].tolist() == ["mixed_encodings"]
    with pytest.raises(ImportFormatError) as caught:
        read(text.encode()[:-3])
    assert caught.value.problems["rule"].tolist() == ["truncated_file"]
    with pytest.raises(ImportFormatError) as caught:
        read(text.encode("gbk")[:-2])
    assert caught.value.problems["rule"].tolist() == ["truncated_file"]


def test_running_numbers_stand_for_the_items(read):
    lines = ["Q1,Q2.,第3题,school,post,duties,check_1,more", "4,1,3,A,t,x,4,", "3,2,2,B,h,y,4,z"]
    with pytest.raises(ImportFormatError):
        read("\n".join(lines).replace("第3题", "Q4"))
    text = "\n".join(lines).replace("Q2.", "Q2").replace("第3题", "Q3")
    raw = read(text)
    assert raw.source.match_frame().loc[["pla_01", "pla_02", "pla_03"], "how"].tolist() == ["number"] * 3
    assert raw.frame["pla_03"].tolist() == ["3", "2"]
    assert "matched_by_number" in [note.id for note in raw.source.notes]
    with pytest.raises(ImportFormatError):
        read(text.replace("Q3", "pla_03"))  # one is known by its id: the numbers may be those of other questions


def numbers(order, *, turned=False, checks=True):
    """An export of 问卷星 by number; the form lists the highest answer first when ``turned``."""
    header = ["序号", "提交答卷时间", *(f"{at}、{SMALL.label(id, 'zh')}" for at, id in enumerate(SMALL.column_ids, 1))]
    rows = []
    for at in range(20):
        answers = [4 if at % 5 else 3, 1 if at % 4 else 2, 4, 1, 1, "1┋2", 4 if checks else 2, "(空)"]
        scale = [5 - answer for answer in answers[:3]] if turned else answers[:3]
        check = 5 - answers[6] if turned else answers[6]
        rows.append([at + 1, "2026/4/18 08:00:00", *scale, "一校", 1, "1┋2", check, "(空)"])
    return "\n".join(",".join(map(str, row)) for row in [header, *rows])


def test_numbers_of_options_need_a_direction_and_a_reversed_one_is_caught(read):
    with pytest.raises(PlanError, match="was exported by numbers"):
        read(numbers("as_listed"))
    fine = read(numbers("as_listed"), values="number", option_order="as_listed")
    turned = read(numbers("reversed", turned=True), values="number", option_order="reversed")
    pd.testing.assert_frame_equal(validate(fine, SMALL).frame, validate(turned, SMALL).frame)
    with pytest.raises(ImportFormatError) as caught:
        read(numbers("as_listed", turned=True), values="number", option_order="as_listed")
    assert caught.value.problems["rule"].tolist() == ["option_order_contradicted"]
    assert "100%" in caught.value.problems.loc[0, "message"]


def test_files_are_read_together_with_all_their_problems(tmp_path):
    for name, content in {
        "a.csv": csv_text.write(survey.raw()),
        "b.csv": b"x,y\n1,2\n",
        "c.xlsx": written("excel"),
    }.items():
        (tmp_path / name).write_bytes(content)
    found = read_files([tmp_path / "a.csv", tmp_path / "c.xlsx"], SMALL)
    assert [raw.source.file for raw in found] == ["a.csv", "c.xlsx"]
    pd.testing.assert_frame_equal(found[0].frame, found[1].frame)
    with pytest.raises(ImportFormatError) as caught:
        read_files([tmp_path / "b.csv", tmp_path / "nothing.csv"], SMALL)
    assert {*caught.value.problems["file"]} == {"b.csv", "nothing.csv"}
