"""REFI-QDA there and back, offsets that other programs count differently, and archives that mean harm."""

import io
import zipfile

import pytest

from leadership_study.errors import ImportFormatError
from leadership_study.interviews import Code, Codebook, Transcript, read_interviews
from leadership_study.interviews.codings import Coding
from leadership_study.interviews.refi_qda import parse_qdc, parse_qdpx
from leadership_study.interviews.refi_qda_write import qdc_bytes, qdpx_bytes
from leadership_study.interviews.text import normalise, shifted

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
CODES = (
    '<CodeBook><Codes><Code guid="{C1}" name="规划" isCodable="true"/>'
    '<Code guid="c2" name="人际" isCodable="false">'
    '<Code guid="c3" name="规划" isCodable="true"/></Code></Codes></CodeBook>'
)


def project(text: str, selections: str, *, extra: str = "", codes: str = CODES) -> bytes:
    body = (
        f'{HEAD}<Project xmlns="urn:QDA-XML:project:1.0" name="p"><Users><User guid="U1" name="甲"/></Users>{codes}'
        f'<Sources><TextSource guid="s1" name="T1" plainTextPath="internal://s1.txt">{selections}</TextSource>{extra}</Sources>'
        "</Project>"
    )
    return packed({"Project.QDE": body.encode(), "Sources/S1.txt": text.encode()})


