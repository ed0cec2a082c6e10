#!/usr/bin/env python3
"""Holds `trapwalk run --platform dma-study` to what can be computed by hand.

Usage: closed_forms.py TRAPWALK [NAME…]      exit status 1 when a figure is not what it must be
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

MEMORY, FABRIC = 120, 20  # cycles of 1 ns: memory.latency, interconnect.memory.latency, as set below
COMMON = {"study.frequency_mhz": 1000, "memory.latency": MEMORY, "interconnect.memory.latency": FABRIC,
          "interconnect.memory.width": 64, "smmu.frequency_mhz": 1000, "memory.size": "512M"}
# An SMMU whose only cache of translations is a TBU of four entries.
BARE = {"smmu.tbu.entries": 4, "smmu.tbu.ways": 0, "smmu.tlb.entries": 0, "smmu.walk_cache.entries": 0,
        "smmu.walk_cache2.entries": 0, "smmu.ipa.entries": 0, "smmu.tbu.latency": 2, "smmu.link_latency": 10,
        "smmu.tcu.latency": 4, "smmu.configuration.latency": 2, "smmu.tcu.port_interval": 1}
TO_THE_TCU = 2 * 10 + 4 + 2  # cycles of a miss before its walk
FETCH = MEMORY + FABRIC

failures = []


def run(**parameters):
    return json.loads(text(parameters))


def text(parameters):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        options = [f"--set={key}={value}" for key, value in {**COMMON, **parameters}.items()]
        done = subprocess.run([TRAPWALK, "run", "--platform", "dma-study", *options, "--report", report],
                              capture_output=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(options)}: status {done.returncode}\n{done.stderr.decode()}")
        return report.read_text()


def check(what, value, expected, tolerance=0.0):
    if abs(value - expected) > tolerance * abs(expected):
        failures.append(f"{what}: {value}, expected {expected}")
        print(f"FAILED: {failures[-1]}")


def only(report):
    return report["study"]["masters"][0]["streams"][0]


def mean_ns(stream):
    return stream["read_latency"]["sum_ps"] / stream["read_latency"]["count"] / 1000


def bandwidth(report, kind="read_bytes"):
    master = report["study"]["masters"][0]
    return sum(s[kind] for s in master["streams"]) / master["elapsed_ps"] * 1e12


def nobody_was_wrong(what, report):
    check(f"{what}: wrong words of memory", report["study"]["wrong_words"], 0)
    for master in report["study"]["masters"]:
        for stream in master["streams"]:
            check(f"{what}: wrong", stream["wrong"], 0)
            check(f"{what}: refused", stream["refused"], 0)


# --- the link


def link():
    """min(request direction, completion direction), by rate, encoding, headers (PCIe base specification)."""
    for generation, lanes, size, write in ((3, 8, 64, False), (3, 8, 256, False), (3, 8, 1024, False), (1, 1, 512, False),
                                           (4, 16, 64, True), (2, 4, 1024, True), (5, 4, 256, True)):
        raw = {1: 2.5e9 * 8 / 10, 2: 5e9 * 8 / 10, 3: 8e9 * 128 / 130, 4: 16e9 * 128 / 130, 5: 32e9 * 128 / 130}
        wire = raw[generation] * lanes / 8 * (1 - 0.0814)
        if write:
            bytes_of_wire = size + 24 * math.ceil(size / 256)
        else:
            bytes_of_wire = max(24 * math.ceil(size / 512), size + 20 * math.ceil(size / 256))
        report = run(**{"study.translation": "none", "traffic.link.enabled": "true", "traffic.link.generation": generation,
                        "traffic.link.lanes": lanes, "traffic.size": size, "traffic.read_share": 0 if write else 100,
                        "traffic.outstanding": 512, "traffic.warm_up": 2000, "traffic.requests": 20000})
        what = f"link of generation {generation}, x{lanes}, {'writes' if write else 'reads'} of {size}"
        measured = bandwidth(report, "written_bytes" if write else "read_bytes")
        # The last requests' latency is in the time, and no further ones are in it.
        check(what, measured, wire * size / bytes_of_wire, 0.03)
        if measured > wire * size / bytes_of_wire * 1.001:
            check(f"{what}: more than there is", measured, wire * size / bytes_of_wire)
        nobody_was_wrong(what, report)


def latency_bound():
    """Without a link: outstanding requests over latency."""
    for outstanding in (1, 7):
        report = run(**{"study.translation": "none", "traffic.outstanding": outstanding, "traffic.requests": 7000})
        check("bandwidth by latency", bandwidth(report), outstanding * 64 / (FETCH * 1e-9), 0.001)


# --- structures


def strided(leaves, leaf=4096, **more):
    return run(**{**BARE, "traffic.pattern": "strided", "traffic.stride": leaf, "traffic.window": leaves * leaf,
                  "traffic.outstanding": 1, "traffic.warm_up": 50, "traffic.requests": 500, "study.leaf": leaf, **more})


def walks_of(report):
    return sum(s["translations"].get("walk", 0) for s in report["smmu"][0]["streams"])


def knee():
    """N entries, least recently used: N pages in turn never miss, N + 1 always do."""
    for entries in (4, 16, 64):
        fits = strided(entries, **{"smmu.tbu.entries": entries, "traffic.warm_up": 100})
        check(f"{entries} pages in {entries} entries: walks", walks_of(fits), 0)
        exceeds = strided(entries + 1, **{"smmu.tbu.entries": entries, "traffic.warm_up": 100})
        check(f"{entries + 1} pages in {entries} entries: walks", walks_of(exceeds), 500)


SHAPES = (  # translation, parameters, descriptors of a walk: levels, and (n1 + 1)(n2 + 1) - 1
    ("stage1", {}, 4),
    ("stage1", {"study.va_bits": 39}, 3),
    ("stage1", {"study.leaf": 2 << 20}, 3),
    ("stage1", {"study.granule": 16384, "study.leaf": 16384}, 4),
    ("stage1", {"study.granule": 65536, "study.leaf": 65536}, 3),
    ("stage2", {"study.ipa_bits": 40}, 3),
    ("stage2", {"study.ipa_bits": 44}, 4),
    ("stage2", {"study.ipa_bits": 40, "study.leaf2": 2 << 20, "study.leaf": 2 << 20}, 2),
    ("nested", {"study.ipa_bits": 44}, 24),
    ("nested", {"study.ipa_bits": 40}, 19),
    ("nested", {"study.ipa_bits": 40, "study.leaf2": 2 << 20}, 14),
    ("nested", {"study.ipa_bits": 40, "study.leaf": 2 << 20, "study.leaf2": 2 << 20}, 11),
    ("nested", {"study.granule": 65536, "study.leaf": 65536, "study.granule2": 65536, "study.leaf2": 65536, "study.ipa_bits": 42}, 11),
)


def penalty():
    """A miss costs the way to the TCU and its descriptors' latency, to the cycle."""
    for translation, parameters, descriptors in SHAPES:
        leaf = parameters.get("study.leaf", 4096)
        shape = {"study.translation": translation, **parameters}
        what = f"{translation} {parameters}"
        hit, miss = strided(4, leaf, **shape), strided(5, leaf, **shape)
        check(f"{what}: a hit", mean_ns(only(hit)), 2 + FETCH)
        check(f"{what}: a miss more than a hit", mean_ns(only(miss)) - mean_ns(only(hit)),
              TO_THE_TCU + descriptors * FETCH)
        nobody_was_wrong(what, hit)
        nobody_was_wrong(what, miss)


