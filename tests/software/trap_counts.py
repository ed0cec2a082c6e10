#!/usr/bin/env python3
"""The traps to EL2 of one boot of Xen with dom0, counted here and by QEMU: `trapwalk run --report` against `-d int`.

Both run the same files with the same device tree, at a thousand million instructions a second (core.frequency=1000;
-icount shift=0). Counted is every exception from EL0 or EL1 to EL2 until the machine is off. What follows from the code that
runs (hypercalls, system registers, stage-2 faults) must agree within 1%; interrupts and WFI follow from time, and are only
printed. docs/validation.md explains what differs.

Usage: trap_counts.py TRAPWALK [GIC-VERSION]       Exit status 77: skipped.
"""
import collections
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

QEMU = "qemu-system-aarch64"
TOLERANCE = 0.01
TIME_DEPENDENT = ("IRQ", "WFI")

# The firmware's answers differ: QEMU's PSCI is SMCCC 1.0, and Xen then offers its guests ARM_SMCCC_ARCH_WORKAROUND_2, which Linux
# calls at every entry from EL0 and every return; ours is SMCCC 1.1 and says that no workaround is needed. The kernel's
# instruction before the call, found in the image, tells these calls from all others.
MOV_WORKAROUND_2 = 0x32013FE0  # mov w0, #0x80007fff
KERNEL_BASE = 0xFFFF_8000_0800_0000

# What is apart for a known reason, by GIC version: so many more here (fewer, if negative). QEMU 7.2's GICv3 has 256 SPIs and says in GICD_TYPER that there
# are 224; for the other 32, Linux writes 32 IROUTER, 8 IPRIORITYR, 2 ICFGR, and IGROUPR, ICENABLER and ICACTIVER.
# AArch32 is absent here and not announced: Linux reads no AArch32 identification register (ID_AA64MMFR0_EL1 once less), and dom0
# prints three lines less about it on its consoles.
EXPLAINED = {("3", "stage-2 translation fault", "data write"): 45}
for _version, _lines in (("2", -15), ("3", -16)):
    EXPLAINED[(_version, "HVC", "")] = _lines
    for _name in ["ID_AA64MMFR0", *(f"ID_{group}{n}" for group, many in (("DFR", 2), ("ISAR", 7), ("MMFR", 6), ("PFR", 3))
                                    for n in range(many)), "MVFR0", "MVFR1", "MVFR2"]:
        EXPLAINED[(_version, f"read {_name}_EL1", "")] = -1

FAULTS = {0b0001: "translation", 0b0010: "access flag", 0b0011: "permission"}


def skip(why: str) -> None:
    print("SKIPPED:", why, file=sys.stderr)
    sys.exit(77)


def register_names(encodings: set[tuple]) -> dict[tuple, str]:
    """(op0, op1, crn, crm, op2) to a name, as objdump disassembles MRS."""
    ordered = sorted(encodings)
    words = b"".join((0xD5200000 | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5).to_bytes(4, "little")
                     for op0, op1, crn, crm, op2 in ordered)
    with tempfile.NamedTemporaryFile() as file:
        file.write(words)
        file.flush()
        text = subprocess.run(["aarch64-linux-gnu-objdump", "-D", "-b", "binary", "-m", "aarch64", file.name],
                              capture_output=True, text=True, check=True).stdout
    names = re.findall(r"\smrs\s+x0, (\w+)", text)
    if len(names) != len(ordered):
        sys.exit(f"objdump did not take all of {ordered}")
    return {encoding: name.upper() for encoding, name in zip(ordered, names)}


def kind_of(exception: str, syndrome: int) -> tuple[str, str] | tuple:
    """What trapped, in the words of the report; a system register still as its encoding."""
    ec, iss = syndrome >> 26, syndrome & 0x1FFFFFF
    if exception == "IRQ":
        return ("IRQ", "")
    if ec == 0x01:
        return ("WFE" if iss & 1 else "WFI", "")
    if ec == 0x16:
        return ("HVC", "")
    if ec == 0x17:
        return ("SMC", "")
    if ec == 0x18:
        encoding = (iss >> 20 & 3, iss >> 14 & 7, iss >> 10 & 15, iss >> 1 & 15, iss >> 17 & 7)
        return ("read" if iss & 1 else "write", encoding)
    if ec in (0x20, 0x24):
        what = "instruction fetch" if ec == 0x20 else "data write" if iss >> 6 & 1 else "data read"
        return (f"stage-2 {FAULTS.get(iss >> 2 & 15, 'other')} fault", what)
    return (f"exception class {ec:#x}", "")


