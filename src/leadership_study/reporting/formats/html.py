"""The report as one HTML file: no script, no request, readable on a phone and on paper."""

import base64
from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from leadership_study.reporting.parts import Cell, Document, Figure, Link, Number, Spans, Symbol, Table

_TAGS = {"italic": "em", "subscript": "sub", "code": "code"}


def render(document: Document) -> bytes:
    """Return ``document`` as UTF-8 HTML; every number of the prose leads to the CSV that holds it."""
    return _filled("report.html", document)


def render_table(document: Document, table: Table) -> bytes:
    """Return one table as a page of its own."""
    return _filled("table.html", document, table=table)


def _filled(template: str, document: Document, table: Table | None = None) -> bytes:
    environment = Environment(
        loader=PackageLoader("leadership_study.reporting.formats", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        prose=lambda spans: _prose(document, spans),
        cell=_cell,
        bare=lambda spans: _joined(_plain_span(span) for span in spans),
        picture=_picture,
    )
    kinds = {"Paragraph": "paragraph", "Pairs": "pairs", "Table": "table", "Figure": "figure"}
    environment.globals.update(kind=lambda part: kinds[type(part).__name__])
    return environment.get_template(template).render(document=document, words=document.words, table=table).encode()


def _prose(document: Document, spans: Spans) -> Markup:
    return _joined(
        Markup('<span class="number" data-ref="{}" title="{}"><a href="{}">{}</a></span>').format(
            span.ref, _told(span), document.home(span.ref), span.text
        )
        if isinstance(span, Number)
        else _plain_span(span)
        for span in spans
    )


def _cell(cell: Cell) -> Markup:
    return _joined(
        Markup('<span data-ref="{}">{}</span>').format(span.ref, span.text)
        if isinstance(span, Number)
        else _plain_span(span)
        for span in cell.shown
    )


def _plain_span(span: object) -> Markup:
    match span:
        case Symbol():
            tag = Markup(_TAGS[span.style])
            return Markup("<{}>{}</{}>").format(tag, span.text, tag)
        case Link():
            return Markup('<a href="{}">{}</a>').format(span.href, span.text)
        case Number():
            return escape(span.text)
    return escape(span)


def _told(number: Number) -> str:
    value = float(number.value) if isinstance(number.value, float) else number.value
    return f"{number.ref} = {value}"


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _picture(figure: Figure) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg.encode()).decode()}"
