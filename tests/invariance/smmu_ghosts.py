#!/usr/bin/env python3
"""Ghosts of the SMMU in the study of DMA: each misses what a run with a real structure of that size misses, and without the
section `ghosts` the report is the one of a run without them. Two equal runs give equal reports, and the parts of each stream's
translations are their latency.

Usage: smmu_ghosts.py TRAPWALK
"""
import json
import pathlib
import subprocess
import sys
import tempfile

# One master, whose addresses do not depend on time; pages in an order of chance, far enough apart for several tables.
SETTINGS = {"study.translation": "nested", "traffic.requests": 8000, "traffic.window": "256M", "traffic.pattern": "random",
            "smmu.tbu.entries": 4, "smmu.tlb.entries": 256, "smmu.ipa.entries": 64}
GHOSTS = {"smmu.tlb": ("TLB", "smmu.tlb", 64, 1024), "smmu.walk_cache": ("walk cache", "smmu.walk_cache", 4, 64)}


def run(trapwalk: str, settings: dict, options: list[str]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        command = [trapwalk, "run", "--platform", "dma-study", "--report", str(path), *options]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
        return json.loads(path.read_text())


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    trapwalk = sys.argv[1]
    asked = []
    for structure, (_, _, low, high) in GHOSTS.items():
        asked += ["--ghost", f"{structure}=entries:{low}..{high},ways:4"]
    plain, again = run(trapwalk, SETTINGS, []), run(trapwalk, SETTINGS, [])
    if plain != again:
        sys.exit("two equal runs differ")
    for stream in plain["smmu"][0]["streams"]:
        if sum(stream["cycles"].values()) != stream["latency"]["sum"]:
            sys.exit(f"stream {stream['stream']}: the parts are not the latency")
    haunted = run(trapwalk, SETTINGS, asked)
    ghosts = haunted.pop("ghosts", [])
    if haunted != plain:
        sys.exit("the ghosts have changed the run")
    if len(ghosts) != 5 * len(GHOSTS):
        sys.exit(f"{len(ghosts)} ghosts in the report")
    misses = set()
    for ghost in ghosts:
        name, key, _, _ = GHOSTS[ghost["structure"]]
        real = run(trapwalk, SETTINGS | {f"{key}.entries": ghost["entries"], f"{key}.ways": 4}, [])
        row = next(row for row in real["smmu"][0]["structures"] if row["name"] == name)
        for member in ("lookups", "misses"):
            if row[member] != ghost[member]:
                sys.exit(f"{ghost['structure']} of {ghost['entries']}: {ghost[member]} {member}, in a real run {row[member]}")
        misses.add((ghost["structure"], ghost["misses"]))
    if len(misses) < len(GHOSTS) * 3:
        sys.exit(f"sizes make no difference: {sorted(misses)}")
    print(f"{len(ghosts)} ghosts as real runs have it")


main()
