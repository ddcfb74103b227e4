"""Reading the interviews of a study: files of every kind, checked against each other."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from glob import glob
from pathlib import Path
from typing import Literal

from leadership_study.errors import ImportFormatError, Problem, _WithProblems
from leadership_study.interviews._options import one_of
from leadership_study.interviews._problems import Problems
from leadership_study.interviews.adjudication import Decision, check_decisions, read_adjudication
from leadership_study.interviews.codebook import Codebook, read_codebook
from leadership_study.interviews.codings import Coding, check_codings, codings_frame, read_codings
from leadership_study.interviews.interviews import Interviews
from leadership_study.interviews.qualcoder import read_qualcoder
from leadership_study.interviews.refi_qda import read_qdpx
from leadership_study.interviews.transcripts import Transcript, read_transcript
from leadership_study.interviews.translations import Translation, read_translations, translations_frame
from leadership_study.interviews.units import UNITS, Unit

Paths = str | Path | Iterable[str | Path]


def read_interviews(
    transcripts: Paths,
    codings: Paths = (),
    codebook: str | Path | Codebook | None = None,
    *,
    unit: Unit = "segment",
    coded_by: Mapping[str, Collection[str]] | None = None,
    adjudication: str | Path | None = None,
    translations: Paths = (),
) -> Interviews:
    """Read transcripts, codings and codebook, and check them against each other.

    Parameters
    ----------
    transcripts
        Paths or patterns (``interviews/transcripts/*.txt``) of ``.txt``, ``.md``, ``.docx``, ``.srt``, ``.vtt``; or one
        REFI-QDA project (``.qdpx``) or QualCoder project (folder ``.qda``), which brings codings and codebook along.
    codings
        CSV files (transcript, coder, start, end, code, memo), or Taguette's export of highlights.
    codebook
        TOML, ``.qdc``, or another program's list of codes; or a `Codebook`.
    unit : {"segment", "sentence", "character"}
        What agreement compares.
    coded_by
        Transcript → coders who worked on it, for those who found nothing there. Without, a coder who gave no code in a
        transcript is taken not to have worked on it, which ``.problems`` says.
    adjudication
        The record of what was decided about disagreements (`read_adjudication`). With it frequencies, co-occurrence,
        informants and saturation count the final codings: what all gave and what was kept.
    translations
        CSV files with quotes in other languages: transcript, start, end, language, text.

    Returns
    -------
    Interviews

    Raises
    ------
    ImportFormatError
        Everything that is wrong with all files, at once, as a table in ``.problems``.
    """
    one_of("unit", "read_interviews", unit, UNITS)
    problems = Problems()
    found: dict[str, Transcript] = {}
    given: list[Coding] = []
    book = codebook if isinstance(codebook, Codebook) else None
    for path in _paths(transcripts, problems):
        with _Gather(problems):
            if path.suffix.lower() in (".qdpx", ".qda"):
                project = read_qdpx(path) if path.suffix.lower() == ".qdpx" else read_qualcoder(path)
                problems.warnings += project.problems.warnings
                given += project.codings
                book = project.codebook if book is None and len(project.codebook) else book
                # Coders may each hand in their own project of the same texts.
                new: Iterable[Transcript] = [
                    one for one in project.transcripts if one.id not in found or found[one.id].text != one.text
                ]
            else:
                new = [read_transcript(path)]
            for one in new:
                if one.id in found:
                    message = f"the id {one.id!r} is also that of {found[one.id].source}"
                    problems.error(path.name, "duplicate_transcript", message, "give each transcript its own id")
                found.setdefault(one.id, one)
    if codebook is not None and not isinstance(codebook, Codebook):
        with _Gather(problems):
            book = read_codebook(codebook)
    for path in _paths(codings, problems):
        with _Gather(problems):
            given += read_codings(path, found)
    spoken: list[Translation] = []
    for path in _paths(translations, problems):
        with _Gather(problems):
            spoken += read_translations(path)
    decisions: list[Decision] = []
    if adjudication is not None:
        with _Gather(problems):
            decisions = read_adjudication(adjudication)
    kept = check_codings(given, found, book, problems)
    other = translations_frame(spoken, found, problems)
    worked: dict[str, set[str]] = {}
    for coding in kept:
        worked.setdefault(coding.transcript, set()).add(coding.coder)
    for name, coders in (coded_by or {}).items():
        if name not in found:
            problems.error("coded_by", "unknown_transcript", f"there is no transcript {name!r}", "correct the id")
        worked.setdefault(name, set()).update(coders)
    problems.refuse("What was given as interviews")
    said = coded_by or {}
    read = Interviews(
        transcripts=found,
        codebook=book,
        codings=codings_frame(kept, found),
        problems=_WithProblems("", []).to_frame(),
        worked={name: frozenset(coders) for name, coders in worked.items()},
        unit=unit,
        translations=other,
    )
    decided = None
    if adjudication is not None:
        known = read.disagreements(unit="segment")
        decided = check_decisions(decisions, known, found, book, problems, Path(adjudication).name)
        problems.refuse("What was given as interviews")
    warnings = [
        one for one in problems.warnings
        if not (one.rule == "coder_absent" and one.value in said.get(one.respondent_id or "", ()))
    ]  # fmt: skip
    return replace(read, problems=_WithProblems("", warnings).to_frame(), adjudication=decided)


class _Gather:
    """Collects what a file's reading refuses, so that the other files are read too."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> Literal[False] | bool:
        if not isinstance(error, ImportFormatError):
            return False
        if error.problem_list:
            self.problems.errors += error.problem_list
        else:
            self.problems.errors.append(Problem(file="", rule="unreadable", message=error.message, remedy="correct it"))
        return True


def _paths(given: Paths, problems: Problems) -> list[Path]:
    listed = [given] if isinstance(given, str | Path) else list(given)
    found: list[Path] = []
    for entry in listed:
        if any(sign in str(entry) for sign in "*?[") and not Path(entry).exists():
            matches = sorted(glob(str(entry), recursive=True))
            if not matches:
                problems.error(Path(entry).name, "no_files", "no file matches this pattern", "correct the path")
            found += [Path(match) for match in matches]
        else:
            found.append(Path(entry))
    return list(dict.fromkeys(found))
