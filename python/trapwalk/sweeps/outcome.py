"""What became of a point."""

from __future__ import annotations

from dataclasses import dataclass

DONE = "done"
FAILED = "failed"  # an exception: its message
TIMEOUT = "timeout"
KILLED = "killed"  # the process that computed it died


@dataclass(frozen=True)
class Outcome:
    """Status, why (empty when done), the report's JSON text (empty unless done), seconds of the host."""

    status: str
    message: str = ""
    report: str = ""
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        return self.status == DONE
