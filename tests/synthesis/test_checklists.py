"""Checklists: complete, filled in from what is there, and by what the authors say."""

import pytest

from leadership_study.errors import PlanError
from leadership_study.synthesis.checklist_texts import CHECKLISTS, checklist
from leadership_study.synthesis.checklists import checklists
from leadership_study.synthesis.joint_display import joint_display


def test_they_have_the_items_of_their_sources():
    counts = {name: len(checklist(name).items) for name in CHECKLISTS}
    assert (counts["coreq"], counts["srqr"], counts["gramms"]) == (32, 21, 6)
    for name in CHECKLISTS:
        own = checklist(name)
        assert [item.id for item in own.items] == [str(at + 1) for at in range(len(own.items))]
        assert all(set(item.asks) == {"en", "zh"} and all(item.asks.values()) for item in own.items)
        assert all(item.authors or item.facts for item in own.items)
        assert "doi.org" in own.source


def test_nothing_is_claimed_where_nothing_is():
    table = checklists().table
    assert set(table.loc[table["status"] == "there"].index) == {("coreq", "27")}  # the software
    assert checklists(which=["gramms"]).overview.loc["gramms"].tolist() == [6, 0, 0, 3, 3]


def test_what_is_there_is_found(results, interviews):
    display = joint_display(results, interviews, scores="scores")
    table = checklists(results, interviews, display=display, facts=["flow"]).table
    assert table.loc[("coreq", "12"), "status"] == "there"
    assert table.loc[("coreq", "16"), ["status", "where"]].tolist() == ["there", "in_roles, in_dates"]
    assert table.loc[("coreq", "17"), ["status", "missing"]].tolist() == ["missing", "guide"]
    assert table.loc[("coreq", "24"), "status"] == "there"
    assert table.loc[("srqr", "15"), ["status", "missing"]].tolist() == ["partly", "adjudication"]
    assert table.loc[("gramms", "3"), ["status", "where"]].tolist() == ["partly", "in_flow, in_codebook"]
    assert table.loc[("jars_quant", "14"), "status"] == "there"


def test_the_authors_may_answer():
    said = {"reported": [{"checklist": "coreq", "item": "3", "text": {"en": "A <b>teacher</b>", "zh": "教师"}}]}
    found = checklists(reported=said)
    assert found.table.loc[("coreq", "3"), ["status", "where", "missing"]].tolist() == [
        "there", "A <b>teacher</b>", ""
    ]  # fmt: skip
    assert found.labels("zh")["A <b>teacher</b>"] == "教师"
    for wrong, told in (({"checklist": "coreqs"}, "did you mean coreq"), ({"item": "33"}, "did you mean 3")):
        with pytest.raises(PlanError, match=told):
            checklists(reported={"reported": [{**said["reported"][0], **wrong}]})


@pytest.mark.parametrize("which", ["coreq", ["prisma"]])
def test_unknown_lists(which):
    with pytest.raises(ValueError, match="parameter of checklists must be"):
        checklists(which=which)
