"""Single figures of a run by name: what a sweep's columns and an A/B comparison are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trapwalk.errors import Error
from trapwalk.tables import core
from trapwalk.tables.devices import pl330_threads, smmu
from trapwalk.tables.study import study
from trapwalk.tables.table import Report, accounted, context, measured, ratio
from trapwalk.words import nearest


@dataclass(frozen=True)
class Metric:
    """`unit` is "1" for counts and ratios."""

    name: str
    value: float
    unit: str
    what: str


def slug(name: str) -> str:
    """How a structure or a context is called inside a name: "L1 data" is `l1-data`."""
    return name.lower().replace(" ", "-")


def metrics(report: Report) -> dict[str, Metric]:
    """All figures of a report by name."""
    return {m.name: m for part in _PARTS for m in part(report)}


def find(known: dict[str, Metric], name: str) -> float:
    """One figure. Raises `Error` for a name that there is not, with the nearest ones."""
    if name in known:
        return known[name].value
    raise Error(f"this run has no figure '{name}'{nearest(name, known)}; Run.metrics() lists all")


def _whole(report: Report) -> Iterator[Metric]:
    cores = report["cores"]
    cycles = sum(measured(c) for c in cores)
    instructions = sum(c["instructions"] for c in cores)
    idle = sum(x["cycles"].get("idle", 0) for c in cores for x in c["contexts"])
    yield Metric("cycles", cycles, "cycles", "measured, all cores")
    yield Metric("instructions", instructions, "1", "retired, all cores")
    yield Metric("cycles_per_instruction", ratio(cycles - idle, instructions), "1", "idle cycles apart")
    yield Metric("seconds", report["run"]["simulated_ps"] / 1e12, "s", "simulated time of the whole run")
    yield Metric("exit_status", report["run"]["exit_status"], "1", "of the run")


def _traps(report: Report) -> Iterator[Metric]:
    traps = [t for c in report["cores"] for t in c["traps"]]
    whole = accounted(report)
    yield from _trap_figures("traps", traps, whole, "all traps")
    away = sum(t["tlb_refill_cycles_after"] + t["cache_refill_cycles_after"] for t in traps)
    what = "that guests spent after traps to find again what was displaced"
    yield Metric("traps.refill_cycles_after", away, "cycles", what)
    for part, cycles in zip(core.PARTS, _sum_of_parts(traps)):
        yield Metric(f"traps.{part}.cycles", cycles, "cycles", f"of traps, in their part {part}")
    for control in sorted({t["control"] for t in traps if t["control"]}):
        rows = [t for t in traps if t["control"] == control]
        yield from _trap_figures(f"traps.{control}", rows, whole, f"traps by {control}")


def _trap_figures(name: str, traps: list[Report], whole: int, what: str) -> Iterator[Metric]:
    count = sum(t["count"] for t in traps)
    cycles = sum(t["inside_total"] for t in traps)
    yield Metric(f"{name}.count", count, "1", what)
    yield Metric(f"{name}.cycles", cycles, "cycles", f"inside of {what}")
    yield Metric(f"{name}.share", ratio(cycles, whole), "1", f"of all cycles, inside of {what}")
    yield Metric(f"{name}.mean", ratio(cycles, count), "cycles", f"a trap, of {what}")


def _sum_of_parts(traps: list[Report]) -> list[int]:
    rows = [core.by_part(t["inside"]) for t in traps]
    return [sum(row[i] for row in rows) for i in range(len(core.PARTS))]


def _walks(report: Report) -> Iterator[Metric]:
    walks = [w for c in report["cores"] for w in c["walks"]]
    count = sum(w["count"] for w in walks)
    cycles = sum(w["cycles"]["sum"] for w in walks)
    fetches = sum(w["fetches_stage1"] + w["fetches_stage2"] for w in walks)
    yield Metric("walks.count", count, "1", "translation table walks")
    yield Metric("walks.faults", sum(w["faults"] for w in walks), "1", "of them, ended by a fault")
    yield Metric("walks.cycles", cycles, "cycles", "of all walks")
    yield Metric("walks.share", ratio(cycles, accounted(report)), "1", "of all cycles, in walks")
    yield Metric("walks.mean", ratio(cycles, count), "cycles", "a walk")
    yield Metric("walks.fetches", fetches, "1", "descriptors fetched")
    yield Metric("walks.fetches_per_walk", ratio(fetches, count), "1", "descriptors of a walk")
    yield Metric("walks.stage2_cycles", sum(w["cycles_stage2"] for w in walks), "cycles", "of stage-2 descriptors")


def _causes(report: Report) -> Iterator[Metric]:
    contexts = [x for c in report["cores"] for x in c["contexts"]]
    for name, what, _ in core.CAUSES:
        yield Metric(f"causes.{name}", sum(x["cycles"].get(name, 0) for x in contexts), "cycles", what)
    who: dict[str, int] = {}
    for x in contexts:
        name = context(x["context"])[0]
        who[name] = who.get(name, 0) + sum(x["cycles"].values())
    for name, cycles in sorted(who.items()):
        yield Metric(f"contexts.{slug(name)}", cycles, "cycles", f"of {name}, all cores")


def _structures(report: Report) -> Iterator[Metric]:
    tlbs = [t for c in report["cores"] for t in c["tlbs"]]
    yield from _misses("tlbs", [(t["name"], t["lookups"], t["misses"]) for t in tlbs])
    caches = [k for c in report["cores"] for k in c["caches"]] + report["shared_caches"]
    counted = [(k["name"], k["counts"].get("accesses", 0), k["counts"].get("misses", 0)) for k in caches]
    yield from _misses("caches", counted)
    yield from _misses("smmu", [(t["name"], t["lookups"], t["misses"]) for t in smmu(report)["structures"]])


def _misses(kind: str, rows: list[tuple[str, int, int]]) -> Iterator[Metric]:
    for name in dict.fromkeys(row[0] for row in rows):
        lookups = sum(row[1] for row in rows if row[0] == name)
        misses = sum(row[2] for row in rows if row[0] == name)
        yield Metric(f"{kind}.{slug(name)}.lookups", lookups, "1", f"look-ups of {name}, all cores")
        yield Metric(f"{kind}.{slug(name)}.misses", misses, "1", f"misses of {name}, all cores")
        yield Metric(f"{kind}.{slug(name)}.miss_rate", ratio(misses, lookups), "1", f"misses a look-up of {name}")


def _others(report: Report) -> Iterator[Metric]:
    interrupts = report["interrupts"]
    ack = [i["asserted_to_ack_ps"] for i in interrupts]
    yield Metric("interrupts.count", sum(i["count"] for i in interrupts), "1", "interrupts acknowledged")
    mean = ratio(sum(d["sum"] for d in ack), sum(d["count"] for d in ack))
    yield Metric("interrupts.mean", mean, "ps", "from the wire to the handler")
    branches = [b for c in report["cores"] for b in c["branches"]]
    wrong = sum(b["wrong_direction"] + b["wrong_target"] for b in branches)
    yield Metric("branches.mispredicted", wrong, "1", "branches predicted wrongly")
    streams = smmu(report)["streams"]
    count = sum(s["latency"]["count"] for s in streams)
    yield Metric("smmu.translations", count, "1", "translations of the SMMU")
    mean = ratio(sum(s["latency"]["sum"] for s in streams), count)
    yield Metric("smmu.mean", mean, "cycles", "a translation of the SMMU, cycles of its clock")


def _pl330(report: Report) -> Iterator[Metric]:
    threads = pl330_threads(report)
    if not threads:
        return
    yield Metric("pl330.instructions", sum(t["instructions"] for t in threads), "1", "of the DMA controller's programs")
    yield Metric("pl330.faults", sum(t["faults"] for t in threads), "1", "of the DMA controller's threads")
    for way, one in (("reads", "read"), ("writes", "write")):
        bursts = [t[way] for t in threads]
        count, cycles = (sum(b[figure] for b in bursts) for figure in ("count", "cycles"))
        yield Metric(f"pl330.{way}", count, "1", f"{one} bursts of the DMA controller")
        yield Metric(f"pl330.{one}_bytes", sum(b["bytes"] for b in bursts), "bytes", f"of the DMA controller's {way}")
        yield Metric(f"pl330.{one}_mean", ratio(cycles, count), "cycles", f"a {one} burst, cycles of its clock")


def _ghosts(report: Report) -> Iterator[Metric]:
    for g in report.get("ghosts", []):
        name = f"ghosts.{g['structure']}.{g['entries']}x{g['ways'] or 'full'}"
        what = f"of {g['structure']} with {g['entries']} entries in {g['ways'] or 'all'} ways"
        yield Metric(f"{name}.misses", g["misses"], "1", f"misses {what}")
        yield Metric(f"{name}.cycles", g["estimated_cycles"], "cycles", f"estimate for the misses {what}")


_IO = {
    "count": "that were counted",
    "wrong": "of them with wrong data, or refused",
    "flushes": "deferred invalidations",
    "doorbells": "writes to the command queue's PROD",
    "queue_full": "times that there was no room in the command queue",
}
_FAULTS = {
    "mapped": "pages mapped for stalled faults",
    "terminated": "stalled faults where nothing belongs",
    "others": "events that no master waits for",
}


def _study(report: Report) -> Iterator[Metric]:
    found = study(report)
    if "io" in found:
        io = found["io"]
        for name, what in _IO.items():
            yield Metric(f"study.io.{name}", io[name], "1", f"I/Os: {what}")
        yield Metric("study.io.rate", ratio(io["count"] * 1e12, io["elapsed_ps"]), "1/s", "I/Os in their time")
    if "faults" in found:
        for name, what in _FAULTS.items():
            yield Metric(f"study.faults.{name}", found["faults"][name], "1", what)
    if "link_bytes_per_second" in found:
        yield Metric("study.link_rate", found["link_bytes_per_second"], "bytes/s", "of the link alone, by the formula")
    if found:
        what = "doublewords of memory that hold at the end what belongs elsewhere"
        yield Metric("study.wrong_words", found["wrong_words"], "1", what)


_PARTS = (_whole, _traps, _walks, _causes, _structures, _others, _pl330, _ghosts, _study)
