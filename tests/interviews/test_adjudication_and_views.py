"""Decisions about disagreements and what is left; what Jupyter shows; names moved with the text."""

import pandas as pd
import pytest

from leadership_study.errors import ImportFormatError
from leadership_study.interviews import read_interviews
from leadership_study.interviews.codebook import codebook_from
from leadership_study.interviews.without_names import without_names

TEXT = (
    "访谈者：请谈谈。\nH01：规划不够，<script>alert(1)</script>。王小明老师说沟通很少。其他都好。\n"
    "访谈者：谢谢。\nH01：不客气。\n"
)
BOOK = {
    "code": [
        {"code": "plan", "dimension": "structural", "colour": '#123456"><script>'},
        {"code": "talk", "dimension": "interpersonal", "name": {"en": "<b>Talk</b>", "zh": "沟通"}},
    ]
}


def place(words):
    return TEXT.index(words), TEXT.index(words) + len(words)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "h1.txt").write_text(f"---\nid: head_01\nrole: head\nphone: 1\n---\n{TEXT}", encoding="utf-8")
    rows = ["transcript,coder,start,end,code,memo"]
    for coder, words, code, memo in (
        ("A", "规划不够", "plan", "见王小明"), ("B", "规划不够", "plan", ""), ("A", "沟通很少", "talk", ""),
        ("B", "其他都好", "talk", ""), ("B", "不客气", "plan", ""),
    ):  # fmt: skip
        rows.append("head_01,{},{},{},{},{}".format(coder, *place(words), code, memo))
    (tmp_path / "codings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def decide(folder, *rows):
    lines = ["transcript,start,end,code,decision,decided_by,date,reason"]
    lines += ["{},{},{},{}".format("head_01", *place(words), rest) for words, rest in rows]
    (folder / "decisions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_interviews(
        folder / "h1.txt", folder / "codings.csv", codebook_from(BOOK, "b"), adjudication=folder / "decisions.csv"
    )


def test_final_codings_are_what_all_gave_and_what_was_kept(folder):
    found = decide(
        folder,
        ("沟通很少", "talk,keep,C,2026-05-01,said so by 王小明"),
        ("其他都好", "talk,drop,C,,no"),
    )
    assert found.final[["code", "quote", "memo"]].to_numpy().tolist() == [
        ["plan", "规划不够", ""], ["talk", "沟通很少", "said so by 王小明"]
    ]  # fmt: skip
    assert set(found.final["coder"]) == {"final"}
    assert found.adjudication["decision"].tolist().count(None) == 1, "what nobody decided stays open"
    table = found.frequencies.table
    assert table.loc["plan", "references"] == 1
    assert table.loc["talk", "references"] == 1
    text, n = found.decisions_to_make()
    assert n == 1
    assert "不客气" in text
    assert found.agreement.by_code.loc["talk", "given"] == 2, "agreement is about what the coders did"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (("沟通很少", "talk,maybe,C,,x"), "unknown_decision"),
        (("沟通很少", "talk,keep,,,x"), "missing_value"),
        (("沟通很少", "talk,keep,C,,"), "missing_value"),
        (("沟通很少", "talk,keep,C,yesterday,x"), "bad_date"),
        (("沟通很少", "tlak,keep,C,,x"), "unknown_code"),
    ],
)
def test_records_that_are_wrong(folder, row, rule):
    with pytest.raises(ImportFormatError) as raised:
        decide(folder, row)
    assert raised.value.problems["rule"].tolist() == [rule]


def test_a_decision_twice_is_refused_and_one_about_nothing_is_told(folder):
    with pytest.raises(ImportFormatError, match="decided twice"):
        decide(folder, ("沟通很少", "talk,keep,C,,x"), ("沟通很少", "talk,drop,C,,x"))
    found = decide(folder, ("规划不够", "plan,keep,C,,x"))
    assert found.problems["rule"].tolist() == ["nothing_to_decide"]


