"""How every figure looks: one font for both languages, a colour-blind-safe palette, no global state.

Figures are made without pyplot. `Picture` carries the style with it, so that drawing later, by whoever, gives the same
picture; it shows itself in Jupyter.
"""

import functools
import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Literal

import matplotlib
import pylopdf_fonts_zh_cn
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from leadership_study.errors import LeadershipStudyError
from leadership_study.reporting.naming import short

WIDTH = 7.0
"""Width of a figure in inches: the text of an A4 page with margins of 1.25 inches, and a little more."""

SCREEN_DPI, PRINT_DPI = 110, 220

INK, QUIET, GRID = "#1f2328", "#5c636a", "#e3e6e8"
BLUE, ORANGE, GREEN, PURPLE, SKY, GOLD = "#0072b2", "#d55e00", "#009e73", "#9a5b8f", "#56b4e9", "#b8860b"
"""Okabe and Ito's colours, purple and yellow darkened so that thin marks stay visible on white."""

SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, GOLD)
MARKERS = ("o", "s", "D", "^", "v", "P")
"""Series differ in colour and in marker: a black-and-white print can still be read."""

DIVERGING = LinearSegmentedColormap.from_list(
    "leadership_diverging", ["#a8480b", "#d9803c", "#f2c49b", "#f7f7f7", "#a5cbe3", "#4291c2", "#0b5a92"]
)
ANSWERS = LinearSegmentedColormap.from_list(
    "leadership_answers", ["#a8480b", "#e3a06c", "#d3d7da", "#7fb2d6", "#0b5a92"]
)
"""From disagreement to agreement; the neutral middle is grey, which white paper does not swallow."""

SEQUENTIAL = LinearSegmentedColormap.from_list("leadership_sequential", ["#eaf2f8", "#a5cbe3", "#4291c2", "#08406b"])

_STYLE: dict[str, Any] = {
    "figure.dpi": SCREEN_DPI,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "font.family": ["Noto Sans SC", "DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelsize": 9.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.grid": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "text.color": INK,
    "mathtext.fontset": "custom",
    **dict.fromkeys((f"mathtext.{cut}" for cut in ("rm", "it", "sf", "tt", "bf", "bfit", "cal")), "Noto Sans SC"),
    "lines.linewidth": 1.6,
    "lines.markersize": 5.0,
    "savefig.dpi": PRINT_DPI,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",  # the reader's machine need not have the font
    "svg.hashsalt": "leadership_study",
    "path.simplify": False,
}


@functools.cache
def _load_font() -> None:
    font_manager.fontManager.addfont(str(pylopdf_fonts_zh_cn.sans_path()))


@contextmanager
def style() -> Iterator[None]:
    """Context in which figures are made and drawn; afterwards the user's own settings are back."""
    _load_font()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)  # type: ignore[arg-type]
        yield


class Picture(Figure):
    """A figure that keeps this package's style when it is drawn, and that Jupyter shows."""

    alt = ""
    """What the figure shows, for those who cannot see it."""

    def draw(self, renderer: Any) -> None:
        """Draw with this package's style, whatever the user's settings."""
        with style():
            super().draw(renderer)

    def settle(self) -> None:
        """Lay the figure out, once: laid out again, at another resolution, everything would move by a hair."""
        if isinstance(self.get_layout_engine(), ConstrainedLayoutEngine):
            self.draw_without_rendering()
            self.set_layout_engine("none")

    def _repr_png_(self) -> tuple[bytes, dict[str, int | str]]:
        width, height = self.get_size_inches()
        shown: dict[str, int | str] = {"width": round(width * SCREEN_DPI), "height": round(height * SCREEN_DPI)}
        return as_png(self, dpi=2 * SCREEN_DPI), shown | ({"alt": self.alt} if self.alt else {})


