"""``leadership-study interviews``: the guide to print, the disagreements to decide, the project for other programs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study.errors import LeadershipStudyError
from leadership_study.study.instrument_command import _put
from leadership_study.study.project import find_project, find_study

if TYPE_CHECKING:
    from leadership_study.interviews import Guide

_EPILOG = """\
examples:
  leadership-study interviews guide school_district_heads_interviews --language zh
  leadership-study interviews guide school_district_heads_interviews --to html --informant head
  leadership-study interviews disagreements school_district_heads --output decisions.csv
  leadership-study interviews qdpx school_district_heads
"""

Commands = Any  # argparse's own type of a set of subcommands is private


def add_parser(commands: Commands) -> None:
    """Add ``interviews guide``, ``interviews disagreements`` and ``interviews qdpx`` to the program's commands."""
    told = "the guide on paper, disagreements to decide, and a REFI-QDA project for other programs"
    parser = commands.add_parser(
        "interviews", help=told, description=f"Interviews: {told}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    verb = verbs.add_parser("guide", help="write an interview guide to print")
    verb.add_argument("name", metavar="NAME", help="a guide in questionnaires/, or the path of its file")
    verb.add_argument("--to", choices=("docx", "html", "md"), default="docx", help="format (default: docx)")
    verb.add_argument("--language", metavar="CODE", help="default: the guide's first")
    verb.add_argument("--informant", metavar="ID", help="only the questions for these informants")
    verb.set_defaults(do=guide)
    _output(verb)
    verb = verbs.add_parser(
        "disagreements", help="write what the coders disagree about as a CSV file in which decisions are filled in"
    )
    verb.add_argument("name", metavar="STUDY", help="name or plan file")
    verb.set_defaults(do=disagreements)
    _output(verb)
    verb = verbs.add_parser("qdpx", help="write transcripts (with pseudonyms), codebook and codings as REFI-QDA")
    verb.add_argument("name", metavar="STUDY", help="name or plan file")
    verb.add_argument("--language", metavar="CODE", default="zh", help="of the codes (default: zh)")
    verb.set_defaults(do=qdpx)
    _output(verb)


def guide(options: argparse.Namespace) -> int:
    """Write a guide."""
    from leadership_study.interviews import read_guide

    path = Path(options.name)
    if path.suffix != ".toml":
        path = find_project().questionnaire_file(options.name)
    found = read_guide(path)
    language = options.language or next(iter(found.title))
    try:
        content = _content(found, options, language)
    except ValueError as error:
        raise LeadershipStudyError(str(error)) from None
    parts = [found.id, *([options.informant] if options.informant else []), language, options.to]
    output = options.output or Path(".".join(parts))
    _put(output, content, replace=options.replace)
    _say(f"{found.id}: written {output}")
    return 0


def disagreements(options: argparse.Namespace) -> int:
    """Write the disagreements that nobody has decided: places of the files as received, quotes that name nobody."""
    from leadership_study.study.interview_results import read_as_received
    from leadership_study.study.pipeline import Study

    study = Study(*find_study(options.name))
    text, count = read_as_received(study).decisions_to_make(key=study.interviews_key)
    output = options.output or Path(f"{study.plan.name}.decisions.csv")
    _put(output, text.encode("utf-8-sig"), replace=options.replace)
    _say(f"{study.plan.name}: {count} disagreements to decide, written {output}")
    return 0


def qdpx(options: argparse.Namespace) -> int:
    """Write the project."""
    from leadership_study.study.pipeline import Study

    study = Study(*find_study(options.name))
    data, lost = study.interviews().to_qdpx(name=study.plan.name, language=options.language)
    output = options.output or Path(f"{study.plan.name}.qdpx")
    _put(output, data, replace=options.replace)
    _say(f"{study.plan.name}: written {output}")
    for row in lost.reset_index().itertuples(index=False, name=None):
        _say("  not carried: " + ": ".join(str(value) for value in row))
    return 0


def _content(found: "Guide", options: argparse.Namespace, language: str) -> bytes:
    if options.to == "md":
        return found.to_markdown(language, informant=options.informant).encode()
    from leadership_study.reporting.forms import guide as form

    return form.render(found, language=language, format=options.to, informant=options.informant)


def _output(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--output", type=Path, metavar="PATH", help="the file to write (default: beside you, by its name)"
    )
    verb.add_argument("--replace", action="store_true", help="write over a file that is there")


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201
