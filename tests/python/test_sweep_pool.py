"""Worker processes and the store, with points that need no model: what is killed, late, full or locked."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any, Callable

import pytest
from support import alive, children
from sweeping import Clock, ended, is_late, wait_until
from trapwalk.errors import StoreError
from trapwalk.sweeps.engine import compute, local, missing
from trapwalk.sweeps.outcome import DONE, FAILED, KILLED, TIMEOUT, Outcome
from trapwalk.sweeps.pool import Compute, Pool, one_by_one
from trapwalk.sweeps.progress import Silent
from trapwalk.sweeps.result import Sweep
from trapwalk.sweeps.store import Store, Study


def outcomes(
    compute: Compute, groups: list[list[int]], workers: int = 2, timeout: float | None = None
) -> dict[int, Outcome]:
    found: dict[int, Outcome] = {}
    with Pool(compute, workers, timeout) as pool:
        for number, outcome in pool.run(groups):
            assert number not in found
            found[number] = outcome
    return found


def test_every_point_has_one_outcome() -> None:
    before = children()
    found = outcomes(one_by_one(lambda number: str(number * number)), [[number] for number in range(50)], workers=3)
    assert {number: outcome.report for number, outcome in found.items()} == {n: str(n * n) for n in range(50)}
    assert all(outcome.status == DONE for outcome in found.values())
    assert children() == before


def test_an_exception_is_a_failed_point() -> None:
    def report(number: int) -> str:
        if number == 3:
            raise ValueError("three is too many")
        return "fine"

    found = outcomes(one_by_one(report), [[number] for number in range(6)])
    assert (found[3].status, found[3].message) == (FAILED, "ValueError: three is too many")
    assert [found[number].status for number in (0, 1, 2, 4, 5)] == [DONE] * 5


def test_a_killed_worker_costs_its_point_alone() -> None:
    before = children()

    def report(number: int) -> str:
        if number in (2, 5):
            os.kill(os.getpid(), signal.SIGKILL)
        return "fine"

    found = outcomes(one_by_one(report), [[number] for number in range(10)])
    assert {number for number, outcome in found.items() if outcome.status == KILLED} == {2, 5}
    assert "SIGKILL" in found[2].message
    assert sum(outcome.done for outcome in found.values()) == 8
    assert children() == before


def test_the_rest_of_a_killed_group_is_computed() -> None:
    def report(number: int) -> str:
        if number == 1:
            os._exit(7)
        return "fine"

    found = outcomes(one_by_one(report), [[0, 1, 2, 3], [4, 5]])
    assert (found[1].status, found[1].message) == (KILLED, "the worker process ended with status 7")
    assert [found[number].status for number in (0, 2, 3, 4, 5)] == [DONE] * 5


def test_what_is_late_is_ended_with_all_it_has_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trapwalk.sweeps.pool.time", Clock(tmp_path / "late"))

    def report(number: int) -> str:
        if number == 1:
            (tmp_path / "child").write_text(str(subprocess.Popen(["sleep", "3600"]).pid))
            is_late(tmp_path / "late")
        return "fine"

    found = outcomes(one_by_one(report), [[0, 1, 2], [3]], workers=1, timeout=1.0)
    assert (found[1].status, found[1].message) == (TIMEOUT, "took more than 1 s")
    assert [found[number].status for number in (0, 2, 3)] == [DONE] * 3  # the rest of its group is computed
    wait_until(lambda: not alive(int((tmp_path / "child").read_text())), "the child of a late worker goes on")


TWO_POOLS = """
import sys, threading, time
from trapwalk.sweeps.pool import Pool, one_by_one

def report(number):
    open(f"{sys.argv[1]}/begun-{number}", "w").close()
    time.sleep(3600)

def run(number):
    with Pool(one_by_one(report), 1, 600.0) as pool:
        all_there.wait()
        list(pool.run([[number]]))

all_there = threading.Barrier(4)
for number in range(4):
    threading.Thread(target=run, args=(number,)).start()
