"""What happened when: the events of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import pandas as pd

from trapwalk.plots import style

if TYPE_CHECKING:
    from trapwalk.results import Run

_MOST_TRAP_ROWS = 6


def timeline(
    run: Run, *, cpu: int = 0, begin: Optional[float] = None, end: Optional[float] = None, ax: Any = None
) -> Any:
    """Which world ran when on a core, when it was idle, and its traps; needs a run with `events=True`.

    A trap is drawn from its begin on, without the time for which its guest was switched out. `begin`, `end`: of the
    stretch that is shown, microseconds of simulated time; all without.
    """
    ax = style.axes(ax, 10, 4.5)
    worlds, idle, traps = (run.events(what, cpu=cpu) for what in ("worlds", "idle", "traps"))
    traps["cycles_us"] -= traps["away"] * (traps["cycles_us"] / traps["cycles"].clip(lower=1))
    begins = pd.concat([part["begin_us"] for part in (worlds, idle, traps)])
    if begins.empty:
        return style.nothing(ax, "no events")
    left = float(begins.min()) if begin is None else begin
    right = float(_ends(pd.concat([worlds, idle, traps])).max()) if end is None else end
    worlds, idle, traps = (part[(part["begin_us"] < right) & (_ends(part) > left)] for part in (worlds, idle, traps))
    rows: list[tuple[str, pd.DataFrame, str]] = []
    for i, ((guest, vmid), part) in enumerate(worlds.groupby(["guest", "vmid"])):
        rows.append((f"VMID {vmid}" if guest else "no stage 2", part, style.color(i)))
    rows += [("idle", idle, style.REST)] if len(idle) else []
    rows += [(control, part, style.color(5)) for control, part in _by_control(traps)]
    for place, (_, part, color) in enumerate(rows):
        spans = list(zip(part["begin_us"], part["cycles_us"].clip(lower=(right - left) / 2000)))
        ax.broken_barh(spans, (place - 0.36, 0.72), color=color, linewidth=0)
    ax.set_yticks(range(len(rows)), [name for name, _, _ in rows], fontsize=style.SMALL)
    ax.invert_yaxis()
    ax.set_xlim(left, right)
    ax.set_xlabel("simulated time, µs")
    ax.xaxis.set_major_formatter(lambda us, _: f"{us:,.6g}")
    style.title(ax, f"What core {cpu} did")
    style.quiet(ax)
    return ax


def _ends(events: pd.DataFrame) -> pd.Series:
    return events["begin_us"] + events["cycles_us"]


def _by_control(traps: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The controls whose traps took longest, the others together."""
    if traps.empty:
        return []
    control = traps["control"].where(traps["control"] != "", traps["subject"])
    traps = traps.assign(what=control + ", to EL" + traps["to"].astype(str))
    order = list(traps.groupby("what")["cycles_us"].sum().sort_values(ascending=False).index)
    first, others = order[:_MOST_TRAP_ROWS], traps["what"].isin(order[_MOST_TRAP_ROWS:])
    rows = [(what, traps[traps["what"] == what]) for what in first]
    return rows + ([("other traps", traps[others])] if others.any() else [])
