"""Bits of storage of TLBs, walk caches and caches, from the parameters that give their geometry.

An entry is tag, data and valid bit; a set has besides what its replacement policy remembers. Not counted:
comparators, ports, parity, ECC, miss-status registers, queues. docs/sweep.md has the formula with its terms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from trapwalk.errors import ConfigError

Parameters = Mapping[str, object]  # key: value, as a configuration or a report has them


@dataclass(frozen=True)
class Widths:
    """Widths of addresses and tags, in bits. Those of Armv8.0 with 48 bits of VA; `streams` are the masters' TBUs."""

    va: int = 48
    ipa: int = 40
    pa: int = 44
    asid: int = 16
    vmid: int = 16
    stream: int = 17
    substream: int = 16
    regime: int = 2  # EL1&0, EL2, EL3, Secure
    page_size: int = 4  # 4K to 1G of three granules, contiguous runs
    level: int = 2  # of a table
    stage1_attributes: int = 16  # MAIR's byte, SH, AP[2:1], PXN, UXN, nG, NS, DBM
    stage2_attributes: int = 10  # MemAttr, SH, S2AP, XN[1:0]
    table_attributes: int = 5  # NSTable, APTable, UXNTable, PXNTable
    stream_table_entry: int = 512
    context_descriptor: int = 512
    tbus: int = 1  # where smmu.tbus is 0: a TBU a master


@dataclass(frozen=True)
class Structure:
    """A structure's name, sets and ways, and bits: of an entry's tag and data, of a set's replacement, of all of it."""

    name: str
    sets: int
    ways: int
    tag: int
    data: int
    state: int  # valid, dirty, shared: bits of an entry
    replacement: int

    @property
    def bits(self) -> int:
        return self.sets * (self.ways * (self.tag + self.data + self.state) + self.replacement)


def replacement_bits(policy: str, ways: int) -> int:
    """Of one set. LRU: which of ways! orders; PLRU: a tree; FIFO: a pointer; SRRIP: 2 bits a way; random: none."""
    if policy == "lru":
        return (math.factorial(ways) - 1).bit_length()
    if policy == "plru":
        return ways - 1
    if policy == "fifo":
        return (ways - 1).bit_length()
    if policy == "srrip":
        return 2 * ways
    if policy == "random":
        return 0
    raise ConfigError(f"no replacement policy is called {policy!r}")


@dataclass(frozen=True)
class _Kind:
    """What an entry holds: bits of its tag before the index is taken off, those that come beside, bits of its data."""

    indexed: int
    tag: int
    data: int


@dataclass(frozen=True)
class _Row:
    """A structure: the first words of its keys, what it holds, and the keys of its policy (the first that says one)."""

    name: str
    prefix: str
    kind: str
    policies: tuple[str, ...]


_MMU_ROWS = (
    _Row("L1 instruction TLB", "mmu.l1i.", "leaf", ("mmu.l1.policy", "mmu.replacement")),
    _Row("L1 data TLB", "mmu.l1d.", "leaf", ("mmu.l1.policy", "mmu.replacement")),
    _Row("L1 store TLB", "mmu.l1d.store_", "leaf", ("mmu.l1.policy", "mmu.replacement")),
    _Row("L2 TLB", "mmu.l2.", "leaf", ("mmu.l2.policy", "mmu.replacement")),
    _Row("L2 TLB, large pages", "mmu.l2.large_", "large leaf", ("mmu.l2.policy", "mmu.replacement")),
    _Row("IPA cache", "mmu.ipa.", "stage-2 leaf", ("mmu.ipa.policy", "mmu.replacement")),
    _Row("walk cache", "mmu.walk_cache.", "table", ("mmu.walk_cache.policy", "mmu.replacement")),
    _Row("stage-2 walk cache", "mmu.walk_cache2.", "stage-2 table", ("mmu.walk_cache.policy", "mmu.replacement")),
)
_SMMU_ROWS = (
    _Row("SMMU TBU TLBs", "smmu.tbu.", "leaf", ("smmu.replacement",)),
    _Row("SMMU TBU main TLBs", "smmu.tbu.main.", "leaf", ("smmu.replacement",)),
    _Row("SMMU TLB", "smmu.tlb.", "leaf", ("smmu.replacement",)),
    _Row("SMMU walk cache", "smmu.walk_cache.", "table", ("smmu.replacement",)),
    _Row("SMMU stage-2 walk cache", "smmu.walk_cache2.", "stage-2 table", ("smmu.replacement",)),
    _Row("SMMU IPA cache", "smmu.ipa.", "stage-2 leaf", ("smmu.replacement",)),
    _Row("SMMU STE cache", "smmu.ste.", "stream", ("smmu.replacement",)),
    _Row("SMMU CD cache", "smmu.cd.", "context", ("smmu.replacement",)),
)
_CACHES = (
    ("L1 instruction cache", "cache.l1i."),
    ("L1 data cache", "cache.l1d."),
    ("L2 cache", "cache.l2."),
    ("L3 cache", "cache.l3."),
    ("system cache", "cache.system."),
)
_TABLE_BITS = 21  # what the smallest table maps, of 4 KB pages
_TABLE_LEVELS = 3


