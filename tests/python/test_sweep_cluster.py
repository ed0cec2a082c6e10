"""Points on a `dask.distributed` cluster: the same bytes as those of the local pool."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster
from sweeping import trace
from trapwalk import Config, sweep
from trapwalk.errors import ConfigError
from trapwalk.sweeps import Store, cluster, work

__all__ = ["trace"]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local, Client(local) as client:
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


def test_a_timeout_is_not_for_clusters(client: Any, trace: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="timeout"):
        sweep(Config(), {}, trace=trace, store=tmp_path / "s.sqlite", client=client, timeout=1)


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
    outcomes = dict(cluster.on(client, works)([[0], [1], [2]]))
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
