"""The peculiarities of each platform's exports, on small files written as the platforms write them."""

import contextlib
import os
import random
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
import survey
from survey import SMALL

from leadership_study.errors import ImportFormatError
from leadership_study.importing import (
    contradictions,
    google_forms,
    kobo,
    limesurvey,
    qualtrics,
    read_files,
    read_responses,
    spss,
    stata,
    wenjuanxing,
)
from leadership_study.importing._headings import parts, wordings
from leadership_study.importing._system import iso_times, seconds
from leadership_study.validation import validate

IDS = ["pla_01", "pla_02", "pla_03"]
ZH = {id: SMALL.label(id, "zh") for id in SMALL.column_ids}


@pytest.fixture
def read(tmp_path):
    def read(content, name="answers", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_responses(path, SMALL, **options)

    return read


def notes(raw):
    return [note.id for note in raw.source.notes]


@pytest.fixture(scope="module")
def exports():
    folder = os.environ.get("LEADERSHIP_STUDY_EXPORTS")
    if not folder:
        pytest.skip("set LEADERSHIP_STUDY_EXPORTS to a folder of real export files")
    return Path(folder)


# --- 问卷星 ----------------------------------------------------------------------------------------------------------

LEAD = "序号,提交答卷时间,所用时间,来源,来源详情,来自IP"


def wjx(questions, *rows):
    lead = [
        f"{at},2026/4/{at} 8:0{at}:00,{at}分20秒,微信,福建福州,192.0.2.{at % 2}(福建-福州)"
        for at in range(1, len(rows) + 1)
    ]
    return "\n".join([f"{LEAD},{questions}", *(f"{a},{b}" for a, b in zip(lead, rows, strict=True))]) + "\n"


def test_wenjuanxing_system_columns(read):
    raw = read(
        wjx(
            f"1、{ZH['pla_01']},2、{ZH['pla_02']},3、{ZH['pla_03']},4、{ZH['school']},5、{ZH['post']},6、{ZH['duties']},"
            f"7、{ZH['check_1']},8、{ZH['more']}",
            "符合,(空),(跳过),一校,校长〖副校长〗,教学┋行政〖填表〗,非常符合,-2",
            "符合,符合,符合,一校,教师,行政→教学,非常符合,好",
            "不符合,符合,符合,一校,教师,(跳过),非常符合,好",
        )
    )
    assert raw.source.format == "wenjuanxing"
    assert raw.system["duration_seconds"].tolist() == [80.0, 140.0, 200.0]
    assert raw.system["submitted_at"].tolist()[0] == "2026-04-01T08:01:00"
    assert raw.system["channel"].tolist() == ["微信"] * 3
    assert raw.system["same_address"].tolist() == [1, 2, 1]
    assert raw.source.withheld == {"来自IP": "ip"}
    assert "192.0.2" not in raw.frame.to_csv() + raw.system.to_csv() + str(raw.source)
    assert raw.frame["post"].tolist() == ["校长", "教师", "教师"]
    assert "fill_ins" in notes(raw)
    typed = validate(raw, SMALL).frame
    assert typed["duties"].tolist()[:2] == ["x┋y", "x┋y"]
    assert typed[["pla_02", "pla_03", "duties", "more"]].isna().sum().tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "joint", ["两行", "5、({})", "第5题({})", "5、承担的工作({})", "5、承担的工作—{}", "5.承担的工作:{}"]
)
def test_wenjuanxing_columns_of_options(read, joint):
    base = [f"{at}、{ZH[id]}" for at, id in enumerate((*IDS, "school"), 1)]
    rest = [f"6、{ZH['post']}", f"7、{ZH['check_1']}", f"8、{ZH['more']}"]
    cells = [
        ["符合", "符合", "符合", "一校", "1", "0", "教师", "非常符合", "好"],
        ["符合", "符合", "符合", "一校", "(跳过)", "(跳过)", "教师", "非常符合", ""],
        ["符合", "符合", "符合", "一校", "教学", "行政", "教师", "非常符合", "好"],
    ]
    lead = [[str(at), "2026/4/18 8:00:00", "80秒", "微信", "x", ""] for at in range(3)]
    rows = [[*a, *b] for a, b in zip(lead, cells, strict=True)]
    if joint == "两行":
        header = [[*LEAD.split(","), *base, "5、承担的工作", "", *rest], [""] * 10 + ["教学", "行政", "", "", ""]]
    else:
        header = [[*LEAD.split(","), *base, joint.format("教学"), joint.format("行政"), *rest]]
    raw = read("\n".join(",".join(row) for row in [*header, *rows]))
    assert validate(raw, SMALL).frame["duties"].fillna("-").tolist() == ["x", "-", "x┋y"]
    assert len(raw.source.match_frame().loc["duties"]) == 2
    assert raw.frame.index.tolist() == [1, 2, 3]


