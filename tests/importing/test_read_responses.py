import hashlib
import random

import pandas as pd
import pytest

from leadership_study.errors import ImportFormatError, PlanError
from leadership_study.importing import _fast_csv, csv_text, read_responses
from leadership_study.instruments import (
    BackgroundQuestion,
    Dimension,
    Instrument,
    Item,
    Level,
    OpenQuestion,
    ResponseScale,
)

INSTRUMENT = Instrument(
    id="x",
    version="1",
    title={"en": "X"},
    response_scales={"five": ResponseScale(id="five", values=(1, 2, 3, 4, 5))},
    dimensions=(
        Dimension(
            id="a",
            response_scale="five",
            items=(
                Item(id="a1", dimension="a", response_scale="five"),
                Item(id="a2", dimension="a", response_scale="five"),
            ),
        ),
    ),
    background=(
        BackgroundQuestion(id="post", kind="nominal", levels=(Level(value="教师"), Level(value="校长"))),
        BackgroundQuestion(id="school", kind="group"),
    ),
    open_questions=(OpenQuestion(id="said"),),
)
PLAIN = "respondent_id,a1,a2,post,school,said\nr1,1,2,教师,一中,学区长很好\nr2,3,,校长,二中,\nr3,5,4,教师,一中,尚可\n"
IDS = ["respondent_id", "a1", "a2", "post", "school", "said"]


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "answers.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_responses(path, INSTRUMENT, **options)

    return read


@pytest.fixture
def refused(read):
    def refused(content, **options):
        with pytest.raises(ImportFormatError) as caught:
            read(content, **options)
        table = caught.value.problems
        assert (table["file"] == "answers.csv").all()
        assert table["remedy"].str.len().gt(0).all()
        return table

    return refused


def expected_frame():
    rows = [
        ["r1", "1", "2", "教师", "一中", "学区长很好"],
        ["r2", "3", None, "校长", "二中", None],
        ["r3", "5", "4", "教师", "一中", "尚可"],
    ]
    return pd.DataFrame(rows, columns=IDS, index=pd.RangeIndex(1, 4, name="row"), dtype="str")


def note_ids(raw):
    return [note.id for note in raw.source.notes]


def test_plain_utf8_needs_no_note(read):
    raw = read(PLAIN)
    pd.testing.assert_frame_equal(raw.frame, expected_frame())
    source = raw.source
    assert (source.file, source.format, source.encoding, source.delimiter) == ("answers.csv", "csv_text", "utf-8", ",")
    assert source.sha256 == hashlib.sha256(PLAIN.encode()).hexdigest()
    assert source.columns == {id: id for id in IDS}
    assert (source.ignored, source.notes) == ((), ())


@pytest.mark.parametrize(
    ("content", "encoding", "notes"),
    [
        (b"\xef\xbb\xbf" + PLAIN.encode(), "utf-8-sig", ["byte_order_mark"]),
        (PLAIN.encode("gbk"), "gb18030", ["other_encoding"]),
        (PLAIN.encode("gb18030"), "gb18030", ["other_encoding"]),
        (PLAIN.encode("utf-16"), "utf-16", ["other_encoding"]),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "utf-16", ["other_encoding"]),
        (PLAIN.encode("utf-16-le"), "utf-16-le", ["other_encoding"]),
        (PLAIN.encode("utf-16-be"), "utf-16-be", ["other_encoding"]),
        (PLAIN.encode("utf-32"), "utf-32", ["other_encoding"]),
    ],
)
def test_encodings_are_read_with_a_note(read, content, encoding, notes):
    raw = read(content)
    pd.testing.assert_frame_equal(raw.frame, expected_frame())
    assert raw.source.encoding == encoding
    assert note_ids(raw) == notes
    if notes == ["other_encoding"]:
        assert str(raw.source.notes[0]) == f"answers.csv is not UTF-8; it was read as {encoding.upper()}."


@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolon"), ("\t", "tab"), ("|", "bar")])
def test_delimiters_are_found_with_a_note(read, delimiter, word):
    raw = read(PLAIN.replace(",", delimiter))
    pd.testing.assert_frame_equal(raw.frame, expected_frame())
    assert raw.source.delimiter == delimiter
    assert str(raw.source.notes[0]) == f"The fields of answers.csv are separated by {word}, not by comma."


