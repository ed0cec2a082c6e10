"""Points that share a boot: fewer runs, the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sweeping import TRAPWALK
from trapwalk import Config, Sweep, sweep
from trapwalk.sweeps import Store, boots

GUEST = {"guest": "hypervisor_tagged", "timed_from": "vmid:any"}
ENTRIES = "mmu.l2.entries"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command that writes down each run; which file."""
    log, folder = tmp_path / "runs", tmp_path / "bin"
    folder.mkdir()
    (tmp_path / "guests").symlink_to(Path(TRAPWALK).resolve().parents[1] / "guests")
    counting = folder / "trapwalk"
    counting.write_text(f"#!/bin/sh\necho \"$*\" >> '{log}'\nexec '{TRAPWALK}' \"$@\"\n")
    counting.chmod(0o755)
    monkeypatch.setenv("TRAPWALK", str(counting))
    return log


def texts(swept: Sweep) -> list[str]:
    with Store(swept.store) as store:
        (study,) = store.studies()
        return [store.report(key) for _, key in study.points]


def test_one_boot_gives_the_bytes_of_many(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {ENTRIES: [64, 256, 1024], "mmu.walk_cache.entries": [0, 64]}
    shared = sweep(Config(), parameters, software=GUEST, store=tmp_path / "shared.sqlite")
    assert shared.failures.empty, shared.failures["message"].tolist()
    assert len(runs.read_text().splitlines()) == 1
    monkeypatch.setattr(boots, "groups", lambda works: [[number] for number in works])
    alone = sweep(Config(), parameters, software=GUEST, store=tmp_path / "alone.sqlite")
    assert len(runs.read_text().splitlines()) == 1 + 6
    assert texts(shared) == texts(alone) and len(set(texts(alone))) == 6


def test_boots_that_differ_are_not_shared(tmp_path: Path, runs: Path) -> None:
    parameters = {ENTRIES: [64, 256], "cache.l2.ways": [8, 16]}  # which the guest can read in CCSIDR_EL1
    swept = sweep(Config(), parameters, software=GUEST, store=tmp_path / "s.sqlite")
    assert swept.failures.empty and len(runs.read_text().splitlines()) == 2


def test_what_the_boot_does_not_give_runs_by_itself(tmp_path: Path, runs: Path) -> None:
    given = {**GUEST, "max_instructions": 1000}  # before the region: no point begins
    swept = sweep(Config(), {ENTRIES: [64, 256]}, software=given, store=tmp_path / "s.sqlite")
    assert len(runs.read_text().splitlines()) == 1 + 2  # the shared boot gave none, then each by itself
    assert len(swept) == 2 and "missing" not in set(swept.frame()["status"])
