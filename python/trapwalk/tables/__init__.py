"""The tables of a report (docs/report-schema.md) as pandas DataFrames: rows of `Table`, by room."""

from __future__ import annotations

from trapwalk.tables import core, devices, memory, study, translation, whole
from trapwalk.tables.table import Column, Report, Table

TABLES: dict[str, Table] = {
    table.name: table for room in (core, translation, memory, devices, study, whole) for table in room.TABLES
}

__all__ = ["TABLES", "Column", "Report", "Table"]
