"""Traces as a parameter: files that the points of a study differ in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trapwalk.errors import ConfigError
from trapwalk.trace import Trace

TRACE = "trace"  #: the parameter's name
Axes = Mapping[str, Any]


def with_paths(axes: Axes, path_of: Callable[[Any], str] | None = None) -> dict[str, Any]:
    """The same parameters, with the traces among them by `path_of`, or their paths. Raises ConfigError for what is no
    list of files."""
    if TRACE not in axes:
        return dict(axes)
    traces = axes[TRACE]
    if isinstance(traces, (str, os.PathLike, Trace)) or not isinstance(traces, Sequence):
        raise ConfigError(f"{TRACE}: a list of files is wanted, not {traces!r}")
    return {**axes, TRACE: [(path_of or _path_of)(trace) for trace in traces]}


def points_with_paths(points: Sequence[Axes], path_of: Callable[[Any], str] | None = None) -> list[dict[str, Any]]:
    """As `with_paths`, of points one by one."""
    return [{**point, TRACE: (path_of or _path_of)(point[TRACE])} if TRACE in point else dict(point) for point in points]


def chosen(parameters: Axes | Sequence[Axes], repeat: object) -> list[str]:
    """The paths among parameters that went through `with_paths`, each once."""
    found: list[str] = []
    for axes in (parameters, repeat):
        if isinstance(axes, Mapping):
            found += axes.get(TRACE, [])
    if not isinstance(parameters, Mapping):
        found += [point[TRACE] for point in parameters if TRACE in point]
    return list(dict.fromkeys(found))


def _path_of(trace: object) -> str:
    path = trace.path if isinstance(trace, Trace) else trace
    if isinstance(path, (str, os.PathLike)):
        return os.fspath(path)
    raise ConfigError(f"{TRACE}: points differ in files, not in {trace!r}; Trace.write makes one")
