"""Both strands of a study together: joint display, argument and checklists, stored like blocks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from leadership_study.errors import InsufficientDataError, LeadershipStudyError
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.study import provenance
from leadership_study.study.interview_results import read_as_received
from leadership_study.study.lock import locked
from leadership_study.study.synthesis_plan import PARTS, SynthesisPlan
from leadership_study.synthesis.argument import Argument, argument
from leadership_study.synthesis.argument_file import ArgumentFile, read_argument
from leadership_study.synthesis.checklists import checklists
from leadership_study.synthesis.joint_display import JointDisplay, joint_display
from leadership_study.synthesis.segments import Segment, segments_of, starts_of

if TYPE_CHECKING:
    from leadership_study.interviews import Interviews
    from leadership_study.study.pipeline import Study
    from leadership_study.study.study_results import StudyResults


class Evidence(Mapping[str, Result]):
    """The synthesis of a study: ``joint_display``, ``argument`` and ``checklists``.

    Each is a `Result`, or a `NotEstimated` that says what the study lacks for it.
    """

    def __init__(self, results: Mapping[str, Result]) -> None:
        self._results = dict(results)

    @property
    def joint_display(self) -> Result:
        """A `JointDisplay`."""
        return self._results["joint_display"]

    @property
    def argument(self) -> Result:
        """An `Argument`."""
        return self._results["argument"]

    @property
    def checklists(self) -> Result:
        """`Checklists`."""
        return self._results["checklists"]

    def __getitem__(self, part: str) -> Result:
        return self._results[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        return "\n".join(
            f"{name:<13}  {result if isinstance(result, NotEstimated) else type(result).__name__}"
            for name, result in self._results.items()
        )


def argument_path(study: "Study") -> Path:
    """Return the place of a study's argument file."""
    return study.project.root / "studies" / f"{study.plan.name}.argument.toml"


def read_said(study: "Study") -> ArgumentFile | None:
    """Return the argument file of a study, its own form checked; None when there is none.

    Raises
    ------
    PlanError
        With everything that is wrong with it.
    """
    path = argument_path(study)
    return read_argument(path, languages=study.plan.report.languages) if path.is_file() else None


def absent() -> Evidence:
    """Return the evidence of a study whose plan has no ``[synthesis]``."""
    note = Note("no_synthesis", "The plan of this study has no [synthesis], so its strands are not put together.")
    return Evidence({part: NotEstimated.because(note) for part in PARTS})


def fingerprint_of(study: "Study") -> str:
    """Return what the stored synthesis must have been made from, as one hash."""
    plan = study.plan.synthesis
    return provenance.fingerprint(
        {
            "plan": None if plan is None else asdict(plan),
            "blocks": study.fingerprints(),
            "argument": provenance.file_sha256(argument_path(study)),
            "interviews": {
                study.project.relative(path): provenance.file_sha256(path) for path in study.interview_files()
            },
            "languages": study.plan.report.languages,
            "package": provenance.package_sha256(computing=True),
            "versions": provenance.versions(computing=True),
            "lock": provenance.file_sha256(study.project.lock_file),
        }
    )


def stored_evidence(study: "Study") -> Evidence | None:
    """Return what is stored and was made from what is there today; None when a part of it is not."""
    mark = fingerprint_of(study)
    found = {part: study.store.load(part, mark) for part in PARTS}
    results = {part: result for part, result in found.items() if result is not None}
    return Evidence(results) if len(results) == len(PARTS) else None


def evidence_of(study: "Study", results: "StudyResults", tell: Callable[[str, str], None]) -> Evidence:
    """Return the synthesis of a study, read back from the store, computed where it is missing or out of date."""
    plan = study.plan.synthesis
    if plan is None:
        return absent()
    said = read_said(study)
    if (found := stored_evidence(study)) is not None:
        for part in PARTS:
            tell("reused", part)
        return found
    made = _compute(study, plan, results, said)
    mark = fingerprint_of(study)
    with locked(study.store.data, study.project.relative(study.store.data)):
        for part, result in made.items():
            study.store.save(part, mark, result)
            tell("computed", part)
    read = stored_evidence(study)
    if read is None:
        raise LeadershipStudyError("What was stored of the synthesis cannot be read back: check the disk.")
    return read


def _compute(
    study: "Study", plan: SynthesisPlan, results: "StudyResults", said: ArgumentFile | None
) -> dict[str, Result]:
    interviews, guide = (study.interviews(), study.guide()) if study.plan.interviews else (None, None)
    said = said if said is None or interviews is None else _with_pseudonyms(study, said, interviews)
    language = study.plan.report.languages[0]
    dimensions = study.instrument.dimension_ids
    display: JointDisplay | None = None
    made: dict[str, Result] = {}
    try:
        display = joint_display(
            results,
            interviews,
            scores=plan.scores,
            gaps=plan.gaps,
            influences=plan.influences,
            dimensions=dimensions,
            argument=said,
            problem_share=plan.problem_share,
            sound_share=plan.sound_share,
            coefficient=plan.coefficient,
            quotes=plan.quotes,
            language=language,
        )
        made["joint_display"] = display
    except InsufficientDataError as error:
        made["joint_display"] = NotEstimated.because(error.note)
    argued: Argument | None = None
    if said is None:
        text = (
            "There is no argument file studies/{study}.argument.toml yet; it is written by a person after the results."
        )
        made["argument"] = NotEstimated.because(Note("no_argument_file", text, {"study": study.plan.name}))
    else:
        argued = argument(
            said,
            results=results,
            interviews=interviews,
            display=display,
            dimensions=dimensions,
            coefficient=plan.coefficient,
            min_sources=plan.min_sources,
            min_agreement=plan.min_agreement,
            language=language,
        )
        made["argument"] = argued
    made["checklists"] = checklists(
        results,
        interviews,
        guide=guide,
        display=display,
        argument=argued,
        reported=said,
        facts=_facts(study),
        which=plan.checklists,
        language=language,
    )
    return made


def _with_pseudonyms(study: "Study", said: ArgumentFile, interviews: "Interviews") -> ArgumentFile:
    """Return the argument with the ids that its segments have once pseudonyms are put in.

    Like all files that people write, it counts characters of the texts as received; ids of the texts with pseudonyms,
    as Jupyter shows them, are understood too.
    """
    if not any(element.segments for element in said.elements) and not said.quotes:
        return said
    read = read_as_received(study)
    received = segments_of(read)
    # Pseudonyms move stretches and keep their order, so the first of a code in a transcript stays the first.
    now = dict(
        zip(
            sorted(received, key=_order(received)), sorted(new := segments_of(interviews), key=_order(new)), strict=True
        )
    )
    names = {start: now[id] for start, id in starts_of(read, received).items()}
    return replace(
        said,
        elements=tuple(
            replace(element, segments=tuple(names.get(id, id) for id in element.segments)) for element in said.elements
        ),
        quotes=tuple(replace(quote, segment=names.get(quote.segment, quote.segment)) for quote in said.quotes),
    )


def _order(segments: Mapping[str, Segment]) -> Callable[[str], tuple[str, str, int]]:
    return lambda id: (segments[id].transcript, segments[id].code, segments[id].start)


def _facts(study: "Study") -> list[str]:
    facts = ["plan", "title", "provenance"]
    if study.plan.responses:
        facts += ["flow", "questionnaire"] + (["exclusions"] if study.plan.exclusions else [])
    asked = study.plan.interviews
    return facts + (["pseudonyms"] if asked is not None and asked.pseudonyms else [])
