"""Traces of memory accesses (docs/trace-format.md): files, and arrays in memory."""

from __future__ import annotations

import enum
import html
import operator
import os
import threading
from typing import Any, Iterable, Iterator, Mapping, Optional, Union, overload

import numpy
import pandas
from numpy.typing import NDArray

from trapwalk import _trapwalk
from trapwalk._arrays import members, number, unsigned
from trapwalk.config import Config
from trapwalk.errors import TraceError

PathLike = Union[str, "os.PathLike[str]"]
Records = NDArray[Any]

RECORD: Any = _trapwalk.record_dtype
"""The dtype of a record: va, ipa, pa (u8), size, stream (u4), vmid, asid (u2), kind, el, scope, target (u1)."""

NO_STREAM: int = _trapwalk.no_stream
"""The `stream` of an access of a core."""


_SHOWN = 5  #: records in a notebook


class Kind(enum.IntEnum):
    """Of a record. TABLE_WRITE: a store to memory that a walk has read as a translation table; INVALIDATE: a TLBI,
    or a command of an SMMU."""

    FETCH = 0
    READ = 1
    WRITE = 2
    TABLE_WRITE = 3
    INVALIDATE = 4


class Scope(enum.IntEnum):
    """What an INVALIDATE names (docs/trace-format.md)."""

    NONE = 0
    ALL = 1
    VMID_STAGE1 = 2
    VMID = 3
    ASID = 4
    VA = 5
    VA_LAST = 6
    VA_ALL_ASIDS = 7
    VA_ALL_ASIDS_LAST = 8
    IPA = 9
    IPA_LAST = 10
    STREAMS = 11
    STREAM_RANGE = 12
    STREAM_CONTEXTS = 13
    STREAM_CONTEXT = 14


