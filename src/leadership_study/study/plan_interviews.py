"""``[interviews]`` of a study file: the guide and codebook, where transcripts and codings lie, what is counted how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from leadership_study.by_name import unknown
from leadership_study.errors import ImportFormatError
from leadership_study.interviews.codebook import Codebook, codebook_from, read_codebook
from leadership_study.interviews.guide import Guide, guide_from
from leadership_study.interviews.units import UNITS, Unit
from leadership_study.study.checked import Table, is_inside, read_toml

if TYPE_CHECKING:
    from leadership_study.instruments import Instrument
    from leadership_study.study.project import Project

INTERVIEW_BLOCKS = (
    "interview_material", "code_agreement", "code_frequencies", "informant_codes", "co_occurrence", "saturation",
    "keywords",
)  # fmt: skip
"""What is computed of interviews and stored like blocks; no block may have such an id."""


@dataclass(frozen=True, kw_only=True)
class InterviewBlock:
    """One result of the interviews; the class attributes are what blocks of analyses have and this one has not."""

    id: str
    title: Mapping[str, str] | None = None

    options: Mapping[str, Any] = field(default_factory=dict, init=False)
    of: tuple[str, ...] = field(default=(), init=False)
    imputations: int = field(default=0, init=False)
    headline: bool = field(default=False, init=False)

    @property
    def use(self) -> str:
        """The analysis: each has its own id."""
        return self.id


@dataclass(frozen=True, kw_only=True)
class InterviewsPlan:
    """``[interviews]``: files are patterns inside the study's folder in ``data/raw/``.

    ``pseudonyms``: whether what identifies people is replaced on the way in (it is, unless the plan says that the
    transcripts hold nothing of the kind). ``keywords`` are shown where they were said; words are counted with them and
    ``whole_words`` kept whole.
    """

    guide: str
    codebook: str | None = None
    transcripts: tuple[str, ...] = ()
    codings: tuple[str, ...] = ()
    adjudication: str | None = None
    translations: tuple[str, ...] = ()
    coded_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: Unit = "segment"
    match: float = 0.5
    bootstrap: int = 1000
    base: int = 4
    run: int = 2
    threshold: float = 0.05
    keywords: tuple[str, ...] = ()
    whole_words: tuple[str, ...] = ()
    pseudonyms: bool = True

    @property
    def blocks(self) -> tuple[InterviewBlock, ...]:
        """What is computed."""
        ids = [one for one in INTERVIEW_BLOCKS if one != "keywords" or self.keywords]
        return tuple(InterviewBlock(id=one) for one in ids)


def read_interviews_plan(
    top: Table, project: "Project", name: str, instrument: "Instrument | None", ids: Sequence[str]
) -> InterviewsPlan | None:
    """Read and check ``[interviews]``, guide and codebook with it; None when the plan has none.

    Parameters
    ----------
    ids
        Of all other blocks: none may be called as a result of the interviews.
    """
    if not top.has("interviews"):
        return None
    for id in ids:
        if id.lower() in INTERVIEW_BLOCKS:
            message = f"the id {id!r} stands for a result of the interviews"
            top.problems.note("", message, "give the block another id", "duplicate_id")
    table, default = top.table("interviews"), InterviewsPlan(guide="")
    guide = table.text("guide") if table.required("guide", '"my_guide", a file in questionnaires/') else ""
    codebook = _file(table, "codebook")
    transcripts = _patterns(table, "transcripts")
    if not transcripts:
        table.required("transcripts", '["interviews/transcripts/*.txt"]')
    plan = InterviewsPlan(
        guide=guide,
        codebook=codebook,
        transcripts=transcripts,
        codings=_patterns(table, "codings"),
        adjudication=_file(table, "adjudication"),
        translations=_patterns(table, "translations"),
        coded_by=_coded_by(table),
        unit=cast(Unit, table.choice("unit", list(UNITS), default.unit)),
        match=_share(table, "match", default.match, "above 0 and at most 1", lambda value: 0 < value <= 1),
        bootstrap=_least(table, "bootstrap", default.bootstrap, 2),
        base=_least(table, "base", default.base, 1),
        run=_least(table, "run", default.run, 1),
        threshold=_share(table, "threshold", default.threshold, "from 0 to below 1", lambda value: 0 <= value < 1),
        keywords=table.texts("keywords"),
        whole_words=table.texts("whole_words"),
        pseudonyms=table.flag("pseudonyms", True),
    )
    table.finish()
    _check_files(table, project, name, plan, instrument)
    return plan


def guide_file(project: "Project", plan: InterviewsPlan) -> Path:
    """Return the place of the guide."""
    return project.questionnaire_file(plan.guide)


def read_guide_of(project: "Project", plan: InterviewsPlan) -> Guide:
    """Return the guide.

    Raises
    ------
    ImportFormatError, PlanError
        Everything that is wrong with it.
    """
    path = guide_file(project, plan)
    return guide_from(read_toml(path, project.relative(path)), project.relative(path))


def read_codebook_of(project: "Project", name: str, plan: InterviewsPlan) -> Codebook | None:
    """Return the codebook: a file of its own in the study's folder, or the ``[[code]]`` tables of the guide.

    Raises
    ------
    ImportFormatError, PlanError
        Everything that is wrong with it.
    """
    if plan.codebook is not None:
        return read_codebook(project.raw(name) / plan.codebook)
    path = guide_file(project, plan)
    table = read_toml(path, project.relative(path))
    return codebook_from(table, project.relative(path)) if "code" in table else None


def _check_files(
    table: Table, project: "Project", name: str, plan: InterviewsPlan, instrument: "Instrument | None"
) -> None:
    if not plan.guide:
        return
    if not guide_file(project, plan).is_file():
        known = sorted(path.stem for path in project.questionnaires.glob("*.toml"))
        message = unknown("guide", plan.guide, known)
        table.problems.note(
            table.place, message, f"correct it or write questionnaires/{plan.guide}.toml", "unknown_name"
        )
        return
    found: dict[str, list[str]] = {}
    try:
        guide = read_guide_of(project, plan)
        found["guide"] = list(guide.dimensions)
    except ImportFormatError as error:
        table.problems += error.problem_list
    try:
        book = read_codebook_of(project, name, plan)
        found["codebook"] = [] if book is None else [code.dimension for code in book if code.dimension]
    except ImportFormatError as error:
        table.problems += error.problem_list
    if instrument is None or not instrument.dimensions:
        return
    known = list(instrument.dimension_ids)
    for what, dimensions in found.items():
        for dimension in dict.fromkeys(dimensions):
            if dimension not in known:
                message = f"the {what}: {unknown('dimension', dimension, known)}"
                table.problems.note(table.place, message, "call it as in the questionnaire", "unknown_name")


def _patterns(table: Table, key: str) -> tuple[str, ...]:
    patterns = table.texts(key)
    if not all(is_inside(pattern) for pattern in patterns):
        table.wrong(key, "files or patterns inside the study's folder in data/raw/")
        return ()
    return patterns


def _file(table: Table, key: str) -> str | None:
    if not table.has(key):
        return None
    file = table.text(key)
    if file and not is_inside(file):
        table.wrong(key, "the name of a file inside the study's folder in data/raw/")
    return file or None


def _coded_by(table: Table) -> dict[str, tuple[str, ...]]:
    if not table.has("coded_by"):
        return {}
    given = table.data["coded_by"]
    fits = isinstance(given, dict) and all(
        isinstance(coders, list) and coders and all(isinstance(coder, str) and coder for coder in coders)
        for coders in given.values()
    )
    if not fits:
        table.wrong("coded_by", 'a table of coders by transcript, as in { head_01 = ["A", "B"] }')
        return {}
    return {str(transcript): tuple(coders) for transcript, coders in given.items()}


def _least(table: Table, key: str, default: int, least: int) -> int:
    value = table.whole(key, default)
    if value < least:
        table.wrong(key, f"a whole number of at least {least}")
        return default
    return value


def _share(table: Table, key: str, default: float, must: str, fits: Any) -> float:
    if not table.has(key):
        return default
    value = table.data[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not fits(value):
        table.wrong(key, f"a number {must}")
        return default
    return float(value)
