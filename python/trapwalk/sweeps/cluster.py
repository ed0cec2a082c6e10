"""Points on more than one machine: a `dask.distributed` client.

Workers need the package, the same build of it, and the files under the same paths; a worker whose build or trace is
another one fails its points instead of computing something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from trapwalk.errors import Error
from trapwalk.sweeps import boots
from trapwalk.sweeps.engine import Executor, Outcomes
from trapwalk.sweeps.outcome import FAILED, KILLED, Outcome
from trapwalk.sweeps.pool import Pool, message_of, one_by_one
from trapwalk.sweeps.work import Work


def groups(client: Any, works: Mapping[int, Work]) -> list[list[int]]:
    """Points that share a boot, so many together that every worker has some."""
    workers = max(1, len(client.scheduler_info()["workers"]))
    parts: list[list[int]] = []
    for group in boots.groups(works):
        parts += [part for first in range(workers) if (part := group[first::workers])]
    return parts


def on(client: Any, works: Mapping[int, Work], timeout: float | None = None) -> Executor:
    """Computes by `client`, a group a task. A worker that dies is Dask's to replace; when as many have died with a
    group as `distributed.scheduler.allowed-failures` says, its points are failed ones. `timeout`: seconds a point."""

    def execute(groups: Sequence[Sequence[int]]) -> Outcomes:
        import distributed
        from distributed.scheduler import KilledWorker

        ended: Any = distributed.as_completed
        groups_of = {
            client.submit(compute, [works[number] for number in group], timeout, pure=False): group for group in groups
        }
        try:
            for future in ended(list(groups_of)):
                group = groups_of.pop(future)
                error = future.exception() if future.status != "cancelled" else Error("cancelled, or the scheduler is gone")
                if error is None:
                    for place, outcome in future.result():
                        yield group[place], outcome
                else:
                    status = KILLED if isinstance(error, KilledWorker) else FAILED
                    for number in group:
                        yield number, Outcome(status, message_of(error))
                future.release()
        finally:
            if groups_of:
                with suppress(OSError):  # the scheduler is gone, and has forgotten them
                    client.cancel(list(groups_of))

    return execute


def compute(works: Sequence[Work], timeout: float | None = None) -> list[tuple[int, Outcome]]:
    """What a worker of the cluster does with a group: outcomes by their places in it. Where points have a time, a
    process of its own, which can be ended, computes them."""

    def report_of(number: int) -> str:
        works[number].require_same()
        return works[number].report()

    def outcomes(numbers: Sequence[int]) -> Outcomes:
        left = list(numbers)
        if len(numbers) > 1 and works[numbers[0]].is_same():
            for number, outcome in boots.compute({number: works[number] for number in numbers}, 1):
                left.remove(number)
                yield number, outcome
        yield from one_by_one(report_of)(left)

    if timeout is None:
        return list(outcomes(range(len(works))))
    with Pool(outcomes, 1, timeout) as pool:
        return list(pool.run([list(range(len(works)))]))
