#!/usr/bin/env python3
"""Measures what docs/validation.md compares, and writes that page: the template docs/validation.in.md with the table put in.

    validate.py [--build FOLDER] [--only ROW,…] [--software] [--output FILE]

The workloads are guests/validation (guests/README.md). --software: the rows that need real software too (Xen; `trapwalk
software` fetches it). Exit status: 0 written, 1 a program failed or printed nothing for a row.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACE = "<!-- measured -->"
FIT = "fitted"  # a parameter was chosen so that this row comes out: it says nothing about the model
XGENE, A15, A57, A53, N1 = "x-gene-1-like", "cortex-a15", "cortex-a57", "cortex-a53", "neoverse-n1"
SMP2 = ("--smp", "2", "--set", "platform.quantum=50")


class Runs:
    """Runs of the validation programs, each done once."""

    def __init__(self, build: pathlib.Path):
        self.build, self.done = build, {}

    def __call__(self, program: str, cpu: str, *options: str) -> "Run":
        key = (program, cpu, options)
        if key not in self.done:
            self.done[key] = self.run(program, cpu, options)
        return self.done[key]

    def run(self, program, cpu, options):
        guest = ["--kernel", self.build / f"guests/validation_{program}.elf"]
        if "--memory" not in options:
            guest += ["--memory", "256M"]
        if "--timed-from" not in options:
            guest += ["--fidelity", "timed"]
        return self.trapwalk(["--cpu", cpu, *guest, *options])

    def software(self, name: str, *options: str) -> "Run":
        key = ("software", name, options)
        if key not in self.done:
            self.done[key] = self.trapwalk(["--software", name, *options])
        return self.done[key]

    def trapwalk(self, options):
        with tempfile.TemporaryDirectory() as work:
            report = pathlib.Path(work) / "report.json"
            command = [self.build / "bin/trapwalk", "run", *options, "--report", report]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
            if done.returncode != 0:
                raise Failure(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr.decode()[-400:]}")
            return Run(done.stdout.decode(errors="replace"), json.loads(report.read_text()))


class Failure(Exception):
    pass


class Run:
    def __init__(self, console: str, report: dict):
        self.report = report
        self.numbers = {}
        for name, total, count in re.findall(r"^cycles: (\S+) total=(\d+) count=(\d+)", console, re.M):
            self.numbers[name] = int(total) / max(int(count), 1)
        for name, event, count in re.findall(r"^events: (\S+) (\S+)=(\d+)", console, re.M):
            self.numbers[f"{name} {event}"] = int(count)

    def __getitem__(self, name: str) -> float:
        if name not in self.numbers:
            raise Failure(f"the program printed nothing about {name}")
        return self.numbers[name]

    def traps(self, chosen: Callable[[dict], bool]) -> list[dict]:
        return [trap for core in self.report["cores"] for trap in core["traps"] if chosen(trap)]

    def walks(self, vmid: int) -> dict:
        """The data walks of one VM."""
        for core in self.report["cores"]:
            for walk in core["walks"]:
                if walk["purpose"] == "data" and walk["context"]["vmid"] == vmid and walk["context"]["el"] == 1:
                    return walk
        raise Failure(f"no walks of VMID {vmid} in the report")


@dataclasses.dataclass(frozen=True)
class Row:
    anchor: str
    what: str
    target: str  # as it is printed
    low: float  # the target's range; the error is the distance to its nearer end, relative
    high: float
    unit: str
    source: str
    configuration: str
    model: Callable[[Runs], float]
    remark: str = ""
    fitted: bool = False
    needs_software: bool = False


def single(anchor, what, target, unit, source, configuration, model, remark="", **more):
    return Row(anchor, what, f"{target:,}", target, target, unit, source, configuration, model, remark, **more)


# --- what a row is computed from

KERNELS = ("bitcount", "dijkstra", "sort", "smooth", "prefixes")


def trap(part):
    return lambda cpu: lambda runs: runs("trap", cpu)[f"trap.{part}"] - runs("trap", cpu)["trap.counter_read"]


def switch(name, cpu):
    return lambda runs: runs("switch", cpu)[f"switch.{name}"]


def ipi(name, cpu):
    return lambda runs: runs("ipi", cpu, *SMP2)[f"switch.{name}"]


def overhead(runs, over, under, *options):
    """Mean over the programs, in per cent."""
    run = runs("stage2", A53, *options)
    return 100 * sum(run[f"stage2.{over}.{k}"] / run[f"stage2.{under}.{k}"] - 1 for k in KERNELS) / len(KERNELS)


def cycles_a_refill(runs):
    run = runs("stage2", A53)
    extra = sum(run[f"stage2.2m_4k.{k}"] - run[f"stage2.2m.{k}"] for k in KERNELS)
    refills = sum(run[f"stage2.2m_4k.{k} l2d_tlb_refill"] - run[f"stage2.2m.{k} l2d_tlb_refill"] for k in KERNELS)
    return extra / refills


def performance(runs, worse, better):
    """How much faster random loads become, in per cent."""
    return 100 * (runs("walks", A53, *worse)["walks.4k_4k"] / runs("walks", A53, *better)["walks.4k_4k"] - 1)


LARGE = ("walks_large", N1, "--memory", "2G"), 3
HUGE = ("walks_huge", N1, "--memory", "18G", "--timed-from", "measuring"), 1


def nested(field, run):
    def of(runs):
        walk = runs(*run[0]).walks(run[1])
        if field == "mean":
            return walk["cycles"]["sum"] / walk["count"]
        return 100 * walk["cycles_final_stage2"] / walk["cycles"]["sum"]

    return of


def interrupt_instructions(runs):
    exits = runs.software("xen-arm64").traps(
        lambda t: t["exception_class"] == 255 and t["to"] == 2 and t["from"]["el"] == 1 and t["from"]["guest"])
    return sum(t["instructions"] for t in exits) / sum(t["count"] for t in exits)


def xen_distributor(runs):
    """The median trap of dom0's writes to GICD, while it initialises its interrupt controller."""
    run = runs.software("xen-arm64", "--cpu", XGENE, "--timed-from", "Booting Linux on physical CPU", "--until",
                        "smp: Brought up")
    writes = run.traps(lambda t: t["exception_class"] == 0x24 and t["to"] == 2 and "write" in t["subject"])
    return max(writes, key=lambda t: t["count"])["cycles"]["p50"]


