"""Tlb and WalkCache on their own, against models in Python; Caches."""

import collections

import numpy
import pytest

import trapwalk
from trapwalk import CacheAccess, CacheLevel, Caches, Config, ConfigError, LineState, Scope, ServedBy, Tlb, WalkCache


def simulated(vas: list[int], vmids: list[int], asids: list[int], sets: int, ways: int, policy: str) -> list[bool]:
    """Hits of LRU, FIFO and bit-PLRU sets of 4 KB pages."""
    lru: list[collections.OrderedDict[tuple[int, int, int], None]] = [collections.OrderedDict() for _ in range(sets)]
    places: list[list[object]] = [[None] * ways for _ in range(sets)]
    bits = [[False] * ways for _ in range(sets)]

    def use(index: int, way: int) -> None:
        bits[index][way] = True
        if all(bits[index]):
            bits[index] = [n == way for n in range(ways)]

    hits = []
    for key in zip((va >> 12 for va in vas), vmids, asids):
        index = key[0] % sets
        if policy == "plru":
            hit = key in places[index]
            if hit:
                way = places[index].index(key)
            elif None in places[index]:
                way = places[index].index(None)
            else:
                way = bits[index].index(False) if False in bits[index] else 0
            places[index][way] = key
            use(index, way)
        else:
            hit = key in lru[index]
            if hit and policy == "lru":
                lru[index].move_to_end(key)
            if not hit:
                if len(lru[index]) == ways:
                    lru[index].popitem(last=False)
                lru[index][key] = None
        hits.append(hit)
    return hits