def _kinds(p: Parameters, w: Widths) -> dict[str, _Kind]:
    leaf = w.asid + w.vmid + w.regime + w.page_size
    large = _number(p, "mmu.l2.large_bits", _TABLE_BITS)
    both = w.stage1_attributes + w.stage2_attributes
    return {
        "leaf": _Kind(w.va - 12, leaf, w.pa - 12 + both),
        "stage-1 leaf": _Kind(w.va - 12, leaf, w.ipa - 12 + w.stage1_attributes),
        "large leaf": _Kind(w.va - large, leaf, w.pa - large + both),
        "stage-2 leaf": _Kind(w.ipa - 12, w.vmid + w.page_size, w.pa - 12 + w.stage2_attributes),
        "table": _Kind(w.va - _TABLE_BITS, w.asid + w.vmid + w.regime + w.level, w.pa - 12 + w.table_attributes),
        "stage-2 table": _Kind(w.ipa - _TABLE_BITS, w.vmid + w.level, w.pa - 12),
        "stream": _Kind(w.stream, 0, w.stream_table_entry),
        "context": _Kind(w.stream + w.substream, 0, w.context_descriptor),
    }


def storage(parameters: Parameters, widths: Widths = Widths(), *, smmu: bool | None = None) -> list[Structure]:
    """The structures that these parameters describe, those without entries left out.

    Only of blocks whose parameters are there: a replay's report has no caches. Caches count when `cache.enabled` is
    on, an SMMU's when `smmu` says so (none: when there is no MMU's beside it). What lives in the second-level TLB's
    array has none of its own. Of one core; caches that cores share are counted once.
    """
    p = parameters
    found: list[Structure] = []
    if "mmu.l2.entries" in p:
        for row in _MMU_ROWS:
            if _is_there(p, row.prefix):
                kind = "stage-1 leaf" if row.prefix == "mmu.l2." and p.get("mmu.split") else row.kind
                found += _structure(p, row, _kinds(p, widths)[kind])
    if p.get("cache.enabled"):
        for name, prefix in _CACHES:
            found += _cache(p, name, prefix, widths.pa)
    if smmu if smmu is not None else not found and "smmu.tlb.entries" in p:
        tbus = _number(p, "smmu.tbus", 0) or widths.tbus
        for row in _SMMU_ROWS:
            found += _structure(p, row, _kinds(p, widths)[row.kind]) * (
                tbus if row.prefix.startswith("smmu.tbu.") else 1
            )
    return found


def storage_bits(parameters: Parameters, widths: Widths = Widths(), *, smmu: bool | None = None) -> int:
    """Sum over `storage`."""
    return sum(structure.bits for structure in storage(parameters, widths, smmu=smmu))


def _is_there(p: Parameters, prefix: str) -> bool:
    if prefix == "mmu.l2.large_":
        return p.get("mmu.l2.page_sizes") == "split"
    return not p.get(f"{prefix}in_l2")


def _structure(p: Parameters, row: _Row, kind: _Kind) -> list[Structure]:
    entries = _number(p, f"{row.prefix}entries", 0)
    if entries == 0:
        return []
    ways = _number(p, f"{row.prefix}ways", 0) or entries
    sets = entries // ways
    # Each way of a skewed TLB has another index: no bit of the address is known from the set.
    skewed = row.prefix == "mmu.l2." and p.get("mmu.l2.page_sizes") == "skewed"
    index = 0 if skewed else (sets - 1).bit_length()
    tag = max(kind.indexed - index, 0) + kind.tag
    policy = next(str(p[key]) for key in row.policies if p.get(key, "default") != "default")
    one = Structure(row.name, sets, ways, tag, kind.data, 1, replacement_bits(policy, ways))
    return [one] * (_TABLE_LEVELS if p.get(f"{row.prefix}per_level") else 1)


def _cache(p: Parameters, name: str, prefix: str, pa: int) -> list[Structure]:
    size, line = _number(p, f"{prefix}size", 0), _number(p, "cache.line", 64)
    if size == 0:
        return []
    ways = _number(p, f"{prefix}ways", 1)
    sets = size // (line * ways)
    tag = pa - (line - 1).bit_length() - (sets - 1).bit_length()
    state = 1 if prefix == "cache.l1i." else 3  # valid; and dirty, shared
    return [Structure(name, sets, ways, tag, 8 * line, state, replacement_bits(str(p[f"{prefix}policy"]), ways))]


def _number(p: Parameters, key: str, default: int) -> int:
    value = p.get(key, default)
    if not isinstance(value, int):
        raise ConfigError(f"{key}: {value!r} is no number")
    return value
