"""A trace through an MMU, without a CPU, in this process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Callable, Iterable, Optional

from trapwalk import _trapwalk
from trapwalk._arrays import number
from trapwalk.config import Config
from trapwalk.trace import Trace

if TYPE_CHECKING:
    from trapwalk.results import Run

Ghost = tuple[str, int, int]


def replay(
    trace: Trace,
    config: Optional[Config] = None,
    *,
    start: int = 0,
    records: Optional[int] = None,
    ghosts: Iterable[Ghost] = (),
    progress: Optional[Callable[[int], object]] = None,
) -> Run:
    """Translates each access of `trace` after the one before, as `trapwalk replay` does (platforms/replay/README.md).

    Args:
        config: of virt; `mmu.*`, `replay.*` and `core.frequency` matter. Without: `Config("generic")`.
        start, records: the first record, and how many; without, all behind it.
        ghosts: (structure, entries, ways): what tlb.l2, walk_cache or ipa of another size would miss; ways 0: full.
        progress: is told now and then how many records are done.

    Raises:
        TraceError: the trace is damaged.
        ConfigError: the values of `config` do not go together.
    """
    from trapwalk.results import Run

    report, _ = replay_report(trace, config, start=start, records=records, ghosts=ghosts, progress=progress)
    return Run.from_report(json.loads(report))


def replay_report(
    trace: Trace,
    config: Optional[Config] = None,
    *,
    start: int = 0,
    records: Optional[int] = None,
    ghosts: Iterable[Ghost] = (),
    progress: Optional[Callable[[int], object]] = None,
) -> tuple[str, dict[str, int]]:
    """`replay`, as the report's JSON text (docs/report-schema.md), the same bytes as `trapwalk replay --report`; and counts
    that it does not have: records, translations, faults, streams (records of DMA masters, left out), spaces, leaves."""
    if not isinstance(trace, Trace):
        raise TypeError(f"a trapwalk.Trace is needed, not {type(trace).__name__}")
    config = Config("generic") if config is None else config
    if config.platform_name != "virt":
        raise ValueError(f"a configuration of virt is needed, not of {config.platform_name}")
    config.validate()
    first = min(number("start", start, "u8"), len(trace))
    count = len(trace) - first
    if records is not None:
        count = min(number("records", records, "u8"), count)
    shapes = [(name, number("entries", entries, "u4"), number("ways", ways, "u4")) for name, entries, ways in ghosts]
    if trace.path is not None:
        return _trapwalk.replay_file(config._configuration, trace.path, first, count, shapes, progress)
    part = trace[first : first + count]
    known = trace.has_ipa, trace.has_pa
    return _trapwalk.replay_records(config._configuration, "memory", part, *known, shapes, progress)
