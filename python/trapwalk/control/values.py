"""What a session answers, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from trapwalk._shown import Shown

Answer = Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class Stop(Shown):
    """Why and where a run stands.

    Attributes:
        reason: "start", "steps", "instructions", "time", "goal" (the address or symbol of `run_until`), "breakpoint",
            "watchpoint", "text", "exception", "pause", "asleep" (every core waits, and nothing is scheduled that could wake one) or
            "ended".
        core: the core at which it stands, from 0; the next four are its.
        pc: address of its next instruction.
        el: exception level, 0 to 3.
        vmid: of the guest that it runs; None: it runs none.
        time: simulated seconds.
        instructions: of all cores since the start.
        breakpoint: number of the breakpoint or watchpoint; 0: none.
        address: of "watchpoint", the virtual address of the access; None otherwise.
        write: and whether it wrote.
        cause: of "ended", one word as in docs/run-protocol.md, "power-off" …
        message: of "ended", the same as a sentence.
        status: of "ended", the exit status.
    """

    reason: str
    core: int
    pc: int
    el: int
    vmid: int | None
    time: float
    instructions: int
    breakpoint: int = 0
    address: int | None = None
    write: bool = False
    cause: str = ""
    message: str = ""
    status: int = 0

    @classmethod
    def of(cls, answer: Answer) -> Stop:
        return cls(
            reason=answer["reason"],
            core=answer["core"],
            pc=answer["pc"],
            el=answer["el"],
            vmid=answer.get("vmid"),
            time=answer["simulated_ps"] / 1e12,
            instructions=answer["instructions"],
            breakpoint=answer.get("breakpoint", 0),
            address=answer.get("address"),
            write=answer.get("write", False),
            cause=answer.get("cause", ""),
            message=answer.get("message", ""),
            status=answer.get("status", 0),
        )


@dataclass(frozen=True, repr=False)
class CoreState(Shown):
    """Where a core is.

    Attributes:
        core: its number.
        pc, el, vmid: as in `Stop`.
        instructions, cycles: its own, since reset.
        powered: it was started.
        waiting: in WFI or WFE.
        time: its own simulated time, in seconds.
    """

    core: int
    pc: int
    el: int
    vmid: int | None
    instructions: int
    cycles: int
    powered: bool
    waiting: bool
    time: float

    @classmethod
    def of(cls, answer: Answer) -> CoreState:
        return cls(
            core=answer["core"],
            pc=answer["pc"],
            el=answer["el"],
            vmid=answer.get("vmid"),
            instructions=answer["instructions"],
            cycles=answer["cycles"],
            powered=answer["powered"],
            waiting=answer["waiting"],
            time=answer["simulated_ps"] / 1e12,
        )


@dataclass(frozen=True, repr=False)
class DescriptorFetch(Shown):
    """One descriptor of a walk.

    Attributes:
        stage: 1 or 2.
        level: 0 to 3 (-1 to 3 where the architecture has it).
        address: physical address of the descriptor.
        descriptor: its 64 bits.
        for_level: of stage 2, the stage-1 level whose descriptor is looked for; None: the result is.
    """

    stage: int
    level: int
    address: int
    descriptor: int
    for_level: int | None = None


@dataclass(frozen=True, repr=False)
class PageWalk(Shown):
    """Where an address leads, through the tables as they are; TLBs are not asked.

    Attributes:
        pa: physical address; None: a fault.
        ipa: intermediate physical address, where stage 2 is in force.
        page_bytes: size of the page or block, the smaller one of two stages.
        readable, writable, executable: what this exception level may do there.
        memory: "Normal", "Device-nGnRE" …; empty for an IPA.
        fault: "Translation", "Permission" …; empty: none.
        fault_stage, fault_level: where.
        walk: every descriptor, in the order in which a walker without caches reads them.
    """

    pa: int | None
    ipa: int | None
    page_bytes: int
    readable: bool
    writable: bool
    executable: bool
    memory: str
    fault: str
    fault_stage: int
    fault_level: int
    walk: tuple[DescriptorFetch, ...]

    @classmethod
    def of(cls, answer: Answer) -> PageWalk:
        fault = answer.get("fault", {})
        return cls(
            pa=answer.get("pa"),
            ipa=answer.get("ipa"),
            page_bytes=answer.get("page_bytes", 0),
            readable=answer.get("readable", False),
            writable=answer.get("writable", False),
            executable=answer.get("executable", False),
            memory=answer.get("memory", ""),
            fault=fault.get("type", ""),
            fault_stage=fault.get("stage", 0),
            fault_level=fault.get("level", 0),
            walk=tuple(
                DescriptorFetch(
                    row["stage"], row["level"], row["address"], row["descriptor"], row.get("for_stage1_level")
                )
                for row in answer["walk"]
            ),
        )

    def __str__(self) -> str:
        """The walk, a line a descriptor, and what comes of it."""
        lines = [
            f"stage {fetch.stage} level {fetch.level}{_purpose(fetch)}: [{fetch.address:#x}] = {fetch.descriptor:#018x}"
            for fetch in self.walk
        ]
        if self.pa is None:
            lines.append(f"{self.fault} fault, stage {self.fault_stage} level {self.fault_level}")
        else:
            may = "".join(
                letter if is_allowed else "-"
                for letter, is_allowed in zip("rwx", (self.readable, self.writable, self.executable))
            )
            lines.append(f"PA {self.pa:#x}, {self.page_bytes} bytes, {may} {self.memory}".rstrip())
        return "\n".join(lines)


def _purpose(fetch: DescriptorFetch) -> str:
    if fetch.stage == 1:
        return ""
    return (
        f" for the stage 1 descriptor of level {fetch.for_level}" if fetch.for_level is not None else " for the result"
    )
