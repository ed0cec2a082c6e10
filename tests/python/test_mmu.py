"""trapwalk.Mmu and trapwalk.Smmu: tables of one's own, faults as values, arrays as one by one."""

import re
import signal
import threading

import numpy
import pandas
import pytest

import trapwalk
from trapwalk import Config, ConfigError, Fault, Kind, Mmu, Outcome, Scope, Smmu, Trace

NATIVE = {"replay.paging": "native", "replay.descriptor_cycles": 10}
NESTED = {"replay.paging": "nested", "replay.descriptor_cycles": 10}
BARE = {"mmu.l1i.entries": 0, "mmu.l1d.entries": 0, "mmu.l2.entries": 0, "mmu.walk_cache.entries": 0, "mmu.ipa.entries": 0}


def test_translates_what_was_mapped() -> None:
    mmu = Mmu(Config("generic", sets=NATIVE))
    mmu.map(0x40_0000, 0x8000_0000, size=0x4000, vmid=1, asid=2)
    found = mmu.translate(0x40_1234, vmid=1, asid=2)
    assert found.ok and found.pa == 0x8000_1234 and found.page_bits == 12 and found.fault is Fault.NONE
    assert found.fetches == 4 and found.cycles >= 40
    again = mmu.translate(0x40_1238, vmid=1, asid=2)
    assert again.pa == 0x8000_1238 and again.cycles == 0 and again.fetches == 0
    for other in ({"vmid": 1, "asid": 3}, {"vmid": 2, "asid": 2}):
        assert mmu.translate(0x40_1234, **other).fault is Fault.TRANSLATION
    missing = mmu.translate(0x40_4000, vmid=1, asid=2)
    assert not missing.ok and missing.pa is None and (missing.stage, missing.level) == (1, 3)


