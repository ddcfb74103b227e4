"""Facts about groups: read as they are, or refused with every problem."""

import pytest

from leadership_study.errors import ResponseError
from leadership_study.study.context import read_context
from leadership_study.study.plan import ContextPlan

PLAN = ContextPlan(of="school", file="schools.csv", columns=("pupils", "kind"))


def read(project, text: str, plan: ContextPlan = PLAN):
    (project.raw("small") / "schools.csv").write_text(text, encoding="utf-8")
    return read_context(project, "small", [plan])


def test_numbers_are_numbers_and_text_is_text(project):
    frame = read(project, "kind,school,pupils,more\nrural,s1,120,x\n,s2,,y\n")["school"]
    assert list(frame.columns) == ["pupils", "kind"]
    assert list(frame.index) == ["s1", "s2"]
    assert frame["pupils"].dtype == float
    assert frame.loc["s1", "pupils"] == 120
    assert frame["pupils"].isna().tolist() == [False, True]
    assert frame["kind"].isna().tolist() == [False, True]


def test_no_context_is_none(project):
    assert read_context(project, "small", []) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("school,pupils\ns1,1\n", "column kind: the column is missing"),
        ("school,pupils,kind,kind\ns1,1,a,b\n", "column kind: the column is there more than once"),
        ("school,pupils,kind\ns1,1\n", "row 1: has 2 cells, the header 3"),
        ("school,pupils,kind\ns1,1,a\ns1,2,b\n", "row 2, column school: the group has a row already"),
        ("school,pupils,kind\n,1,a\n", "the group has no name"),
    ],
)
def test_problems_have_file_and_place(project, text, told):
    with pytest.raises(ResponseError) as caught:
        read(project, text)
    assert "data/raw/small/schools.csv" in str(caught.value)
    assert told in str(caught.value)


def test_a_missing_file_is_a_problem(project):
    with pytest.raises(ResponseError, match=r"schools\.csv: cannot be read"):
        read_context(project, "small", [PLAN])
