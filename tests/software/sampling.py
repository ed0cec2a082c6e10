#!/usr/bin/env python3
"""Samples and switches of fidelity.

1. Of the speed loop, the mean of samples and its confidence interval agree with a run that is timed throughout.
2. Programs whose digests QEMU knows print the same, however often they switch between functional and timed; in every
   such report the cycles of the samples are conserved, and equal runs give equal bytes.
3. Four cores: the same.

Usage: sampling.py TRAPWALK GUESTS_FOLDER
"""
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
COMPILER = "aarch64-linux-gnu-gcc"
SWITCHED = ["exceptions", "el0", "tlb", "gic", "hypervisor_tagged"]
# Out of order, in order; with caches and predictors.
CORES = ["cortex-a57", "cortex-a72", "cortex-a53"]
SEED = 4


def run(trapwalk: str, options: list[str], report: pathlib.Path) -> tuple[str, dict, bytes]:
    command = [trapwalk, "run", *options, "--report", str(report)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
    data = report.read_bytes()
    return done.stdout.decode(errors="replace"), json.loads(data), data


def check_conserved(name: str, report: dict) -> None:
    for core in report["cores"]:
        accounted = sum(sum(account["cycles"].values()) for account in core["contexts"])
        if accounted != core["elapsed"] - core["origin"]:
            sys.exit(f"{name}: cpu {core['cpu']}: {accounted} cycles accounted, "
                     f"{core['elapsed']} - {core['origin']} elapsed")


def busy_cycles(report: dict) -> int:
    return sum(cycles for core in report["cores"] for account in core["contexts"]
               for cause, cycles in account["cycles"].items() if cause != "idle")


def instructions(report: dict) -> int:
    return sum(core["instructions"] for core in report["cores"])


def metric(report: dict, name: str) -> dict:
    return next(m for m in report["sampling"]["metrics"] if m["name"] == name)


def check_estimate(trapwalk: str, program: str, report: pathlib.Path) -> None:
    # Behind its start, which clears memory without the MMU at fifty times the cost.
    options = ["--kernel", program, "--timed-from", "instructions:1000000"]
    _, full, _ = run(trapwalk, options, report)
    _, sampled, _ = run(trapwalk, [*options, "--sample", "period:100003,warm:50000,measure:5000"], report)
    sampling, cpi = sampled["sampling"], metric(sampled, "cycles per instruction")
    true = busy_cycles(full) / instructions(full)
    print(f"speed loop: {true:.5f} cycles an instruction; {cpi['mean']:.5f} +- {cpi['half_width']:.5f} from "
          f"{cpi['samples']} samples")
    if cpi["samples"] < 30 or sampling["samples"] != cpi["samples"]:
        sys.exit(f"too few samples: {sampling}")
    if abs(cpi["mean"] - true) > cpi["half_width"]:
        sys.exit("the interval does not hold the true value")
    if not 0 <= cpi["half_width"] < 0.15 * true:
        sys.exit("the interval is too wide to say anything")
    if sampling["instructions"] != instructions(full):
        sys.exit(f"{sampling['instructions']} instructions sampled, {instructions(full)} executed")
    if instructions(sampled) != sampling["samples"] * sampling["measure"]:
        sys.exit(f"{instructions(sampled)} instructions measured")
    if abs(sampling["cycles"] - busy_cycles(full) - sampling["idle_cycles"]) > sampling["cycles_half_width"]:
        sys.exit(f"{sampling['cycles']} cycles estimated, {busy_cycles(full)} took the timed run")


def sampling_option(source: random.Random) -> str:
    measure, warm = source.randrange(1, 400), source.randrange(0, 300)
    return f"period:{warm + measure + source.randrange(0, 2500)},warm:{warm},measure:{measure}"


def check_switches(trapwalk: str, guests: pathlib.Path, report: pathlib.Path, source: random.Random) -> None:
    for name in SWITCHED:
        program = ["--kernel", str(guests / f"{name}.elf")]
        expected = [line for line in run(trapwalk, program, report)[0].splitlines() if "digest" in line]
        if not expected:
            sys.exit(f"{name} prints no digest")
        for core in CORES:
            options = [*program, "--cpu", core, "--sample", sampling_option(source)]
            output, found, data = run(trapwalk, options, report)
            of_core = [line for line in run(trapwalk, [*program, "--cpu", core], report)[0].splitlines() if "digest" in line]
            if [line for line in output.splitlines() if "digest" in line] != of_core:
                sys.exit(f"{' '.join(options)}: another digest than without switches")
            check_conserved(" ".join(options), found)
            if found["sampling"]["samples"] == 0:
                sys.exit(f"{' '.join(options)}: no sample")
            if run(trapwalk, options, report)[2] != data:
                sys.exit(f"{' '.join(options)}: two runs, two reports")


def check_cores(trapwalk: str, folder: pathlib.Path, source: random.Random) -> None:
    program, report = folder / "smp.elf", folder / "report.json"
    subprocess.run([COMPILER, "-nostdlib", "-static", "-Wl,-Ttext=0x40100000,--build-id=none", str(HERE / "smp.S"),
                    "-o", str(program)], check=True)
    for _ in range(5):
        measure = source.randrange(1, 20)
        options = ["--kernel", str(program), "--smp", "4", "--sample", f"period:{measure + 9},warm:4,measure:{measure}"]
        output, found, _ = run(trapwalk, options, report)
        if output.strip() != "BCD":
            sys.exit(f"{' '.join(options)}: printed {output!r}")
        check_conserved(" ".join(options), found)


def main() -> None:
    trapwalk, guests = sys.argv[1], pathlib.Path(sys.argv[2])
    if shutil.which(COMPILER) is None or not (guests / "speed_short.elf").exists():
        print(f"SKIPPED: {COMPILER} is missing; install the package gcc-aarch64-linux-gnu", file=sys.stderr)
        sys.exit(77)
    source = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_estimate(trapwalk, str(guests / "speed_short.elf"), folder / "report.json")
        check_switches(trapwalk, guests, folder / "report.json", source)
        check_cores(trapwalk, folder, source)


main()
