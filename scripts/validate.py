#!/usr/bin/env python3
"""Measures what docs/validation.md compares, and writes that page: the template docs/validation.in.md with the table put in.

    validate.py [--build FOLDER] [--only ROW,…] [--software] [--output FILE]

The workloads are guests/validation (guests/README.md), and the DMA study (docs/dma-study.md). --software: the rows that need real software too (Xen; `trapwalk
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

    def study(self, config: str, **parameters) -> dict:
        """The report of a DMA study; `_` in names stands for a dot, `__` for itself."""
        sets = tuple(f"{name.replace('__', '-').replace('_', '.').replace('-', '_')}={value}" for name, value in parameters.items())
        key = (config, sets)
        if key not in self.done:
            options = ["--platform", "dma-study", "--config", ROOT / f"platforms/{config}.toml"]
            self.done[key] = self.trapwalk([*options, *(part for s in sets for part in ("--set", s))]).report
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


PCIE_BENCH, GRACE, MMU500 = "studies/pcie-bench", "studies/grace", "smmu/mmu-500-like"
WARM = {"traffic_warm__up": 30000, "traffic_requests": 200000}


def reads(report):
    return report["study"]["masters"][0]["streams"][0]


def one_read(pages):
    """Median of 64-byte reads one at a time, in ns, over so many pages in turn."""
    return lambda runs: reads(runs.study(
        PCIE_BENCH, traffic_pattern="strided", traffic_window=4096 * pages, traffic_outstanding=1, traffic_engine=0,
        traffic_warm__up=1000, traffic_requests=10000))["read_latency"]["p50_ps"] / 1000


def pages_without_a_miss(runs):
    def walks(pages):
        report = runs.study(PCIE_BENCH, traffic_pattern="strided", traffic_window=4096 * pages, traffic_outstanding=1,
                            traffic_engine=0, traffic_warm__up=1000, traffic_requests=10000)
        return report["smmu"][0]["streams"][0]["translations"]["walk"]

    return max(pages for pages in (16, 32, 48, 63, 64, 65, 80, 128) if walks(pages) == 0)


def read_bandwidth(size, window):
    """Random reads, in Gb/s."""

    def of(runs):
        report = runs.study(PCIE_BENCH, traffic_size=size, traffic_alignment=size, traffic_window=window, **WARM)
        return reads(report)["read_bytes"] * 8e3 / report["study"]["masters"][0]["elapsed_ps"]

    return of


def lost(size, window):
    """Of the bandwidth in a window without a miss, in per cent."""
    return lambda runs: 100 * (1 - read_bandwidth(size, window)(runs) / read_bandwidth(size, "256K")(runs))


def ios(**parameters):
    """Million a second, of both sockets."""

    def of(runs):
        io = runs.study(GRACE, traffic_warm__up=5000, study_ios=40000, **parameters)["study"]["io"]
        if io["wrong"]:
            raise Failure(f"{io['wrong']} I/Os with wrong data")
        return 2e6 * io["count"] / io["elapsed_ps"]

    return of


def unmapping(command, kind):
    def of(runs):
        report = runs.study(GRACE, study_io="2M", study_ios=16, study_cpus=1, study_depth=2, study_masters=1, study_command=command)
        return sum(row["count"] for row in report["smmu"][0]["commands"] if row["name"] == kind)

    return of


def mmu500(runs, pages, outstanding):
    """Strided, without walk caches and main TLB, so that each miss is as long."""
    return runs.study(MMU500, traffic_pattern="strided", traffic_window=4096 * pages, traffic_outstanding=outstanding,
                      smmu_tlb_entries=0, smmu_walk__cache_entries=0, traffic_warm__up=1000, traffic_requests=20000,
                      memory_size="512M")


def tbu_hit(runs):
    """Cycles of the SMMU."""
    stream = mmu500(runs, 1, 1)["smmu"][0]["streams"][0]
    return stream["latency"]["sum"] / stream["translations"]["tbu"]


def walks_at_a_time(runs):
    """Little's law: the rate of misses times what one takes."""
    many, one = mmu500(runs, 4096, 256), mmu500(runs, 4096, 1)
    alone = one["smmu"][0]["streams"][0]["latency"]
    seconds = alone["sum"] / alone["count"] / (one["smmu"][0]["frequency_mhz"] * 1e6)
    return reads(many)["reads"] * 1e12 / many["study"]["masters"][0]["elapsed_ps"] * seconds