@pytest.mark.parametrize(("granule", "leaf", "levels"), [(4096, 4096, 4), (4096, 2 << 20, 3), (16384, 16384, 4), (65536, 65536, 3), (65536, 512 << 20, 2)])
@pytest.mark.parametrize("levels2", [4, 3])
def test_nested_walks_have_the_length_of_the_formula(granule: int, leaf: int, levels: int, levels2: int) -> None:
    """(n1 + 1)(n2 + 1) - 1 descriptors (Bhargava et al.), without any cache."""
    sets = {**NESTED, **BARE, "replay.granule": granule, "replay.leaf": leaf, "replay.ipa_bits": 48 if levels2 == 4 else 40}
    mmu = Mmu(Config("generic", sets=sets))
    span = max(leaf, 1 << 21)
    mmu.map(0x1_0000_0000 // leaf * leaf, 0x8000_0000, size=leaf)
    mmu.map_stage2(0x8000_0000, 0x2_0000_0000, size=span)
    found = mmu.translate(0x1_0000_0000 // leaf * leaf + 8)
    assert found.ok and found.pa == 0x2_0000_0008 and found.ipa == 0x8000_0008
    assert found.fetches == (levels + 1) * (levels2 + 1) - 1 and found.cycles == 10 * found.fetches


def test_faults_say_stage_and_level() -> None:
    mmu = Mmu(Config("generic", sets=NESTED))
    mmu.map(0x10_0000, 0x8000_0000, size=0x3000, writable=False)
    mmu.map(0x20_0000, 0x8000_0000, executable=False)
    mmu.map_stage2(0x8000_0000, 0x9000_0000)
    assert mmu.translate(0x10_0000).pa == 0x9000_0000
    readonly = mmu.translate(0x10_0000, kind=Kind.WRITE)
    assert (readonly.fault, readonly.stage, readonly.level) == (Fault.PERMISSION, 1, 3)
    assert mmu.translate(0x20_0000, kind=Kind.WRITE).ok
    assert mmu.translate(0x20_0000, kind=Kind.FETCH).fault is Fault.PERMISSION
    unmapped = mmu.translate(0x10_1008)
    assert (unmapped.fault, unmapped.stage) == (Fault.TRANSLATION, 2) and unmapped.ipa == 0x8000_1008
    mmu.map_stage2(0x8000_1000, 0x9000_1000, writable=False, executable=False)
    assert mmu.translate(0x10_1008).pa == 0x9000_1008
    mmu.map(0x30_0000, 0x8000_1000)
    assert (mmu.translate(0x30_0000, kind=Kind.WRITE).fault, mmu.translate(0x30_0000, kind=Kind.WRITE).stage) == (Fault.PERMISSION, 2)
    assert mmu.translate(0x10_1000, kind=Kind.FETCH).fault is Fault.PERMISSION


def test_what_is_unmapped_stays_in_the_tlb_until_a_tlbi() -> None:
    mmu = Mmu(Config("generic", sets=NATIVE))
    mmu.map(0x1000, 0x5000, vmid=3, asid=1)
    assert mmu.translate(0x1000, vmid=3, asid=1).ok
    mmu.unmap(0x1000, vmid=3, asid=1)
    assert mmu.translate(0x1000, vmid=3, asid=1).ok
    mmu.invalidate(Scope.VA, address=0x1000, vmid=3, asid=2)
    assert mmu.translate(0x1000, vmid=3, asid=1).ok, "of another ASID"
    mmu.invalidate(Scope.VA, address=0x1000, vmid=3, asid=1)
    assert mmu.translate(0x1000, vmid=3, asid=1).fault is Fault.TRANSLATION


def test_the_upper_range_is_global_in_its_vm() -> None:
    mmu = Mmu(Config("generic", sets=NATIVE))
    kernel = 0xFFFF_8000_0000_0000
    mmu.map(kernel, 0x7000, vmid=1)
    assert mmu.translate(kernel + 4, vmid=1, asid=1, el=1).pa == 0x7004
    assert mmu.translate(kernel + 4, vmid=1, asid=2, el=1).cycles == 0
    assert not mmu.translate(kernel + 4, vmid=2, asid=1, el=1).ok


def test_stage2_alone() -> None:
    mmu = Mmu(Config("generic", sets={"replay.paging": "stage2"}))
    mmu.map_stage2(0x4000_0000, 0x9000_0000, vmid=1)
    assert mmu.translate(0x4000_0010, vmid=1).pa == 0x9000_0010
    with pytest.raises(ValueError, match="no stage 1"):
        mmu.map(0, 0)


@pytest.mark.parametrize("shortcuts", [True, False])
def test_arrays_are_as_one_by_one(shortcuts: bool) -> None:
    sets = {**NESTED, "host.replay_shortcuts": shortcuts, "mmu.l2.entries": 64}
    random = numpy.random.default_rng(7)
    count = 5000
    vas = (random.zipf(1.3, count) % 300).astype("u8") * 4096 + random.integers(0, 4096, count, dtype="u8")
    kinds, vmids, asids = random.integers(0, 3, count), random.integers(1, 3, count), random.integers(0, 2, count)
    one, many = Mmu(Config("generic", sets=sets)), Mmu(Config("generic", sets={**sets, "host.replay_shortcuts": True}))
    for mmu in (one, many):
        for vmid in (1, 2):
            mmu.map_stage2(0x1_0000_0000, 0x10_0000_0000 * vmid, size=300 * 4096, vmid=vmid)
            for asid in (0, 1):
                mmu.map(0, 0x1_0000_0000, size=290 * 4096, vmid=vmid, asid=asid)
    rows = many.translate(vas, kind=kinds, vmid=vmids, asid=asids)
    assert rows.dtype == trapwalk.ANSWER and rows.shape == (count,)
    for row, va, kind, vmid, asid in zip(rows, vas, kinds, vmids, asids):
        found = one.translate(int(va), kind=Kind(kind), vmid=int(vmid), asid=int(asid))
        assert (found.pa or 0, found.cycles, found.fetches, found.fault) == (row["pa"], row["cycles"], row["fetches"], row["fault"])
        assert found.ok == (va < 290 * 4096)
        assert not found.ok or found.pa == 0x10_0000_0000 * vmid + va
    assert one.statistics() == many.statistics()
    assert many.frame().loc["l2", "lookups"] == many.statistics()["l2"]["lookups"] > 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda mmu: mmu.map(0x1001, 0), ValueError, "aligned to the leaf, 4096"),
        (lambda mmu: mmu.map(0x1000, 0, size=100), ValueError, "multiple of the leaf"),
        (lambda mmu: mmu.map(1 << 52, 0), ValueError, "neither range"),
        (lambda mmu: mmu.map(0, 1 << 60), ValueError, "more than 48 bits"),
        (lambda mmu: mmu.map(0.0, 0), TypeError, "whole number"),
        (lambda mmu: mmu.map([0, 4096], [0]), ValueError, "2 values"),
        (lambda mmu: mmu.map_stage2(0, 0), ValueError, "no stage 2"),
        (lambda mmu: mmu.map(0, 0, vmid=1 << 16), ValueError, "vmid"),
        (lambda mmu: mmu.translate(numpy.zeros(3)), TypeError, "va: integers"),
        (lambda mmu: mmu.translate(numpy.zeros((2, 2), "u8")), ValueError, "one dimension"),
        (lambda mmu: mmu.translate(numpy.zeros(2, "u8"), kind=[3, 1]), ValueError, "FETCH, READ or WRITE"),
        (lambda mmu: mmu.translate(0, el=2), ValueError, "el"),
    ],
)
def test_wrong_arguments(call: object, error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        call(Mmu(Config("generic", sets=NATIVE)))  # type: ignore[operator]


def test_addresses_of_kernel_and_user_in_a_list() -> None:
    """To NumPy they are floats, or objects."""
    mmu = trapwalk.Mmu(Config("generic", sets={"replay.paging": "native"}))
    kernel, user = 0xFFFF_8000_0800_0000, 0x1000
    mmu.map([kernel, user], [0x4000, 0x5000])
    for addresses in ([kernel, user], (kernel + 0, user), pandas.Series([kernel, user], dtype="object")):
        assert mmu.translate(addresses)["pa"].tolist() == [0x4000, 0x5000]
    with pytest.raises(ValueError, match="va: -1 is no unsigned number of 64 bits"):
        mmu.translate([kernel, -1])
    with pytest.raises(TypeError, match="integers"):
        mmu.translate([kernel, 1.0])
    with pytest.raises(ValueError, match="va: some values are masked"):
        mmu.translate(numpy.ma.array([user, user], mask=[False, True]))
    assert "pa=0x4008" in repr(mmu.translate(kernel + 8)) and "native paging" in repr(mmu)


def test_wrong_configurations() -> None:
    trace = Trace.from_arrays(va=[1])
    calls = [
        trapwalk.Mmu,
        trapwalk.Smmu,
        lambda c: trapwalk.Caches(c, memory_cycles=9),
        lambda c: trapwalk.run(c, guest="tlb"),
        lambda c: trapwalk.miss_curve(trace, c),
        lambda c: trapwalk.replay(trace, c),
    ]
    for wrong in ("generic", 5, {"mmu.l2.entries": 4}):
        for call in calls:
            with pytest.raises(TypeError, match="config: a trapwalk.Config is needed"):
                call(wrong)
    with pytest.raises(TypeError, match=r"Config\('generic'\) is one"):
        trapwalk.Mmu("generic")  # type: ignore[arg-type]
    config = Config("generic")
    config.mmu.l2.ways = 7
    with pytest.raises(ConfigError, match="multiple"):
        Mmu(config)
    with pytest.raises(ValueError, match="dma-study"):
        Mmu(Config(platform="dma-study"))
    with pytest.raises(ValueError, match="tables of stage 1"):
        Mmu(Config("generic", sets=NESTED)).map_stage2(0xF0_0000_0000, 0)
    with pytest.raises(trapwalk.Error, match="do not hold"):
        mmu = Mmu(Config("generic", sets={**NATIVE, "replay.memory": 1 << 20}))
        mmu.map(numpy.arange(1000, dtype="u8") << numpy.uint64(30), numpy.zeros(1000, "u8"))


def test_ctrl_c_ends_a_long_call_and_other_threads_run() -> None:
    mmu = Mmu(Config("generic", sets={**NATIVE, **BARE}))
    mmu.map(0, 0)
    vas = numpy.zeros(40_000_000, "u8")
    main = threading.main_thread().ident
    assert main is not None
    calls = 0
    done = threading.Event()

    def tick() -> None:
        ticks = [0] * 101  # of each call
        while not done.wait(0.01):
            ticks[calls] += 1
            if ticks[calls] == 5 and calls > 0:
                signal.pthread_kill(main, signal.SIGALRM)

    ticker = threading.Thread(target=tick)
    previous = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        with pytest.raises(KeyboardInterrupt):  # none comes while the GIL is not given up
            ticker.start()
            for _ in range(100):
                calls += 1
                mmu.translate(vas)
            done.set()
    finally:
        done.set()
        ticker.join()
        signal.signal(signal.SIGALRM, previous)
    assert mmu.translate(0).ok, "usable afterwards"


def test_counts_are_those_that_help_names() -> None:
    counted = Mmu(Config("generic")).statistics()
    described = Mmu.statistics.__doc__ or ""
    assert not [name for name in counted if not re.search(rf"\b{name}\b", described)]
    counted = smmu_of().statistics()
    described = Smmu.statistics.__doc__ or ""
    assert not [name for name in counted if not re.search(rf"\b{name}\b", described)]


def test_ctrl_c_ends_a_long_mapping() -> None:
    """Of the module's own call, in which no bytecode runs that could look for signals."""
    leaves = numpy.arange(1 << 20, dtype="u8") << numpy.uint64(12)
    main = threading.main_thread().ident
    assert main is not None
    previous = signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        for _ in range(50):  # until the signal comes before the call has ended
            mmu = Mmu(Config("generic", sets={**NATIVE, **BARE}))
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.01)
                mmu._mmu.map(leaves, leaves, 0, 0, True, True)
                while True:  # the signal is late
                    pass
            if not mmu.translate(int(leaves[-1])).ok:
                break
        else:
            raise AssertionError("every mapping went on to its end")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