def test_wenjuanxing_scores_are_codes_when_said(read):
    text = wjx(
        ",".join(f"{at}、{label}" for at, label in enumerate(ZH.values(), 1)) + ",总分",
        *["4,1,3,一校,1,1┋2,4,(空),8"] * 3,
    )
    raw = read(text, values="codes")
    assert raw.system["total_score"].tolist() == [8.0] * 3
    assert raw.frame["pla_01"].tolist() == ["4"] * 3


def test_the_real_wenjuanxing_export(exports):
    (path,) = exports.glob("wenjuanxing/*.xlsx")
    table = wenjuanxing.read(path.read_bytes(), file=path.name)
    assert wenjuanxing.recognises(path.read_bytes())
    assert table.cells.shape == (5, 43)
    assert table.cells.iloc[0].tolist()[:8] == ["5", "4", "4", "3", "4", "3", "4", "4"]
    assert table.wordings[0][-1] == "我常担心有什么不好的事情要发生"
    assert table.unsure_numbers


# --- Qualtrics -------------------------------------------------------------------------------------------------------


def qualtrics_text(texts=True, ids="json"):
    names = [
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Progress",
        "Duration (in seconds)",
        "Finished",
        "ResponseId",
        "RecipientEmail",
        "DistributionChannel",
        "Q5_1",
        "Q5_2",
        "Q5_3",
        "Q6",
        "Q7",
        "Q8",
        "Q9",
        "Q10",
    ]
    spoken = [
        "Start",
        "End",
        "Type",
        "IP",
        "P",
        "D",
        "F",
        "R",
        "E",
        "C",
        "'Please say - The head plans ahead &amp; well.'",
        "'Please say... - The head waits.'",
        "'Say - The head sets goals.'",
        "School",
        "'<p>Post</p>'",
        "Duties",
        "'Please choose Always, fully.'",
        "Anything else?",
    ]
    spoken = [text.replace("'", '"') for text in spoken]
    given = {"json": '"{{""ImportId"":""QID{}""}}"', "python": "\"{{'ImportId': 'QID{}'}}\""}
    rows = [names, *([spoken] if texts else []), *([[given[ids].format(at) for at in range(18)]] if ids else [])]
    cells = [
        "2026-04-18 08:00:00",
        "2026-04-18 08:02:00",
        "0",
        "192.0.2.7",
        "100",
        "120",
        "1",
        "R_1",
        "someone@example.org",
        "anonymous",
    ]
    rows += [
        [
            *cells,
            '"Always, fully"',
            "Rarely",
            "-99",
            "A",
            '"Head, deputy"',
            '"Lessons, exams,Office"',
            '"Always, fully"',
            "",
        ],
        [
            *cells[:2],
            "1",
            *cells[3:7],
            "R_2",
            "",
            "preview",
            "Agree",
            "Never",
            "Rarely",
            "A",
            "Teacher",
            "Office",
            "Rarely",
            "x",
        ],
    ]
    return "\n".join(",".join(row) for row in rows) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ids", ["json", "python", None])
