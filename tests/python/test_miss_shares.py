"""trapwalk.miss_shares against shared TLBs that are simulated one by one."""

import collections
import copy
import pickle
import random

import numpy
import pytest

import trapwalk
from trapwalk import Config, Trace, TraceError

Page = tuple[str, int, int]  #: whose, its address space, its number


def misses_by_part(pages: list[Page], sets: int, ways: int) -> dict[str, int]:
    tlb: list[collections.OrderedDict[Page, None]] = [collections.OrderedDict() for _ in range(sets)]
    misses: dict[str, int] = collections.Counter()
    for page in pages:
        one = tlb[page[2] % sets]
        if page in one:
            one.move_to_end(page)
            continue
        misses[page[0]] += 1
        if len(one) == ways:
            one.popitem(last=False)
        one[page] = None
    return misses


def numbers(choose: random.Random, count: int) -> list[int]:
    """Loops over working sets, and noise."""
    result: list[int] = []
    while len(result) < count:
        base, length = choose.randrange(1 << 12), choose.randrange(1, 200)
        result += 2 * list(range(base, base + length)) + [choose.randrange(1 << 8) for _ in range(length)]
    return result[:count]


def turns(lists: list[list[int]], quantum: int) -> list[tuple[int, int]]:
    """(which, number), round robin."""
    at, result = [0] * len(lists), []
    while any(place < len(numbers) for place, numbers in zip(at, lists)):
        for which, numbers in enumerate(lists):
            result += [(which, number) for number in numbers[at[which] : at[which] + quantum]]
            at[which] += quantum
    return result


def trace_of(pages: list[int], **columns: object) -> Trace:
    return Trace.from_arrays(numpy.array(pages, "u8") * 4096, **columns)


