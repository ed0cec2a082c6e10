"""Several runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Union

from trapwalk.errors import Error
from trapwalk.plots import style
from trapwalk.results import Run
from trapwalk.tables.core import PART_OF, PARTS


def compare(runs: Union[Run, Sequence[Run], Mapping[str, Run]], what: str = "parts", *, ax: Any = None) -> Any:
    """A bar a run. `what`: "parts", all cycles by part; "traps", cycles in traps by part; or a figure (`Run.metrics`).

    Runs are called by the keys of a mapping, else by their `name`. Raises Error when there is none.
    """
    if isinstance(runs, Run):
        runs = [runs]
    named = dict(runs) if isinstance(runs, Mapping) else {f"{i}": run for i, run in enumerate(runs)}
    names = list(named) if isinstance(runs, Mapping) else [run.name for run in named.values()]
    if not named:
        raise Error("compare needs a run")
    ax = style.axes(ax, 8, 1.9 + 0.5 * len(named))
    bars: list[dict[str, float]]
    if what == "parts":
        bars = [_by_part(run) for run in named.values()]
        title, label = "Where the cycles went", "cycles"
    elif what == "traps":
        bars = [{part: int(run.trap_parts[part].sum()) for part in PARTS} for run in named.values()]
        title, label = "What the traps cost", "cycles in traps"
    else:
        values = [run.metric(what) for run in named.values()]
        about = next(iter(named.values())).metrics().loc[what]
        bars = [{what: value} for value in values]
        title, label = what, f"{about['what']}{'' if about['unit'] == '1' else f' [{about.unit}]'}"
    totals = [sum(bar.values()) for bar in bars]
    remarks = [_remark(total, totals[0], i) for i, total in enumerate(totals)]
    style.stacked(ax, names, {part: [bar[part] for bar in bars] for part in bars[0]}, remarks)
    ax.set_xlabel(label)
    style.title(ax, title)
    if len(bars[0]) > 1:
        style.legend_of_parts(ax, len(names))
    return ax


def _by_part(run: Run) -> dict[str, float]:
    ledger = run.ledger
    sums: dict[str, float] = dict.fromkeys([*PARTS, "idle"], 0)
    for cause, part in PART_OF.items():
        sums["idle" if cause == "idle" else part] += int(ledger[cause].sum())
    return sums


def _remark(total: float, first: float, i: int) -> str:
    if i == 0 or not first:
        return style.short(total)
    return f"{style.short(total)} ({100 * (total - first) / first:+.1f} %)"