# ---- SMMU


def smmu_of(**sets: object) -> Smmu:
    return Smmu(Config("generic", smmu="v3", sets={"replay.descriptor_cycles": 10, **sets}))  # type: ignore[arg-type]


def test_smmu_shows_its_streams() -> None:
    smmu = smmu_of()
    assert repr(smmu).endswith("tbus=1, streams none>")
    smmu.add_stream(5)
    smmu.add_stream(8)
    assert repr(smmu).startswith("<Smmu: Config('generic', smmu='v3'") and repr(smmu).endswith("streams 5, 8>")


def test_smmu_translates_by_stream() -> None:
    smmu = smmu_of()
    for stream in (1, 2):
        smmu.add_stream(stream, asid=stream)
        smmu.map(stream, 0x1000, 0x10_0000 * stream, size=0x2000)
    smmu.add_stream(7, stage1=False)
    assert smmu.translate(1, 0x1008).pa == 0x10_0008 and smmu.translate(2, 0x2008).pa == 0x20_1008
    assert smmu.translate(7, 0x12345).pa == 0x12345
    assert smmu.translate(1, 0x1008).fetches == 0
    assert smmu.events() == []
    fault = smmu.translate(1, 0x9008)
    assert fault.outcome is Outcome.ABORT and fault.pa is None and not fault.ok
    assert smmu.translate(99, 0x1000).outcome is Outcome.ABORT
    (translation,) = smmu.events()  # none of stream 99, whose STE's Config is abort
    assert (translation.name, translation.stream, translation.address) == ("F_TRANSLATION", 1, 0x9008)
    assert smmu.events() == []
    frame = smmu.streams()
    assert set(frame["stream"]) >= {1, 2, 7} and frame.loc[frame["stream"] == 1, "walk"].item() == 1
    assert smmu.frame().loc["tbu", "lookups"] > 0


