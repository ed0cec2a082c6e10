"""What VMs, or address spaces, cost each other in a TLB that they share, for TLBs of every size, of one pass."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Union

import numpy
import pandas

from trapwalk import _trapwalk
from trapwalk.config import Config
from trapwalk.curve import MissCurve, checked_sizes, require_stage1, require_structure, valid_config
from trapwalk.replaying import source
from trapwalk.trace import AnyTrace, Kind, Records, Trace, opened_all

_MOST_VMS = 65535
_NO_GUEST = 2  #: from this exception level on a record is of no VM


@dataclass(frozen=True, repr=False)
class MissShares:
    """Misses of LRU TLBs of every size that several parts share: VMs, address spaces, or DMA masters.

    Attributes:
        together: all misses of the shared TLB.
        shares: of each part, by its name ("VMID 1", "VMID 1 ASID 5", "stream 8"), its misses in the shared TLB.
        alone: of each part its misses in a TLB that nobody else uses.
    """

    together: MissCurve
    shares: Mapping[str, MissCurve] = field(repr=False, hash=False)
    alone: Mapping[str, MissCurve] = field(repr=False, hash=False)

    def frame(self) -> pandas.DataFrame:
        """A row for each part and TLB: part, entries, sets, ways, misses, ratio (of the part's references), alone (the
        misses if the TLB were its own) and cost (misses that it owes to the others)."""
        frames = []
        for name, share in self.shares.items():
            frame = share.frame()
            frame.insert(0, "part", name)
            frame["alone"] = self.alone[name].frame()["misses"]
            frame["cost"] = frame["misses"].astype("i8") - frame["alone"].astype("i8")
            frames.append(frame)
        return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame()

    def plot(self, *, ways: Optional[int] = None, ax: Any = None) -> Any:
        """`trapwalk.plots.miss_shares`. Returns the matplotlib Axes."""
        from trapwalk import plots

        return plots.miss_shares(self, ways=ways, ax=ax)

    def __repr__(self) -> str:
        return f"MissShares({', '.join(self.shares)}; together={self.together!r})"

    def _repr_html_(self) -> str:
        frame = self.frame()
        if frame.empty:
            return f"<p>{html.escape(repr(self))}</p>"
        powers = frame[frame["entries"].isin([1 << n for n in range(32)])]
        widest = powers.loc[powers.groupby(["part", "entries"])["ways"].idxmax()]
        table: str = widest.pivot(index=["entries", "ways"], columns="part", values=["misses", "alone"]).to_html()
        return f"<p>{html.escape(repr(self))}</p>{table}"


def miss_shares(
    traces: Union[AnyTrace, Sequence[AnyTrace]],
    config: Optional[Config] = None,
    *,
    by: str = "vmid",
    most_entries: int = 4096,
    sets: Optional[Iterable[int]] = None,
    of: str = "cores",
) -> MissShares:
    """Whose misses those of a shared LRU TLB are, and how many of them each would have alone; sizes as of `miss_curve`.

    Args:
        traces: one (or its file), with all its VMs; or several, that are VMIDs 1, 2, ... and take turns of `replay.quantum` accesses
            until the last has ended, as in `replay`.
        by: "vmid"; "asid": each address space of each VM; or of masters "stream": each master. EL2's and EL3's records
            are of VMID 0.
        of: "cores", "masters" or "walk_caches", as of `miss_curve`. The walks are those behind the TLBs of `config`, which
            all share: what a part misses alone are the same walks in a walk cache of its own. Masters are of one trace.

    Raises:
        TraceError: a trace is damaged, or has more than 256 parts.
        ConfigError: the values of `config` do not go together.
        ValueError: several traces with turns in cycles, or with a flush at each switch: that is for `replay`; several
            traces of masters; walk caches without a stage 1.
    """
    several = opened_all(traces)
    if not 0 < len(several) <= _MOST_VMS:
        raise ValueError(f"traces: 1 to {_MOST_VMS}")
    require_structure(of)
    known = ("vmid", "asid", "stream") if of == "masters" else ("vmid", "asid")
    if by not in known:
        raise ValueError(f"by: of {of}, {' or '.join(known)}, not {by!r}")
    if of == "masters" and len(several) > 1:
        raise ValueError("of: masters are those of one trace")
    config = valid_config(config)
    if len(several) > 1 and (config.replay.quantum_unit != "accesses" or config.replay.switch != "tagged"):
        raise ValueError("several traces need replay.quantum_unit=accesses and replay.switch=tagged")
    most, counts = checked_sizes(most_entries, sets)
    if of == "walk_caches":
        require_stage1(config)
        native = config._configuration
        return _shares(*_trapwalk.walk_caches(native, [source(trace) for trace in several], most, counts, by), by)
    has_ipa, has_pa = all(trace.has_ipa for trace in several), all(trace.has_pa for trace in several)
    curve = _trapwalk.Curve(config._configuration, has_ipa, has_pa, most, counts, of == "masters", by)
    if len(several) == 1:
        turns = several[0].blocks(1 << 20)
    else:
        turns = _turns(several, config.replay.quantum, config.replay.vmids == "numbered")
    for records in turns:
        curve.access(records)
    return _shares(curve.page_bytes, curve.counts(), curve.parts(), by)


def _shares(page_bytes: int, counted: Any, parts: list[tuple[int, int, int, Any, Any]], by: str) -> MissShares:
    """Of references, pages and misses together, and of each part VMID, ASID, StreamID, its misses, and what it has alone."""
    shares, alone = {}, {}
    for vmid, asid, stream, misses, own in sorted(parts, key=lambda part: part[:3]):
        name = f"stream {stream}" if by == "stream" else f"VMID {vmid}" + (f" ASID {asid}" if by == "asid" else "")
        shares[name] = MissCurve(own[0], own[1], page_bytes, misses)
        alone[name] = MissCurve(own[0], own[1], page_bytes, own[2])
    return MissShares(MissCurve(counted[0], counted[1], page_bytes, counted[2]), shares, alone)


def _turns(traces: Sequence[Trace], quantum: int, numbered: bool) -> Iterator[Records]:
    """Round robin; a trace that has ended is left out."""
    waiting = [_Lane(_of_vm(trace.blocks(1 << 18), vmid if numbered else None)) for vmid, trace in enumerate(traces, 1)]
    while waiting:
        for lane in list(waiting):
            yield from lane.take(quantum)
            if lane.has_ended():
                waiting.remove(lane)


def _of_vm(blocks: Iterable[Records], vmid: Optional[int]) -> Iterator[Records]:
    for block in blocks:
        if vmid is not None:
            block = block.copy()
            guest = (block["el"] < _NO_GUEST) | (block["kind"] == Kind.INVALIDATE)
            block["vmid"] = numpy.where(guest, vmid, block["vmid"])
        yield block


class _Lane:
    """A trace on its way."""

    def __init__(self, blocks: Iterator[Records]) -> None:
        self._blocks = blocks
        self._records: Optional[Records] = next(blocks, None)

    def has_ended(self) -> bool:
        return self._records is None

    def take(self, count: int) -> Iterator[Records]:
        """The next `count` records, or what there is of them."""
        while count != 0 and self._records is not None:
            taken, self._records = self._records[:count], self._records[count:]
            count -= len(taken)
            if len(self._records) == 0:
                self._records = next(self._blocks, None)
            yield taken
