import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from leadership_study.errors import InstrumentError
from leadership_study.instruments.exchange import codebook_csv, ddi_codebook, qualtrics_qsf, qualtrics_txt

DDI = "{ddi:codebook:2_5}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def test_the_csv_has_one_row_a_column_of_the_data(instrument):
    data, _ = codebook_csv.write(instrument)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == list(instrument.column_ids)
    keyed = {row["id"] for row in rows if row["reverse_keyed"] == "yes"}
    assert keyed == {item.id for item in instrument.items if item.reverse_keyed}
    assert {row["missing"] for row in rows} == {"empty"}


def test_the_csv_tells_values_keying_and_rules(whole):
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(codebook_csv.write(whole)[0].decode("utf-8-sig")))}
    assert rows["o_2"]["values_zh"] == "-0.5 = 少; 0 = 同; 0.5 = 多"
    assert rows["o_2"]["scored_as"] == "0.0 - x"
    assert rows["o_3"]["self_wording_en"] == "I err"
    assert rows["years"]["asked_if"] == "post = it's & subjects = first language | 数学"
    assert (rows["word"]["expected"], rows["late"]["expected"]) == ("blue", "2")
    assert (rows["school"]["kind"], rows["age"]["measure"]) == ("group", "interval")
    assert rows["wish_o_2"]["dimension"] == "order"


def test_ddi_has_every_variable_with_its_categories_in_order(instrument):
    root = ElementTree.fromstring(ddi_codebook.write(instrument)[0])
    assert root.tag == f"{DDI}codeBook"
    assert root.get("version") == "2.5"
    assert [child.tag.removeprefix(DDI) for child in root] == ["docDscr", "stdyDscr", "dataDscr"]
    variables = root.findall(f"{DDI}dataDscr/{DDI}var")
    assert [variable.get("name") for variable in variables] == list(instrument.column_ids)
    order = ["labl", "qstn", "universe", "catgry", "codInstr", "varFormat", "notes"]  # of the schema's sequence
    for variable in variables:
        ranks = [order.index(child.tag.removeprefix(DDI)) for child in variable]
        assert ranks == sorted(ranks)
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    groups = {group.get("name"): group for group in root.iter(f"{DDI}varGrp")}
    assert list(groups) == [*instrument.dimension_ids, *instrument.composite_ids]
    for dimension in instrument.dimensions:
        assert groups[dimension.id].get("var").split() == [f"V_{item.id}" for item in dimension.items]
    for composite in instrument.composites:
        assert groups[composite.id].get("varGrp").split() == [f"G_{name}" for name in composite.of]
    for group in groups.values():
        assert {*group.get("var", "").split(), *group.get("varGrp", "").split()} <= set(ids)


# Content of the elements that are written, in order, with how often each may stand: codebook.xsd of DDI-Codebook 2.5.
SCHEMA = {
    "codeBook": "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
    "docDscr": "citation? guide? docStatus? docSrc* controlledVocabUsed* notes*",
    "stdyDscr": "citation+ studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* notes*",
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "dataDscr": "varGrp* nCubeGrp* var* nCube* notes*",
    "varGrp": "labl* txt* concept* defntn? universe? notes*",
    "var": "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* undocCod* "
    "universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation? "
    "varFormat? geoMap* catLevel* notes*",
    "catgry": "catValu? labl* txt* catStat* mrow?",
}
ATTRIBUTES = {
    "var": {"ID", "name", "intrvl", "nature"},
    "varGrp": {"ID", "name", "type", "otherType", "var", "varGrp"},
    "varFormat": {"type"},
}


def test_ddi_keeps_to_the_schema(instrument):
    root = ElementTree.fromstring(ddi_codebook.write(instrument)[0])
    seen = set()
    for element in root.iter():
        name = element.tag.removeprefix(DDI)
        if name in ATTRIBUTES:
            assert set(element.keys()) <= ATTRIBUTES[name]
        if name not in SCHEMA:
            continue
        seen.add(name)
        content = " ".join(child.tag.removeprefix(DDI) for child in element) + " "
        pattern = "".join(
            f"(?:{part.rstrip('?*+')} ){part[-1] if part[-1] in '?*+' else ''}" for part in SCHEMA[name].split()
        )
        assert re.fullmatch(pattern, content.lstrip()), f"{name}: {content}"
    assert seen == set(SCHEMA)
    assert all(len(group.findall(f"{DDI}defntn")) <= 1 for group in root.iter(f"{DDI}varGrp"))


