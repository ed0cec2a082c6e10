"""What traps cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trapwalk.plots import style
from trapwalk.tables.core import PARTS
from trapwalk.words import share

if TYPE_CHECKING:
    from trapwalk.results import Run

_BINS_PER_OCTAVE = 4


def trap_costs(run: Run, *, rows: int = 12, each: bool = False, ax: Any = None) -> Any:
    """Cycles in traps as bars by part, those that cost most on top; what differs only in its subject shares a bar.

    `each`: of a mean trap, not of all. `rows`: at most so many bars, and as many as `ax` has room for; the rest share one.
    """
    ax = style.axes(ax, 9, 1.9 + 0.34 * rows)
    parts = run.trap_parts
    if parts.empty:
        return style.nothing(ax, "no traps")
    parts["count"] = run.traps["count"]
    parts["what"] = parts["control"].where(parts["control"] != "", parts["reason"])
    grouped = parts.groupby(["who", "to", "what"], sort=False)[[*PARTS, "count"]].sum()
    grouped["cycles"] = grouped[PARTS].sum(axis=1)
    grouped = grouped.sort_values("cycles", ascending=False, kind="stable")
    rows = min(rows, style.bars_that_fit(ax) - 1)
    shown, rest = grouped.head(rows), grouped.iloc[rows:]
    names = [f"{what}\n{who} to EL{to}" for who, to, what in shown.index]
    values = shown.reset_index(drop=True)
    if len(rest) and not each:
        names.append(f"{len(rest)} more")
        values.loc[len(values)] = rest.sum()
    divisor = values["count"] if each else 1
    whole = run.metric("cycles")
    remarks = [
        style.short(cycles / count) if each else share(cycles, whole)
        for cycles, count in zip(values["cycles"], values["count"])
    ]
    style.stacked(ax, names, {part: list(values[part] / divisor) for part in PARTS}, remarks)
    ax.set_xlabel("cycles of a mean trap" if each else "cycles in all traps (percent: of all cycles)")
    style.title(ax, "What a trap costs" if each else "What the traps cost")
    style.legend_of_parts(ax, len(names))
    return ax


def trap_distributions(run: Run, *, rows: int = 5, of: str = "cycles", ax: Any = None) -> Any:
    """How long the traps of the first `rows` rows of `run.traps` took: shares of them, a quarter of an octave a step.

    `of`: "cycles", or "inclusive" for what the interrupted code waited.
    """
    ax = style.axes(ax)
    traps = run.traps
    if traps.empty:
        return style.nothing(ax, "no traps")
    lowest, highest = math.inf, 0.0
    for i, trap in traps.head(rows).iterrows():
        buckets = run.distribution(int(i), of)
        if buckets.empty:
            continue
        shares: dict[int, float] = {}
        for lower, upper, count in buckets.itertuples(index=False):
            step = math.floor(math.log2(max(1, (lower + upper - 1) / 2)) * _BINS_PER_OCTAVE)
            shares[step] = shares.get(step, 0) + count
        first, last = min(shares), max(shares)
        edges = [2 ** (step / _BINS_PER_OCTAVE) for step in range(first, last + 2)]
        heights = [100 * shares.get(step, 0) / buckets["count"].sum() for step in range(first, last + 1)]
        label = f"{trap['who']}: {trap['reason']} ({trap['returned']:,})"
        line = style.color(int(i))
        ax.stairs(heights, edges, color=line, linewidth=1.8, label=label)
        ax.stairs(heights, edges, color=line, fill=True, alpha=0.15)
        lowest, highest = min(lowest, edges[0]), max(highest, edges[-1])
    ax.set_xscale("log")
    ax.set_xlim(lowest / 1.3, highest * 1.3)
    style.thousands(ax.xaxis)
    style.quiet(ax, "both")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("cycles inside" if of == "cycles" else "cycles until the interrupted code went on")
    ax.set_ylabel("% of these traps")
    style.title(ax, "How long the traps took")
    style.legend(ax)
    return ax