def walk_cache():
    """With the upper levels cached a walk is one descriptor."""
    cached = {"smmu.walk_cache.entries": 64, "smmu.walk_cache.ways": 0, "smmu.walk_cache.latency": 3}
    hit, miss = strided(4, **cached), strided(5, **cached)
    check("a miss that finds the upper levels", mean_ns(only(miss)) - mean_ns(only(hit)), TO_THE_TCU + 3 + FETCH)


def walkers():
    """W walks at a time: W misses each walk's time."""
    for walks in (1, 4):
        report = strided(64, **{"traffic.outstanding": 64, "smmu.tbu.walks": walks, "traffic.requests": 4000})
        walk = (TO_THE_TCU + 4 * FETCH) * 1e-9
        check(f"{walks} walks at a time", bandwidth(report) / 64 * walk, walks, 0.02)


def neighbours():
    """A master whose pages fit keeps them in a TBU of its own, and loses them to a neighbour who shares it."""
    walks = {}
    for tbus in (0, 1):
        report = run(**{**BARE, "study.masters": 2, "smmu.tbus": tbus, "traffic.pattern": "strided", "traffic.window": 4 * 4096,
                        "traffic.warm_up": 50, "traffic.requests": 500, "traffic.outstanding": 1,
                        "master1.traffic.window": "1M", "master1.traffic.pattern": "random"})
        walks[tbus] = {s["stream"]: s["translations"].get("walk", 0) for s in report["smmu"][0]["streams"]}
        nobody_was_wrong("neighbours", report)
    check("walks of a master with a TBU of its own", walks[0][0x100], 0)
    if walks[1][0x100] == 0:
        failures.append("a neighbour in the same TBU takes no entry")


# --- software