@pytest.mark.parametrize("policy", ["lru", "fifo", "plru"])
@pytest.mark.parametrize(("entries", "ways"), [(64, 4), (32, 0), (48, 3), (16, 1), (1024, 16)])
def test_tlb_equals_a_simulated_one(policy: str, entries: int, ways: int) -> None:
    random = numpy.random.default_rng(entries + ways)
    vas = (random.zipf(1.2, 6000) % 4000).astype("u8") * 4096 + random.integers(0, 4096, 6000, dtype="u8")
    vmids, asids = random.integers(0, 2, 6000), random.integers(0, 2, 6000)
    tlb = Tlb(entries, ways, policy=policy)
    hits = tlb.access(vas, vmid=vmids, asid=asids)
    expected = simulated(vas.tolist(), vmids.tolist(), asids.tolist(), entries // (ways or entries), ways or entries, policy)
    assert hits.dtype == bool and hits.tolist() == expected
    counts = tlb.statistics()
    assert counts["lookups"] == 6000 and counts["hits"] == sum(expected) and counts["misses"] == 6000 - sum(expected)
    assert sum(row[2] for row in counts["evictions_by"]) == counts["evictions"]


def test_one_address_at_a_time_is_the_same() -> None:
    vas = numpy.random.default_rng(1).integers(0, 64, 500, dtype="u8") << numpy.uint64(12)
    one, many = Tlb(32, 4), Tlb(32, 4)
    assert [one.access(int(va)) for va in vas] == many.access(vas).tolist()
    assert one.statistics() == many.statistics()


def test_invalidation_by_scope() -> None:
    tlb = Tlb(64, 4)
    for vmid in (1, 2):
        for asid in (1, 2):
            tlb.access(0x5000, vmid=vmid, asid=asid)
    tlb.insert(0x7000, vmid=1, asid=1, is_global=True)
    assert (0x7000, 1, 9) in tlb and (0x7000, 2, 1) not in tlb
    tlb.invalidate(Scope.VA, va=0x5000, vmid=1, asid=1)
    assert [(0x5000, v, a) in tlb for v in (1, 2) for a in (1, 2)] == [False, True, True, True]
    tlb.invalidate("asid", vmid=1, asid=2)
    assert (0x5000, 1, 2) not in tlb and (0x7000, 1, 9) in tlb
    tlb.invalidate(Scope.VMID, vmid=2)
    assert (0x5000, 2, 1) not in tlb and (0x7000, 1, 1) in tlb
    tlb.invalidate()
    assert (0x7000, 1, 1) not in tlb
    assert tlb.statistics()["invalidations"] == 4 and tlb.statistics()["entries_invalidated"] == 5
    with pytest.raises(ValueError, match="scope"):
        tlb.invalidate(Scope.NONE)


def test_sizes_of_pages() -> None:
    tlb = Tlb(16, 4, page_bits=21)
    assert tlb.access(numpy.array([0x40_0000, 0x5F_FFFF, 0x60_0000])).tolist() == [False, True, False]
    tlb.insert(0x8000_0000, page_bits=30)
    assert tlb.lookup(0xBFFF_FFFF) and not tlb.lookup(0xC000_0000)


def test_walk_cache_says_where_walks_begin() -> None:
    cache = WalkCache(64)
    vas = numpy.array([0, 0x1000, 0x20_0000, 0x4000_0000, 0x80_0000_0000, 0x100_0000_0000 + 5])
    assert cache.access(vas).tolist() == [0, 21, 30, 39, 0, 0]
    assert cache.access(0x1000) == 21 and cache.access(0x1000, asid=3) == 0
    cache.invalidate(Scope.VA_LAST, va=0x1000)
    assert cache.access(0x1000) == 21, "tables stay with a TLBI of the last level"
    cache.invalidate(Scope.VA, va=0x1000)
    assert cache.access(0x1000) == 0
    assert cache.statistics()["lookups"] == 10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Tlb(10, 4), "not a multiple"),
        (lambda: Tlb(0), "not a multiple"),
        (lambda: Tlb(16, policy="mru"), "not one of lru"),
        (lambda: Tlb(128, policy="plru"), "plru"),
        (lambda: Tlb(16, page_bits=11), "bits: 11"),
        (lambda: WalkCache(16, levels=(30, 21)), "ascending"),
        (lambda: Tlb(-4), "unsigned"),
        (lambda: Tlb(16).access(numpy.zeros((2, 2), "u8")), "one dimension"),
        (lambda: Tlb(16).access(numpy.zeros(3, "u8"), vmid=[1, 2]), "3 values"),
        (lambda: Tlb(16).access(-1), "unsigned"),
    ],
)
def test_wrong_values(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_wrong_types() -> None:
    for wrong in (numpy.zeros(3), numpy.zeros(3, bool), "abc", [1.5]):
        with pytest.raises(TypeError):
            Tlb(16).access(wrong)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        Tlb(16.0)  # type: ignore[arg-type]


# ---- caches

SMALL = {"cache.enabled": True, "cache.l1d.size": 4096, "cache.l1d.ways": 4, "cache.l2.size": 64 << 10, "cache.l2.ways": 8}


def test_caches_serve_from_where_the_line_is() -> None:
    config = Config("generic", sets={**SMALL, "cache.l2.latency": 14})
    caches = Caches(config, memory_cycles=100)
    lines = numpy.arange(64) * 64  # exactly the first level
    cycles, served = caches.access(lines)
    assert set(served) == {ServedBy.MEMORY} and set(cycles) == {114}
    cycles, served = caches.access(lines)
    assert set(served) == {ServedBy.L1} and set(cycles) == {0}
    caches.access(lines + 4096)
    cycles, served = caches.access(lines)
    assert set(served) == {ServedBy.L2} and set(cycles) == {14}
    rows = {row["level"]: row for row in caches.statistics()}
    assert rows["l1d"]["accesses"] == 256 and rows["l1d"]["misses"] == 192 and rows["l2"]["misses"] == 128
    assert rows["l2"]["core"] is None and rows["l1d"]["core"] == 0
    assert list(caches.frame()["level"]) == [row["level"] for row in caches.statistics()]


def test_caches_are_coherent() -> None:
    caches = Caches(Config("generic", sets=SMALL), memory_cycles=100, cores=2)
    assert repr(caches).startswith("<Caches: Config('generic'") and repr(caches).endswith(", 2 cores>")
    caches.access(0x1000)
    assert caches.state(CacheLevel.L1D, 0x1000) is LineState.EXCLUSIVE
    caches.access(0x1000, "store", core=1)
    assert caches.state(CacheLevel.L1D, 0x1000) is LineState.INVALID
    assert caches.state(CacheLevel.L1D, 0x1000, core=1) is caches.state("l1d", 0x1000, core=1) is LineState.MODIFIED
    for call, message in (
        (lambda: caches.access(0x1000, "stroe"), "kind: 'stroe' is none of .* did you mean 'store'"),
        (lambda: caches.state("l4", 0x1000), "level: 'l4' is none of l1i, l1d, l2"),
        (lambda: Tlb(16).invalidate("asdi"), "scope: 'asdi' is none of .* did you mean 'asid'"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    _, served = caches.access(0x1000)
    assert served.tolist() == [ServedBy.PEER_CACHE]
    caches.reset()
    assert caches.state(CacheLevel.L2, 0x1000) is LineState.INVALID


def test_wrong_caches() -> None:
    with pytest.raises(ValueError, match="cache.enabled"):
        Caches(Config("generic"), memory_cycles=1)
    with pytest.raises(ConfigError, match="cache.l1d"):
        config = Config("generic", sets=SMALL)
        config.cache.l1d.ways = 3
        Caches(config, memory_cycles=1)
    caches = Caches(Config("generic", sets=SMALL), memory_cycles=1)
    with pytest.raises(ValueError, match="core: there are 1"):
        caches.access(0, core=1)
    with pytest.raises(ValueError, match="size"):
        caches.access(0, size=65)
    with pytest.raises(TypeError):
        caches.access(numpy.zeros(3))
    assert isinstance(trapwalk.cpu_sets(), list)