def new(height: float, *, width: float = WIDTH, columns: int = 1, rows: int = 1, **options: Any) -> tuple[Picture, Any]:
    """Return a picture and its axes (an array when there are several); sizes are in inches."""
    figure = Picture(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def put_notice(figure: Figure, text: str) -> None:
    """Put a line at the foot of the figure, below all else, such as that its data are simulated."""
    if below := figure.get_supxlabel():  # keeps its place: the notice becomes its last line
        label = next(entry for entry in figure.texts if entry.get_text() == below)
        label.set_text(f"{below}\n{text}")
        return
    with style():
        figure.supxlabel(text, x=0.995, ha="right", fontsize=7.5, color=QUIET)


def as_png(figure: Figure, *, dpi: int = PRINT_DPI) -> bytes:
    """Return the figure as PNG: equal figures give equal bytes."""
    stream = io.BytesIO()
    with style():
        if isinstance(figure, Picture):
            figure.settle()
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def as_svg(figure: Figure) -> bytes:
    """Return the figure as SVG with its text as outlines: equal figures give equal bytes."""
    stream = io.BytesIO()
    with style():
        if isinstance(figure, Picture):
            figure.settle()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


@functools.cache
def words(analysis: str, language: str) -> Mapping[str, str]:
    """Return the words of the figures of one analysis.

    Raises
    ------
    LeadershipStudyError
        When there is no file of that language.
    """
    file = files(__package__) / "texts" / f"{language}.toml"
    if not file.is_file():
        raise LeadershipStudyError(
            f"Figures have no words for the language {language!r}; add reporting/figures/texts/{language}.toml."
        )
    texts = tomllib.loads(file.read_text(encoding="utf-8"))
    return dict(texts[analysis])


def chosen(kind: str | None, kinds: Sequence[str], analysis: str) -> str:
    """Return the kind to draw: the first when none is asked for.

    Raises
    ------
    ValueError
        When the analysis has no such figure.
    """
    if kind is None:
        return kinds[0]
    if kind not in kinds:
        known = ", ".join(repr(name) for name in kinds)
        raise ValueError(f"The 'kind' parameter of plot must be one of {known} for {analysis}. Got {kind!r} instead.")
    return kind


def shown(ids: Iterable[Any], labels: Mapping[str, str] | None) -> list[str]:
    """Return the display texts of ``ids``; one without a label is shown as itself."""
    return [(labels or {}).get(str(name), str(name)) for name in ids]


def text_width(text: str) -> int:
    """Return the width of ``text`` in Latin letters; a Chinese character counts as two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def item_names(ids: Iterable[Any], labels: Mapping[str, str] | None, *, width: int, with_ids: bool = True) -> list[str]:
    """Return one line for each item: its id, and as much of its wording as ``width`` letters hold."""
    names = []
    for name in map(str, ids):
        wording = (labels or {}).get(name, name)
        line = wording if not with_ids or wording.startswith(name) else f"{name}  {wording}"
        names.append(short(line, width))
    return names


def wrapped(text: str, width: int) -> str:
    """Break ``text`` into lines of about ``width`` Latin letters; a Chinese character counts as two."""
    lines, line, used = [], "", 0
    pieces = [piece + " " for piece in text.split(" ")]
    if any(ord(letter) > 0x2E80 for letter in text):
        pieces = list(text)
    for piece in pieces:
        size = text_width(piece)
        if line and used + size > width + 1:
            lines.append(line.rstrip())
            line, used = "", 0
        line, used = line + piece, used + size
    return "\n".join([*lines, line.rstrip()])


def rows_height(count: int, *, frame: float = 1.0, each: float = 0.24, most: float = 9.0) -> float:
    """Return a height in inches for ``count`` rows: never higher than a page, never too flat to read."""
    return min(max(frame + each * count, 2.0), most)


def note_below(figure: Figure, text: str) -> None:
    """Print a note at the foot of a figure."""
    figure.supxlabel(wrapped(text, 120), x=0.012, ha="left", fontsize=7.5, color=QUIET)


def font_for(count: int, *, room: float, largest: float = 8.5) -> float:
    """Return the font size at which ``count`` rows fit into ``room`` inches."""
    return max(3.5, min(largest, 72 * room / max(count, 1) * 0.72))


def light_grid(axes: Axes, axis: Literal["x", "y"] = "x") -> None:
    """Draw faint lines along one axis and take away the other's ticks."""
    axes.grid(visible=True, axis=axis)
    other: Literal["x", "y"] = "y" if axis == "x" else "x"
    axes.tick_params(axis=other, length=0)
    axes.spines["left" if axis == "x" else "bottom"].set_visible(False)


def intervals(
    axes: Axes, at: Sequence[float], values: Any, low: Any, high: Any, *, color: str = BLUE, marker: str = "o",
    label: str | None = None, filled: bool = True,
) -> None:  # fmt: skip
    """Draw estimates as points with horizontal intervals; a missing interval leaves the point alone."""
    axes.hlines(at, low, high, color=color, linewidth=1.6)
    axes.plot(values, at, linestyle="none", marker=marker, color=color, markersize=5.5, label=label,
              markerfacecolor=color if filled else "white", markeredgewidth=1.3)  # fmt: skip


def benchmark(axes: Axes, value: float, label: str, *, axis: str = "x") -> None:
    """Draw a conventional limit as a dashed line, for the legend to name."""
    draw = axes.axvline if axis == "x" else axes.axhline
    draw(value, color=INK, linewidth=1.0, linestyle=(0, (5, 3)), label=label, zorder=1.5)


def rows_on_y(axes: Axes, texts: Sequence[str], *, size: float | None = None) -> None:
    """Label one row per text, the first on top."""
    axes.set_yticks(range(len(texts)), texts, fontsize=size)
    axes.set_ylim(len(texts) - 0.4, -0.6)


def percent(level: Any) -> str:
    """Return a confidence level or quantile as a percentage: .95 is 95."""
    return f"{float(level) * 100:g}"


def unzeroed(axes: Axes, axis: str = "x") -> None:
    """Print the ticks of an axis of coefficients up to 1 as APA does: .7, not 0.7."""

    def tick(value: float, _: float) -> str:
        text = f"{value:.10g}".replace("-", "−")
        return text.replace("0.", ".", 1) if text.lstrip("−").startswith("0.") else text

    (axes.xaxis if axis == "x" else axes.yaxis).set_major_formatter(tick)


def legend_above(axes: Axes, *, columns: int) -> None:
    """Put the legend over the axes, at their left edge."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.3, handlelength=1.6,
                columnspacing=1.6, handletextpad=0.6)  # fmt: skip


def ink_on(color: Any) -> str:
    """Return black or white, whichever can be read on ``color``."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color[:3])
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.3 else "white"
