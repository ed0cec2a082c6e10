"""What all plots have in common. matplotlib is imported when the first one is drawn."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any, Optional

# After Okabe and Ito ("Color Universal Design"), without black and pale yellow: seen on white as on black.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#8c6bb1", "#b8a800")
REST = "#999999"
SMALL = 9  # points
TITLE = 12  # points, of matplotlib's own style
_POINTS = 72  # an inch
_LETTER = 0.53  # of its size is a mean letter wide
_KEY, _LINE = 1.0, 0.19  # inches: a column and a line of a legend of parts
_BAR = 0.3  # inches: the least for a bar with a name of two lines


def axes(ax: Any, width: float = 8.0, height: float = 4.5) -> Any:
    """`ax`, or the only one of a new figure."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(width, height), constrained_layout=True)[1]


def color(i: int) -> str:
    return COLORS[i % len(COLORS)]


def quiet(ax: Any, grid: str = "x") -> None:
    """No frame, a faint grid behind what is drawn."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.grid(axis=grid, color=REST, alpha=0.35, linewidth=0.6)
    ax.set_axisbelow(True)


def thousands(axis: Any) -> None:
    """Numbers as 20 M, 250 k."""
    from matplotlib.ticker import EngFormatter

    axis.set_major_formatter(EngFormatter(sep=" "))


def stacked(ax: Any, names: Sequence[str], parts: dict[str, Sequence[float]], remarks: Optional[Sequence[str]]) -> None:
    """Horizontal bars, the first name on top; parts that are nowhere are left out. `remarks` stand at their ends."""
    places = list(range(len(names)))
    ends = [0.0] * len(names)
    for i, (part, values) in enumerate(parts.items()):
        if any(values):
            ax.barh(places, values, left=ends, height=0.72, color=color(i), label=part)
        ends = [end + value for end, value in zip(ends, values)]
    ax.set_yticks(places, names, fontsize=SMALL)
    ax.invert_yaxis()
    remarks = remarks or [""] * len(names)
    width = inches(ax)[0]
    beside = [min(0.7, (len(remark) * SMALL * _LETTER / _POINTS + 0.2) / width) for remark in remarks]
    ax.set_xlim(0, max((end / (1 - room) for end, room in zip(ends, beside)), default=0) or 1)
    for place, end, remark in zip(places, ends, remarks):
        ax.annotate(remark, (end, place), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)
    quiet(ax)
    thousands(ax.xaxis)


def inches(ax: Any) -> tuple[float, float]:
    """How wide and high an Axes is, as far as that is known before it is drawn."""
    place = ax.get_window_extent()
    return place.width / ax.figure.dpi, place.height / ax.figure.dpi


def bars_that_fit(ax: Any) -> int:
    return max(1, int((inches(ax)[1] - 2 * _LINE) / _BAR))


def _wrapped(ax: Any, text: str, points: float, beside: float = 0) -> str:
    """As many lines as the Axes makes necessary, `beside` inches of which are taken."""
    letters = int((inches(ax)[0] - beside) * _POINTS / (points * _LETTER))
    return textwrap.fill(text, max(12, letters))


def title(ax: Any, text: str) -> None:
    ax.set_title(_wrapped(ax, text, TITLE), loc="left")


def legend(ax: Any) -> None:
    """Within the Axes, unless nothing was drawn."""
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        lines = [_wrapped(ax, label, SMALL, beside=0.9) for label in labels]
        ax.legend(handles, lines, frameon=False, fontsize=SMALL)


def legend_of_parts(ax: Any, bars: int) -> None:
    """Below horizontal bars, within the Axes: beside them it would lie on a neighbour, on them hide one."""
    handles, labels = ax.get_legend_handles_labels()
    if not handles:
        return
    width, height = inches(ax)
    columns = max(1, min(len(labels), int(width / _KEY)))
    lines = math.ceil(len(labels) / columns)
    room = min(0.6, (_LINE * lines + 0.15) / height)
    ax.set_ylim(bars - 0.5 + bars * room / (1 - room), -0.55)
    ax.legend(loc="lower left", ncol=columns, frameon=False, fontsize=SMALL, columnspacing=1.0, borderaxespad=0.2)


def nothing(ax: Any, what: str) -> Any:
    """An Axes that says why it is empty."""
    ax.set_axis_off()
    ax.text(0.5, 0.5, what, ha="center", va="center", transform=ax.transAxes)
    return ax


def cells(ax: Any, values: Any, rows: Sequence[str], columns: Sequence[str], texts: Any) -> None:
    """A heat map with the texts on it, dark on light and light on dark; what is not a number stays empty."""
    import numpy

    grid = numpy.asarray(values, dtype=float)
    known = grid[~numpy.isnan(grid)]
    top = float(known.max()) if known.size and known.max() > 0 else 1.0
    ax.imshow(grid, cmap="cividis", vmin=0, vmax=top, aspect="auto")
    for (i, j), value in numpy.ndenumerate(grid):
        if not numpy.isnan(value):
            ink = "black" if value > 0.55 * top else "white"
            ax.text(j, i, texts[i][j], ha="center", va="center", color=ink, fontsize=SMALL)
    ax.set_yticks(range(len(rows)), rows, fontsize=SMALL)
    ax.set_xticks(range(len(columns)), columns, fontsize=SMALL)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def short(number: float) -> str:
    """ "1.2 M", "340"."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= unit:
            return f"{number / unit:.3g} {name}"
    return f"{number:.3g}"
