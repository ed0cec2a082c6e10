"""What would help: rules over a run's figures. Each says how many cycles it could save at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from trapwalk.metrics import slug
from trapwalk.tables.translation import STRUCTURE_OF_GHOST

if TYPE_CHECKING:
    from trapwalk.results import Run

LEAST_SHARE = 0.005  # of all cycles: what saves less is not worth a line


@dataclass(frozen=True)
class Advice:
    """`at_most`: cycles of all cores that would vanish if it worked perfectly; no promise."""

    at_most: int
    text: str


@dataclass(frozen=True)
class _Remedy:
    """For traps whose reason begins with `reason`."""

    reason: str
    text: str


# First match wins. The reason is that of Run.traps: "CONTROL: SUBJECT".
_REMEDIES = (
    _Remedy("HVC", "fewer hypercalls: several requests in one, or memory that both sides share"),
    _Remedy("HCR_EL2.TSC", "fewer SMCs that EL2 catches: PSCI by HVC, or passed on"),
    _Remedy("HCR_EL2.TVM", "HCR_EL2.TVM cleared once the guest's caches and MMU are on"),
    _Remedy("HCR_EL2.TRVM", "HCR_EL2.TRVM cleared: reads of EL1's own registers need no trap"),
    _Remedy("HCR_EL2.TTLB", "HCR_EL2.TTLB cleared: VMIDs keep a guest's TLBIs to itself"),
    _Remedy("HCR_EL2.TW", "waits left to the guest (HCR_EL2.TWI, TWE) while nobody else wants the core"),
    _Remedy("HCR_EL2.TID", "ID registers of the hardware where the guest may see them (HCR_EL2.TIDx)"),
    _Remedy("HCR_EL2.T", "cache and ID operations left to the guest where that is safe"),
    _Remedy("CNTHCTL_EL2", "CNTVOFF_EL2 and the virtual counter and timer instead of trapped ones"),
    _Remedy("MDCR_EL2", "debug and performance registers given to one guest at a time, switched lazily"),
    _Remedy("CPTR_EL2", "floating-point state switched with the guest when it always uses it"),
    _Remedy("stage-2 translation fault", "stage 2 mapped ahead, or in larger blocks"),
    _Remedy("stage-2 permission fault", "dirty pages tracked by hardware (HAFDBS), or in larger units"),
    _Remedy("stage-2", "stage 2 set up ahead of its use"),
    _Remedy("virtual ", "fewer interrupts to the guest: coalesced by the device"),
    _Remedy("IRQ", "fewer interrupts that end the guest's turn: direct injection, longer time slices, fewer ticks"),
    _Remedy("FIQ", "fewer interrupts that end the guest's turn"),
)


def advice(run: Run) -> list[Advice]:
    """What could save at least `LEAST_SHARE` of all cycles, most first. Savings overlap: they do not add up."""
    found = [a for rule in _RULES for a in rule(run)]
    least = max(1.0, LEAST_SHARE * run.metric("cycles"))
    return sorted((a for a in found if a.at_most >= least), key=lambda a: -a.at_most)


def _fewer_traps(run: Run) -> Iterator[Advice]:
    traps = run.traps
    if traps.empty:
        return
    traps = traps[traps["to"] > traps["el"]]
    cost = traps["cycles"] + traps["tlb_refill_cycles_after"] + traps["cache_refill_cycles_after"]
    remedy = traps["reason"].map(_remedy)
    for text, cycles in cost.groupby(remedy).sum().items():
        count = int(traps["count"][remedy == text].sum())
        yield Advice(int(cycles), f"{text} ({count:,} traps)")


def _remedy(reason: str) -> str | None:
    return next((r.text for r in _REMEDIES if reason.startswith(r.reason)), None)


def _cheaper_traps(run: Run) -> Iterator[Advice]:
    parts = run.trap_parts
    if _value(run, "gic.version") == 2 and "gic" in parts:
        yield Advice(int(parts["gic"].sum()), "GICv3: system registers instead of GICv2's memory-mapped ones in traps")
    if "device" in parts:
        yield Advice(int(parts["device"].sum()), "fewer accesses of the hypervisor to devices")
    if "switch" in parts:
        yield Advice(int(parts["switch"].sum()), "a lazy world switch, or VHE: less state saved and loaded")


def _translation(run: Run) -> Iterator[Advice]:
    walks = run.walks
    guests = walks[walks["stage2"]]
    yield Advice(int(guests["cycles_stage2"].sum()), "larger stage-2 pages, an IPA cache or a walk cache")
    if _value(run, "mmu.walk_cache.entries") == 0:
        yield Advice(int(walks["cycles_stage1"].sum()), "a walk cache (mmu.walk_cache.entries is 0)")
    refills = int(run.traps["tlb_refill_cycles_after"].sum())
    if _value(run, "mmu.vmid_tagging") is False:
        yield Advice(refills, "VMID tags (mmu.vmid_tagging is off): flushed entries had to be found again")
    yield from _ghosts(run)


def _ghosts(run: Run) -> Iterator[Advice]:
    """The smallest size of each structure that saves at least nine tenths of what the best of them does."""
    for structure, rows in run.ghosts.groupby("structure"):
        if structure not in STRUCTURE_OF_GHOST:
            continue
        misses = run.metric(f"tlbs.{slug(STRUCTURE_OF_GHOST[str(structure)])}.misses")
        per_miss = rows["estimated_cycles"].sum() / max(1, rows["misses"].sum())
        saved = ((misses - rows["misses"]) * per_miss).clip(lower=0)
        if saved.empty or saved.max() <= 0:
            continue
        best = rows[saved >= 0.9 * saved.max()].sort_values("entries").iloc[0]
        ways = f"{best['ways']} ways" if best["ways"] else "fully associative"
        cycles = int((misses - best["misses"]) * per_miss)
        size = f"{structure} with {best['entries']:,} entries, {ways}"
        yield Advice(cycles, f"{size}: {best['misses']:,} misses, not {int(misses):,}")


_RULES: tuple[Callable[[Run], Iterator[Advice]], ...] = (_fewer_traps, _cheaper_traps, _translation)


def _value(run: Run, key: str) -> Any:
    rows: pd.DataFrame = run.parameters
    found = rows.loc[rows["key"] == key, "value"]
    return found.iloc[0] if len(found) else None
