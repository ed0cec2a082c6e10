#!/usr/bin/env python3
"""Which accesses trap, to whom and with what syndrome, at EL1 and EL0 under several settings of the controls: the same
program on QEMU and on Trapwalk, for a Cortex-A57, a Neoverse N1 and `max`. Every register of models/arm/sysregs with a row of
its own, every SYS instruction of Armv8.0 to 8.2, and what generates exceptions.

    trap_sweep.py TRAPWALK [CPU…]

Exit status: 0 agreed but for DIVERGENCES, 1 not, 77 skipped (a tool is missing).
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROWS = HERE.parent.parent / "models/arm/sysregs"
COMPILER, QEMU = "aarch64-linux-gnu-gcc", "qemu-system-aarch64"


def bits(*numbers):
    return sum(1 << n for n in numbers)


# The controls, in the order in which trap_sweep.S loads them; EL1 first: whether the words run at EL1 (or at EL0).
RW = bits(31)
EVERY_TRAP = bits(13, 14, *range(15, 27), 28, 30, 35, 36)  # HCR_EL2: TWI, TWE, TID0 … TVM, TDZ, TRVM, TLOR, TERR
EL0_ALLOWED = bits(26, 18, 16, 15, 14, 9)  # SCTLR_EL1: UCI, nTWE, nTWI, UCT, DZE, UMA
SCTLR, CPTR = 0x30D00800, 0x33FF
OPEN = {"HCR": RW, "CNTHCTL": 3, "CPTR": CPTR, "SCTLR": SCTLR | EL0_ALLOWED, "PMUSERENR": 0xF, "CNTKCTL": 0x303,
        "CPACR": 3 << 20, "MDCR": 6}
EL1_CLOSED = {"SCTLR": SCTLR, "PMUSERENR": 0, "CNTKCTL": 0, "CPACR": 0}
EL2_CLOSED = {"HCR": RW | EVERY_TRAP, "CNTHCTL": 0, "CPTR": CPTR | bits(31, 10), "MDCR": 6 | bits(5, 6, 8, 9, 10, 11)}
SETTINGS = {
    "EL1, nothing trapped": {"EL1": 1, **OPEN},
    "EL1, EL2 traps": {"EL1": 1, **OPEN, **EL2_CLOSED},
    "EL1, both trap FP": {"EL1": 1, **OPEN, **EL1_CLOSED, "CPTR": CPTR | bits(10)},
    "EL0, nothing trapped": {"EL1": 0, **OPEN},
    "EL0, EL2 traps": {"EL1": 0, **OPEN, **EL2_CLOSED},
    "EL0, EL1 traps": {"EL1": 0, **OPEN, **EL1_CLOSED},
    "EL0, EL1 traps, TGE": {"EL1": 0, **OPEN, **EL1_CLOSED, "HCR": RW | bits(27)},
}

# Where the two differ and the manual decides; a case that matches and no longer differs fails the test.
COMMON_DIVERGENCES = [
    (r"(read|write) (OSDTRRX|OSDTRTX|OSECCR|DBGPRCR|DBGCLAIMSET|DBGCLAIMCLR)_EL1 at EL1, .*", "QEMU lacks the register"),
    (r"read DBGAUTHSTATUS_EL1 at EL1, .*", "QEMU lacks the register"),
    (r"(read|write) DBGDTR(TRX)?_EL0 at .*", "QEMU lacks the register"),
    (r"(SYSL|(read|write) S3_0_C15_C2_0) at EL1, EL2 traps", "QEMU has no HCR_EL2.TIDCP"),
    (r"(write PMSWINC|(read|write) PMSELR|read PMCCNTR|read PMXEVCNTR)_EL0 at EL0, EL2 traps",
     "QEMU skips MDCR_EL2.TPM where PMUSERENR_EL0 has a bit of its own"),
    (r"DAIF(Set|Clr) at EL0, EL1 traps.*", "QEMU exchanges Op1 and Op2 in the syndrome"),
    (r"DC ZVA at (EL1, nothing trapped|EL1, both trap FP|EL0, nothing trapped)",
     "with the MMU off memory is Device: an Alignment fault, but QEMU writes"),
]
NO_ERROR_RECORDS = [
    (r"((read|write) (ERRSELR|ERXCTLR|ERXSTATUS|ERXADDR|ERXMISC0|ERXMISC1)|read ERXFR)_EL1 at EL1, .*",
     "without error records RAZ/WI is allowed beside QEMU's UNDEFINED, and lets HCR_EL2.TERR trap them"),
]
DIVERGENCES = {
    "cortex-a57": COMMON_DIVERGENCES,
    "neoverse-n1": COMMON_DIVERGENCES + NO_ERROR_RECORDS,
    # QEMU's `max` goes on to Armv8.7.
    "max": COMMON_DIVERGENCES + NO_ERROR_RECORDS + [
        (r"read (MIDR|MPIDR|REVIDR|ID_\w+|MVFR\d|CCSIDR|CLIDR|AIDR)(_EL1)? at EL0, .*", "FEAT_IDST is absent"),
    ],
}


def word(op0, op1, crn, crm, op2, read=False):
    return 0xD5000003 | read << 21 | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5


def register_words():
    row = re.compile(r"^\s*X\((\w+), (\d+), (\d+), (\d+), (\d+), (\d+), (?:E\d|NO)", re.M)
    for path in sorted(ROWS.glob("*.hpp")):
        if path.stem == "implementation_defined":
            continue
        for name, *fields in row.findall(path.read_text()):
            encoding = [int(field) for field in fields]
            if name == "SP_EL3":  # no encoding of its own; the row is storage
                continue
            yield "read " + name, word(*encoding, read=True)
            if name != "SPSel":
                yield "write " + name, word(*encoding)


def instruction_words():
    for op1, crm, numbers in [(0, 3, (0, 1, 2, 3, 5, 7)), (0, 7, (0, 1, 2, 3, 5, 7)), (4, 7, (0, 6)), (4, 4, (1,))]:
        for op2 in numbers:
            yield f"TLBI {op1} {crm} {op2}", word(1, op1, 8, crm, op2)
    for name, *fields in [
        ("IC IALLUIS", 0, 1, 0), ("IC IALLU", 0, 5, 0), ("DC IVAC", 0, 6, 1), ("DC ISW", 0, 6, 2), ("DC CSW", 0, 10, 2),
        ("DC CISW", 0, 14, 2), ("DC ZVA", 3, 4, 1), ("IC IVAU", 3, 5, 1), ("DC CVAC", 3, 10, 1), ("DC CVAU", 3, 11, 1),
        ("DC CIVAC", 3, 14, 1), ("DC CVAP", 3, 12, 1), ("AT S1E1RP", 0, 9, 0), ("AT S1E1WP", 0, 9, 1), ("AT S1E1R", 0, 8, 0), ("AT S1E0W", 0, 8, 3), ("AT S1E2R", 4, 8, 0),
        ("AT S12E1R", 4, 8, 4)]:
        op1, crm, op2 = fields
        yield name, word(1, op1, 7, crm, op2)
    yield from [("SVC", 0xD4000021), ("HVC", 0xD4000042), ("SMC", 0xD4000063), ("BRK", 0xD4200080), ("HLT", 0xD4400000),
                ("DCPS1", 0xD4A00001), ("FADD", 0x1E602800), ("DAIFSet", 0xD50342DF), ("DAIFClr", 0xD50342FF),
                ("SPSel", 0xD50041BF), ("MSR PAN", 0xD500419F), ("MSR UAO", 0xD500417F), ("MSR SSBS", 0xD503413F), ("ESB", 0xD503221F),
                ("SYSL", word(1, 0, 15, 0, 0, read=True)),
                ("read S3_0_C15_C2_0", word(3, 0, 15, 2, 0, read=True)), ("write S3_0_C15_C2_0", word(3, 0, 15, 2, 0))]


def build(words, folder):
    lines = ["settings:"]
    lines += [" .quad " + ", ".join(str(value) for value in setting.values()) for setting in SETTINGS.values()]
    lines += ["settings_end:", "words:"] + [f" .word {value:#x}" for value in words] + [" .word 0", ""]
    (folder / "table.inc").write_text("\n".join(lines))
    elf = folder / "trap_sweep.elf"
    subprocess.run([COMPILER, "-nostdlib", "-static", "-I", folder, "-Wl,-Ttext=0x40080000,--build-id=none",
                    HERE / "trap_sweep.S", "-o", elf], check=True)
    return elf


def run(command, wanted):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    lines = done.stdout.decode(errors="replace").replace("\r", "").split("\n")[:-1]
    if done.returncode != 0 or len(lines) != wanted:
        sys.exit(f"FAILED: {command[0]}: status {done.returncode}, {len(lines)} of {wanted} lines\n{done.stderr.decode()}")
    return [line.strip() for line in lines]


def main():
    for tool in (COMPILER, QEMU):
        if shutil.which(tool) is None:
            print(f"SKIPPED: {tool} is not installed: no oracle")
            return 77
    bad = sum(compare(sys.argv[1], cpu) for cpu in sys.argv[2:] or DIVERGENCES)
    return 1 if bad else 0


def compare(trapwalk, cpu):
    tests = list(register_words()) + list(instruction_words())
    names = [f"{name} at {setting}" for setting in SETTINGS for name, _ in tests]
    with tempfile.TemporaryDirectory() as work:
        elf = build([value for _, value in tests], pathlib.Path(work))
        oracle = run([QEMU, "-M", "virt,virtualization=on,gic-version=2", "-cpu", cpu, "-m", "256M", "-display", "none",
                      "-monitor", "none", "-serial", "stdio", "-net", "none", "-kernel", elf], len(names))
        ours = run([trapwalk, "run", "--cpu", cpu, "--memory", "256M", "--kernel", elf], len(names))
    differing = {name: (a, b) for name, a, b in zip(names, oracle, ours) if a != b}
    bad = 0
    for pattern, reason in DIVERGENCES[cpu]:
        known = [name for name in names if re.fullmatch(pattern, name)]
        stale = [name for name in known if differing.pop(name, None) is None]
        if stale or not known:
            print(f"{cpu}: STALE: '{pattern}' ({reason}) no longer differs at {stale or 'any case'}: mend DIVERGENCES")
            bad += 1
    for name, (theirs, mine) in differing.items():
        print(f"{cpu}: {name}: ESR_EL2 and ESR_EL1 are {mine}, QEMU {theirs}")
    print(f"{cpu}: {len(names)} cases, {len(differing)} unexplained differences")
    return bad + len(differing)


if __name__ == "__main__":
    sys.exit(main())
