"""`Run.summary()`: what the traps and walks cost, why, and what would help at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from trapwalk.advice import advice
from trapwalk.tables.core import PARTS
from trapwalk.words import count, duration, plural, share

if TYPE_CHECKING:
    from trapwalk.results import Run

_SHOWN = 5
_NO_CORE = "none"  #: the model of a replay


def summary(run: Run) -> str:
    sections = [list(part(run)) for part in (_what, _traps, _walks, _smmu, _help, _care)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _what(run: Run) -> Iterator[str]:
    about, cores, figure = run.report["run"], run.cores, run.metric
    clocks = dict.fromkeys(zip(cores["model"], cores["frequency"]))
    kinds = ", ".join(f"{model if model != _NO_CORE else 'MMU'} at {mhz:,} MHz" for model, mhz in clocks)
    end = f"{about['stopped']} (exit status {about['exit_status']})"
    machine = [f"{len(cores)} x {kinds}"] if len(cores) else []
    yield ", ".join([about["platform"], *machine, f"{about['fidelity']}; {end}"])
    spent = [f"{count(figure('cycles'))} cycles"] if len(cores) else []
    if figure("instructions"):
        spent.append(
            f"{count(figure('instructions'))} instructions, {figure('cycles_per_instruction'):.2f} cycles each"
        )
    time = f"{duration(figure('seconds'))} simulated"
    yield f"{', '.join(spent)}; {time}" if spent else time


def _traps(run: Run) -> Iterator[str]:
    if run.cores.empty:
        return
    whole, number = run.metric("cycles"), int(run.metric("traps.count"))
    yield "What the traps cost"
    if not number:
        yield "  nothing: there were none"
        return
    cycles = run.metric("traps.cycles")
    yield f"  {plural(number, 'trap')} took {share(cycles, whole)} of all cycles, {count(cycles / number)} each."
    by = ["who", "to", "control"]
    parts = run.trap_parts
    traps = run.traps
    # Traps that differ only in what they caught share a line.
    what = traps["control"].where(traps["control"] != "", traps["reason"])
    rows = pd.concat([traps[["who", "to", "count", "cycles"]], parts[PARTS], what.rename("control")], axis=1)
    rows = rows.groupby(by, sort=False).sum().sort_values("cycles", ascending=False, kind="stable")
    for (who, to, reason), row in rows.head(_SHOWN).iterrows():
        times = f"{plural(int(row['count']), 'time')}, {count(row['cycles'] / row['count'])} cycles each"
        yield f"  {share(row['cycles'], whole):>7}  {who} to EL{to}, {reason}: {times}: {_largest(row[PARTS])}"
    rest = rows.iloc[_SHOWN:]
    if len(rest):
        yield f"  {share(rest['cycles'].sum(), whole):>7}  {len(rest)} more kinds"
    after = run.metric("traps.refill_cycles_after")
    if after:
        yield f"  {share(after, whole):>7}  at least, after them: to find again what others displaced"


def _largest(parts: pd.Series) -> str:
    """The parts that make up most of a trap, three at most."""
    large = parts.sort_values(ascending=False, kind="stable").head(3)
    return ", ".join(f"{name} {share(cycles, parts.sum())}" for name, cycles in large.items() if cycles)


def _walks(run: Run) -> Iterator[str]:
    if run.cores.empty:
        return
    walks, whole = run.walks, run.metric("cycles")
    yield "What translation cost"
    number, cycles = int(walks["count"].sum()), walks["cycles"].sum()
    if not number:
        yield "  no walks"
    else:
        fetches = run.metric("walks.fetches_per_walk")
        stages = walks["cycles_stage1"].sum() + walks["cycles_stage2"].sum()
        stage2 = share(walks["cycles_stage2"].sum(), stages)
        each = f"{count(cycles / number)} each, with {fetches:.1f} descriptors; {stage2} of it stage 2"
        yield f"  {plural(number, 'walk')} took {share(cycles, whole)} of all cycles, {each}."
    tlbs = run.tlbs.groupby("name", sort=False)[["lookups", "misses"]].sum()
    for name, row in tlbs[tlbs["lookups"] > 0].iterrows():
        rate = share(row["misses"], row["lookups"])
        yield f"  {name}: {count(row['misses'])} of {count(row['lookups'])} look-ups missed ({rate})"


def _smmu(run: Run) -> Iterator[str]:
    streams = run.smmu_streams
    number = streams["translations"].sum()
    if not number:
        return
    yield "What the SMMU cost"
    cycles = streams["cycles"].sum()
    each = f"{count(cycles / number)} cycles of its clock each"
    yield f"  {plural(int(number), 'translation')}, {each}; {share(streams['answered_walk'].sum(), number)} walked"


def _help(run: Run) -> Iterator[str]:
    whole = run.metric("cycles")
    rows = advice(run)
    if rows:
        yield "What would help (each alone, at most so much of all cycles)"
        for row in rows[:_SHOWN]:
            yield f"  {share(row.at_most, whole):>7}  {row.text}"


def _care(run: Run) -> Iterator[str]:
    parameters = run.parameters
    unknown = int((parameters["provenance"] == "placeholder").sum())
    lines = []
    if unknown:
        known = f"{unknown} of {len(parameters)} parameters are placeholders"
        lines.append(f"  {known}: trust differences more than values")
    if len(run.contract_violations):
        lines.append("  software broke its contract with the MMU: see contract_violations")
    if len(run.unimplemented_encodings):
        lines.append("  instructions were met that the model does not have: see unimplemented_encodings")
    if not run.report["run"]["fidelity"].startswith("timed"):
        lines.append("  functional: an instruction takes a cycle, so that cycles say how often, not how long")
    if run.report["sampling"]["period"]:
        lines.append("  sampled: the figures are sums of the samples, see samples for their confidence")
    if lines:
        yield "Care"
        yield from lines
