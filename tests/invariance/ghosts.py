#!/usr/bin/env python3
"""Ghost structures in a region of a guest in which nothing depends on time: each misses what a run with a real structure
of that size misses, and without the section `ghosts` the report is the one of a run without them.

Usage: ghosts.py TRAPWALK ELF [RUN-OPTION...]
"""
import json
import pathlib
import subprocess
import sys
import tempfile

GHOSTS = {"tlb.l2": ("L2", "mmu.l2", 16, 256), "walk_cache": ("walk cache", "mmu.walk_cache", 4, 64),
          "ipa": ("IPA cache", "mmu.ipa", 4, 64)}
SMALL = {"mmu.l1i.entries": 4, "mmu.l1d.entries": 4, "mmu.l2.entries": 64, "mmu.ipa.entries": 16,
         "mmu.walk_cache.entries": 16}


def run(trapwalk: str, elf: str, options: list[str], settings: dict) -> tuple[str, dict]:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        command = [trapwalk, "run", "--cpu", "cortex-a57", "--kernel", elf, "--report", str(path), *options]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace"), json.loads(path.read_text())


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    trapwalk, elf, *options = sys.argv[1:]
    asked = []
    for structure, (_, _, low, high) in GHOSTS.items():
        asked += ["--ghost", f"{structure}=entries:{low}..{high},ways:4"]
    console, plain = run(trapwalk, elf, options, SMALL)
    haunted_console, haunted = run(trapwalk, elf, options + asked, SMALL)
    ghosts = haunted.pop("ghosts", [])
    if console != haunted_console or json.dumps(plain) != json.dumps(haunted):
        sys.exit("the ghosts have changed the run")
    if len(ghosts) != 5 * len(GHOSTS):
        sys.exit(f"{len(ghosts)} ghosts in the report")
    misses = set()
    for ghost in ghosts:
        name, key, _, _ = GHOSTS[ghost["structure"]]
        _, real = run(trapwalk, elf, options, SMALL | {f"{key}.entries": ghost["entries"], f"{key}.ways": 4})
        rows = [row for core in real["cores"] for row in core["tlbs"] if row["name"] == name]
        for member in ("lookups", "misses"):
            counted = sum(row[member] for row in rows)
            if counted != ghost[member]:
                sys.exit(f"{ghost['structure']} of {ghost['entries']}: {ghost[member]} {member}, in a real run {counted}")
        misses.add((ghost["structure"], ghost["misses"]))
    if len(misses) < len(GHOSTS) * 2:
        sys.exit("sizes make no difference: the guest is too small to test anything")
    print(f"{pathlib.Path(elf).name}: {len(ghosts)} ghosts as real runs have it")


main()
