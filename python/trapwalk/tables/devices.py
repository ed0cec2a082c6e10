"""Interrupts and the SMMU."""

from __future__ import annotations

from collections.abc import Iterator

from trapwalk import _trapwalk
from trapwalk.tables.table import (
    CPU,
    Report,
    Row,
    Table,
    cycles,
    flag,
    number,
    owner,
    spread,
    spread_of,
    text,
)
from trapwalk.tables.translation import COUNTS, STRUCTURE, counts

_STATIONS = {
    "asserted_to_signalled": "from the wire to the core's signal",
    "asserted_to_ack": "from the wire to the handler's acknowledge",
    "ack_to_drop": "from the acknowledge to the priority drop",
    "ack_to_deactivate": "from the acknowledge to the deactivation",
}


def _interrupts(report: Report) -> Iterator[Row]:
    for i in sorted(report["interrupts"], key=lambda i: -int(i["count"])):
        times = [value for station in _STATIONS for value in spread_of(i[f"{station}_ps"])]
        name = _trapwalk.interrupt_name(i["intid"], i["virtual"], i["vmid"])
        yield i["cpu"], i["intid"], i["virtual"], i["vmid"], name, i["count"], i["withdrawn"], i["skewed"], *times


INTERRUPTS = Table(
    "interrupts",
    "Interrupts by number, core and VM: how long each took from the device's wire on. The most frequent first.",
    (CPU, number("intid", "number"), flag("virtual", "a virtual one"), number("vmid", "of a virtual one")),
    (
        text("name", '"PPI 27 (virtual timer)"'),
        number("count", "acknowledged"),
        number("withdrawn", "gone before they were"),
        number("skewed", "whose stations were out of order (cores run ahead within a quantum), counted as 0"),
        *(c for station, what in _STATIONS.items() for c in spread(f"the time {what}", "ps", f"{station}_")),
    ),
    _interrupts,
)


def smmu(report: Report) -> Report:
    """The report's SMMU; one without rows when there is none."""
    none: Report = {"streams": [], "commands": [], "structures": [], "events": {}}
    found: list[Report] = report.get("smmu", [])
    return found[0] if found else none


_STREAM = (
    number("stream", "StreamID"),
    number("substream", "SubstreamID; -1: none"),
    text("who", 'in whose stage 2: "VMID 1", "no stage 2"'),
)


def _stream(of: Report) -> Row:
    return of["stream"], of["substream"] if of["has_substream"] else -1, owner(of["owner"])


_HIT_LEVELS = ("bypass", "tbu", "tlb", "walk", "fault")
_FETCHES = ("fetches_stage1", "fetches_stage2", "ste_fetches", "cd_fetches")
_REQUESTS = ("prefetches", "ats_requests", "page_requests")
_PARTS = _trapwalk.smmu_parts()


def _streams(report: Report) -> Iterator[Row]:
    for s in smmu(report)["streams"]:
        answered = [s["translations"].get(level, 0) for level in _HIT_LEVELS]
        yield (
            *_stream(s),
            sum(answered),
            *answered,
            s["reads"],
            s["writes"],
            s["latency"]["sum"],
            *spread_of(s["latency"]),
            *(s[name] for name in _FETCHES),
            *(s[name] for name in _REQUESTS),
            *(s["cycles"].get(name, 0) for name, _ in _PARTS),
        )


SMMU_STREAMS = Table(
    "smmu_streams",
    "Translations of the SMMU by stream and VM; cycles of its clock.",
    _STREAM,
    (
        number("translations", "all of them"),
        *(number(f"answered_{level}", f"of them answered by: {level}") for level in _HIT_LEVELS),
        number("reads", "translations of reads"),
        number("writes", "translations of writes"),
        cycles("cycles", "of all translations: the sum over the parts below"),
        *spread("the cycles of a translation"),
        *(number(name, f"{name.replace('_', ' ')}, tables included") for name in _FETCHES),
        *(number(name, name.replace("_", " ")) for name in _REQUESTS),
        *(cycles(f"cycles_{name.replace('-', '_')}", what) for name, what in _PARTS),
    ),
    _streams,
    sort="cycles",
)

SMMU_COMMANDS = Table(
    "smmu_commands",
    "Commands that the SMMU consumed; cycles of its clock.",
    (text("name", '"CMD_SYNC"'),),
    (number("count", "commands"), cycles("cycles", "from the begin of one until the next one could begin")),
    lambda report: ((c["name"], c["count"], c["cycles"]) for c in smmu(report)["commands"]),
)

SMMU_TLBS = Table(
    "smmu_tlbs",
    "Structures of the SMMU: TLBs, walk caches, caches of STEs and CDs.",
    (text("name", '"TBU TLBs" (all TBUs together; entries of one), "TLB", "STE cache"'),),
    (*STRUCTURE, *COUNTS),
    lambda report: ((t["name"], t["entries"], t["ways"], *counts(t)) for t in smmu(report)["structures"]),
)

SMMU_EVENTS = Table(
    "smmu_events",
    "Records of the SMMU's event queue by kind.",
    (text("name", '"F_TRANSLATION"'),),
    (number("count", "records"),),
    lambda report: list(smmu(report)["events"].items()),
)


def _smmu_evictions(report: Report) -> Iterator[Row]:
    for e in smmu(report).get("evictions", []):
        yield e["structure"], *_stream(e["victim"]), *_stream(e["evictor"]), e["count"]


SMMU_EVICTIONS = Table(
    "smmu_evictions",
    "Which stream displaced which stream's entries.",
    (
        text("name", "of the structure, as in `smmu_tlbs`"),
        number("victim", "StreamID whose entry left"),
        number("victim_substream", "its SubstreamID; -1: none"),
        text("victim_who", "in whose stage 2"),
        number("evictor", "StreamID for whose entry"),
        number("evictor_substream", "its SubstreamID; -1: none"),
        text("evictor_who", "in whose stage 2"),
    ),
    (number("count", "entries"),),
    _smmu_evictions,
)



def pl330_threads(report: Report) -> list[Report]:
    """Of the report's DMA controller; none when there is none."""
    threads: list[Report] = report["pl330"][0]["threads"] if "pl330" in report else []
    return threads


_BURSTS = ("reads", "writes")


def _pl330(report: Report) -> Iterator[Row]:
    for t in pl330_threads(report):
        bursts = (t[way][figure] for way in _BURSTS for figure in ("count", "bytes", "cycles"))
        yield t["name"], t["starts"], t["instructions"], t["fetches"], *bursts, t["faults"]


PL330_THREADS = Table(
    "pl330_threads",
    "What a DMA controller (PL330) did, by thread.",
    (text("thread", '"channel 0", "manager"'),),
    (
        number("starts", "programs, by DMAGO"),
        number("instructions", "executed, of its program"),
        number("fetches", "lines of microcode"),
        *(
            column
            for way, one in zip(_BURSTS, ("read", "write"))
            for column in (
                number(way, f"{one} bursts on its bus"),
                number(f"{one}_bytes", "bytes of those that were not refused", "bytes"),
                cycles(f"{one}_cycles", "of all of them, from the request to the last beat; of its clock"),
            )
        ),
        number("faults", "of the thread"),
    ),
    _pl330,
)

TABLES = (INTERRUPTS, SMMU_STREAMS, SMMU_COMMANDS, SMMU_TLBS, SMMU_EVENTS, SMMU_EVICTIONS, PL330_THREADS)
