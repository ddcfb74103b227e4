"""The interviews of a study: read, freed of names, computed like blocks, and written where others may look."""

import csv
import dataclasses
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study.errors import EstimationError, ImportFormatError, LeadershipStudyError, Problem
from leadership_study.interviews.codings import codings_csv
from leadership_study.interviews.informant_names import interviewers
from leadership_study.interviews.interview_material import interview_material
from leadership_study.interviews.interviews import Interviews
from leadership_study.interviews.keywords import keywords
from leadership_study.interviews.reading import read_interviews
from leadership_study.interviews.transcripts import Transcript
from leadership_study.interviews.without_names import without_names
from leadership_study.results import Note, NotEstimated, Result
from leadership_study.study import provenance
from leadership_study.study.plan_interviews import InterviewBlock, InterviewsPlan, guide_file, read_codebook_of
from leadership_study.study.store import write_file

if TYPE_CHECKING:
    import pandas as pd

    from leadership_study.study.pipeline import Study

_SAFE_ID = re.compile(r"[\w][\w.-]{0,60}")
KNOWN_NAMES = "names.csv"
"""In ``private/<study>/``: names, schools and places that are known to occur (kind, original)."""
KEY = "pseudonyms.csv"


def planned(study: "Study") -> InterviewsPlan:
    """Return ``[interviews]`` of a plan.

    Raises
    ------
    LeadershipStudyError
        When the plan has none.
    """
    if study.plan.interviews is None:
        raise LeadershipStudyError(f"{study.plan_file} has no [interviews]: this study has no interviews")
    return study.plan.interviews


def interview_files(study: "Study") -> list[Path]:
    """Return every file that the interviews are made from, the known names aside; none without interviews."""
    plan = study.plan.interviews
    if plan is None:
        return []
    raw = study.project.raw(study.plan.name)
    files = [guide_file(study.project, plan)]
    files += [raw / file for file in (plan.codebook, plan.adjudication) if file is not None]
    for patterns in (plan.transcripts, plan.codings, plan.translations):
        files += _matching(raw, patterns)
    return [file / "data.qda" if file.suffix == ".qda" else file for file in dict.fromkeys(files)]


def read_study_interviews(study: "Study") -> "tuple[Interviews, pd.DataFrame | None]":
    """Read the interviews and put pseudonyms in; return them with the key, which is None when the plan has none made.

    Raises
    ------
    ImportFormatError
        Everything that is wrong with any file, at once; or what identifies people is still there.
    """
    read = read_as_received(study)
    return without_names(read, **_known_names(study)) if planned(study).pseudonyms else (read, None)


def read_as_received(study: "Study") -> Interviews:
    """Read the interviews with the names that stand in them; offsets are those of the files.

    Raises
    ------
    ImportFormatError
        Everything that is wrong with any file, at once.
    """
    plan = planned(study)
    raw = study.project.raw(study.plan.name)
    lacking = [
        Problem(file=pattern, rule="no_files", message="no file matches it", remedy="correct the plan or add the file")
        for pattern in (*plan.transcripts, *plan.codings, *plan.translations)
        if not _matching(raw, [pattern])
    ]
    if lacking:
        raise ImportFormatError(f"The interviews in {study.project.relative(raw)} are not all there:", lacking)
    read = read_interviews(
        _matching(raw, plan.transcripts),
        _matching(raw, plan.codings),
        read_codebook_of(study.project, study.plan.name, plan),
        unit=plan.unit,
        coded_by=plan.coded_by,
        adjudication=None if plan.adjudication is None else raw / plan.adjudication,
        translations=_matching(raw, plan.translations),
    )
    if odd := [id for id in read.transcripts if not _SAFE_ID.fullmatch(id)]:
        message = "the id must be letters, digits, points, dashes and underscores: a file is called by it"
        problems = [
            Problem(file=read.transcripts[id].source, rule="bad_id", message=message, remedy="rename it", value=id[:40])
            for id in odd
        ]
        raise ImportFormatError("The ids of transcripts are not all right:", problems)
    seed = provenance.block_seed(study.plan.seed, "code_agreement")
    options = {name: getattr(plan, name) for name in ("match", "bootstrap", "base", "run", "threshold")}
    return dataclasses.replace(read, options={**options, "seed": seed})


def interviews_fingerprint(study: "Study", block: InterviewBlock) -> str:
    """Return what a stored result of the interviews must have been made from, as one hash."""
    known = study.project.private(study.plan.name) / KNOWN_NAMES
    return provenance.fingerprint(
        {
            "use": block.use,
            "plan": dataclasses.asdict(planned(study)),
            "files": {study.project.relative(path): provenance.file_sha256(path) for path in interview_files(study)},
            "known": provenance.file_sha256(known),
            "seed": provenance.block_seed(study.plan.seed, "code_agreement"),
            "package": provenance.package_sha256(computing=True),
            "versions": provenance.versions(computing=True),
            "lock": provenance.file_sha256(study.project.lock_file),
        }
    )


def compute_interviews(study: "Study", block: InterviewBlock) -> Result:
    """Compute one result of the interviews; what cannot be estimated says why."""
    interviews = study.interviews()
    if interviews.counted.empty and block.use not in ("interview_material", "keywords"):
        text = "Nothing that counts is coded yet: there are {n} codings, and none of them is left."
        return NotEstimated.because(Note("interviews_nothing_coded", text, {"n": len(interviews.codings)}))
    try:
        return _COMPUTE[block.use](interviews, planned(study))
    except EstimationError as error:
        return NotEstimated.because(error.note)


