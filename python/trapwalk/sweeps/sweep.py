"""`trapwalk.sweep`: one call, from a laptop to a cluster."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from trapwalk import analysis
from trapwalk.config import Config, checked_config
from trapwalk.errors import ConfigError
from trapwalk.results import Run
from trapwalk.sweeps import boots, cluster, engine
from trapwalk.sweeps.outcome import FAILED, Outcome
from trapwalk.sweeps.plan import Plan, Repeats, Spec, combine, complaints, nearest, plan, spec_of_row, with_repeats
from trapwalk.sweeps.points import Value, listed
from trapwalk.sweeps.pool import Compute, one_by_one
from trapwalk.sweeps.progress import progress_of
from trapwalk.sweeps.result import Sweep
from trapwalk.sweeps.store import Store, Study
from trapwalk.sweeps.traces import chosen, points_with_paths, with_paths
from trapwalk.sweeps.work import AnyTraces, Subject, Work
from trapwalk.trace import Trace


def sweep(
    base: Config,
    parameters: Mapping[str, Spec] | Sequence[Mapping[str, Value]] | pd.DataFrame,
    *,
    trace: AnyTraces = None,
    software: str | Mapping[str, Any] | None = None,
    arguments: Mapping[str, Any] | None = None,
    method: str = "product",
    samples: int = 64,
    seed: int = 1,
    repeat: Repeats = None,
    store: str | os.PathLike[str] = "study.sqlite",
    workers: int | None = None,
    client: Any = None,
    timeout: float | None = None,
    progress: bool = True,
    name: str = "sweep",
) -> Sweep:
    """Computes the points of a study that its store does not have yet, in parallel, and returns all of them.

    Each point is stored as soon as it ends. A sweep that was interrupted (Ctrl-C), killed or ran into a full disk
    goes on where it was when it is called again, and a point whose configuration, trace or software, arguments and
    build are those of a point of the same store, of whatever study, is not computed again. A point that fails,
    takes too long, or whose worker is killed is a row with that status; such points are tried again at the next
    call.

    Args:
        base: what all points have in common.
        parameters: what they differ in: values, a `Range`, `PowersOfTwo`, or `...` (all that the parameter's row
            allows) by key. A key without a dot is `cpu`, `smmu`, an argument of `trapwalk.replay` or `trapwalk.run`,
            or `trace`: files, of each of which there are points. Or a list of points, or a DataFrame with a row for each.
        trace: points are replays of this trace, a file or one in memory, in worker processes; of several, which are VMs
            that take turns.
        software: points are runs of the command: arguments of `trapwalk.run`, or a name for its `software`.
        arguments: more arguments of `trapwalk.replay` or `trapwalk.run`, of all points.
        method: "product" (all combinations), "list" (as many values of each parameter as there are points) or
            "latin-hypercube" (`samples` points by `seed`).
        repeat: how often each point is computed with other seeds (`*.seed`), or values of other parameters that make
            repeats of it.
        store: file of the results (SQLite); not on a network file system.
        workers: processes; None: one a processor.
        client: a `dask.distributed.Client` that computes the points instead.
        timeout: seconds that a point may take.
        progress: a bar with the time left, on a terminal or in a notebook.
        name: of the study, in the store.

    Raises:
        ConfigError: an unknown parameter, a value that it cannot have: all of them, before anything runs.
        TraceError, Error: a file that cannot be read.
        StoreError: the store is no store, locked, or cannot be written. Finished results are kept.
    """
    given = {**({"software": software} if isinstance(software, str) else software or {}), **(arguments or {})}
    parameters = _plain(parameters)
    parameters = with_paths(parameters) if isinstance(parameters, Mapping) else points_with_paths(parameters)
    repeat = with_paths(repeat) if isinstance(repeat, Mapping) else repeat
    choices = chosen(parameters, repeat)
    _require_sense(base, trace, choices, software, timeout)
    if workers is not None and workers < 1:
        raise ConfigError(f"workers: {workers} processes are none")
    subject = Subject.of(trace, given, choices)
    if client is not None and any(isinstance(one, Trace) for one in subject.traces):
        raise ConfigError("trace: a client's workers need a file; Trace.write makes one")
    planned = _plan(base, parameters, method, samples, seed, repeat, subject)
    about = {
        "base": repr(base),
        "subject": subject.name,
        "method": method,
        "arguments": json.loads(json.dumps(given, default=str)),
        "repeats": list(planned.repeats),
    }
    study = Study(planned.id, name, "", about, tuple((point.values, point.key) for point in planned.points))
    with Store(store) as opened:
        opened.put_study(study)
        _compute(planned, subject, opened, workers, client, timeout, progress)
    return Sweep(study, Path(store))


def _plain(parameters: Any) -> Any:
    """What pandas has, as Python's own."""
    if isinstance(parameters, pd.DataFrame):
        return parameters.to_dict("records")
    if not isinstance(parameters, Mapping):
        return parameters
    return {key: spec.tolist() if isinstance(spec, (pd.Series, pd.Index)) else spec for key, spec in parameters.items()}


