"""Items a second of the cores in-process, called from Python with arrays: the best of some runs, by processor time.

Needs the Python package; says so when it is not there. Never a test.

Usage: python_speed.py BUILD_FOLDER [RUNS]
"""

from __future__ import annotations

import pathlib
import sys
import time
from typing import Callable

ITEMS = 4_000_000


def main() -> None:
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    sys.path.insert(0, str(build / "python"))
    try:
        import numpy
        import trapwalk
    except ImportError as error:
        print(f"bench: no Python package: {error}")
        return

    # Both stages, pages of 4 KB; walk caches and an IPA cache of 64 entries, as replay_benchmark has them.
    sets = {f"mmu.{name}.entries": 64 for name in ("walk_cache", "walk_cache2", "ipa")}
    config = trapwalk.Config("generic", sets=sets)
    page = numpy.uint64(4096)
    numbers = numpy.arange(ITEMS, dtype="u8")
    few, many = numbers % numpy.uint64(24) * page, numbers % numpy.uint64(4000) * page
    zipf = (numpy.random.default_rng(1).zipf(1.2, ITEMS) % 100_000).astype("u8") * page

    def trace(addresses: numpy.ndarray) -> trapwalk.Trace:
        return trapwalk.Trace.from_arrays(addresses, vmid=1)

    mmu = trapwalk.Mmu(config)
    mmu.map(0, 1 << 30, size=4000 * 4096)
    mmu.map_stage2(1 << 30, 0, size=4000 * 4096)
    smmu = trapwalk.Smmu(trapwalk.Config("generic", smmu="v3"))
    smmu.add_stream(1)
    smmu.map(1, 0, 0, size=4000 * 4096)
    tlb = trapwalk.Tlb(1024, 4)
    caches = trapwalk.Caches(trapwalk.Config("cortex-a57"), memory_cycles=100)
    traces = {"few": trace(few), "many": trace(many), "zipf": trace(zipf)}
    program = trapwalk.import_trace(pathlib.Path(__file__).parents[1] / "traces/cc1.lackey.zst", "lackey", vmid=1)[:]
    vms = [trace(many[: ITEMS // 2]), trace(many[ITEMS // 2 :])]
    repeated = numpy.resize(program, ITEMS)
    traces["program"] = trapwalk.Trace.from_records(repeated, has_ipa=False, has_pa=False)
    # name, what is called, the millions a second that are the goal
    rows: list[tuple[str, Callable[[], object], float | None]] = [
        ("replay(), L1 hits", lambda: trapwalk.replay_report(traces["few"], config), 20),
        ("replay(), walks", lambda: trapwalk.replay_report(traces["many"], config), 3),
        ("replay(), a program (cc1)", lambda: trapwalk.replay_report(traces["program"], config), None),
        ("miss_curve(), a program (cc1)", lambda: trapwalk.miss_curve(traces["program"]), 5),
        ("miss_curve(), Zipf, 100,000 pages", lambda: trapwalk.miss_curve(traces["zipf"]), 5),
        ("miss_curve(), a loop of 4,000 pages", lambda: trapwalk.miss_curve(traces["many"]), 5),
        ("miss_shares(), that loop in two VMs", lambda: trapwalk.miss_shares(vms), None),
        ("Mmu.translate, L1 hits", lambda: mmu.translate(few), None),
        ("Mmu.translate, walks", lambda: mmu.translate(many), None),
        ("Smmu.translate, TBU hits", lambda: smmu.translate(1, few), 10),
        ("Smmu.translate, walks", lambda: smmu.translate(1, many), None),
        ("Tlb.access", lambda: tlb.access(many), None),
        ("Caches.access, L1 hits", lambda: caches.access(few % numpy.uint64(8192)), None),
    ]
    for name, call, goal in rows:
        seconds = min(seconds_of(call) for _ in range(runs))
        wish = f"  (goal {goal} M)" if goal is not None else ""
        print(f"Python: {name:36} {ITEMS / seconds / 1e6:6.1f} M a second{wish}", flush=True)


def seconds_of(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


main()
