"""An SMMU with streams, queues and translation tables of its own."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Optional, Union, overload

import numpy
import pandas
from numpy.typing import NDArray

from trapwalk import _trapwalk
from trapwalk._arrays import number, unsigned
from trapwalk._shown import Shown
from trapwalk.config import Config, virt_config
from trapwalk.mmu import _check_below, _column, _ranges

DMA_ANSWER: Any = _trapwalk.dma_answer_dtype
"""The dtype of DMA translations: pa (u8), cycles (u4), fetches (u2), outcome, page_bits (u1)."""

_IOVA_BITS = 48
_PA_BITS = 48
_REFUSALS = {1: "CERROR_ILL", 2: "CERROR_ABT", 3: "CERROR_ATC_INV_SYNC"}
_STRUCTURES = ("tbu", "tbu_main", "tlb", "walk_cache", "walk_cache2", "ipa", "ste", "cd")


class Outcome(enum.IntEnum):
    """How a transaction ends for its master."""

    OK = 0
    ABORT = 1
    READ_AS_ZERO = 2
    STALLED = 3


@dataclass(frozen=True, repr=False)
class DmaTranslation(Shown):
    """Of one address.

    Attributes:
        pa: None where it has none.
        cycles: of the SMMU's clock.
        fetches: of descriptors of translation tables.
        outcome: how the transaction ends.
        page_bits: the answer holds for so much around the address; None without one.
    """

    pa: Optional[int]
    cycles: int
    fetches: int
    outcome: Outcome
    page_bits: Optional[int]

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.OK


@dataclass(frozen=True, repr=False)
class SmmuEvent(Shown):
    """A record of the event queue (IHI 0070, 7.3).

    Attributes:
        name: "F_TRANSLATION" ...
        stream: StreamID.
        address: InputAddr; of events that have none, what stands there.
        words: the whole record.
    """

    name: str
    stream: int
    address: int
    words: tuple[int, int, int, int]


class Smmu:
    """The SMMU that `config.smmu.*` describes, enabled, in a memory of its own.

    Streams are added with the stages that they have; of `config.replay.*` granules and leaves, `ipa_bits`, `memory` (for
    tables) and `descriptor_cycles` (of each read of it) say what the tables are like. Accesses come one after another.

    Args:
        config: of virt.
        tbus: how many TBUs there are.

    Raises:
        ConfigError: values that do not go together.
    """

    def __init__(self, config: Optional[Config] = None, *, tbus: int = 1) -> None:
        self.config = virt_config(config, lambda: Config(smmu="v3")).copy()
        self.config.validate()
        self.tbus = number("tbus", tbus, "u1")
        if self.tbus == 0:
            raise ValueError("tbus: at least one")
        self._smmu = _trapwalk.Smmu(self.config._configuration, self.tbus)
        self._streams: dict[int, tuple[bool, Optional[int]]] = {}
        self._vmids: set[int] = set()

    def __repr__(self) -> str:
        return f"<Smmu: {self.config!r}, tbus={self.tbus}, streams {', '.join(map(str, self._streams)) or 'none'}>"

    # ---- streams and tables

    def add_stream(
        self, stream: int, *, stage1: bool = True, stage2: bool = False, vmid: int = 0, asid: int = 0
    ) -> None:
        """A stream with these stages; with neither it bypasses. Streams of one VMID share their stage 2."""
        key = number("stream", stream, "u4")
        if key >> self._smmu.stream_bits != 0:
            raise ValueError(f"stream: {stream} has more than {self._smmu.stream_bits} bits")
        if key in self._streams:
            raise ValueError(f"stream: {stream} is there already")
        of_vmid = number("vmid", vmid, "u2")
        self._smmu.add_stream(key, stage1, stage2, of_vmid, number("asid", asid, "u2"))
        self._streams[key] = stage1, of_vmid if stage2 else None
        if stage2:
            self._vmids.add(of_vmid)

    def map(self, stream: int, iova: Any, to: Any, *, size: Optional[int] = None) -> None:
        """Stage 1 of a stream: the pages at `iova` lead to those at `to`, which are IPAs where there is a stage 2.

        `iova` and `to` are integers (and `size` bytes from there on), or arrays of shape (n,), a leaf each.
        """
        vmid = self._stage1_of(stream)
        iovas, outputs = _ranges(iova, to, size, self.config.replay.leaf)
        _check_below("iova", iovas, _IOVA_BITS)
        _check_below("to", outputs, _PA_BITS if vmid is None else self.config.replay.ipa_bits)
        self._smmu.map(stream, iovas, outputs)

    def unmap(self, stream: int, iova: Any, *, size: Optional[int] = None) -> None:
        """The descriptors are invalid; what TLBs hold stays until `invalidate`."""
        self._stage1_of(stream)
        iovas, _ = _ranges(iova, iova, size, self.config.replay.leaf)
        _check_below("iova", iovas, _IOVA_BITS)
        self._smmu.unmap(stream, iovas)

    def map_stage2(self, vmid: int, ipa: Any, to: Any, *, size: Optional[int] = None) -> None:
        """Stage 2 of a VM, from IPAs to PAs. The last quarter of the IPAs holds tables of stage 1 and CDs."""
        if number("vmid", vmid, "u2") not in self._vmids:
            raise ValueError(f"vmid: no stream has stage 2 of VMID {vmid}")
        ipas, outputs = _ranges(ipa, to, size, self.config.replay.leaf2)
        _check_below("ipa", ipas, self.config.replay.ipa_bits)
        tables = _trapwalk.first_of_tables(self.config._configuration)
        if len(ipas) and int(ipas.max()) >= tables:
            raise ValueError(f"ipa: from {tables:#x} on there are the tables of stage 1")
        _check_below("to", outputs, _PA_BITS)
        self._smmu.map_stage2(vmid, ipas, outputs)

    def _stage1_of(self, stream: int) -> Optional[int]:
        """The VMID of its stage 2."""
        stage1, vmid = self._streams.get(number("stream", stream, "u4"), (False, None))
        if not stage1:
            raise ValueError(f"stream: {stream} has no stage 1")
        return vmid

    # ---- translations

    @overload
    def translate(self, stream: int, iova: int, *, write: bool = False, tbu: int = 0) -> DmaTranslation: ...
    @overload
    def translate(self, stream: Any, iova: NDArray[Any], *, write: bool = False, tbu: int = 0) -> NDArray[Any]: ...
    def translate(
        self, stream: Any, iova: Any, *, write: bool = False, tbu: int = 0
    ) -> Union[DmaTranslation, NDArray[Any]]:
        """DMA accesses, one after another. Faults are values; `events()` has what was recorded. A stream that was not
        added aborts, and no event says so: its STE's Config is abort.

        Args:
            stream: StreamID of all, or of each: shape (n,).
            iova: an integer, or an array of shape (n,).
            tbu: where they come in.

        Returns:
            A DmaTranslation, or an array of dtype `DMA_ANSWER` and shape (n,).
        """
        one = numpy.ndim(iova) == 0
        iovas = unsigned("iova", [iova] if one else iova, "u8")
        if number("tbu", tbu, "u1") >= self.tbus:
            raise ValueError(f"tbu: there are {self.tbus}, not number {tbu}")
        answers = self._smmu.translate(_column("stream", stream, "u4", len(iovas)), iovas, write, tbu)
        return _translation(answers[0]) if one else answers

    def command(self, first: int, second: int = 0) -> None:
        """A command as its two words (IHI 0070, 4), and a CMD_SYNC, whose end is waited for.

        Raises ValueError for one that the SMMU refuses, with CMDQ_CONS.ERR's name; those behind it are done.
        """
        words = number("first", first, "u8"), number("second", second, "u8")
        if reason := self._smmu.issue(*words):
            raise ValueError(f"command {words[0]:#x}, {words[1]:#x}: {_REFUSALS.get(reason, reason)}")

    def invalidate(self, *, vmid: Optional[int] = None) -> None:
        """Of all translations, or of one VMID: CMD_TLBI_NSNH_ALL, CMD_TLBI_S12_VMALL."""
        self.command(0x30 if vmid is None else 0x28 | number("vmid", vmid, "u2") << 32)

    # ---- results

    def events(self) -> list[SmmuEvent]:
        """What the event queue holds, which is empty then."""
        return [_event(tuple(int(word) for word in record)) for record in self._smmu.take_events()]

    def statistics(self) -> dict[str, Any]:
        """streams: a row for each stream and VM: who answered, cycles by part, fetches; and of each structure (tbu,
        tbu_main, tlb, walk_cache, walk_cache2, ipa, ste, cd) a dict as of `Tlb.statistics`; events_lost, cycles."""
        return self._smmu.statistics()

    def frame(self) -> pandas.DataFrame:
        """The structures of `statistics()` as rows."""
        statistics = self.statistics()
        frame = pandas.DataFrame([statistics[name] for name in _STRUCTURES], index=list(_STRUCTURES))
        return frame.drop(columns="evictions_by")

    def streams(self) -> pandas.DataFrame:
        """A row for each stream and VM."""
        return pandas.DataFrame(self.statistics()["streams"])

    def clear_statistics(self) -> None:
        """All counts are zero again; entries stay."""
        self._smmu.clear_statistics()


def _translation(row: Any) -> DmaTranslation:
    outcome = Outcome(int(row["outcome"]))
    good = outcome is Outcome.OK
    return DmaTranslation(
        pa=int(row["pa"]) if good else None,
        cycles=int(row["cycles"]),
        fetches=int(row["fetches"]),
        outcome=outcome,
        page_bits=int(row["page_bits"]) if good else None,
    )


def _event(words: tuple[int, ...]) -> SmmuEvent:
    # 7.3: the event's number in bits 7:0 of the first word, StreamID in its upper half, InputAddr in the third word.
    first, second, third, fourth = words
    name = _trapwalk.smmu_events.get(first & 0xFF, f"{first & 0xFF:#x}")
    return SmmuEvent(name, first >> 32, third, (first, second, third, fourth))