def off(*structures):
    return tuple(part for s in structures for part in ("--set", f"mmu.{s}.entries=0"))


LISTS = "save lists of Linux 4.0; the host's C code is ours and shorter than Linux's"
MOVES = "; what MRS, MSR and moves of vector registers take is not published"
OTHER_MACHINE = "GIC latencies are X-Gene's, for want of this machine's"
BOUND = "random loads in 64 MB; what it saves are descriptors in the L1, some cycles each"
SIMPLE = "five small programs of our own, without an operating system: few refills, whose tables stay in the caches; less than random replacement's noise"

ROWS = [
    Row("1", "EL1 to EL2, empty vector", "68–76", 68, 76, "cycles", "NEVE", XGENE, trap("entry")(XGENE), fitted=True),
    single("1", "EL2 to EL1", 65, "cycles", "NEVE", XGENE, trap("return")(XGENE), fitted=True),
    Row("1", "HVC and ERET in a row", "133–141", 133, 141, "cycles", "NEVE, sum", XGENE,
        lambda runs: runs("trap", XGENE)["trap.round_trip"], fitted=True),
    single("1a", "a read of GICH", 295, "cycles", "ISCA'16, derived", XGENE, lambda runs: runs("trap", XGENE)["gich.read"],
           fitted=True),
    single("1a", "a write of GICH", 26, "cycles", "ISCA'16, derived", XGENE,
           lambda runs: runs("trap", XGENE)["gich.write"], fitted=True),
    single("2", "Hyp trap alone", 27, "cycles", "ASPLOS'14", A15, trap("entry")(A15), fitted=True),
    single("3", "hypercall, split mode", 6500, "cycles", "ISCA'16", XGENE, switch("split.hypercall", XGENE), LISTS + MOVES),
    single("3", "saving the VGIC", 3250, "cycles", "ISCA'16", XGENE, lambda runs: runs("switch", XGENE)["part.vgic_save"],
           "row 1a is derived from it: 11 reads and a write", fitted=True),
    single("3", "restoring the VGIC", 181, "cycles", "ISCA'16", XGENE,
           lambda runs: runs("switch", XGENE)["part.vgic_load"], "row 1a is derived from it: 7 writes", fitted=True),
    single("4", "interrupt-controller trap, split mode", 7370, "cycles", "ISCA'16", XGENE,
           switch("split.distributor", XGENE), LISTS),
    single("4", "the same, handled at EL2", 1356, "cycles", "ISCA'16 (Xen 4.5)", XGENE,
           switch("resident.distributor", XGENE), "our short emulation; Xen 4.17's is of 1,150 instructions"),
    single("4", "the same, by Xen itself", 1356, "cycles", "ISCA'16 (Xen 4.5)", XGENE, xen_distributor,
           "Xen 4.17 with Linux as dom0, real: the median of dom0's writes to GICD", needs_software=True),
    single("4", "split mode over Xen", 5.4, "times", "ISCA'16", XGENE,
           lambda runs: switch("split.distributor", XGENE)(runs) / xen_distributor(runs),
           "our split mode, the real Xen", needs_software=True),
    single("4", "hypercall, handled at EL2", 376, "cycles", "ISCA'16 (Xen 4.5), unverified", XGENE,
           switch("resident.hypercall", XGENE), "our handler, not Xen's"),
    single("5", "hypercall, nVHE", 6413, "cycles", "ATC'17", A57, switch("split.hypercall", A57),
           f"{LISTS}; {OTHER_MACHINE}"),
    single("5", "I/O to the kernel, nVHE", 8034, "cycles", "ATC'17", A57, switch("split.distributor", A57),
           f"{LISTS}; {OTHER_MACHINE}"),
    single("5", "virtual IPI, nVHE", 13121, "cycles", "ATC'17", A57, ipi("split.ipi", A57), f"{LISTS}; {OTHER_MACHINE}"),
    single("6", "virtual EOI, Juno r2", 113, "cycles", "KVM list: 103 ns at 1.1 GHz", A57, switch("split.eoi", A57),
           OTHER_MACHINE),
    single("7", "virtual EOI", 71, "cycles", "ISCA'16", XGENE, switch("split.eoi", XGENE),
           "no trap: the program counts its exits; between two reads of the counter with their barriers"),
    single("7", "ACK and EOI, list registers", 427, "cycles", "ASPLOS'14", A15, switch("split.ack_eoi", A15), OTHER_MACHINE),
    single("7", "ACK and EOI, emulated", 13726, "cycles", "ASPLOS'14", A15, switch("split.ack_eoi_emulated", A15),
           f"in the host's kernel here, in its user space there; {OTHER_MACHINE}"),
    single("8", "virtual IPI, list registers", 14366, "cycles", "ASPLOS'14", A15, ipi("split.ipi", A15), f"{LISTS}; {OTHER_MACHINE}"),
    single("8", "virtual IPI without", 32951, "cycles", "ASPLOS'14", A15, ipi("split.ipi_emulated", A15),
           f"in the host's kernel here, in its user space there; {LISTS}"),
    single("11", "a nested walk of 4 KB pages", 400, "cycles", "SagePTE, simulated", N1, nested("mean", HUGE),
           "16 GB of random loads: tables exceed the caches; a Redis there"),
    single("11", "its last stage-2 walk", 43, "%", "SagePTE, simulated", N1, nested("final", HUGE), "16 GB"),
    single("11", "a nested walk of 4 KB pages", 400, "cycles", "SagePTE, simulated", N1, nested("mean", LARGE),
           "1 GB: the tables, 4 MB, stay in the system cache of 32 MB"),
    single("11", "its last stage-2 walk", 43, "%", "SagePTE, simulated", N1, nested("final", LARGE), "1 GB"),
    single("12", "stage 2 with 2 MB leaves", 0.04, "%", "Bao artifact, A53", A53,
           lambda runs: overhead(runs, "4k_2m", "4k"), SIMPLE),
    single("12", "stage 2 with 4 KB leaves", 1.42, "%", "Bao artifact, A53", A53,
           lambda runs: overhead(runs, "4k_4k", "4k"), SIMPLE),
    Row("12", "a refill because of 4 KB leaves", "70–125", 70, 125, "cycles", "Bao artifact, A53", A53, cycles_a_refill,
        "over stage-1 leaves of 2 MB, which 4 KB of stage 2 break up"),
    Row("12a", "walk cache", "15–38", 15, 38, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: performance(runs, off("walk_cache", "ipa"), off("ipa")), BOUND),
    Row("12a", "nested TLB (IPA cache) beside it", "3–7", 3, 7, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: performance(runs, off("ipa"), ()), BOUND),
    Row("12a", "2 MB leaves at stage 2", "3–22", 3, 22, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: 100 * (runs("walks", A53)["walks.4k_4k"] / runs("walks", A53)["walks.4k_2m"] - 1),
        "random loads in 64 MB: more than programs have"),
    single("13", "EL2 instructions an interrupt's exit, Xen", 1420, "instr.", "Bao artifact", "any",
           interrupt_instructions, "Xen 4.17 with Linux as dom0, real; functional", needs_software=True),
]

