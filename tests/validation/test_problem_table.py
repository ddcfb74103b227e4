"""All problems as text, as HTML and as a table."""

import pytest

import screened
from leadership_study.errors import Problem, ResponseError
from leadership_study.validation import validate
from leadership_study.validation._cells import LISTED

SCRIPT = "<script>alert(1)</script>"
ERROR = ResponseError(
    "Two problems.",
    [
        Problem("a.csv", "this is not a number", "enter one of 1, 2", "not_a_number", row=3, line=4, column="d1_1",
                value=SCRIPT, respondent_id="r3"),
        Problem("答卷.csv", "an answer\u202e cannot\x1b[31m be", "correct it", "other", row=5, column="d1_2"),
    ],
)  # fmt: skip


def test_html_shows_scripts_as_text() -> None:
    html = ERROR.to_html()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert html.count("<tr>") == 3
    for word in ("row", "line", "column", "value", "rule", "message", "remedy"):
        assert f"<th>{word}</th>" in html


def test_what_cannot_be_seen_is_written_out() -> None:
    for shown in (ERROR.to_html(), ERROR.to_text()):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\\x1b[31m" in shown


def test_text_is_a_table_of_everything() -> None:
    head, *lines = ERROR.to_text().splitlines()
    assert head == "Two problems."
    assert lines[0].split() == [
        "file", "row", "line", "respondent_id", "column", "value", "rule", "message", "remedy",
    ]  # fmt: skip
    assert len(lines) == 3
    assert SCRIPT in lines[1]


def test_the_frame_has_every_field() -> None:
    table = ERROR.to_frame()
    assert table.loc[0, ["row", "line", "column", "value", "rule"]].tolist() == [3, 4, "d1_1", SCRIPT, "not_a_number"]
    assert table["line"].isna().tolist() == [False, True]


def test_notebooks_show_the_first_problems_and_how_many_more() -> None:
    many = ResponseError("Many.", [Problem("a.csv", "m", "r", "rule", row=row) for row in range(1, 301)])
    assert "… and 100 more" in many._repr_html_()
    assert many.to_html().count("<tr>") == 301


def test_a_wrong_column_is_listed_up_to_a_number_and_then_counted() -> None:
    table = screened.answers(2 * LISTED).astype(object).map(lambda value: f"{value:g}")
    table["d1_1"] = [f"text {row}" for row in range(len(table))]  # each is another text
    table["d1_2"] = "9"  # all the same
    with pytest.raises(ResponseError) as caught:
        validate(screened.raw_of(table), screened.instrument())
    found = caught.value.problems
    assert found["column"].value_counts().to_dict() == {"d1_1": LISTED + 1, "d1_2": LISTED + 1}
    more = found[found["rule"] == "more_of_the_same"]
    assert more["message"].str.startswith(f"{LISTED} more cells").tolist() == [True, True]


def test_a_repeated_id_does_not_name_a_million_rows() -> None:
    table = screened.answers(3000).assign(respondent_id="same")
    with pytest.raises(ResponseError) as caught:
        validate(screened.raw_of(table), screened.instrument())
    assert len(caught.value.problems) == LISTED + 1
    assert max(map(len, caught.value.problems["message"])) < 600
