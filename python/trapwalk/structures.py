"""Structures of translations on their own: what a TLB or a walk cache of any shape keeps, without a walker behind it."""

from __future__ import annotations

from typing import Any, Sequence, Union, overload

import numpy
from numpy.typing import NDArray

from trapwalk import _trapwalk
from trapwalk._arrays import members, number, unsigned
from trapwalk.trace import Scope

POLICIES = ("lru", "plru", "fifo", "random")
_MOST_PLRU_WAYS = 64
_PAGE_BITS = range(12, 48)


class _Tags:
    def __init__(
        self, entries: int, ways: int, policy: str, seed: int, skewed: bool, tables: bool, regions: Sequence[int]
    ) -> None:
        self.entries = number("entries", entries, "u4")
        self.ways = number("ways", ways, "u4") or self.entries
        self.policy = policy
        if self.entries == 0 or self.entries % self.ways != 0:
            raise ValueError(f"{entries} entries are not a multiple of {ways} ways")
        if policy not in POLICIES:
            raise ValueError(f"policy: {policy!r} is not one of {', '.join(POLICIES)}")
        if policy == "plru" and (self.ways > _MOST_PLRU_WAYS or skewed):
            raise ValueError(f"policy: plru is of at most {_MOST_PLRU_WAYS} ways that share their sets")
        for bits in regions:
            _region(bits)
        self._tags = _trapwalk.Tags(
            self.entries, self.ways, policy, number("seed", seed, "u8"), skewed, tables, list(regions)
        )

    def _access(self, va: Any, vmid: Any, asid: Any) -> NDArray[numpy.uint8]:
        addresses = unsigned("va", va, "u8")
        return self._tags.access(addresses, _column("vmid", vmid, addresses), _column("asid", asid, addresses))

    def _one(self, va: int, vmid: int, asid: int) -> tuple[int, int, int]:
        return number("va", va, "u8"), number("vmid", vmid, "u2"), number("asid", asid, "u2")

    def __contains__(self, key: Union[int, tuple[int, int, int]]) -> bool:
        """`va in tlb`, or `(va, vmid, asid) in tlb`: whether it would hit; leaves no trace."""
        va, vmid, asid = key if isinstance(key, tuple) else (key, 0, 0)
        return self._tags.holds(*self._one(va, vmid, asid))

    def invalidate(
        self, scope: Union[Scope, str] = Scope.ALL, *, va: int = 0, size: int = 0, asid: int = 0, vmid: int = 0
    ) -> None:
        """A TLBI, with what of VA (and `size` bytes from it; 0: whatever maps it), ASID and VMID the scope (of `Scope`, or
        its name) names."""
        address, of_vmid, of_asid = self._one(va, vmid, asid)
        kind, length = number("scope", members("scope", scope, Scope), "u1"), number("size", size, "u8")
        self._tags.invalidate(kind, address, length, of_asid, of_vmid)

    def clear(self) -> None:
        """Empties it; counts nothing."""
        self._tags.clear()

    def clear_statistics(self) -> None:
        """All counts are zero again."""
        self._tags.clear_statistics()

    def statistics(self) -> dict[str, Any]:
        """lookups, hits, misses, insertions, evictions, invalidations, entries_invalidated; and evictions_by: a list of
        (victim's VMID, evictor's VMID, evictions)."""
        return self._tags.statistics()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.entries} entries, {self.ways} ways, {self.policy}>"


class Tlb(_Tags):
    """A TLB of translations of guests (both stages in force), tagged by VMID and ASID.

    Args:
        entries: a multiple of `ways`.
        ways: 0: fully associative.
        policy: who leaves a full set: lru, plru (one bit a way), fifo, random.
        page_bits: of the page that a miss of `access` brings in.
        seed: of random replacement.
        skewed: each way has another index (several page sizes at once).
    """

    def __init__(
        self,
        entries: int,
        ways: int = 0,
        *,
        policy: str = "lru",
        page_bits: int = 12,
        seed: int = 1,
        skewed: bool = False,
    ) -> None:
        super().__init__(entries, ways, policy, seed, skewed, False, [page_bits])
        self.page_bits = page_bits

    @overload
    def access(self, va: int, *, vmid: int = 0, asid: int = 0) -> bool: ...
    @overload
    def access(self, va: NDArray[Any], *, vmid: Any = 0, asid: Any = 0) -> NDArray[numpy.bool_]: ...
    def access(self, va: Any, *, vmid: Any = 0, asid: Any = 0) -> Any:
        """Looks addresses up, and brings in those that miss, one after another.

        Args:
            va: an integer, or an array of them of shape (n,).
            vmid, asid: of all, or of each: shape (n,).

        Returns:
            Whether it hit: a bool, or an array of them.
        """
        if _is_one(va):
            return bool(self._access([va], vmid, asid)[0])
        return self._access(va, vmid, asid) != 0

    def lookup(self, va: int, *, vmid: int = 0, asid: int = 0) -> bool:
        """A look-up that brings nothing in."""
        return self._tags.lookup(*self._one(va, vmid, asid)) != 0

    def insert(self, va: int, *, vmid: int = 0, asid: int = 0, page_bits: int = 0, is_global: bool = False) -> None:
        """Brings in the page of `1 << page_bits` bytes around `va`; `is_global`: of every ASID of the VM."""
        address, of_vmid, of_asid = self._one(va, vmid, asid)
        self._tags.insert(address, _region(page_bits or self.page_bits), of_vmid, of_asid, is_global)


class WalkCache(_Tags):
    """A cache of pointers to stage-1 tables: a hit says how much of a walk is saved.

    Args:
        levels: bits of what the tables of each level map; with 4 KB granules 21 (a last-level table), 30 and 39.
    """

    def __init__(
        self,
        entries: int,
        ways: int = 0,
        *,
        policy: str = "lru",
        levels: Sequence[int] = (21, 30, 39),
        seed: int = 1,
    ) -> None:
        if not levels or list(levels) != sorted(set(levels)):
            raise ValueError(f"levels: bits in ascending order, not {levels!r}")
        super().__init__(entries, ways, policy, seed, False, True, levels)
        self.levels = tuple(levels)

    @overload
    def access(self, va: int, *, vmid: int = 0, asid: int = 0) -> int: ...
    @overload
    def access(self, va: NDArray[Any], *, vmid: Any = 0, asid: Any = 0) -> NDArray[numpy.uint8]: ...
    def access(self, va: Any, *, vmid: Any = 0, asid: Any = 0) -> Any:
        """The walks of addresses, one after another: the table that each begins at, and those below it come in.

        Args: as of `Tlb.access`.

        Returns:
            Of `levels` the smallest that was known; 0: none, the walk begins at the root. An int or an array (uint8).
        """
        if _is_one(va):
            return int(self._access([va], vmid, asid)[0])
        return self._access(va, vmid, asid)


def _is_one(va: Any) -> bool:
    return numpy.ndim(va) == 0


def _region(bits: int) -> int:
    if number("bits", bits, "u1") not in _PAGE_BITS:
        raise ValueError(f"bits: {bits} is not in {_PAGE_BITS.start}..{_PAGE_BITS.stop - 1}")
    return bits


def _column(name: str, values: Any, addresses: NDArray[Any]) -> NDArray[Any]:
    """One number, or one for each address, of 16 bits."""
    return unsigned(name, [values], "u2") if numpy.ndim(values) == 0 else unsigned(name, values, "u2", len(addresses))
