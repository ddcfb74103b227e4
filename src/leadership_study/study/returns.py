"""What went out and came back, for the analyses that report it."""

import pandas as pd

from leadership_study.errors import PlanError, Problem, ResponseError
from leadership_study.measurement._returns import Returns
from leadership_study.study.plan import StudyPlan
from leadership_study.study.project import Project
from leadership_study.study.tables import read_table
from leadership_study.validation import ValidatedResponses

_ALL = "all"


def returns_of(project: Project, plan: StudyPlan, validated: ValidatedResponses) -> Returns:
    """Return who came back, and how many questionnaires were distributed as far as the plan says it.

    Raises
    ------
    ResponseError
        For a file of distributed numbers that cannot be read.
    PlanError
        When channels are counted and the answers have none.
    """
    screening = validated.screening
    everyone, names = screening.frame, [question.id for question in validated.instrument.background]
    levels = [name for name in names if validated.instrument.background_question(name).kind != "number"]
    received = everyone[levels].copy()
    received["block"] = screening.block
    received["valid"] = everyone.index.isin(validated.frame.index)
    if "channel" in screening.system:
        received["channel"] = screening.system["channel"]
    files = {block.id: block.files for block in plan.responses}
    rows: dict[tuple[str, str, str], int] = {}
    for block in plan.responses:
        if (sent := block.distributed) is None:
            continue
        by = sent.by or _ALL
        if by not in (_ALL, *received.columns):
            place = f"[[responses]] {block.id!r}, 'distributed'"
            said = f"{place}: the answers have no {by!r} ({', '.join(files[block.id])})"
            file = project.relative(project.study_file(plan.name))
            problem = Problem(file, said, "count by a group or a background question", "wrong_value")
            raise PlanError(said, [problem])
        for level, n in (sent.n if sent.file is None else _read(project, plan.name, by, sent.file)).items():
            rows[block.id, by, level or _ALL] = n
    index = pd.MultiIndex.from_tuples(list(rows), names=["block", "by", "level"])
    return Returns(received=received, distributed=pd.DataFrame({"n": pd.Series(rows.values(), index, dtype="int64")}))


def _read(project: Project, study: str, by: str, file: str) -> dict[str, int]:
    path = project.raw(study) / file
    shown = project.relative(path)
    table = read_table(path, shown, (by, "n"))
    problems, counts = [], {}
    for row, (level, text) in enumerate(zip(table[by], table["n"], strict=True), start=1):
        number = str(text)
        if not (number.isascii() and number.isdigit() and int(number) > 0):
            problems.append(Problem(shown, "must be a whole number above 0", "correct it", "count", row, column="n"))
        elif pd.isna(level) or level in counts:
            problems.append(Problem(shown, "must be a name of its own", "correct it", "level", row, column=by))
        else:
            counts[str(level)] = int(number)
    if problems:
        raise ResponseError(f"{shown} has problems", problems)
    return counts
