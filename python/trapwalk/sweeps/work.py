"""What a point computes: a replay of a trace in this process, or a run of the `trapwalk` command."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Union

from trapwalk import _trapwalk
from trapwalk.command import command
from trapwalk.config import Config
from trapwalk.errors import Error, TraceError
from trapwalk.launch import run
from trapwalk.replaying import replay
from trapwalk.results import Run
from trapwalk.running.options import guest
from trapwalk.sweeps.content import contents, digest_of, digest_of_file
from trapwalk.sweeps.traces import TRACE
from trapwalk.trace import RECORD, AnyTrace, Trace

AnyTraces = Union[AnyTrace, Sequence[AnyTrace], None]

# Arguments of a run that say how it is watched, not what it computes, or that a sweep has for itself.
_NOT_OF_POINTS = ("traces", "config", "timeout", "progress", "echo", "check", "name", "reports")


@dataclass(frozen=True)
class Work:
    """A configuration, and what is done with it. Can be sent to another process.

    `origin` is what the point's key was made of: `configuration`, `content` of the trace, `arguments`, `build`.
    """

    config: Config
    traces: tuple[str | Trace, ...]  # files, or in memory; several are VMs; none: software
    arguments: Mapping[str, Any]  # of `trapwalk.replay` or `trapwalk.run`
    origin: Mapping[str, object]

    @property
    def key(self) -> str:
        return digest_of(self.origin)

    def report(self, loaded: Mapping[str, Trace] = MappingProxyType({})) -> str:
        """Computes it: the JSON text of the report. Raises whatever replays and runs raise. `loaded`: files that
        somebody has in memory."""
        if self.traces:
            # Files are opened here: workers that share an open one would share its offset.
            traces = [
                trace if isinstance(trace, Trace) else loaded[trace] if trace in loaded else Trace.open(trace)
                for trace in self.traces
            ]
            return text_of(replay(traces, self.config, **self.arguments))
        return text_of(run(self.config, progress=False, **self.arguments))

    def require_same(self) -> None:
        """Raises Error when this machine's build or trace is not the one that the key names."""
        if build(bool(self.traces)) != self.origin["build"]:
            raise Error("this machine has another build of trapwalk")
        if content_of(self.traces) != self.origin["content"]:
            raise Error(f"{', '.join(map(str, self.traces))}: another trace on this machine")


    def is_same(self) -> bool:
        """Whether this machine has that build and those traces."""
        try:
            self.require_same()
        except Error:
            return False
        return True


@dataclass(frozen=True)
class Subject:
    """What all points of a study are done with: traces, or software; and the arguments that they share.

    `choices`: the files that points differ in (a parameter, "trace"), each with what its content is known by.
    """

    traces: tuple[str | Trace, ...]
    content: Sequence[str]  # of each trace
    arguments: Mapping[str, Any]
    choices: Mapping[str, str]

    @classmethod
    def of(cls, traces: AnyTraces, arguments: Mapping[str, Any], choices: Sequence[str] = ()) -> Subject:
        """Raises TraceError for a file that is not there, or is no trace."""
        several = [traces] if isinstance(traces, (str, os.PathLike, Trace)) else list(traces or ())
        known = tuple(_file_or_memory(trace) for trace in several)
        for path in (*known, *choices):
            if isinstance(path, str) and not os.path.isfile(path):
                raise TraceError(f"{path}: there is no such file")
            if isinstance(path, str):
                Trace.open(path)
        digests = dict(zip(choices, content_of(choices)))
        return cls(known, content_of(known), dict(arguments), digests)

    def load(self) -> dict[str, Trace]:
        """The records of all files, by their paths, for workers that are forked to share; none when they would fill more
        than half of the memory that is free, or cannot be read (which the points then say)."""
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        paths = [trace for trace in (*self.traces, *self.choices) if isinstance(trace, str)]
        try:
            files = [Trace.open(path) for path in paths]
            if sum(map(len, files)) * RECORD.itemsize > free // 2:
                return {}
            return {path: file.select(slice(None)) for path, file in zip(paths, files)}
        except TraceError:
            return {}

    @property
    def name(self) -> str:
        names = [trace if isinstance(trace, str) else trace.name for trace in self.traces]
        return ", ".join([*names, *self.choices]) or "software"

    @property
    def names_of_arguments(self) -> list[str]:
        return names_of_arguments(bool(self.traces or self.choices)) + [TRACE] * bool(self.choices)

    def work(self, config: Config, more: Mapping[str, Any]) -> Work:
        """A point's, with `more` arguments. Raises Error for a file that cannot be read."""
        arguments = {**self.arguments, **more}
        traces, content = self.traces, self.content
        if self.choices:
            path = arguments.pop(TRACE)
            traces, content = (path,), [self.choices[path]]
        origin = {
            "configuration": config.digest(),
            "content": content,
            "arguments": contents({**arguments, **_images(arguments)}),
            "build": build(bool(traces)),
        }
        return Work(config, traces, arguments, origin)


def content_of(traces: Sequence[str | Trace]) -> list[str]:
    """SHA-256 of each trace: of a file's bytes, or of the records in memory."""
    return [digest_of_file(trace) if isinstance(trace, str) else _digest_of_records(trace) for trace in traces]


def _digest_of_records(trace: Trace) -> str:
    digest = hashlib.sha256(f"{trace.has_ipa} {trace.has_pa}".encode())
    for records in trace.blocks():
        digest.update(records.tobytes())
    return digest.hexdigest()


def _file_or_memory(trace: AnyTrace) -> str | Trace:
    if not isinstance(trace, Trace):
        return os.fspath(trace)
    return trace if trace.path is None else trace.path


def _images(arguments: Mapping[str, Any]) -> dict[str, object]:
    """What the names of software and of guest programs stand for."""
    images: dict[str, object] = {}
    if arguments.get("guest") is not None:
        images["guest"] = str(guest(arguments["guest"]))
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