def check(shares: trapwalk.MissShares, pages: list[Page], choose: random.Random) -> None:
    names = sorted({page[0] for page in pages})
    assert sorted(shares.shares) == sorted(shares.alone) == names and shares.together.references == len(pages)
    for _ in range(5):
        sets = 1 << choose.randrange(7)
        ways = choose.randrange(1, 512 // sets + 1)
        shape = (sets * ways, ways)
        together = misses_by_part(pages, sets, ways)
        assert shares.together.misses(*shape) == sum(together.values())
        for name in names:
            own = [page for page in pages if page[0] == name]
            assert shares.shares[name].misses(*shape) == together[name]
            assert shares.alone[name].misses(*shape) == misses_by_part(own, sets, ways)[name]
            assert shares.shares[name].references == len(own)


@pytest.mark.parametrize("seed", range(10))
def test_vms_that_take_turns(seed: int) -> None:
    choose = random.Random(seed)
    lists = [numbers(choose, choose.randrange(500, 4000)) for _ in range(choose.randrange(2, 4))]
    config = Config("generic", sets={"replay.quantum": choose.choice([1, 7, 100, 3000])})
    shares = trapwalk.miss_shares([trace_of(pages) for pages in lists], config, most_entries=512)
    pages = [(f"VMID {which + 1}", 0, number) for which, number in turns(lists, config.replay.quantum)]
    check(shares, pages, choose)


@pytest.mark.parametrize("by", ["vmid", "asid"])
def test_parts_of_one_trace(by: str) -> None:
    choose = random.Random(3)
    pages = numbers(choose, 6000)
    spaces = [(1 + n // 50 % 2, n // 30 % 3) for n in range(len(pages))]
    vmid, asid = numpy.array(spaces).T
    shares = trapwalk.miss_shares(trace_of(pages, vmid=vmid, asid=asid), by=by, most_entries=512)
    names = [f"VMID {v}" if by == "vmid" else f"VMID {v} ASID {a}" for v, a in spaces]
    check(shares, [(name, a, page) for name, (_, a), page in zip(names, spaces, pages)], choose)


@pytest.mark.parametrize("by", ["vmid", "asid", "stream"])
def test_iotlbs_that_masters_share(by: str) -> None:
    choose = random.Random(11)
    pages = numbers(choose, 6000)
    spaces = [(1 + n // 50 % 2, 1 + n // 30 % 3, 8 * (n // 20 % 4)) for n in range(len(pages))]
    if by == "stream":  # without ASIDs each stream has a space of its own; with them they hit each other's entries
        spaces = [(vmid, 0, stream) for vmid, _, stream in spaces]
    vmid, asid, stream = numpy.array(spaces).T
    trace = trace_of(pages, vmid=vmid, asid=asid, stream=stream)
    shares = trapwalk.miss_shares(trace, of="masters", by=by, most_entries=512)
    names = {"vmid": "VMID {0}", "asid": "VMID {0} ASID {1}", "stream": "stream {2}"}
    named = [(names[by].format(*space), space[0] << 8 | space[1], page) for space, page in zip(spaces, pages)]
    check(shares, named, choose)
    assert trapwalk.miss_shares(trace, by="vmid").together.references == 0  # no core accesses anything


def test_walk_caches_that_vms_share() -> None:
    """Without TLBs each access walks: a table of the last level, of 512 pages, is what it asks for."""
    choose = random.Random(12)
    lists = [[512 * page for page in numbers(choose, 3000)] for _ in range(2)]
    sets = {"replay.quantum": 70, "mmu.l1i.entries": 0, "mmu.l1d.entries": 0, "mmu.l2.entries": 0}
    config = Config("generic", sets=sets)
    shares = trapwalk.miss_shares([trace_of(pages) for pages in lists], config, of="walk_caches", most_entries=512)
    pages = [(f"VMID {which + 1}", 0, number // 512) for which, number in turns(lists, 70)]
    check(shares, pages, choose)
    assert shares.together.page_bytes == 2 << 20
    alone = [trapwalk.miss_curve(trace_of(pages), config, of="walk_caches").misses(64, 4) for pages in lists]
    assert [shares.alone[f"VMID {n}"].misses(64, 4) for n in (1, 2)] == alone


def test_equals_the_ghosts_of_a_replay() -> None:
    choose = random.Random(8)
    lists = [numbers(choose, 5000) for _ in range(2)]
    sets = {"replay.quantum": 200, "mmu.l1i.entries": 0, "mmu.l1d.entries": 0, "mmu.l2.entries": 64, "mmu.l2.ways": 4}
    config = Config("generic", sets=sets)
    traces = [trace_of(pages) for pages in lists]
    run = trapwalk.replay(traces, config, ghosts=[("tlb.l2", 256, 4)])
    together = trapwalk.miss_shares(traces, config).together
    assert together.misses(64, 4) == run.metric("tlbs.l2.misses")
    assert together.misses(256, 4) == run.ghosts["misses"].iloc[0]


def test_frame_and_plot() -> None:
    shares = trapwalk.miss_shares(
        [trace_of([1, 2, 3] * 50), trace_of([1, 2] * 60)], Config("generic", sets={"replay.quantum": 3})
    )
    frame = shares.frame()
    assert list(frame.columns) == ["part", "entries", "sets", "ways", "misses", "ratio", "alone", "cost"]
    row = frame[(frame["part"] == "VMID 1") & (frame["entries"] == 4) & (frame["ways"] == 4)].iloc[0]
    assert (row["alone"], row["misses"], row["cost"]) == (
        3,
        123,
        120,
    )  # nothing is left in 41 turns, which each come behind one of the other but the first
    assert (frame["cost"] == frame["misses"].astype("i8") - frame["alone"].astype("i8")).all()
    axes = shares.plot(ways=2)
    labels = [f"VMID {n}, {how}" for n in (1, 2) for how in ("together", "alone")]
    assert [line.get_label() for line in axes.get_lines()] == labels
    with pytest.raises(trapwalk.Error, match="no TLBs of 5000 ways"):
        shares.plot(ways=5000)
    assert repr(shares).startswith("MissShares(VMID 1, VMID 2; together=MissCurve(")
    shown = shares._repr_html_()
    assert shown.count("<th>VMID 2</th>") == 2 and "<td>123</td>" in shown and "<td>3</td>" in shown
    assert pickle.loads(pickle.dumps(shares)) == shares and hash(copy.deepcopy(shares)) == hash(shares)
    assert shares != trapwalk.miss_shares(trace_of([1, 2, 3] * 50))


def test_wrong_arguments() -> None:
    trace = trace_of([1, 2, 3])
    with pytest.raises(TypeError, match="Trace is needed"):
        trapwalk.miss_shares([5])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="traces"):
        trapwalk.miss_shares([])
    with pytest.raises(ValueError, match="by: of cores, vmid or asid, not 'stream'"):
        trapwalk.miss_shares(trace, by="stream")
    with pytest.raises(ValueError, match="vmid or asid or stream"):
        trapwalk.miss_shares(trace, of="masters", by="cpu")
    with pytest.raises(ValueError, match="of: cores, masters or walk_caches"):
        trapwalk.miss_shares(trace, of="tlbs")
    with pytest.raises(ValueError, match="masters are those of one trace"):
        trapwalk.miss_shares([trace, trace], of="masters")
    with pytest.raises(ValueError, match="stage 1"):
        trapwalk.miss_shares(trace, Config("generic", sets={"replay.paging": "stage2"}), of="walk_caches")
    for key, value in (("replay.quantum_unit", "cycles"), ("replay.switch", "flush")):
        with pytest.raises(ValueError, match=key):
            trapwalk.miss_shares([trace, trace], Config("generic", sets={key: value}))
    with pytest.raises(TraceError, match="more than 256"):
        trapwalk.miss_shares(trace_of([1] * 300, asid=numpy.arange(300)), by="asid")
