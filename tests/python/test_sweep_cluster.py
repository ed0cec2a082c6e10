"""Points on a `dask.distributed` cluster: the same bytes as those of the local pool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster
from sweeping import Clock, is_late, trace, wait_until
from trapwalk import Config, StoreError, Trace, sweep
from trapwalk.sweeps import Store, cluster, pool, work

__all__ = ["trace"]
HANGS = "1500s"  # of Dask, which gives up after seconds


@pytest.fixture(scope="module", autouse=True)
def hermetic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Dask's workers keep their files here, also those of other processes, which find the modules of the tests."""
    folder = str(tmp_path_factory.mktemp("dask"))
    paths = os.pathsep.join([str(Path(__file__).parent), os.environ["PYTHONPATH"]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", paths)
        patch.setenv("DASK_TEMPORARY_DIRECTORY", folder)
        patch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", HANGS)
        with dask.config.set({"temporary-directory": folder, "distributed.comm.timeouts.connect": HANGS}):
            yield


@pytest.fixture(scope="module")
def client(hermetic: None) -> Iterator[Any]:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=None) as local,
        Client(local) as client,
    ):
        yield client


def results(store: Path) -> dict[str, tuple[str, str, str, dict[str, float]]]:
    with Store(store, must_exist=True) as opened:
        (study,) = opened.studies()
        rows = opened.rows([key for _, key in study.points])
        return {
            key: (opened.report(key) if row.status == "done" else "", row.status, row.message, row.metrics)
            for key, row in rows.items()
        }


def test_a_cluster_equals_the_local_pool(client: Any, trace: Path, tmp_path: Path) -> None:
    parameters = {
        "mmu.l2.entries": [64, 65, 128, 256],
        "mmu.walk_cache.entries": [0, 64],
        "mmu.replacement": ["lru", "random"],
    }
    here = sweep(Config(), parameters, trace=trace, store=tmp_path / "here.sqlite")
    there = sweep(Config(), parameters, trace=trace, store=tmp_path / "there.sqlite", client=client)
    assert len(results(tmp_path / "here.sqlite")) == 16
    assert str(results(tmp_path / "here.sqlite")) == str(results(tmp_path / "there.sqlite"))  # text: NaN is not NaN
    assert here.frame().equals(there.frame())
    assert (there.frame()["status"] == "failed").sum() == 4


