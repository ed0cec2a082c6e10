"""What tests of sweeps share: a recorded trace, and replays that are counted.

Workers are forked: what a test puts in the place of `replay` is in them too.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from support import alive
from trapwalk import Config
from trapwalk.results import Run
from trapwalk.sweeps import work

TESTS = Path(__file__).parent
TRACES = TESTS.parents[1] / "traces"
TRAPWALK = os.environ["TRAPWALK"]


def import_trace(folder: Path) -> Path:
    """traces/true.lackey.zst, a program's start, as a trace."""
    text, trace = folder / "true.lackey", folder / "true.twt"
    subprocess.run(["zstd", "-dqf", str(TRACES / "true.lackey.zst"), "-o", str(text)], check=True)
    subprocess.run([TRAPWALK, "import", "lackey", str(text), str(trace)], check=True, capture_output=True)
    return trace


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return import_trace(tmp_path_factory.mktemp("trace"))


class Counted:
    """Replays that write down of which second-level TLB they are; `before` is called with its entries first."""

    def __init__(self, log: Path, before: Callable[[int], None] = lambda entries: None) -> None:
        self._log = log
        self._before = before
        self._replay = work.replay
        self.__signature__ = inspect.signature(work.replay)

    def __call__(self, trace: Any, config: Config, **arguments: Any) -> Run:
        entries = int(config["mmu.l2.entries"])
        with self._log.open("a") as file:
            file.write(f"{entries}\n")
        self._before(entries)
        return self._replay(trace, config, **arguments)

    def take(self) -> list[int]:
        """Entries of all replays since the last time, sorted."""
        entries = sorted(map(int, self._log.read_text().split())) if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return entries


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted(tmp_path / "replays")
    monkeypatch.setattr(work, "replay", counted)
    return counted


class Clock:
    """In the place of a pool's `time`: it stands, but for as long as the worker lives that `path` names, at each look too
    much time has gone by. (One that jumped just once did so before or after the pool had noted when the point began.)"""

    perf_counter = staticmethod(time.perf_counter)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._now = 0.0

    def monotonic(self) -> float:
        if self._path.exists() and alive(int(self._path.read_text())):
            self._now += 1e6
        return self._now


def is_late(path: Path) -> None:
    """The worker that calls this is, by a Clock of this path. Does not return."""
    part = path.with_suffix(".part")
    part.write_text(str(os.getpid()))
    part.rename(path)
    time.sleep(3600)


def ended(process: subprocess.Popen[Any]) -> bool:
    """By itself: what is waited for never comes."""
    return process.poll() is not None


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 1500) -> None:
    """`seconds`: then it hangs."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)