class Trace:
    """Records in the order of their accesses. `Trace.open`, `Trace.from_arrays` and `Trace.from_records` make one.

    `trace[5]` is a record (numpy.void), `trace[5:10]` records (an array of dtype `RECORD`), `len(trace)` their number;
    `trace.select(...)` is a trace of some of them. A trace of a file reads what is asked for, each time; any number of
    threads and forked processes may.

    Attributes:
        path: of the file; None: in memory.
        name: as reports have it: the path, or that of an imported file, or "memory". May be set.
        has_ipa, has_pa: IPAs and PAs are known; they are zero where they are not.
        provenance: how the trace was made, by "command", "build", "configuration", "source" ...
    """

    path: Optional[str]
    name: str
    has_ipa: bool
    has_pa: bool
    provenance: dict[str, str]

    def __init__(self) -> None:
        raise TypeError("Trace.open(path), Trace.from_arrays(...) or Trace.from_records(...) makes a trace")

    @classmethod
    def open(cls, path: PathLike) -> Trace:
        """A trace file. Raises TraceError: none, damaged, or truncated; what is damaged inside says so when it is read."""
        trace = cls.__new__(cls)
        trace._open(os.fspath(path))
        return trace

    def _open(self, path: str) -> None:
        self._file: Optional[_File] = _File(path)
        reader = self._file.reader()
        self.path = path
        self.name = path
        self.has_ipa, self.has_pa = reader.contents
        self.provenance = {_text(key): _text(value) for key, value in reader.provenance}
        self._records: Records = numpy.empty(0, RECORD)
        self._length = reader.records

    @classmethod
    def from_records(
        cls,
        records: Records,
        *,
        has_ipa: bool = True,
        has_pa: bool = True,
        provenance: Optional[Mapping[str, str]] = None,
    ) -> Trace:
        """Records in memory: an array of dtype `RECORD` and one dimension. It is not copied: leave it as it is.

        Raises:
            TypeError: not that dtype.
            ValueError: not one dimension, or a record that there cannot be (its kind, EL, scope, target).
        """
        if not isinstance(records, numpy.ndarray) or records.dtype != RECORD:
            what = records.dtype if isinstance(records, numpy.ndarray) else type(records).__name__
            raise TypeError(f"records: an array of trapwalk.RECORD is needed, not {what}")
        if records.ndim != 1:
            raise ValueError(f"records: an array of one dimension is needed, not of shape {records.shape}")
        records = numpy.ascontiguousarray(records)
        if (wrong := _trapwalk.first_wrong(records)) >= 0:
            raise ValueError(f"records: number {wrong} has a kind, EL, scope or target that there is not: {records[wrong]}")
        for field, known in (("ipa", has_ipa), ("pa", has_pa)):
            if not known and records[field].any():
                raise ValueError(f"records: has_{field}=False, but some are not zero")
        trace = cls.__new__(cls)
        trace.path = None
        trace.name = "memory"
        trace.has_ipa, trace.has_pa = has_ipa, has_pa
        trace.provenance = dict(provenance or {})
        trace._file = None
        trace._records = records
        trace._length = len(records)
        return trace

    @classmethod
    def from_arrays(
        cls,
        va: Any,
        *,
        kind: Any = Kind.READ,
        size: Any = 8,
        ipa: Any = None,
        pa: Any = None,
        el: Any = 0,
        vmid: Any = 0,
        asid: Any = 0,
        stream: Any = NO_STREAM,
        scope: Any = Scope.NONE,
        target: Any = 0,
        provenance: Optional[Mapping[str, str]] = None,
    ) -> Trace:
        """A trace of `n` records, made of integers: arrays of shape (n,), or one number for all records.

        `Trace.from_arrays(**frame)` makes one of the rows of a `frame()`.

        Args:
            va: addresses, of 64 bits; of DMA IOVAs. An array.
            kind: of `Kind`, or its names: "fetch", "read" …
            size: bytes, of 32 bits.
            ipa, pa: of 64 bits; None: not known.
            el: exception level, 0..3.
            vmid, asid: of 16 bits.
            stream: StreamID of a DMA master, of 32 bits; `NO_STREAM`: a core.
            scope, target: of INVALIDATE records; a scope is of `Scope`, or its names; target is the regime in bits 0-3 and the reach in bits 4-7.

        Raises:
            TypeError: no integers.
            ValueError: wrong shapes, or numbers that do not fit.
        """
        addresses = unsigned("va", va, "u8")
        records = numpy.zeros(len(addresses), RECORD)
        records["va"] = addresses
        columns = {"size": size, "el": el, "vmid": vmid, "asid": asid, "stream": stream, "target": target}
        columns.update({"kind": members("kind", kind, Kind), "scope": members("scope", scope, Scope), "ipa": ipa, "pa": pa})
        for name, values in columns.items():
            if values is not None:
                records[name] = unsigned(name, values, RECORD[name], len(records))
        return cls.from_records(records, has_ipa=ipa is not None, has_pa=pa is not None, provenance=provenance)

    # ---- records

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, which: int) -> numpy.void: ...
    @overload
    def __getitem__(self, which: slice) -> Records: ...
    def __getitem__(self, which: Union[int, slice]) -> Union[numpy.void, Records]:
        if isinstance(which, slice):
            first, end, step = which.indices(self._length)
            if self._file is None:
                return self._records[which]
            chosen = range(first, end, step)
            if not chosen:
                return numpy.empty(0, RECORD)
            low, high = min(chosen[0], chosen[-1]), max(chosen[0], chosen[-1])
            return self._file.reader().read(low, high - low + 1)[::step]
        try:
            which = operator.index(which)
        except TypeError:
            raise TypeError(
                f"a record's number or a slice is needed, not a {type(which).__name__}: Trace.select takes masks and arrays"
            ) from None
        index = which + self._length if which < 0 else which
        if not 0 <= index < self._length:
            raise IndexError(f"{which}: the trace has {self._length} records")
        record: numpy.void = self[index : index + 1][0]
        return record

    def select(self, which: Any) -> Trace:
        """A trace in memory of some of the records, in their order, with this one's name and provenance.

            trace.select(trace.frame()["vmid"] == 1)          # one VM
            trace.select(slice(1_000_000, 2_000_000))         # a part

        Args:
            which: a slice; a mask, a bool for each record; or numbers of records, ascending.

        Raises:
            TypeError, ValueError, IndexError: none of these.
        """
        if isinstance(which, slice):
            if which.step is not None and which.step < 0:
                raise ValueError("which: records go in the order of their accesses, not backwards")
            records = self[which]
        else:
            records = self[:][self._numbers(which)]
        return _in_memory(records, self.has_ipa, self.has_pa, self.provenance, self.name)

    def _numbers(self, which: Any) -> NDArray[Any]:
        """A mask, or numbers that there are."""
        chosen = numpy.asarray(which)
        if chosen.dtype == numpy.bool_:
            if chosen.shape != (self._length,):
                raise ValueError(f"which: a mask of {self._length} is needed, not one of shape {chosen.shape}")
            return chosen
        numbers = unsigned("which", which, "u8")
        if len(numbers) and int(numbers[-1]) >= self._length:
            raise IndexError(f"which: {numbers[-1]}: the trace has {self._length} records")
        if (numbers[1:] <= numbers[:-1]).any():
            raise ValueError("which: numbers of records are ascending: they go in the order of their accesses")
        return numbers

    def blocks(self, records: int = _trapwalk.block_records) -> Iterator[Records]:
        """All records, so many at a time: a trace of any length in little memory."""
        size = number("records", records, "u8")
        if size == 0:
            raise ValueError("records: at least one")
        for first in range(0, self._length, size):
            yield self[first : first + size]

    def frame(self, start: Optional[int] = None, stop: Optional[int] = None) -> pandas.DataFrame:
        """Records `start` to `stop` as a DataFrame, a column a field; kinds and scopes by their names."""
        records = self[start:stop]
        frame = pandas.DataFrame({name: records[name] for name in records.dtype.names or ()})
        frame["kind"] = pandas.Categorical.from_codes(records["kind"], [kind.name.lower() for kind in Kind])
        frame["scope"] = pandas.Categorical.from_codes(records["scope"], [scope.name.lower() for scope in Scope])
        return frame

    # ---- files

    def write(self, path: PathLike) -> None:
        """Writes a trace file; what was at `path` stays until the new one is whole. Raises TraceError."""
        pairs = [(key, value) for key, value in self.provenance.items()]
        writer = _trapwalk.TraceWriter(os.fspath(path), self.has_ipa, self.has_pa, pairs)
        for block in self.blocks():
            writer.write(block)
        writer.finish()

    def __reduce__(self) -> tuple[Any, ...]:
        if self.path is not None:
            return Trace.open, (os.path.abspath(self.path),)
        return _in_memory, (self._records, self.has_ipa, self.has_pa, self.provenance, self.name)

    def __repr__(self) -> str:
        known = [name for name, has in (("IPAs", self.has_ipa), ("PAs", self.has_pa)) if has]
        where = self.path or ("in memory" if self.name == "memory" else f"{self.name} in memory")
        return f"<Trace {where}: {self._length} records{', with ' + ' and '.join(known) if known else ''}>"


    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>" for key, value in self.provenance.items()
        )
        first = self.frame(0, _SHOWN)
        for name in ("va", "ipa", "pa"):
            first[name] = [f"{address:#x}" for address in first[name]]
        table = first.to_html(border=0, index=False)
        return f"<p>{html.escape(repr(self))}</p><table>{rows}</table><p>The first records:</p>{table}"