def unmapping():
    """32 MB in pieces of 2 MB: commands are counted where the SMMU executes them."""
    for command, expected in (("va", 8192), ("asid", 16), ("range", 16)):
        report = run(**{"study.work": "io", "study.io": "2M", "study.ios": 16, "study.command": command,
                        "traffic.size": 4096, "study.depth": 2})
        executed = {row["name"]: row["count"] for row in report["smmu"][0]["commands"]}
        name = "CMD_TLBI_NH_ASID" if command == "asid" else "CMD_TLBI_NH_VA"
        check(f"unmapping 32 MB by {command}", executed[name], expected)
        check(f"unmapping 32 MB by {command}: CMD_SYNC", executed["CMD_SYNC"], 16)
        check(f"unmapping 32 MB by {command}: sent", report["study"]["io"]["commands_sent"][name], expected)
        check(f"unmapping 32 MB by {command}: wrong", report["study"]["io"]["wrong"], 0)


def invalidation():
    """What software leaves out is seen in the data; what it does is paid for."""
    io = {"study.work": "io", "study.cpus": 4, "study.ios": 4000, "traffic.size": 4096, "traffic.read_share": 0}
    results = {kind: run(**io, **{"study.invalidation": kind})["study"]["io"] for kind in ("strict", "deferred", "none")}
    check("strict: wrong", results["strict"]["wrong"], 0)
    check("deferred: wrong", results["deferred"]["wrong"], 0)
    if results["none"]["wrong"] == 0:
        failures.append("without invalidation no stale translation was ever used")
    check("strict: a CMD_SYNC each", results["strict"]["commands_sent"]["CMD_SYNC"], 4000)
    check("deferred: a CMD_SYNC a flush", results["deferred"]["commands_sent"]["CMD_SYNC"], results["deferred"]["flushes"])
    for sync in ("message", "register"):
        result = run(**io, **{"study.sync": sync})["study"]["io"]
        check(f"CMD_SYNC by {sync}: wrong", result["wrong"], 0)


def stalls():
    """Each page of each address space stalls once, is mapped, and the master goes on; nothing is lost or refused."""
    stalling = {"study.faults": "stall", "traffic.may_stall": "true", "traffic.pattern": "sequential", "traffic.window": "256K",
                "traffic.size": 512}
    for more, pages in (({}, 64), ({"study.masters": 3, "traffic.substreams": 2, "traffic.pattern": "random"}, 3 * 2 * 64),
                        ({"study.granule": 16384, "study.leaf": 16384}, 16)):
        report = run(**{**stalling, "traffic.requests": 6000, **more})
        nobody_was_wrong("stalls", report)
        check("stalls: pages mapped", report["study"]["faults"]["mapped"], pages)
        check("stalls: events", report["smmu"][0]["events"]["F_TRANSLATION"], pages)
        check("stalls: others", report["study"]["faults"]["others"] + report["study"]["faults"]["terminated"], 0)
        slowest = max(s["read_latency"]["max_ps"] for m in report["study"]["masters"] for s in m["streams"])
        if slowest < 2_000_000:  # study.driver.interrupt and study.driver.fault
            failures.append(f"a stalled read took {slowest} ps, less than its handler")


def spaces():
    """Streams and substreams of several masters, reads and writes of all sizes: everybody finds their own data."""
    for translation in ("none", "bypass", "stage1", "stage2", "nested"):
        substreams = 0 if translation in ("bypass", "stage2") else 2
        report = run(**{"study.translation": translation, "study.masters": 3, "traffic.streams": 2, "traffic.substreams": substreams,
                        "traffic.weights": "3,1", "traffic.size": 16, "traffic.size_max": 1024, "traffic.alignment": 8,
                        "traffic.read_share": 60, "traffic.window": "256K", "traffic.requests": 3000,
                        "host.check_protocol": "true"})
        nobody_was_wrong(translation, report)
        check(f"{translation}: requests", sum(s["reads"] + s["writes"] for m in report["study"]["masters"] for s in m["streams"]),
              9000)


def deterministic():
    parameters = {"study.masters": 2, "traffic.requests": 3000, "traffic.read_share": 50}
    first = text(parameters)
    if first != text(parameters):
        failures.append("two equal runs differ")
    if first != text({**parameters, "host.check_protocol": "true"}):
        failures.append("the protocol checker changes a report")


def quantum():
    """How far one master runs ahead of nobody changes nothing."""
    results = [run(**{"study.quantum": quantum, "traffic.requests": 3000, "traffic.window": "2M"}) for quantum in (0, 5000)]
    for part in ("study", "smmu"):
        if results[0][part] != results[1][part]:
            failures.append(f"the quantum changes what the report says of {part}")


TESTS = (link, latency_bound, knee, penalty, walk_cache, walkers, neighbours, unmapping, invalidation, stalls, spaces, deterministic, quantum)

if __name__ == "__main__":
    TRAPWALK = sys.argv[1]
    for test in TESTS:
        if len(sys.argv) == 2 or test.__name__ in sys.argv[2:]:
            test()
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)
