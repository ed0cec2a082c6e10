"""traces/linux-vms.trace, two Linux guests of Xen on one core: what a hypervisor promises is in the records, and what replays
make of it is what a TLB simulated here makes of it."""

from __future__ import annotations

import pathlib
from collections import Counter, OrderedDict

import numpy
import pytest
import trapwalk
from trapwalk import Config, Trace

TRACES = pathlib.Path(__file__).parents[2] / "traces"
RAM = 1 << 30
INVALIDATE, PART = 4, 200_000


@pytest.fixture(scope="module")
def records() -> numpy.ndarray:
    return Trace.open(TRACES / "linux-vms.trace")[:]


def test_the_guests_share_nothing_but_the_core(records: numpy.ndarray) -> None:
    accesses = records[records["kind"] != INVALIDATE]
    assert set(accesses["vmid"].tolist()) == {0, 1, 2}
    assert set(accesses["el"][accesses["vmid"] == 0].tolist()) == {2}
    pages = []
    for vmid in (1, 2):
        guest = accesses[(accesses["vmid"] == vmid) & (accesses["pa"] >= RAM)]
        assert set(guest["el"].tolist()) == {0, 1} and len(set(guest["asid"].tolist())) > 3
        places = numpy.unique(numpy.stack([guest["ipa"] >> 12, guest["pa"] >> 12]), axis=1)
        assert len(numpy.unique(places[0])) == len(numpy.unique(places[1])) == places.shape[1], "a page has one place"
        pages.append(set(places[1].tolist()))
    assert len(pages[0]) > 500 and len(pages[1]) > 500 and not pages[0] & pages[1]
    turns = accesses["vmid"][accesses["vmid"] != 0].astype(int)
    assert numpy.count_nonzero(numpy.diff(turns)) == 34


def simulated(records: numpy.ndarray, entries: int, tagged: bool) -> Counter[int]:
    """Misses by VMID of a fully associative LRU TLB. The upper half of the addresses is the kernel's, global in its VM."""
    tlb: OrderedDict[tuple[int, ...], None] = OrderedDict()
    misses: Counter[int] = Counter()
    before = None
    for va, size, vmid, asid in zip(*(records[name].tolist() for name in ("va", "size", "vmid", "asid"))):
        if not tagged and before is not None and vmid != before:
            tlb.clear()
        before = vmid
        for page in range(va >> 12, (va + size - 1 >> 12) + 1):
            key = (vmid, -1 if va >> 63 else asid, page)
            if key in tlb:
                tlb.move_to_end(key)
                continue
            misses[vmid] += 1
            tlb[key] = None
            if len(tlb) > entries:
                tlb.popitem(last=False)
    return misses


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize("entries", [16, 64])
def test_walks_of_each_guest_are_those_of_a_simulated_tlb(records: numpy.ndarray, entries: int, tagged: bool) -> None:
    accesses = records[records["kind"] != INVALIDATE][-PART:]
    config = Config(
        "cortex-a72",
        sets={
            "mmu.l1d.entries": 0,
            "mmu.l1i.entries": 0,
            "mmu.l2.entries": entries,
            "mmu.l2.ways": entries,
            "mmu.vmid_tagging": tagged,
        },
    )
    run = trapwalk.replay(Trace.from_records(accesses, has_ipa=True, has_pa=True), config)
    walks: Counter[int] = Counter()
    for walk in run.report["cores"][0]["walks"]:
        walks[walk["context"]["vmid"]] += walk["count"]
    assert walks == simulated(accesses, entries, tagged)
