"""The HTML report, read again: every number against the result it names."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from leadership_study.reporting.formats.html import render, render_table
from leadership_study.reporting.layout import statistics_of
from leadership_study.reporting.lookup import Values, resolve
from leadership_study.reporting.parts import RESPONDENTS
from leadership_study.reporting.table_files import table_files
from leadership_study.results import format_number


class Reader(HTMLParser):
    """Collects every element with ``data-ref`` that is a number, with its text and link."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[dict[str, Any]] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self._open = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        if tag == "a":
            self.links.append(found["href"] or "")
            if self._open:
                self.numbers[-1]["href"] = found["href"]
        if tag == "span" and "data-ref" in found:
            self.numbers.append({"ref": found["data-ref"], "class": found.get("class"), "text": "", "href": None})
            self._open = 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._open = 0

    def handle_data(self, data: str) -> None:
        if self._open:
            self.numbers[-1]["text"] += data


def read(html: bytes) -> Reader:
    reader = Reader()
    reader.feed(html.decode())
    return reader


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_in_the_page_is_the_stored_one(study: Any, language: str) -> None:
    values = {block.id: Values.of(block.id, block.result) for block in study.blocks}
    values[RESPONDENTS] = Values(RESPONDENTS, {"flow": study.flow})
    numbers = read(render(study.document(language))).numbers
    assert len(numbers) > 500
    shown_as = {block.id: statistics_of(block.use) for block in study.blocks}  # limits as what they are limits of
    for number in numbers:
        block, table, *_, column = number["ref"].split(".")
        stored = resolve(values, number["ref"])
        other = shown_as.get(block, {}).get(table, {}).get(column)
        expected = format_number(stored.value, other) if other else stored.text
        if table == "scales" and column in ("low", "high"):
            assert float(number["text"]) == stored.value  # ends of a response scale, whole where they are
        elif column in ("score_rate", "cumulative", "rwg_j_share") and number["class"] == "number":
            assert number["text"] in (expected, f"{stored.value * 100:.0f}"), number  # a percentage in a sentence
        elif table == "definition" and number["text"] != expected:
            assert float(number["text"]) == pytest.approx(stored.value * 100), number
        elif column in ("df", "df1", "df2") and number["text"] != expected:
            assert number["text"] == f"{expected}.0", number  # equal decimals within a column
        else:
            assert number["text"] == expected, number
        assert block in values


def test_numbers_of_the_prose_lead_to_the_file_that_holds_them(study: Any) -> None:
    numbers = [number for number in read(render(study.document("en"))).numbers if number["class"] == "number"]
    hrefs = {number["ref"]: number["href"] for number in numbers}
    assert hrefs["hostility.coefficients.leadership_climate.estimate"] == (
        "../../data/processed/lq2002/results/hostility.coefficients.csv"
    )
    assert hrefs["respondents.flow.analysed.n"] == "../../data/processed/lq2002/flow.csv"
    assert hrefs["hostility.definition.confidence_level"] == "../../data/processed/lq2002/results/hostility.json"
    assert all(hrefs.values())


def test_links_lead_to_tables_that_are_stored(study: Any) -> None:
    stored = {f"{block.id}.{table}.csv" for block in study.blocks for table in block.result.tables()}
    stored |= {f"{block.id}.json" for block in study.blocks} | {"flow.csv"}
    page = read(render(study.document("en")))
    assert {Path(link).name for link in page.links if link.startswith("..")} == stored


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh", "zh-CN")])
def test_the_page_stands_alone(study: Any, language: str, lang: str) -> None:
    html = render(study.document(language)).decode()
    assert html.startswith("<!DOCTYPE html>")
    assert f'<html lang="{lang}">' in html
    assert "<script" not in html
    assert not re.search(r'(src|href)="https?:|@import|url\(', html)
    assert html.count("<h1>") == 1
    assert html.count("<figure") == len(study.blocks)
    assert 'alt=""' not in html


def test_every_entry_of_the_contents_has_its_section(study: Any) -> None:
    html = render(study.document("zh")).decode()
    anchors = re.findall(r'<li><a href="#([^"]+)">', html)
    assert len(anchors) == len(study.blocks) + 3
    assert all(html.count(f'<section id="{anchor}">') == 1 for anchor in anchors)


def test_labels_are_escaped(report_of: Any, trial: Any) -> None:
    html = render(report_of(trial)).decode()
    assert "Trust &lt;in&gt; the head" in html
    assert "<in>" not in html
    assert "Climate &amp; hostility" in html


def test_the_same_document_gives_the_same_bytes(study: Any) -> None:
    assert render(study.document("en")) == render(study.document("en"))


def test_every_table_is_a_file_of_its_own(study: Any) -> None:
    document = study.document("zh", simulated=True)
    files = table_files(document)
    assert len(files) == 2 * len(document.tables())
    assert list(files)[:3] == ["01_respondents_flow.html", "01_respondents_flow.csv", "02_descriptives_scales.html"]
    page = files["02_descriptives_scales.html"].decode()
    assert page.count("<table") == 1
    assert "模拟数据" in page
    assert files == table_files(document)
    assert render_table(document, document.tables()[1]).decode() == page
