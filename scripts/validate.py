#!/usr/bin/env python3
"""Measures what docs/validation.md compares, and writes that page: docs/validation.in.md with the table put in.

    validate.py [--build FOLDER] [--only ROW,…] [--software] [--output FILE]

The rows are in validation/. Their workloads are guests/validation (guests/README.md) and the DMA study
(docs/dma-study.md). --software: the rows that need real software too (Xen; `trapwalk software` fetches it). Exit
status: 0 written, 1 a program failed or printed nothing for a row.
"""

import argparse
import pathlib
import sys

from validation import dma, exits, walks
from validation.row import Row
from validation.runs import ROOT, Failure, Runs

PLACE = "<!-- measured -->"
FIT = "fitted"  # a parameter was chosen so that this row comes out: it says nothing about the model
ROWS = [*exits.CYCLES, *walks.ROWS, *exits.INSTRUCTIONS, *dma.ROWS]
NOT_REACHED = [
    ("5", "with VHE: 752, 1,604, 7,630, 2,526", "VHE is not built; user space would need a real KVM"),
    ("6", "kvm-unit-tests on real KVM",
     "no KVM runs here yet; EOI on N1 (14 ns) is what `gic.system_register_write` was taken from"),
    ("9", "nested hypercalls", "NV2 is not built"),
    ("10", "SMC round trip under TF-A", "TF-A boots; no program measures PSCI_VERSION under it yet"),
    ("12", "refills rise 3.4 times",
     "a matter of the guest's page sizes: 1.0 with 4 KB at stage 1 here, without bound with 2 MB"),
    ("13", "Bao 188, Jailhouse 226", "neither is packaged in Debian"),
    ("16", "sizes of walk and configuration caches, translation slots",
     "parameters (`platforms/smmu/*.toml`): there is no measurement that they could be judged by"),
]


def plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.2f}"


def error(row: Row, value: float) -> str:
    if row.low <= value <= row.high:
        return "0 %"
    nearest = row.low if value < row.low else row.high
    return f"{100 * (value / nearest - 1):+.0f} %"


def table(rows, runs) -> list[str]:
    lines = [
        "| row | what | target | model | error | | parameter set | source | remark |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        value = row.model(runs)
        lines.append(
            f"| {row.anchor} | {row.what} | {row.target} {row.unit} | {plain(value)} | {error(row, value)} | "
            f"{FIT if row.fitted else ''} | {row.configuration} | {row.source} | {row.remark} |"
        )
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
    lines += [
        f"| {r.anchor} | {r.what} | {r.target} {r.unit} | | | | {r.configuration} | {r.source} | "
        "not run: `make validate SOFTWARE=1` |"
        for r in left_out
    ]
    output = options.output or (None if only else ROOT / "docs/validation.md")
    if output:
        template = (ROOT / "docs/validation.in.md").read_text()
        output.write_text(template.replace(PLACE, "\n".join(lines + ["", "Not reached:", ""] + not_reached())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
