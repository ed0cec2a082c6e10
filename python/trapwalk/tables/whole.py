"""What concerns all of a run: parameters, provenance, region, samples, what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trapwalk.tables.table import Report, Row, Table, address, cycles, flag, number, real, text

PARAMETERS = Table(
    "parameters",
    "Every parameter of the run.",
    (text("key", '"mmu.l2.entries"'),),
    (
        text("value", "in this run"),
        text("default", "when nobody sets it"),
        flag("is_default", "they are equal"),
        text("unit", "of the value"),
        text("provenance", "architecture, measured, trm, paper, choice; placeholder: nobody knows it"),
        text("source", "document that it is from"),
        text("set_by", '"FILE:LINE", "--set"; empty: the default'),
    ),
    lambda report: (
        (
            p["key"],
            p["value"],
            p["default"],
            p["value"] == p["default"],
            p["unit"],
            p["provenance"],
            p["source"],
            p["set_by"],
        )
        for p in report["configuration"]
    ),
)


def _provenance(report: Report) -> Iterator[Row]:
    run = report["run"]
    for name in ("platform", "fidelity", "stopped", "exit_status", "simulated_ps"):
        yield name, run[name]
    for i, image in enumerate(run["images"]):
        yield f"image {i}", image
    yield "schema", report["schema"]
    yield "parameters", len(report["configuration"])
    yield "parameters set", sum(p["value"] != p["default"] for p in report["configuration"])
    for provenance, count in sorted(Counter(p["provenance"] for p in report["configuration"]).items()):
        yield f"parameters from {provenance}", count


PROVENANCE = Table(
    "provenance",
    "What ran, why it stopped, and where the parameters come from.",
    (text("name", "what"),),
    (text("value", "of it"),),
    _provenance,
)

REGIONS = Table(
    "regions",
    "Stretches that were measured; none when all of the run was.",
    (number("span", "from 0"),),
    (
        number("first_instruction", "of all cores since the start"),
        number("end_instruction", "the first one behind it"),
        number("begin", "simulated time", "ps"),
        number("end", "simulated time", "ps"),
    ),
    lambda report: (
        (i, s["first_instruction"], s["end_instruction"], s["begin_ps"], s["end_ps"])
        for i, s in enumerate(report["region"]["spans"])
    ),
)

SAMPLES = Table(
    "samples",
    "Means over the samples of a sampled region, else empty.",
    (text("name", "figure"),),
    (
        real("mean", "of the samples"),
        real("half_width", "half of its 95 % confidence interval; 0 with fewer than two samples"),
        number("samples", "in which it has a value"),
    ),
    lambda report: ((m["name"], m["mean"], m["half_width"], m["samples"]) for m in report["sampling"]["metrics"]),
)

CONTRACT_VIOLATIONS = Table(
    "contract_violations",
    "What software owed the MMU (mmu.check_contract), with the first of each kind.",
    (text("kind", '"break-before-make"'), text("what", "in words")),
    (
        number("count", "how often"),
        number("cpu", "core of the first"),
        cycles("cycle", "of that core"),
        address("pc", "of its basic block"),
        number("stage", "1 or 2"),
        address("address", "VA, or IPA of stage 2"),
        address("descriptor", "its physical address"),
        number("vmid", "VMID"),
        number("asid", "ASID"),
    ),
    lambda report: (
        (
            v["kind"],
            v["what"],
            v["count"],
            v["cpu"],
            v["cycle"],
            v["pc"],
            v["stage"],
            v["address"],
            v["descriptor"],
            v["vmid"],
            v["asid"],
        )
        for v in report.get("contract_violations", [])
    ),
)

UNIMPLEMENTED = Table(
    "unimplemented_encodings",
    "Instructions that the model does not have; they were UNDEFINED to the guest.",
    (address("instruction", "its encoding"),),
    (address("first_pc", "where it was met first"), number("count", "how often")),
    lambda report: ((u["instruction"], u["first_pc"], u["count"]) for u in report["unimplemented_encodings"]),
)

TABLES = (PARAMETERS, PROVENANCE, REGIONS, SAMPLES, CONTRACT_VIOLATIONS, UNIMPLEMENTED)
