"""The interview guide to print: consent, who was asked when, and the questions with lines for notes."""

import io
from collections.abc import Mapping
from typing import Any, Literal

from docx import Document as open_docx
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from jinja2 import Environment, PackageLoader, StrictUndefined

from leadership_study.interviews.guide import ASPECTS, Guide
from leadership_study.reporting.formats import docx as word
from leadership_study.reporting.forms import _sheet_page as page
from leadership_study.reporting.forms._words import words_in

Format = Literal["docx", "html"]
_LINES = 2


def render(guide: Guide, *, language: str, format: Format = "docx", informant: str | None = None) -> bytes:
    """Return the guide as a Word document (A4) or an HTML page; equal guides give equal bytes.

    Parameters
    ----------
    language
        One of the guide's.
    informant
        Only the questions for these informants (default: all, each beginning a page).

    Raises
    ------
    ValueError
        A language or informant that the guide does not have.
    """
    if format not in ("docx", "html"):
        raise ValueError(f"The 'format' parameter of render must be one of 'docx', 'html'. Got {format!r} instead.")
    if language not in guide.title:
        known = ", ".join(guide.title)
        raise ValueError(f"The 'language' parameter of render must be one of {known}. Got {language!r} instead.")
    if informant is not None and informant not in guide.informants:
        known = ", ".join(guide.informants)
        raise ValueError(f"The 'informant' parameter of render must be one of {known}. Got {informant!r} instead.")
    words = words_in(language)
    told = {
        "title": guide.title[language],
        "minutes": words["guide"]["minutes"].format(minutes=guide.facts["minutes"]) if "minutes" in guide.facts else "",
        "consent": [line for line in guide.consent[language].strip().split("\n") if line.strip()],
        "parts": _parts(guide, language, words["guide"], [informant] if informant else list(guide.informants)),
    }
    return _html(told, words, language) if format == "html" else _docx(told, words, language)


def _parts(guide: Guide, language: str, words: Mapping[str, str], informants: list[str]) -> list[dict[str, Any]]:
    parts = []
    for who in informants:
        number, dimensions = 1, []
        for dimension, label in guide.dimensions.items():
            own = [one for one in guide.questions if (one.informant, one.dimension) == (who, dimension)]
            own.sort(key=lambda one: ASPECTS.index(one.aspect))
            questions = [
                {
                    "aspect": words[one.aspect],
                    "text": one.text[language],
                    "probes": [probe[language] for probe in one.probes],
                }
                for one in own
            ]
            if questions:
                dimensions.append({"title": label[language], "first": number, "questions": questions})
                number += len(questions)
        parts.append(
            {
                "title": words["questions_for"].format(informant=guide.informants[who][language]),
                "dimensions": dimensions,
            }
        )
    return parts


def _colon(language: str) -> str:
    return "：" if language.startswith("zh") else ": "


def _html(told: Mapping[str, Any], words: Mapping[str, Mapping[str, str]], language: str) -> bytes:
    environment = Environment(
        loader=PackageLoader("leadership_study.reporting.forms", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    template = environment.get_template("guide.html")
    shown = {**told, "words": words["guide"], "html_lang": words["page"]["html_lang"], "colon": _colon(language)}
    return template.render(**shown).encode()


def _docx(told: Mapping[str, Any], words: Mapping[str, Mapping[str, str]], language: str) -> bytes:
    own, colon = words["guide"], _colon(language)
    file = open_docx()
    page.set_up(file, words["page"])
    core = file.core_properties
    core.title, core.author, core.comments, core.language = told["title"], "", "", words["page"]["html_lang"]
    core.created = core.modified = word._EPOCH
    core.last_modified_by, core.revision = "", 1
    file.add_paragraph(told["title"], style="Title")
    if told["minutes"]:
        file.add_paragraph(told["minutes"], style="Scale label")
    file.add_heading(own["consent"], level=1)
    page.boxed([file.add_paragraph(text, style="Preface") for text in told["consent"]])
    for name in ("informant", "date", "interviewer"):
        line = file.add_paragraph(f"{own[name]}{colon}\t", style="Preface")
        line.paragraph_format.tab_stops.add_tab_stop(page.WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.LINES)
    for part in told["parts"]:
        file.add_heading(part["title"], level=1).paragraph_format.page_break_before = True
        for dimension in part["dimensions"]:
            file.add_paragraph(dimension["title"], style="Instruction").runs[0].bold = True
            for at, question in enumerate(dimension["questions"]):
                paragraph = file.add_paragraph(f"{dimension['first'] + at}.\t", style="Question")
                paragraph.add_run(question["aspect"]).bold = True
                paragraph.add_run(f"  {question['text']}")
                for probe in question["probes"]:
                    file.add_paragraph(
                        f"{own['probe']}{colon}{probe}", style="Options"
                    ).paragraph_format.keep_with_next = True
                for line_at in range(_LINES):
                    page.writing_line(file, last=line_at == _LINES - 1)
    word._drop_thumbnail(file)
    buffer = io.BytesIO()
    file.save(buffer)
    return word._same_bytes(buffer.getvalue())