def test_views_show_text_as_text(folder):
    found = decide(folder, ("沟通很少", "talk,keep,C,,<i>x</i>"))
    for view in (found.show("head_01", language="zh"), found.show_disagreements(language="en"), found):
        html = view._repr_html_()
        assert "<script" not in html
        assert "<i>" not in html
        assert "#123456&quot;" not in html
    html = found.show("head_01")._repr_html_()
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;Talk&lt;/b&gt;" in html
    assert html.count("Coder ") == 2
    only = found.show("head_01", coders=("final",), codes=("talk",))
    assert "Coder final" in only.html
    assert "plan" not in only.html
    assert "沟通很少" in found.show_disagreements(language="zh").text
    with pytest.raises(ValueError, match="did you mean"):
        found.show("head_1")
    with pytest.raises(ValueError, match="coder"):
        found.show("head_01", coders=("Z",))
    with pytest.raises(ValueError, match="code"):
        found.show("head_01", codes=("moon",))


def test_overlapping_and_nested_codes_are_all_shown(folder):
    rows = ["transcript,coder,start,end,code"]
    rows += ["head_01,A,{},{},plan".format(*place("规划不够")), "head_01,A,{},{},talk".format(*place("划不"))]
    (folder / "codings.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = read_interviews(folder / "h1.txt", folder / "codings.csv", codebook_from(BOOK, "b"))
    html = found.show("head_01", language="zh").html
    assert html.count("[沟通]") == 1
    assert html.count("[plan]") == 1
    assert "box-shadow" in html


def test_names_go_and_places_move(folder):
    found = decide(folder, ("沟通很少", "talk,keep,C,,said so by 王小明"))
    new, key = without_names(found)
    assert key["original"].tolist() == ["王小明"]
    everything = [new.transcripts["head_01"].text, *new.codings["memo"], *new.final["memo"]]
    assert "王小明" not in "".join(everything)
    assert new.codings["quote"].tolist() == found.codings["quote"].tolist()
    assert new.problems["rule"].tolist() == ["fact_left_out"]
    assert new.transcripts["head_01"].facts == {}
    assert new.final["quote"].tolist() == found.final["quote"].tolist()


def test_a_coding_that_cuts_a_name_takes_all_of_it(folder):
    start = TEXT.index("小明老师")
    line = f"transcript,coder,start,end,code\nhead_01,A,{start},{start + 4},plan\n"
    (folder / "codings.csv").write_text(line, encoding="utf-8")
    new, key = without_names(read_interviews(folder / "h1.txt", folder / "codings.csv"))
    assert new.codings["quote"].tolist() == [f"{key.index[0]}老师"]


def test_a_name_in_an_id_is_refused_and_not_repeated(folder):
    (folder / "h1.txt").write_text(f"---\nid: 王小明\n---\n{TEXT}", encoding="utf-8")
    with pytest.raises(ImportFormatError) as raised:
        without_names(read_interviews(folder / "h1.txt"))
    assert raised.value.problems["rule"].tolist() == ["name_left"]


def test_translations_fit_by_what_they_share(folder):
    start, end = place("沟通很少")
    table = pd.DataFrame(
        [("head_01", start, end, "en", "Little talk")], columns="transcript start end language text".split()
    )
    table.to_csv(folder / "t.csv", index=False)
    found = read_interviews(folder / "h1.txt", folder / "codings.csv", translations=folder / "t.csv")
    assert found.translation("head_01", start, end + 1, "en") == "Little talk"
    assert found.translation("head_01", start, end + 9, "en") is None
    assert found.translation("head_01", start, end, "de") is None
    table.assign(end=10_000).to_csv(folder / "t.csv", index=False)
    with pytest.raises(ImportFormatError, match="past the end"):
        read_interviews(folder / "h1.txt", folder / "codings.csv", translations=folder / "t.csv")
