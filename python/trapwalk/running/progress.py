"""How far a run is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Optional, Union

from tqdm.auto import tqdm


@dataclass(frozen=True)
class Progress:
    """Where a run is, as it said last (docs/run-protocol.md); all zero and empty until it says something.

    Attributes:
        host_seconds: since it was started.
        instructions: of all cores since the start.
        simulated_seconds: simulated time.
        mips: million instructions a second of the host.
        phase: "functional", "warm-up", "measured".
        where: exception level and VM of the core that ran last: "EL1 VMID 2".
    """

    host_seconds: float = 0.0
    instructions: int = 0
    simulated_seconds: float = 0.0
    mips: float = 0.0
    phase: str = ""
    where: str = ""


Callback = Callable[[Progress], None]
Wanted = Union[bool, None, Callback]


def progress_of(event: dict[str, Any], last: Progress, host_seconds: float) -> Progress:
    """`last`, changed by what an event says."""
    where = last.where
    if "el" in event:
        where = f"EL{event['el']}" + (f" VMID {event['vmid']}" if "vmid" in event else "")
    return Progress(
        host_seconds,
        int(event.get("instructions", last.instructions)),
        float(event.get("simulated_ps", last.simulated_seconds * 1e12)) / 1e12,
        float(event.get("mips", last.mips)),
        str(event.get("phase", last.phase)),
        where,
    )


class Bar:
    """On standard error, in a terminal or a notebook; where nobody can see it, nothing."""

    def __init__(self, title: str, limit: Optional[int]) -> None:
        visible = sys.stderr.isatty() or "ipykernel" in sys.modules
        self._bar = tqdm(
            desc=title, total=limit, unit="instr", unit_scale=True, disable=not visible, dynamic_ncols=True
        )
        self._seen = 0

    def __call__(self, progress: Progress) -> None:
        self._bar.update(progress.instructions - self._seen)
        self._seen = progress.instructions
        about = [f"{progress.simulated_seconds:.6f} s simulated", progress.phase, progress.where]
        self._bar.set_postfix_str(", ".join(word for word in about if word))

    def close(self) -> None:
        self._bar.close()


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() - self._start