def _require_sense(base: Config, trace: Any, choices: Sequence[str], software: Any, timeout: float | None) -> None:
    checked_config(base, "base")
    if trace is not None and choices:
        raise ConfigError("trace: that of all points is an argument, those that they differ in are a parameter; not both")
    if (trace is None and not choices) == (software is None):
        raise ConfigError("either a trace or software is needed")
    if timeout is not None and timeout <= 0:
        raise ConfigError(f"timeout: {timeout} s is no time")


def _plan(
    base: Config,
    parameters: Mapping[str, Spec] | Sequence[Mapping[str, Value]],
    method: str,
    samples: int,
    seed: int,
    repeat: Repeats,
    subject: Subject,
) -> Plan:
    known = subject.names_of_arguments
    wrong = [
        (name, f'unknown argument "{name}"{nearest(name, known)}') for name in subject.arguments if name not in known
    ]
    if isinstance(parameters, Mapping):
        # What is not known is said below, with all that else is wrong; the others make the points.
        unknown = [key for key, spec in parameters.items() if spec is ... and key not in base]
        specs = {
            key: spec_of_row(base.parameter(key)) if spec is ... else spec
            for key, spec in parameters.items()
            if key not in unknown
        }
        rows = combine(specs, method, samples, seed)
    else:
        unknown, rows = [], listed(parameters)
    rows, repeats = with_repeats(rows, repeat, base)
    axes: dict[str, list[Value]] = {key: [] for key in unknown}
    for row in rows:
        for key, value in row.items():
            axes.setdefault(key, []).append(value)
    wrong += complaints(base, axes, known)
    if wrong:
        raise ConfigError("\n".join(message for _, message in wrong), [("", message, key) for key, message in wrong])
    return plan(base, rows, repeats, subject)


def _compute(
    planned: Plan,
    subject: Subject,
    store: Store,
    workers: int | None,
    client: Any,
    timeout: float | None,
    progress: bool,
) -> None:
    keys = [point.key for point in planned.points]
    numbers = engine.missing(keys, store)
    works = {number: work for number in numbers if (work := planned.points[number].work) is not None}
    groups = boots.groups(works) if client is None else cluster.groups(client, works)
    if client is not None:
        execute = cluster.on(client, works, timeout)
    else:
        count = workers or engine.processors()
        loaded = subject.load() if len(works) > 1 else {}
        execute = engine.local(_computing(works, groups, loaded, count), count, timeout)
    bar = progress_of(progress, len(keys), len(keys) - len(numbers))
    try:
        for number in numbers:
            if number not in works:
                store.put(keys[number], Outcome(FAILED, planned.points[number].problem), {}, {})
                bar.ended(False)
        origins = {number: work.origin for number, work in works.items()}
        engine.compute(
            keys,
            origins,
            groups,
            execute,
            lambda number, text: _metrics(works[number], text),
            store,
            bar,
        )
    finally:
        bar.close()


def _computing(
    works: Mapping[int, Work], groups: Sequence[Sequence[int]], loaded: Mapping[str, Trace], workers: int
) -> Compute:
    """What a worker does with a group: one boot for all, or one point after the other."""
    alone = one_by_one(lambda number: works[number].report(loaded))
    jobs = max(1, workers // max(1, sum(len(group) > 1 for group in groups)))

    def compute(numbers: Sequence[int]) -> Iterator[tuple[int, Outcome]]:
        left = list(numbers)
        if len(numbers) > 1:
            for number, outcome in boots.compute({number: works[number] for number in numbers}, jobs):
                left.remove(number)
                yield number, outcome
        yield from alone(left)

    return compute


def _metrics(work: Work, text: str) -> dict[str, float]:
    """All figures of a report, and the bits of the structures that it is about."""
    run = Run.from_json(text)
    figures = {str(name): value for name, value in run.metrics()["value"].items()}
    concerned = {row["key"] for row in run.report["configuration"]}
    geometry = {row.key: row.value for row in work.config.parameters() if row.key in concerned}
    bits = analysis.storage_bits(geometry, smmu=True if work.config.smmu_model else None)
    return {**figures, "storage_bits": bits}