def test_commas_inside_a_semicolon_file_do_not_mislead(read):
    text = PLAIN.replace(",", ";").replace("学区长很好", "好,很好,真好,,,")
    assert read(text).frame.loc[1, "said"] == "好,很好,真好,,,"


def test_two_findings_give_two_notes(read):
    raw = read(PLAIN.replace(",", "\t").encode("utf-16"))
    assert note_ids(raw) == ["other_encoding", "other_delimiter"]


def test_quoted_line_ends_delimiters_and_quotes_stay_as_received(read):
    said = '第一行\r\n第二行, "引"\n'
    text = PLAIN.replace("尚可", '"' + said.replace('"', '""') + '"')
    raw = read(text)
    expected = expected_frame()
    expected.loc[3, "said"] = said
    pd.testing.assert_frame_equal(raw.frame, expected)
    assert raw.source.notes == ()


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_line_ends_quotes_and_blank_lines_change_nothing(read, end, quote):
    lines = [",".join(quote + cell + quote for cell in line.split(",")) for line in PLAIN.splitlines()]
    raw = read(end.join([*lines[:2], "", *lines[2:], "", "  ", ""]))
    pd.testing.assert_frame_equal(raw.frame, expected_frame())


@pytest.mark.parametrize("quoted", [False, True])
def test_both_readers_agree_on_random_tables(quoted):
    draw = random.Random(1)
    cells = ["", "1", "2.50", " x ", "NA", "nan", "教师", "'", "#", "-2", "a b", "1e3", "True"]
    if quoted:
        cells += ['"a,b"', '"two\nlines"', '"say ""so"""', '""', '"x"', '" y "', '"\r\n"']
    compared = 0
    for _ in range(60):
        width = draw.randint(2, 5)
        rows = [[draw.choice(cells) for _ in range(width)] for _ in range(draw.randint(1, 6))]
        rows = [row for row in rows if "".join(row)]
        end = draw.choice(["\n", "\r\n"])
        text = end.join(",".join(row) for row in [[f"h{at}" for at in range(width)], *rows]) + draw.choice(["", end])
        fast = _fast_csv.read(text.encode(), ",")
        if not rows or fast is None:
            continue
        compared += 1
        header, frame, problems, lines = csv_text._read_quoted(text, ",", "x")
        assert fast[0] == header
        assert problems == []
        pd.testing.assert_frame_equal(fast[1], frame)
        assert fast[2].tolist() == list(lines)
    assert compared > 40


def test_text_that_pandas_takes_for_missing_is_kept(read):
    raw = read(PLAIN.replace("尚可", "NA").replace("学区长很好", "null"))
    assert raw.frame["said"].tolist()[::2] == ["null", "NA"]


def test_extra_columns_are_not_carried_on(read):
    lines = PLAIN.splitlines()
    raw = read("\n".join(f"{line},{extra}" for line, extra in zip(lines, ["mood", "1", "2", "3"], strict=True)))
    pd.testing.assert_frame_equal(raw.frame, expected_frame())
    assert raw.source.ignored == ("mood",)
    sentence = "Columns of answers.csv that the plan does not name were not carried on: mood."
    assert [str(note) for note in raw.source.notes] == [sentence]


def test_an_unnamed_trailing_column_is_named_by_its_place(read):
    assert read(PLAIN.replace("\n", ",\n")).source.ignored == ("column 7",)


def test_the_order_of_columns_is_irrelevant(read):
    table = pd.DataFrame([line.split(",") for line in PLAIN.splitlines()])
    turned = "\n".join(",".join(row) for row in table[[5, 2, 4, 0, 3, 1]].to_numpy())
    pd.testing.assert_frame_equal(read(turned).frame, expected_frame())


def test_columns_ids_and_weights_are_named_by_the_plan(read):
    text = PLAIN.replace("respondent_id,a1", "序号, 1、规划 ") + ""
    text = "\n".join(f"{line},{w}" for line, w in zip(text.splitlines(), ["w", "1", "0.5", "2"], strict=True))
    raw = read(text, columns={"1、规划": "a1"}, respondent_id="序号", weights="w", missing_codes=["-2"])
    assert list(raw.frame.columns) == [*IDS, "weight"]
    assert raw.frame["respondent_id"].tolist() == ["r1", "r2", "r3"]
    assert raw.frame["weight"].tolist() == ["1", "0.5", "2"]
    assert raw.source.columns == {"序号": "respondent_id", "1、规划": "a1", "w": "weight"} | {id: id for id in IDS[2:]}
    assert raw.source.missing_codes == ("-2",)


