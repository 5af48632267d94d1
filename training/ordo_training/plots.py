"""Plots as SVG files that are the same bytes whenever they are made from the same figures."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, ScalarFormatter

STYLE = {"svg.hashsalt": "ordo", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
         "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25}


@dataclass(frozen=True)
class Point:
    """A measured accuracy and its 95 % interval, as shares, at a place on the horizontal axis."""

    at: float
    accuracy: float
    interval: tuple[float, float]


def point(at: float, figures: dict) -> Point:
    """A point of figures that hold accuracy and interval."""
    return Point(at, figures["accuracy"], tuple(figures["interval"]))


def save(figure: Figure, path: Path) -> None:
    """Writes a figure without a date."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(STYLE):
        figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})


def plot_accuracy(path: Path, lines: dict[str, list[Point]], across: str, scale: str = "linear",
                  ticks: list[float] | None = None) -> None:
    """Accuracy with its intervals as bands, one line a name, over an axis that is linear or logarithmic (log)."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 3.6))
        axes = figure.add_subplot()
        for name, points in lines.items():
            at = [p.at for p in points]
            drawn = axes.plot(at, [p.accuracy for p in points], marker="o", markersize=3.5, label=name)
            axes.fill_between(at, *zip(*(p.interval for p in points), strict=True), color=drawn[0].get_color(),
                              alpha=0.12, linewidth=0)
        axes.set(xlabel=across, ylabel="accuracy", xscale=scale)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        if ticks is not None:
            axes.set_xticks(ticks)
            axes.xaxis.set_major_formatter(ScalarFormatter())
            axes.minorticks_off()
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    save(figure, path)
