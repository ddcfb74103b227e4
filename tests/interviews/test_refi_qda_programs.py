"""Projects in the forms that programs for qualitative analysis write: import, count, export, import again."""

import io
import zipfile

import pytest

from leadership_study.errors import ImportFormatError
from leadership_study.interviews import read_interviews
from leadership_study.interviews.refi_qda import parse_qdc, parse_qdpx

HEAD = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'
TEXT = "访谈者：“学区😀”怎样？\r\nT1：计划晚，𠀀会多——真的。\r\n\r\n访谈者：原因呢？\r\nT1：没有人事权。"


def packed(files: dict[str, str | bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data.encode() if isinstance(data, str) else data)
    return held.getvalue()


def spans(*quotes: str, text: str = TEXT, utf16: bool = False) -> list[tuple[int, int]]:
    found = [(text.index(quote), text.index(quote) + len(quote)) for quote in quotes]
    if utf16:
        found = [tuple(len(text[:at].encode("utf-16-le")) // 2 for at in pair) for pair in found]  # type: ignore[misc]
    return found


def atlas() -> bytes:
    """ATLAS.ti: flat codes with '::', the quote as the name, sets of codes, several users, comments as notes."""
    (a, b), (c, d) = spans("计划晚，𠀀会多", "没有人事权")
    return packed({
        "project.qde": HEAD + f"""<Project xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="S"
 origin="ATLAS.ti"
 xmlns="urn:QDA-XML:project:1.0" creatingUserGUID="{{U-1}}"><Users><User guid="{{U-1}}" name="Coder 1"/>
<User guid="{{U-2}}" name="Coder 2"/></Users>
<CodeBook><Codes><Code guid="{{C-1}}" name="问题" isCodable="true" color="#FF0000">
<Description>说到的问题</Description></Code>
<Code guid="{{C-2}}" name="问题::规划" isCodable="true"/><Code guid="{{C-3}}" name="成因::权责" isCodable="true"/>
</Codes></CodeBook>
<Sources><TextSource guid="{{S-1}}" name="T1" plainTextPath="internal://S-1.txt" richTextPath="internal://S-1.docx">
<PlainTextSelection guid="{{Q-1}}" name="计划晚，𠀀会多" startPosition="{a}" endPosition="{b}" creatingUser="{{U-1}}">
<Coding guid="{{K-1}}" creatingUser="{{U-1}}"><CodeRef targetGUID="{{C-2}}"/></Coding>
<Coding guid="{{K-2}}" creatingUser="{{U-2}}"><CodeRef targetGUID="{{C-1}}"/></Coding><NoteRef targetGUID="{{N-1}}"/>
</PlainTextSelection>
<PlainTextSelection guid="{{Q-2}}" name="没有人事权" startPosition="{c}" endPosition="{d}" creatingUser="{{U-2}}">
<Coding guid="{{K-3}}" creatingUser="{{U-2}}"><CodeRef targetGUID="{{C-3}}"/></Coding></PlainTextSelection>
</TextSource></Sources>
<Notes><Note guid="{{N-1}}" name="Comment" plainTextPath="internal://N-1.txt"/></Notes>
<Sets><Set guid="{{G-1}}" name="Group"><MemberCode targetGUID="{{C-1}}"/></Set></Sets></Project>""",
        "sources/S-1.txt": TEXT, "sources/S-1.docx": b"PK", "sources/N-1.txt": "\ufeff两次\r\n提到",
    })  # fmt: skip


def maxqda() -> bytes:
    """MAXQDA: nested codes that are codable, siblings of one name, cut names, values on cases, a picture."""
    (a, b), (c, d) = spans("计划晚，𠀀会多——真的", "没有人事权", utf16=True)
    return packed({
        "Project.qde": HEAD + f"""<Project name="S" origin="MAXQDA 2022" xmlns="urn:QDA-XML:project:1.0">
<Users><User guid="u1" name="JD"/><User guid="u2" name="JD"/></Users><CodeBook><Codes>
<Code guid="c1" name="结构" isCodable="true"><Code guid="c2" name="问题" isCodable="true"/></Code>
<Code guid="c3" name="人际" isCodable="true"><Code guid="c4" name="问题" isCodable="true"/>
<Code guid="c5" name="问题" isCodable="true"/></Code>
</Codes></CodeBook><Variables><Variable guid="v1" name="角色" typeOfVariable="Text"/>
<Variable guid="v2" name="Date" typeOfVariable="DateTime"/>
</Variables><Cases><Case guid="k1" name="T1"><VariableValue><VariableRef targetGUID="v1"/>
<TextValue>teacher</TextValue></VariableValue>
<SourceRef targetGUID="s1"/></Case></Cases>
<Sources><TextSource guid="s1" name="T1" plainTextPath="internal://s1.txt">
<PlainTextSelection guid="q1" name="计划晚，𠀀会多——真..." startPosition="{a}" endPosition="{b}" creatingUser="u1">
<Coding guid="g1" creatingUser="u1"><CodeRef targetGUID="c2"/></Coding></PlainTextSelection>
<PlainTextSelection guid="q2" name="没有人事权" startPosition="{c}" endPosition="{d}" creatingUser="u2">
<Description>要追问</Description><Coding guid="g2" creatingUser="u2"><CodeRef targetGUID="c4"/></Coding>
<Coding guid="g3" creatingUser="u2"><CodeRef targetGUID="c5"/></Coding></PlainTextSelection>
<VariableValue><VariableRef targetGUID="v1"/><TextValue>teacher</TextValue></VariableValue>
<VariableValue><VariableRef targetGUID="v2"/><DateTimeValue>2026-03-02T09:00:00</DateTimeValue></VariableValue>
</TextSource>
<PictureSource guid="p1" name="board" path="internal://p1.jpg">
<PictureSelection guid="p2" firstX="0" firstY="0" secondX="1" secondY="1">
<Coding guid="p3"><CodeRef targetGUID="c1"/></Coding></PictureSelection></PictureSource></Sources></Project>""",
        "Sources/s1.txt": "\ufeff" + TEXT,
    })  # fmt: skip


def nvivo() -> bytes:
    """NVivo: folders that hold codes, PDF with its text, a recording with its transcript, no names of segments."""
    (a, b), (c, d) = spans("计划晚", "没有人事权", text=TEXT)
    return packed({
        "project.qde": HEAD + f"""<Project name="S" origin="NVivo 20" creatingUserGUID="u1"
 xmlns="urn:QDA-XML:project:1.0">
<Users><User guid="u1" name="NV"/></Users><CodeBook><Codes><Code guid="f1" name="Nodes" isCodable="false">
<Code guid="c1" name="规划" isCodable="true"/></Code></Codes></CodeBook>
<Sources><PDFSource guid="s1" name="T1" path="internal://s1.pdf">
<PDFSelection guid="x1" page="0" firstX="1" firstY="1" secondX="9" secondY="9">
<Coding guid="x2"><CodeRef targetGUID="c1"/></Coding></PDFSelection>
<Representation guid="r1" name="text" plainTextPath="internal://r1.txt">
<PlainTextSelection guid="q1" startPosition="{a}" endPosition="{b}"><Coding guid="g1"><CodeRef targetGUID="c1"/>
</Coding></PlainTextSelection>
</Representation></PDFSource>
<AudioSource guid="s2" name="T2" path="relative:///T2.mp3">
<Transcript guid="t1" name="T2" plainTextPath="internal://r1.txt">
<SyncPoint guid="y1" timeStamp="0" position="{c}"/><SyncPoint guid="y2" timeStamp="9" position="{d}"/>
<TranscriptSelection guid="q2" fromSyncPoint="y1" toSyncPoint="y2"><Coding guid="g2"><CodeRef targetGUID="c1"/>
</Coding>
</TranscriptSelection></Transcript></AudioSource></Sources></Project>""",
        "sources/r1.txt": TEXT, "__MACOSX/._project.qde": b"\x00\x05",
    })  # fmt: skip


def qualcoder() -> bytes:
    """QualCoder: categories as folders, text inside the project file, notes, a code of the whole source."""
    text = TEXT.replace("\r\n", "\n")
    (a, b), (c, d) = spans("“学区😀”", "学区😀", text=text)
    return packed({
        "project.qde": HEAD + f"""<Project xmlns="urn:QDA-XML:project:1.0" name="S" origin="QualCoder-3.5">
<Users><User guid="u1" name="default"/></Users><CodeBook><Codes><Code guid="f1" name="cat" isCodable="false">
<Code guid="c1" name="code &amp; &lt;b&gt;" isCodable="true" color="#9F81F7"/></Code></Codes></CodeBook>
<Sources><TextSource guid="s1" name="T1"><PlainTextContent>{text}</PlainTextContent>
<PlainTextSelection guid="q1" name="“学区😀”" startPosition="{a}" endPosition="{b}">
<Coding guid="g1" creatingUser="u1"><CodeRef targetGUID="c1"/></Coding></PlainTextSelection>
<PlainTextSelection guid="q2" name="学区😀" startPosition="{c}" endPosition="{d}"><Coding guid="g2" creatingUser="u1">
<CodeRef targetGUID="c1"/></Coding></PlainTextSelection>
<Coding guid="g3" creatingUser="u1"><CodeRef targetGUID="c1"/></Coding><NoteRef targetGUID="n1"/></TextSource>
</Sources>
<Notes><Note guid="n1" name="journal"><PlainTextContent>doc</PlainTextContent></Note></Notes></Project>""",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("written", "said", "left_out"),
    [
        (
            atlas,
            [("T1", "Coder 1", "问题::规划", "计划晚，𠀀会多", "两次\n提到"),
             ("T1", "Coder 2", "成因::权责", "没有人事权", ""),
             ("T1", "Coder 2", "问题", "计划晚，𠀀会多", "两次\n提到")],
            ["not_carried_sets"],
        ),
        (
            maxqda,
            [("T1", "JD", "结构::问题", "计划晚，𠀀会多——真的", ""),
             ("T1", "JD (2)", "人际::问题", "没有人事权", "要追问"),
             ("T1", "JD (2)", "人际::问题 (2)", "没有人事权", "要追问")],
            ["not_carried_cases", "not_carried_source", "other_offsets", "same_name", "same_name"],
        ),
        (
            nvivo,
            [("T1", "NV", "规划", "计划晚", ""), ("T2", "NV", "规划", "没有人事权", "")],
            ["not_carried_source", "not_carried_source"],
        ),
        (
            qualcoder,
            [("T1", "default", "code & <b>", "“学区😀”", ""), ("T1", "default", "code & <b>", "学区😀", "")],
            ["not_carried_coding", "not_carried_notes"],
        ),
    ],
)  # fmt: skip
def test_import_count_export_import(tmp_path, written, said, left_out):
    (tmp_path / "a.qdpx").write_bytes(written())
    first = read_interviews(tmp_path / "a.qdpx")
    columns = ["transcript", "coder", "code", "quote", "memo"]
    assert sorted(first.codings[columns].itertuples(index=False, name=None)) == sorted(said)
    rules = [rule for rule in first.problems["rule"] if rule not in ("coder_absent", "not_coded")]
    assert sorted(rules) == left_out
    (tmp_path / "b.qdpx").write_bytes(first.to_qdpx()[0])
    second = read_interviews(tmp_path / "b.qdpx")
    assert second.codings.equals(first.codings)
    assert {name: one.text for name, one in second.transcripts.items()} == {
        name: one.text for name, one in first.transcripts.items()
    }
    kept = [(one.code, one.parent, one.codable, one.colour, dict(one.definition)) for one in first.codebook]
    assert [(one.code, one.parent, one.codable, one.colour, dict(one.definition)) for one in second.codebook] == kept


def test_values_of_a_source_are_its_facts():
    (one,) = parse_qdpx(maxqda(), "m.qdpx").transcripts
    assert (one.role, str(one.date), dict(one.facts)) == ("teacher", "2026-03-02", {})


def test_projects_of_two_coders_of_the_same_texts_are_put_together(tmp_path):
    for coder in ("A", "B"):
        data = zipfile.ZipFile(io.BytesIO(qualcoder())).read("project.qde").decode()
        (tmp_path / f"{coder}.qdpx").write_bytes(packed({"project.qde": data.replace('"default"', f'"{coder}"')}))
    both = read_interviews([tmp_path / "A.qdpx", tmp_path / "B.qdpx"])
    assert both.codings["coder"].value_counts().to_dict() == {"A": 2, "B": 2}
    other = data.replace("原因呢", "为什么")
    (tmp_path / "C.qdpx").write_bytes(packed({"project.qde": other}))
    with pytest.raises(ImportFormatError, match="also that of"):
        read_interviews([tmp_path / "A.qdpx", tmp_path / "C.qdpx"])


SMALL = (
    HEAD + '<Project xmlns="urn:QDA-XML:project:1.0" name="p"><CodeBook><Codes><Code guid="c" name="A" isCodable="{}"/>'
    '</Codes></CodeBook><Sources><TextSource guid="s" name="T"><PlainTextContent>abcdef</PlainTextContent>{}'
    "</TextSource></Sources></Project>"
)
MARK = (
    '<PlainTextSelection guid="q" startPosition="{}" endPosition="3"><Coding guid="g"><CodeRef targetGUID="c"/>'
    "</Coding>{}</PlainTextSelection>"
)


def test_positions_below_the_start_are_refused_not_moved():
    with pytest.raises(ImportFormatError, match="no positions of 0 or more"):
        parse_qdpx(packed({"project.qde": SMALL.format("true", MARK.format(-2, ""))}), "p.qdpx")


def test_a_memo_that_is_not_there_and_a_folder_with_segments_are_told():
    mark = MARK.format(0, '<NoteRef targetGUID="gone"/>')
    found = parse_qdpx(packed({"project.qde": SMALL.format("false", mark)}), "p.qdpx")
    assert [one.rule for one in found.problems.warnings] == ["not_carried_memo", "folder_coded"]
    assert found.codebook["A"].codable


def test_a_flat_codebook_keeps_codes_of_one_name_apart():
    codes = "".join(f'<Code guid="{n}" name="{name}" isCodable="true"/>' for n, name in enumerate(["x", "x::y", "x"]))
    book = parse_qdc(f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>{codes}</Codes></CodeBook>'.encode(), "b.qdc")
    assert [code.code for code in book] == ["x", "x::y", "x (2)"]
