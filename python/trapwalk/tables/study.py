"""What `--platform dma-study` measured (docs/dma-study.md): masters by stream, I/Os and faults, commands sent.

Other runs have no such member; their tables are empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from trapwalk.tables.table import Column, Report, Row, Table, number, ratio, real, spread, text

_PICOSECONDS = 10**12


def study(report: Report) -> Report:
    """The report's study; empty when there is none."""
    found: Report = report.get("study", {})
    return found


def _spread_of(latency: Report) -> Row:
    return ratio(latency["sum_ps"], latency["count"]), latency["p50_ps"], latency["p99_ps"], latency["max_ps"]


def _masters(report: Report) -> Iterator[Row]:
    for master in study(report).get("masters", []):
        seconds = master["elapsed_ps"] / _PICOSECONDS
        for s in master["streams"]:
            yield (
                master["name"],
                s["stream"],
                s.get("substream", -1),
                s["reads"],
                s["writes"],
                s["read_bytes"],
                s["written_bytes"],
                master["elapsed_ps"],
                ratio(s["read_bytes"], seconds),
                ratio(s["written_bytes"], seconds),
                ratio(s["reads"] + s["writes"], seconds),
                s["refused"],
                s["wrong"],
                *_spread_of(s["read_latency"]),
                *_spread_of(s["write_latency"]),
            )


def _latency(kind: str) -> tuple[Column, ...]:
    return spread(f"the time of a {kind}, from the device's wish to the end", "ps", f"{kind}_")


STUDY_MASTERS = Table(
    "study_masters",
    "DMA masters of the DMA study by stream; none where it makes I/Os.",
    (
        text("master", "its name"),
        number("stream", "StreamID"),
        number("substream", "SubstreamID; -1: none"),
    ),
    (
        number("reads", "requests"),
        number("writes", "requests"),
        number("read_bytes", "that they asked for", "bytes"),
        number("written_bytes", "that they sent", "bytes"),
        number("elapsed", "of what is counted, of all streams of the master", "ps"),
        real("read_rate", "read_bytes in that time", "bytes/s"),
        real("written_rate", "written_bytes in that time", "bytes/s"),
        real("request_rate", "reads and writes in that time", "1/s"),
        number("refused", "requests that ended in an abort"),
        number("wrong", "reads that came back with what belongs elsewhere"),
        *_latency("read"),
        *_latency("write"),
    ),
    _masters,
)

_LATENCIES = {
    "latency": ("I/O", "an I/O, from its mapping to the end of its invalidation"),
    "unmapping": ("unmapping", "of that, unmapping and invalidation"),
    "to_doorbell": ("to the doorbell", "of that, until the SMMU was told of the commands"),
    "to_sync": ("to the end of CMD_SYNC", "of that, until they were done"),
}


def _latencies(report: Report) -> Iterator[Row]:
    found = study(report)
    parts = [(name, what, found["io"][key]) for key, (name, what) in _LATENCIES.items() if "io" in found]
    if "faults" in found:
        parts.append(("fault", "a stalled fault, from the interrupt to its CMD_RESUME", found["faults"]["answer"]))
    for name, what, latency in parts:
        if latency["count"]:
            yield name, latency["count"], latency["min_ps"], *_spread_of(latency), what


STUDY_LATENCIES = Table(
    "study_latencies",
    "How long I/Os of the DMA study took, its parts, and answers to stalled faults; what never happened has no row.",
    (text("name", '"I/O", "unmapping", "to the doorbell", "to the end of CMD_SYNC", "fault"'),),
    (
        number("count", "how often"),
        number("min", "least of the time", "ps"),
        *spread("the time", "ps"),
        text("what", "in words"),
    ),
    _latencies,
)

STUDY_COMMANDS = Table(
    "study_commands",
    "Commands that the driver of the DMA study sent to the SMMU.",
    (text("name", '"CMD_SYNC"'),),
    (number("count", "commands"),),
    lambda report: list(study(report).get("io", {}).get("commands_sent", {}).items()),
)

TABLES = (STUDY_MASTERS, STUDY_LATENCIES, STUDY_COMMANDS)
