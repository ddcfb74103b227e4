"""Workbooks: what cells show, headers of several rows, and files made to deceive or to exhaust."""

import io
import os
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import survey
from openpyxl.styles import numbers
from survey import SMALL

from leadership_study.errors import ImportFormatError
from leadership_study.importing import _xlsx_parts, excel, read_responses
from leadership_study.importing._workbook import read_workbook

HEADER = ["respondent_id", *SMALL.column_ids]


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "answers.xlsx"
        path.write_bytes(content if isinstance(content, bytes) else saved(content))
        return read_responses(path, SMALL, **options)

    return read


@pytest.fixture
def refused(read):
    def refused(content, **options):
        with pytest.raises(ImportFormatError) as caught:
            read(content, **options)
        assert caught.value.problems["remedy"].str.len().gt(0).all()
        return caught.value.problems

    return refused


def saved(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def filled(rows=survey.ROWS, header=HEADER):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(header)
    for row in rows:
        sheet.append([cell if cell is None or not cell.startswith("=") else "x" + cell for cell in row])
    return book


def typed_rows():
    return [["r1", 4, 1.0, 3, "一校", "t", "x┋y", 4, date(2026, 4, 18)], ["r2", 3, 2, None, 2, "h", "y", 4, True],
            ["r3", 1, 4, 2, 0.1, "t", None, 3, datetime(2026, 4, 18, 8, 30)]]  # fmt: skip


def test_cells_are_what_they_show(read):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for row in typed_rows():
        book.active.append(row)
    raw = read(book)
    assert raw.source.format == "excel"
    assert raw.frame["pla_02"].tolist() == ["1", "2", "4"]
    assert raw.frame["school"].tolist() == ["一校", "2", "0.1"]
    assert raw.frame["more"].tolist() == ["2026-04-18", "TRUE", "2026-04-18T08:30:00"]
    assert raw.lines.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [(3.0, "General", "3"), (43208, "yyyy/m/d", "2018-04-18"), (0.5, "h:mm", "12:00:00"), (60, "General", "60"),
     (1.5, '0.0" dm"', "1.5"), (13800000001, "0", "13800000001"), (0.25, "0%", "0.25"),
     (61, "yyyy-mm-dd", "1900-03-01"), (1, "yyyy-mm-dd", "1900-01-01"), (2, "[Red]0", "2")],
)  # fmt: skip
def test_numbers_and_dates(value, style, text):
    book = filled()
    book.active["I2"] = value
    book.active["I2"].number_format = style
    table = read_workbook(saved(book), file="x")
    assert table.cells.iat[0, 8] == text


def test_builtin_date_styles_are_dates():
    book = filled()
    book.active["I2"] = 43208
    book.active["I2"].number_format = numbers.BUILTIN_FORMATS[14]
    assert read_workbook(saved(book), file="x").cells.iat[0, 8] == "2018-04-18"


def test_the_sheet_with_the_questions_is_chosen_named_or_numbered(read, refused):
    book = filled()
    book.active.title = "答卷"
    other = book.create_sheet("说明", 0)
    other["A1"] = "这是说明"
    book.create_sheet("空")
    raw = read(book)
    assert raw.source.sheet == "答卷"
    assert "sheet_chosen" in [note.id for note in raw.source.notes]
    assert read(book, sheet="答卷").source.sheet == read(book, sheet=2).source.sheet == "答卷"
    assert refused(book, sheet="没有")["rule"].tolist() == ["unknown_sheet"]
    assert "'说明', '答卷'" in refused(book, sheet="没有").loc[0, "remedy"]


def test_hidden_sheets_do_not_count(read):
    book = filled()
    hidden = book.create_sheet("old", 0)
    for row in book.active.iter_rows(values_only=True):
        hidden.append(row)
    hidden.sheet_state = "hidden"
    book.active = 1
    assert read(book).source.sheet == "Sheet"


def test_a_merged_title_and_a_merged_header(read):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["问卷结果"])
    sheet.merge_cells("A1:I1")
    sheet.append(["respondent_id", "4、看法", None, None, "school", "post", "duties", "check_1", "more"])
    sheet.append([None, *(SMALL.label(id, "zh") for id in ("pla_01", "pla_02", "pla_03"))])
    for row in survey.ROWS:
        sheet.append(["x" + cell if cell and cell.startswith("=") else cell for cell in row])
    sheet.merge_cells("B2:D2")
    for column in "AEFGHI":
        sheet.merge_cells(f"{column}2:{column}3")
    raw = read(book)
    assert {note.id for note in raw.source.notes} >= {"title_row", "merged_header"}
    assert raw.frame["pla_02"].tolist() == ["1", "2", "4", "3"]
    assert raw.source.match_frame().loc["pla_02", "how"] == "wording"
    assert raw.lines.tolist() == [4, 5, 6, 7]


