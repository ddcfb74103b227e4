import math

import numpy as np
import pandas as pd
import pytest

from leadership_study.errors import PlanError, ResponseError
from leadership_study.importing import read_responses
from leadership_study.instruments import (
    AttentionCheck,
    BackgroundQuestion,
    Dimension,
    Form,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
)
from leadership_study.validation import validate

INSTRUMENT = Instrument(
    id="x",
    version="1",
    title={"en": "X"},
    response_scales={
        "five": ResponseScale(id="five", values=(1, 2, 3, 4, 5)),
        "half": ResponseScale(id="half", values=(0, 0.5, 1)),
    },
    dimensions=(
        Dimension(
            id="a",
            response_scale="five",
            items=tuple(Item(id=f"a{number}", dimension="a", response_scale="five") for number in (1, 2, 3)),
        ),
    ),
    forms=(Form(id="importance", of="dimensions", response_scale="half"),),
    background=(
        BackgroundQuestion(id="post", kind="nominal", levels=(Level(value="teacher"), Level(value="head"))),
        BackgroundQuestion(id="years", kind="ordinal", levels=(Level(value="0-5"), Level(value="6+"))),
        BackgroundQuestion(id="age", kind="number"),
        BackgroundQuestion(id="tasks", kind="multiple", levels=(Level(value="class"), Level(value="office"))),
        BackgroundQuestion(id="day", kind="date"),
        BackgroundQuestion(id="school", kind="group"),
    ),
    attention_checks=(AttentionCheck(id="check", expected=4), AttentionCheck(id="word", expected="yes")),
    open_questions=(OpenQuestion(id="said"),),
)
GOOD = {
    "respondent_id": "r{}",
    "a1": "1",
    "a2": "3",
    "a3": "5",
    "importance_a": "0.5",
    "post": "teacher",
    "years": "0-5",
    "age": "41.5",
    "tasks": "class",
    "day": "2026-04-18",
    "school": "s1",
    "check": "4",
    "word": "yes",
    "said": "well",
}
ITEMS = ["a1", "a2", "a3"]


@pytest.fixture
def raw(tmp_path):
    def raw(rows=4, *, name="answers.csv", extra=None, drop=(), **changes):
        """``changes`` maps a column to {record: text}."""
        table = {id: [text.format(row) for row in range(1, rows + 1)] for id, text in GOOD.items()}
        table |= extra or {}
        for column, cells in changes.items():
            if column in ("missing_codes", "weights"):
                continue
            for row, text in cells.items():
                table[column][row - 1] = text
        path = tmp_path / name
        pd.DataFrame(table).drop(columns=list(drop)).to_csv(path, index=False)
        options = {key: changes[key] for key in ("missing_codes", "weights") if key in changes}
        return read_responses(path, INSTRUMENT, **options)

    return raw


def refused(raw, **options):
    with pytest.raises(ResponseError) as caught:
        validate(raw, INSTRUMENT, **options)
    return caught.value.problems


def only(raw, **options):
    table = refused(raw, **options)
    assert len(table) == 1, table.to_string()
    return table.iloc[0]


def test_good_answers_get_their_types(raw):
    valid = validate(raw(a2={1: "3.0", 2: " 4 ", 3: ""}), INSTRUMENT)
    frame = valid.frame
    assert frame.index.tolist() == ["r1", "r2", "r3", "r4"]
    assert frame.index.name == "respondent_id"
    assert list(frame.columns) == list(INSTRUMENT.column_ids)
    numbers = [*ITEMS, "importance_a", "age", "check"]
    assert (frame[numbers].dtypes == "float64").all()
    assert (frame.drop(columns=numbers).dtypes == "str").all()
    np.testing.assert_array_equal(frame["a2"], [3, 4, math.nan, 3])
    assert frame["age"].tolist() == [41.5] * 4
    assert frame.loc["r1", "day"] == "2026-04-18"
    assert valid.block.tolist() == ["responses"] * 4
    assert valid.notes == ()
    assert valid.flow["n"].to_dict() == {"received": 4, "all_missing": 0, "analysed": 4}
    assert len(valid.exclusions_log) == 0
    assert [source.file for source in valid.sources["responses"]] == ["answers.csv"]


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("a2", "3.5", "not_on_scale"),
        ("a2", "6", "not_on_scale"),
        ("a2", "0", "not_on_scale"),
        ("a2", "-1", "not_on_scale"),
        ("a2", "often", "not_a_number"),
        ("a2", "非常符合", "not_a_number"),
        ("a2", "nan", "not_a_number"),
        ("a2", "NA", "not_a_number"),
        ("a2", "3,0", "decimal_comma"),
        ("a2", "３", "not_a_number"),
        ("a2", "1_0", "not_a_number"),
        ("a2", "0x3", "not_a_number"),
        ("a2", "True", "not_a_number"),
        ("a2", "inf", "infinite"),
        ("a2", "-Infinity", "infinite"),
        ("a2", "1e400", "infinite"),
        ("importance_a", "0.7", "not_on_scale"),
        ("age", "old", "not_a_number"),
        ("age", "inf", "infinite"),
        ("post", "Teachr", "unknown_level"),
        ("years", "7", "unknown_level"),
        ("tasks", "class┋field", "unknown_level"),
        ("day", "2026-02-30", "not_a_date"),
        ("day", "yesterday", "not_a_date"),
        ("check", "four", "not_a_number"),
    ],
)
def test_what_is_no_answer_is_refused(raw, column, text, rule):
    row = only(raw(**{column: {3: text}}))
    assert (row["file"], row["row"], row["respondent_id"]) == ("answers.csv", 3, "r3")
    assert (row["column"], row["value"], row["rule"]) == (column, text, rule)
    assert row["message"]
    assert row["remedy"]


