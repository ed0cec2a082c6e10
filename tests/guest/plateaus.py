#!/usr/bin/env python3
"""Chains of loads on the whole platform (guests/validation/plateaus.c), in every cycle: each size of a set takes what the
parameters say, at N-1, N and N+1 places of every level, with both pipeline models.

Usage: plateaus.py TRAPWALK ELF
"""
import re
import subprocess
import sys

LOAD, L2, L3 = 4, 13, 21  # load-to-use; beyond it, a second- and a third-level hit
FABRIC, MEMORY = 20, 110
TLB_L1, TLB_L2, TLB_LATENCY = 32, 128, 6
LINE_FILL = FABRIC + (64 // 16 - 1) + MEMORY  # four beats of 16 bytes
DESCRIPTOR = FABRIC + MEMORY

# Whether the end of a loop is foreseen is not the question here.
COMMON = {"core.branch.predictor": "perfect", "core.latency.load": LOAD, "interconnect.memory.latency": FABRIC,
          "interconnect.memory.width": 16, "interconnect.beat": 1, "memory.latency": MEMORY}
CACHES = {"cache.enabled": "true", "cache.l1d.size": "32K", "cache.l1d.ways": 2, "cache.l2.size": "256K",
          "cache.l2.ways": 16, "cache.l2.latency": L2, "cache.l3.size": "1M", "cache.l3.latency": L3,
          "cache.l3.inclusion": "inclusive"}
TLBS = {"mmu.l1d.entries": TLB_L1, "mmu.l2.entries": TLB_L2, "mmu.l2.ways": 64, "mmu.l2.latency": TLB_LATENCY}
GEOMETRY = ["level=1 line=64 ways=2 sets=256", "level=2 line=64 ways=16 sets=256"]
LINES = {"L1": 512, "L2": 4096, "L3": 16384}
# Descriptor fetches: 39-bit addresses of 4 KB at both stages begin at level 1 (ANCHORS.md: (n1+1)(n2+1)-1).
WALKS = {"pages": 3, "pages_2m": (3 + 1) * (2 + 1) - 1, "pages_4k": (3 + 1) * (3 + 1) - 1}


def expected_lines(places: int, loads: int) -> int:
    rounds = loads // places
    if places <= LINES["L1"]:
        return loads * LOAD
    if places == LINES["L1"] + 1:  # one set holds three lines in turn, all others two
        return loads * LOAD + rounds * 3 * L2
    if places <= LINES["L2"]:
        return loads * (LOAD + L2)
    if places <= LINES["L3"]:
        return loads * (LOAD + L2 + L3)
    return loads * (LOAD + L2 + L3 + LINE_FILL)


def expected_pages(name: str, places: int, loads: int) -> int:
    walk = WALKS[name] * DESCRIPTOR
    if places <= TLB_L1:
        return loads * LOAD
    if places <= TLB_L2:
        return loads * (LOAD + TLB_LATENCY)
    if places == TLB_L2 + 1:  # the even set of 64 ways has 65 pages, the odd one 64
        rounds = loads // places
        return loads * (LOAD + TLB_LATENCY) + rounds * 65 * walk
    return loads * (LOAD + TLB_LATENCY + walk)


def plateaus(trapwalk: str, elf: str, model: str, parameters: dict) -> list[tuple[str, int, int, int]]:
    command = [trapwalk, "run", "--cpu", "generic", "--kernel", elf, "--fidelity", "timed",
               "--set", f"core.pipeline.model={model}"]
    for key, value in parameters.items():
        command += ["--set", f"{key}={value}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0 or "RESULT: PASS" not in done.stdout:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout[-400:]}{done.stderr[-400:]}")
    if parameters.keys() >= CACHES.keys() and re.findall(r"^geometry: (.*)$", done.stdout, re.MULTILINE) != GEOMETRY:
        sys.exit(f"CCSIDR_EL1 does not say what the caches are:\n{done.stdout[:300]}")
    rows = re.findall(r"^plateau: (\S+) places=(\d+) loads=(\d+) cycles=(\d+)$", done.stdout, re.MULTILINE)
    return [(name, int(places), int(loads), int(cycles)) for name, places, loads, cycles in rows]


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    wrong, held = [], 0
    for model in ("in-order", "out-of-order"):
        for what, parameters in (("lines", COMMON | CACHES), ("pages", COMMON | TLBS)):
            for name, places, loads, cycles in plateaus(*sys.argv[1:], model, parameters):
                if not name.startswith(what):
                    continue  # that run's parameters are about the other
                expected = expected_lines(places, loads) if what == "lines" else expected_pages(name, places, loads)
                held += 1
                if cycles != expected:
                    wrong.append(f"{model}: {name}, {places} places: {cycles} cycles for {loads} loads, not {expected}")
    if wrong:
        sys.exit("\n".join(wrong))
    if held != 2 * (9 + 30):
        sys.exit(f"{held} plateaus were seen")
    print(f"{held} plateaus, to the cycle")


main()
