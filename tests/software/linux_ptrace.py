#!/usr/bin/env python3
"""Software step, breakpoints and watchpoints as Linux offers them by ptrace (ptrace.c): the same lines as on QEMU.

Usage: linux_ptrace.py TRAPWALK [RUN-OPTION...]      Exit status 77: skipped.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from initramfs import cpio, find, package, skip

HERE = pathlib.Path(__file__).resolve().parent
COMPILER, QEMU = "aarch64-linux-gnu-gcc", "qemu-system-aarch64"
# The stepped code lies where it was linked.
APPEND = "console=ttyAMA0 quiet nokaslr norandmaps"
EXPECTED = ["signal 5 code 4 at hit +0", "signal 5 code 4 at target +16, which is still 294", "exit 7"]


def lines(command) -> list[str]:
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=500)
    console = run.stdout.decode(errors="replace").replace("\r", "").split("\n")
    if run.returncode != 0:
        print("\n".join(console[-20:]), run.stderr.decode(errors="replace"), sep="\n")
        sys.exit(f"FAILED: {command[0]} ends with status {run.returncode}")
    return [line.removeprefix("ptrace: ") for line in console if line.startswith("ptrace: ")]


def main() -> int:
    for tool in (COMPILER, QEMU):
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")
    trapwalk = os.path.abspath(sys.argv[1])
    kernel = find(package(trapwalk, "linux-image-arm64"), "boot/vmlinuz-*")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([COMPILER, "-O2", "-Wall", "-static", HERE / "ptrace.c", "-o", folder / "init"], check=True)
        (folder / "initrd").write_bytes(cpio([("dev", 0o40755, b"", (0, 0)), ("dev/console", 0o20600, b"", (5, 1)),
                                              ("init", 0o100755, (folder / "init").read_bytes(), (0, 0))]))
        boot = {"kernel": kernel, "initrd": folder / "initrd", "append": APPEND}
        options = lambda dashes: [part for name, value in boot.items() for part in (dashes + name, value)]
        theirs = lines([QEMU, "-M", "virt", "-cpu", "cortex-a57", "-m", "512M", "-display", "none", "-monitor", "none",
                        "-serial", "stdio", "-net", "none", *options("-")])
        ours = lines([trapwalk, "run", "--memory", "512M", *options("--"), *sys.argv[2:]])
    print("\n".join(ours))
    failures = [f"'{line}' was not printed" for line in EXPECTED if line not in ours]
    if ours != theirs:
        failures.append(f"QEMU printed {theirs}")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


sys.exit(main())
