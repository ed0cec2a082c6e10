#!/usr/bin/env python3
"""Ghosts of the SMMU in the study of DMA: each misses what a run with a real structure of that size misses, and without the
section `ghosts` the report is the one of a run without them. Two equal runs give equal reports, and the parts of each stream's
translations are their latency.

Usage: smmu_ghosts.py TRAPWALK
"""
import sys

import haunted

# One master, whose addresses do not depend on time; pages in an order of chance, far enough apart for several tables.
SETTINGS = {"study.translation": "nested", "traffic.requests": 8000, "traffic.window": "256M", "traffic.pattern": "random",
            "smmu.tbu.entries": 4, "smmu.tlb.entries": 256, "smmu.ipa.entries": 64}
GHOSTS = {"smmu.tlb": ("TLB", "smmu.tlb", 64, 1024), "smmu.walk_cache": ("walk cache", "smmu.walk_cache", 4, 64)}
STUDY = ["--platform", "dma-study"]


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    trapwalk = sys.argv[1]
    found = haunted.compare(
        trapwalk, STUDY, SETTINGS, GHOSTS, lambda report: report["smmu"][0]["structures"], different=3)
    if found.plain != haunted.run(trapwalk, STUDY, SETTINGS)[1]:
        sys.exit("two equal runs differ")
    for stream in found.plain["smmu"][0]["streams"]:
        if sum(stream["cycles"].values()) != stream["latency"]["sum"]:
            sys.exit(f"stream {stream['stream']}: the parts are not the latency")
    print(f"{found.ghosts} ghosts as real runs have it")


main()
