"""``leadership-study instrument``: a questionnaire out to paper and survey platforms, and a form back in."""

import argparse
import dataclasses
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadership_study.errors import InstrumentError, LeadershipStudyError
from leadership_study.study.checked import ID
from leadership_study.study.project import find_project
from leadership_study.study.store import write_file

if TYPE_CHECKING:
    from leadership_study.instruments import Instrument
    from leadership_study.results import Note

_TARGETS = {
    "paper": (".docx", "a paper form to hand out (Word)"),
    "xlsform": (".xlsx", "XLSForm, for KoboToolbox and ODK"),
    "limesurvey": (".txt", "LimeSurvey's tab-separated survey structure"),
    "qualtrics": (".txt", "Qualtrics' text format, in one language"),
    "codebook": (".html", "the codebook as a page"),
    "codebook-csv": (".csv", "the codebook as a table"),
    "ddi": (".xml", "the codebook as DDI-Codebook 2.5"),
}
_FORMATS = {
    "xlsform": "xlsform",
    "limesurvey": "limesurvey_tsv",
    "qualtrics": "qualtrics_txt",
    "codebook-csv": "codebook_csv",
    "ddi": "ddi_codebook",
}
_IN_ONE_LANGUAGE = ("paper", "codebook", "qualtrics")
_EPILOG = """\
examples:
  leadership-study instrument export school_district_head_leadership --to paper --language zh
  leadership-study instrument export school_district_head_leadership --to xlsform --output form.xlsx
  leadership-study instrument import form.xlsx --as my_questionnaire
"""

Commands = Any  # argparse's own type of a set of subcommands is private


