"""Figures: one module per analysis, named like it, with ``KINDS``, ``RESULTS`` and ``draw``.

``KINDS`` are the figures it offers, the first by default; ``RESULTS`` the classes it draws; ``draw(result, *, kind,
language, labels)`` returns a Figure. Where the result decides what there is to draw, ``kinds_of(result)`` says so.
Its words stand in ``texts/<language>.toml`` under its name.
"""

from collections.abc import Mapping
from types import ModuleType

from matplotlib.figure import Figure

from leadership_study.by_name import find, names
from leadership_study.reporting.figures import _style
from leadership_study.reporting.languages import load_language
from leadership_study.results import NotEstimated, Result


def plot(
    result: Result, kind: str | None = None, *, language: str = "en", labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw a result.

    Parameters
    ----------
    result : Result
        What an analysis returned.
    kind : str, optional
        Which figure, when the analysis has several; `kinds` lists them. The first by default.
    language : str
        Language of axes and legends.
    labels : mapping of str to str, optional
        Display texts of items, dimensions and groups by id, as from ``ScoredResponses.labels(language)``; with those
        of ``naming.names_of(...).in_rows``, reverse-keyed items are marked.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot; Jupyter shows it, and `save` gives its bytes.

    Raises
    ------
    ValueError
        When the result has no figure, or none of that kind.
    """
    module = _module_of(result)
    if module is None:
        if isinstance(result, NotEstimated):
            raise ValueError(f"There is nothing to draw: {result.reason}")
        known = ", ".join(names(__name__))
        raise ValueError(f"A {type(result).__name__} has no figure; results of these analyses have: {known}.")
    with _style.style():
        figure: Figure = module.draw(result, kind=kind, language=language, labels=labels)
        words = load_language(language)
        named = [text.get_text() for axes in figure.axes for text in axes.get_yticklabels()]
        if any(words.word("turned") in name for name in named):
            _style.note_below(figure, words.word("turned_figure"))
    if isinstance(figure, _style.Picture):
        captions = load_language(language).analysis(module.__name__.rpartition(".")[2]).get("figures", {})
        figure.alt = captions.get(kind or module.KINDS[0], {}).get("alt", "")
    return figure


def kinds(result: Result) -> tuple[str, ...]:
    """Return the kinds of figure that a result has, the default first; none for a result without figures."""
    module = _module_of(result)
    if module is None:
        return ()
    return tuple(module.kinds_of(result) if hasattr(module, "kinds_of") else module.KINDS)


def save(figure: Figure, *, notice: str = "") -> tuple[bytes, bytes]:
    """Return a figure as SVG and as PNG (220 dots per inch), a ``notice`` at its foot; equal figures, equal bytes."""
    if notice:
        _style.put_notice(figure, notice)
    return _style.as_svg(figure), _style.as_png(figure)


def _module_of(result: Result) -> ModuleType | None:
    if not isinstance(result, Result):
        raise TypeError(f"The 'result' parameter of plot must be a Result. Got {type(result).__name__} instead.")
    name = type(result).__module__.rpartition(".")[2]
    if name in names(__name__):
        module = find(__name__, name)
        return module if isinstance(result, module.RESULTS) else None
    if not name.startswith("_"):
        return None
    drawing = (find(__name__, known) for known in names(__name__))  # a result that stands beside its analysis
    return next((module for module in drawing if isinstance(result, module.RESULTS)), None)
