"""A small questionnaire and answers to it that all formats of exports are tested with."""

import tomllib

import pandas as pd

from leadership_study.importing import RawResponses, Source
from leadership_study.instruments._parts import Parts
from leadership_study.instruments._reader import Complaints

TEXT = """
id = "small"
version = "1"
title = { en = "Small", zh = "小问卷" }

[response_scale.agreement]
values = [1, 2, 3, 4]
labels = { en = ["Never", "Rarely", "Agree", "Always, fully"], zh = ["非常不符合", "不符合", "符合", "非常符合"] }

[[dimension]]
id = "planning"
label = { en = "Planning", zh = "规划" }
definition = { en = "Plans.", zh = "规划。" }
items = [
  { id = "pla_01", en = "The head plans <b>ahead</b> & well.", zh = "学区长提前做好规划。" },
  { id = "pla_02", en = "The head waits.", zh = "学区长总是等待。", reverse_keyed = true },
  { id = "pla_03", en = "The head sets goals.", zh = "学区长设定目标。" },
]

[[background]]
id = "school"
kind = "group"
label = { en = "School", zh = "所在学校" }

[[background]]
id = "post"
kind = "nominal"
label = { en = "Post", zh = "职务" }
levels = [ { value = "t", en = "Teacher", zh = "教师" }, { value = "h", en = "Head, deputy", zh = "校长" } ]

[[background]]
id = "duties"
kind = "multiple"
label = { en = "Duties", zh = "承担的工作" }
levels = [ { value = "x", en = "Lessons, exams", zh = "教学" }, { value = "y", en = "Office", zh = "行政" } ]

[[attention_check]]
id = "check_1"
after = "pla_01"
expected = 4
en = "Please choose Always, fully."
zh = "本题请选择“非常符合”。"

[[open_question]]
id = "more"
en = "Anything else?"
zh = "还有什么想说的吗？"
"""


def parsed(text=TEXT):
    complaints = Complaints("small.toml")
    instrument = Parts(tomllib.loads(text), complaints).instrument()
    assert instrument is not None, complaints.found
    return instrument


SMALL = parsed()
ROWS = [
    ["r1", "4", "1", "3", "一校", "t", "x┋y", "4", "=1+1 是公式"],
    ["r2", "3", "2", None, "二校", "h", "y", "4", "@多行\n“引”,;\t尾"],
    ["r3", "1", "4", "2", "一校", "t", None, "3", None],
    ["r4", "2", "3", "1", "二校", None, "x", "4", "'-已有撇号"],
]


def frame(rows=ROWS):
    columns = ["respondent_id", *SMALL.column_ids]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="row"), dtype="str")


def raw(rows=ROWS, **source):
    return RawResponses(
        frame=frame(rows), source=Source(file="x", format="csv_text", sha256="", encoding="utf-8", **source)
    )