def test_qualtrics_header_rows(read, ids, encoding):
    raw = read(qualtrics_text(ids=ids).encode(encoding))
    assert raw.source.format == "qualtrics"
    assert raw.frame["respondent_id"].tolist() == ["R_1", "R_2"]
    typed = validate(raw, SMALL).frame
    assert typed["pla_01"].tolist() == [4.0, 3.0]
    assert typed["duties"].tolist() == ["x┋y", "y"]
    assert typed["post"].tolist() == ["h", "t"]
    assert typed["pla_03"].isna().tolist() == [True, False]
    assert raw.system["duration_seconds"].tolist() == [120.0, 120.0]
    assert raw.system["same_address"].tolist() == [1, 1]
    assert "preview_records" in notes(raw)
    assert "someone@example.org" not in raw.frame.to_csv() + str(raw.source)
    assert {*raw.source.withheld} == {"IPAddress", "RecipientEmail"}


def test_an_export_nobody_has_answered_yet(read):
    lines = qualtrics_text().splitlines(keepends=True)
    with pytest.raises(ImportFormatError) as caught:
        read("".join(lines[:3]))
    assert caught.value.problems["rule"].tolist() == ["no_rows"]


def test_legacy_qualtrics_headers(read):
    first = "V1,V8,V9,V10,V6,pla_01,pla_02,pla_03,school,post,duties,check_1,more"
    second = "ResponseID,StartDate,EndDate,Finished,IPAddress,a,b,c,d,e,f,g,h"
    raw = read("\n".join([first, second, "R_9,2015-03-01 10:00:00,2015-03-01 10:01:30,1,192.0.2.1,4,1,3,A,t,x,4,"]))
    assert raw.source.format == "qualtrics"
    assert raw.frame.loc[1, "respondent_id"] == "R_9"
    assert raw.frame.loc[1, IDS].tolist() == ["4", "1", "3"]
    assert raw.system["duration_seconds"].tolist() == [90.0]
    assert raw.source.withheld == {"IPAddress": "ip"}


def test_real_qualtrics_exports(exports):
    table = qualtrics.read((exports / "qualtrics/matrix_single_insights.csv").read_bytes(), file="x")
    assert table.cells.shape == (5, 30)
    assert table.respondent_id == "ResponseID"
    at = table.header.index("Q2_1")
    assert "Click to write Statement 1" in table.wordings[at]
    assert table.ids[at] == ("Q2_1", "QID2-1")
    one = qualtrics.read((exports / "qualtrics/qualtrics_sample.csv").read_bytes(), file="x")
    assert len(one.cells) == 1
    assert one.system.iloc[0].to_dict() == {
        "duration_seconds": 38.0,
        "submitted_at": "2017-07-18T08:28:48",
        "started_at": "2017-07-18T08:28:09",
        "channel": "anonymous",
        "same_address": 1,
        "progress": 100.0,
        "finished": "1",
        "language": "DE",
    }
    assert "This is a multiple choice question." in one.wordings[one.header.index("Q1")]


# --- LimeSurvey ------------------------------------------------------------------------------------------------------

LIME_META = {
    "code": "id,submitdate,lastpage,startlanguage,ipaddr,interviewtime",
    "full": "Response ID,Date submitted,Last page,Start language,IP address,Total time",
}


