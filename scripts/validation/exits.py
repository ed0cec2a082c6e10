"""What traps, switches between VM and hypervisor, and virtual interrupts cost."""

from validation.row import A15, A57, XGENE, Row, single

SMP2 = ("--smp", "2", "--set", "platform.quantum=50")
LISTS = "save lists of Linux 4.0; the host's C code is ours and shorter than Linux's"
MOVES = "; what MRS, MSR and moves of vector registers take is not published"
OTHER_MACHINE = "GIC latencies are X-Gene's, for want of this machine's"


def trap(part):
    return lambda cpu: lambda runs: runs("trap", cpu)[f"trap.{part}"] - runs("trap", cpu)["trap.counter_read"]


def switch(name, cpu):
    return lambda runs: runs("switch", cpu)[f"switch.{name}"]


def ipi(name, cpu):
    return lambda runs: runs("ipi", cpu, *SMP2)[f"switch.{name}"]


def interrupt_instructions(runs):
    exits = runs.software("xen-arm64").traps(
        lambda t: t["exception_class"] == 255 and t["to"] == 2 and t["from"]["el"] == 1 and t["from"]["guest"]
    )
    return sum(t["instructions"] for t in exits) / sum(t["count"] for t in exits)


def xen_distributor(runs):
    """The median trap of dom0's writes to GICD, while it initialises its interrupt controller."""
    run = runs.software(
        "xen-arm64", "--cpu", XGENE, "--timed-from", "Booting Linux on physical CPU", "--until", "smp: Brought up"
    )
    writes = run.traps(lambda t: t["exception_class"] == 0x24 and t["to"] == 2 and "write" in t["subject"])
    return max(writes, key=lambda t: t["count"])["cycles"]["p50"]


CYCLES = [
    Row("1", "EL1 to EL2, empty vector", "68–76", 68, 76, "cycles", "NEVE", XGENE, trap("entry")(XGENE), fitted=True),
    single("1", "EL2 to EL1", 65, "cycles", "NEVE", XGENE, trap("return")(XGENE), fitted=True),
    Row("1", "HVC and ERET in a row", "133–141", 133, 141, "cycles", "NEVE, sum", XGENE,
        lambda runs: runs("trap", XGENE)["trap.round_trip"], fitted=True),
    single("1a", "a read of GICH", 295, "cycles", "ISCA'16, derived", XGENE,
           lambda runs: runs("trap", XGENE)["gich.read"], fitted=True),
    single("1a", "a write of GICH", 26, "cycles", "ISCA'16, derived", XGENE,
           lambda runs: runs("trap", XGENE)["gich.write"], fitted=True),
    single("2", "Hyp trap alone", 27, "cycles", "ASPLOS'14", A15, trap("entry")(A15), fitted=True),
    single("3", "hypercall, split mode", 6500, "cycles", "ISCA'16", XGENE, switch("split.hypercall", XGENE),
           LISTS + MOVES),
    single("3", "saving the VGIC", 3250, "cycles", "ISCA'16", XGENE,
           lambda runs: runs("switch", XGENE)["part.vgic_save"], "row 1a is derived from it: 11 reads and a write",
           fitted=True),
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
    single("5", "virtual IPI, nVHE", 13121, "cycles", "ATC'17", A57, ipi("split.ipi", A57),
           f"{LISTS}; {OTHER_MACHINE}"),
    single("6", "virtual EOI, Juno r2", 113, "cycles", "KVM list: 103 ns at 1.1 GHz", A57, switch("split.eoi", A57),
           OTHER_MACHINE),
    single("7", "virtual EOI", 71, "cycles", "ISCA'16", XGENE, switch("split.eoi", XGENE),
           "no trap: the program counts its exits; between two reads of the counter with their barriers"),
    single("7", "ACK and EOI, list registers", 427, "cycles", "ASPLOS'14", A15, switch("split.ack_eoi", A15),
           OTHER_MACHINE),
    single("7", "ACK and EOI, emulated", 13726, "cycles", "ASPLOS'14", A15, switch("split.ack_eoi_emulated", A15),
           f"in the host's kernel here, in its user space there; {OTHER_MACHINE}"),
    single("8", "virtual IPI, list registers", 14366, "cycles", "ASPLOS'14", A15, ipi("split.ipi", A15),
           f"{LISTS}; {OTHER_MACHINE}"),
    single("8", "virtual IPI without", 32951, "cycles", "ASPLOS'14", A15, ipi("split.ipi_emulated", A15),
           f"in the host's kernel here, in its user space there; {LISTS}"),
]

INSTRUCTIONS = [
    single("13", "EL2 instructions an interrupt's exit, Xen", 1420, "instr.", "Bao artifact", "any",
           interrupt_instructions, "Xen 4.17 with Linux as dom0, real; functional", needs_software=True),
]
