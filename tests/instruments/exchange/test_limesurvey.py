import csv
import io

import pytest

from leadership_study.errors import InstrumentError
from leadership_study.instruments.exchange import limesurvey_lss, limesurvey_tsv

HEADER = ["id", "class", "type/scale", "name", "relevance", "text", "language", "other"]


def table(*rows, header=HEADER):
    return "\n".join("\t".join(map(str, row)) for row in (header, *rows)).encode()


def rules(data, module=limesurvey_tsv):
    with pytest.raises(InstrumentError) as caught:
        module.read(data, file="form")
    return list(caught.value.problems["rule"])


def rows_of(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter="\t"))


def test_the_rows_are_what_limesurvey_takes(whole):
    rows = rows_of(limesurvey_tsv.write(whole)[0])
    for language in ("en", "zh"):
        mine = [row for row in rows if row["language"] == language]
        assert [row["class"] for row in mine].count("G") == 6  # about you, two dimensions, two forms, open questions
        arrays = [row for row in mine if row["type/scale"] == "F"]
        assert [row["name"] for row in arrays][:3] == ["order", "order2", "order3"]
    for row in rows:
        if row["class"] in ("Q", "SQ"):
            assert row["name"].isalnum()
            assert len(row["name"]) <= 20
        if row["class"] == "A":
            assert row["name"].isascii()
            assert row["name"].isalnum()
            assert len(row["name"]) <= 5
    ids = [
        (row["class"], row["id"], row["name"])
        for row in rows
        if row["language"] == "en" and row["class"] in ("Q", "SQ")
    ]
    assert ids == [
        (row["class"], row["id"], row["name"])
        for row in rows
        if row["language"] == "zh" and row["class"] in ("Q", "SQ")
    ]
    assert len({id for _, id, _ in ids}) == len(ids)
    asked = {row["name"]: row for row in rows if row["class"] == "Q" and row["language"] == "en"}
    assert asked["subjects"]["relevance"] == '(post.NAOK == "A1" or post.NAOK == "A2")'
    assert asked["years"]["relevance"] == '(post.NAOK == "A3") and (subjects_A1.NAOK == "Y" or subjects_A2.NAOK == "Y")'
    assert asked["age"]["min_num_value_n"] == "0"
    shown = {row["name"]: row["text"] for row in rows if row["class"] == "SQ" and row["language"] == "en"}
    assert shown["o1"] == "=1+1 is &#123;two}"
    assert shown["o2"] == "It&#x27;s &lt;b&gt;"


def test_changed_names_and_answers_are_told(whole):
    notes = {note.id: str(note) for note in limesurvey_tsv.write(whole)[1]}
    assert "o_1 → o1" in notes["names_in_limesurvey"]
    assert "post middle leader → A2" in notes["answers_in_limesurvey"]


def test_arrays_lists_and_the_types_of_limesurvey():
    data = table(
        [1, "G", "", "Work", "1", "", "en", ""],
        [2, "Q", "F", "care", "1", "<p>How&nbsp;<b>much</b>?</p>", "en", ""],
        [3, "SQ", "0", "SQ001", "", "Listens &amp; hears", "en", ""],
        [4, "SQ", "0", "SQ002", "", "Helps", "en", ""],
        ["", "A", "0", "A1", "", "no", "en", ""],
        ["", "A", "0", "A2", "", "yes", "en", ""],
        [5, "Q", "B", "ten", "1", "Ten", "en", ""],
        [6, "SQ", "0", "SQ001", "", "First", "en", ""],
        [7, "SQ", "0", "SQ002", "", "Second", "en", ""],
        [8, "Q", "L", "post", "1", "Post", "en", "Y"],
        ["", "A", "0", "T", "", "Teacher", "en", ""],
        [9, "Q", "M", "subjects", '((post.NAOK == "T"))', "Subjects", "en", ""],
        [10, "SQ", "0", "m", "", "Mathematics", "en", ""],
        [11, "SQ", "0", "a", "", "Art", "en", ""],
        [12, "Q", "N", "age", '((subjects_m.NAOK == "Y"))', "Age", "en", ""],
        [13, "Q", "Y", "yes", '((age.NAOK > 3))', "Yes?", "en", ""],
        [14, "Q", "T", "why", "1", "Why?", "en", ""],
        [15, "Q", "R", "rank", "1", "Rank", "en", ""],
        [16, "Q", "X", "hello", "1", "Hello", "en", ""],
        [17, "Q", "K", "many", "1", "Hours", "en", ""],
        [18, "SQ", "0", "h1", "", "at school", "en", ""],
        [19, "Q", "C", "tri", "1", "", "en", ""],
        [20, "SQ", "0", "t1", "", "Sure?", "en", ""],
    )  # fmt: skip
    instrument, notes = limesurvey_tsv.read(data, file="form.txt")
    care, ten = instrument.dimensions
    assert care.label == {"en": "How much?"}
    assert [item.id for item in care.items] == ["care_SQ001", "care_SQ002"]
    assert care.items[0].text == {"en": "Listens & hears"}
    assert instrument.response_scales[care.response_scale].values == (1, 2)
    assert instrument.response_scales[ten.response_scale].high == 10
    found = {question.id: question for question in instrument.background}
    assert [level.value for level in found["post"].levels] == ["T", "-oth-"]
    assert found["post_other"].relevant == {"post": ("-oth-",)}
    assert found["subjects"].relevant == {"post": ("T",)}
    assert found["age"].relevant == {"subjects": ("m",)}
    assert found["yes"].relevant == {}
    assert found["many_h1"].label == {"en": "Hours – at school"}
    assert [level.value for level in found["t1"].levels] == ["Y", "N", "U"]
    told = {note.id: str(note) for note in notes}
    assert "rank (R)" in told["questions_left_out"]
    assert "yes" in told["asking_rules_left_out"]
    assert told["survey_read"].startswith("The survey was read. Questions: 10; ")