def add_parser(commands: Commands) -> None:
    """Add ``instrument export`` and ``instrument import`` to the program's commands."""
    told = "a questionnaire to paper and survey platforms, and a form back in"
    parser = commands.add_parser(
        "instrument", help=told, description=f"Bring {told}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    targets = "; ".join(f"{name}: {what}" for name, (_, what) in _TARGETS.items())
    verb = verbs.add_parser(
        "export", help="write a questionnaire for others to use", description=f"Targets: {targets}."
    )
    verb.add_argument("name", metavar="NAME", help="a questionnaire in questionnaires/, or the path of its file")
    verb.add_argument("--to", required=True, choices=tuple(_TARGETS), help="what to write")
    verb.add_argument("--language", metavar="CODE", help="of paper, codebook, qualtrics (default: its first)")
    verb.add_argument(
        "--form", choices=("other", "self"), default="other", help="of paper: who is rated (default: other)"
    )
    verb.add_argument(
        "--order",
        choices=("mixed", "by_dimension"),
        default="mixed",
        help="of paper: order of the items (default: mixed)",
    )
    verb.add_argument(
        "--output", type=Path, metavar="PATH", help="the file to write (default: beside you, by its name)"
    )
    verb.add_argument("--replace", action="store_true", help="write over a file that is there")
    verb.set_defaults(do=export)
    verb = verbs.add_parser(
        "import", help="make a questionnaire of a form (XLSForm, LimeSurvey TSV or LSS, Qualtrics QSF)"
    )
    verb.add_argument("file", type=Path, metavar="FILE", help="the form")
    verb.add_argument("--as", dest="name", required=True, metavar="NAME", help="name of the questionnaire")
    verb.add_argument(
        "--language", nargs="+", metavar="CODE", help="keep only these; names the language of a form that does not"
    )
    verb.add_argument(
        "--draft", action="store_true", help="write it even when something must be added before it can be used"
    )
    verb.add_argument("--replace", action="store_true", help="write over a questionnaire that is there")
    verb.set_defaults(do=bring_in)


def export(options: argparse.Namespace) -> int:
    """Write a questionnaire in another format; say what the format cannot hold."""
    from leadership_study.instruments import load_instrument

    if options.language and options.to not in _IN_ONE_LANGUAGE:
        raise LeadershipStudyError(f"--to {options.to} holds all languages at once; leave out --language")
    instrument = load_instrument(options.name)
    content, notes = _content(instrument, options)
    path = options.output or Path(_name(instrument, options))
    _put(path, content, replace=options.replace)
    _say(f"{instrument.id}: written {path}", *_told(notes))
    return 0


def bring_in(options: argparse.Namespace) -> int:
    """Make a questionnaire of a form; say what was left out and what a form cannot tell."""
    from leadership_study.instruments import exchange
    from leadership_study.instruments.exchange._chosen import keep_languages
    from leadership_study.instruments.toml_writer import to_toml

    if not ID.fullmatch(options.name):
        raise LeadershipStudyError(
            f"{options.name!r} cannot be the name of a questionnaire: use letters, digits and underscores, and begin "
            "with a letter"
        )
    project = find_project()
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise LeadershipStudyError(f"{options.file} cannot be read: {error.strerror}; check the path") from None
    instrument, notes = exchange.read(data, file=options.file.name)
    if options.language:
        instrument = keep_languages(instrument, options.language)
        notes = tuple(note for note in notes if note.id not in ("language_not_named", "translations_missing"))
    instrument = dataclasses.replace(instrument, id=options.name)
    comments = (f"Made from the form {options.file.name}.", *(" ".join(str(note).split()) for note in notes))
    text = to_toml(instrument, comments=comments)
    gaps = _gaps(text, options.name)
    if gaps and not options.draft:
        message = (
            f"{options.file.name} cannot be used as a questionnaire yet, nothing was written. Keep only complete "
            "languages with --language, or write it with --draft and fill the gaps by hand:"
        )
        raise InstrumentError(message, gaps.problem_list)
    path = project.questionnaire_file(options.name)
    _put(path, text.encode(), replace=options.replace)
    _say(f"{options.name}: written {project.relative(path)}", *_told(notes))
    if gaps:
        _say("To be added before it can be used:", *(f"  {problem}" for problem in gaps.problem_list))
    return 0


def _content(instrument: "Instrument", options: argparse.Namespace) -> "tuple[bytes, tuple[Note, ...]]":
    language = options.language or instrument.languages[0]
    if options.to == "paper":
        from leadership_study.reporting.forms import paper

        return paper.render(instrument, language=language, form=options.form, order=options.order), ()
    if options.to == "codebook":
        from leadership_study.reporting.forms import codebook

        return codebook.render(instrument, language=language), ()
    if options.to == "qualtrics":
        from leadership_study.instruments.exchange import qualtrics_txt

        return qualtrics_txt.write(instrument, language=language)
    from leadership_study.instruments import exchange

    return exchange.write(instrument, _FORMATS[options.to])


def _name(instrument: "Instrument", options: argparse.Namespace) -> str:
    parts = [instrument.id, options.to.replace("-csv", "")]
    if options.to in _IN_ONE_LANGUAGE:
        parts.append(options.language or instrument.languages[0])
    if options.to == "paper" and options.form == "self":
        parts.append("self")
    return ".".join(parts) + _TARGETS[options.to][0]


def _gaps(text: str, name: str) -> InstrumentError | None:
    """Read the questionnaire back as it would be used; return what is still missing."""
    from leadership_study.instruments import load_instrument

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(text, encoding="utf-8", newline="\n")
        try:
            load_instrument(path)
        except InstrumentError as error:
            return error
    return None


def _put(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file beside its place and rename it; refuse to write over another one unless told."""
    if path.is_dir():
        raise LeadershipStudyError(f"{path} is a folder: give the name of a file")
    if path.exists() and not replace and path.read_bytes() != content:
        raise LeadershipStudyError(f"{path} is there already: choose another name, or write over it with --replace")
    write_file(path, content)


def _told(notes: "Iterable[Note]") -> list[str]:
    return [f"  Note: {note}" for note in notes]


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201
