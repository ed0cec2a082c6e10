"""Misses by size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

from trapwalk.errors import Error
from trapwalk.plots import style

if TYPE_CHECKING:
    from trapwalk.curve import MissCurve
    from trapwalk.results import Run

_REAL = {"tlb.l2": "L2", "walk_cache": "walk cache", "ipa": "IPA cache"}


def miss_curves(
    curves: Union[MissCurve, Mapping[str, MissCurve]], *, ways: Optional[int] = None, ax: Any = None
) -> Any:
    """Misses a reference by entries, a line a curve; `curves` by name, or one. `ways`: None for fully associative."""
    ax = style.axes(ax)
    named = curves if isinstance(curves, Mapping) else {"": curves}
    for i, (name, curve) in enumerate(named.items()):
        frame = curve.frame()
        rows = frame[frame["sets"] == 1] if ways is None else frame[frame["ways"] == ways]
        if rows.empty:
            raise Error(f"the curve has no TLBs of {ways} ways")
        ax.plot(rows["entries"], 100 * rows["ratio"], color=style.color(i), linewidth=1.8, label=name or None)
    _by_size(ax, "misses, % of references")
    ax.set_title(f"Misses of LRU TLBs, {'fully associative' if ways is None else f'{ways} ways'}", loc="left")
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
    real = real[(real["name"] == _REAL.get(structure, "")) & (real["entries"] > 0)]
    if len(real):
        size = f"the real one: {real['entries'].iloc[0]:,} entries, {real['ways'].iloc[0] or 'all'} ways"
        ax.plot(real["entries"].iloc[:1], [real["misses"].sum()], "D", color=style.color(5), markersize=9, label=size)
    _by_size(ax, "misses")
    style.thousands(ax.yaxis)
    ax.set_title(f"Misses of {structure} by size", loc="left")
    return ax


def _by_size(ax: Any, what: str) -> None:
    from matplotlib.ticker import FuncFormatter

    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda entries, _: f"{entries:,.0f}"))
    ax.set_xlabel("entries")
    ax.set_ylabel(what)
    ax.set_ylim(bottom=0)
    style.quiet(ax, "both")
    style.legend(ax)
