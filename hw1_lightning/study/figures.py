"""Curves of a study as vector pictures: mean over seeds with a 95 % band, one line a condition."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hw1_lightning.study.results import StudyResults
from hw1_lightning.study.statistics import t_quantile

CAPTIONS = {
    "train/loss": "Training loss, mean over the minibatches of an epoch",
    "val/loss": "Validation loss after each epoch",
    "train/accuracy": "Training accuracy after each epoch, dropout off",
    "val/accuracy": "Validation accuracy after each epoch",
    "weights/l2_norm": "Euclidean norm of all weights after each epoch",
    "val/r2": "Share of the validation targets' variance that is explained, R\N{SUPERSCRIPT TWO}",
    "train/excess_loss": "Training loss above the least that is possible",
}
# Okabe and Ito's colours, which colour-blind readers can tell apart; the page has a lighter set for dark backgrounds.
# Written into the picture, they are replaced by the page's variables.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6A00", "#444444")
DASHES: Sequence[Any] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
INK, GRID = "#123456", "#654321"


@dataclass(frozen=True)
class Figure:
    """A picture with what must stand beside it.

    Args:
        metric: what it shows.
        svg: the picture, to stand inside a page.
        caption: what it shows, in words.
        alternative: what it looks like, for those who cannot see it.
    """

    metric: str
    svg: str
    caption: str
    alternative: str


def figures(results: StudyResults) -> list[Figure]:
    """Draw every metric that was logged.

    Args:
        results: the study.

    Returns:
        A figure a metric, in a fixed order.
    """
    return [made for metric, caption in CAPTIONS.items() if (made := _figure(results, metric, caption)) is not None]


def band(curves: Sequence[Sequence[float]]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean of several curves and the half width of its 95 % interval by Student's t.

    Args:
        curves: one a seed; those that ended early, as by diverging, count while they last.

    Returns:
        Both by epoch; the half width is 0 where there is one curve only.
    """
    table = np.full((len(curves), max(map(len, curves))), np.nan)
    for row, curve in zip(table, curves, strict=True):
        row[: len(curve)] = curve
    table[~np.isfinite(table)] = np.nan
    count = np.isfinite(table).sum(0)
    mean = np.where(count > 0, np.nansum(table, 0) / np.maximum(count, 1), np.nan)
    variance = np.nansum((table - mean) ** 2, 0) / np.maximum(count - 1, 1)
    quantiles = np.array([t_quantile(0.975, int(n) - 1) if n > 1 else 0.0 for n in count])
    return mean, quantiles * np.sqrt(variance / np.maximum(count, 1))


def _figure(results: StudyResults, metric: str, caption: str) -> Figure | None:
    curves = {
        condition.name: [curve for run in results.of(condition.name) if (curve := run.curve(metric))]
        for condition in results.study.conditions
    }
    curves = {name: each for name, each in curves.items() if each}
    if not curves:
        return None
    bands = {name: band(each) for name, each in curves.items()}
    alternative = f"{caption}. " + " ".join(_in_words(name, mean) for name, (mean, _) in bands.items())
    return Figure(metric, _svg(metric, bands), caption, alternative)


def _in_words(name: str, mean: npt.NDArray[np.float64]) -> str:
    known = mean[np.isfinite(mean)]
    if not len(known):
        return f"{name}: no finite value."
    return f"{name}: from {known[0]:.3g} after the first epoch to {known[-1]:.3g} after epoch {len(known)}."


def _svg(metric: str, bands: dict[str, tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]) -> str:
    import matplotlib as mpl  # imported late: only a report draws

    style: Any = {  # its type lists every key there is
        "svg.fonttype": "none",
        "svg.hashsalt": "hw1",
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(style):
        from matplotlib.figure import Figure as Canvas
        from matplotlib.ticker import MaxNLocator

        canvas = Canvas(figsize=(6.4, 3.6), layout="constrained")
        axes = canvas.subplots()
        for index, (name, (mean, half)) in enumerate(bands.items()):
            epochs = np.arange(1, len(mean) + 1)
            colour, dash = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
            axes.plot(epochs, mean, color=colour, linestyle=dash, linewidth=1.8, label=name)
            axes.fill_between(epochs, mean - half, mean + half, color=colour, alpha=0.18, linewidth=0)
        if _spans_a_decade([mean for mean, _ in bands.values()]):
            axes.set_yscale("log")
        axes.set(xlabel="epoch", ylabel=metric)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        canvas.legend(loc="outside upper center", ncols=min(3, len(bands)), frameon=False)
        file = io.StringIO()
        canvas.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _for_a_page(file.getvalue(), metric)


def _spans_a_decade(means: Sequence[npt.NDArray[np.float64]]) -> bool:
    values = np.concatenate(means)
    values = values[np.isfinite(values)]
    return bool(len(values) and values.min() > 0 and values.max() > 10 * values.min())


def _for_a_page(svg: str, metric: str) -> str:
    """Let the picture take the page's colours and width, and keep its names apart from other pictures' names."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'width="[\d.]+pt" height="[\d.]+pt" ', "", svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for index, colour in enumerate(COLOURS):
        svg = svg.replace(colour.lower(), f"var(--series-{index})")
    svg = svg.replace(INK, "var(--ink)").replace(GRID, "var(--line)")
    prefix = re.sub(r"\W", "-", metric)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    return svg.replace('href="#', f'href="#{prefix}-')
