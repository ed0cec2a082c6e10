"""trapwalk.miss_curve against TLBs that are simulated one by one."""

import collections
import copy
import dataclasses
import pickle
import random

import numpy
import pytest

import trapwalk
from trapwalk import Config, ConfigError, Trace


def misses_of_lru(pages: list[tuple[int, int, int]], sets: int, ways: int) -> int:
    """A TLB of `sets` sets, each in the order of last use; pages are (vmid, asid, number)."""
    tlb: list[collections.OrderedDict[tuple[int, int, int], None]] = [collections.OrderedDict() for _ in range(sets)]
    misses = 0
    for page in pages:
        one = tlb[page[2] % sets]
        if page in one:
            one.move_to_end(page)
            continue
        misses += 1
        if len(one) == ways:
            one.popitem(last=False)
        one[page] = None
    return misses


def trace_and_pages(seed: int) -> tuple[Trace, list[tuple[int, int, int]]]:
    """Loops, strides and noise of some address spaces; and its page references."""
    choose = random.Random(seed)
    pages: list[tuple[int, int, int]] = []
    while len(pages) < 6000:
        space = (choose.randrange(1, 3), choose.randrange(3))
        base, length = choose.randrange(1 << 20), choose.randrange(1, 400)
        stride = choose.choice([1, 1, 2, 8, 64, 3])
        for _ in range(choose.randrange(1, 4)):
            pages += [(*space, base + n * stride) for n in range(length)]
        pages += [(*space, choose.randrange(1 << 8)) for _ in range(length)]
    columns = numpy.array(pages)
    trace = Trace.from_arrays(
        columns[:, 2] * 4096 + 8 * (numpy.arange(len(pages)) % 100), vmid=columns[:, 0], asid=columns[:, 1], size=8
    )
    return trace, pages


