"""Whole-program speed of `trapwalk run` beside `qemu-system-aarch64` on the same program: the rows of PROGRAMS.

Runs alternate (A B A B ...), so that a drift of the machine's speed hits both; medians and the median of the pairwise
ratios are printed. Wall-clock time of the whole process, start-up included; processor time, which a busy machine disturbs less, and peak
memory from the operating system. At the end blocks alone: Google Benchmarks of this folder.

Usage: speed.py BUILD_FOLDER [RUNS]
"""
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

QEMU = "qemu-system-aarch64"
MACHINE = ["-M", "virt,virtualization=on,gic-version=2", "-cpu", "cortex-a57", "-display", "none", "-net", "none",
           "-monitor", "none", "-serial", "stdio"]

# name, what is run ("software NAME" or a guest program), fidelity, cores, memory, text that both print, the row whose
# host time an instruction is the measure of this row's
PROGRAMS = [
    ("loop", "speed.elf", "functional", 1, "256M", "", None),
    ("loop, timed", "speed.elf", "timed", 1, "256M", "", None),
    ("Linux boot", "software linux-arm64", "functional", 1, "1G", "trapwalk: userland is up", None),
    ("Linux boot, 4 CPUs", "software linux-arm64", "functional", 4, "1G", "trapwalk: userland is up", "Linux boot"),
]

# name, software, core, the region's marks: boots to the first functionally, is timed to the second
REGIONS = [
    ("Run /init to the marker", "linux-arm64", "cortex-a72", "Run /init", "trapwalk: userland is up"),
]
# name, software, core, options: as it is and with --record, in turn
RECORDINGS = [
    ("Linux boot, recorded", "linux-arm64", "cortex-a57", ["--max-instructions", "300000000"]),
    ("Run /init, recorded", "linux-arm64", "cortex-a72", ["--timed-from", "Run /init", "--until", "trapwalk: userland is up"]),
]
# name, program, its benchmark, the millions of items a second that are the goal
CORES = [
    ("SMMU, TBU hits", "smmu_benchmark", "pages_in_turn/tbu_hit", 3),
    ("SMMU, TCU hits", "smmu_benchmark", "pages_in_turn/tbu_miss_tcu_hit", None),
    ("SMMU, nested walks", "smmu_benchmark", "pages_in_turn/nested_walk", 0.5),
]
# What `trapwalk run` says of a phase on standard error.
PHASE = re.compile(r"^trapwalk: (functional|warm-up|measured): (\d+) instructions in ([0-9.]+) s", re.MULTILINE)
WHOLE = re.compile(r"^trapwalk: (\d+) instructions in ([0-9.]+) s", re.MULTILINE)
RECORDED = re.compile(r"^trapwalk: recorded .*: (\d+) records, (\d+) bytes", re.MULTILINE)


def timed(command: list[str]) -> tuple[float, float, str, int]:
    """Seconds, seconds of processor time, standard output, peak resident KB of one run. Fails when the command fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, output, usage.ru_maxrss


def instructions(report: pathlib.Path) -> int:
    return sum(core["instructions"] for core in json.loads(report.read_text())["cores"])


def software_options(trapwalk: pathlib.Path, name: str) -> list[str] | None:
    """The options of a software, which is fetched if it is not here; None when it cannot be had."""
    done = subprocess.run([str(trapwalk), "software", "options", name], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"bench: {name} cannot be had: {done.stderr.strip()}")
        return None
    return done.stdout.splitlines()


def as_qemu(options: list[str]) -> list[str]:
    """Options that both have; QEMU's have one dash."""
    return [word[1:] if n % 2 == 0 else word for n, word in enumerate(options)]


def same_output(outputs: list[str], marker: str) -> bool:
    """Without a marker, all that is printed; a boot prints times."""
    return all(marker in output for output in outputs) if marker else len({output.strip() for output in outputs}) == 1


def print_region(trapwalk: pathlib.Path, row: tuple, runs: int) -> None:
    """The speed inside a region of interest, by the host's time in it, and that of the functional way to it."""
    name, software, core, first, last = row
    options = software_options(trapwalk, software)
    if options is None:
        return
    command = [str(trapwalk), "run", *options, "--cpu", core, "--timed-from", first, "--until", last]
    speeds: dict[str, list[float]] = {"functional": [], "measured": []}
    count = 0
    for _ in range(runs):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        phases = {kind: (int(n), float(seconds)) for kind, n, seconds in PHASE.findall(done.stderr)}
        if done.returncode != 0 or not speeds.keys() <= phases.keys():
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
        for kind, values in speeds.items():
            values.append(phases[kind][0] / phases[kind][1] / 1e6)
        count = phases["measured"][0]
    print(f"{name} ({core}) {count / 1e6:.0f} M instructions, timed: {statistics.median(speeds['measured']):.1f} MIPS; "
          f"functional until then: {statistics.median(speeds['functional']):.0f} MIPS", flush=True)


