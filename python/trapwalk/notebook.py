"""A run in a notebook: a compact table that follows the page's colours, light or dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from trapwalk.tables.core import PARTS
from trapwalk.words import count, duration, plural, share

if TYPE_CHECKING:
    from trapwalk.results import Run

_ROWS = 8
# Okabe and Ito's colours: told apart by the colour-blind, and visible on white as on black.
COLORS = ("#56b4e9", "#0072b2", "#009e73", "#e69f00", "#cc79a7", "#d55e00", "#b8a800", "#8c8c8c", "#666699")
_COLUMNS = (
    ("from", "left"),
    ("reason", "left"),
    ("count", "right"),
    ("mean", "right"),
    ("share", "right"),
    ("inside", "left"),
)
_STYLE = (
    "font-variant-numeric:tabular-nums;border-collapse:collapse;background:transparent;"
    "color:inherit;border:0;margin:4px 0"
)
_CELL = (
    "text-align:{};padding:2px 8px;background:transparent;color:inherit;border:0;"
    "border-bottom:1px solid rgba(128,128,128,.3)"
)


def html(run: Run) -> str:
    about, whole = run.report["run"], run.metric("cycles")
    traps, cycles = int(run.metric("traps.count")), run.metric("traps.cycles")
    head = (
        f"<b>{escape(run.name)}</b> {escape(about['platform'])}, {escape(about['fidelity'])}; "
        f"{escape(about['stopped'])}; {duration(run.metric('seconds'))} simulated, {count(whole)} cycles"
    )
    line = (
        f"{plural(traps, 'trap')}: <b>{share(cycles, whole)}</b> of all cycles; "
        f"{plural(int(run.metric('walks.count')), 'walk')}: <b>{share(run.metric('walks.cycles'), whole)}</b>"
    )
    return f'<div style="max-width:60em"><div>{head}</div><div>{line}</div>{_traps(run)}</div>'


def _traps(run: Run) -> str:
    if run.traps.empty:
        return ""
    parts, whole = run.trap_parts, run.metric("cycles")
    heads = [f'<th scope="col" style="{_CELL.format(side)}">{title}</th>' for title, side in _COLUMNS]
    rows = [f'<tr>{"".join(heads)}</tr>']
    for i, t in run.traps.head(_ROWS).iterrows():
        cells = (escape(t["who"]), escape(t["reason"]), count(t["count"]), count(t["mean"]), share(t["cycles"], whole))
        marked = [f'<td style="{_CELL.format(side)}">{cell}</td>' for (_, side), cell in zip(_COLUMNS, cells)]
        bar = _bar([int(parts.at[i, part]) for part in PARTS])
        rows.append("<tr>" + "".join(marked) + f'<td style="{_CELL.format("left")}">{bar}</td></tr>')
    more = len(run.traps) - _ROWS
    rest = f"<div>and {more} more: <code>run.traps</code></div>" if more > 0 else ""
    return f'<table style="{_STYLE}">{"".join(rows)}</table>{_legend()}{rest}'


def _bar(parts: list[int]) -> str:
    whole = max(1, sum(parts))
    spans = [
        f'<span title="{name} {share(cycles, whole)}" style="display:inline-block;height:1em;'
        f'width:{100 * cycles / whole:.1f}%;background:{color}"></span>'
        for name, cycles, color in zip(PARTS, parts, COLORS)
        if cycles
    ]
    return f'<div style="display:flex;width:10em">{"".join(spans)}</div>'


def _legend() -> str:
    marks = [f'<span style="color:{color}">&#9632;</span>&nbsp;{name}' for name, color in zip(PARTS, COLORS)]
    return f"<div>{' '.join(marks)}</div>"
