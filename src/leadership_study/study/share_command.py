"""``leadership-study share``: what may be passed on of a study; heavy imports wait."""

import argparse
from pathlib import Path
from typing import Any

from leadership_study.errors import LeadershipStudyError

_TOLD = "a bundle of a study that may be passed on, and a synthetic twin of it"
_EPILOG = """\
Written are two folders, each a project that 'leadership-study run' accepts:
  data   the answers, made so coarse that at least k respondents of a group share every combination of background
         answers; with --groups-unknown k respondents of all, which leaves more, and lets colleagues be found
  twin   simulated answers with the same thresholds, correlations, nesting and gaps; they are nobody's
Read the README.md of each before you pass it on.

example:
  leadership-study share school_district_heads --k 5 --out shared/school_district_heads
"""

Commands = Any  # argparse's own type of a set of subcommands is private


def add_parser(commands: Commands) -> None:
    """Add ``share`` to the program's commands."""
    parser = commands.add_parser(
        "share", help=_TOLD, description=f"Write {_TOLD}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("study", metavar="STUDY", help="name or plan file")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where it is written (default: shared/STUDY)")
    parser.add_argument("--k", type=int, default=5, help="respondents that share each combination (default 5)")
    parser.add_argument(
        "--known", nargs="+", metavar="QUESTION",
        help="background questions that others may know the answers to (default: all closed ones)",
    )  # fmt: skip
    parser.add_argument("--open-texts", action="store_true", help="pass on open answers too, masked; read them first")
    parser.add_argument("--keep-groups", action="store_true", help="leave schools and districts their names")
    parser.add_argument(
        "--groups-unknown", action="store_true",
        help="nobody who gets the answers can tell which school or district is which",
    )  # fmt: skip
    parser.add_argument("--only", choices=("data", "twin"), help="write one of the two")
    parser.add_argument("--seed", type=int, help="whole number (default: the study's)")
    parser.add_argument("--replace", action="store_true", help="write over files that are there")
    parser.set_defaults(do=main)


def main(options: argparse.Namespace) -> int:
    """Make the bundle and the twin, write them, and say what was changed; return the exit code."""
    from leadership_study.study.pipeline import Study
    from leadership_study.study.project import find_study
    from leadership_study.study.share import share
    from leadership_study.study.store import write_file

    if options.k < 2:
        raise LeadershipStudyError(f"--k must be a whole number of at least 2. Got {options.k} instead.")
    if options.seed is not None and options.seed < 0:
        raise LeadershipStudyError(f"--seed must be a whole number of at least 0. Got {options.seed} instead.")
    project, name = find_study(options.study)
    folder: Path = options.out if options.out is not None else project.root / "shared" / name
    if folder.exists() and not folder.is_dir():
        raise LeadershipStudyError(f"{folder} is a file: give the name of a folder")
    if not options.replace and folder.is_dir() and any(folder.iterdir()):
        raise LeadershipStudyError(f"{folder} is not empty: choose another folder, or write over it with --replace")
    shared = share(
        Study(project, name),
        k=options.k,
        known=options.known,
        open_texts=options.open_texts,
        keep_groups=options.keep_groups,
        groups_known=not options.groups_unknown,
        seed=options.seed,
    )
    for part, files in (("data", shared.data), ("twin", shared.twin)):
        if options.only in (None, part):
            for path, content in files.items():
                write_file(folder / part / path, content)
            _say(f"{name}: written {folder / part} ({len(files)} files)")
    for block, change in shared.answers.coarsened.items():
        alone = shared.alone[block]
        n = len(shared.answers.frames[block])
        _say(f"{name}: {block}: {n} respondents, k = {change.k}, {len(change.steps)} changes to the background")
        if change.dropped:
            _say(f"  nothing is left of: {', '.join(change.dropped)}")
            _say("  name with --known only the questions that others may know the answers to, and more is left")
            if not (options.groups_unknown or options.keep_groups):
                _say("  or say --groups-unknown, if nobody who gets the answers can tell which group is which")
        if alone:
            _say(f"  WARNING: {alone} can be found by who knows their group and their background")
        if hidden := {id: count for id, count in shared.answers.unnamed[block].items() if count}:
            told = ", ".join(f"{id} of {count}" for id, count in hidden.items())
            _say(f"  not told, because so few are in one: {told}")
    return 0


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201
