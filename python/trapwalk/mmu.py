"""An MMU with translation tables of its own: map pages, translate addresses."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Optional, Union, overload

import numpy
import pandas
from numpy.typing import NDArray

from trapwalk import _trapwalk
from trapwalk._arrays import members, number, unsigned
from trapwalk._shown import Shown
from trapwalk.config import Config, virt_config
from trapwalk.trace import Kind, Scope

ANSWER: Any = _trapwalk.answer_dtype
"""The dtype of translations: pa, ipa (u8), cycles (u4), fetches (u2), fault, stage (u1), level (i1), page_bits (u1)."""

_VA_BITS = 48
_STRUCTURES = ("l1i", "l1d", "l1s", "l2", "ipa", "walk_cache", "walk_cache2")


class Fault(enum.IntEnum):
    """What a translation ends with (Arm ARM D8.15)."""

    NONE = 0
    ADDRESS_SIZE = 1
    TRANSLATION = 2
    ACCESS_FLAG = 3
    PERMISSION = 4
    ALIGNMENT = 5
    EXTERNAL_ON_WALK = 6
    EXTERNAL = 7
    TLB_CONFLICT = 8
    UNSUPPORTED_UPDATE = 9
    UNSUPPORTED_ATOMIC = 10


@dataclass(frozen=True, repr=False)
class Translation(Shown):
    """Of one address.

    Attributes:
        pa, ipa: None with a fault; `ipa` of a stage-2 fault is the one that faulted.
        cycles: beyond a hit of the first level.
        fetches: of descriptors.
        fault: NONE: translated.
        stage, level: of the fault; None without one.
        page_bits: the answer holds for so much around the address; None with a fault.
    """

    pa: Optional[int]
    ipa: Optional[int]
    cycles: int
    fetches: int
    fault: Fault
    stage: Optional[int]
    level: Optional[int]
    page_bits: Optional[int]

    @property
    def ok(self) -> bool:
        return self.fault is Fault.NONE


class Mmu:
    """The MMU of a core, with the tables of any number of VMs and address spaces in a memory of its own.

    `config.mmu.*` says what it is made of; of `config.replay.*` `paging` (native: stage 1 alone, nested: both stages,
    stage2: it alone, whose IPAs are the VAs), granules and leaves, `ipa_bits`, `memory` (for tables) and
    `descriptor_cycles` say what the tables are like. Accesses come one after another; each waits for the one before.

    Raises:
        ConfigError: values that do not go together.
    """

    def __init__(self, config: Optional[Config] = None) -> None:
        self.config = virt_config(config, Config).copy()
        self.config.validate()
        paging = self.config["replay.paging"]
        if paging not in ("native", "nested", "stage2"):
            raise ValueError(f"replay.paging={paging}: the tables here are native, nested or stage2")
        self._stage1, self._stage2 = paging != "stage2", paging != "native"
        self._mmu = _trapwalk.Mmu(self.config._configuration)

    def __repr__(self) -> str:
        return f"<Mmu: {self.config!r}, {self.config['replay.paging']} paging>"

    # ---- tables

    def map(
        self,
        va: Any,
        to: Any,
        *,
        size: Optional[int] = None,
        vmid: int = 0,
        asid: int = 0,
        writable: bool = True,
        executable: bool = True,
    ) -> None:
        """Stage 1: the pages at `va` lead to those at `to`, which are IPAs where there is a stage 2, else PAs.

        Args:
            va, to: integers, or arrays of shape (n,): of one leaf each, aligned to it. VAs whose upper 16 bits are ones
                are of every ASID of the VM.
            size: bytes from `va` on, of integers; without, one leaf.
            writable, executable: else a Permission fault. What may be written at EL0 is not executed at EL1.

        Raises:
            TypeError, ValueError: no such addresses.
        """
        if not self._stage1:
            raise ValueError("replay.paging=stage2: there is no stage 1; map_stage2")
        leaf = self.config.replay.leaf
        vas, outputs = _ranges(va, to, size, leaf)
        _check_vas(vas)
        _check_below("to", outputs, self.config.replay.ipa_bits if self._stage2 else _VA_BITS)
        self._mmu.map(vas, outputs, number("vmid", vmid, "u2"), number("asid", asid, "u2"), writable, executable)

    def map_stage2(
        self,
        ipa: Any,
        to: Any,
        *,
        size: Optional[int] = None,
        vmid: int = 0,
        writable: bool = True,
        executable: bool = True,
    ) -> None:
        """Stage 2 of a VM: as `map`, from IPAs to PAs, by leaves of `replay.leaf2`.

        The last quarter of the IPAs holds the tables of stage 1, which are mapped already.
        """
        if not self._stage2:
            raise ValueError("replay.paging=native: there is no stage 2; map")
        ipas, outputs = _ranges(ipa, to, size, self.config.replay.leaf2)
        self._check_ipas(ipas)
        _check_below("to", outputs, _VA_BITS)
        self._mmu.map_stage2(ipas, outputs, number("vmid", vmid, "u2"), writable, executable)

    def unmap(self, va: Any, *, size: Optional[int] = None, vmid: int = 0, asid: int = 0) -> None:
        """The descriptors are invalid; what TLBs hold stays until `invalidate`, as the architecture has it."""
        if not self._stage1:
            raise ValueError("replay.paging=stage2: there is no stage 1; unmap_stage2")
        vas, _ = _ranges(va, va, size, self.config.replay.leaf)
        _check_vas(vas)
        self._mmu.unmap(vas, number("vmid", vmid, "u2"), number("asid", asid, "u2"))

    def unmap_stage2(self, ipa: Any, *, size: Optional[int] = None, vmid: int = 0) -> None:
        """As `unmap`."""
        if not self._stage2:
            raise ValueError("replay.paging=native: there is no stage 2; unmap")
        ipas, _ = _ranges(ipa, ipa, size, self.config.replay.leaf2)
        self._check_ipas(ipas)
        self._mmu.unmap_stage2(ipas, number("vmid", vmid, "u2"))

    def _check_ipas(self, ipas: NDArray[Any]) -> None:
        _check_below("ipa", ipas, self.config.replay.ipa_bits)
        if self._stage1 and len(ipas):
            tables = _trapwalk.first_of_tables(self.config._configuration)
            if int(ipas.max()) >= tables:
                raise ValueError(f"ipa: from {tables:#x} on there are the tables of stage 1")

    # ---- translations

    @overload
    def translate(
        self, va: int, *, kind: Kind = Kind.READ, vmid: int = 0, asid: int = 0, el: int = 0
    ) -> Translation: ...
    @overload
    def translate(
        self, va: NDArray[Any], *, kind: Any = Kind.READ, vmid: Any = 0, asid: Any = 0, el: int = 0
    ) -> NDArray[Any]: ...
    def translate(
        self, va: Any, *, kind: Any = Kind.READ, vmid: Any = 0, asid: Any = 0, el: int = 0
    ) -> Union[Translation, NDArray[Any]]:
        """Translates addresses, one after another. Faults are values.

        Args:
            va: an integer, or an array of shape (n,).
            kind: FETCH, READ or WRITE of `Kind`, or "fetch" …; of all, or of each: shape (n,).
            vmid, asid: the same.
            el: 0 or 1.

        Returns:
            A Translation, or an array of dtype `ANSWER` and shape (n,); fault 0: none.
        """
        one = numpy.ndim(va) == 0
        vas = unsigned("va", [va] if one else va, "u8")
        kinds = _column("kind", members("kind", kind, Kind), "u1", len(vas))
        if len(kinds) and int(kinds.max()) > Kind.WRITE:
            raise ValueError("kind: FETCH, READ or WRITE")
        if el not in (0, 1):
            raise ValueError(f"el: 0 or 1, not {el!r}")
        columns = kinds, _column("vmid", vmid, "u2", len(vas)), _column("asid", asid, "u2", len(vas))
        answers = self._mmu.translate(vas, *columns, el)
        return _translation(answers[0]) if one else answers

    def invalidate(
        self, scope: Union[Scope, str] = Scope.ALL, *, address: int = 0, size: int = 0, asid: int = 0, vmid: int = 0
    ) -> None:
        """A TLBI of EL1&0, with what the scope (of `Scope`, or its name) names: `address` is a VA or an IPA; `size` bytes from it, 0: whatever maps
        it."""
        self._mmu.invalidate(
            number("scope", members("scope", scope, Scope), "u1"),
            number("address", address, "u8"),
            number("size", size, "u8"),
            number("asid", asid, "u2"),
            number("vmid", vmid, "u2"),
        )

    # ---- results

    def statistics(self) -> dict[str, Any]:
        """walks, walk_faults, descriptor_fetches, prefetches, vmid_flushes, asid_flushes, cycles; and of each structure (l1i, l1d, l1s, l2,
        ipa, walk_cache, walk_cache2) a dict as of `Tlb.statistics`."""
        return self._mmu.statistics()

    def frame(self) -> pandas.DataFrame:
        """The structures of `statistics()` as rows."""
        statistics = self.statistics()
        frame = pandas.DataFrame([statistics[name] for name in _STRUCTURES], index=list(_STRUCTURES))
        return frame.drop(columns="evictions_by")

    def clear_statistics(self) -> None:
        """All counts are zero again; entries stay."""
        self._mmu.clear_statistics()


def _translation(row: Any) -> Translation:
    fault = Fault(int(row["fault"]))
    good = fault is Fault.NONE
    return Translation(
        pa=int(row["pa"]) if good else None,
        ipa=int(row["ipa"]) if good or row["stage"] == 2 else None,
        cycles=int(row["cycles"]),
        fetches=int(row["fetches"]),
        fault=fault,
        stage=None if good else int(row["stage"]),
        level=None if good else int(row["level"]),
        page_bits=int(row["page_bits"]) if good else None,
    )


def _column(name: str, values: Any, dtype: str, length: int) -> NDArray[Any]:
    """One number, or one for each of `length`."""
    return unsigned(name, [values], dtype) if numpy.ndim(values) == 0 else unsigned(name, values, dtype, length)


def _ranges(first: Any, to: Any, size: Optional[int], leaf: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The leaves that are meant, aligned."""
    if numpy.ndim(first) == 0:
        start, target = number("the address", first, "u8"), number("to", to, "u8")
        length = leaf if size is None else number("size", size, "u8")
        if length % leaf != 0:
            raise ValueError(f"size: {length} is not a multiple of the leaf, {leaf} bytes")
        if max(start, target) + length > 1 << 64:
            raise ValueError(f"size: {length} bytes from {start:#x} are more than there are addresses")
        offsets = numpy.arange(length // leaf, dtype="u8") * numpy.uint64(leaf)
        starts, targets = offsets + numpy.uint64(start), offsets + numpy.uint64(target)
    else:
        if size is not None:
            raise ValueError("size: of one address; an array has a leaf each")
        starts = unsigned("the addresses", first, "u8")
        targets = unsigned("to", to, "u8", len(starts))
    for name, addresses in (("the address", starts), ("to", targets)):
        unaligned = addresses % numpy.uint64(leaf) != 0
        if unaligned.any():
            raise ValueError(f"{name}: {int(addresses[unaligned][0]):#x} is not aligned to the leaf, {leaf} bytes")
    return starts, targets


def _check_vas(vas: NDArray[Any]) -> None:
    top = vas >> numpy.uint64(_VA_BITS)
    wrong = (top != 0) & (top != (1 << (64 - _VA_BITS)) - 1)
    if wrong.any():
        raise ValueError(f"va: {int(vas[wrong][0]):#x} is in neither range of {_VA_BITS} bits")


def _check_below(name: str, addresses: NDArray[Any], bits: int) -> None:
    if len(addresses) and int(addresses.max()) >> bits != 0:
        raise ValueError(f"{name}: {int(addresses.max()):#x} has more than {bits} bits")
