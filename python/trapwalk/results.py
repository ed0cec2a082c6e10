"""`Run`: what one run came to, as DataFrames, as figures, as text and as a page."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, overload

import pandas as pd

from trapwalk import _trapwalk
from trapwalk import metrics as _metrics
from trapwalk.errors import Error
from trapwalk.files import PathLike, read_text, write_text
from trapwalk.tables import TABLES, Report, Table
from trapwalk.words import nearest


class _Frame:
    """An attribute of `Run` that is one of its tables; a fresh copy at each access."""

    def __init__(self, name: str) -> None:
        self.table: Table = TABLES[name]
        self.__doc__ = self.table.document()

    @overload
    def __get__(self, run: None, owner: type[Run]) -> _Frame:
        ...

    @overload
    def __get__(self, run: Run, owner: type[Run]) -> pd.DataFrame:
        ...

    def __get__(self, run: Run | None, owner: type[Run]) -> _Frame | pd.DataFrame:
        return self if run is None else run.table(self.table.name)

    def __set__(self, run: Run, value: object) -> None:
        raise AttributeError(f"Run.{self.table.name} is made of the report and cannot be set")


class Run:
    """What one run came to.

    Made of a report (docs/report-schema.md) by `trapwalk.run`, `Run.load` or `Run.from_report`. The tables are
    attributes: `run.traps`, `run.walks`, `run.ledger`, …, each a DataFrame with one row a key, whose columns and
    units are in its documentation (`help(trapwalk.Run.traps)`, `Run.columns()`, `frame.attrs["units"]`). Runs whose
    reports are the same are equal.

    Attributes:
        report: the report as a dict. It belongs to the Run: do not change it.
        name: what the run is called in plots and comparisons.
        console: what the guest printed, its "\\r\\n" as they came, when `trapwalk.run` ran it; else empty.
        arguments: words of the command that made it; else empty.
    """

    cores = _Frame("cores")
    contexts = _Frame("contexts")
    ledger = _Frame("ledger")
    traps = _Frame("traps")
    trap_parts = _Frame("trap_parts")
    trap_causes = _Frame("trap_causes")
    walks = _Frame("walks")
    walk_levels = _Frame("walk_levels")
    walk_fetches = _Frame("walk_fetches")
    tlbs = _Frame("tlbs")
    ghosts = _Frame("ghosts")
    evictions = _Frame("evictions")
    caches = _Frame("caches")
    branches = _Frame("branches")
    links = _Frame("links")
    dram = _Frame("dram")
    interrupts = _Frame("interrupts")
    smmu_streams = _Frame("smmu_streams")
    smmu_commands = _Frame("smmu_commands")
    smmu_tlbs = _Frame("smmu_tlbs")
    smmu_events = _Frame("smmu_events")
    smmu_evictions = _Frame("smmu_evictions")
    pl330_threads = _Frame("pl330_threads")
    study_masters = _Frame("study_masters")
    study_latencies = _Frame("study_latencies")
    study_commands = _Frame("study_commands")
    parameters = _Frame("parameters")
    provenance = _Frame("provenance")
    regions = _Frame("regions")
    samples = _Frame("samples")
    contract_violations = _Frame("contract_violations")
    unimplemented_encodings = _Frame("unimplemented_encodings")

    def __init__(
        self, report: Report, json_text: str, *, name: str = "", console: str = "", arguments: tuple[str, ...] = ()
    ) -> None:
        """For `from_report` and `load`, which check the report first."""
        self.report = report
        self.name = name
        self.console = console
        self.arguments = arguments
        self._json = json_text
        self._frames: dict[str, pd.DataFrame] = {}
        self._metrics: dict[str, _metrics.Metric] | None = None

    @classmethod
    def from_report(cls, report: Report, *, name: str = "report") -> Run:
        """Of a report as a dict. Raises `ReportError` with the member's path when one is missing or of a wrong type."""
        return cls.from_json(json.dumps(report, indent=2, ensure_ascii=False) + "\n", name=name)

    @classmethod
    def from_json(cls, text: str, *, name: str = "report", console: str = "", arguments: tuple[str, ...] = ()) -> Run:
        """Of a report's text. Raises `ReportError`."""
        _trapwalk.report_check(text, name)
        return cls(json.loads(text), text, name=name, console=console, arguments=arguments)

    @classmethod
    def load(cls, path: PathLike) -> Run:
        """Of a file of `trapwalk run --report` or `save`. Raises `ReportError`; `Error` when it cannot be read."""
        return cls.from_json(read_text(path), name=Path(path).stem)

    def save(self, path: PathLike) -> None:
        """Writes the report as JSON: all of the file, or nothing. `Error` when it cannot be written."""
        write_text(path, self._json)

    def to_html(self, path: PathLike) -> None:
        """Writes one self-contained page, as `trapwalk report --html` does. `Error` when it cannot be written."""
        write_text(path, _trapwalk.report_html(self._json, self.name))

    def to_text(self, *, all: bool = False) -> str:
        """The report as `trapwalk report` prints it; `all`: every trap in a row of its own."""
        return _trapwalk.report_text(self._json, self.name, all)

    def table(self, name: str) -> pd.DataFrame:
        """A table by name; `Run.columns()` lists them. Raises `Error` for another name."""
        if name not in TABLES:
            raise Error(f"a run has no table '{name}'{nearest(name, TABLES)}; Run.columns() lists them")
        if name not in self._frames:
            self._frames[name] = TABLES[name].frame(self.report)
        return self._frames[name].copy()

    @staticmethod
    def columns() -> pd.DataFrame:
        """Every column of every table: `table`, `column`, `unit` ("1": count or ratio; "": a name), `key`, `what`."""
        rows = [
            (table.name, column.name, column.unit, column in table.keys, column.what)
            for table in TABLES.values()
            for column in table.columns
        ]
        return pd.DataFrame(rows, columns=["table", "column", "unit", "key", "what"])

    def metrics(self) -> pd.DataFrame:
        """Every single figure: `value`, `unit`, `what`; the index is its name, for `metric`."""
        rows = [(m.name, m.value, m.unit, m.what) for m in self._figures().values()]
        return pd.DataFrame(rows, columns=["name", "value", "unit", "what"]).set_index("name")

    def metric(self, name: str) -> float:
        """One figure by name: `run.metric("traps.cycles")`. Raises `Error` with the nearest names for another one."""
        return _metrics.find(self._figures(), name)

    def _figures(self) -> dict[str, _metrics.Metric]:
        if self._metrics is None:
            self._metrics = _metrics.metrics(self.report)
        return self._metrics

    def distribution(self, row: int, of: str = "cycles") -> pd.DataFrame:
        """How long the traps of a row of `run.traps` took, a row a bucket: `lower`, `upper` (exclusive), `count`.

        `of`: "cycles", or "inclusive" for what the interrupted code waited.
        """
        from trapwalk.tables.core import traps_of
        from trapwalk.tables.distribution import buckets

        traps = [trap for _, trap in traps_of(self.report)]
        if not 0 <= row < len(traps):
            raise Error(f"run.traps has rows 0 to {len(traps) - 1}, not {row}")
        if of not in ("cycles", "inclusive"):
            raise Error(f"a trap has the distributions cycles and inclusive, not '{of}'")
        return buckets(traps[row][of])

    def events(self, what: str = "traps", *, cpu: int = 0) -> pd.DataFrame:
        """What happened when (`events=` of `trapwalk.run`), a row an event.

        `what`: "phases", "traps", "worlds", "idle", "walks", "samples" of a core, or "interrupts", "dma". Columns are
        those of docs/report-schema.md; `begin` and `at` of a core are its cycles since reset; `begin_us`, `at_us` and
        `cycles_us` are the same in microseconds of simulated time; a key (`key`, `source`) stands as its columns;
        parts of a trap are `inside_entry`, ….
        Raises `Error` for a run without events, and for what there is not.
        """
        from trapwalk.tables.events import events

        return events(self.report, what, cpu)

    def interference(self, name: str = "L2", kind: str = "tlb") -> pd.DataFrame:
        """Who displaced whose entries of a TLB or cache: a row a victim, a column an evictor, entries of all cores.

        `name` as `run.tlbs` or `run.caches` has it, `kind` "tlb" or "cache". Raises `Error` for what there is not.
        """
        if kind not in ("tlb", "cache"):
            raise Error(f"kind: tlb or cache, not {kind!r}")
        names = list(dict.fromkeys((self.tlbs if kind == "tlb" else self.caches)["name"]))
        if name not in names:
            raise Error(f"the run has no {kind} '{name}'{nearest(name, names)}")
        rows = self.evictions
        rows = rows[(rows["name"] == name) & (rows["kind"] == kind)]
        matrix = rows.pivot_table(index="victim", columns="evictor", values="count", aggfunc="sum", fill_value=0)
        everyone = sorted(set(matrix.index) | set(matrix.columns))
        square = matrix.reindex(index=everyone, columns=everyone, fill_value=0).astype("int64")
        return square.rename_axis(index="victim", columns="evictor")

    def compare(self, other: Run) -> pd.DataFrame:
        """What differs from `other`, as `trapwalk compare` says it.

        Columns: `table` (totals, contexts, causes, walks, tlbs, caches, traps …), `name`, `a` (of this run), `b` (of
        the other), `difference` (b - a), `percent` (of a; not a number when a is 0). Of traps, `a` and `b` are cycles.
        Rows without a difference are left out; the largest difference of each table first.
        """
        from trapwalk.comparison import differences

        return differences(self._json, _run(other)._json)

    def compare_html(self, other: Run, path: PathLike) -> None:
        """Writes both side by side as a page, as `trapwalk compare --html` does."""
        a, b = (self.name, _run(other).name) if self.name != other.name else ("A", "B")
        write_text(path, _trapwalk.compare_html(self._json, other._json, a, b))

    def summary(self) -> str:
        """What the traps and walks cost, why, and what would help at most: a short text."""
        from trapwalk.summary import summary

        return summary(self)

    def digest(self) -> str:
        """SHA-256 of the report, whatever its spacing."""
        text = json.dumps(self.report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and self._same(other)

    def _same(self, other: Run) -> bool:
        return bool(self.report == other.report)

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        run, cycles, traps = self.report["run"], self.metric("cycles"), self.metric("traps.count")
        return f"<trapwalk.Run {self.name}: {run['platform']}, {run['fidelity']}, {cycles:,} cycles, {traps:,} traps>"

    def _repr_html_(self) -> str:
        from trapwalk.notebook import html

        return html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._json, self.name, self.console, self.arguments)


def _run(other: object) -> Run:
    if not isinstance(other, Run):
        raise TypeError(f"other: a trapwalk.Run is needed, not a {type(other).__name__}: Run.load(path) is that of a file")
    return other


def _again(text: str, name: str, console: str, arguments: tuple[str, ...]) -> Run:
    return Run(json.loads(text), text, name=name, console=console, arguments=arguments)
