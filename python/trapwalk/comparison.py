"""Two reports side by side, as a DataFrame."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pandas as pd

from trapwalk import _trapwalk
from trapwalk.tables.table import Report, Row

_NOT_TABLES = ("schema", "a", "b", "configuration", "traps")


def differences(a: str, b: str) -> pd.DataFrame:
    """Of the texts of two reports; columns as in `Run.compare`."""
    comparison = json.loads(_trapwalk.compare_json(a, b, "a", "b"))
    rows = [row for row in _rows(comparison)]
    frame = pd.DataFrame(rows, columns=["table", "name", "a", "b", "difference", "percent"])
    return frame.astype({"percent": "float64"})


def _rows(comparison: Report) -> Iterator[Row]:
    for name, rows in comparison.items():
        if name in _NOT_TABLES:
            continue
        for r in rows:
            if r["difference"]:
                yield name, r["name"], r["a"], r["b"], r["difference"], r["percent"]
    for t in comparison["traps"]:
        if t["difference"]:
            name = f"{t['from']} to {t['to']}: {t['reason']}"
            yield "traps", name, t["cycles"]["a"], t["cycles"]["b"], t["difference"], t["percent"]
    for p in comparison["configuration"]:
        yield "configuration", p["key"], p["a"], p["b"], None, None
