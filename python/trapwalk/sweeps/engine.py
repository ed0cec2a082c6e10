"""Computes what a store does not have yet, and stores each point as it ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Protocol

from trapwalk.sweeps.outcome import DONE, FAILED, Outcome
from trapwalk.sweeps.pool import Compute, Pool, message_of
from trapwalk.sweeps.progress import Progress
from trapwalk.sweeps.store import Store

Outcomes = Generator[tuple[int, Outcome], None, None]
# Of a point's number and its report's text: what is kept beside it.
MetricsOf = Callable[[int, str], Mapping[str, float]]


class Executor(Protocol):
    """Who computes points: their numbers in, outcomes out, in any order. Closing the iterator ends all work."""

    def __call__(self, groups: Sequence[Sequence[int]]) -> Outcomes:
        ...


def processors() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def local(compute: Compute, workers: int, timeout: float | None) -> Executor:
    """Processes of this machine."""

    def execute(groups: Sequence[Sequence[int]]) -> Outcomes:
        with Pool(compute, min(workers, max(1, len(groups))), timeout) as pool:
            yield from pool.run(groups)

    return execute


def missing(keys: Sequence[str], store: Store) -> list[int]:
    """Numbers of the points without a finished result, each key once. Those that failed before are tried again."""
    finished = {key for key, row in store.rows(list(dict.fromkeys(keys))).items() if row.status == DONE}
    first: dict[str, int] = {}
    for number, key in enumerate(keys):
        if key not in finished:
            first.setdefault(key, number)
    return list(first.values())


def compute(
    keys: Sequence[str],
    origins: Mapping[int, Mapping[str, object]],
    groups: Sequence[Sequence[int]],
    execute: Executor,
    metrics_of: MetricsOf,
    store: Store,
    progress: Progress,
) -> None:
    """Computes the points of `groups` and stores them. Leaves with an exception only when the store cannot be written.

    Whoever leaves early (a Ctrl-C, a full disk) has ended all workers before.
    """
    with closing(execute(groups)) as outcomes:
        for number, outcome in outcomes:
            metrics: Mapping[str, float] = {}
            if outcome.done:
                try:
                    metrics = metrics_of(number, outcome.report)
                except Exception as error:
                    outcome = Outcome(FAILED, f"no report: {message_of(error)}", seconds=outcome.seconds)
            store.put(keys[number], outcome, metrics, origins[number])
            progress.ended(outcome.done)
