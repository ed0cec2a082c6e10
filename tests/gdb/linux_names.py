#!/usr/bin/env python3
"""gdb-multiarch and Debian's Linux: asks a kernel that boots for its names, and debugs it by them (linux.py, debugger.py).

Usage: linux_names.py TRAPWALK      Exit status 77: skipped.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

UNAVAILABLE = 5  # exit status of `trapwalk` when a package cannot be fetched
APPEND = "console=ttyAMA0 nokaslr trapwalk.shell"
NAMES = ("start_kernel", "_printk", "schedule", "__primary_switched")


def main() -> int:
    trapwalk = sys.argv[1]
    machine = ["--software", "linux-arm64", "--gic", "3", "--smp", "2", "--append", APPEND]
    ask = "grep -i ' t ' /proc/kallsyms; echo that is''all\\n"
    boot = subprocess.run([trapwalk, "run", *machine, "--type", f"/ # =>{ask}", "--until", "that isall"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=900)
    if boot.returncode == UNAVAILABLE:
        print("SKIPPED:", boot.stderr)
        return 77
    lines = [line for line in boot.stdout.splitlines() if re.match(r"ffff[0-9a-f]{12} [a-zA-Z] \S+$", line)]
    missing = [name for name in NAMES if not any(line.endswith(" " + name) for line in lines)]
    if boot.returncode != 0 or missing:
        sys.exit(f"no names of {missing}: status {boot.returncode}\n{boot.stdout[-2000:]}\n{boot.stderr}")
    with tempfile.TemporaryDirectory() as folder:
        names = pathlib.Path(folder) / "names"
        names.write_text("\n".join(lines))
        done = subprocess.run([sys.executable, pathlib.Path(__file__).parent / "debugger.py", "linux.py", "-", trapwalk, *machine,
                               "--until", "/ # "], env={**os.environ, "NAMES": str(names)})
    return done.returncode


sys.exit(main())
