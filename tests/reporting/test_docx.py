"""The Word report, opened again."""

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from leadership_study.reporting.formats.docx import render
from leadership_study.reporting.parts import plain


def opened(document: Any) -> Any:
    return docx.Document(io.BytesIO(render(document)))


@pytest.fixture(scope="module")
def chinese(study: Any) -> tuple[Any, Any]:
    document = study.document("zh")
    return document, opened(document)


def test_headings_are_real_headings(chinese: tuple[Any, Any]) -> None:
    document, file = chinese
    found = [(p.style.name, p.text) for p in file.paragraphs if p.style.name.startswith("Heading")]
    assert found == [(f"Heading {section.level}", section.title) for section in document.sections]


def test_tables_have_three_lines_and_a_header_that_repeats(chinese: tuple[Any, Any]) -> None:
    document, file = chinese
    assert len(file.tables) == len(document.tables())
    for table in file.tables:
        borders = table._tbl.tblPr.find(qn("w:tblBorders"))
        assert [border.tag for border in borders] == [qn("w:top"), qn("w:bottom")]
        ruled = {
            at: {line.tag for line in row._tr.iter(qn("w:tcBorders")) for line in line}
            for at, row in enumerate(table.rows)
        }
        assert ruled.pop(0) == {qn("w:bottom")}
        assert not any(ruled.values())
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table.style.name == "Normal Table"


def test_cells_hold_the_displayed_values(chinese: tuple[Any, Any]) -> None:
    document, file = chinese
    for ours, theirs in zip(document.tables(), file.tables, strict=True):
        expected = [[plain(head) for head in ours.header], *([plain(cell.shown) for cell in row] for row in ours.rows)]
        found = [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in theirs.rows]
        assert found == expected


def test_captions_stand_above_tables_and_below_figures(chinese: tuple[Any, Any]) -> None:
    _, file = chinese
    body = [child for child in file.element.body if child.tag in (qn("w:p"), qn("w:tbl"))]
    text = ["".join(node.text or "" for node in child.iter(qn("w:t"))) for child in body]
    for at, child in enumerate(body):
        if child.tag == qn("w:tbl"):
            assert text[at - 1].startswith("表")
        if list(child.iter(qn("w:drawing"))):
            assert text[at + 1].startswith("图")


def test_pictures_are_described(chinese: tuple[Any, Any]) -> None:
    document, file = chinese
    described = [shape._inline.docPr.get("descr") for shape in file.inline_shapes]
    assert described == [figure.alt for figure in document.figures()]


def test_fonts_for_both_scripts(chinese: tuple[Any, Any]) -> None:
    _, file = chinese
    for name, font in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Caption", "黑体"), ("Table cell", "宋体")):
        fonts = file.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == font
        assert fonts.get(qn("w:ascii")) == "Times New Roman"
        assert fonts.get(qn("w:eastAsiaTheme")) is None


def test_pages_are_numbered_and_simulated_data_marked_on_each(study: Any) -> None:
    file = opened(study.document("en", simulated=True))
    assert "PAGE" in file.sections[0].footer._element.xml
    assert "simulated" in file.sections[0].header.paragraphs[0].text
    assert file.paragraphs[0].text == "Climate & hostility"


def test_symbols_are_italic(study: Any) -> None:
    file = opened(study.document("en"))
    runs = [run for paragraph in file.paragraphs for run in paragraph.runs if run.text in ("p", "SD", "α")]
    assert {run.text: bool(run.italic) for run in runs} == {"p": True, "SD": True} | (
        {"α": False} if any(run.text == "α" for run in runs) else {}
    )


def test_a_wide_table_turns_its_page_and_only_its_page(report_of: Any, trial: Any) -> None:
    import dataclasses

    names = [f"F{at}" for at in range(1, 25)]
    loadings = trial.loadings.reindex(columns=names, fill_value=0.5)
    file = opened(report_of(dataclasses.replace(trial, loadings=loadings)))
    turned = [section.page_width > section.page_height for section in file.sections]
    assert turned == [False, True, False]


def test_the_same_document_gives_the_same_bytes_without_a_clock(study: Any) -> None:
    content = render(study.document("en"))
    assert content == render(study.document("en"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = archive.namelist()
        assert names[0] == "[Content_Types].xml"
        assert names[1:] == sorted(names[1:])
        core = archive.read("docProps/core.xml").decode()
        assert core.count("1980-01-01T00:00:00Z") == 2
        assert "python-docx" not in core
        assert not any("thumbnail" in name for name in names)


def test_east_asian_text_is_set_as_chinese_and_numbers_do_not_break(chinese: tuple[Any, Any]) -> None:
    _, file = chinese
    set_as = {language.get(qn("w:eastAsia")) for language in file.styles.element.iter(qn("w:lang"))}
    assert set_as == {"zh-CN"}
    texts = [paragraph.text for paragraph in file.paragraphs]
    assert any("p\u00a0<\u00a0.001" in text for text in texts)
    assert not any("< .001" in text for text in texts)


def test_words_after_numbers_keep_a_distance(chinese: tuple[Any, Any]) -> None:
    document, file = chinese
    at = [table.ref for table in document.tables()].index("item_analysis.items")
    assert file.tables[at].rows[1].cells[-1].paragraphs[0].paragraph_format.left_indent.pt == 7
    assert file.tables[at].rows[1].cells[-2].paragraphs[0].paragraph_format.left_indent is None