def test_without_ids_the_record_number_stands_in(read):
    raw = read(PLAIN.replace("respondent_id", "mood"))
    assert raw.frame["respondent_id"].tolist() == ["1", "2", "3"]
    assert raw.source.ignored == ("mood",)
    assert "respondent_id" not in raw.source.columns.values()


def test_written_answers_are_read_back(read):
    raw = read(PLAIN.replace("尚可", '"多行\n""引"""'))
    again = read(csv_text.write(raw))
    pd.testing.assert_frame_equal(again.frame, raw.frame)
    assert again.source.notes == ()


# --- refused ---------------------------------------------------------------------------------------------------------


def test_a_missing_file(tmp_path):
    with pytest.raises(ImportFormatError) as caught:
        read_responses(tmp_path / "nothing.csv", INSTRUMENT)
    row = caught.value.problems.iloc[0]
    assert (row["file"], row["rule"], row["remedy"]) == ("nothing.csv", "missing_file", "check the name in the plan")
    assert str(caught.value.problem_list[0]) == "nothing.csv: there is no such file; check the name in the plan"


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ImportFormatError, match="is a directory"):
        read_responses(tmp_path, INSTRUMENT)


@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf", "\n".encode("utf-16")])
def test_an_empty_file(refused, content):
    table = refused(content)
    assert table["rule"].tolist() == ["empty_file"]
    assert table["message"].tolist() == ["the file is empty"]


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_file_with_a_header_only(refused, end, quote):
    table = refused(",".join(f"{quote}{id}{quote}" for id in IDS) + end)
    assert table["rule"].tolist() == ["no_rows"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04" + bytes(range(256)), "Excel workbook"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (bytes(range(256)) * 20, "neither UTF-8, UTF-16 nor GB18030"),
        (b"a1,a2\n1,\x002\n" * 10, "control characters"),
        (random.Random(3).randbytes(5000), "neither UTF-8, UTF-16 nor GB18030"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "no valid UTF-16"),
    ],
)
def test_a_binary_file(refused, content, what):
    table = refused(content)
    assert table["rule"].tolist() == ["binary_file"]
    assert what in table.loc[0, "message"]
    packed = "archive" in table.loc[0, "message"]
    wanted = "unpack it, and give the file of answers in it" if packed else "save it as CSV (UTF-8) and give that file"
    assert table.loc[0, "remedy"] == wanted


def test_a_duplicate_column(refused):
    table = refused(PLAIN.replace("a2,", " a1 ,"))
    assert table["rule"].tolist() == ["duplicate_column", "missing_column"]
    assert table["column"].tolist() == ["a1", "a2"]
    assert table.loc[0, "value"] == "a1"
    assert table.loc[0, "message"] == "2 columns have this header"


@pytest.mark.parametrize("header", ["A2", "a 2", "A 2"])
def test_a_missing_item_column_names_the_nearest_header(refused, header):
    table = refused(PLAIN.replace(",a2,", f",{header},"))
    assert table["rule"].tolist() == ["missing_column"]
    row = table.iloc[0]
    assert (row["column"], row["message"]) == ("a2", "the file has no column 'a2'")
    assert row["remedy"].startswith(f"the nearest header is {header!r}: rename it, or map it")
    assert f'columns = {{ "{header}" = "a2" }}' in row["remedy"]


def test_spaces_around_a_header_do_not_count(read):
    raw = read(PLAIN.replace(",a2,", ",  a2 ,"))
    pd.testing.assert_frame_equal(raw.frame, expected_frame())
    assert [str(note) for note in raw.source.notes] == ["Spaces around these headers of answers.csv were left out: a2."]