def test_merged_answers_are_refused(refused):
    book = filled()
    book.active.merge_cells("B3:B4")
    table = refused(book)
    assert table["rule"].tolist() == ["merged_cells"]
    assert "B3:B4" in table.loc[0, "message"]


def test_formulas_count_with_their_stored_value_and_are_refused_without(read, refused):
    book = filled()
    book.active["B2"] = "=2+2"
    table = refused(book)
    assert table["rule"].tolist() == ["formula_without_value"]
    assert "B2" in table.loc[0, "message"]
    raw = read(changed(saved(book), "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>4</v>", b"<v />", b"<v>4</v>"))
    assert raw.frame.loc[1, "pla_01"] == "4"
    assert "formula_cells" in [note.id for note in raw.source.notes]


def changed(data, part, *pairs):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                for at in range(0, len(pairs), 2):
                    content = content.replace(pairs[at], pairs[at + 1])
            new.writestr(name, content)
    return buffer.getvalue()


def test_cells_without_addresses_and_names_with_prefixes_are_read():
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row>'
        + "".join(f'<x:c t="inlineStr"><x:is><x:t>h{at}</x:t></x:is></x:c>' for at in range(3))
        + '</x:row><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2.50</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    with zipfile.ZipFile(io.BytesIO(excel.write(survey.raw()))) as archive:
        old = archive.read("xl/worksheets/sheet1.xml")
    table = read_workbook(changed(excel.write(survey.raw()), "xl/worksheets/sheet1.xml", old, sheet.encode()), file="x")
    assert table.header == ("h0", "h1", "h2")
    assert table.cells.iloc[0].tolist() == ["1", "2.5", "TRUE"]


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.99])
def test_a_workbook_cut_off(refused, keep):
    data = saved(filled())
    assert refused(data[: int(len(data) * keep)])["rule"].isin(["truncated_file", "binary_file"]).all()


def test_entities_are_refused(refused):
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )
    data = excel.write(survey.raw())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        old = archive.read("xl/worksheets/sheet1.xml")
    assert refused(changed(data, "xl/worksheets/sheet1.xml", old, bomb))["rule"].tolist() == ["entities"]


def test_an_archive_made_to_exhaust_is_refused_before_it_is_unpacked(refused, monkeypatch):
    buffer = io.BytesIO(excel.write(survey.raw()))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.xml", b"0" * (40 << 20))
    table = refused(buffer.getvalue())
    assert table["rule"].tolist() == ["too_large"]
    monkeypatch.setattr(_xlsx_parts, "MOST_BYTES", 1000)
    assert refused(saved(filled()))["rule"].tolist() == ["too_large"]


def test_a_cell_far_out_costs_nothing_and_is_named(refused):
    book = filled(survey.ROWS * 3)
    book.active["XFD9"] = "x"
    table = refused(book)
    assert "row_too_long" in table["rule"].tolist()
    assert table.loc[table["rule"] == "row_too_long", "line"].tolist() == [9]


def test_an_empty_workbook_and_one_with_a_header_only(refused):
    assert refused(openpyxl.Workbook())["rule"].tolist() == ["empty_file"]
    assert "no_rows" in refused(filled([]))["rule"].tolist()


def test_old_workbooks_are_read(tmp_path):
    path = Path(__file__).parent / "files" / "answers.xls"
    raw = read_responses(path, SMALL)
    assert (raw.source.format, raw.source.encoding) == ("excel", "xls")
    pd.testing.assert_frame_equal(raw.frame.drop(columns="more"), survey.frame().drop(columns="more"))
    assert raw.frame["more"].tolist()[0] == "2026-04-18"
    broken = tmp_path / "broken.xls"
    broken.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ImportFormatError) as caught:
        read_responses(broken, SMALL)
    assert caught.value.problems["rule"].tolist() == ["truncated_file"]


def test_a_real_export_in_a_workbook():
    folder = os.environ.get("LEADERSHIP_STUDY_EXPORTS")
    if not folder:
        pytest.skip("set LEADERSHIP_STUDY_EXPORTS to a folder of real export files")
    table = read_workbook(
        (Path(folder) / "kobo" / "xlsform_artifact-kobotoolbox.xlsx").read_bytes(), file="x", sheet="survey"
    )
    expected = pd.read_excel(
        Path(folder) / "kobo" / "xlsform_artifact-kobotoolbox.xlsx", sheet_name="survey", dtype=str
    )
    assert table.header == tuple(expected.columns)
    assert len(table.cells) == len(expected.dropna(how="all"))
