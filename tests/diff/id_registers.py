#!/usr/bin/env python3
"""The identification registers of the CPU models, read at EL2 by the same program on QEMU and on Trapwalk.

    id_registers.py TRAPWALK

Exit status: 0 agreed but for DIFFERENCES, 1 not, 77 skipped (a tool is missing).
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROWS = HERE.parent.parent / "models/arm/sysregs/identification.hpp"
COMPILER, QEMU = "aarch64-linux-gnu-gcc", "qemu-system-aarch64"

AARCH32 = r"ID_(PFR[012]|DFR[01]|AFR0|MMFR[0-5]|ISAR[0-6])_EL1|MVFR[012]_EL1"
# model: [(registers, ours XOR QEMU's, why)]. A row that no longer holds fails the test.
CORTEX = [
    (AARCH32, None, "AArch32 is absent: its views read as zero"),
    ("ID_AA64PFR0_EL1", 0x0333, "AArch32 is absent at every EL"),
    ("ID_AA64MMFR0_EL1", 0x0100, "big-endian data is absent"),
]
ARMV8_2 = [
    (AARCH32, None, "AArch32 is absent: its views read as zero"),
    ("ID_AA64PFR0_EL1", 0x0003, "AArch32 is absent at EL0"),
    ("ID_AA64MMFR0_EL1", 0x0100, "big-endian data is absent"),
    ("ID_AA64MMFR1_EL1", 0x0100, "VHE is absent"),
]
DIFFERENCES = {
    "cortex-a53": CORTEX,
    "cortex-a57": CORTEX,
    "cortex-a72": CORTEX,
    "cortex-a76": ARMV8_2,  # QEMU 7.2 has no Cortex-A55
    "neoverse-n1": ARMV8_2,
}
# `max` is each project's own: Trapwalk's announces nothing that QEMU's does not, in these registers of 4-bit fields.
FEATURES = re.compile(r"ID_AA64(PFR[01]|ISAR[012]|MMFR[0-4])_EL1")


def registers():
    row = re.compile(r"^\s*X\((\w+), (\d+), (\d+), (\d+), (\d+), (\d+), E\d, NO", re.M)
    for name, *encoding in row.findall(ROWS.read_text()):
        op0, op1, crn, crm, op2 = map(int, encoding)
        yield name, 0xD5200001 | (op0 & 1) << 19 | 1 << 20 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5


def values(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"FAILED: {command[0]}: status {done.returncode}\n{done.stderr.decode()}")
    return [int(line, 16) for line in done.stdout.decode().split()]


def read(trapwalk, cpu):
    table = list(registers())
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        (folder / "table.inc").write_text("".join(f" show {word:#x}\n" for _, word in table))
        elf = folder / "id.elf"
        subprocess.run([COMPILER, "-nostdlib", "-static", "-I", folder, "-Wl,-Ttext=0x40080000,--build-id=none",
                        HERE / "id_registers.S", "-o", elf], check=True)
        theirs = values([QEMU, "-M", "virt,virtualization=on,gic-version=2", "-cpu", cpu, "-m", "256M", "-display",
                         "none", "-monitor", "none", "-serial", "stdio", "-net", "none", "-kernel", elf])
        ours = values([trapwalk, "run", "--cpu", cpu, "--memory", "256M", "--kernel", elf])
    if len(theirs) != len(table) or len(ours) != len(table):
        sys.exit(f"FAILED: {cpu}: {len(ours)} and {len(theirs)} of {len(table)} values")
    return {name: (a, b) for (name, _), a, b in zip(table, ours, theirs)}


def compare(trapwalk, cpu):
    found = read(trapwalk, cpu)
    complaints = []
    differing = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    for pattern, difference, why in DIFFERENCES[cpu]:
        known = [name for name in differing if re.fullmatch(pattern, name)]
        if not known:
            complaints.append(f"STALE: {pattern} ({why})")
        for name in known:
            ours, theirs = differing.pop(name)
            if ours ^ theirs != difference and not (difference is None and ours == 0):
                complaints.append(f"{name} is {ours:#x}, QEMU {theirs:#x}: not just '{why}'")
    complaints += [f"{name} is {ours:#x}, QEMU {theirs:#x}" for name, (ours, theirs) in differing.items()]
    return complaints


def exceeds(ours, theirs):
    """Fields are signed where 0xF says "not there" (FP, TGran64): one more than all others."""
    number = lambda field: field if field != 15 else -1
    return any(number(ours >> at & 15) > number(theirs >> at & 15) for at in range(0, 64, 4))


def main():
    for tool in (COMPILER, QEMU):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not installed: no oracle")
            return 77
    bad = 0
    for cpu in DIFFERENCES:
        complaints = compare(sys.argv[1], cpu)
        bad += len(complaints)
        print("\n".join([f"{cpu}: {len(complaints)} unexplained differences"] + complaints))
    for name, (ours, theirs) in read(sys.argv[1], "max").items():
        if FEATURES.fullmatch(name) and exceeds(ours, theirs):
            bad += 1
            print(f"max: {name} is {ours:#x}, which announces more than QEMU's {theirs:#x}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