def test_the_remedy_names_the_scale_and_the_nearest_level(raw):
    assert "one of 1, 2, 3, 4, 5" in only(raw(a2={1: "6"}))["remedy"]
    assert only(raw(post={1: "Teachr"}))["remedy"] == "did you mean 'teacher'?"
    assert only(raw(post={1: "12"}))["remedy"] == "known are teacher, head"


def test_everything_comes_at_once_in_the_order_of_rows(raw):
    table = refused(raw(a1={4: "6", 2: "x"}, a3={2: "inf"}, post={1: "boss"}, respondent_id={4: "r1"}))
    found = list(zip(table["row"], table["column"], table["rule"], strict=True))
    assert found == [
        (1, "post", "unknown_level"),
        (2, "a1", "not_a_number"),
        (2, "a3", "infinite"),
        (4, "a1", "not_on_scale"),
        (1, "respondent_id", "duplicate_respondent_id"),
        (4, "respondent_id", "duplicate_respondent_id"),
    ]


def test_every_cell_with_the_same_text_is_named(raw):
    table = refused(raw(a1={1: "9", 3: "9", 4: "9"}))
    assert table["row"].tolist() == [1, 3, 4]
    assert table["value"].tolist() == ["9"] * 3


def test_all_rows_of_a_repeated_id_are_named(raw):
    table = refused(raw(rows=5, respondent_id={2: "r1", 5: " r1"}))
    assert table["row"].tolist() == [1, 2, 5]
    assert set(table["rule"]) == {"duplicate_respondent_id"}
    assert table.loc[0, "message"] == "3 rows have this respondent id (answers.csv 1, answers.csv 2, answers.csv 5)"


def test_a_missing_respondent_id_is_refused(raw):
    row = only(raw(respondent_id={2: " "}))
    assert (row["row"], row["column"], row["rule"]) == (2, "respondent_id", "missing_respondent_id")
    assert row["respondent_id"] is None or pd.isna(row["respondent_id"])


def test_weights_are_numbers_above_zero(raw):
    weights = {"w": ["1", "0.5", "2", "1"]}
    assert validate(raw(extra=weights, weights="w"), INSTRUMENT).frame["weight"].tolist() == [1, 0.5, 2, 1]
    table = refused(raw(extra={"w": ["1", "0", "", "x"]}, weights="w"))
    assert list(zip(table["row"], table["rule"], strict=True)) == [
        (2, "not_positive"),
        (3, "missing_weight"),
        (4, "not_a_number"),
    ]
    assert set(table["column"]) == {"weight"}


def test_weights_in_some_blocks_only_are_refused(raw):
    blocks = {"one": raw(extra={"w": ["1"] * 4}, weights="w"), "two": raw(name="b.csv")}
    row = only(blocks)
    assert (row["file"], row["rule"]) == ("b.csv", "weights_in_some_files")


def test_missing_codes_become_missing_and_are_counted(raw):
    valid = validate(raw(a1={1: "-2", 2: " -3"}, post={3: "-3"}, missing_codes=["-2", "-3"]), INSTRUMENT)
    assert valid.frame["a1"].isna().tolist() == [True, True, False, False]
    assert valid.frame["post"].isna().tolist() == [False, False, True, False]
    sentence = "Answers in answers.csv that were the missing codes -2, -3 and became missing: 3."
    assert [str(note) for note in valid.notes] == [sentence]
    assert only(raw(a1={1: "-2"}))["rule"] == "not_on_scale"


