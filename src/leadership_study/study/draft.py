"""A questionnaire and a plan drafted from a file of answers: what its columns show is written, the rest is asked.

Every place that a file cannot answer is marked: ``"?"`` where the study does not run before it is filled in, a comment
that begins with ``# ?`` where what was written should be looked at.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from leadership_study.errors import ImportFormatError, LeadershipStudyError
from leadership_study.importing._read import read_table
from leadership_study.study import _draft_columns as columns
from leadership_study.study.checked import ID
from leadership_study.study.project import Project

_SOURCES = """\
# Where these data are from

`{file}` (SHA-256 `{sha256}`) is as received. ? Write here who collected the answers, when, how, and under which licence
or agreement.
"""


@dataclass(frozen=True)
class Draft:
    """What was written, and what the person has to say."""

    written: list[str]
    questions: list[str]


def draft_study(project: Project, name: str | None, file: Path, *, sheet: str | None = None) -> Draft:
    """Write a questionnaire and a plan for the answers in ``file``, and put a copy of it into the study's raw data.

    Parameters
    ----------
    project
        Where to write.
    name
        The study's name; made from the file's when None.
    file
        Answers in any format that can be read.
    sheet
        The sheet of a workbook.

    Raises
    ------
    ImportFormatError
        The file cannot be read as a table.
    LeadershipStudyError
        The name cannot be used, or a file is there already; nothing is written then.
    """
    name = name or _name_of(file)
    if not ID.fullmatch(name):
        text = f"{name!r} cannot be the name of a study: use letters, digits and underscores, and begin with a letter"
        raise LeadershipStudyError(text)
    table, format = read_table(file, sheet=sheet)
    if table.cells is None or not len(table.cells):
        raise ImportFormatError(f"{file.name} has no answers to draft a study from.", table.problems)
    found = columns.look_at(table)
    if not found.items:
        text = (
            f"{file.name} has no columns that look like items (at least 3 with the same answers): "
            "begin with 'leadership-study init NAME' and write the questionnaire by hand"
        )
        raise LeadershipStudyError(text)
    raw = project.raw(name)
    data = file.read_bytes()
    target = raw / file.name
    sources = _SOURCES.format(file=file.name, sha256=hashlib.sha256(data).hexdigest())
    questions: list[str] = []
    texts = {
        project.questionnaire_file(name): questionnaire(name, found, questions),
        project.study_file(name): plan(name, file.name, found, format, sheet, questions),
        raw / "SOURCES.md": sources,
    }
    questions.append("data/raw: who collected the answers, when and how (SOURCES.md)")
    there = [path for path in texts if path.exists()] + ([target] if target.exists() and target != file else [])
    if there:
        listed = ", ".join(project.relative(path) for path in there)
        raise LeadershipStudyError(f"{listed} is there already: choose another name, nothing was written")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    if not target.exists():
        target.write_bytes(data)
    return Draft([project.relative(path) for path in (*texts, target)], questions)


def questionnaire(name: str, found: columns.Columns, questions: list[str]) -> str:
    """Return the questionnaire file; what the columns could not say is added to ``questions``."""
    language = found.language
    lines = [
        "# Drafted from the columns of a file of answers. Places marked ? could not be known from them.",
        f'id = "{name}"',
        'version = "1.0"',
        f"title = {{ {language} = {_quoted('? ' + name)} }}   # ? the title of the questionnaire",
        'source = "?"   # ? who wrote the items, and under which licence',
        'texts = "complete"',
        "",
    ]
    questions.append("questionnaire: its title and source")
    for scale in found.scales:
        lines.append(f"[response_scale.{scale.id}]")
        if scale.labels:
            count = len(scale.labels)
            values = "[" + ", ".join(map(str, range(1, count + 1))) + "]"
            lines.append(
                f'values = "?"   # ? put the labels in order, lowest first, add any that nobody chose; then {values}'
            )
            lines.append(f"labels.{language} = [{', '.join(map(_quoted, scale.labels))}]")
            questions.append(f"questionnaire: the order of the labels of {scale.id} ({' / '.join(scale.labels)})")
        else:
            lines.append(f"values = [{', '.join(scale.values)}]   # ? are all answers here")
            lines.append(f'labels.{language} = "?"   # ? what they are called: ["…", …], one each, in this order')
            questions.append(f"questionnaire: what the answers of {scale.id} are called, and those that nobody chose")
        lines.append("")
    for at, (scale, items) in enumerate(found.dimensions(), 1):
        lines += [
            "[[dimension]]",
            f'id = "dimension_{at}"',
            f"label = {{ {language} = {_quoted(items[0].stem or f'? {at}')} }}   # ? what these items measure",
            f'definition = {{ {language} = "?" }}',
            f'response_scale = "{scale.id}"',
            "items = [   # ? other dimensions get tables of their own; add reverse_keyed = true where it holds",
            *(f'  {{ id = "{item.id}", {language} = {_quoted(item.wording)} }},' for item in items),
            "]",
            "",
        ]
    questions.append("questionnaire: which items form which dimension, and which are reverse-keyed")
    for question in found.background:
        lines += ["[[background]]", f'id = "{question.id}"', f'kind = "{question.kind}"   # ? {columns.KINDS}']
        lines.append(f"label = {{ {language} = {_quoted(question.wording)} }}")
        if question.levels:
            lines.append("levels = [   # ? add answers that nobody chose")
            lines += [
                f"  {{ value = {_quoted(value)}, {language} = {_quoted(text)} }}," for value, text in question.levels
            ]
            lines.append("]")
        lines.append("")
    if found.background:
        questions.append("questionnaire: the kinds of the background questions, and levels that nobody chose")
    for entry in found.open_questions:
        lines += ["[[open_question]]", f'id = "{entry.id}"', f"{language} = {_quoted(entry.wording)}", ""]
    return "\n".join(lines)


def plan(name: str, file: str, found: columns.Columns, format: str, sheet: str | None, questions: list[str]) -> str:
    """Return the plan; what the columns could not say is added to ``questions``."""
    groups = [question.id for question in found.background if question.kind == "group"]
    inner = ", ".join(f'"{id}"' for id in groups)
    lines = [
        "# Drafted from a file of answers. Places marked ? could not be known from it.",
        f"title = {{ {found.language} = {_quoted('? ' + name)} }}   # ? the title of the study",
        f'questionnaire = "{name}"',
        "seed = 2026",
        f'nested_in = "?"   # ? questions of kind "group", inner first: [{inner}]; [] when nobody shares one',
        "",
        "[[responses]]",
        'id = "responses"',
        'form = "other"   # ? "self" where the leaders rated themselves',
        f"files = [{_quoted(file)}]",
        f'format = "{format}"',
    ]
    questions.append("plan: its title, what respondents are nested in, whom the items are about")
    if sheet is not None:
        lines.append(f"sheet = {_quoted(sheet)}")
    if found.respondent_id is not None:
        lines.append(f"respondent_id = {_quoted(found.respondent_id)}")
    if found.unsure_numbers:
        lines.append('values = "?"   # ? "number" (numbers of options, then with option_order) or "codes" (scores)')
        lines.append('# option_order = "as_listed"   # ? or "reversed", where the highest answer was listed first')
        questions.append("plan: what the numbers in the file are, and which answer was listed first")
    renamed: Mapping[str, str] = found.renamed()
    if renamed:
        lines.append("")
        lines.append("[responses.columns]")
        lines += [f"{_quoted(header)} = {_quoted(id)}" for header, id in renamed.items()]
    if found.withheld:
        kinds = ", ".join(f"{header} ({kind})" for header, kind in found.withheld.items())
        lines += ["", f"# Personal data that are never carried on: {kinds}".replace("\n", " ")]
    lines += ["", "[exclusions]", "max_missing_share = 0.5   # ? who left out more is not analysed", ""]
    lines += ["[scoring]", 'method = "mean"', "min_answered = 0.5", ""]
    for use in ("descriptives", "item_analysis", "reliability", "correlations"):
        lines += ["[[analysis]]", f'use = "{use}"', ""]
    lines += ["[report]", 'formats = ["html", "docx"]', f'languages = ["{found.language}"]', ""]
    return "\n".join(lines)


def _name_of(file: Path) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", file.stem).strip("_").lower()
    return plain if ID.fullmatch(plain) else "my_study"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04X}" for sign in escaped) + '"'
