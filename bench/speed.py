"""Whole-program speed of `trapwalk run` beside `qemu-system-aarch64` on the same bare-metal program.

Runs alternate (A B A B ...), so that a drift of the machine's speed hits both; medians and the median of the pairwise
ratios are printed. Wall-clock time of the whole process, start-up included; peak memory from the operating system.

Usage: speed.py BUILD_FOLDER [RUNS]
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

QEMU = "qemu-system-aarch64"
MACHINE = ["-M", "virt,virtualization=on,gic-version=2", "-cpu", "cortex-a57", "-m", "256M", "-display", "none", "-net", "none",
           "-monitor", "none", "-serial", "stdio"]


def timed(command: list[str]) -> tuple[float, str, int]:
    """Seconds, standard output, peak resident KB of one run. Fails when the command fails."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, output, usage.ru_maxrss


def instructions(report: pathlib.Path) -> int:
    return sum(core["instructions"] for core in json.loads(report.read_text())["cores"])


def main() -> None:
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    program = build / "guests" / "speed.elf"
    trapwalk = build / "bin" / "trapwalk"
    for fidelity in ("functional", "timed"):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.json"
            ours = [str(trapwalk), "run", "--cpu", "cortex-a57", "--memory", "256M", "--kernel", str(program),
                    "--fidelity", fidelity, "--report", str(report)]
            peer = [QEMU, *MACHINE, "-kernel", str(program)] if shutil.which(QEMU) else None
            if peer is None:
                print(f"bench: {QEMU} is missing: no ratio")
            mine, theirs, ratios, peak, printed = [], [], [], 0, set()
            for _ in range(runs):
                seconds, output, kilobytes = timed(ours)
                printed.add(output.strip())
                mine.append(seconds)
                peak = max(peak, kilobytes)
                if peer:
                    other, output, _ = timed(peer)
                    printed.add(output.strip())
                    theirs.append(other)
                    ratios.append(seconds / other)
            if len(printed) != 1:
                sys.exit(f"bench: the runs printed different things: {printed}")
            count = instructions(report)
            seconds = statistics.median(mine)
            line = f"{fidelity:10}  {count / 1e6:8.0f} M instructions  {seconds:6.2f} s  {count / seconds / 1e6:6.0f} MIPS"
            line += f"  peak {peak / 1024:.0f} MB"
            if peer:
                line += f"  QEMU {statistics.median(theirs):.2f} s ({count / statistics.median(theirs) / 1e6:.0f} MIPS)"
                line += f"  ratio {statistics.median(ratios):.1f}x QEMU's time"
            print(line)


main()