def test_every_missing_column_is_listed(refused):
    table = refused("x,y\n1,2\n", respondent_id="nr", weights="w", columns={"q": "a1"})
    assert table["column"].tolist() == ["respondent_id", "a1", "a2", "post", "school", "said", "weight"]
    assert set(table["rule"]) == {"missing_column"}
    assert table.loc[0, "message"] == "the file has no column 'nr', which stands for 'respondent_id'"
    assert table.loc[1, "message"] == "the file has no column 'q', which stands for 'a1'"


@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_cut_short_or_too_long_are_all_listed(refused, quote):
    lines = PLAIN.splitlines()
    lines[1] = lines[1].replace("r1", f"{quote}r1{quote}")
    lines[2] = "r2,3"
    lines[3] += ",9,9"
    table = refused("\n".join([*lines, "", "r4"]))
    assert table["row"].tolist() == [2, 3, 4]
    assert table["rule"].tolist() == ["row_too_short", "row_too_long", "row_too_short"]
    assert table["value"].tolist() == ["2", "8", "1"]
    assert table["line"].tolist() == [3, 4, 6]
    assert table["message"].tolist() == [
        "the row has 2 fields where the header has 6",
        "the row has 8 fields where the header has 6",
        "the row has 1 field where the header has 6",
    ]


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_rows_that_can_be_made_out_are_kept_with_the_error(tmp_path, quote):
    lines = PLAIN.replace("a2,", "b,").splitlines()
    lines[1] = lines[1].replace("r1", f"{quote}r1{quote}")
    path = tmp_path / "answers.csv"
    path.write_text("\n".join([lines[0], "", lines[1], "r2,3", lines[3]]))
    with pytest.raises(ImportFormatError) as caught:
        read_responses(path, INSTRUMENT)
    readable = caught.value.readable
    assert readable.frame.index.tolist() == [1, 3]
    assert readable.lines.tolist() == [3, 5]
    assert list(readable.frame.columns) == IDS
    assert readable.frame["a1"].tolist() == ["1", "5"]
    assert readable.frame["a2"].isna().all()


def test_nothing_is_kept_of_a_column_that_stands_there_twice(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(PLAIN.replace("a2,", "a1,"))
    with pytest.raises(ImportFormatError) as caught:
        read_responses(path, INSTRUMENT)
    assert caught.value.readable.frame["a1"].isna().all()
    assert caught.value.readable.frame["post"].notna().all()


@pytest.mark.parametrize(("end", "quote"), [("\n", ""), ("\r\n", ""), ("\n", '"')])
def test_the_lines_of_the_records_are_known(read, end, quote):
    lines = PLAIN.splitlines()
    last = lines[3].replace("尚可", f"{quote}尚可{quote}")
    raw = read(end.join([lines[0], "", lines[1], lines[2], "  ", last]))
    assert raw.lines.tolist() == [3, 4, 6]


@pytest.mark.parametrize("mark", ["sep=;", '"sep=;"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_first_line_of_excel_names_the_delimiter(read, mark, end):
    raw = read(end.join([mark, *PLAIN.replace(",", ";").splitlines()]))
    pd.testing.assert_frame_equal(raw.frame, expected_frame())
    assert raw.source.delimiter == ";"
    assert note_ids(raw) == ["other_delimiter"]
    assert raw.lines.tolist() == [3, 4, 5]


def test_structure_and_columns_are_refused_together(refused):
    table = refused(PLAIN.replace(",a2,", ",b,").replace("r2,3,,校长,二中,", "r2,3"))
    assert table["rule"].tolist() == ["row_too_short", "missing_column"]


def test_a_quote_that_is_never_closed(refused):
    table = refused(PLAIN.replace("二中,", '"二中,'))
    assert table["rule"].tolist() == ["quoting"]
    assert table["row"].tolist() == [2]
    assert table["line"].tolist() == [3]
    assert "the record that begins here" in table.loc[0, "message"]


def test_plans_that_name_what_is_not_there(read):
    with pytest.raises(PlanError, match="Unknown id in columns: 'a11'; did you mean a1"):
        read(PLAIN, columns={"x": "a11"})
    with pytest.raises(PlanError, match="Two headers, 'x' and 'y', stand for 'a1'"):
        read(PLAIN, columns={"x": "a1", "y": "a1"})
    with pytest.raises(PlanError, match="Unknown name in importing: 'csv'; did you mean csv_text"):
        read(PLAIN, format="csv")
