#!/usr/bin/env python3
"""Where a region of interest begins and ends, for each kind of mark: the report says how many instructions lie between,
and marks.S says how many there are. In all of them the ledger is conserved.

Usage: marks.py TRAPWALK
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
COMPILER = "aarch64-linux-gnu-gcc"

# Instructions of marks.S.
LOOP = 1 + 2 * 1000  # behind mark 3
WORK = 1 + 2 * 100
ENTRY = 9  # from `adr x0, stage2` to ERET
GUEST = 1 + 2 * 10 + 1
BACK = 1 + 3  # the vector's branch, and `back`
PRINT = 3
ROUND = PRINT + 1 + LOOP + 1 + 1 + WORK + 1 + ENTRY + GUEST + BACK
BEFORE = 10  # up to `round`
END = 3      # SYSTEM_OFF, from `movz`

# options -> (first, instructions) of each span; first None: not checked
CASES = [
    (["--timed-from", "hint:3", "--timed-until", "hint:4"], [(BEFORE + PRINT + 1, LOOP + 1)]),
    (["--timed-from", "hint:3", "--timed-until", "hint:4", "--timed-repeat"],
     [(BEFORE + n * ROUND + PRINT + 1, LOOP + 1) for n in range(5)]),
    (["--timed-from", "symbol:work", "--timed-until", "symbol:work_end", "--timed-repeat"],
     [(BEFORE + n * ROUND + PRINT + 1 + LOOP + 2, WORK) for n in range(5)]),
    (["--timed-from", "symbol:work", "--timed-until", "symbol:work", "--timed-repeat"],
     [(None, ROUND), (None, ROUND), (None, 1 + WORK + ENTRY + GUEST + BACK + END)]),
    (["--timed-from", "vmid:2", "--timed-until", "vmid:3"], [(BEFORE + 2 * ROUND - GUEST - BACK, ROUND)]),
    (["--timed-from", "vmid:any", "--timed-until", "vmid:any"], [(BEFORE + ROUND - GUEST - BACK, ROUND)]),
    (["--timed-from", "vmid:5"], [(BEFORE + 5 * ROUND - GUEST - BACK, GUEST + BACK + END)]),
    (["--timed-from", "instructions:1000", "--timed-until", "instructions:501"], [(1000, 501)]),
    (["--timed-from", "instructions:3", "--timed-until", "instructions:2", "--timed-repeat", "--max-instructions", "14"],
     [(3, 2), (8, 2), (13, 1)]),
    # A device ends a functional run at the next taken branch, which is the loop's first.
    (["--timed-from", "B", "--timed-until", "text:C"], [(BEFORE + PRINT + 4, ROUND - 4)]),
    (["--timed-from", "hint:3", "--warm-up", "1000", "--timed-until", "hint:4"],
     [(BEFORE + PRINT + 1 + 1000, LOOP + 1 - 1000)]),
    (["--timed-from", "hint:3", "--warm-up", "100", "--timed-until", "instructions:50"], [(BEFORE + PRINT + 1 + 100, 50)]),
    (["--fidelity", "timed", "--timed-until", "B"], [(0, BEFORE + PRINT)]),
    (["--timed-from", "hint:9"], []),
]


def run(trapwalk: str, program: pathlib.Path, options: list[str], report: pathlib.Path) -> tuple[dict, str, str]:
    command = [trapwalk, "run", "--kernel", str(program), "--report", str(report), *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    return json.loads(report.read_text()), done.stdout, done.stderr


def check(trapwalk: str, program: pathlib.Path, options: list[str], expected: list, report: pathlib.Path) -> None:
    name = " ".join(options)
    found, output, said = run(trapwalk, program, options, report)
    if "--max-instructions" not in options and output.strip() != "BCDEF":
        sys.exit(f"{name}: the guest printed {output!r}")
    spans = [(s["first_instruction"], s["end_instruction"] - s["first_instruction"]) for s in found["region"]["spans"]]
    if len(spans) != len(expected) or any(e != s if e[0] is not None else e[1] != s[1] for e, s in zip(expected, spans)):
        sys.exit(f"{name}: the region was at {spans}, not at {expected}")
    core = found["cores"][0]
    if core["instructions"] != sum(count for _, count in spans):
        sys.exit(f"{name}: {core['instructions']} instructions measured in spans of {spans}")
    accounted = sum(sum(account["cycles"].values()) for account in core["contexts"])
    if accounted != core["elapsed"] - core["origin"] or (accounted != 0) != bool(spans):
        sys.exit(f"{name}: {accounted} cycles accounted, {core['elapsed']} - {core['origin']} elapsed")
    if spans and any("instruction" in account["cycles"] for account in core["contexts"]):
        sys.exit(f"{name}: functional time in the region")
    if not spans and "never began" not in said:
        sys.exit(f"{name}: nobody said that the region never began")


def main() -> None:
    trapwalk = sys.argv[1]
    if shutil.which(COMPILER) is None:
        print(f"SKIPPED: {COMPILER} is missing; install the package gcc-aarch64-linux-gnu", file=sys.stderr)
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        program, report = pathlib.Path(folder) / "marks.elf", pathlib.Path(folder) / "report.json"
        subprocess.run([COMPILER, "-nostdlib", "-static", "-Wl,-Ttext=0x40100000,--build-id=none",
                        str(HERE / "marks.S"), "-o", str(program)], check=True)
        for options, expected in CASES:
            check(trapwalk, program, options, expected, report)
        names = subprocess.run(["aarch64-linux-gnu-nm", str(program)], capture_output=True, text=True, check=True).stdout
        system_map = pathlib.Path(folder) / "System.map"
        system_map.write_text(names)
        address = next(line.split()[0] for line in names.splitlines() if line.endswith(" work"))
        by_map = ["--symbols", str(system_map), "--timed-from", "symbol:work", "--timed-until", "symbol:work_end"]
        by_pc = ["--timed-from", f"pc:0x{address}", "--timed-until", "symbol:work_end"]
        for options in (by_map, by_pc):
            check(trapwalk, program, options, [(BEFORE + PRINT + 1 + LOOP + 2, WORK)], report)
    print(f"{len(CASES) + 2} regions are where marks.S has them")


main()
