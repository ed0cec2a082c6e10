"""Where a core's time went: cores, accounts, traps."""

from __future__ import annotations

from collections.abc import Iterator

from trapwalk import _trapwalk
from trapwalk.tables.table import (
    CONTEXT,
    CPU,
    Report,
    Row,
    Table,
    accounted,
    context,
    cycles,
    measured,
    number,
    ratio,
    real,
    spread,
    spread_of,
    text,
)

CAUSES = _trapwalk.causes()
PARTS = _trapwalk.parts()
PART_OF = {name: part for name, _, part in CAUSES}


def by_part(causes: dict[str, int]) -> list[int]:
    """Cycles by cause, as cycles by part: in the order of PARTS."""
    sums = dict.fromkeys(PARTS, 0)
    for cause, count in causes.items():
        sums[PART_OF[cause]] += count
    return list(sums.values())


def reason(trap: Report) -> str:
    return ": ".join(word for word in (trap["control"], trap["subject"]) if word)


def _cores(report: Report) -> Iterator[Row]:
    for c in report["cores"]:
        idle = sum(x["cycles"].get("idle", 0) for x in c["contexts"])
        busy = measured(c) - idle
        yield (
            c["cpu"],
            c["model"],
            c["frequency_mhz"],
            measured(c),
            c["accounted"],
            idle,
            c["instructions"],
            ratio(busy, c["instructions"]),
        )


CORES = Table(
    "cores",
    "The cores, one a row.",
    (CPU,),
    (
        text("model", "which core"),
        number("frequency", "its clock", "MHz"),
        cycles("cycles", "measured"),
        cycles("accounted", "the same, as the sum over contexts and causes"),
        cycles("idle", "of them in WFI, WFE or powered off"),
        number("instructions", "retired"),
        real("cycles_per_instruction", "idle cycles apart"),
    ),
    _cores,
)


def _contexts(report: Report) -> Iterator[Row]:
    whole = accounted(report)
    for core in report["cores"]:
        for c in core["contexts"]:
            total = sum(c["cycles"].values())
            yield (
                core["cpu"],
                *context(c["context"]),
                c["instructions"],
                total,
                ratio(total, whole),
                ratio(total, c["instructions"]),
            )


CONTEXTS = Table(
    "contexts",
    "Time by exception level and VM.",
    (CPU, *CONTEXT),
    (
        number("instructions", "retired"),
        cycles("cycles", "all causes together"),
        real("share", "of the cycles of all cores"),
        real("cycles_per_instruction", "idle cycles included"),
    ),
    _contexts,
    sort="cycles",
)


def _ledger(report: Report) -> Iterator[Row]:
    for core in report["cores"]:
        for c in core["contexts"]:
            yield (core["cpu"], *context(c["context"]), *(c["cycles"].get(name, 0) for name, _, _ in CAUSES))


LEDGER = Table(
    "ledger",
    "Every cycle, by core, context and cause: a column a cause. The sum over a core's rows is its measured cycles.",
    (CPU, *CONTEXT),
    tuple(cycles(name, what) for name, what, _ in CAUSES),
    _ledger,
)

# Which trap: key of a row of these tables.
_TRAP = (
    CPU,
    *CONTEXT,
    number("to", "exception level that took it"),
    number("exception_class", "ESR_ELx.EC; 255: an interrupt or SError"),
    text("control", 'rule that sent it there: "HCR_EL2.TVM"'),
    text("subject", 'what it caught: "write SCTLR_EL1"'),
)


def _trap_key(core: Report, trap: Report) -> Row:
    return (core["cpu"], *context(trap["from"]), trap["to"], trap["exception_class"], trap["control"], trap["subject"])


def traps_of(report: Report) -> Iterator[tuple[Report, Report]]:
    """(core, trap), those with the most cycles first: the order of all tables of traps."""
    pairs = [(core, trap) for core in report["cores"] for trap in core["traps"]]
    pairs.sort(key=lambda pair: -int(pair[1]["inside_total"]))
    return iter(pairs)


def _traps(report: Report) -> Iterator[Row]:
    whole = accounted(report)
    for core, t in traps_of(report):
        yield (
            *_trap_key(core, t),
            reason(t),
            t["count"],
            t["returned"],
            t["unfinished"],
            t["instructions"],
            t["walks"],
            t["inside_total"],
            ratio(t["inside_total"], whole),
            *spread_of(t["cycles"]),
            ratio(t["inclusive"]["sum"], t["inclusive"]["count"]),
            t["away"],
            t["tlb_refills_after"],
            t["tlb_refill_cycles_after"],
            t["cache_refills_after"],
            t["cache_refill_cycles_after"],
        )


TRAPS = Table(
    "traps",
    "Exceptions by who was interrupted, where they went and why; those that cost most first.",
    _TRAP,
    (
        text("reason", "control and subject together"),
        number("count", "exceptions taken"),
        number("returned", "of them, closed by a return to the same context"),
        number("unfinished", "of them, given up or still open"),
        number("instructions", "inside"),
        number("walks", "translation table walks inside"),
        cycles("cycles", "inside, without inner traps and without `away`: no cycle is in two rows"),
        real("share", "of the cycles of all cores"),
        *spread("the cycles of a trap that returned"),
        real("inclusive_mean", "mean of what the interrupted code waited: with inner traps", "cycles"),
        cycles("away", "in which the guest was switched out while its trap was open"),
        number("tlb_refills_after", "translations that others displaced meanwhile and that it had to find again"),
        cycles("tlb_refill_cycles_after", "that this took; a lower bound"),
        number("cache_refills_after", "the same of cache lines"),
        cycles("cache_refill_cycles_after", "the same of cache lines"),
    ),
    _traps,
)

TRAP_PARTS = Table(
    "trap_parts",
    "Cycles of each trap by part: rows as in `traps`. Their sum over the parts is `traps.cycles`.",
    (*_TRAP, text("reason", "control and subject together")),
    tuple(cycles(part, "causes: " + (", ".join(n for n, _, p in CAUSES if p == part) or "none")) for part in PARTS),
    lambda report: ((*_trap_key(c, t), reason(t), *by_part(t["inside"])) for c, t in traps_of(report)),
)

TRAP_CAUSES = Table(
    "trap_causes",
    "Cycles of each trap by cause: rows as in `traps`. Their sum over the causes is `traps.cycles`.",
    (*_TRAP, text("reason", "control and subject together")),
    tuple(cycles(name, what) for name, what, _ in CAUSES),
    lambda report: (
        (*_trap_key(c, t), reason(t), *(t["inside"].get(name, 0) for name, _, _ in CAUSES)) for c, t in traps_of(report)
    ),
)

TABLES = (CORES, CONTEXTS, LEDGER, TRAPS, TRAP_PARTS, TRAP_CAUSES)