"""


def test_workers_of_several_pools_end_with_their_parent(tmp_path: Path) -> None:
    """As of a Dask worker with threads: none holds what another one waits for."""
    process = subprocess.Popen([sys.executable, "-c", TWO_POOLS, str(tmp_path)])
    wait_until(lambda: len(list(tmp_path.glob("begun-*"))) == 4, "the workers do nothing")
    workers = list(children(process.pid))
    process.kill()
    process.wait()
    assert len(workers) == 4
    wait_until(lambda: not any(map(alive, workers)), "workers do not end with their parent")


def test_a_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    before = children()

    def report(number: int) -> str:
        if number == 2:
            (tmp_path / "two").touch()
        if number == 3:
            wait_until((tmp_path / "two").exists, "the other worker does nothing")
            os.kill(os.getppid(), signal.SIGINT)
        if number >= 2:
            time.sleep(3600)
        return "fine"

    found = []
    with pytest.raises(KeyboardInterrupt):
        with Pool(one_by_one(report), 2) as pool:
            for number, _ in pool.run([[0], [1], [2], [3]]):
                found.append(number)
    assert sorted(found) == [0, 1]
    assert children() == before


# ---- with a store

KEYS = [f"key {number}" for number in range(12)]


def sweep_into(path: Path, report: Callable[[int], str], workers: int = 2) -> None:
    with Store(path) as store:
        numbers = missing(KEYS, store)
        origins = {number: {"key": key} for number, key in enumerate(KEYS)}
        compute(
            KEYS,
            origins,
            [[number] for number in numbers],
            local(one_by_one(report), workers, None),
            lambda number, text: {"length": float(len(text))},
            store,
            Silent(),
        )


def test_only_what_is_missing_is_computed(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def report(number: int) -> str:
        with log.open("a") as file:
            file.write(f"{number}\n")
        if number == 5 and not (tmp_path / "mended").exists():
            raise RuntimeError("not yet")
        return "x" * number

    sweep_into(tmp_path / "s.sqlite", report)
    assert sorted(map(int, log.read_text().split())) == list(range(12))
    (tmp_path / "mended").touch()
    log.unlink()
    sweep_into(tmp_path / "s.sqlite", report)
    assert log.read_text().split() == ["5"]  # what had failed, and nothing else
    with Store(tmp_path / "s.sqlite") as store:
        rows = store.rows(KEYS)
        assert [rows[key].metrics["length"] for key in KEYS] == list(map(float, range(12)))
        assert store.report(KEYS[7]) == "x" * 7


def test_a_finished_result_is_never_replaced(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.put("k", Outcome(FAILED, "first"), {}, {})
        store.put("k", Outcome(DONE, report="a"), {"m": 1.0}, {})
        store.put("k", Outcome(FAILED, "later"), {}, {})
        store.put("k", Outcome(DONE, report="b"), {"m": 2.0}, {})
        assert store.report("k") == "a" and store.rows(["k"])["k"].metrics == {"m": 1.0}


KILLED_SWEEP = textwrap.dedent(
    """
    import sys, time
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from test_sweep_pool import sweep_into
    folder = Path(sys.argv[1])
    enough = int(sys.argv[2])  # so many are computed, and then it stands

    def report(number):
        with (folder / "log").open("a") as file:
            file.write(f"{{number}}\\n")
        if (folder / "log").read_text().split().index(str(number)) >= enough:
            time.sleep(3600)
        return "x" * number

    sweep_into(folder / "s.sqlite", report)