def print_recording(trapwalk: pathlib.Path, row: tuple, runs: int) -> None:
    """The speed of what is recorded, beside the same run without."""
    name, software, core, more = row
    options = software_options(trapwalk, software)
    if options is None:
        return
    speeds: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder:
        for records in [False, True] * runs:
            command = [str(trapwalk), "run", *options, "--cpu", core, *more]
            command += ["--record", f"{folder}/trace"] if records else []
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
            phases = {kind: (n, seconds) for kind, n, seconds in PHASE.findall(done.stderr)}
            found = phases.get("measured") or WHOLE.search(done.stderr).groups()
            speeds[records].append(int(found[0]) / float(found[1]) / 1e6)
    written, size = (int(word) for word in RECORDED.search(done.stderr).groups())
    plain, recorded = (statistics.median(speeds[records]) for records in (False, True))
    print(f"{name:20} {recorded:6.1f} MIPS ({plain:.1f} without), {written / 1e6:.0f} M records, {size / written:.2f} bytes each", flush=True)


def print_core(build: pathlib.Path, row: tuple, runs: int) -> None:
    """Translations a second of a block alone, its memory a table of the benchmark's."""
    name, program, benchmark, goal = row
    command = [str(build / "bin" / program), f"--benchmark_filter=^{benchmark}$", f"--benchmark_repetitions={runs}",
               "--benchmark_format=json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    rates = [run["items_per_second"] for run in json.loads(done.stdout)["benchmarks"] if run["run_type"] == "iteration"]
    wish = f"  (goal {goal} M)" if goal is not None else ""
    print(f"{name:20} {statistics.median(rates) / 1e6:6.1f} M translations a second{wish}", flush=True)


def main() -> None:
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    trapwalk = build / "bin" / "trapwalk"
    has_peer = shutil.which(QEMU) is not None
    if not has_peer:
        print(f"bench: {QEMU} is missing: no ratio")
    nanoseconds = {}
    for name, program, fidelity, cores, memory, marker, measure in PROGRAMS:
        options = ["--kernel", str(build / "guests" / program)]
        if program.startswith("software "):
            options = software_options(trapwalk, program.split()[1])
            if options is None:
                continue
            options = [word for pair in zip(options[::2], options[1::2]) if pair[0] != "--memory" for word in pair]
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.json"
            ours = [str(trapwalk), "run", "--cpu", "cortex-a57", "--memory", memory, "--smp", str(cores),
                    "--fidelity", fidelity, "--report", str(report), *options]
            peer = [QEMU, *MACHINE, "-m", memory, "-smp", str(cores), *as_qemu(options)]
            mine, theirs, ratios, busy, peak, printed = [], [], [], [], 0, []
            for _ in range(runs):
                seconds, processor, output, kilobytes = timed(ours)
                printed.append(output)
                mine.append(seconds)
                busy.append(processor)
                peak = max(peak, kilobytes)
                if has_peer:
                    other, _, output, _ = timed(peer)
                    printed.append(output)
                    theirs.append(other)
                    ratios.append(seconds / other)
            if not same_output(printed, marker):
                sys.exit(f"bench: {name}: the runs did not print the same")
            count = instructions(report)
            seconds = statistics.median(mine)
            nanoseconds[name] = statistics.median(busy) / count * 1e9
            line = f"{name:20} {count / 1e6:6.0f} M instructions {seconds:6.2f} s {count / seconds / 1e6:6.0f} MIPS"
            line += f"  {nanoseconds[name]:.2f} ns of processor time an instruction  peak {peak / 1024:.0f} MB"
            if has_peer:
                line += f"  QEMU {statistics.median(theirs):.2f} s ({count / statistics.median(theirs) / 1e6:.0f} MIPS)"
                line += f"  ratio {statistics.median(ratios):.1f}x QEMU's time"
            if measure in nanoseconds:
                line += f"  {nanoseconds[name] / nanoseconds[measure]:.2f}x the host time an instruction of '{measure}'"
            print(line, flush=True)
    for row in REGIONS:
        print_region(trapwalk, row, runs)
    for row in RECORDINGS:
        print_recording(trapwalk, row, runs)
    for row in CORES:
        print_core(build, row, runs)


main()
