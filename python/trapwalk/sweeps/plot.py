"""A sweep as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from trapwalk.errors import Error

if TYPE_CHECKING:
    from trapwalk.sweeps.result import Sweep


def plot(sweep: Sweep, metric: str, x: str | None, by: str | None, ax: Any) -> Any:
    """See `Sweep.plot`."""
    import matplotlib.pyplot as pyplot

    axes = [name for name in sweep.parameters if name not in sweep.repeats]
    if not axes:
        raise Error("a study without parameters has no lines")
    x = x or next(name for name in axes if name != by)
    by = by or next((name for name in axes if name != x), None)
    frame = sweep.means()
    for name in (metric, x, *([by] if by else [])):
        if name not in frame.columns:
            raise Error(f"no column '{name}': there are {', '.join(frame.columns)}")
    if ax is None:
        _, ax = pyplot.subplots(layout="constrained")
    for value, part in frame.groupby(by, sort=False) if by else [(None, frame)]:
        line = part.groupby(x, sort=False)[metric].mean()
        if pd.api.types.is_numeric_dtype(line.index):
            line = line.sort_index()
        ax.plot(line.index, line.to_numpy(), marker="o", label=f"{by} = {value}" if by else None)
    if pd.api.types.is_numeric_dtype(frame[x]) and _is_geometric(sorted(frame[x].unique())):
        ax.set_xscale("log", base=2)
    ax.set(xlabel=x, ylabel=metric)
    ax.set_ylim(bottom=0)
    if by:
        ax.legend()
    return ax


def _is_geometric(values: list[Any]) -> bool:
    return len(values) > 2 and values[0] > 0 and values[-1] >= 8 * values[0]
