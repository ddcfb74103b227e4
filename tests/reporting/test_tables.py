"""Printed tables: chosen columns, words, equal decimals, intervals, triangles."""

from typing import Any

import pandas as pd
import pytest

from leadership_study.errors import LeadershipStudyError
from leadership_study.reporting.languages import load_language
from leadership_study.reporting.layout import layout_of, references_of, shown_tables
from leadership_study.reporting.lookup import Values
from leadership_study.reporting.naming import Names
from leadership_study.reporting.parts import Cell, Table, plain
from leadership_study.reporting.sentences import Writer
from leadership_study.reporting.tables import display_table, to_csv


def shown(trial: Any, name: str, layout: dict[str, Any], language: str = "en") -> Table:
    writer = Writer(values=Values.of("b", trial), language=load_language(language), labels={"trust": "Trust"})
    return display_table(writer, name, layout, label="Table 1", caption=("Caption",))


def cells(table: Table) -> list[list[str]]:
    return [[plain(cell.spans) for cell in row] for row in table.rows]


def test_everything_is_shown_when_nothing_is_said(trial: Any) -> None:
    table = shown(trial, "scales", {})
    assert [plain(head) for head in table.header] == ["Dimension", "n", "M", "df", "90% CI", "p", "Keep"]
    assert cells(table) == [
        ["Trust", "120", "3.46", "40.0", "[3.100, 3.900]", "< .001", "yes"],
        ["v1.2", "118", "2.00", "40.5", "–", ".040", "no"],
    ]


def test_columns_are_chosen_paired_and_renamed(trial: Any) -> None:
    layout = {"columns": ["p_value", "mean±n", "…"], "headers": {"p_value": "t_statistic"}}
    table = shown(trial, "scales", layout)
    assert [plain(head) for head in table.header][:2] == ["Dimension", "t"]
    assert cells(table)[0][1:3] == ["< .001", "3.46 ± 120"]
    assert "Keep" in [plain(head) for head in table.header]


def test_a_column_that_is_not_there_is_an_error_unless_optional(trial: Any) -> None:
    with pytest.raises(LeadershipStudyError, match="wants the columns medn of scales"):
        shown(trial, "scales", {"columns": ["mean", "medn"]})
    assert len(shown(trial, "scales", {"columns": ["mean", "medn"], "optional": ["medn"]}).header) == 2


def test_small_loadings_are_grey_and_still_there(trial: Any) -> None:
    table = shown(trial, "loadings", {"mute_below": 0.3})
    assert cells(table) == [["Trust", "a", ".800", "−.200"], ["Trust", "b", ".100", "−.700"]]
    assert [[cell.muted for cell in row[2:]] for row in table.rows] == [[False, True], [True, False]]
    assert [row[0].shown for row in table.rows] == [("Trust",), ()]


def test_a_triangle_has_numbers_for_names_and_columns_of_another_table(trial: Any) -> None:
    names = ["trust", "v1.2"]
    square = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], index=pd.Index(names, name="variable"), columns=names)
    values = Values("b", {"r": square, "scales": trial.scales})
    values.shown_as = {"r": "r"}
    writer = Writer(values=values, language=load_language("zh"), labels={"trust": "信任"})
    layout = {"triangle": True, "columns": ["scales.mean", "…"]}
    table = display_table(writer, "r", layout, label="表1", caption=())
    assert [plain(head) for head in table.header] == ["变量", "M", "1", "2"]
    assert cells(table) == [["1. 信任", "3.46", "—", ""], ["2. v1.2", "2.00", ".500", "—"]]


def test_the_values_of_a_summary_are_formatted_by_their_row(trial: Any) -> None:
    table = shown(trial, "summary", {"rows": ["p_value", "n", "absent"]}, "zh")
    assert [plain(head) for head in table.header] == ["统计量", "值"]
    assert cells(table) == [["p", "< .001"], ["n", "120"]]


def test_columns_of_words_are_set_to_the_left(trial: Any) -> None:
    table = shown(trial, "scales", {})
    assert [table.column_of_words(at) for at in range(len(table.header))] == [True, *[False] * 5, True]
    assert not table.wide


def test_the_csv_has_what_is_displayed_and_no_gaps(trial: Any) -> None:
    text = to_csv(shown(trial, "loadings", {})).decode("utf-8-sig")
    assert text == "Dimension,Item,F1,F2\nTrust,a,.800,−.200\nTrust,b,.100,−.700\n"


def test_layout_of_analyses() -> None:
    frames = {"table": pd.DataFrame({"a": [1]}), "items": pd.DataFrame({"a": []}), "other": pd.DataFrame({"a": [1]})}
    assert shown_tables("reliability", frames) == ["table"]
    assert shown_tables("unheard_of", frames) == ["table", "other"]
    assert layout_of("unheard_of", "table") == {}
    works = references_of(["reliability", "item_analysis", "reliability"])
    assert works == sorted(set(works))
    assert any(work.startswith("Cronbach") for work in works)


def test_a_reverse_keyed_item_is_marked_beside_its_wording_and_explained() -> None:
    table = pd.DataFrame({"mean": [3.5, 2.0]}, index=pd.Index(["a1", "a2"], name="item"))
    names = Names(
        in_sentences={"a1": "a1", "a2": "a2"},
        in_rows={"a1": "a1 (R)  Changes plans", "a2": "a2  Sets goals"},
        turned=frozenset({"a1"}),
    )
    writer = Writer(values=Values("b", {"items": table}), language=load_language("en"), names=names)
    shown = display_table(writer, "items", {}, label="Table 1", caption=())
    assert [row[0] for row in cells(shown)] == ["a1 (R)  Changes plans", "a2  Sets goals"]
    assert [plain(note.spans)[:10] for note in shown.notes] == ["Note: (R):"]
    rest = display_table(
        Writer(values=Values("b", {"items": table.loc[["a2"]]}), language=load_language("en"), names=names),
        "items", {}, label="Table 1", caption=(),
    )  # fmt: skip
    assert rest.notes == ()


def test_words_are_broken_before_a_page_is_turned() -> None:
    def table(numbers: int) -> Table:
        row = (Cell(("two words of some length here",)), *[Cell(("1 000.00 ± 0.00",))] * numbers)
        return Table(ref="b.t", label="", caption=(), header=(("Item",), *[("M",)] * numbers), rows=(row,))

    assert [(table(at).tight, table(at).wide) for at in (5, 7, 9)] == [(False, False), (True, False), (False, True)]
    assert table(7).widths[0] == 17
    assert table(5).widths[0] == 26