def test_traces_that_points_differ_in(client: Any, trace: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.trace"
    recorded = Trace.open(trace)
    recorded.select(slice(len(recorded) // 2, None)).write(half)
    parameters = {"trace": [str(trace), str(half)], "mmu.l2.entries": [64, 256]}
    here = sweep(Config(), parameters, store=tmp_path / "here.sqlite")
    there = sweep(Config(), parameters, store=tmp_path / "there.sqlite", client=client)
    assert here.frame().equals(there.frame()) and here.frame()["walks.cycles"].nunique() == 4


def put_clock(path: str) -> None:
    """In a worker: pools have a Clock of this path; "": the host's again."""
    pool.time = Clock(Path(path)) if path else time


def test_points_that_take_too_long(client: Any, tmp_path: Path) -> None:
    """The rest of the group is computed."""
    late = str(tmp_path / "late")
    works: Any = {0: Slow(0), 1: Late(0, late), 2: Slow(0)}
    client.run(put_clock, late)
    try:
        outcomes = dict(cluster.on(client, works, 1.0)([[0, 1, 2]]))
    finally:
        client.run(put_clock, "")
    assert [outcomes[number].status for number in range(3)] == ["done", "timeout", "done"]
    assert outcomes[1].message == "took more than 1 s"


def test_a_timeout_changes_no_result(client: Any, trace: Path, tmp_path: Path) -> None:
    parameters = {"mmu.l2.entries": [64, 65, 128]}
    sweep(Config(), parameters, trace=trace, store=tmp_path / "here.sqlite")
    sweep(Config(), parameters, trace=trace, store=tmp_path / "there.sqlite", client=client, timeout=3600)
    assert str(results(tmp_path / "here.sqlite")) == str(results(tmp_path / "there.sqlite"))


@pytest.mark.parametrize("timeout", [None, 3600])
def test_boots_are_shared_by_the_points_of_a_worker(client: Any, tmp_path: Path, timeout: float | None) -> None:
    parameters = {"mmu.l2.entries": [64, 256, 1024], "mmu.walk_cache.entries": [0, 64]}
    software = {"guest": "hypervisor_tagged", "timed_from": "vmid:any"}
    given: Any = {"parameters": parameters, "software": software}
    here = sweep(Config(), **given, store=tmp_path / "here.sqlite")
    there = sweep(Config(), **given, store=tmp_path / "there.sqlite", client=client, timeout=timeout)
    assert here.failures.empty and there.failures.empty
    assert str(results(tmp_path / "here.sqlite")) == str(results(tmp_path / "there.sqlite"))
    made = {number: work.Subject.of(None, software).work(Config(sets={"mmu.l2.entries": 64 << number}), {}) for number in range(5)}
    assert sorted(map(sorted, cluster.groups(client, made))) == [[0, 2, 4], [1, 3]]


SCHEDULER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def test_a_scheduler_that_is_killed_leaves_what_was_finished(tmp_path: Path) -> None:
    script = tmp_path / "scheduler.py"
    script.write_text(SCHEDULER)
    process = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with Client(address, timeout=1500) as client:
            works: Any = {number: Slow(0 if number == 0 else 3600) for number in range(3)}
            outcomes = {}
            for number, outcome in cluster.on(client, works)([[0], [1], [2]]):
                outcomes[number] = outcome
                if number == 0:
                    os.killpg(process.pid, signal.SIGKILL)
            assert outcomes[0].done
            assert [outcomes[number].status for number in (1, 2)] == ["failed", "failed"] and outcomes[1].message
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


CALLER = """
import sys
import test_sweep_cluster as here
from distributed import Client
if __name__ == "__main__":
    address, store, trace, goes_on = sys.argv[1:]
    here.hold_up_from(3, goes_on)
    here.sweep(here.Config(), {"mmu.l2.entries": here.SIZES}, trace=trace, store=store, client=Client(address), progress=False)
"""
SIZES = [64 << number for number in range(6)]


def hold_up_from(place: int, goes_on: str) -> None:
    """Points from this one on are Held ones, in this process."""
    of_cluster = cluster.on

    def on(client: Any, works: Any, timeout: float | None = None) -> Any:
        return of_cluster(client, {n: one if n < place else Held(0, goes_on) for n, one in works.items()}, timeout)

    cluster.on = on


def finished(store: Path) -> int:
    try:
        return sum(status == "done" for _, status, _, _ in results(store).values())
    except (ValueError, StoreError):  # no study yet, or no store
        return 0


def test_a_caller_that_is_killed_leaves_what_was_finished_and_nothing_at_work(
    trace: Path, tmp_path: Path
) -> None:
    store, script, goes_on = tmp_path / "s.sqlite", tmp_path / "caller.py", tmp_path / "goes on"
    script.write_text(CALLER)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local, Client(local) as watching:
        caller = subprocess.Popen([sys.executable, script, local.scheduler_address, store, trace, goes_on])
        try:
            wait_until(lambda: caller.poll() is not None or finished(store) == 3, "the caller does nothing")
        finally:
            caller.kill()
            caller.wait()
        assert finished(store) == 3
        # Dask cannot stop a thread: what was being computed ends, and is nobody's.
        goes_on.touch()
        wait_until(lambda: not any(watching.processing().values()), "somebody is at work for nobody")
        assert len(watching.scheduler_info()["workers"]) == 2
        swept = sweep(Config(), {"mmu.l2.entries": SIZES}, trace=trace, store=store, client=watching, progress=False)
        assert (swept.frame()["status"] == "done").all() and len(swept) == 6


@dataclass(frozen=True)
class Slow:
    """A point that takes its time."""

    seconds: float

    def require_same(self) -> None:
        pass

    def is_same(self) -> bool:
        return False

    def report(self) -> str:
        time.sleep(self.seconds)
        return "{}"


@dataclass(frozen=True)
class Late(Slow):
    """A point whose worker is late, by a Clock of this path."""

    path: str = ""

    def report(self) -> str:
        is_late(Path(self.path))
        return "{}"


@dataclass(frozen=True)
class Held(Slow):
    """A point that is computed when this file is there."""

    path: str = ""

    def report(self) -> str:
        wait_until(Path(self.path).exists, "it is held for ever")
        return "{}"


@dataclass(frozen=True)
class Fatal:
    """A point that kills its worker when it is told to."""

    kills: bool

    def require_same(self) -> None:
        pass

    def report(self) -> str:
        if self.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        return "{}"


def test_a_killed_worker_is_a_failed_point(client: Any) -> None:
    works: Any = {0: Fatal(False), 1: Fatal(True), 2: Fatal(False)}
    outcomes = dict(cluster.on(client, works)([[1]]))  # alone: Dask blames all that waits at a worker that dies
    outcomes.update(cluster.on(client, works)([[0], [2]]))
    assert [outcomes[number].status for number in range(3)] == ["done", "killed", "done"]


def test_another_build_or_trace_computes_nothing(trace: Path, tmp_path: Path) -> None:
    made = work.Subject.of(trace, {}).work(Config(), {})
    made.require_same()
    other = work.Work(made.config, made.traces, {}, {**made.origin, "build": "0" * 64})
    ((_, outcome),) = cluster.compute([other])
    assert (outcome.status, outcome.message) == ("failed", "this machine has another build of trapwalk")
    other = work.Work(made.config, made.traces, {}, {**made.origin, "content": ["0" * 64]})
    ((_, outcome),) = cluster.compute([other])
    assert outcome.status == "failed" and "another trace" in outcome.message