def test_a_missing_code_that_is_an_answer_is_refused(raw):
    table = refused(raw(missing_codes=["0", "teacher", "-2"]))
    found = list(zip(table["column"], table["value"], strict=True))
    assert found == [("importance_a", "0"), ("post", "teacher")]
    assert set(table["rule"]) == {"missing_code_is_an_answer"}
    assert table["row"].isna().all()


def test_blank_cells_are_missing_and_noted(raw):
    valid = validate(raw(a1={1: "   "}, said={2: "\t"}), INSTRUMENT)
    assert math.isnan(valid.frame.loc["r1", "a1"])
    assert [str(note) for note in valid.notes] == ["Cells of answers.csv that hold only spaces and became missing: 2."]


def test_several_answers_come_in_the_order_of_the_levels(raw):
    frame = validate(raw(tasks={1: "office┋class", 2: "office; class", 3: "office"}), INSTRUMENT).frame
    assert frame["tasks"].tolist() == ["class┋office", "class┋office", "office", "class"]


def test_a_missing_group_stays_missing(raw):
    assert validate(raw(school={2: ""}), INSTRUMENT).frame["school"].isna().tolist() == [False, True, False, False]


def test_a_column_without_any_answer_and_a_constant_one_are_no_problem(raw):
    valid = validate(raw(a2=dict.fromkeys(range(1, 5), "")), INSTRUMENT)
    assert valid.frame["a2"].isna().all()
    assert valid.frame["a2"].dtype == "float64"
    assert valid.flow.loc["analysed", "n"] == 4


def test_one_respondent_is_enough_to_validate(raw):
    assert len(validate(raw(1), INSTRUMENT).frame) == 1


def test_problems_name_the_row_and_its_line(raw):
    with pytest.raises(ResponseError) as caught:
        validate(raw(a1={3: "9"}), INSTRUMENT)
    assert str(caught.value.problem_list[0]).startswith("answers.csv, row 3 (line 4), respondent r3, column a1: ")
    assert caught.value.problems["line"].tolist() == [4]


def test_decimal_commas_are_one_problem(raw):
    file = raw(a1=dict.fromkeys((2, 3, 4), "5,0"), a2={1: "3,0", 2: "x"}, weights="w", extra={"w": ["0,5"] * 4})
    table = refused(file)
    assert table["rule"].tolist() == ["decimal_comma", "not_a_number"]
    comma = table.iloc[0]
    assert (comma["row"], comma["line"], comma["column"], comma["value"]) == (2, 3, "a1", "5,0")
    assert comma["message"] == "this is a number with a decimal comma, the first of 8 in this file"
    assert comma["remedy"].startswith("save the file with decimal points (5.0)")
    assert only(raw(a1={1: "5,0"}))["message"] == "this is a number with a decimal comma"
    assert only(raw(a1={1: "5,0,1"}))["rule"] == "not_a_number"


# --- who is left out ------------------------------------------------------------------------------------------------


def test_rows_without_any_answer_are_counted_and_left_out(raw):
    nothing = {2: ""}
    valid = validate(raw(a1=nothing, a2=nothing, a3=nothing), INSTRUMENT)
    assert valid.frame.index.tolist() == ["r1", "r3", "r4"]
    assert valid.flow["n"].to_dict() == {"received": 4, "all_missing": 1, "analysed": 3}
    log = valid.exclusions_log
    assert list(log.columns) == ["block", "respondent_id", "rule", "value", "threshold"]
    assert log.iloc[0].tolist() == ["responses", "r2", "all_missing", 1.0, 1.0]
    assert valid.flags.index.tolist() == valid.block.index.tolist() == ["r1", "r3", "r4"]


def test_a_declared_share_of_missing_answers_excludes(raw):
    file = raw(a1={1: "", 2: "", 3: ""}, a2={2: "", 3: ""}, a3={3: ""})
    valid = validate(file, INSTRUMENT, exclusions={"max_missing_share": 0.5})
    assert valid.frame.index.tolist() == ["r1", "r4"]
    assert valid.flow.index.tolist() == ["received", "all_missing", "max_missing_share", "analysed"]
    assert valid.flow["n"].tolist() == [4, 1, 1, 2]
    assert valid.exclusions_log["respondent_id"].tolist() == ["r3", "r2"]
    assert valid.exclusions_log["value"].tolist() == [1.0, 2 / 3]
    assert valid.exclusions_log["threshold"].tolist() == [1.0, 0.5]