@pytest.mark.parametrize("heading", ["code", "sub", "underscore", "full", "both"])
def test_limesurvey_headings_and_labels_with_codes(read, heading):
    plain = [id.replace("_", "") for id in SMALL.column_ids]
    english = [SMALL.label(id, "en") for id in SMALL.column_ids]
    english = ["The head plans ahead &amp; well.", *english[1:]]
    names = {
        "code": plain,
        "sub": [*(f"Q1[{code}]" for code in plain[:3]), *plain[3:]],
        "underscore": [*(f"Q1_{code}" for code in plain[:3]), *plain[3:]],
        "full": [*(f"How far? [{text}]" for text in english[:3]), *english[3:]],
        "both": [
            *(f"Q1[{code}]. How far? [{text}]" for code, text in zip(plain[:3], english[:3], strict=True)),
            *(f"{code}. {text}" for code, text in zip(plain[3:], english[3:], strict=True)),
        ],
    }[heading]
    header = (
        LIME_META["full" if heading in ("full", "both") else "code"] + "," + ",".join(f'"{name}"' for name in names)
    )
    # The codes beside the labels are not in the order of the scale.
    rows = [
        "7,2026-04-18 08:00:00,3,en,192.0.2.1,61.5,Agree (5),Never (2),Rarely (1),A,Teacher (A1),Office,"
        '"Always, fully (9)",',
        "8,,1,en,192.0.2.1,,Agree (5),Rarely (1),,A,Teacher (A1),Office,Never (2),x",
    ]
    raw = read("\n".join([header, *rows]))
    assert raw.source.format == "limesurvey"
    assert raw.frame["respondent_id"].tolist() == ["7", "8"]
    typed = validate(raw, SMALL).frame
    assert typed["pla_01"].tolist() == [3.0, 3.0]
    assert typed["pla_02"].tolist() == [1.0, 2.0]
    assert typed["check_1"].tolist() == [4.0, 1.0]
    assert typed["post"].tolist() == ["t", "t"]
    assert {"codes_beside_labels", "unfinished_records"} <= {*notes(raw)}
    assert raw.system["duration_seconds"].tolist()[0] == 61.5
    assert raw.system["finished"].tolist() == ["yes", "no"]


def test_the_real_limesurvey_export(exports):
    data = (exports / "limesurvey/results_fulltext_headers_de.csv").read_bytes()
    assert limesurvey.recognises(data)
    table = limesurvey.read(data, file="x")
    assert table.cells.shape == (53, 41)
    at = next(at for at, name in enumerate(table.header) if "&amp; Podcasts finden" in name)
    assert "Ähnliche Videos & Podcasts finden.z.B. gleiches Bildungslevel, aber anderes Thema" in table.wordings[at]
    assert set(table.cells[11].dropna()) <= {
        "Wichtig",
        "Mäßig wichtig",
        "Sehr wichtig",
        "Kaum wichtig",
        "Nicht wichtig",
    }


# --- Google Forms and Kobo -------------------------------------------------------------------------------------------


def test_google_forms(read):
    header = [
        "Timestamp",
        "Email Address",
        *(f"Say [{SMALL.label(id, 'en')}]" for id in IDS),
        " School",
        "Post",
        "Duties",
        '"Please choose Always, fully."',
        "Anything else?",
    ]
    rows = [
        '18/04/2026 08:00:00,a@example.org,"Always, fully",Never,Agree,A,"Head, deputy",'
        '"Lessons, exams, Office",Rarely,',
        "03/04/2026 08:00:00,b@example.org,Agree,Never,,A,Teacher,Office,Rarely,x",
    ]
    raw = read("\n".join([",".join(header), *rows]))
    assert raw.source.format == "google_forms"
    assert raw.system["submitted_at"].tolist() == ["2026-04-18T08:00:00", "2026-04-03T08:00:00"]
    typed = validate(raw, SMALL).frame
    assert typed["duties"].tolist() == ["x┋y", "y"]
    assert typed["pla_01"].tolist() == [4.0, 3.0]
    assert raw.source.withheld == {"Email Address": "email"}
    numbers = "\n".join([",".join(header), "18/04/2026 08:00:00,a@example.org,4,1,3,A,Teacher,Office,4,"])
    assert validate(read(numbers), SMALL).frame.iloc[0][["pla_01", "post", "duties"]].tolist() == [4.0, "t", "y"]


