"""The tables of a report (docs/report-schema.md) as pandas DataFrames: rows of `Table`, by room."""

from __future__ import annotations

from trapwalk.tables import core, devices, memory, translation, whole
from trapwalk.tables.table import Column, Report, Table

TABLES: dict[str, Table] = {
    table.name: table for room in (core, translation, memory, devices, whole) for table in room.TABLES
}

__all__ = ["TABLES", "Column", "Report", "Table"]
