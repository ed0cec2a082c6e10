#!/usr/bin/env python3
"""DMA that was recorded, replayed: the SMMU's statistics are those of the run that was recorded. The run is the oracle of the
whole path: recorder, trace, reader, replay.
Usage: dma_replay.py TRAPWALK GUESTS        what is in traces/, and a guest's
       dma_replay.py TRAPWALK --linux       records what is in traces/ anew"""
import json
import pathlib
import subprocess
import sys
import tempfile

source = pathlib.Path(__file__).resolve().parents[2]
trapwalk = sys.argv[1]
SMMU = ["--set", "smmu.tbus=1"]
REPLAY = [*SMMU, "--set", "replay.paging=native", "--set", "replay.mapping=own"]
COUNTS = ("lookups", "hits", "misses", "insertions", "evictions", "invalidations", "entries_invalidated")
failures = 0


def check(what, got, wanted):
    global failures
    failures += got != wanted
    print(f"{'ok  ' if got == wanted else 'FAIL'} {what}" + ("" if got == wanted else f": {got} is not {wanted}"))


def run(*arguments):
    subprocess.run([trapwalk, *map(str, arguments)], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def smmu_of(report):
    """(counts by structure; translations by who answered, of all streams)"""
    smmu = json.loads(pathlib.Path(report).read_text())["smmu"][0]
    structures = {structure["name"]: {count: structure[count] for count in COUNTS} for structure in smmu["structures"]}
    answered = {}
    for stream in smmu["streams"]:
        for level, times in stream["translations"].items():
            answered[level] = answered.get(level, 0) + times
    return structures, answered


def replayed(trace, work, *options):
    run("replay", trace, *REPLAY, *options, "--report", work / "replay.json")
    return smmu_of(work / "replay.json")


def equal_but_for_prefetches(name, got, wanted, prefetches):
    """A CMD_PREFETCH_CONFIG looks into both configuration caches; a trace does not have it."""
    for structure, counts in wanted[0].items():
        counts = dict(counts)
        if structure in ("STE cache", "CD cache"):
            counts["lookups"] -= prefetches
            counts["hits"] -= prefetches
        check(f"{name}: {structure}", got[0][structure], counts)
    check(f"{name}: who answered", got[1], wanted[1])


def kept(work, traces):
    """Of Linux from power-on: exactly."""
    modes = {}
    for name in ("linux-dma", "linux-dma-lazy"):
        wanted = smmu_of(traces / f"{name}.json")
        modes[name] = got = replayed(traces / f"{name}.trace", work)
        equal_but_for_prefetches(name, got, wanted, prefetches=1)
    strict, lazy = (modes[name][0]["TBU TLBs"] for name in ("linux-dma", "linux-dma-lazy"))
    check("strict unmapping has a command a buffer", strict["invalidations"] > 50 * lazy["invalidations"], True)


def guest(work, guests):
    """Faults are not in a trace, and the table levels of this guest are others; what was answered is the same."""
    run("run", "--smmu", "v3", "--device", "pl330", *SMMU, "--record", work / "guest.trace", "--report", work / "guest.json", "--kernel",
        pathlib.Path(guests) / "pl330_smmu.elf")
    (structures, answered), (wanted, wanted_answers) = replayed(work / "guest.dma.trace", work), smmu_of(work / "guest.json")
    for level in ("tbu", "tlb", "walk"):
        check(f"guest: answered by {level}", answered[level], wanted_answers[level])
    for structure in ("TBU TLBs", "TLB"):
        for count in ("insertions", "invalidations", "entries_invalidated"):
            check(f"guest: {structure}, {count}", structures[structure][count], wanted[structure][count])
    check("guest: CD cache, entries invalidated", structures["CD cache"]["entries_invalidated"], wanted["CD cache"]["entries_invalidated"])


def linux(work):
    for what in ("dma", "dma-lazy"):
        file, report = work / f"linux-{what}.trace", work / f"linux-{what}.json"
        subprocess.run([source / "scripts/record/linux.py", trapwalk, what, file, "--smmu-report", report], check=True, timeout=1700)
    kept(work, work)


with tempfile.TemporaryDirectory() as folder:
    if sys.argv[2] == "--linux":
        linux(pathlib.Path(folder))
    else:
        kept(pathlib.Path(folder), source / "traces")
        guest(pathlib.Path(folder), sys.argv[2])
sys.exit(bool(failures))
