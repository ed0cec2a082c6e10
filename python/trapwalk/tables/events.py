"""What happened when: the events of a report (docs/report-schema.md) as DataFrames."""

from __future__ import annotations

from typing import Any

import pandas as pd

from trapwalk.errors import Error
from trapwalk.tables.table import Report, context, owner

# Of a core, and of the whole platform, with the lists that their keys are indexes of.
_OF_CORES = {"phases": "", "traps": "trap_keys", "worlds": "", "idle": "", "walks": "walk_keys", "samples": ""}
_SHARED = {"interrupts": "interrupt_sources", "dma": "dma_sources"}
_KEYS = ("key", "source")


def events(report: Report, what: str, cpu: int) -> pd.DataFrame:
    """See `Run.events`."""
    logs = report.get("events", [])
    if not logs:
        raise Error("the run has no events: give trapwalk.run(..., events=True)")
    log = logs[0]
    if what in _OF_CORES:
        core = next((core for core in log["cores"] if core["cpu"] == cpu), None)
        if core is None:
            raise Error(f"the run has no core {cpu}")
        keys, columns, period = core.get(_OF_CORES[what], []), core.get(what), core["period_ps"]
    elif what in _SHARED:
        keys, columns, period = log.get(_SHARED[what], []), log.get(what), log.get("dma_period_ps", 0)
    else:
        raise Error(f"there are no events '{what}': {', '.join([*_OF_CORES, *_SHARED])}")
    if columns is None or (what != "phases" and what not in log["kinds"]):
        raise Error(f'events of {what} were not asked for: events="kinds={what}"')
    return _frame(columns, [_words(key) for key in keys], period)


def _frame(columns: dict[str, Any], keys: list[dict[str, Any]], period_ps: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {name: column for name, column in columns.items() if name not in ("dropped", "inside", *_KEYS)}
    )
    for name in ("begin", "at", "cycles"):
        if name in frame and period_ps:
            frame[f"{name}_us"] = frame[name] * (period_ps / 1e6)
    for part, column in columns.get("inside", {}).items():
        frame[f"inside_{part}"] = column
    for name in _KEYS:
        if name in columns and keys:
            for place, word in enumerate(keys[0]):
                frame.insert(place, word, [keys[key].get(word) for key in columns[name]])
    frame.attrs["dropped"] = columns.get("dropped", 0)
    return frame


def _words(key: dict[str, Any]) -> dict[str, Any]:
    """A key as plain columns: whose it is as words."""
    words: dict[str, Any] = {}
    for name, value in key.items():
        if isinstance(value, dict):
            words["who"] = context(value)[0] if "el" in value else owner(value)
        else:
            words[name] = value
    return words