class _File:
    """A file that is read: by a reader for each thread of each process, for a reader has a place in it, which forked
    processes would share."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._absolute = os.path.abspath(path)
        self._local = threading.local()
        self._state = _state_of(path)
        self._keep(_trapwalk.TraceReader(path))

    def reader(self) -> _trapwalk.TraceReader:
        """This thread's. Raises TraceError: the file is not any more what it was."""
        if getattr(self._local, "process", None) != os.getpid():
            reader = _trapwalk.TraceReader(self._absolute)
            if _state_of(self._absolute) != self._state:
                raise TraceError(f"{self._path}: is not the file any more that was opened")
            self._keep(reader)
        kept: _trapwalk.TraceReader = self._local.reader
        return kept

    def _keep(self, reader: _trapwalk.TraceReader) -> None:
        self._local.reader, self._local.process = reader, os.getpid()


def _state_of(path: str) -> Optional[tuple[int, ...]]:
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # ValueError: a NUL in the name. The reader says what is wrong
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


AnyTrace = Union[PathLike, Trace]


def opened(trace: AnyTrace) -> Trace:
    """`trace`, or that of the file. Raises TraceError, TypeError."""
    if isinstance(trace, Trace):
        return trace
    if isinstance(trace, (str, os.PathLike)):
        return Trace.open(trace)
    raise TypeError(f"a trapwalk.Trace is needed, or the path of one, not {type(trace).__name__}{_maker(trace)}")


def opened_all(traces: Union[AnyTrace, Iterable[AnyTrace]]) -> list[Trace]:
    """One, or several. Raises TraceError, TypeError, and ValueError for none."""
    if isinstance(traces, (str, os.PathLike, Trace)):
        return [opened(traces)]
    if not isinstance(traces, Iterable) or isinstance(traces, (Mapping, Config, numpy.ndarray, pandas.DataFrame)):
        what = f"{type(traces).__name__}{_maker(traces)}"
        raise TypeError(f"traces: a trapwalk.Trace is needed, or a path, or a list of them, not a {what}")
    several = [opened(one) for one in traces]
    if not several:
        raise ValueError("traces: at least one")
    return several


def _maker(given: object) -> str:
    """What would make a trace of it."""
    if isinstance(given, pandas.DataFrame):
        return ": Trace.from_arrays(**frame) makes one"
    if isinstance(given, numpy.ndarray):
        return f": Trace.{'from_records(array)' if given.dtype == RECORD else 'from_arrays(va=array)'} makes one"
    return ""


def _in_memory(records: Records, has_ipa: bool, has_pa: bool, provenance: Mapping[str, str], name: str) -> Trace:
    trace = Trace.from_records(records, has_ipa=has_ipa, has_pa=has_pa, provenance=provenance)
    trace.name = name
    return trace


def _text(encoded: bytes) -> str:
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        raise TraceError(f"the provenance has {encoded!r}, which is no UTF-8") from None
