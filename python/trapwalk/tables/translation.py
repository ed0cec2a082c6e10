"""Translation: walks, descriptor fetches, TLBs, ghosts, who displaced whom."""

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
    address,
    context,
    cycles,
    flag,
    number,
    owner,
    ratio,
    real,
    spread,
    spread_of,
    text,
)

SERVED_BY = tuple(_trapwalk.served_by())

_WALK = (
    CPU,
    *CONTEXT,
    text("regime", '"EL1&0", "EL2", "EL3", "stage 2 only", "SMMU"'),
    flag("stage1", "stage 1 took part"),
    flag("stage2", "stage 2 took part"),
    text("purpose", '"fetch", "data", "AT", "DMA", "prefetch"'),
)


def _walk_key(core: Report, walk: Report) -> Row:
    return (core["cpu"], *context(walk["context"]), walk["regime"], walk["stage1"], walk["stage2"], walk["purpose"])


def _walks_of(report: Report) -> Iterator[tuple[Report, Report]]:
    pairs = [(core, walk) for core in report["cores"] for walk in core["walks"]]
    pairs.sort(key=lambda pair: -int(pair[1]["cycles"]["sum"]))
    return iter(pairs)


def _walks(report: Report) -> Iterator[Row]:
    whole = accounted(report)
    for core, w in _walks_of(report):
        fetches = w["fetches_stage1"] + w["fetches_stage2"]
        yield (
            *_walk_key(core, w),
            w["count"],
            w["faults"],
            w["fetches_stage1"],
            w["fetches_stage2"],
            ratio(fetches, w["count"]),
            w["cycles"]["sum"],
            ratio(w["cycles"]["sum"], whole),
            w["cycles_stage1"],
            w["cycles_stage2"],
            w["cycles_final_stage2"],
            *spread_of(w["cycles"]),
            *(w["served_by"].get(name, 0) for name in SERVED_BY),
        )


WALKS = Table(
    "walks",
    "Translation table walks by who walked, through which stages, what for; those that cost most first.",
    _WALK,
    (
        number("count", "walks"),
        number("faults", "of them, ended by a fault"),
        number("fetches_stage1", "stage-1 descriptors"),
        number("fetches_stage2", "stage-2 descriptors"),
        real("fetches_per_walk", "descriptors of a walk"),
        cycles("cycles", "of all walks"),
        real("share", "of the cycles of all cores"),
        cycles("cycles_stage1", "of stage-1 descriptors"),
        cycles("cycles_stage2", "of stage-2 descriptors"),
        cycles("cycles_final_stage2", "of cycles_stage2, those of the walk of the final IPA"),
        *spread("the cycles of a walk"),
        *(number(f"served_by_{name.replace(' ', '_')}", f"descriptors that came from: {name}") for name in SERVED_BY),
    ),
    _walks,
    sort="cycles",
)


def _levels(report: Report) -> Iterator[Row]:
    for core, w in _walks_of(report):
        for level in w.get("levels", []):
            yield (
                *_walk_key(core, w),
                level["stage"],
                level["level"],
                level["for_stage1_level"],
                level["count"],
                level["cycles"],
                ratio(level["cycles"], level["count"]),
                ratio(level["count"], w["count"]),
            )


_PLACE = (
    number("stage", "1 or 2"),
    number("level", "of the descriptor, 0 to 3"),
    number("for_stage1_level", "stage 2: level of the stage-1 descriptor that was looked for; -1: the final IPA"),
)

WALK_LEVELS = Table(
    "walk_levels",
    "Descriptor fetches of all walks by stage and level; the rows of a walk in its order. A nested walk has one of "
    "stage 2 for each level of stage 1, and one for the final IPA.",
    (*_WALK, *_PLACE),
    (
        number("count", "descriptors"),
        cycles("cycles", "that they took"),
        real("mean", "of a descriptor", "cycles"),
        real("per_walk", "descriptors of a walk"),
    ),
    _levels,
)


def _fetches(report: Report) -> Iterator[Row]:
    for core in report["cores"]:
        for kept in ("recent", "longest"):
            for number_, w in enumerate(core[f"{kept}_walks"]):
                for order, f in enumerate(w["fetches"]):
                    yield (
                        *_walk_key(core, w),
                        kept,
                        number_,
                        order,
                        w["va"],
                        w["fault"],
                        f["stage"],
                        f["level"],
                        f["for_stage1_level"],
                        f["served_by"],
                        f["address"],
                        f["descriptor"],
                        f["cycles"],
                    )


