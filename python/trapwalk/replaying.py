"""A trace through an MMU, without a CPU, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, Optional, Sequence, Union

from trapwalk import _trapwalk
from trapwalk._arrays import number
from trapwalk.config import Config, virt_config
from trapwalk.trace import AnyTrace, Trace, opened_all

if TYPE_CHECKING:
    from trapwalk.results import Run

Ghost = tuple[str, int, int]  #: structure, entries, ways; 0: full


def replay(
    traces: Union[AnyTrace, Sequence[AnyTrace]],
    config: Optional[Config] = None,
    *,
    start: int = 0,
    records: Optional[int] = None,
    ghosts: Iterable[Ghost] = (),
    progress: Optional[Callable[[int], object]] = None,
    name: str = "",
) -> Run:
    """Translates each access after the one before, as `trapwalk replay` does (platforms/replay/README.md).

    Args:
        traces: one, or its file, or several: VMs that take turns by `replay.quantum` and `replay.switch`, until the last has ended.
        config: of virt; `mmu.*`, `replay.*`, `core.frequency` and, of DMA masters, `smmu.*` matter. Without: `Config("generic")`.
        start, records: of each trace the first record, and how many; without, all behind it.
        ghosts: (structure, entries, ways): what tlb.l2, walk_cache or ipa of another size would miss; ways 0: full.
        progress: is told now and then how many records are done.
        name: of the Run, for plots; else that of the traces' files.

    Raises:
        TraceError: a trace is damaged.
        ConfigError: the values of `config` do not go together.
        TypeError, ValueError: no traces, no configuration of virt.
    """
    from trapwalk.results import Run

    several = opened_all(traces)
    report, _ = replay_report(several, config, start=start, records=records, ghosts=ghosts, progress=progress)
    names = dict.fromkeys(Path(trace.name).stem for trace in several)
    return Run.from_json(report, name=name or " + ".join(names))


def replay_report(
    traces: Union[AnyTrace, Sequence[AnyTrace]],
    config: Optional[Config] = None,
    *,
    start: int = 0,
    records: Optional[int] = None,
    ghosts: Iterable[Ghost] = (),
    progress: Optional[Callable[[int], object]] = None,
) -> tuple[str, dict[str, Any]]:
    """`replay`, as the report's JSON text (docs/report-schema.md), the same bytes as `trapwalk replay --report`; and counts
    that it does not have: records, translations, faults, streams (records of DMA masters), dma_translations, dma_invalidations, dma_faults,
    table_writes, invalidations (TLBIs that were replayed), spaces, leaves, switches (of each trace: to it, from another)."""
    several = opened_all(traces)
    config = virt_config(config, lambda: Config("generic"))
    config.validate()
    given: Any = [ghosts] if isinstance(ghosts, str) else ghosts
    shapes = [_shape(ghost) for ghost in given]
    first = number("start", start, "u8")
    most = None if records is None else number("records", records, "u8")
    sources = [source(trace, first, most) for trace in several]
    return _trapwalk.replay(config._configuration, sources, shapes, progress)


def _shape(ghost: Any) -> Ghost:
    if isinstance(ghost, str) or not isinstance(ghost, Sequence) or len(ghost) != 3 or not isinstance(ghost[0], str):
        raise TypeError(f'ghosts: (structure, entries, ways) is needed of each, as ("tlb.l2", 1024, 4), not {ghost!r}')
    return ghost[0], number("entries", ghost[1], "u4"), number("ways", ghost[2], "u4")


def source(trace: Trace, first: int = 0, most: Optional[int] = None) -> _trapwalk.Source:
    first = min(first, len(trace))
    count = len(trace) - first if most is None else min(most, len(trace) - first)
    if trace.path is not None:
        return _trapwalk.Source(trace.path, first, count)
    return _trapwalk.Source(trace.name, trace[first : first + count], trace.has_ipa, trace.has_pa)