def test_smmu_goes_on_behind_a_command_that_it_refuses() -> None:
    smmu = smmu_of()
    smmu.add_stream(1)
    smmu.map(1, 0x1000, 0x5000)
    for _ in range(300):  # more than its queue holds
        assert smmu.translate(1, 0x1000).ok
        with pytest.raises(ValueError, match="command 0xff, 0x5: CERROR_ILL"):
            smmu.command(0xFF, 5)
    smmu.unmap(1, 0x1000)
    assert smmu.translate(1, 0x1000).ok
    smmu.invalidate()
    assert not smmu.translate(1, 0x1000).ok


def test_smmu_nested_streams_share_the_stage_2_of_their_vm() -> None:
    smmu = smmu_of()
    for stream in (1, 2):
        smmu.add_stream(stream, stage2=True, vmid=5, asid=stream)
        smmu.map(stream, 0x1000, 0x8000_0000)
    smmu.map_stage2(5, 0x8000_0000, 0x9000_0000)
    for stream in (1, 2):
        found = smmu.translate(stream, 0x1010, write=True)
        assert found.pa == 0x9000_0010 and found.page_bits == 12
    with pytest.raises(ValueError, match="VMID 6"):
        smmu.map_stage2(6, 0, 0)


def test_smmu_forgets_by_command_alone() -> None:
    smmu = smmu_of()
    smmu.add_stream(1)
    smmu.map(1, 0x1000, 0x5000)
    assert smmu.translate(1, 0x1000).ok
    smmu.unmap(1, 0x1000)
    assert smmu.translate(1, 0x1000).ok, "no command yet"
    smmu.invalidate()
    assert not smmu.translate(1, 0x1000).ok