def packed(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def selection(start: int, end: int, quote: str, code: str = "c1") -> str:
    return (
        f'<PlainTextSelection guid="x{start}" name="{quote}" startPosition="{start}" endPosition="{end}">'
        f'<Coding guid="y{start}" creatingUser="u1"><CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'
    )


RAW = "\ufeff校长说：\r\n“𠀀学区😀的规划，没有。”\r\n我们再看。\r\n"
QUOTES = ("学区😀的规划", "我们再看")


@pytest.mark.parametrize("way", ["plain", "plain_lf", "points", "utf16", "utf16_lf", "inclusive"])
def test_offsets_of_other_programs_are_found_by_their_quotes(way):
    base = normalise(RAW) if way.endswith("_lf") else RAW.removeprefix("\ufeff") if way == "plain" else RAW
    selections = ""
    for quote in QUOTES:
        start = base.index(quote)
        end = start + len(quote)
        if way.startswith("utf16"):
            start, end = (len(base[:at].encode("utf-16-le")) // 2 for at in (start, end))
        selections += selection(start, end - (way == "inclusive"), quote)
    found = parse_qdpx(project(RAW, selections), "p.qdpx")
    (transcript,) = found.transcripts
    assert transcript.text == normalise(RAW)
    assert [transcript.quote(one.start, one.end) for one in found.codings] == list(QUOTES)
    assert {one.coder for one in found.codings} == {"甲"}
    assert any(one.rule == "other_offsets" for one in found.problems.warnings) == (way != "plain")


def test_shifted_offsets():
    raw = "\ufeffa\r\nb\r\nc"
    for at, expected in [(0, 0), (1, 0), (2, 1), (4, 2), (5, 3), (7, 4), (8, 5)]:
        assert shifted(raw, at) == expected
    assert shifted("ab", 5) == 5


def test_codes_of_one_name_are_told_apart_and_folders_are_known():
    found = parse_qdpx(project("abc", selection(0, 2, "ab", "C3")), "p.qdpx")
    assert [code.code for code in found.codebook] == ["规划", "人际", "人际::规划"]
    assert not found.codebook["人际"].codable
    assert found.codings[0].code == "人际::规划"


def test_there_and_back_is_the_same(tmp_path):
    text = "访谈者：𠀀吗？\nT1：是的，<script>alert(1)</script> & “规划”不够。\n"
    transcripts = [Transcript("T1", text, role="teacher", district="D1"), Transcript("T2", "第二份。\n")]
    book = Codebook((
        Code("str", definition={"en": "Structure"}, codable=False),
        Code("str_plan", parent="str", definition={"en": "No plan <b>"}, colour="#AA0011"),
        Code("pol", kind="problem", include={"en": "x"}),
    ))  # fmt: skip
    start = text.index("规划")
    codings = [
        Coding("T1", "甲", start, start + 2, "str_plan", "memo\n& more"),
        Coding("T1", "乙", start - 3, start + 4, "pol"),
        Coding("T1", "甲", start, start + 2, "pol"), Coding("T2", "乙", 0, 3, "pol"),
    ]  # fmt: skip
    data, lost = qdpx_bytes(transcripts, book, codings)
    assert data == qdpx_bytes(transcripts, book, codings)[0]
    assert "include, kind" in set(
        lost.loc["pol", "lost"] if lost.index.duplicated().any() else [lost.loc["pol", "lost"]]
    )
    (tmp_path / "a.qdpx").write_bytes(data)
    first = read_interviews(tmp_path / "a.qdpx")
    key = ["transcript", "coder", "start", "end", "code", "memo"]
    said = sorted((c.transcript, c.coder, c.start, c.end, c.code, c.memo) for c in codings)
    assert sorted(first.codings[key].itertuples(index=False, name=None)) == said
    assert {name: one.text for name, one in first.transcripts.items()} == {one.id: one.text for one in transcripts}
    assert (first.transcripts["T1"].role, first.transcripts["T1"].district) == ("teacher", "D1")
    assert [(c.code, c.parent, c.codable, c.colour) for c in first.codebook] == [
        (c.code, c.parent, c.codable, c.colour) for c in book
    ]
    (tmp_path / "b.qdpx").write_bytes(first.to_qdpx()[0])
    second = read_interviews(tmp_path / "b.qdpx")
    assert second.codings.equals(first.codings)


def test_codebook_there_and_back():
    book = Codebook((Code("a", definition={"en": "A"}), Code("b", parent="a"), Code("c", parent="b")))
    found = parse_qdc(qdc_bytes(book)[0], "a.qdc")
    assert [(c.code, c.parent, dict(c.definition)) for c in found] == [
        ("a", None, {"": "A"}),
        ("b", "a", {}),
        ("c", "b", {}),
    ]


def test_what_is_not_carried_is_listed():
    extra = '<PictureSource guid="b" name="board" path="internal://b.png"/>'
    extra += '<TextSource guid="z" name="Z" plainTextPath="relative:///z.txt"/>'
    found = parse_qdpx(
        project("abc", '<PlainTextSelection guid="x" startPosition="0" endPosition="1"/>', extra=extra), "p"
    )
    rules = [one.rule for one in found.problems.warnings]
    assert rules == ["not_carried_segment", "not_carried_source", "not_carried_source"]


BOMB = packed({"project.qde": b"<Project/>", "sources/a.txt": b"0" * (8 << 20)})
ENTITY = (
    f'{HEAD}<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project xmlns="urn:QDA-XML:project:1.0" name="&x;"/>'
).encode()
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Project name="&b;"/>'


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"no zip", "no_archive"),
        (packed({"../../evil.txt": b"x", "project.qde": b"<Project/>"}), "path_traversal"),
        (packed({"/etc/evil": b"x"}), "path_traversal"),
        (packed({"C:/evil": b"x"}), "path_traversal"),
        (BOMB, "archive_bomb"),
        (packed({"project.qde": ENTITY}), "xml_entities"),
        (packed({"project.qde": LAUGHS}), "xml_entities"),
        (packed({"project.qde": b"<Project>"}), "xml_syntax"),
        (packed({"project.qde": b"<a>" * 300 + b"</a>" * 300}), "xml_depth"),
        (packed({"a.txt": b"x"}), "no_project"),
        (packed({"project.qde": b"<Other/>"}), "no_project"),
    ],
)
def test_archives_that_mean_harm_are_refused(data, rule):
    with pytest.raises(ImportFormatError) as raised:
        parse_qdpx(data, "p.qdpx")
    assert raised.value.problems["rule"].tolist() == [rule]


def test_a_path_inside_the_project_that_leads_out_is_refused():
    source = '<TextSource guid="a" name="T" plainTextPath="internal://../../etc/passwd"/>'
    body = f'{HEAD}<Project name="p"><Sources>{source}</Sources></Project>'
    with pytest.raises(ImportFormatError, match="leads out"):
        parse_qdpx(packed({"project.qde": body.encode()}), "p.qdpx")


def test_an_unknown_code_and_an_offset_past_the_end(tmp_path):
    with pytest.raises(ImportFormatError, match="isn't in the codebook"):
        parse_qdpx(project("abc", selection(0, 2, "ab", "zz")), "p.qdpx")
    (tmp_path / "p.qdpx").write_bytes(project("abc", selection(0, 99, "label")))
    with pytest.raises(ImportFormatError, match="past the end"):
        read_interviews(tmp_path / "p.qdpx")
