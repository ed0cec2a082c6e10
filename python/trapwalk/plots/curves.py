"""Misses by size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

from trapwalk.curve import MissCurve
from trapwalk.errors import Error
from trapwalk.plots import style
from trapwalk.tables.translation import STRUCTURE_OF_GHOST

if TYPE_CHECKING:
    import pandas as pd
    from trapwalk.results import Run
    from trapwalk.shares import MissShares


def miss_curves(
    curves: Union[MissCurve, Mapping[str, MissCurve]], *, ways: Optional[int] = None, ax: Any = None
) -> Any:
    """Misses a reference by entries, a line a curve; `curves` by name, or one. `ways`: None for fully associative.

    Raises Error for TLBs of so many ways that were not counted.
    """
    if not isinstance(curves, (Mapping, MissCurve)):
        raise Error('several curves need names: miss_curves({"a": one, "b": another})')
    ax = style.axes(ax)
    named = curves if isinstance(curves, Mapping) else {"": curves}
    for i, (name, curve) in enumerate(named.items()):
        rows = _of_ways(curve.frame(), ways)
        ax.plot(rows["entries"], 100 * rows["ratio"], color=style.color(i), linewidth=1.8, label=name or None)
    _by_size(ax, "misses, % of references", "log")
    style.title(ax, f"Misses of LRU TLBs, {'fully associative' if ways is None else f'{ways} ways'}")
    return ax


def associativities(
    curve: MissCurve, ways: Sequence[Optional[int]] = (1, 2, 4, 8, None), *, ax: Any = None
) -> Any:
    """Misses a reference of one curve by entries, a line for each of `ways`; None for fully associative.

    Raises Error for TLBs of so many ways that were not counted.
    """
    ax = style.axes(ax)
    frame = curve.frame()
    for i, associativity in enumerate(ways):
        rows = _of_ways(frame, associativity)
        label = "fully associative" if associativity is None else f"{associativity} way{'s' if associativity > 1 else ''}"
        ax.plot(rows["entries"], 100 * rows["ratio"], color=style.color(i), linewidth=1.8, label=label)
    _by_size(ax, "misses, % of references", "log")
    style.title(ax, f"Misses of LRU TLBs, entries of {curve.page_bytes:,} bytes")
    return ax


def miss_shares(shares: MissShares, *, ways: Optional[int] = None, ax: Any = None) -> Any:
    """Each part's misses by entries, in the shared TLB (a line) and alone (dashes): what lies between, the others cost it.
    `ways`: None for fully associative."""
    ax = style.axes(ax)
    frame = shares.frame()
    rows = _of_ways(frame, ways)
    for i, (part, line) in enumerate(rows.groupby("part", sort=False)):
        color = style.color(i)
        ax.plot(line["entries"], line["misses"], color=color, linewidth=1.8, label=f"{part}, together")
        ax.plot(line["entries"], line["alone"], color=color, linewidth=1.4, linestyle="--", label=f"{part}, alone")
        ax.fill_between(line["entries"], line["alone"], line["misses"], color=color, alpha=0.15, linewidth=0)
    _by_size(ax, "misses", "log")
    style.thousands(ax.yaxis)
    style.title(ax, f"Misses in a shared LRU TLB, {'fully associative' if ways is None else f'{ways} ways'}")
    return ax


def ghosts(run: Run, structure: str = "tlb.l2", *, ax: Any = None) -> Any:
    """What a structure of other sizes would have missed in this run (`ghosts=`), and what the real one did."""
    ax = style.axes(ax)
    rows = run.ghosts
    rows = rows[rows["structure"] == structure]
    if rows.empty:
        return style.nothing(ax, f"the run has no ghosts of {structure}")
    for i, (ways, line) in enumerate(rows.groupby("ways")):
        line = line.sort_values("entries")
        label = f"{ways} ways" if ways else "fully associative"
        ax.plot(line["entries"], line["misses"], marker="o", color=style.color(i), label=label)
    real = run.tlbs
    real = real[(real["name"] == STRUCTURE_OF_GHOST.get(structure, "")) & (real["entries"] > 0)]
    if len(real):
        size = f"the real one: {real['entries'].iloc[0]:,} entries, {real['ways'].iloc[0] or 'all'} ways"
        ax.plot(real["entries"].iloc[:1], [real["misses"].sum()], "D", color=style.color(5), markersize=9, label=size)
    _by_size(ax, "misses")
    style.thousands(ax.yaxis)
    style.title(ax, f"Misses of {structure} by size")
    return ax


def _of_ways(frame: pd.DataFrame, ways: Optional[int]) -> pd.DataFrame:
    rows = frame[frame["sets"] == 1] if ways is None else frame[frame["ways"] == ways]
    if rows.empty:
        raise Error(f"the curve has no TLBs of {ways} ways" if len(frame) else "the trace has no such accesses")
    return rows


def _by_size(ax: Any, what: str, scale: str = "linear") -> None:
    """`scale` "log": from one entry on, misses fall by orders of magnitude, and TLBs lie at the low end."""
    from matplotlib.ticker import FuncFormatter

    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda entries, _: f"{entries:,.0f}"))
    ax.set_xlabel("entries")
    ax.set_ylabel(what)
    ax.set_yscale(scale)
    if scale == "log":
        ax.yaxis.set_major_formatter(FuncFormatter(lambda misses, _: f"{misses:g}"))
    else:
        ax.set_ylim(bottom=0)
    style.quiet(ax, "both")
    style.legend(ax)
