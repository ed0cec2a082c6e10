#!/usr/bin/env python3
"""Ghost structures in a region of a guest in which nothing depends on time: each misses what a run with a real structure
of that size misses, and without the section `ghosts` the report is the one of a run without them.

Usage: ghosts.py TRAPWALK ELF [RUN-OPTION...]
"""
import pathlib
import sys

import haunted

GHOSTS = {"tlb.l2": ("L2", "mmu.l2", 16, 256), "walk_cache": ("walk cache", "mmu.walk_cache", 4, 64),
          "ipa": ("IPA cache", "mmu.ipa", 4, 64)}
SMALL = {"mmu.l1i.entries": 4, "mmu.l1d.entries": 4, "mmu.l2.entries": 64, "mmu.ipa.entries": 16,
         "mmu.walk_cache.entries": 16}


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    trapwalk, elf, *options = sys.argv[1:]
    found = haunted.compare(
        trapwalk, ["--cpu", "cortex-a57", "--kernel", elf, *options], SMALL, GHOSTS,
        lambda report: [row for core in report["cores"] for row in core["tlbs"]], different=2)
    if not found.same_console:
        sys.exit("the ghosts have changed what the guest prints")
    print(f"{pathlib.Path(elf).name}: {found.ghosts} ghosts as real runs have it")


main()
