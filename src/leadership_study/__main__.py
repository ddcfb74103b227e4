"""The command line: arguments, progress, exit codes; nothing else."""

import argparse
import atexit
import errno
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

# Sums depend in their last digits on how many threads share them. Set before numpy is loaded.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"

from leadership_study import __version__  # noqa: E402
from leadership_study.errors import LeadershipStudyError, ProjectError  # noqa: E402
from leadership_study.study import (  # noqa: E402
    instrument_command,
    interviews_command,
    options_command,
    power_command,
    share_command,
    simulate_command,
)
from leadership_study.study.project import Project, find_project, find_study  # noqa: E402

DONE, PROBLEMS, WRONG_USE, DEFECT, INTERRUPTED = 0, 1, 2, 3, 130

# What may be wrong with the places that a run reads and writes; in our own words where the system's do not say it.
_OF_THE_DISK = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT), ""),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR), "a file stands where a folder is needed; move it away"),
    errno.EISDIR: "a folder stands where a file is needed; move it away",
}

_EXAMPLES = """\
examples:
  leadership-study run                 every study in studies/
  leadership-study run lq2002          one study: data, results, report, notebooks
  leadership-study validate lq2002     only check the plan and the answers
  leadership-study report lq2002       only write the report again, from the stored results
  leadership-study list                the studies of this project, and which have changed since they were run
  leadership-study init my_study       begin a study of your own; it runs at once
  leadership-study init --from answers.xlsx    draft questionnaire and plan from a file of answers
  leadership-study options regression  what an analysis of a plan may be told
  leadership-study instrument export school_district_head_leadership --to paper --language zh
  leadership-study interviews guide school_district_heads_interviews --language zh
  leadership-study power t-test --d 0.5    how many respondents a comparison needs

exit codes: 0 done, 1 the plan or the answers have problems, 2 wrong use, 3 a defect of the program, 130 interrupted
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options))
    except KeyboardInterrupt:
        _complain("Interrupted; the next run takes it up where it was.")
        return INTERRUPTED
    except ProjectError as error:
        _complain(str(error))
        return WRONG_USE
    except LeadershipStudyError as error:
        _complain(_whole(error))
        return PROBLEMS
    except BrokenPipeError:  # whoever read our output has gone; nothing is left to say
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return DONE
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            return _defect()
        place = _in_the_way(error)
        _complain(f"{place} cannot be written or read: {_OF_THE_DISK[error.errno] or error.strerror}.")
        return PROBLEMS
    except Exception:
        return _defect()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="leadership-study",
        description="From a leadership questionnaire to the finished chapter, with every number bound to its result.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"leadership-study {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, do, told in (
        ("run", _run, "bring studies up to date: data, results, report, notebooks"),
        ("validate", _validate, "check plans and answers, show which column is which; change nothing"),
        ("report", _report, "write reports again from the stored results"),
    ):
        command = commands.add_parser(name, help=told, description=told.capitalize() + ".")
        command.add_argument("studies", nargs="*", metavar="STUDY", help="name or plan file (default: every study)")
        if name == "validate":
            told = "write the problems that are found to FILE too: a page (.html) or a table (.csv)"
            command.add_argument("--problems", type=Path, metavar="FILE", help=told)
        command.set_defaults(do=do)
    told = "list the studies of this project and their state: never run, not finished, changed or up to date"
    command = commands.add_parser("list", help=told, description=told.capitalize() + ".")
    command.set_defaults(do=_list)
    told = "begin a study: questionnaire, plan and simulated answers"
    command = commands.add_parser("init", help=told, description=told.capitalize() + ".")
    command.add_argument("name", metavar="NAME", nargs="?", help="letters, digits and underscores")
    command.add_argument("--from", dest="answers", metavar="FILE", type=Path, help="draft it from a file of answers")
    command.add_argument("--sheet", metavar="SHEET", help="the sheet of a workbook given with --from")
    command.set_defaults(do=_init, refuse=command.error)
    for module in (
        options_command,
        instrument_command,
        interviews_command,
        power_command,
        share_command,
        simulate_command,
    ):
        module.add_parser(commands)
    return parser


def _run(options: argparse.Namespace) -> int:
    _give_matplotlib_a_place()
    from leadership_study.study.complete import run_study
    from leadership_study.study.progress import Display

    def run_one(project: Project, name: str) -> None:
        with Display(name) as display:
            outcome = run_study(project, name, display.show)
        if outcome.unchanged:
            _say(f"{name}: unchanged; everything is up to date in reports/{name}/ and data/processed/{name}/")
            return
        _say(f"{name}: {len(outcome.computed)} computed{_listed(outcome.computed)}")
        _say(f"{name}: {len(outcome.reused)} reused{_listed(outcome.reused)}")
        if outcome.not_estimated:
            count = len(outcome.not_estimated)
            _say(f"{name}: {count} not estimated, the report says why{_listed(outcome.not_estimated)}")
        _say(f"{name}: written", *(f"  {path}" for path in outcome.written))

    return _each(options.studies, run_one)


def _validate(options: argparse.Namespace) -> int:
    def validate_one(project: Project, name: str) -> None:
        from leadership_study.study.columns import column_lines
        from leadership_study.study.evidence import read_said
        from leadership_study.study.pipeline import Study
        from leadership_study.study.problem_files import write_problems

        try:
            study = Study(project, name)
            study.setting()
            if study.plan.interviews:
                _say(f"{name}: {study.interviews()}", *(f"  {told}" for told in study.interviews().problems["message"]))
            if study.plan.synthesis:
                read_said(study)
            if not study.plan.has_survey:
                _say(f"{name}: the plan, the interviews and the tables of the setting are in order")
                return
            validated, scored = study.validated(), study.scored()
        except LeadershipStudyError as error:
            if options.problems is not None:
                write_problems(options.problems, error)
            raise
        for warning in study.warnings():
            _say(f"{name}: WARNING: {warning}")
        _say(f"{name}: the plan and the answers fit the questionnaire")
        _say(*(f"  {line}" for line in column_lines(validated.sources)))
        _say(*(f"  {line}" for line in validated.flow.to_string().splitlines()))
        for note in (*validated.notes, *scored.notes):
            _say(f"  Note: {note}")

    return _each(options.studies, validate_one)


def _report(options: argparse.Namespace) -> int:
    _give_matplotlib_a_place()

    def report_one(project: Project, name: str) -> None:
        from leadership_study.study.pipeline import Study
        from leadership_study.study.progress import Display

        study = Study(project, name)
        with Display(name) as display:
            written = study.report(study.stored(), display.show)
        _say(f"{name}: written", *(f"  {path}" for path in written))

    return _each(options.studies, report_one)


def _list(options: argparse.Namespace) -> int:
    from leadership_study.errors import PlanError
    from leadership_study.study import provenance
    from leadership_study.study.checked import read_toml

    project = find_project()
    names = project.studies()
    width = max((len(name) for name in names), default=0)
    for name in names:
        path = project.study_file(name)
        try:
            title = read_toml(path, project.relative(path)).get("title")
        except PlanError as error:
            title = f"({error.problem_list[0]})"
        if isinstance(title, dict):
            title = title.get("en", next(iter(title.values()), ""))
        _say(f"{name:<{width}}  {provenance.state(project, name):<12}  {title or ''}".rstrip())
    if not names:
        _say("There are no studies yet: begin one with 'leadership-study init NAME'.")
    return DONE


def _init(options: argparse.Namespace) -> int:
    from leadership_study.study.scaffold import create_study

    try:
        project = find_project()
    except ProjectError:  # the first study makes the project
        project = Project(Path.cwd())
    if options.answers is not None:
        return _draft(project, options)
    if options.name is None:
        options.refuse("the following arguments are required: NAME, or --from FILE")
    written = create_study(project, options.name)
    _say(f"{options.name}: written", *(f"  {path}" for path in written))
    _say(f"Run it with: leadership-study run {options.name}")
    return DONE


def _draft(project: Project, options: argparse.Namespace) -> int:
    from leadership_study.study.draft import draft_study

    draft = draft_study(project, options.name, options.answers, sheet=options.sheet)
    _say("Written", *(f"  {path}" for path in draft.written))
    _say("What the file could not say is marked with ?; fill in:", *(f"  {text}" for text in draft.questions))
    _say("Then check it with: leadership-study validate " + Path(draft.written[1]).stem)
    return DONE


def _give_matplotlib_a_place() -> None:
    """Where the home folder cannot be written, give matplotlib a folder for its settings before it warns of it."""
    if "MPLCONFIGDIR" in os.environ:
        return
    for variable, usual in (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache")):
        place = Path(os.environ.get(variable) or Path(os.path.expanduser("~")) / usual) / "matplotlib"
        try:
            place.mkdir(parents=True, exist_ok=True)
            usable = os.access(place, os.W_OK)
        except OSError:
            usable = False
        if not usable:
            folder = tempfile.mkdtemp(prefix="leadership-study-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            os.environ["MPLCONFIGDIR"] = folder
            return


def _each(given: Sequence[str], do: Callable[[Project, str], None]) -> int:
    """Do something for each study named, or for every one; a study with problems does not stop the others."""
    if given:
        studies = list(dict.fromkeys(find_study(name) for name in given))
    else:
        project = find_project()
        studies = [(project, name) for name in project.studies()]
        if not studies:
            _say("There are no studies yet: begin one with 'leadership-study init NAME'.")
    code = DONE
    for project, name in studies:
        try:
            do(project, name)
        except ProjectError:
            raise
        except LeadershipStudyError as error:
            _complain(f"{name}: {_whole(error)}")
            code = PROBLEMS
    return code


def _listed(names: Sequence[str]) -> str:
    return f": {', '.join(names)}" if names else ""


def _whole(error: LeadershipStudyError) -> str:
    """Return the message with all its problems; printing is no place to leave some out."""
    problems = getattr(error, "problem_list", ())
    return "\n".join([getattr(error, "message", str(error)), *(f"  {problem}" for problem in problems)])


def _in_the_way(error: OSError) -> str:
    """Name the file of an error, or the file that stands where a folder above it should be."""
    if not isinstance(error.filename, str):
        return "A file"
    folders = Path(error.filename).parents
    return str(next((folder for folder in folders if folder.is_file()), error.filename))


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201


def _complain(text: str) -> None:
    sys.stdout.flush()
    print(text, file=sys.stderr)  # noqa: T201


def _defect() -> int:
    handle, path = tempfile.mkstemp(prefix="leadership-study-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(traceback.format_exc())
    _complain(f"This is a defect of the program, not of your study: please report it with the log {path}")
    return DEFECT


if __name__ == "__main__":
    sys.exit(main())