LISTS = "save lists of Linux 4.0; the host's C code is ours and shorter than Linux's"
MOVES = "; what MRS, MSR and moves of vector registers take is not published"
OTHER_MACHINE = "GIC latencies are X-Gene's, for want of this machine's"
BOUND = "random loads in 64 MB; what it saves are descriptors in the L1, some cycles each"
BENCH, GRACE_SOURCE = "pcie-bench data", "NVIDIA, NV-Kernels pull request 182"
STRICT = "most times of this machine's SMMU and software are placeholders: the shape, not the figure"
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
        "over stage-1 leaves of 2 MB, which 4 KB of stage 2 break up; 105 before guests/validation/vm.c grew by a few functions: it depends on where tables and code lie in the caches"),
    Row("12a", "walk cache", "15–38", 15, 38, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: performance(runs, off("walk_cache", "ipa"), off("ipa")), BOUND),
    Row("12a", "nested TLB (IPA cache) beside it", "3–7", 3, 7, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: performance(runs, off("ipa"), ()), BOUND),
    Row("12a", "2 MB leaves at stage 2", "3–22", 3, 22, "% faster", "Bhargava'08 (x86)", A53,
        lambda runs: 100 * (runs("walks", A53)["walks.4k_4k"] / runs("walks", A53)["walks.4k_2m"] - 1),
        "random loads in 64 MB: more than programs have"),
    single("13", "EL2 instructions an interrupt's exit, Xen", 1420, "instr.", "Bao artifact", "any",
           interrupt_instructions, "Xen 4.17 with Linux as dom0, real; functional", needs_software=True),
    single("14", "64-byte DMA read, IOTLB hit", 490, "ns", BENCH, PCIE_BENCH, one_read(64), "root complex fitted", fitted=True),
    single("14", "the same, IOTLB miss", 770, "ns", BENCH, PCIE_BENCH, one_read(65), "latency of a descriptor fitted: four of them",
           fitted=True),
    single("14", "pages in turn without a miss", 64, "pages", BENCH, PCIE_BENCH, pages_without_a_miss, "entries are a parameter; the 65th page makes all miss",
           fitted=True),
    single("14", "64-byte reads in 256 KB", 27.6, "Gb/s", BENCH, PCIE_BENCH, read_bandwidth(64, "256K"), "outstanding requests fitted", fitted=True),
    single("14", "256-byte reads in 256 KB", 46.4, "Gb/s", BENCH, PCIE_BENCH, read_bandwidth(256, "256K"), "the link's formula; the card does not reach it"),
    single("14", "512-byte reads in 256 KB", 55.0, "Gb/s", BENCH, PCIE_BENCH, read_bandwidth(512, "256K"), "the link's formula"),
    single("14", "64-byte reads in 64 MB: lost", 65, "%", BENCH, PCIE_BENCH, lost(64, "64M"), "walks at a time fitted", fitted=True),
    single("14", "in 4 MB: lost", 61, "%", BENCH, PCIE_BENCH, lost(64, "4M"), "27.58 to 10.65 Gb/s"),
    single("14", "in 1 MB: lost", 48, "%", BENCH, PCIE_BENCH, lost(64, "1M"), "27.58 to 14.33 Gb/s"),
    single("14", "in 512 KB: lost", 27, "%", BENCH, PCIE_BENCH, lost(64, "512K"), "27.58 to 20.20 Gb/s"),
    single("14", "128-byte reads in 64 MB: lost", 54, "%", BENCH, PCIE_BENCH, lost(128, "64M"), "41.95 to 19.48 Gb/s"),
    single("14", "256-byte reads in 64 MB: lost", 28, "%", BENCH, PCIE_BENCH, lost(256, "64M"), "46.43 to 33.53 Gb/s"),
    single("14", "512-byte reads in 64 MB: lost", 2.5, "%", BENCH, PCIE_BENCH, lost(512, "64M"), "55.02 to 53.65 Gb/s"),
    single("15", "I/Os, lazy", 16.4, "M/s", GRACE_SOURCE, GRACE, ios(study_invalidation="deferred"), "the SSDs' rate fitted; one socket, doubled", fitted=True),
    single("15", "I/Os, passthrough", 16.5, "M/s", GRACE_SOURCE, GRACE, ios(study_translation="bypass"), "as lazy: nothing waits for the SMMU"),
    single("15", "I/Os, strict", 2.8, "M/s", GRACE_SOURCE, GRACE, ios(study_invalidation="strict"), STRICT),
    single("15", "unmapping 32 MB by VA", 8192, "commands", "Linux, arm-smmu: tlb_flush_walk", GRACE, unmapping("va", "CMD_TLBI_NH_VA"), "exact, counted by the SMMU"),
    single("15", "the same by ASID", 16, "commands", "Linux, arm-smmu: tlb_flush_walk", GRACE, unmapping("asid", "CMD_TLBI_NH_ASID"), "exact, counted by the SMMU"),
    single("16", "a hit in a TBU", 2, "clocks", "MMU-500", MMU500, tbu_hit, "a parameter", fitted=True),
    single("16", "walks of a TBU at a time", 8, "walks", "MMU-500", MMU500, walks_at_a_time, "a parameter; by Little's law from rate and latency", fitted=True),
]

NOT_REACHED = [
    ("5", "with VHE: 752, 1,604, 7,630, 2,526", "VHE is not built; user space would need a real KVM"),
    ("6", "kvm-unit-tests on real KVM", "no KVM runs here yet; EOI on N1 (14 ns) is what `gic.system_register_write` was taken from"),
    ("9", "nested hypercalls", "NV2 is not built"),
    ("10", "SMC round trip under TF-A", "TF-A boots; no program measures PSCI_VERSION under it yet"),
    ("12", "refills rise 3.4 times", "a matter of the guest's page sizes: 1.0 with 4 KB at stage 1 here, without bound with 2 MB"),
    ("13", "Bao 188, Jailhouse 226", "neither is packaged in Debian"),
    ("16", "sizes of walk and configuration caches, translation slots", "parameters (`platforms/smmu/*.toml`): there is no measurement that they could be judged by"),
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
