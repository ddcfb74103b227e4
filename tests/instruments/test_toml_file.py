import hashlib
import re
from pathlib import Path

import pytest

from leadership_study.errors import InstrumentError
from leadership_study.instruments import exchange, load_instrument
from leadership_study.instruments.toml_writer import to_toml

ROOT = Path(__file__).parents[2]

COMPLETE = """
id = "head"
version = "1.0"
title = { en = "Head", zh = "学区长" }
source = "Own"
texts = "complete"

[response_scale.agreement]
values = [1, 2, 3]
labels = { en = ["no", "so", "yes"], zh = ["否", "中", "是"] }

[response_scale.importance]
values = [0, 0.5, 1]
labels = { en = ["none", "some", "much"], zh = ["无", "有", "多"] }

[[dimension]]
id = "structural"
label = { en = "Structural", zh = "结构" }
definition = { en = "Order.", zh = "秩序。" }
items = [
  { id = "str_01", en = "The head plans.", zh = "学区长规划。", self = { en = "I plan.", zh = "我规划。" } },
  { id = "str_02", en = "The head errs.", zh = "学区长失误。", reverse_keyed = true, response_scale = "importance" },
]

[[form]]
id = "importance"
of = "dimensions"
response_scale = "importance"

[[background]]
id = "post"
kind = "nominal"
label = { en = "Post", zh = "职务" }
levels = [ { value = "teacher", en = "Teacher", zh = "教师" }, { value = "head", en = "Head", zh = "校长" } ]

[[background]]
id = "years"
kind = "ordinal"
label = { en = "Years", zh = "教龄" }
levels = [ { value = "0-5", en = "Up to 5", zh = "5年及以下" }, { value = "6+", en = "More", zh = "5年以上" } ]
relevant = { post = ["teacher"] }

[[background]]
id = "school"
kind = "group"
label = { en = "School", zh = "学校" }

[[attention_check]]
id = "check_1"
after = "str_01"
expected = 2
en = "Choose so."
zh = "请选中。"

[[open_question]]
id = "open_1"
en = "Anything else?"
zh = "其他？"
"""

HEADER = 'id = "x"\nversion = "1"\ntitle = { en = "X", zh = "某" }\ntexts = "withheld"\n'
SCALE = "[response_scale.five]\nvalues = [1, 2, 3, 4, 5]\n"
DIMENSION = '[[dimension]]\nid = "a"\nitems = [{ id = "a1" }, { id = "a2" }]\n'
MINIMAL = HEADER + SCALE + DIMENSION
SECOND = '[[dimension]]\nid = "b"\nitems = [{ id = "b1" }]\n'
COMPOSITES = """
[[composite]]
id = "whole"
of = ["b", "a"]
label = { en = "All", zh = "全部" }

[[composite]]
id = "part"
of = ["a"]
"""
ASKED = """
[[background]]
id = "{}"
kind = "nominal"
levels = [{{ value = "1" }}]
relevant = {{ {} = ["1"] }}
"""
LEVELLED = '[[background]]\nid = "c"\nkind = "nominal"\nlevels = [{ value = "1" }]\n'