"""
)


def test_a_sweep_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def stored() -> set[str]:
        with Store(tmp_path / "s.sqlite") as store:
            return {key.removeprefix("key ") for key, row in store.rows(KEYS).items() if row.status == DONE}

    finished: set[str] = set()
    for enough in (3, 3, 99):
        log.write_text("")
        process = subprocess.Popen([*killed_sweep(), str(tmp_path), str(enough)])
        if enough < 99:
            wait_until(lambda: ended(process) or len(stored()) == len(finished) + enough, "the sweep does nothing")
            wait_until(lambda: ended(process) or len(log.read_text().split()) == enough + 2, "the workers do nothing")
            workers = list(children(process.pid))
            process.kill()
        assert process.wait() == (-signal.SIGKILL if enough < 99 else 0)
        if enough < 99:
            assert len(workers) == 2
            wait_until(lambda: not any(map(alive, workers)), "workers do not end with their parent")
        # What had been stored is not begun again.
        assert not finished & set(log.read_text().split())
        finished = stored()
    assert finished == {str(number) for number in range(12)}
    assert len(log.read_text().split()) == 12 - 2 * 3


def killed_sweep(report: str = '"x" * number') -> list[str]:
    """A command, before its arguments."""
    script = KILLED_SWEEP.format(tests=str(Path(__file__).parent)).replace('"x" * number', report)
    return [sys.executable, "-c", script]


def full_disk_script(folder: Path) -> list[str]:
    return [*killed_sweep("__import__('os').urandom(20_000).hex()"), str(folder), "99"]


def check_full_disk(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert done.returncode == 1, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "StoreError" in last and "s.sqlite" in last and "what was stored before is kept" in last
    with Store(folder / "s.sqlite") as store:
        rows = store.rows(KEYS)
        assert 0 < len(rows) < len(KEYS)
        for key in rows:
            assert len(store.report(key)) == 40_000


def test_a_file_that_may_not_grow_keeps_what_is_there(tmp_path: Path) -> None:
    limits = (200_000, 200_000)
    done = subprocess.run(
        full_disk_script(tmp_path),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits),
        capture_output=True,
        text=True,
    )
    check_full_disk(done, tmp_path)


def test_a_full_disk_keeps_what_is_there(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no small file system: mount is not allowed here")
    try:
        done = subprocess.run(full_disk_script(tmp_path), capture_output=True, text=True)
        check_full_disk(done, tmp_path)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_locked_store_is_an_exception(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Store(path, patience=0.2) as store, pytest.raises(StoreError, match="s.sqlite: database is locked"):
        store.put("k", Outcome(DONE, report="a"), {}, {})
    other.execute("ROLLBACK")
    other.close()


def test_two_at_a_time_write_one_store(tmp_path: Path) -> None:
    processes = [subprocess.Popen([*killed_sweep(), str(tmp_path), "99"]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    with Store(tmp_path / "s.sqlite") as store:
        assert all(row.status == DONE for row in store.rows(KEYS).values())


def test_several_make_one_store_at_the_same_time(tmp_path: Path) -> None:
    def make(path: Path, begin: Any) -> None:
        begin.wait()
        Store(path).close()

    fork = multiprocessing.get_context("fork")
    for number in range(30):
        begin = fork.Barrier(3)
        makers = [fork.Process(target=make, args=(tmp_path / f"{number}.sqlite", begin)) for _ in range(3)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
        assert [maker.exitcode for maker in makers] == [0, 0, 0]


@pytest.mark.parametrize(
    "content, said", [(b"no database at all, but long enough to be one" * 40, "file is not a database")]
)
def test_what_is_no_store(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "s.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=said):
        Store(path)
    assert path.read_bytes() == content


def test_a_damaged_store_is_a_store_error_or_tells_the_rest(tmp_path: Path) -> None:
    """Bytes of a store changed one after the other, and what of it is left when its end is lost."""
    whole, path = tmp_path / "whole.sqlite", tmp_path / "s.sqlite"
    points = tuple(({"mmu.l2.entries": number}, key) for number, key in enumerate(KEYS))
    with Store(whole) as store:
        store.put_study(Study("id", "name", "", {"subject": "t"}, points))
        for number, key in enumerate(KEYS):
            store.put(key, Outcome(DONE, report='{"a": 1}' * number), {"cycles": 1.0}, {"build": "b"})
    content = whole.read_bytes()
    used = [place for place, byte in enumerate(content) if byte]
    damaged = [content[:size] for size in range(1, len(content), len(content) // 20)]
    for place in used[:: len(used) // 300]:
        damaged += [content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :] for bit in (0xFF, 0x08)]
    refused = 0
    for changed in damaged:
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(changed)
        try:
            with Store(path, patience=0.1) as store:
                for study in store.studies():
                    Sweep(study, path).frame()
                for key, row in store.rows(KEYS).items():
                    if row.status == DONE:
                        store.report(key)
        except StoreError as error:
            assert "s.sqlite" in str(error)
            refused += 1
    assert 50 < refused < len(damaged)


@pytest.mark.parametrize(
    "statement",
    [
        """UPDATE point SET parameters='{"mmu.l3.entries":2}' WHERE number=1""",
        """UPDATE point SET parameters='{"mmu.l2.entries":[1,2]}' WHERE number=1""",
        "UPDATE point SET key=NULL WHERE number=1",
        "UPDATE point SET key=x'0011' WHERE number=1",
        """UPDATE study SET about='{"repeats":["mmu.seed"]}'""",
        """UPDATE study SET about='{"repeats":3}'""",
        "UPDATE study SET name=x'41'",
        """UPDATE result SET metrics='{"cycles":"many"}'""",
        """UPDATE result SET metrics='[1]'""",
    ],
)
def test_a_damaged_member_of_a_study_is_a_store_error(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    points = tuple(({"mmu.l2.entries": number}, key) for number, key in enumerate(KEYS))
    with Store(path) as store:
        store.put_study(Study("id", "name", "", {"subject": "t", "repeats": []}, points))
        for key in KEYS:
            store.put(key, Outcome(DONE, report="{}"), {"cycles": 1.0}, {"build": "b"})
    assert len(Sweep.load(path).frame()) == len(KEYS)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA ignore_check_constraints=ON")
        database.execute("CREATE TABLE loose AS SELECT * FROM point")
        database.execute("DROP TABLE point")
        database.execute("ALTER TABLE loose RENAME TO point")
        database.execute(statement)
    with pytest.raises(StoreError, match="s.sqlite: damaged"):
        swept = Sweep.load(path)
        swept.frame(), swept.means()


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE mine(x)")
    with pytest.raises(StoreError, match="no store of sweeps"):
        Store(path)
    with pytest.raises(StoreError, match="there is no such store"):
        Store(tmp_path / "absent.sqlite", must_exist=True)
    with pytest.raises(StoreError, match="absent/s.sqlite"):
        Store(tmp_path / "absent" / "s.sqlite")


def test_studies_of_one_second_keep_their_order(tmp_path: Path) -> None:
    second, earlier = "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"
    written = [("c", second), ("a", second), ("d", second), ("b", earlier)]
    with Store(tmp_path / "s.sqlite") as store:
        for id, created in written:
            store.put_study(Study(id, "name", created, {}, ()))
        store.put_study(Study("c", "renamed", "", {}, ()))
        assert [(study.id, study.created) for study in store.studies()] == written


def test_studies_are_written_down_once(tmp_path: Path) -> None:
    study = Study("id", "first", "", {"trace": "t"}, (({"a": 1}, "k1"), ({"a": 2}, "k2")))
    with Store(tmp_path / "s.sqlite") as store:
        store.put_study(study)
        store.put_study(Study("id", "again", "", {}, study.points))
        (found,) = store.studies()
    assert (found.id, found.name, found.points) == ("id", "again", study.points)
