#!/usr/bin/env python3
"""What docs/tutorials/adding-a-device.md says of its program, held against it.

Usage: adding_a_device.py TRAPWALK_DOORBELL TRAPWALK RING.elf
"""
import json
import pathlib
import subprocess
import sys
import tempfile

INTID, RINGS = 132, 10


def run(program: str, guest: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, "run", "--cpu", "cortex-a72", "--fidelity", "timed", "--kernel", guest, *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def main() -> None:
    with_device, without_device, guest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "doorbell.json"
        done = run(with_device, guest, "--report", str(path))
        if done.returncode != 0 or "RESULT: PASS (3 passed, 0 failed)" not in done.stdout:
            sys.exit(f"status {done.returncode}\n{done.stdout}{done.stderr}")
        rows = [row for row in json.loads(path.read_text())["interrupts"] if row["intid"] == INTID]
    if len(rows) != 1 or rows[0]["count"] != RINGS:
        sys.exit(f"interrupts of the report: {rows}")
    # Without the device, ringing is an external abort: the program above does say something.
    if "PASS" in run(without_device, guest).stdout:
        sys.exit("the guest passes without a doorbell")


if __name__ == "__main__":
    main()
