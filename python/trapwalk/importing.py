"""Traces of other tools (platforms/importers/README.md)."""

from __future__ import annotations

import difflib
import os
from typing import Iterable, Optional

from trapwalk import _trapwalk
from trapwalk._arrays import number
from trapwalk.trace import PathLike, Trace

FORMATS = tuple(_trapwalk.importers)


def import_trace(
    path: PathLike,
    format: str,
    *,
    to: Optional[PathLike] = None,
    vmid: int = 0,
    asid: int = 0,
    command: str = "",
    reads: Iterable[int] = (),
    writes: Iterable[int] = (),
) -> Trace:
    """The accesses that another tool recorded, as a trace; as `trapwalk import`.

    Args:
        path: the tool's file, plain or packed by gzip, xz or zstd.
        format: of `trapwalk.importing.FORMATS`: "lackey" (valgrind), "champsim", "cloudsuite", "gem5".
        to: a trace file to be written; without, the trace is in memory (40 bytes a record).
        vmid, asid: of all accesses.
        command: what was recorded, for the trace's provenance.
        reads, writes: gem5: numbers of its commands that are reads and writes, beside ReadReq and WriteReq.

    Raises:
        ValueError: no such format.
        TraceError: a file that cannot be read, is damaged, or is none of that tool's; nothing is written then.
    """
    if format not in FORMATS:
        near = difflib.get_close_matches(format, FORMATS, 1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"format: {format!r} is none of {', '.join(FORMATS)}{hint}")
    name = os.fspath(path)
    commands = [[number(what, n, "u4") for n in numbers] for what, numbers in (("reads", reads), ("writes", writes))]
    if format != "gem5" and any(commands):
        raise ValueError("reads and writes are for gem5's commands")
    options = _trapwalk.ImportOptions(number("vmid", vmid, "u2"), number("asid", asid, "u2"), *commands)
    if to is not None:
        _trapwalk.import_file(format, name, os.fspath(to), options, command)
        return Trace.open(to)
    records, (has_ipa, has_pa), addresses = _trapwalk.import_records(format, name, options)
    provenance = {"command": command} if command else {}
    provenance["build"] = _trapwalk.version
    provenance["source"] = f"{format}: {os.path.basename(name)}"
    provenance["addresses"] = addresses
    trace = Trace.from_records(records, has_ipa=has_ipa, has_pa=has_pa, provenance=provenance)
    trace.name = os.path.basename(name)
    return trace