def test_smmu_arrays_are_as_one_by_one() -> None:
    one, many = smmu_of(), smmu_of()
    for smmu in (one, many):
        for stream in (1, 2, 3):
            smmu.add_stream(stream, asid=stream)
            smmu.map(stream, 0, 0x1_0000_0000 * stream, size=200 * 4096)
    random = numpy.random.default_rng(3)
    iovas, streams = random.integers(0, 210 * 4096, 2000, dtype="u8"), random.integers(1, 4, 2000)
    rows = many.translate(streams, iovas)
    assert rows.dtype == trapwalk.DMA_ANSWER
    for row, iova, stream in zip(rows, iovas, streams):
        found = one.translate(int(stream), int(iova))
        assert (found.pa or 0, found.cycles, found.fetches, found.outcome) == tuple(row[name] for name in ("pa", "cycles", "fetches", "outcome"))
        assert found.ok == (iova < 200 * 4096) and (not found.ok or found.pa == 0x1_0000_0000 * stream + iova)
    assert one.statistics() == many.statistics()


def test_wrong_smmu_arguments() -> None:
    smmu = smmu_of()
    smmu.add_stream(1)
    with pytest.raises(ValueError, match="there already"):
        smmu.add_stream(1)
    with pytest.raises(ValueError, match="has no stage 1"):
        smmu.map(2, 0, 0)
    with pytest.raises(ValueError, match="bits"):
        smmu.add_stream(1 << 20)
    with pytest.raises(ValueError, match="tbu"):
        smmu.translate(1, 0, tbu=1)
    with pytest.raises(TypeError, match="iova"):
        smmu.translate(1, numpy.zeros(2))
    with pytest.raises(ValueError, match="stream: 2 values"):
        smmu.translate([1], numpy.zeros(2, "u8"))
