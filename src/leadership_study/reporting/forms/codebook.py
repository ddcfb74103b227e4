"""The codebook as one HTML page; as CSV it is `leadership_study.instruments.exchange.codebook_csv`."""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from leadership_study.instruments.exchange._variables import Variable, variables
from leadership_study.instruments.exchange.codebook_csv import scored_as
from leadership_study.instruments.model import Instrument
from leadership_study.reporting.forms._words import check_language, words_in

_PARTS = ("item", "form", "background", "attention_check", "open_question")


def render(instrument: Instrument, *, language: str) -> bytes:
    """Return the codebook as an HTML page in UTF-8: facts, dimensions, and one row a variable.

    Each variable has its id (the column of the data), its wording (also about oneself), its dimension, its values with
    their labels, its keying, and when it is asked. The page needs no script and no other file.

    Raises
    ------
    InstrumentError
        The language is not one of the questionnaire's.
    """
    check_language(instrument, language)
    words = words_in(language)
    environment = Environment(
        loader=PackageLoader("leadership_study.reporting.forms", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    told = variables(instrument)
    parts = {part: [_row(instrument, one, language, words) for one in told if one.part == part] for part in _PARTS}
    page = environment.get_template("codebook.html").render(
        words=words["codebook"],
        html_lang=words["page"]["html_lang"],
        instrument=instrument,
        language=language,
        title=instrument.title[language],
        n=len(told),
        parts={part: rows for part, rows in parts.items() if rows},
        form_labels=", ".join(form.label.get(language, form.id) for form in instrument.forms),
    )
    return page.encode()


def _row(
    instrument: Instrument, variable: Variable, language: str, words: Mapping[str, Mapping[str, str]]
) -> Mapping[str, object]:
    own = words["codebook"]
    keying = ""
    if variable.part == "item":
        formula = scored_as(instrument, variable).replace("-", "−")
        keying = own["reverse_keyed"].format(formula=formula) if variable.reverse_keyed else own["plain_keyed"]
    dimension = (
        instrument.dimension(variable.dimension).label.get(language, variable.dimension) if variable.dimension else ""
    )
    return {
        "id": variable.id,
        "text": variable.text.get(language, ""),
        "self_text": variable.self_text.get(language, ""),
        "dimension": dimension,
        "kind": own[variable.kind] if variable.kind else "",
        "values": [(value, text.get(language, "")) for value, text in variable.values],
        "keying": keying,
        "reversed": variable.reverse_keyed,
        "scale": variable.response_scale,
        "expected": variable.expected,
        "asked_if": variable.relevant,
    }