def count_qemu(log: pathlib.Path, kernel: bytes) -> tuple[collections.Counter, int]:
    counts, workarounds = collections.Counter(), 0
    pattern = re.compile(r"Taking exception \d+ \[([^\]]+)\] on CPU \d+\n\.\.\.from EL(\d) to EL(\d)\n\.\.\.with ESR \S+/(\S+)\n"
                         r"(?:\.\.\.with \w+ \S+\n)*?\.\.\.with ELR (\S+)")
    for exception, source, target, syndrome, elr in pattern.findall(log.read_text()):
        if target != "2" or source == "2":
            continue
        kind = kind_of(exception, int(syndrome, 16))
        at = int(elr, 16) - KERNEL_BASE
        before = [int.from_bytes(kernel[at - back:at - back + 4], "little") for back in (8, 12)] if 12 <= at < len(kernel) else []
        if kind[0] == "HVC" and MOV_WORKAROUND_2 in before:
            workarounds += 1
            continue
        counts[kind] += 1
    names = register_names({kind[1] for kind in counts if kind[0] in ("read", "write")})
    return collections.Counter({(f"{k[0]} {names[k[1]]}", "") if k[1] in names else k: n for k, n in counts.items()}), workarounds


def count_report(report: dict) -> collections.Counter:
    counts = collections.Counter()
    for core in report["cores"]:
        for trap in core["traps"]:
            if trap["to"] != 2 or trap["from"]["el"] == 2:
                continue
            control, subject = trap["control"], trap["subject"]
            if control.startswith("stage-2"):
                kind = (control.split(",")[0], subject)
            elif re.match(r"(read|write) ", subject):
                kind = (subject, "")
            elif subject in ("WFI", "WFE"):
                kind = (subject, "")
            else:
                kind = (control, "")
            counts[kind] += trap["count"]
    return counts


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    trapwalk, version = sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "2"
    for tool in (QEMU, "dtc", "aarch64-linux-gnu-objdump"):
        if not shutil.which(tool):
            skip(f"{tool} is missing; run scripts/install-dependencies.sh")
    got = subprocess.run([trapwalk, "software", "options", "xen-arm64"], capture_output=True, text=True)
    if got.returncode == 5:
        skip(f"xen-arm64 cannot be fetched: {got.stderr}")
    words = got.stdout.splitlines()
    options = dict(zip(words[::2], words[1::2]))
    kernel = pathlib.Path(options["--kernel"])

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ours = [trapwalk, "run", *words, "--gic", version, "--set", "core.frequency=1000"]
        done = subprocess.run([*ours, "--report", folder / "report.json"], stdin=subprocess.DEVNULL, capture_output=True, timeout=900)
        if done.returncode != 0:
            sys.exit(f"trapwalk: exit status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr}")
        # The same tree, without the room at its end: Xen takes at most 2 MB, and QEMU doubles it.
        subprocess.run([*ours, "--dump-dtb", folder / "whole.dtb"], check=True)
        subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dtb", "-o", folder / "packed.dtb", folder / "whole.dtb"], check=True)
        source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", folder / "whole.dtb"], capture_output=True, text=True).stdout
        modules = re.findall(r"module@([0-9a-f]+)", source)
        loaders = [word for path, at in zip((kernel, options["--initrd"]), modules)
                   for word in ("-device", f"loader,file={path},addr=0x{at},force-raw=on")]
        subprocess.run([QEMU, "-M", f"virt,virtualization=on,gic-version={version}", "-cpu", "cortex-a57", "-m", options["--memory"],
                        "-icount", "shift=0,sleep=off", "-display", "none", "-monitor", "none", "-serial", "stdio", "-net", "none",
                        "-kernel", options["--hypervisor"], "-dtb", folder / "packed.dtb", *loaders,
                        "-d", "int", "-D", folder / "log"],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=900, check=True)
        mine = count_report(json.loads((folder / "report.json").read_text()))
        theirs, workarounds = count_qemu(folder / "log", kernel.read_bytes())

    print(f"{'traps to EL2':44} {'Trapwalk':>9} {'QEMU':>9}  difference")
    wrong = []
    for kind in sorted(mine.keys() | theirs.keys(), key=lambda k: (-theirs[k], k)):
        a, b = mine[kind], theirs[kind]
        label = " ".join(part for part in kind if part)
        more = EXPLAINED.get((version, *kind), 0)
        by_time = kind[0] in TIME_DEPENDENT
        note = "by time" if by_time else f"{abs(more)} {'more' if more > 0 else 'fewer'} are explained" if more else ""
        print(f"{label:44} {a:9} {b:9}  {(a - b) / b * 100 if b else float('inf'):+.2f}%  {note}")
        if not by_time and abs(a - more - b) > TOLERANCE * b:
            wrong.append(label)
    exact = lambda counts: sum(n for kind, n in counts.items() if kind[0] not in TIME_DEPENDENT)
    print(f"{'all that do not follow from time':44} {exact(mine):9} {exact(theirs):9}")
    print(f"not counted: {workarounds} calls of ARM_SMCCC_ARCH_WORKAROUND_2 under QEMU's SMCCC 1.0")
    if not mine or workarounds == 0:
        sys.exit("FAILED: nothing was compared")
    if wrong:
        sys.exit(f"FAILED: more than 1% apart: {', '.join(wrong)}")


main()
