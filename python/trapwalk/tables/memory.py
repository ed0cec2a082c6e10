"""Caches, branches, interconnect and DRAM."""

from __future__ import annotations

from collections.abc import Iterator

from trapwalk import _trapwalk
from trapwalk.tables.table import CONTEXT, CPU, Report, Row, Table, context, cycles, number, ratio, real, text

# Times among the counters are called "…_wait".
_COUNTERS = tuple(
    cycles(name, what) if name.endswith("_wait") else number(name, what) for name, what in _trapwalk.cache_counters()
)


def _caches(report: Report) -> Iterator[Row]:
    own = [(core["cpu"], cache) for core in report["cores"] for cache in core["caches"]]
    for cpu, c in own + [(-1, cache) for cache in report["shared_caches"]]:
        counts = c["counts"]
        yield (
            cpu,
            c["name"],
            c["size"],
            c["ways"],
            c["latency"],
            ratio(counts.get("misses", 0), counts.get("accesses", 0)),
            *(counts.get(column.name, 0) for column in _COUNTERS),
        )


CACHES = Table(
    "caches",
    "Caches of the cores, then those that they share (cpu -1).",
    (number("cpu", "core; -1: shared by cores"), text("name", '"L1 data", "L2"')),
    (
        number("size", "its size", "bytes"),
        number("ways", "associativity"),
        cycles("latency", "that a look-up adds"),
        real("miss_rate", "misses of an access"),
        *_COUNTERS,
    ),
    _caches,
)


def _branches(report: Report) -> Iterator[Row]:
    for core in report["cores"]:
        for b in core["branches"]:
            wrong = b["wrong_direction"] + b["wrong_target"]
            yield (
                core["cpu"],
                *context(b["context"]),
                b["kind"],
                b["branches"],
                b["taken"],
                wrong,
                ratio(wrong, b["branches"]),
                b["wrong_direction"],
                b["wrong_target"],
                b["unknown_target"],
            )


BRANCHES = Table(
    "branches",
    "Branches by who ran them and kind, and how they were predicted; empty when the pipeline predicts none.",
    (CPU, *CONTEXT, text("kind", '"conditional", "direct", "call", "indirect", "indirect-call", "return"')),
    (
        number("branches", "executed"),
        number("taken", "of them taken"),
        number("mispredicted", "of them: wrong_direction and wrong_target"),
        real("misprediction_rate", "mispredictions of a branch"),
        number("wrong_direction", "taken or not was predicted wrongly"),
        number("wrong_target", "where to was predicted wrongly"),
        number("unknown_target", "predicted rightly, but the target was known after decoding only"),
    ),
    _branches,
)


LINKS = Table(
    "links",
    "Ports from the interconnect to its targets (with interconnect.contention), else empty.",
    (text("name", "the region that it leads to"),),
    (
        number("transactions", "whose time counts"),
        number("bytes", "of them", "bytes"),
        cycles("waited_to_enter", "for limits of outstanding transactions, write channels and the arbiter"),
        cycles("waited_for_data", "of answers, for read channels"),
    ),
    lambda report: (
        (k["name"], k["transactions"], k["bytes"], k["waited_to_enter"], k["waited_for_data"]) for k in report["links"]
    ),
)

_DRAM = (
    number("clock_mhz", "command clock", "MHz"),
    number("elapsed_clocks", "of the measurement", "clocks"),
    number("bytes_per_clock", "of all channels, at most", "bytes"),
    number("reads", "accesses that came to the controller"),
    number("writes", "accesses that came to the controller"),
    number("bytes", "of both", "bytes"),
    number("row_hits", "bursts whose row was open"),
    number("row_closed", "bursts that found no row open"),
    number("row_conflicts", "bursts that found another row open"),
    number("read_clocks", "from arrival to answer, all reads", "clocks"),
    number("queued_clocks", "that accesses waited for a place in a queue", "clocks"),
    number("refresh_clocks", "that bursts waited for a refresh", "clocks"),
    number("bus_clocks", "with data on the buses", "clocks"),
)

DRAM = Table(
    "dram",
    "Memory controllers with DRAM (memory.model = dram), else empty. Clocks are the DRAM's.",
    (number("controller", "from 0"),),
    _DRAM,
    lambda report: ((i, *(d[column.name] for column in _DRAM)) for i, d in enumerate(report["dram"])),
)

TABLES = (CACHES, BRANCHES, LINKS, DRAM)