WALK_FETCHES = Table(
    "walk_fetches",
    "Descriptor fetches of the walks that were kept whole: the last (keep_walks) and the longest "
    "(keep_longest_walks). A walk may be among both.",
    (
        *_WALK,
        text("kept", '"recent" or "longest"'),
        number("walk", "which of those of this core, from 0: oldest first, longest first"),
        number("order", "which fetch of the walk, from 0"),
    ),
    (
        address("va", "that was translated"),
        flag("fault", "the walk ended by a fault"),
        *_PLACE,
        text("served_by", "who had the descriptor"),
        address("address", "of the descriptor, physical"),
        address("descriptor", "its value"),
        cycles("cycles", "that it took"),
    ),
    _fetches,
)

COUNTS = (
    number("lookups", "look-ups"),
    number("hits", "of them found"),
    number("misses", "of them not found"),
    real("miss_rate", "misses of a look-up"),
    number("insertions", "entries written"),
    number("evictions", "entries that left for want of room"),
    number("invalidations", "TLBIs, and flushes for want of VMID tags"),
    number("entries_invalidated", "entries that they removed"),
)


def counts(t: Report) -> Row:
    return (
        t["lookups"],
        t["hits"],
        t["misses"],
        ratio(t["misses"], t["lookups"]),
        t["insertions"],
        t["evictions"],
        t["invalidations"],
        t["entries_invalidated"],
    )


STRUCTURE = (
    number("entries", "its size; 0: it is absent"),
    number("ways", "associativity; 0: fully associative"),
)

TLBS = Table(
    "tlbs",
    "Structures of each core's MMU: TLBs, walk caches, IPA cache.",
    (CPU, text("name", '"L1 data", "L2", "walk cache"')),
    (*STRUCTURE, *COUNTS),
    lambda report: (
        (c["cpu"], t["name"], t["entries"], t["ways"], *counts(t)) for c in report["cores"] for t in c["tlbs"]
    ),
)

#: What the structures of `GHOSTS` are called in `TLBS`.
STRUCTURE_OF_GHOST = {"tlb.l2": "L2", "walk_cache": "walk cache", "ipa": "IPA cache"}

GHOSTS = Table(
    "ghosts",
    "What structures of other sizes would have missed in the same run (`ghosts=` of `trapwalk.run`); all cores.",
    (text("structure", '"tlb.l2", "walk_cache", "ipa"'), *STRUCTURE),
    (
        number("lookups", "look-ups"),
        number("misses", "of them not found"),
        real("miss_rate", "misses of a look-up"),
        cycles("estimated_cycles", "misses at this run's mean cost of a miss"),
    ),
    lambda report: (
        (
            g["structure"],
            g["entries"],
            g["ways"],
            g["lookups"],
            g["misses"],
            ratio(g["misses"], g["lookups"]),
            g["estimated_cycles"],
        )
        for g in report.get("ghosts", [])
    ),
)


def _evictions(report: Report) -> Iterator[Row]:
    for core in report["cores"]:
        for kind in ("tlbs", "caches"):
            for s in core[kind]:
                for e in s["evictions_by"]:
                    yield core["cpu"], kind[:-1], s["name"], owner(e["victim"]), owner(e["evictor"]), e["count"]
    for s in report["shared_caches"]:
        for e in s["evictions_by"]:
            yield -1, "cache", s["name"], owner(e["victim"]), owner(e["evictor"]), e["count"]


EVICTIONS = Table(
    "evictions",
    "Who displaced whose entries, of TLBs and caches. As a matrix: `Run.interference`.",
    (
        number("cpu", "core; -1: shared by cores"),
        text("kind", '"tlb" or "cache"'),
        text("name", "of the structure, as in `tlbs` and `caches`"),
        text("victim", 'whose entry left: "VMID 1", "no stage 2"'),
        text("evictor", "for whose entry"),
    ),
    (number("count", "entries"),),
    _evictions,
)

TABLES = (WALKS, WALK_LEVELS, WALK_FETCHES, TLBS, GHOSTS, EVICTIONS)
