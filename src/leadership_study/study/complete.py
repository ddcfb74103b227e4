"""A complete run: everything a study's folders hold, made or found to be made already."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leadership_study.study import provenance
from leadership_study.study.columns import column_table
from leadership_study.study.lock import locked
from leadership_study.study.project import Project
from leadership_study.study.store import NOTICE, Store

if TYPE_CHECKING:
    from leadership_study.results import Result
    from leadership_study.study.pipeline import Study, StudyResults


@dataclass
class Outcome:
    """What a run did: blocks by what became of them, and the paths a reader wants, from the project's root.

    A block that could not be estimated is neither computed nor reused.
    """

    unchanged: bool = False
    computed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    not_estimated: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


def run_study(project: Project, name: str, progress: Callable[[str, str], None]) -> Outcome:
    """Bring the study ``name`` up to date: data, results, report, notebooks, and last the provenance.

    Whatever may refuse the plan or the answers comes before the first change, so a study that is refused keeps what it
    had. A run that was killed is taken up by the next one, which ends with the same bytes.

    Raises
    ------
    LeadershipStudyError
        Any of the package's errors about plan, questionnaire or answers; `BusyError` when another run is at it.
    """
    folder = project.processed(name)
    with locked(folder, project.relative(folder)):
        progress("checking", name)
        if provenance.is_unchanged(project, name):
            Store(project, name).drop_staged()  # put aside by a run of a plan that was taken back
            return Outcome(unchanged=True)
        return _run(project, name, progress)


def _run(project: Project, name: str, progress: Callable[[str, str], None]) -> Outcome:
    from leadership_study.results import NotEstimated
    from leadership_study.study.evidence import fingerprint_of, read_said
    from leadership_study.study.interview_results import write_interviews
    from leadership_study.study.pipeline import Study

    progress("reading", "plan and questionnaire")
    study = Study(project, name)
    if study.plan.settings:
        progress("computing", "setting")
        study.setting()
    if study.plan.has_survey:
        progress("reading", "answers")
        study.raw()
        progress("validating", "answers")
        study.validated()
        progress("scoring", "answers")
        study.scored()

    if study.plan.interviews:
        progress("reading", "interviews")
        study.interviews()
    if study.plan.synthesis:
        read_said(study)  # its own form; what it refers to can be looked up only after the results
    for warning in study.warnings():
        progress("WARNING:", str(warning))
    outcome = Outcome()

    def follow(stage: str, what: str) -> None:
        if stage == "computed":
            outcome.computed.append(what)
        elif stage == "reused":
            outcome.reused.append(what)
        progress(stage, what)

    results = study.run(follow)
    evidence = study.evidence(results, follow) if study.plan.synthesis else {}
    made = {**results, **evidence}
    outcome.not_estimated = [block for block, result in made.items() if isinstance(result, NotEstimated)]
    for blocks in (outcome.computed, outcome.reused):
        blocks[:] = [block for block in blocks if block not in outcome.not_estimated]
    study.store.begin()
    if study.plan.has_survey:
        _write_data(study)
    if study.plan.interviews:
        write_interviews(study)
    _write_index(study, results, evidence)
    reports = study.report(results, follow)
    _write_notebooks(study, follow)
    _write_notices(study)
    record = provenance.describe(
        project,
        study=name,
        seed=study.plan.seed,
        simulated=study.plan.simulated,
        files=study.input_files(),
        blocks={**study.fingerprints(), **({part: fingerprint_of(study) for part in evidence})},
        outputs=study.store.files,
    )
    study.store.finish(record)
    places = [*(study.store.reports / part for part in ("figures", "tables", "notebooks")), study.store.data]
    outcome.written = [*reports, *(f"{project.relative(place)}/" for place in places if place.is_dir())]
    return outcome


def _write_data(study: "Study") -> None:
    import pandas as pd

    store, validated, scored = study.store, study.validated(), study.scored()
    store.put_frame(store.data / "validated.csv", validated.frame)
    log = validated.exclusions_log
    store.put_frame(store.data / "exclusions.csv", log.set_index(log.columns[0]))
    store.put_frame(store.data / "flow.csv", validated.flow)
    store.put_frame(store.data / "columns.csv", column_table(validated.sources).set_index("block"))
    if len(validated.repairs_log):
        log = validated.repairs_log
        store.put_frame(store.data / "repairs.csv", log.set_index(log.columns[0]))
    if len(validated.system.columns):
        store.put_frame(store.data / "system.csv", validated.system)
    # Screening a million respondents takes a while: only studies that ask for it pay.
    if any(block.use == "response_quality" or block.headline for block in study.plan.analyses):
        store.put_frame(store.data / "flags.csv", validated.flags)
    parts = [scored.block.to_frame(), scored.groups, scored.background, scored.items, scored.forms, scored.scales]
    parts += [part for part in (scored.composites, scored.context) if part is not None]
    parts += [scored.weights.to_frame("weight")] if scored.weights is not None else []
    store.put_frame(store.data / "scores.csv", pd.concat(parts, axis="columns"))


def _write_index(study: "Study", results: "StudyResults", evidence: "Mapping[str, Result]") -> None:
    """Write ``results.json``: one entry a block, what it is and where its tables lie."""
    from leadership_study.results import NotEstimated

    entries = []
    for step in study.steps():
        result = results[step.id]
        estimated = not isinstance(result, NotEstimated)
        entries.append(
            {
                "id": step.id,
                "use": step.block.use,
                "variant": step.variant,
                "of": list(step.block.of),
                "imputations": step.block.imputations,
                "status": "estimated" if estimated else "not_estimated",
                "reason": str(result.reason) if isinstance(result, NotEstimated) else None,
                "tables": {name.split(".")[1]: f"results/{name}" for name in study.store.tables_of(step.id)},
                "definition": _plain(result.definition),
                "notes": [{"id": note.id, "text": str(note)} for note in result.notes],
            }
        )
    entries += [
        {
            "id": part,
            "use": part,
            "status": "not_estimated" if isinstance(result, NotEstimated) else "estimated",
            "reason": str(result.reason) if isinstance(result, NotEstimated) else None,
            "tables": {name.split(".")[1]: f"results/{name}" for name in study.store.tables_of(part)},
            "definition": _plain(result.definition),
            "notes": [{"id": note.id, "text": str(note)} for note in result.notes],
        }
        for part, result in evidence.items()
    ]
    study.store.put_json(study.store.data / "results.json", {"study": study.plan.name, "blocks": entries})


def _write_notices(study: "Study") -> None:
    """Say beside the tables, which cannot say it themselves, that the answers are simulated."""
    if not study.plan.simulated:
        return
    from leadership_study.reporting.languages import load_language

    store = study.store
    text = "".join(f"{load_language(code).word('simulated')}\n" for code in study.plan.report.languages).encode()
    folders = [store.data, store.results, store.reports, *(store.reports / name for name in ("tables", "figures"))]
    for folder in folders:
        if folder in (store.data, store.results) or folder.is_dir():
            store.put(folder / NOTICE, text)


def _write_notebooks(study: "Study", progress: Callable[[str, str], None]) -> None:
    names = study.plan.report.notebooks
    if not names:
        return
    from leadership_study.reporting.languages import load_language
    from leadership_study.study.notebooks import execute_all

    progress("executing", "notebooks")
    project, store = study.project, study.store
    made = execute_all(
        [project.notebooks / f"{name}.ipynb" for name in names],
        project.relative(project.study_file(study.plan.name)),
        cwd=project.root,
        notice=[load_language(code).word("simulated") for code in study.plan.report.languages]
        if study.plan.simulated
        else (),
        progress=lambda name: progress("executed", name),
    )
    for name, content in made.items():
        store.put(store.reports / "notebooks" / name, content)


def _plain(value: Any) -> Any:
    """Return a definition as JSON has it: lists for tuples, null for what is not a number."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if hasattr(value, "item"):  # a number of numpy's
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
