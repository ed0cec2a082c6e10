"""What a table of a report is: its columns, and how its rows are made of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

Report = dict[str, Any]  # docs/report-schema.md
Row = Iterable[Any]


@dataclass(frozen=True)
class Column:
    """`unit` is empty for names and "1" for plain counts and ratios; `dtype` is pandas'."""

    name: str
    unit: str
    what: str
    dtype: str = "int64"


def text(name: str, what: str) -> Column:
    return Column(name, "", what, "object")


def flag(name: str, what: str) -> Column:
    return Column(name, "", what, "bool")


def number(name: str, what: str, unit: str = "1") -> Column:
    return Column(name, unit, what, "int64")


def cycles(name: str, what: str) -> Column:
    return Column(name, "cycles", what, "int64")


def real(name: str, what: str, unit: str = "1") -> Column:
    return Column(name, unit, what, "float64")


def address(name: str, what: str) -> Column:
    return Column(name, "bytes", what, "uint64")


@dataclass(frozen=True)
class Table:
    """A table of a report.

    `keys` tell its rows apart. `rows` yields for each row as many values as there are keys and columns, in their
    order. `sort`: a column, largest first; else in the report's order.
    """

    name: str
    what: str
    keys: tuple[Column, ...]
    values: tuple[Column, ...]
    rows: Callable[[Report], Iterable[Row]]
    sort: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.keys + self.values

    def frame(self, report: Report) -> pd.DataFrame:
        """A fresh DataFrame, one row a key, numbered from 0; `attrs` has `units` and `keys`."""
        rows = [tuple(row) for row in self.rows(report)]
        data: dict[str, Any] = {}
        for i, column in enumerate(self.columns):
            data[column.name] = pd.Series([row[i] for row in rows], dtype=column.dtype)
        frame = pd.DataFrame(data)
        if self.sort:
            frame = frame.sort_values(self.sort, ascending=False, kind="stable", ignore_index=True)
        frame.attrs["units"] = {column.name: column.unit for column in self.columns if column.unit}
        frame.attrs["keys"] = [column.name for column in self.keys]
        return frame

    def document(self) -> str:
        """Its description for people: what it is, then a line a column."""
        width = max(len(column.name) for column in self.columns)
        lines = [self.what, ""]
        for column in self.columns:
            unit = f" [{column.unit}]" if column.unit not in ("", "1") else ""
            lines.append(f"    {column.name:<{width}}  {column.what}{unit}")
        return "\n".join(lines)


def ratio(part: float, whole: float) -> float:
    """`part / whole`; not a number when there is no whole."""
    return part / whole if whole else float("nan")


# A distribution {count, sum, min, max, p50, p99, buckets} as columns.
def spread(of: str, unit: str = "cycles", prefix: str = "") -> tuple[Column, ...]:
    return (
        real(prefix + "mean", f"mean of {of}", unit),
        number(prefix + "p50", f"median of {of}, at most 1/64 too high", unit),
        number(prefix + "p99", f"99 % of {of} are at most this, at most 1/64 too high", unit),
        number(prefix + "max", f"most of {of}", unit),
    )


def spread_of(distribution: Report) -> tuple[float, int, int, int]:
    d = distribution
    return ratio(d["sum"], d["count"]), d["p50"], d["p99"], d["max"]


# Whose: an exception level, and a VM by its VMID when stage 2 is in force.
CONTEXT = (
    text("who", 'whose: "EL1 VMID 1", "EL2"'),
    number("el", "its exception level"),
    flag("guest", "stage 2 is in force"),
    number("vmid", "its VMID; 0 without stage 2"),
)


def context(of: Report) -> tuple[str, int, bool, int]:
    el, guest, vmid = of["el"], of["guest"], of["vmid"]
    return (f"EL{el} VMID {vmid}" if guest else f"EL{el}"), el, guest, vmid


def owner(of: Report) -> str:
    """Who brought an entry in, as reports call it."""
    return f"VMID {of['vmid']}" if of["guest"] else "no stage 2"


CPU = number("cpu", "core, from 0")


def measured(core: Report) -> int:
    """Cycles of a core that were measured."""
    return int(core["elapsed"] - core["origin"])


def accounted(report: Report) -> int:
    """Cycles of all cores that the ledger holds."""
    return int(sum(core["accounted"] for core in report["cores"]))
