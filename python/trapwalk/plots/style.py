"""What all plots have in common. matplotlib is imported when the first one is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

# After Okabe and Ito ("Color Universal Design"), without black and pale yellow: seen on white as on black.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#8c6bb1", "#b8a800")
REST = "#999999"
SMALL = 9  # points


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
    ax.set_xlim(0, 1.16 * max(ends, default=0) or 1)
    for place, end, remark in zip(places, ends, remarks or []):
        ax.annotate(remark, (end, place), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)
    quiet(ax)
    thousands(ax.xaxis)


def legend(ax: Any, **more: Any) -> None:
    """Unless nothing was drawn."""
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False, fontsize=SMALL, **more)


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