@pytest.mark.parametrize("seed", range(4))
def test_equals_brute_force_of_twenty_configurations(seed: int) -> None:
    trace, pages = trace_and_pages(seed)
    curve = trapwalk.miss_curve(trace, most_entries=1024)
    assert curve.references == len(pages) and curve.pages == len(set(pages)) and curve.page_bytes == 4096
    choose = random.Random(seed + 100)
    for _ in range(5):
        sets = 1 << choose.randrange(9)
        ways = choose.randrange(1, 1024 // sets + 1)
        assert curve.misses(sets * ways, ways) == misses_of_lru(pages, sets, ways)


def test_iotlbs_are_of_the_masters_alone() -> None:
    trace, pages = trace_and_pages(5)
    records = trace[:].copy()
    records["stream"] = numpy.where(numpy.arange(len(records)) % 3 == 0, 7, trapwalk.NO_STREAM)
    records["vmid"] = records["asid"] = 0
    mixed = Trace.from_records(records, has_ipa=False, has_pa=False)
    numbers = [(0, 0, page[2]) for page in pages]
    for of, mine in (("masters", numbers[::3]), ("cores", [page for n, page in enumerate(numbers) if n % 3])):
        curve = trapwalk.miss_curve(mixed, of=of)
        assert curve.references == len(mine)
        for sets, ways in ((1, 64), (16, 4), (32, 1)):
            assert curve.misses(sets * ways, ways) == misses_of_lru(mine, sets, ways)
    with pytest.raises(ValueError, match="cores, masters or walk_caches"):
        trapwalk.miss_curve(mixed, of="smmu")


def test_sets_that_are_no_powers_of_two() -> None:
    trace, pages = trace_and_pages(9)
    curve = trapwalk.miss_curve(trace, most_entries=500, sets=[7, 100, 1])
    assert curve.misses(21, 3) == misses_of_lru(pages, 7, 3)
    assert curve.misses(300, 3) == misses_of_lru(pages, 100, 3)
    assert curve.misses(33) == misses_of_lru(pages, 1, 33)
    with pytest.raises(KeyError):
        curve.misses(64, 4)
    with pytest.raises(ValueError, match="multiple"):
        curve.misses(10, 4)


def test_page_size_is_the_smaller_leaf() -> None:
    trace, pages = trace_and_pages(1)
    config = Config("generic", sets={"replay.leaf": 2 << 20, "replay.leaf2": 2 << 20})
    curve = trapwalk.miss_curve(trace, config)
    assert curve.page_bytes == 2 << 20 and curve.pages == len({(v, a, page >> 9) for v, a, page in pages})
    config.replay.leaf = 5000
    with pytest.raises(ConfigError, match="replay.leaf"):
        trapwalk.miss_curve(trace, config)


def test_frame_and_plot() -> None:
    trace, _ = trace_and_pages(2)
    curve = trapwalk.miss_curve(trace, most_entries=64)
    frame = curve.frame()
    assert list(frame.columns) == ["entries", "sets", "ways", "misses", "ratio"]
    assert (frame["entries"] == frame["sets"] * frame["ways"]).all() and frame["entries"].max() == 64
    full = frame[frame["sets"] == 1].sort_values("ways")
    assert len(full) == 64 and full["misses"].is_monotonic_decreasing
    axes = curve.plot()
    assert [line.get_label() for line in axes.get_lines()] == ["1 way", "2 ways", "4 ways", "8 ways", "fully associative"]
    assert "pages of 4096 bytes" in curve._repr_html_()


def test_curves_are_values() -> None:
    trace, _ = trace_and_pages(2)
    curve, same, other = (trapwalk.miss_curve(trace, most_entries=most) for most in (64, 64, 32))
    assert curve == same and hash(curve) == hash(same) and curve != other and curve != "curve"
    assert pickle.loads(pickle.dumps(curve)) == curve == copy.deepcopy(curve)
    for_each = {sets: misses.copy() for sets, misses in curve.by_sets.items()}
    for_each[2][1] += 1
    assert dataclasses.replace(curve, by_sets=for_each) != curve


def test_wrong_arguments() -> None:
    trace, _ = trace_and_pages(3)
    with pytest.raises(TypeError, match="Trace is needed, or the path of one, not list"):
        trapwalk.miss_curve([1, 2])  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        trapwalk.miss_curve(trace, sets=[0])
    with pytest.raises(ValueError):
        trapwalk.miss_curve(trace, most_entries=0)
    with pytest.raises(ValueError, match="at most"):
        trapwalk.miss_curve(trace, most_entries=1 << 29)
    with pytest.raises(TypeError):
        trapwalk.miss_curve(trace, most_entries=5.5)  # type: ignore[arg-type]


class Lru:
    """A structure of `sets` sets, each in the order of last use."""

    def __init__(self, sets: int, ways: int) -> None:
        self.sets: list[collections.OrderedDict[object, None]] = [collections.OrderedDict() for _ in range(sets)]
        self.ways = ways

    def misses(self, space: object, number: int) -> bool:
        one, key = self.sets[number % len(self.sets)], (space, number)
        hit = key in one
        if hit:
            one.move_to_end(key)
        elif self.ways:
            if len(one) == self.ways:
                one.popitem(last=False)
            one[key] = None
        return not hit


@pytest.mark.parametrize("seed", range(10))
def test_walk_caches_of_random_configurations(seed: int) -> None:
    trace, pages = trace_and_pages(seed + 50)
    choose = random.Random(seed)
    ways = choose.choice([1, 2, 4])
    entries = choose.choice([0, 8, 32, 128]) * ways
    tlb = Lru(max(entries // ways, 1), ways if entries else 0)
    walks = [(space, page >> 9) for *space, page in pages if tlb.misses(tuple(space), page)]
    sets = {"mmu.l1i.entries": 0, "mmu.l1d.entries": 0, "mmu.l2.entries": entries, "mmu.l2.ways": ways}
    config = Config("generic", sets={**sets, "replay.paging": choose.choice(["native", "nested"])})
    curve = trapwalk.miss_curve(trace, config, of="walk_caches", most_entries=256)
    assert curve.page_bytes == 2 << 20 and curve.references == len(walks)
    for _ in range(4):
        sets_of_cache = 1 << choose.randrange(6)
        ways_of_cache = choose.randrange(1, 256 // sets_of_cache + 1)
        cache = Lru(sets_of_cache, ways_of_cache)
        misses = sum(cache.misses(tuple(space), table) for space, table in walks)
        assert curve.misses(sets_of_cache * ways_of_cache, ways_of_cache) == misses


def test_walk_caches_need_a_stage_1() -> None:
    trace, _ = trace_and_pages(1)
    with pytest.raises(ValueError, match="stage 1"):
        trapwalk.miss_curve(trace, Config("generic", sets={"replay.paging": "stage2"}), of="walk_caches")