def test_the_real_google_form(exports):
    table = google_forms.read((exports / "google_forms/student_mental_health.csv").read_bytes(), file="x")
    assert table.cells.shape == (10, 11)
    assert table.header[5] == "CGPA?"
    assert table.system["submitted_at"].isna().all()  # 08-07-2020: nobody knows which is the month


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("columns", [False, True])
def test_kobo(read, labels, columns):
    names = {id: SMALL.label(id, "en") if labels else id for id in SMALL.column_ids}
    group = "About the head" if labels else "grp_head"
    header = ["start", "end", *(f"{group}/{names[id]}" for id in IDS), names["school"], names["post"]]
    header += [
        names["duties"],
        *(
            [
                f"{names['duties']}/{'Lessons, exams' if labels else 'x'}",
                f"{names['duties']}/{'Office' if labels else 'y'}",
            ]
            if columns
            else []
        ),
    ]
    header += [names["check_1"], names["more"], "_id", "_uuid", "_submission_time", "_submitted_by", "_index"]
    answers = (
        ["Agree", "Never", "Agree", "A", "Teacher", "Lessons, exams Office"]
        if labels
        else ["3", "1", "3", "A", "t", "x y"]
    )
    row = [
        "2026-04-18T08:00:00.000+08:00",
        "2026-04-18T08:03:20.000+08:00",
        *answers,
        *(["1", "1"] if columns else []),
        "Always, fully" if labels else "4",
        "a\nb",
        "77",
        "u-u",
        "2026-04-18T00:03:25",
        "someone",
        "1",
    ]
    text = "\n".join(";".join(f'"{cell}"' for cell in cells) for cells in (header, row))
    raw = read(text)
    assert raw.source.format == "kobo"
    typed = validate(raw, SMALL).frame
    assert typed.index.tolist() == ["77"]
    assert typed.iloc[0][["pla_01", "pla_02", "post", "duties"]].tolist() == [3.0, 1.0, "t", "x┋y"]
    assert raw.system["duration_seconds"].tolist() == [200.0]
    assert raw.frame.loc[1, "more"] == "a\nb"
    assert "someone" not in raw.frame.to_csv() + str(raw.source)


def test_the_real_kobo_export(exports):
    table = kobo.read((exports / "kobo/artifact_form_first40.csv").read_bytes(), file="x")
    assert table.cells.shape == (40, 88)
    assert table.respondent_id == "_id"
    assert table.system["duration_seconds"].iloc[0] == 6770.0
    assert table.cells[table.header.index("_id")].iloc[0] == "128393877"


# --- SPSS and Stata --------------------------------------------------------------------------------------------------


def statistics_file(tmp_path, suffix, *, turned=False, **options):
    frame = pd.DataFrame(
        {
            "pla_01": [4.0, 3.0, 9.0],
            "pla_02": [1.0, 2.0, 1.0],
            "pla_03": [3.0, None, 2.0],
            "school": ["一校", "二校", ""],
            "post": [1.0, 2.0, 1.0],
            "duties": ["x", "y", "x┋y"],
            "check_1": [4.0] * 3,
            "more": ["好", "", "坏"],
        }
    )
    names = SMALL.response_scales["agreement"].labels["zh"]
    scale = dict(zip([4, 3, 2, 1] if turned else [1, 2, 3, 4], names, strict=True))
    labels = {
        "pla_01": {**scale, 9: "未答"},
        "pla_02": scale,
        "pla_03": scale,
        "check_1": scale,
        "post": {1: "教师", 2: "校长"},
    }
    path = tmp_path / f"answers.{suffix}"
    if suffix == "dta":
        pyreadstat.write_dta(frame, path, variable_value_labels=labels)
    else:
        pyreadstat.write_sav(
            frame, path, variable_value_labels=labels, missing_ranges={"pla_01": [9]}, compress=suffix == "zsav"
        )
    return path


@pytest.mark.parametrize("suffix", ["sav", "zsav"])
def test_spss(tmp_path, suffix):
    raw = read_responses(statistics_file(tmp_path, suffix), SMALL)
    assert raw.source.format == "spss"
    assert raw.frame["pla_01"].fillna("-").tolist() == ["4", "3", "-"]
    assert [str(note) for note in raw.source.notes if note.id == "declared_missing"] == [
        f"Values that answers.{suffix} itself declares as missing became missing: pla_01 (9: 1)."
    ]
    assert raw.frame["school"].fillna("-").tolist() == ["一校", "二校", "-"]
    assert validate(raw, SMALL).frame["post"].tolist() == ["t", "h", "t"]  # 1 and 2 are no levels, their labels are


