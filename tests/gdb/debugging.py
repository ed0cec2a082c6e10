"""What the scripts that run inside gdb share."""
from __future__ import annotations

import os
import pathlib
import sys

import gdb

sys.path.insert(0, str(pathlib.Path(__file__).parent))


def execute(command: str) -> str:
    """What gdb says to it."""
    return gdb.execute(command, to_string=True)


_events: list[gdb.Event] = []


def go(command: str) -> gdb.Event:
    """Lets the run go on; why it stands."""
    _events.clear()
    execute(command)
    check(_events, command, "and it did not stop")
    return _events[-1]


def connect() -> None:
    for setting in ("pagination off", "confirm off", "width 0", "remotetimeout 1500", "tcp connect-timeout 1500"):
        execute("set " + setting)
    gdb.events.stop.connect(_events.append)
    gdb.events.exited.connect(_events.append)
    execute("target remote " + os.environ["TRAPWALK_GDB"])


def check(condition: object, *what: object) -> None:
    if not condition:
        raise gdb.GdbError(f"wrong: {what}")


def has(text: str, *parts: str) -> str:
    for part in parts:
        check(part in text, part, text)
    return text


def value(expression: str) -> int:
    return int(gdb.parse_and_eval(expression)) & ((1 << 64) - 1)


def callers() -> list[str]:
    """Names of the frames, the innermost first."""
    frame, names = gdb.newest_frame(), []
    while frame is not None:
        names.append(frame.name() or "?")
        frame = frame.older()
    return names
