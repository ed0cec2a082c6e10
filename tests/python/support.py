"""What several test files share."""

import os
import pathlib

import pytest

needs_command = pytest.mark.skipif(
    not pathlib.Path(os.environ["TRAPWALK"]).exists(), reason="there is no command: it is built without SystemC"
)


def process(pid: int) -> tuple[str, str, int] | None:
    """Name, state and parent of a process (proc(5), "stat"); None of one that is gone."""
    try:
        before, _, after = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except OSError:
        return None
    state, parent = after.split()[:2]
    return before.partition("(")[2], state, int(parent)


def alive(pid: int) -> bool:
    """Whether there is a process, a zombie being none."""
    found = process(pid)
    return found is not None and found[1] not in "ZX"


def children(of: int | None = None) -> dict[int, str]:
    """The names of a parent's (this process's) children, zombies too, by their pids. Not by ps: Debian's hangs under a
    sanitizer's LD_PRELOAD."""
    parent = os.getpid() if of is None else of
    found = {}
    for pid in sorted(int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
        its = process(pid)
        if its is not None and its[2] == parent:
            found[pid] = its[0]
    return found