@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_a_scale_turned_round_in_the_file_is_caught(tmp_path, suffix):
    path = statistics_file(tmp_path, suffix, turned=True)
    with pytest.raises(ImportFormatError) as caught:
        read_responses(path, SMALL, missing_codes=["9"])
    assert caught.value.problems["rule"].tolist() == ["labels_contradict_codes"]
    raw = read_responses(path, SMALL, values="text", missing_codes=["9", "未答"])
    assert validate(raw, SMALL).frame["pla_01"].fillna(0).tolist() == [1.0, 2.0, 0.0]


def test_stata_missing_values(tmp_path):
    frame = pd.DataFrame(
        {id: [1.0, 2.0] for id in SMALL.item_ids()}
        | {"school": ["a", "b"], "post": ["t", "h"], "duties": ["x", "y"], "check_1": [4, "a"], "more": ["", "z"]}
    )
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(frame, path, missing_user_values={"check_1": ["a"]})
    raw = read_responses(path, SMALL)
    assert raw.source.format == "stata"
    assert raw.frame["check_1"].fillna("-").tolist() == ["4", "-"]
    assert "declared_missing" in notes(raw)


def test_the_real_spss_files(exports):
    table = spss.read((exports / "spss/sample_missing.sav").read_bytes(), file="x.sav")
    expected = pd.read_csv(exports / "spss/sample_missing.csv", dtype=str, na_values=["#NULL!"])
    at = {name: place for place, name in enumerate(table.header)}
    for name in ("mynum", "mylabl", "myord"):
        got = pd.to_numeric(table.cells[at[name]])
        assert got.isna().tolist() == pd.to_numeric(expected[name]).isna().tolist()
        assert got.dropna().tolist() == pd.to_numeric(expected[name]).dropna().tolist()
    assert "mynum (-1: 1, 2500: 1); mylabl (-1: 1); myord (-1: 1, -3: 1)" in str(table.notes[0])
    assert table.labels["mylabl"] == {"-1": "undetermined", "1": "Male", "2": "Female"}
    dates = spss.read((exports / "spss/sample.sav").read_bytes(), file="x.sav")
    assert dates.cells[dates.header.index("mydate")].tolist()[:2] == ["2018-05-06", "1880-05-06"]
    assert spss.read((exports / "spss/ordered_category.sav").read_bytes(), file="x").cells[0].tolist() == [
        "1",
        "2",
        "3",
        "2",
    ]


@pytest.mark.parametrize("name", ["sav", "dta"])
def test_a_statistics_file_cut_off(tmp_path, name):
    path = statistics_file(tmp_path, name)
    path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 2])
    with pytest.raises(ImportFormatError) as caught:
        read_responses(path, SMALL)
    assert caught.value.problems["rule"].tolist() == ["truncated_file"]


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_statistics_file_never_ends_the_program(tmp_path, seed):
    path = statistics_file(tmp_path, "sav")
    data = bytearray(path.read_bytes())
    draw = random.Random(seed)
    for _ in range(12):
        data[draw.randrange(4, len(data))] = draw.randrange(256)
    path.write_bytes(data)
    with contextlib.suppress(ImportFormatError):
        read_responses(path, SMALL)