def test_every_problem_is_told_at_once():
    data = table(
        [1, "G", "", "Work", "1", "", "en", ""],
        ["", "SQ", "0", "early", "", "Too early", "en", ""],
        [2, "Q", "F", "care", "1", "", "en", ""],
        ["", "A", "0", "1", "", "no", "en", ""],
        ["", "A", "0", "1", "", "no", "en", ""],
        [3, "Q", "L", "post", '((a.NAOK == "Y"))', "Post", "en", ""],
        [4, "Q", "Y", "a", '((b.NAOK == "Y"))', "A", "en", ""],
        [5, "Q", "Y", "b", '((a.NAOK == "Y"))', "B", "en", ""],
        [6, "Q", "?", "what", "1", "What", "en", ""],
        [7, "ZZ", "", "x", "", "", "en", ""],
        [8, "Q", "S", "", "1", "Nameless", "en", ""],
        [9, "Q", "S", "mute", "1", "", "en", ""],
    )
    assert sorted(rules(data)) == [
        "cyclic_relevance", "empty_list", "equal_codes", "missing_wording", "no_name", "no_question", "no_rows",
        "unknown_class", "unknown_type",
    ]  # fmt: skip


def test_what_is_no_table_of_limesurvey():
    assert rules(b"a\tb\n1\t2\n") == ["no_class"]
    assert rules(b"") == ["empty_file"]
    assert rules(b"\xff\xfe\xff\xff") == ["not_utf8"] or rules(b"caf\xe9") == ["not_utf8"]


def test_utf_16_as_excel_saves_it(whole):
    data = limesurvey_tsv.write(whole)[0].decode("utf-8-sig").encode("utf-16")
    assert limesurvey_tsv.read(data, file="f.txt")[0] == whole


LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>641</DBVersion>
<languages><language>en</language><language>zh</language></languages>
<surveys><rows><row><sid>1</sid><language>en</language></row></rows></surveys>
<groups><rows><row><gid>1</gid><group_order>1</group_order></row></rows></groups>
<group_l10ns><rows><row><gid>1</gid><group_name>Work</group_name><language>en</language></row></rows></group_l10ns>
<questions><rows>
<row><qid>7</qid><gid>1</gid><parent_qid>0</parent_qid>
<type>L</type><title>post</title><question_order>2</question_order></row>
<row><qid>5</qid><gid>1</gid><parent_qid>0</parent_qid>
<type>A</type><title>care</title><question_order>1</question_order></row>
</rows></questions>
<subquestions><rows>
<row><qid>9</qid><parent_qid>5</parent_qid><title>b</title><question_order>2</question_order></row>
<row><qid>8</qid><parent_qid>5</parent_qid><title>a</title><question_order>1</question_order></row>
</rows></subquestions>
<answers><rows><row><aid>1</aid><qid>7</qid><code>T</code><sortorder>1</sortorder></row></rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>Teacher</answer><language>en</language></row>
<row><aid>1</aid><answer>教师</answer><language>zh</language></row></rows></answer_l10ns>
<question_l10ns><rows>{texts}</rows></question_l10ns>
</document>"""


def lss(prolog=""):
    texts = "".join(
        f"<row><qid>{qid}</qid><question><![CDATA[<p>{text} {language}</p>]]></question>"
        f"<language>{language}</language></row>"
        for qid, text in ((5, "Care"), (7, "Post"), (8, "Listens"), (9, "Helps"))
        for language in ("en", "zh")
    )
    return LSS.replace("{texts}", texts).replace("<document>", f"{prolog}<document>", 1).encode()


def test_lss_is_read_in_its_order_and_languages():
    assert limesurvey_lss.recognises(lss(), "x.lss")
    instrument, _ = limesurvey_lss.read(lss(), file="x.lss")
    assert instrument.item_ids() == ["a", "b"]
    assert instrument.item("a").text == {"en": "Listens en", "zh": "Listens zh"}
    assert instrument.background_question("post").levels[0].text == {"en": "Teacher", "zh": "教师"}


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE document SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE document>",
    ],
)
def test_xml_with_entities_is_refused(prolog):
    assert rules(lss(prolog), limesurvey_lss) == ["entities"]


def test_broken_xml_is_said():
    assert rules(lss()[:-20], limesurvey_lss) == ["xml_syntax"]
    assert rules(b"<document/>", limesurvey_lss) == ["no_survey"]
