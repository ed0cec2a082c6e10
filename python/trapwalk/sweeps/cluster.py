"""Points on more than one machine: a `dask.distributed` client.

Workers need the package, the same build of it, and the files under the same paths; a worker whose build or trace is
another one fails its points instead of computing something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trapwalk.sweeps.engine import Executor, Outcomes
from trapwalk.sweeps.outcome import FAILED, KILLED, Outcome
from trapwalk.sweeps.pool import message_of, one_by_one
from trapwalk.sweeps.work import Work


def on(client: Any, works: Mapping[int, Work]) -> Executor:
    """Computes by `client`. A worker that dies is Dask's to replace; when as many have died with a group as
    `distributed.scheduler.allowed-failures` says, its points are failed ones."""

    def execute(groups: Sequence[Sequence[int]]) -> Outcomes:
        import distributed
        from distributed.scheduler import KilledWorker

        ended: Any = distributed.as_completed
        groups_of = {client.submit(compute, [works[number] for number in group], pure=False): group for group in groups}
        try:
            for future in ended(list(groups_of)):
                group = groups_of.pop(future)
                error = future.exception() if future.status != "cancelled" else RuntimeError("cancelled")
                if error is None:
                    for place, outcome in future.result():
                        yield group[place], outcome
                else:
                    status = KILLED if isinstance(error, KilledWorker) else FAILED
                    for number in group:
                        yield number, Outcome(status, message_of(error))
                future.release()
        finally:
            client.cancel(list(groups_of))

    return execute


def compute(works: Sequence[Work]) -> list[tuple[int, Outcome]]:
    """What a worker of the cluster does with a group: outcomes by their places in it."""

    def report_of(number: int) -> str:
        works[number].require_same()
        return works[number].report()

    return list(one_by_one(report_of)(range(len(works))))