# --- parts all of them share -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("80秒", 80),
        ("1分20秒", 80),
        ("1小时2分3秒", 3723),
        ("00:01:20", 80),
        ("1:20", 80),
        ("80", 80),
        ("2 min 5 s", 125),
        ("很久", None),
        ("-5", None),
    ],
)
def test_durations(text, found):
    got = seconds(pd.Series([text], dtype="str")).tolist()
    assert got == [found] if found is not None else pd.isna(got[0])


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["2026/4/18 08:00:00"], ["2026-04-18T08:00:00"]),
        (["2026-04-18"], ["2026-04-18"]),
        (["13/02/2026 1:05 PM"], ["2026-02-13T13:05:00"]),
        (["2/13/2026", "1/2/2026"], ["2026-02-13", "2026-01-02"]),
        (["1/2/2026"], [None]),
        (["13/1/2026", "1/13/2026"], [None, None]),
        (["2026/04/18 下午 3:04:05"], ["2026-04-18T15:04:05"]),
        (["2026/04/18 12:30:00 AM GMT+8"], ["2026-04-18T00:30:00+08:00"]),
        (["2026-04-18T08:00:00.123+08:00"], ["2026-04-18T08:00:00+08:00"]),
        (["2026年4月18日 8:00"], ["2026-04-18T08:00:00"]),
        (["2026-02-30"], [None]),
        (["soon"], [None]),
    ],
)
def test_times_are_read_without_guessing(texts, found):
    got, unread = iso_times(pd.Series(texts, dtype="str"))
    assert [None if pd.isna(text) else text for text in got] == found
    assert unread == found.count(None)


@pytest.mark.parametrize(
    ("header", "wording"),
    [
        ("1、他规划", "他规划"),
        ("1.他规划", "他规划"),
        ("1．他规划", "他规划"),
        ("(1)1、他规划", "他规划"),
        ("第1题(他规划)", "他规划"),
        ("5、(他规划)", "他规划"),
        ("Q1. He plans", "He plans"),
        ("Q1 He plans", "He plans"),
        ("5、看法—他规划", "他规划"),
        ("How far? [He plans]", "He plans"),
        ("<b>He</b> &amp; plans", "He & plans"),
        ("group/He plans", "He plans"),
        ("*1、他规划", "他规划"),
    ],
)
def test_readings_of_headers(header, wording):
    assert wording in wordings(header)


def test_a_decimal_is_no_number_of_a_question():
    assert "5 hours" not in wordings("1.5 hours")
    assert ("#5", "教学") in parts("5、(教学)")


def test_files_of_a_block_that_run_against_each_other_are_caught(tmp_path):
    ids = [f"pla_{at:02d}" for at in range(1, 9)]
    items = "\n".join(f'  {{ id = "{id}", en = "S {id}", zh = "题{id}" }},' for id in ids)
    text = survey.TEXT[: survey.TEXT.index("items = [")] + "items = [\n" + items + "\n]\n"
    instrument = survey.parsed(text)
    labels = instrument.response_scales["agreement"].labels["zh"]
    base = [1, 4, 2, 3, 1, 4, 3, 2]
    rows = [[min(4, max(1, value + (at % 3 - 1) * (at % 2))) for value in base] for at in range(20)]
    header = ",".join(["序号", "提交答卷时间", *(f"{at}、题{id}" for at, id in enumerate(ids, 1))])
    a = [header, *(f"{at},2026/4/18 8:00:00," + ",".join(labels[v - 1] for v in row) for at, row in enumerate(rows))]
    b = [header, *(f"{at},2026/4/18 8:00:00," + ",".join(str(5 - v) for v in row) for at, row in enumerate(rows))]
    (tmp_path / "a.csv").write_text("\n".join(a), encoding="utf-8")
    (tmp_path / "b.csv").write_text("\n".join(b), encoding="utf-8")
    text_file = read_responses(tmp_path / "a.csv", instrument)
    fine = read_responses(tmp_path / "b.csv", instrument, values="number", option_order="reversed")
    wrong = read_responses(tmp_path / "b.csv", instrument, values="number", option_order="as_listed")
    assert contradictions([text_file, fine], instrument) == []
    (problem,) = contradictions([text_file, wrong], instrument)
    assert (problem.file, problem.rule) == ("b.csv", "option_order_contradicted")
    assert "correlation -1.00" in problem.message
    assert (
        read_files([tmp_path / "b.csv"], instrument, values="number", option_order="reversed")[0].source.file == "b.csv"
    )
    assert stata.recognises(b"<stata_dta><header>")