def write_interviews(study: "Study") -> None:
    """Write transcripts and codings as they are counted, and the key of pseudonyms under ``private/``."""
    interviews, key = study.interviews(), study.interviews_key
    store, folder = study.store, study.store.data / "interviews"
    for one in interviews.transcripts.values():
        store.put(folder / "transcripts" / f"{one.id}.txt", _transcript_file(one).encode())
    store.put(folder / "codings.csv", codings_csv(interviews.codings).encode())
    if interviews.final is not None:
        store.put(folder / "final_codings.csv", codings_csv(interviews.final).encode())
    if interviews.adjudication is not None:
        store.put_frame(folder / "disagreements.csv", interviews.adjudication.set_index("transcript"))
    if len(interviews.translations):
        store.put_frame(folder / "translations.csv", interviews.translations.set_index("transcript"))
    if key is not None:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([str(key.index.name), *key.columns])
        writer.writerows(key.reset_index().itertuples(index=False, name=None))
        write_file(study.project.private(study.plan.name) / KEY, out.getvalue().encode())


def _matching(raw: Path, patterns: "tuple[str, ...] | list[str]") -> list[Path]:
    """Files that match any pattern, each once, in order; a name without ``*`` counts when the file is there."""
    found: list[Path] = []
    for pattern in patterns:
        found += sorted(path for path in raw.glob(pattern) if path.is_file() or path.suffix == ".qda")
    return list(dict.fromkeys(found))


def _known_names(study: "Study") -> dict[str, list[str]]:
    path = study.project.private(study.plan.name) / KNOWN_NAMES
    found: dict[str, list[str]] = {"names": [], "schools": [], "places": []}
    if not path.is_file():
        return found
    shown = study.project.relative(path)
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error):
        problem = Problem(file=shown, rule="bad_csv", message="it is no CSV in UTF-8", remedy="save it again as CSV")
        raise ImportFormatError("The known names cannot be read:", [problem]) from None
    problems = []
    for at, row in enumerate(rows, 1):
        kind, original = (row.get("kind") or "").strip(), (row.get("original") or "").strip()
        if f"{kind}s" not in found or not original:
            message = "each line needs a kind (name, school or place) and an original"
            problems.append(Problem(file=shown, rule="bad_name", message=message, remedy="correct it", row=at))
        else:
            found[f"{kind}s"].append(original)
    if problems:
        raise ImportFormatError("The known names have problems:", problems)
    return found


def _transcript_file(one: Transcript) -> str:
    facts: dict[str, Any] = {"id": one.id, "role": one.role, "district": one.district, "date": one.date, **one.facts}
    lines = [f"{name}: {value}" for name, value in facts.items() if value is not None]
    return "\n".join(["---", *lines, "---", one.text])


def _notes(interviews: Interviews) -> tuple[Note, ...]:
    """What readers must know about the material: who coded what, what was replaced, what is still open."""
    notes = []
    rules = interviews.problems["rule"].value_counts().to_dict()
    if absent := int(rules.get("coder_absent", 0)):
        text = (
            "{n} times a coder coded nothing in an interview that others coded; for agreement it counts as not rated."
        )
        notes.append(Note("interviews_coder_absent", text, {"n": absent}))
    if alone := int(rules.get("not_coded", 0)):
        notes.append(Note("interviews_not_coded", "{n} interviews were coded by nobody.", {"n": alone}))
    if names := int(rules.get("given_name_left", 0)):
        text = "{n} places may still hold a given name, or a word that looks like one; they must be looked at."
        notes.append(Note("interviews_given_names", text, {"n": names}))
    decided = interviews.adjudication
    if decided is not None:
        n_open = int(decided["decision"].isna().sum())
        text = (
            "Of {n} disagreements of the coders {kept} were kept and {dropped} dropped by adjudication; {n_open} are "
            "open and left out of the counts."
        )
        counts = {"n": len(decided), "kept": int((decided["decision"] == "keep").sum())}
        counts |= {"dropped": int((decided["decision"] == "drop").sum()), "n_open": n_open}
        notes.append(Note("interviews_adjudicated", text, counts))
    return tuple(notes)


def _material(interviews: Interviews, plan: InterviewsPlan) -> Result:
    return interview_material(interviews.codings, interviews.transcripts, interviews.codebook, notes=_notes(interviews))


def _keywords(interviews: Interviews, plan: InterviewsPlan) -> Result:
    without = interviewers(interviews.transcripts)
    return keywords(interviews.transcripts, plan.keywords, without=without, together=plan.whole_words)


_COMPUTE: Mapping[str, Callable[[Interviews, InterviewsPlan], Result]] = {
    "interview_material": _material,
    "code_agreement": lambda interviews, plan: interviews.agreement,
    "code_frequencies": lambda interviews, plan: interviews.frequencies,
    "informant_codes": lambda interviews, plan: interviews.informants,
    "co_occurrence": lambda interviews, plan: interviews.co_occurrence,
    "saturation": lambda interviews, plan: interviews.saturation,
    "keywords": _keywords,
}