def test_the_threshold_itself_stays_in(raw):
    valid = validate(raw(a1={1: ""}), INSTRUMENT, exclusions={"max_missing_share": 1 / 3})
    assert valid.flow.loc["analysed", "n"] == 4


@pytest.mark.parametrize(
    ("exclusions", "match"),
    [
        ({"max_mising_share": 0.2}, "Unknown exclusion rule: 'max_mising_share'; did you mean max_missing_share"),
        ({"max_missing_share": 1.2}, "must be a share from 0 to 1. Got 1.2 instead"),
        ({"max_missing_share": math.nan}, "must be a share"),
        ({"max_missing_share": "0.2"}, "must be a share"),
        ({"max_missing_share": True}, "must be a share"),
    ],
)
def test_exclusion_rules_are_checked(raw, exclusions, match):
    with pytest.raises(PlanError, match=match):
        validate(raw(), INSTRUMENT, exclusions=exclusions)


def test_attention_checks_flag_and_do_not_exclude(raw):
    valid = validate(raw(check={2: "3", 3: "4.0", 4: ""}, word={1: "no"}), INSTRUMENT)
    assert valid.flags["check"].tolist() == [False, True, False, False]
    assert valid.flags["word"].tolist() == [True, False, False, False]
    assert (valid.flags.dtypes == "bool").all()
    assert valid.flow.loc["analysed", "n"] == 4


# --- several blocks and files -----------------------------------------------------------------------------------------


def test_several_blocks_keep_their_respondents_apart(raw):
    nothing = {1: ""}
    blocks = {"teachers": raw(), "heads": raw(2, name="b.csv", a1=nothing, a2=nothing, a3=nothing)}
    valid = validate(blocks, INSTRUMENT)
    assert valid.frame.index.tolist() == ["teachers/r1", "teachers/r2", "teachers/r3", "teachers/r4", "heads/r2"]
    assert valid.block.tolist() == ["teachers"] * 4 + ["heads"]
    assert valid.flow.to_dict("list") == {"n": [6, 1, 5], "teachers": [4, 0, 4], "heads": [2, 1, 1]}
    assert valid.exclusions_log["respondent_id"].tolist() == ["heads/r1"]
    assert valid.exclusions_log["block"].tolist() == ["heads"]


def test_problems_of_all_blocks_come_at_once(raw):
    table = refused({"one": raw(a1={1: "9"}), "two": raw(name="b.csv", a2={2: "8"})})
    assert list(zip(table["file"], table["row"], strict=True)) == [("answers.csv", 1), ("b.csv", 2)]


def test_a_block_may_come_in_several_files(raw):
    first, second = raw(2), raw(2, name="b.csv", respondent_id={1: "r3", 2: "r4"})
    assert validate({"t": [first, second]}, INSTRUMENT).frame.index.tolist() == ["r1", "r2", "r3", "r4"]
    table = refused({"t": [first, raw(2, name="b.csv")]})
    assert list(zip(table["file"], table["row"], table["value"], strict=True)) == [
        ("answers.csv", 1, "r1"),
        ("b.csv", 1, "r1"),
        ("answers.csv", 2, "r2"),
        ("b.csv", 2, "r2"),
    ]


def test_record_numbers_of_several_files_do_not_clash(raw):
    drop = ["respondent_id"]
    parts = [raw(2, drop=drop), raw(2, name="b.csv", drop=drop)]
    index = validate({"t": parts}, INSTRUMENT).frame.index.tolist()
    assert index == ["answers.csv:1", "answers.csv:2", "b.csv:1", "b.csv:2"]


def test_no_answers_at_all_is_refused():
    with pytest.raises(ResponseError, match="no answers to validate"):
        validate({}, INSTRUMENT)


def test_the_order_of_rows_is_irrelevant(raw):
    changes = {"a1": {1: "2", 2: "", 3: "4"}, "post": {2: "head"}}
    forward = validate(raw(**changes), INSTRUMENT).frame
    table = pd.DataFrame(forward.reset_index()).iloc[::-1]
    backward = validate(
        raw(
            respondent_id={row: id for row, id in enumerate(table["respondent_id"], 1)},
            a1={row: "" if math.isnan(value) else str(value) for row, value in enumerate(table["a1"], 1)},
            post=dict(enumerate(table["post"], 1)),
        ),
        INSTRUMENT,
    ).frame
    pd.testing.assert_frame_equal(backward.loc[forward.index], forward)
