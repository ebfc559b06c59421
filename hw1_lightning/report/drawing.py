"""Draws a chart as SVG that uses the colours and the font of its page."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = npt.NDArray[np.float64]

# Okabe and Ito's colours, which colour-blind readers can distinguish, with their yellow and black replaced by shades
# that are visible on white. In the chart they become variables of the page, which has a lighter set for dark mode.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6A00", "#444444")
# Lengths of strokes and gaps, in line widths; they distinguish lines of the same colour.
DASHES: tuple[tuple[float, ...], ...] = ((), (4.5, 1.8), (1.2, 1.2), (6, 1.6, 1.2, 1.6))
INK, GRID = "#123456", "#654321"
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
WIDTH = 1.7  # of a line, in points
SIZE = (4.3, 2.8)  # inches: at 350 to 500 pixels, letters have about the size of the caption
STYLE: Any = {  # matplotlib's type would list every key
    "svg.fonttype": "none",
    "font.sans-serif": ["DejaVu Sans"],  # for the layout; the page replaces it by its own font
    "font.size": 9.5,
    "axes.edgecolor": GRID,
    "axes.unicode_minus": False,
    **dict.fromkeys(("text.color", "xtick.labelcolor", "ytick.labelcolor"), INK),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "axes.spines.left"), False),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size", "ytick.minor.size"), 0),
}


@dataclass(frozen=True)
class Line:
    """A median with its band.

    Args:
        index: position of its condition in the study, which determines colour and dashes.
        epochs, middle, low, high: one value for each epoch; NaN leaves a gap.
    """

    index: int
    epochs: Array
    middle: Array
    low: Array
    high: Array


def line_style(index: int) -> tuple[int, tuple[float, ...]]:
    """Return the colour's number and the dashes of a condition's line; the first 32 conditions all differ."""
    return index % len(COLOURS), DASHES[(index + index // len(COLOURS)) % len(DASHES)]


def is_logarithmic(middles: Sequence[Array]) -> bool:
    """Return whether the values are positive and span more than a factor of ten."""
    values = np.concatenate(middles)
    values = values[np.isfinite(values)]
    return bool(len(values) and values.min() > 0 and values.max() > 10 * values.min())


def draw(lines: Sequence[Line], logarithmic: bool, name: str, texts: Mapping[str, str]) -> str:
    """Draw lines over epochs.

    Args:
        lines: at least one.
        logarithmic: whether the vertical axis is logarithmic.
        name: makes the chart's ids unique on the page.
        texts: ``title`` and ``desc`` for readers who cannot see it; escaped here.

    Returns:
        An ``<svg>`` element, which is the same for the same arguments.
    """
    import matplotlib as mpl  # imported late because only reports draw

    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.subplots()
        _scale(axes, lines, logarithmic)
        for line in lines:
            _plot(axes, line)
        axes.set_xlabel("epoch", color=INK)
        axes.grid(color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata=NO_METADATA)
    return _for_a_page(file.getvalue(), name, texts)


def _plot(axes: "Axes", line: Line) -> None:
    colour, dashes = line_style(line.index)
    style: Any = {"linestyle": (0, dashes) if dashes else "-", "marker": "o" if len(line.epochs) == 1 else ""}
    if (line.high > line.low).any():
        axes.fill_between(line.epochs, line.low, line.high, color=COLOURS[colour], alpha=0.16, linewidth=0)
    axes.plot(line.epochs, line.middle, color=COLOURS[colour], linewidth=WIDTH, **style)


def _scale(axes: "Axes", lines: Sequence[Line], logarithmic: bool) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    last = max(line.epochs[-1] for line in lines)
    axes.set_xlim(1 - 0.02 * last, 1.02 * last)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    if not logarithmic:
        return
    least = np.nanmin(np.concatenate([line.middle for line in lines]))
    most = np.nanmax(np.concatenate([line.high for line in lines]))
    axes.set_yscale("log", nonpositive="clip")
    axes.set_ylim(least / 1.3, most * 1.15)  # a band may reach zero, which a logarithmic axis cannot show
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if most < 300 * least else (1,), numticks=8))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _for_a_page(svg: str, name: str, texts: Mapping[str, str]) -> str:
    """Adapt the chart to the colours, font and width of the page, and add its description."""
    root = ElementTree.fromstring(svg)
    for attribute in ("width", "height", "version"):
        del root.attrib[attribute]
    for element in root.iter():
        if element.tag == f"{{{SVG}}}g":
            element.attrib.pop("id", None)  # the same in every figure of the page
        if "d" in element.attrib:
            element.set("d", " ".join(map(_rounded, element.attrib["d"].split())))
    root.attrib |= {"role": "img", "aria-labelledby": " ".join(f"{name}-{part}" for part in texts)}
    for place, (part, text) in enumerate(texts.items()):
        described = ElementTree.Element(f"{{{SVG}}}{part}", id=f"{name}-{part}")
        described.text = text
        root.insert(place, described)
    page = ElementTree.tostring(root, encoding="unicode").replace(INK, "var(--ink)").replace(GRID, "var(--line)")
    for index, colour in enumerate(COLOURS):
        page = page.replace(colour.lower(), f"var(--series-{index})")
    return page


def _rounded(part: str) -> str:
    """Round a coordinate to a tenth of a point: further digits are invisible, and most of the file."""
    return f"{float(part):.1f}" if "." in part else part