def test_ddi_gives_the_definition_in_every_language(whole):
    group = next(ElementTree.fromstring(ddi_codebook.write(whole)[0]).iter(f"{DDI}varGrp"))
    assert group.findtext(f"{DDI}defntn") == 'Keeping "order" & peace'
    assert (group.find(f"{DDI}txt").get(LANGUAGE), group.findtext(f"{DDI}txt")) == ("zh", "维护“秩序”")


def test_ddi_tells_both_languages_and_the_key(whole):
    root = ElementTree.fromstring(ddi_codebook.write(whole)[0])
    variables = {variable.get("name"): variable for variable in root.iter(f"{DDI}var")}
    labels = {label.get(LANGUAGE): label.text for label in variables["o_3"].findall(f"{DDI}labl")}
    assert labels == {"en": "The head errs", "zh": "学区长失误"}
    asked = [element.text for element in variables["o_3"].iter(f"{DDI}qstnLit")]
    assert asked == ["The head errs", "学区长失误", "I err", "我失误"]
    assert "reverse-keyed" in variables["o_2"].findtext(f"{DDI}codInstr")
    assert [value.text for value in variables["post"].iter(f"{DDI}catValu")] == ["teacher", "middle leader", "it's"]


def test_qualtrics_text_is_in_one_language_and_lists_its_losses(whole):
    data, notes = qualtrics_txt.write(whole, language="zh")
    lines = data.decode().splitlines()
    assert lines[0] == "[[AdvancedFormat]]"
    assert "学区长规划 第二行" in lines
    assert lines.count("[[Question:Matrix]]") == 7
    assert lines[lines.index("[[Answer:-0.5]]") + 1] == "少"
    told = str(notes[0])
    assert "the wording in en" in told
    assert "the rules for asking" in told
    with pytest.raises(InstrumentError, match="no wording in 'fr'"):
        qualtrics_txt.write(whole, language="fr")


def qsf(**payload):
    questions = [
        {"Element": "SQ", "PrimaryAttribute": "Q1", "Payload": {"QuestionID": "Q1", "DataExportTag": "care", **payload}}
    ]
    block = {"Type": "Default", "BlockElements": [{"Type": "Question", "QuestionID": "Q1"}]}
    blocks = {"Element": "BL", "PrimaryAttribute": "Survey Blocks", "Payload": {"1": block}}
    return json.dumps(
        {"SurveyEntry": {"SurveyName": "S", "SurveyLanguage": "EN"}, "SurveyElements": [blocks, *questions]}
    ).encode()


MATRIX = {
    "QuestionType": "Matrix",
    "Selector": "Likert",
    "SubSelector": "SingleAnswer",
    "QuestionText": "How <b>much</b>?",
    "Choices": {"1": {"Display": "Listens"}, "2": {"Display": "Helps"}},
    "ChoiceOrder": [2, 1],
    "Answers": {"1": {"Display": "no"}, "2": {"Display": "yes"}},
    "AnswerOrder": ["1", "2"],
    "RecodeValues": {"1": "10", "2": "11"},
    "Language": {"ZH-S": {"QuestionText": "多少？", "Choices": {"1": {"Display": "倾听"}}, "Answers": []}},
}


def test_qsf_matrices_with_recoded_values():
    instrument, notes = qualtrics_qsf.read(qsf(**MATRIX), file="s.qsf")
    assert instrument.languages == ("en", "zh-Hans")
    assert instrument.item_ids("care") == ["care_2", "care_1"]
    assert instrument.scale_of("care_1").values == (10, 11)
    assert instrument.item("care_1").text == {"en": "Listens", "zh-Hans": "倾听"}
    assert "translations_missing" in {note.id for note in notes}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"{", "json_syntax"),
        (b'{"SurveyElements": []}', "no_survey"),
        (b'{"SurveyEntry": {}, "SurveyElements": [{}]}', "no_survey"),
        (qsf(QuestionType="Telepathy", QuestionText="x"), "unknown_type"),
        (b"[" * 100_000, "json_syntax"),
    ],
)
def test_bad_qsf(data, rule):
    with pytest.raises(InstrumentError) as caught:
        qualtrics_qsf.read(data, file="s.qsf")
    assert list(caught.value.problems["rule"]) == [rule]
