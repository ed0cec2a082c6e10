"""A sweep as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from trapwalk.errors import Error
from trapwalk.plots import style
from trapwalk.words import nearest

if TYPE_CHECKING:
    from trapwalk.sweeps.result import Sweep

_MARKERS = "osD^vPX"  # so that colours need not be told apart
_GEOMETRIC = 8  # from so many times the least value on, powers of two are evenly spaced


def plot(sweep: Sweep, metric: str, x: str | None, by: str | None, ax: Any) -> Any:
    """See `Sweep.plot`."""
    frame = sweep.means()
    varied = [name for name in sweep.parameters if name not in sweep.repeats]
    x = x or next((name for name in varied if name != by), None)
    if x is None:
        raise Error("a study without parameters has no lines")
    by = by or next((name for name in varied if name != x), None)
    for name in filter(None, (metric, x, by)):
        if name not in frame.columns:
            raise Error(f"no column '{name}'{nearest(name, frame.columns)}")
    ax = style.axes(ax)
    for number, (value, part) in enumerate(frame.groupby(by, sort=False) if by else [(None, frame)]):
        line = part.groupby(x, sort=False)[metric].mean()
        if pd.api.types.is_numeric_dtype(line.index):
            line = line.sort_index()
        marker = _MARKERS[number % len(_MARKERS)]
        label = f"{by} = {value}" if by else None
        ax.plot(line.index, line.to_numpy(), marker=marker, color=style.color(number), label=label)
    _set_ticks(ax, frame[x])
    ax.set(xlabel=x, ylabel=metric)
    ax.set_ylim(bottom=0)
    style.quiet(ax, "both")
    if by:
        ax.legend(frameon=False)
    return ax


def _set_ticks(ax: Any, column: pd.Series) -> None:
    """Where the points are; powers of two evenly."""
    values = sorted(column.unique())
    if not pd.api.types.is_numeric_dtype(column) or len(values) > 12:
        return
    if values[0] > 0 and values[-1] >= _GEOMETRIC * values[0]:
        ax.set_xscale("log", base=2)
    ax.set_xticks(values, [str(value) for value in values])
    ax.minorticks_off()
