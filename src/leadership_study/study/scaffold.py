"""A minimal study that runs at once: questionnaire, plan and simulated answers to be replaced by one's own."""

import csv
import io
import random
import re
from pathlib import Path

from leadership_study.errors import LeadershipStudyError
from leadership_study.study.checked import ID
from leadership_study.study.project import Project

_SEED = 2026
_GROUPS = 6
_RATERS = 10
_STRUCTURAL = ("str_01", "str_02", "str_03", "str_04")
_TEACHING = ("tea_01", "tea_02", "tea_03", "tea_04")
_REVERSE_KEYED = "str_04"

_QUESTIONNAIRE = """\
# A questionnaire of two dimensions with four items each; replace the wording by your own.
id = "{name}"
version = "1.0"
title = {{ en = "Leadership of the head", zh = "校长领导力调查问卷" }}
source = "Example items; not validated"
texts = "complete"

[response_scale.agreement]
values = [1, 2, 3, 4, 5]
labels.en = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]
labels.zh = ["非常不符合", "不太符合", "一般", "比较符合", "非常符合"]

[[dimension]]
id = "structural"
label = {{ en = "Structural leadership", zh = "结构领导力" }}
definition = {{ en = "Setting goals, roles and procedures.", zh = "确立目标、分工与制度。" }}
items = [
  {{ id = "str_01", en = "The head sets clear goals for our work.", zh = "校长为我们的工作设定清晰的目标。" }},
  {{ id = "str_02", en = "The head makes clear who is responsible for what.", zh = "校长明确每个人的职责。" }},
  {{ id = "str_03", en = "The head follows the rules that were agreed.", zh = "校长遵守共同制定的制度。" }},
  # Agreeing here means little structure: low and high are exchanged in scoring.
  {{ id = "str_04", en = "The head changes plans without a reason.", zh = "校长无故改变计划。", reverse_keyed = true }},
]

[[dimension]]
id = "teaching"
label = {{ en = "Teaching leadership", zh = "教学领导力" }}
definition = {{ en = "Caring for what happens in lessons.", zh = "关注课堂教学。" }}
items = [
  {{ id = "tea_01", en = "The head visits lessons.", zh = "校长深入课堂听课。" }},
  {{ id = "tea_02", en = "The head talks with us about teaching.", zh = "校长与我们讨论教学。" }},
  {{ id = "tea_03", en = "The head helps us to learn from each other.", zh = "校长帮助我们相互学习。" }},
  {{ id = "tea_04", en = "The head knows how the pupils are doing.", zh = "校长了解学生的学习情况。" }},
]

[[background]]
id = "school"
kind = "group"
label = {{ en = "School", zh = "学校" }}
"""

_PLAN = """\
# The plan of the study: what is analysed is written down before the answers are read.
title = {{ en = "Leadership as teachers see it", zh = "教师眼中的领导力" }}
questionnaire = "{name}"
simulated = true            # the answers are simulated: take this line out when yours are in place
seed = {seed}
nested_in = ["school"]      # teachers of one school rate the same head; [] when nobody shares a group

[[responses]]
id = "teachers"
files = ["responses.csv"]   # in data/raw/{name}/
respondent_id = "respondent_id"

[exclusions]
max_missing_share = 0.5     # who left out more than half of the items is not analysed

[scoring]
method = "mean"
min_answered = 0.5

[[analysis]]
use = "descriptives"

[[analysis]]
use = "rater_agreement"

[[analysis]]
use = "item_analysis"

[[analysis]]
use = "reliability"

[[analysis]]
use = "correlations"

[report]
formats = ["html", "docx"]
languages = ["en", "zh"]
notebooks = [{notebooks}]
"""

_SOURCES = """\
# Where these data are from

`responses.csv` was simulated by `leadership-study init` ({groups} schools, {raters} teachers each, seed {seed}). It
says nothing about real people. Replace it by your own answers and write here who collected them, when, how, under
which licence, and their SHA-256.
"""


def create_study(project: Project, name: str) -> list[str]:
    """Write a questionnaire, a plan and simulated answers under ``name``; return their paths from the root.

    Raises
    ------
    LeadershipStudyError
        When the name cannot be used or one of the files is there already; nothing is written then.
    """
    if not ID.fullmatch(name):
        raise LeadershipStudyError(
            f"{name!r} cannot be the name of a study: use letters, digits and underscores, and begin with a letter"
        )
    notebooks = ", ".join(f'"{notebook}"' for notebook in _fitting(project))
    raw = project.raw(name)
    sources = _SOURCES.format(groups=_GROUPS, raters=_RATERS, seed=_SEED)
    files: dict[Path, str] = {
        project.questionnaire_file(name): _QUESTIONNAIRE.format(name=name),
        project.study_file(name): _PLAN.format(name=name, seed=_SEED, notebooks=notebooks),
        raw / "responses.csv": _answers(),
        raw / "SOURCES.md": sources,
    }
    if there := [project.relative(path) for path in files if path.exists()]:
        raise LeadershipStudyError(f"{', '.join(there)} is there already: choose another name, nothing was written")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return [project.relative(path) for path in files]


def _fitting(project: Project) -> list[str]:
    """Names of the notebooks that show at least one of the analyses of the plan."""
    planned = set(re.findall(r'^use = "(\w+)"', _PLAN, flags=re.MULTILINE))
    shown = re.compile(r"""of_kind\(\\?["'](\w+)""")  # a quote in the JSON of a notebook has a backslash before it
    paths = sorted(project.notebooks.glob("*.ipynb"))
    return [path.stem for path in paths if planned & set(shown.findall(path.read_text("utf-8", "replace")))]


def _answers() -> str:
    """Simulate ratings: each school's head has a level of each dimension, each teacher and item an own share."""
    draw = random.Random(_SEED)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["respondent_id", "school", *_STRUCTURAL, *_TEACHING])
    for school in range(1, _GROUPS + 1):
        head = draw.gauss(0, 0.5)
        levels = [head + draw.gauss(0, 0.3) for _ in (_STRUCTURAL, _TEACHING)]
        for teacher in range(1, _RATERS + 1):
            halo = draw.gauss(0, 0.5)
            row: list[str | int] = [f"t{school}{teacher:02d}", f"school_{school}"]
            for items, level in zip((_STRUCTURAL, _TEACHING), levels, strict=True):
                own = draw.gauss(0, 0.4)
                for item in items:
                    answer = min(5, max(1, round(3.4 + level + halo + own + draw.gauss(0, 0.7))))
                    row.append(6 - answer if item == _REVERSE_KEYED else answer)
            table.writerow(row)
    return text.getvalue()
