"""What a point computes: a replay of a trace in this process, or a run of the `trapwalk` command."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trapwalk import _trapwalk
from trapwalk.command import command
from trapwalk.config import Config
from trapwalk.errors import Error, TraceError
from trapwalk.launch import run
from trapwalk.replaying import replay
from trapwalk.results import Run
from trapwalk.running.options import guest_file
from trapwalk.sweeps.content import contents, digest_of, digest_of_file
from trapwalk.trace import RECORD, Trace

# Arguments of a run that say how it is watched, not what it computes, or that a sweep has for itself.
_NOT_OF_POINTS = ("trace", "config", "timeout", "progress", "echo", "check", "name", "reports")


@dataclass(frozen=True)
class Work:
    """A configuration, and what is done with it. Can be sent to another process.

    `origin` is what the point's key was made of: `configuration`, `content` of the trace, `arguments`, `build`.
    """

    config: Config
    trace: str | Trace | None  # a file, or in memory; None: software
    arguments: Mapping[str, Any]  # of `trapwalk.replay` or `trapwalk.run`
    origin: Mapping[str, object]

    @property
    def key(self) -> str:
        return digest_of(self.origin)

    def report(self, loaded: Trace | None = None) -> str:
        """Computes it: the JSON text of the report. Raises whatever replays and runs raise. `loaded`: the trace of the
        file in memory, if somebody has it."""
        if self.trace is not None:
            # A file is opened here: workers that share an open one would share its offset.
            trace = loaded or (Trace.open(self.trace) if isinstance(self.trace, str) else self.trace)
            return text_of(replay(trace, self.config, **self.arguments))
        return text_of(run(self.config, progress=False, **self.arguments))

    def require_same(self) -> None:
        """Raises Error when this machine's build or trace is not the one that the key names."""
        if build(self.trace is not None) != self.origin["build"]:
            raise Error("this machine has another build of trapwalk")
        if content_of(self.trace) != self.origin["content"]:
            raise Error(f"{self.trace}: another trace on this machine")


@dataclass(frozen=True)
class Subject:
    """What all points of a study are done with: a trace, or software; and the arguments that they share."""

    trace: str | Trace | None
    content: str  # of the trace
    arguments: Mapping[str, Any]

    @classmethod
    def of(cls, trace: str | os.PathLike[str] | Trace | None, arguments: Mapping[str, Any]) -> Subject:
        """Raises TraceError for a file that is not there."""
        if isinstance(trace, Trace) and trace.path is not None:
            trace = trace.path
        path = trace if trace is None or isinstance(trace, Trace) else os.fspath(trace)
        if isinstance(path, str) and not os.path.isfile(path):
            raise TraceError(f"{path}: there is no such file")
        return cls(path, content_of(path), dict(arguments))

    def load(self) -> Trace | None:
        """A file's records, for workers that are forked to share; None when they would fill more than half of the memory
        that is free, or cannot be read (which the points then say)."""
        if not isinstance(self.trace, str):
            return None
        try:
            file = Trace.open(self.trace)
            if len(file) * RECORD.itemsize > os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2:
                return None
            loaded = Trace.from_records(file[:], has_ipa=file.has_ipa, has_pa=file.has_pa)
        except TraceError:
            return None
        loaded.name = file.name
        return loaded

    @property
    def name(self) -> str:
        return "software" if self.trace is None else str(self.trace)

    @property
    def names_of_arguments(self) -> list[str]:
        return names_of_arguments(self.trace is not None)

    def work(self, config: Config, more: Mapping[str, Any]) -> Work:
        """A point's, with `more` arguments. Raises Error for a file that cannot be read."""
        arguments = {**self.arguments, **more}
        origin = {
            "configuration": config.digest(),
            "content": self.content,
            "arguments": contents({**arguments, **_images(arguments)}),
            "build": build(self.trace is not None),
        }
        return Work(config, self.trace, arguments, origin)


def content_of(trace: str | Trace | None) -> str:
    """SHA-256 of a trace file, or of the records of a trace in memory; empty for software."""
    if trace is None or isinstance(trace, str):
        return digest_of_file(trace) if trace is not None else ""
    digest = hashlib.sha256(f"{trace.has_ipa} {trace.has_pa}".encode())
    for records in trace.blocks():
        digest.update(records.tobytes())
    return digest.hexdigest()


def _images(arguments: Mapping[str, Any]) -> dict[str, object]:
    """What the names of software and of guest programs stand for."""
    images: dict[str, object] = {}
    if arguments.get("guest") is not None:
        images["guest"] = str(guest_file(arguments["guest"]))
    if arguments.get("software") is not None:
        images["software"] = _options_of_software(command(), str(arguments["software"]))
    return images


@functools.lru_cache(maxsize=16)
def _options_of_software(command: str, name: str) -> list[str]:
    words = [command, "software", "options", name]
    told = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if told.returncode != 0:
        raise Error(told.stderr.strip() or f"software: {name} cannot be had")
    return told.stdout.splitlines()


def build(in_process: bool) -> str:
    """SHA-256 of the program that computes: this package's module, or the `trapwalk` command."""
    return digest_of_file(_trapwalk.__file__ if in_process else command())


def text_of(run: Run) -> str:
    """A report as it is stored: one line, its members in their order."""
    return json.dumps(run.report, separators=(",", ":"), ensure_ascii=False)


def names_of_arguments(of_replay: bool) -> list[str]:
    """Arguments of `trapwalk.replay` or `trapwalk.run` that points may have."""
    function: Any = replay if of_replay else run
    return [name for name in inspect.signature(function).parameters if name not in _NOT_OF_POINTS]