def load(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    return load_instrument(path)


def problems(tmp_path, text):
    with pytest.raises(InstrumentError) as caught:
        load(tmp_path, text)
    table = caught.value.problems
    assert (table["file"] == "x.toml").all()
    assert table["remedy"].str.len().gt(0).all()
    return table


def only(tmp_path, text):
    table = problems(tmp_path, text)
    assert len(table) == 1, table.to_string()
    return table.iloc[0]


def test_the_whole_format_is_read(tmp_path):
    instrument = load(tmp_path, COMPLETE)
    assert (instrument.id, instrument.version, instrument.source, instrument.texts) == (
        "head",
        "1.0",
        "Own",
        "complete",
    )
    assert instrument.languages == ("en", "zh")
    assert list(instrument.response_scales) == ["agreement", "importance"]
    assert instrument.response_scales["agreement"].labels == {"en": ("no", "so", "yes"), "zh": ("否", "中", "是")}
    assert instrument.response_scales["importance"].values == (0, 0.5, 1)
    dimension = instrument.dimension("structural")
    assert dimension.definition["zh"] == "秩序。"
    assert dimension.response_scale == "agreement"
    first, second = dimension.items
    assert first.text == {"en": "The head plans.", "zh": "学区长规划。"}
    assert first.self_text == {"en": "I plan.", "zh": "我规划。"}
    assert (first.reverse_keyed, first.response_scale) == (False, "agreement")
    assert (second.reverse_keyed, second.response_scale) == (True, "importance")
    assert instrument.form_scales["importance_structural"].high == 1
    assert [question.kind for question in instrument.background] == ["nominal", "ordinal", "group"]
    years = instrument.background_question("years")
    assert [level.value for level in years.levels] == ["0-5", "6+"]
    assert years.levels[0].text["zh"] == "5年及以下"
    assert years.relevant == {"post": ("teacher",)}
    check = instrument.attention_checks[0]
    assert (check.id, check.after, check.expected, check.text["en"]) == ("check_1", "str_01", 2, "Choose so.")
    assert instrument.open_questions[0].text["zh"] == "其他？"
    assert instrument.column_ids == (
        "str_01", "str_02", "importance_structural", "post", "years", "school", "check_1", "open_1",
    )  # fmt: skip


def test_an_item_may_belong_to_several_scales(tmp_path):
    instrument = load(tmp_path, MINIMAL + SECOND + COMPOSITES)
    assert instrument.composite_ids == ["whole", "part"]
    assert instrument.composite("whole").of == ("b", "a")
    assert [item.id for item in instrument.composite_items("whole")] == ["b1", "a1", "a2"]
    assert [item.id for item in instrument.composite_items("part")] == ["a1", "a2"]
    assert instrument.label("whole", "zh") == "全部"
    assert instrument.label("part", "en") == "part"
    assert "whole" not in instrument.column_ids, "composites are made of answers, they are none"
    path = tmp_path / "again.toml"
    path.write_text(to_toml(instrument), encoding="utf-8")
    assert load_instrument(path) == instrument
    with pytest.raises(InstrumentError, match="did you mean whole"):
        instrument.composite("hole")


def test_the_source_may_be_told_in_each_language(tmp_path):
    instrument = load(tmp_path, COMPLETE.replace('source = "Own"', 'source = { en = "Own", zh = "自编" }'))
    assert (instrument.source, instrument.source_text("zh"), instrument.source_text("fr")) == ("Own", "自编", "Own")
    assert load(tmp_path, COMPLETE).source_text("zh") == "Own"
    path = tmp_path / "again.toml"
    path.write_text(to_toml(instrument), encoding="utf-8")
    assert load_instrument(path) == instrument
    for format in ("xlsform", "limesurvey_tsv"):
        assert exchange.read(exchange.write(instrument, format)[0], file="f")[0] == instrument


def test_withheld_wording_may_be_absent(tmp_path):
    instrument = load(tmp_path, MINIMAL)
    assert instrument.item_ids() == ["a1", "a2"]
    assert instrument.label("a", "en") == "a"
    assert instrument.response_scales["five"].labels == {}


def test_a_byte_order_mark_is_no_problem(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert load_instrument(str(path)).id == "x"


@pytest.mark.parametrize(
    ("text", "rule", "place", "remedy", "value"),
    [
        (
            MINIMAL.replace('"a2"', '"a1"'),
            "equal_ids",
            r"item 'a1' \(no. 2\): this id is also that of dimension 'a', item 'a1' \(no. 1\)",
            "another id",
            "a1",
        ),
        (MINIMAL.replace('"a2"', '"a"'), "equal_ids", "item 'a'.*dimension 'a'", "another id", "a"),
        (MINIMAL + '[[background]]\nid = "a1"\nkind = "text"\n', "equal_ids", "background 'a1'", "another id", "a1"),
        (MINIMAL + '[[form]]\nid = "a1"\n', "equal_ids", "form 'a1'", "another id", "a1"),
        (MINIMAL + '[[open_question]]\nid = "a"\n', "equal_ids", "open_question 'a'", "another id", "a"),
        (MINIMAL + '[[attention_check]]\nid = "a"\nexpected = 3\n', "equal_ids", "attention_check", "another", "a"),
        (
            MINIMAL.replace('"a2"', '"f_a"') + '[[form]]\nid = "f"\n',
            "equal_ids",
            "a column that a form adds.*item 'f_a'",
            "another id",
            "f_a",
        ),
        (MINIMAL.replace('"a2"', '"weight"'), "reserved_id", "item 'weight'", "another", "weight"),
        (MINIMAL.replace('"a2"', '"2a"'), "bad_id", "item '2a'", "rename", "2a"),
        (MINIMAL.replace("[1, 2, 3, 4, 5]", "[1, 2, 2]"), "values_not_rising", "'five'", "in order", "[1, 2, 2]"),
        (MINIMAL.replace("[1, 2, 3, 4, 5]", "[5, 4, 3]"), "values_not_rising", "'five'", "in order", "[5, 4, 3]"),
        (MINIMAL.replace("[1, 2, 3, 4, 5]", "[1]"), "too_few_values", "'five'", "all of them", "[1]"),
        (MINIMAL.replace("[1, 2, 3, 4, 5]", '[1, "2"]'), "wrong_type", "'five'", "numbers", "2"),
        (MINIMAL.replace("[1, 2, 3, 4, 5]", "[1, inf]"), "wrong_type", "'five'", "numbers", "inf"),
        (
            MINIMAL.replace(SCALE, SCALE + 'labels = { en = ["a"], zh = ["1", "2", "3", "4", "5"] }\n'),
            "wrong_number_of_labels",
            "'five', labels: there are 1 labels in 'en' for 5 values",
            "one label",
            None,
        ),
        (MINIMAL.replace('{ id = "a1" }, { id = "a2" }', ""), "no_items", "dimension 'a'", "list them", None),
        (MINIMAL.replace("version", "verzion"), "unknown_key", "", "'version'", "verzion"),
        (
            MINIMAL.replace('{ id = "a2" }', '{ id = "a2", reversed_key = true }'),
            "unknown_key",
            "dimension 'a', item 'a2': unknown key 'reversed_key'",
            "did you mean 'reverse_keyed'",
            "reversed_key",
        ),
        (MINIMAL + '[[background]]\nid = "b"\nkind = "ordnal"\n', "unknown_kind", "'b'", "'ordinal'", "ordnal"),
        (MINIMAL + '[[background]]\nid = "b"\nkind = "nominal"\n', "no_levels", "'b'", "levels", None),
        (
            MINIMAL + '[[background]]\nid = "b"\nkind = "group"\nlevels = [{ value = "1" }]\n',
            "unwanted_levels",
            "'b'",
            "remove",
            None,
        ),
        (
            MINIMAL + '[[background]]\nid = "b"\nkind = "nominal"\nlevels = [{ value = "1" }, { value = "1" }]\n',
            "equal_levels",
            "'b'",
            "its own",
            "1",
        ),
        (
            MINIMAL + '[[background]]\nid = "b"\nkind = "text"\nrelevant = { c = ["1"] }\n',
            "unknown_question",
            "'b', relevant",
            "known",
            "c",
        ),
        (MINIMAL + ASKED.format("b", "c") + ASKED.format("c", "b"), "cyclic_relevance", "b → c → b", "without", "b"),
        (MINIMAL + ASKED.format("b", "b"), "cyclic_relevance", "'b', relevant.*b → b", "without", "b"),
        (MINIMAL + ASKED.format("b", "c") + ASKED.format("c", "d") + ASKED.format("d", "b"), "cyclic_relevance",
         "b → c → d → b", "without", "b"),
        (MINIMAL + '[[background]]\nid = "c"\nkind = "text"\n' + ASKED.format("b", "c"), "unknown_level",
         "'c' has no levels", "with levels", "c"),
        (MINIMAL + LEVELLED + ASKED.format("b", "c").replace('["1"]', "[]"), "unknown_level", "never be asked",
         "some of 1", "c"),
        (MINIMAL + '[[attention_check]]\nid = "c"\nafter = "a1"\nexpected = 9\n', "value_off_scale",
         "'c': 'expected' is not on the response scale 'five'", "1, 2, 3, 4, 5", "9"),
        (MINIMAL.replace('id = "a"\n', 'id = "a"\nreverse_keyed = ["a1", "a7"]\n'), "wrong_place",
         "dimension 'a'.*a7 is not among its items", "beside the item", None),
        (MINIMAL.replace(SCALE, "[response_scale]\n"), "no_scale", "there is no response scale", "agreement", None),
        (COMPLETE.replace('"so"', '" "', 1), "missing_wording", "'agreement', labels: a label in 'en'", "write", None),
        (COMPLETE.replace('"so"', '"no"', 1), "equal_labels", "two values have the same label in 'en'", "own", "no"),
        (COMPLETE.replace('en = "Head"', 'en = "Teacher"').replace('title = { en = "Teacher"', 'title = { en = "Head"'),
         "equal_labels", "'post': two levels have the same wording in 'en'", "own", "Teacher"),
        (MINIMAL + '[[composite]]\nid = "k"\nof = ["a", "z"]\n', "unknown_dimension", "composite 'k'", "known", "z"),
        (MINIMAL + '[[composite]]\nid = "k"\nof = ["a", "a"]\n', "equal_ids", "composite 'k'.*twice", "once", "a"),
        (MINIMAL + '[[composite]]\nid = "k"\nof = []\n', "no_dimension", "composite 'k'", "list them", None),
        (MINIMAL + '[[composite]]\nid = "k"\n', "missing_key", "composite 'k': 'of'", "add of", None),
        (MINIMAL + '[[composite]]\nid = "a1"\nof = ["a"]\n', "equal_ids", "composite 'a1'", "another id", "a1"),
        (COMPLETE + '[[composite]]\nid = "k"\nof = ["structural"]\nlabel = { en = "K", zh = "合" }\n',
         "different_scales", "composite 'k'", "answered alike", "k"),
        (MINIMAL + '[[attention_check]]\nid = "c"\nafter = "a9"\nexpected = 1\n', "unknown_item", "'c'", "item", "a9"),
        (MINIMAL + '[[attention_check]]\nid = "c"\n', "wrong_type", "'c': 'expected'", "expected", None),
        (MINIMAL.replace('id = "a"\n', 'id = "a"\nresponse_scale = "six"\n'), "unknown_scale", "'a'", "five", "six"),
        (MINIMAL.replace('{ id = "a2" }', '{ id = "a2", reverse_keyed = "yes" }'), "wrong_type", "a2", "", "yes"),
        (MINIMAL.replace('"a2" }', '"a2", en = "A." }'), "missing_wording", "'a2': the wording in 'zh'", "zh =", None),
        (MINIMAL.replace('texts = "withheld"', 'texts = "secret"'), "unknown_kind", "texts", "withheld", "secret"),
        (COMPLETE.replace(', zh = "学区长失误。"', ""), "missing_wording", "item 'str_02'.*'zh'", "add zh", None),
        (COMPLETE.replace('label = { en = "Structural", zh = "结构" }\n', ""), "missing_key", "'label'", "add", None),
        (COMPLETE.replace(', zh = "我规划。"', ""), "missing_wording", "'str_01', self.*'zh'", "add zh", None),
        (COMPLETE.replace(', zh = ["否", "中", "是"]', ""), "missing_wording", "'agreement', labels", "add zh", None),
        (COMPLETE.replace(', zh = "教师"', ""), "missing_wording", "background 'post', level no. 1", "add zh", None),
        (COMPLETE.replace("errs.", "errs.\", fr = \"L'erreur"), "unknown_key", "'fr'", "known|mean", "fr"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_place_and_remedy(tmp_path, text, rule, place, remedy, value):
    table = problems(tmp_path, text)
    hit = table[table["rule"] == rule].iloc[0]
    assert re.search(place, hit["message"]), hit["message"]
    assert re.search(remedy, hit["remedy"]), hit["remedy"]
    assert value is None or hit["value"] == value


def test_one_mistake_is_one_problem(tmp_path):
    assert only(tmp_path, MINIMAL.replace('"a2"', '"a1"'))["rule"] == "equal_ids"
    assert only(tmp_path, MINIMAL.replace("[1, 2, 3, 4, 5]", "[1, 3, 2]"))["rule"] == "values_not_rising"
    assert only(tmp_path, MINIMAL + "[[dimension]]\nid = 'b'\n")["rule"] == "no_items"
    assert only(tmp_path, HEADER + SCALE)["rule"] == "missing_key"
    assert only(tmp_path, MINIMAL + ASKED.format("b", "c") + ASKED.format("c", "b"))["rule"] == "cyclic_relevance"
    assert only(tmp_path, COMPLETE.replace('"so"', '""', 1))["rule"] == "missing_wording"
    assert only(tmp_path, MINIMAL + '[[composite]]\nid = "k"\nof = []\n')["rule"] == "no_dimension"
    assert (
        only(tmp_path, COMPLETE.replace(', zh = "其他？"', "").replace('zh = "其他？"', ""))["rule"]
        == "missing_wording"
    )


def test_all_problems_come_at_once(tmp_path):
    text = MINIMAL.replace("[1, 2, 3, 4, 5]", "[2, 1]").replace('"a2"', '"a1"').replace("version", "verson")
    text += '[[background]]\nid = "b"\nkind = "grup"\n'
    found = problems(tmp_path, text)["rule"].to_list()
    assert sorted(found) == ["equal_ids", "missing_key", "unknown_key", "unknown_kind", "values_not_rising"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (MINIMAL + "oops\n", "line 10, column 5"),
        (MINIMAL.replace('id = "x"', 'id = "x'), "line 1, column"),
        (MINIMAL + "[[dimension]]\nid = 'b'\nid = 'c'\n", "Cannot overwrite a value .at line 12"),
    ],
)
def test_a_toml_error_names_its_place(tmp_path, text, place):
    row = only(tmp_path, text)
    assert row["rule"] == "toml_syntax"
    assert re.search(place, row["message"]), row["message"]


def test_other_encodings_are_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(MINIMAL.replace("某", "学区长").encode("gb18030"))
    with pytest.raises(InstrumentError, match=r"not UTF-8 \(line 3\); save the file as UTF-8"):
        load_instrument(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InstrumentError, match=r"nothing\.toml: no such file"):
        load_instrument(tmp_path / "nothing.toml")


def test_a_name_is_looked_up_in_the_project(tmp_path, monkeypatch):
    folder = tmp_path / "project" / "questionnaires"
    (tmp_path / "project" / "deep" / "down").mkdir(parents=True)
    folder.mkdir()
    (folder / "heads.toml").write_text(MINIMAL, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "project" / "deep" / "down")
    assert load_instrument("heads").id == "x"
    with pytest.raises(InstrumentError, match="No questionnaire 'head' in questionnaires; did you mean 'heads'"):
        load_instrument("head")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InstrumentError, match="no folder 'questionnaires' here or above"):
        load_instrument("heads")


def test_the_questionnaire_of_lq2002():
    instrument = load_instrument(ROOT / "questionnaires" / "lq2002.toml")
    assert instrument.dimension_ids == ["leadership_climate", "task_significance", "hostility"]
    assert instrument.item_ids("leadership_climate") == [f"LEAD{number:02d}" for number in range(1, 12)]
    assert instrument.item_ids("task_significance") == [f"TSIG{number:02d}" for number in range(1, 4)]
    assert instrument.item_ids("hostility") == [f"HOSTIL{number:02d}" for number in range(1, 6)]
    assert instrument.scale_of("LEAD01").values == instrument.scale_of("TSIG03").values == (1, 2, 3, 4, 5)
    assert instrument.scale_of("HOSTIL05").values == (0, 1, 2, 3, 4)
    assert not any(item.reverse_keyed for item in instrument.items)
    assert instrument.group_ids == ["company"]
    for id in [*instrument.dimension_ids, "company"]:
        assert instrument.label(id, "en") != id
        assert re.search("[一-鿿]", instrument.label(id, "zh"))


def test_the_data_of_lq2002_are_as_its_sources_say():
    folder = ROOT / "data" / "raw" / "lq2002"
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    said = re.findall(r"\b[0-9a-f]{64}\b", sources)
    assert said == [hashlib.sha256((folder / "lq2002.csv").read_bytes()).hexdigest()]
    assert "GPL" in sources
    assert "Bliese, P. D., Halverson, R. R., & Schriesheim, C. A. (2002)" in sources
