"""Where walks and TLBs spend their time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Optional

from trapwalk.errors import Error
from trapwalk.plots import style
from trapwalk.tables.translation import SERVED_BY

if TYPE_CHECKING:
    from trapwalk.results import Run


def walk_levels(run: Run, *, value: str = "cycles", who: Optional[str] = None, ax: Any = None) -> Any:
    """The descriptors of all walks as a grid: a row for what is looked for, a column a level of its own walk.

    A nested walk goes along a row (stage 2 finds where a stage-1 descriptor lies), ends with that descriptor, and goes
    on with the next row; the last row finds the page itself. `value`: "cycles" or "count". `who`: of one context alone,
    "EL1 VMID 1".
    """
    if value not in ("cycles", "count"):
        raise Error(f"walk_levels shows cycles or count, not '{value}'")
    ax = style.axes(ax, 8, 4.2)
    fetches, walks = run.walk_levels, run.walks
    if who is not None:
        fetches, walks = fetches[fetches["who"] == who], walks[walks["who"] == who]
    if fetches.empty:
        return style.nothing(ax, "no walks")
    places = fetches.groupby(["stage", "for_stage1_level", "level"])
    sums = {key: float(total) for key, total in places[value].sum().items()}
    stage1 = sorted({level if stage == 1 else of for stage, of, level in sums} - {-1})
    stage2 = sorted({level for stage, _, level in sums if stage == 2})
    rows: list[list[float]] = []
    for of in stage1:
        rows.append([sums.get((2, of, level), math.nan) for level in stage2] + [sums.get((1, -1, of), math.nan)])
    names = [f"stage-1 level {level}" for level in stage1]
    if stage2:
        rows.append([sums.get((2, -1, level), math.nan) for level in stage2] + [math.nan])
        names.append("the page itself")
    whole = sum(sums.values())
    texts = [[f"{style.short(cell)}\n{100 * cell / whole:.1f} %" for cell in row] for row in rows]
    columns = [f"stage 2\nlevel {level}" for level in stage2] + ["stage 1\ndescriptor"]
    style.cells(ax, rows, names, columns, texts)
    what = "Cycles" if value == "cycles" else "Number"
    of_whom = f" of {who}" if who else ""
    style.title(ax, f"{what} of the descriptor fetches of {walks['count'].sum():,} walks{of_whom}")
    ax.set_ylabel("what is looked for")
    return ax


def walks_served_by(run: Run, *, ax: Any = None) -> Any:
    """Descriptors of each kind of walk, by who had them: L1, L2, memory, a walk cache."""
    walks = run.walks
    ax = style.axes(ax, 8, 1.8 + 0.42 * max(1, len(walks)))
    if walks.empty:
        return style.nothing(ax, "no walks")
    stages = [
        "stages 1+2" if a and b else "stage 2" if b else "stage 1" for a, b in zip(walks["stage1"], walks["stage2"])
    ]
    several = run.cores.shape[0] > 1
    names = [
        f"{who}{f', cpu {cpu}' if several else ''}: {purpose}, {stage}"
        for who, cpu, purpose, stage in zip(walks["who"], walks["cpu"], walks["purpose"], stages)
    ]
    columns = {name: f"served_by_{name.replace(' ', '_')}" for name in SERVED_BY}
    remarks = [f"{mean:.0f} cycles a walk" for mean in walks["mean"]]
    style.stacked(ax, names, {name: list(walks[column]) for name, column in columns.items()}, remarks)
    ax.set_xlabel("descriptor fetches")
    style.title(ax, "Who had the descriptors")
    style.legend_of_parts(ax, len(names))
    return ax


def interference(run: Run, name: str = "L2", kind: str = "tlb", *, ax: Any = None) -> Any:
    """Who displaced whose entries of a TLB or cache, as a matrix."""
    ax = style.axes(ax, 6, 4)
    matrix = run.interference(name, kind)
    if matrix.empty:
        return style.nothing(ax, f"nobody's entries left the {name} {kind.upper()} for another's")
    texts = [[f"{count:,}" for count in row] for row in matrix.to_numpy()]
    style.cells(ax, matrix.to_numpy(), list(matrix.index), list(matrix.columns), texts)
    ax.set_xlabel("evictor: whose entry came")
    ax.set_ylabel("victim: whose entry left")
    style.title(ax, f"Evictions from the {name} {kind.upper() if kind == 'tlb' else kind}")
    return ax
