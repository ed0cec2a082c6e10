#!/usr/bin/env python3
"""Debian's kernel, its driver of the PL330, and Linux's own test of DMA engines (dmatest, built by
scripts/build-dmatest.sh) on all channels at once.

Usage: linux_dmatest.py TRAPWALK [--linux WORDS] [RUN-OPTION...]      Exit status 77: skipped.
WORDS go to the kernel's command line. With --smmu in front, the report's numbers of translations and commands are looked at.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from initramfs import cpio, find, package, skip

ITERATIONS = 12
CHANNELS = 8
FIRST_STREAM = 0x10020

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


def complaints(report: dict, words: str) -> list[str]:
    """What the SMMU's numbers cannot be; none without an SMMU."""
    found = []
    for smmu in report.get("smmu", []):
        translations = {}
        for stream in smmu["streams"]:
            if not FIRST_STREAM <= stream["stream"] <= FIRST_STREAM + CHANNELS:
                found.append(f"a translation for stream {stream['stream']:#x}")
            for answer, count in stream["translations"].items():
                translations[answer] = translations.get(answer, 0) + count
        commands = {command["name"]: command["count"] for command in smmu["commands"]}
        invalidations = sum(count for name, count in commands.items() if name in ("CMD_TLBI_NH_VA", "CMD_TLBI_NH_ASID"))
        print("SMMU:", translations, commands)
        if translations.get("fault", 0) or smmu["events"]:
            found.append(f"faults: {smmu['events']}")
        if "passthrough=1" in words:
            if translations["bypass"] == 0 or translations["tbu"] + translations["walk"] != 0 or invalidations > 1:
                found.append("translations or invalidations, in passthrough")
        elif translations["bypass"] or not translations["tbu"] or not translations["walk"]:
            found.append("no translations")
        elif ("strict=1" in words) != (commands.get("CMD_TLBI_NH_VA", 0) > 100):
            found.append(f"{invalidations} invalidations")
    return found


def main() -> int:
    trapwalk, *options = sys.argv[1:]
    words = ""
    if options[:1] == ["--linux"]:
        words, options = options[1], options[2:]
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
        report = pathlib.Path(folder) / "report.json"
        run = subprocess.run([trapwalk, "run", "--cpu", "cortex-a57", "--memory", "1G", "--kernel", find(linux, "boot/vmlinuz-*"),
                              "--initrd", initrd, "--append", "console=ttyAMA0 quiet panic=-1 " + words, "--device", "pl330",
                              "--max-time", "200s", "--report", report, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             errors="replace")
        smmu = complaints(json.loads(report.read_text()), words) if report.exists() else ["no report"]
    output = run.stdout.replace("\r", "")
    print(output[-6000:], run.stderr[-1000:])
    summaries = re.findall(r"dmatest: (dma\w+-copy\d+): summary (\d+) tests, (\d+) failures", output)
    wanted = {f"dma0chan{channel}-copy{thread}" for channel in range(CHANNELS) for thread in range(2)}
    failures = smmu
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
