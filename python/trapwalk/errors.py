"""What goes wrong, as exceptions. All are `Error`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, Sequence

if TYPE_CHECKING:
    from trapwalk.results import Run


class Error(Exception):
    """Base of every exception that Trapwalk raises on purpose."""


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong.

    Attributes:
        where: "file:line:column", the assignment, the parameter, or empty.
        message: what is wrong.
        key: the parameter that it is about, as it was written; empty: none.
    """

    where: str
    message: str
    key: str = ""


class ConfigError(Error):
    """A parameter that does not exist, or a value that it cannot have. The message names file, line and key.

    Attributes:
        complaints: all that is wrong, one by one; empty when the message says it all.
        keys: the parameters that they are about.
    """

    def __init__(self, message: str, complaints: Sequence[tuple[str, str, str]] = ()) -> None:
        super().__init__(message)
        self.complaints = tuple(Complaint(*complaint) for complaint in complaints)
        self.keys = tuple(complaint.key for complaint in self.complaints if complaint.key)


class TraceError(Error):
    """A trace that is damaged, truncated or foreign. The message names the file and the offset."""


class StoreError(Error):
    """A file of results that cannot be read or written: another kind of file, locked, a full disk. The message names it."""


class ReportError(Error):
    """A file that is no report of this schema, or a damaged one. The message names file and member."""


class SessionError(Error):
    """A request to a run under control that it refused: a name that does not exist, an address that does not translate …"""


class RunError(Error):
    """A run that did not end as it should.

    Attributes:
        status: exit status of the worker process; negative: the signal that killed it.
        stderr: the last lines that it wrote there.
        run: what was measured so far, a `Run`; None when the worker left no report.
    """

    def __init__(self, message: str, status: int = 1, stderr: str = "", run: Optional[Run] = None) -> None:
        super().__init__(message)
        self.status = status
        self.stderr = stderr
        self.run = run

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.status, self.stderr, self.run)
