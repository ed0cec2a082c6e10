#!/usr/bin/env python3
"""Debian's kernel, its driver of the PL330, and Linux's own test of DMA engines (dmatest, built by
scripts/build-dmatest.sh) on all channels at once.

Usage: linux_dmatest.py TRAPWALK [RUN-OPTION...]      Exit status 77: skipped.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

from initramfs import cpio, find, package, skip

ITERATIONS = 12
CHANNELS = 8

INIT = r"""#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
insmod /pl330.ko || echo "FAILED insmod pl330"
echo "channels $(ls /sys/class/dma | wc -l)"
insmod /dmatest.ko iterations=%d timeout=20000 threads_per_chan=2 run=1 wait=1 || echo "FAILED insmod dmatest"
cat /sys/module/dmatest/parameters/wait >/dev/null
# One channel, unaligned lengths, then copies of 1 MB.
for job in "test_buf_size=5001 alignment=0" "test_buf_size=1048576 alignment=3"; do
  rmmod dmatest
  insmod /dmatest.ko channel=dma0chan3 iterations=4 timeout=20000 $job run=1 wait=1
  cat /sys/module/dmatest/parameters/wait >/dev/null
done
dmesg | grep -E 'dmatest|dma-pl330|arm-smmu'
grep c000000 /proc/interrupts
echo "dmatest done"
poweroff -f
"""


def module(folder: pathlib.Path, name: str) -> bytes:
    return find(folder, f"lib/modules/*/kernel/drivers/dma/{name}.ko").read_bytes()


def main() -> int:
    trapwalk, *options = sys.argv[1:]
    linux = package(trapwalk, "linux-image-arm64")
    busybox = find(package(trapwalk, "busybox-static"), "bin/busybox")
    script = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "build-dmatest.sh"
    built = subprocess.run([script, linux], capture_output=True, text=True)
    if built.returncode != 0:
        skip("dmatest cannot be built: " + built.stderr.strip()[-500:])
    dmatest = pathlib.Path(built.stdout.split("\n")[-2]).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        archive = cpio([("bin", 0o040755, b"", (0, 0)), ("dev", 0o040755, b"", (0, 0)),
                        ("dev/console", 0o020600, b"", (5, 1)), ("bin/busybox", 0o100755, busybox.read_bytes(), (0, 0)),
                        ("pl330.ko", 0o100644, module(linux, "pl330"), (0, 0)),
                        ("dmatest.ko", 0o100644, dmatest, (0, 0)),
                        ("init", 0o100755, (INIT % ITERATIONS).encode(), (0, 0))])
        initrd = pathlib.Path(folder) / "initrd"
        initrd.write_bytes(archive)
        run = subprocess.run([trapwalk, "run", "--cpu", "cortex-a57", "--memory", "1G", "--kernel", find(linux, "boot/vmlinuz-*"),
                              "--initrd", initrd, "--append", "console=ttyAMA0 quiet panic=-1", "--device", "pl330",
                              "--max-time", "200s", *options], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             errors="replace")
    output = run.stdout.replace("\r", "")
    print(output[-6000:], run.stderr[-1000:])
    summaries = re.findall(r"dmatest: (dma\w+-copy\d+): summary (\d+) tests, (\d+) failures", output)
    wanted = {f"dma0chan{channel}-copy{thread}" for channel in range(CHANNELS) for thread in range(2)}
    failures = []
    if run.returncode != 0 or "dmatest done" not in output:
        failures.append(f"the run ended with status {run.returncode}")
    if "FAILED" in output:
        failures.append("a command failed")
    if {name for name, tests, _ in summaries if int(tests) == ITERATIONS} != wanted:
        failures.append("not every channel was tested")
    if len(summaries) != 2 * CHANNELS + 2 or any(int(failed) for _, _, failed in summaries):
        failures.append(f"failures: {summaries}")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