NOT_REACHED = [
    ("5", "with VHE: 752, 1,604, 7,630, 2,526", "VHE is not built; user space would need a real KVM"),
    ("6", "kvm-unit-tests on real KVM", "no KVM runs here yet; EOI on N1 (14 ns) is what `gic.system_register_write` was taken from"),
    ("9", "nested hypercalls", "NV2 is not built"),
    ("10", "SMC round trip under TF-A", "TF-A boots; no program measures PSCI_VERSION under it yet"),
    ("12", "refills rise 3.4 times", "a matter of the guest's page sizes: 1.0 with 4 KB at stage 1 here, without bound with 2 MB"),
    ("13", "Bao 188, Jailhouse 226", "neither is packaged in Debian"),
    ("14–16", "SMMU", "there is no SMMU"),
]


def plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.2f}"


def error(row: Row, value: float) -> str:
    if row.low <= value <= row.high:
        return "0 %"
    nearest = row.low if value < row.low else row.high
    return f"{100 * (value / nearest - 1):+.0f} %"


def table(rows, runs) -> list[str]:
    lines = ["| row | what | target | model | error | | parameter set | source | remark |",
             "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        value = row.model(runs)
        lines.append(f"| {row.anchor} | {row.what} | {row.target} {row.unit} | {plain(value)} | {error(row, value)} | "
                     f"{FIT if row.fitted else ''} | {row.configuration} | {row.source} | {row.remark} |")
        print(lines[-1], flush=True)
    return lines


def not_reached() -> list[str]:
    return ["| row | what | why not |", "|---|---|---|"] + [f"| {a} | {b} | {c} |" for a, b, c in NOT_REACHED]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--only", help="rows by their number, separated by commas; nothing is written without --output")
    parser.add_argument("--software", action="store_true")
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    only = set(options.only.split(",")) if options.only else None
    rows = [r for r in ROWS if (not only or r.anchor in only) and (options.software or not r.needs_software)]
    left_out = [r for r in ROWS if not only and r not in rows]
    try:
        lines = table(rows, Runs(options.build))
    except Failure as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        return 1
    lines += [f"| {r.anchor} | {r.what} | {r.target} {r.unit} | | | | {r.configuration} | {r.source} | not run: `make validate SOFTWARE=1` |"
              for r in left_out]
    output = options.output or (None if only else ROOT / "docs/validation.md")
    if output:
        template = (ROOT / "docs/validation.in.md").read_text()
        output.write_text(template.replace(PLACE, "\n".join(lines + ["", "Not reached:", ""] + not_reached())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
