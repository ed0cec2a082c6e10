"""`trapwalk.sweep` on a recorded trace: what is computed, what is not again, and what becomes of points that fail."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import trapwalk
from support import alive, children
from sweeping import TESTS, TRAPWALK, Counted, counted, ended, trace, wait_until
from trapwalk import Config, PowersOfTwo, Range, Sweep, Trace, replay, sweep
from trapwalk.errors import ConfigError, Error, StoreError, TraceError
from trapwalk.sweeps import Store, work
from trapwalk.sweeps.content import digest_of_file

__all__ = ["counted", "trace"]
ENTRIES = "mmu.l2.entries"
WAYS = "mmu.l2.ways"


def test_a_product_is_what_the_command_says(trace: Path, tmp_path: Path) -> None:
    swept = sweep(Config(), {ENTRIES: PowersOfTwo(64, 256), WAYS: [2, 4]}, trace=trace, store=tmp_path / "s.sqlite")
    frame = swept.frame()
    assert list(zip(frame[ENTRIES], frame[WAYS])) == [(64, 2), (64, 4), (128, 2), (128, 4), (256, 2), (256, 4)]
    assert (frame["status"] == "done").all() and swept.failures.empty and len(swept) == 6
    report = tmp_path / "report.json"
    command = [TRAPWALK, "replay", str(trace), "--cpu", "cortex-a57", "--set", f"{ENTRIES}=128", "--set", f"{WAYS}=4"]
    subprocess.run([*command, "--report", str(report)], check=True, capture_output=True)
    alone = json.loads(report.read_text())
    assert swept.run(3).report == alone == swept.run({ENTRIES: 128, WAYS: 4}).report
    misses = {tlb["name"]: tlb["misses"] for tlb in alone["cores"][0]["tlbs"]}
    assert frame.loc[3, "tlbs.l2.misses"] == misses["L2"]
    assert frame["walks.count"].nunique() > 1


def test_traces_as_machines_and_in_memory(trace: Path, tmp_path: Path, counted: Counted) -> None:
    memory = Trace.from_records(Trace.open(trace)[:50_000], has_ipa=False, has_pa=False)
    store = tmp_path / "s.sqlite"
    swept = sweep(Config(), {ENTRIES: [64, 256]}, trace=[trace, memory], store=store)
    alone = replay([Trace.open(trace), memory], Config(sets={ENTRIES: 256}))
    assert swept.run(1).report == alone.report and swept.run(1).report["run"]["images"] == [str(trace), "memory"]
    one = sweep(Config(), {ENTRIES: [64]}, trace=memory, store=store)
    assert one.frame().loc[0, "cycles"] < swept.frame().loc[0, "cycles"]
    assert counted.take() == [64, 64, 256]
    sweep(Config(), {ENTRIES: [64]}, trace=Trace.from_records(memory[:], has_ipa=False, has_pa=False), store=store)
    assert counted.take() == []


def test_runs_of_the_command(tmp_path: Path) -> None:
    base = Config(platform="dma-study", smmu="mmu-600-like", sets={"traffic.requests": 2000})
    parameters = {"smmu.tbu.entries": [16, 64], "max_time": ["1s"]}
    swept = sweep(base, parameters, software={}, store=tmp_path / "s.sqlite")
    report = tmp_path / "report.json"
    command = [TRAPWALK, "run", *base.arguments(), "--set", "smmu.tbu.entries=64", "--max-time", "1s"]
    subprocess.run([*command, "--report", str(report)], check=True, capture_output=True)
    assert swept.failures.empty, swept.failures["message"].tolist()
    assert swept.run(1).report == json.loads(report.read_text())
    assert swept.frame()["smmu.translations"].tolist() == [2000, 2000]


def test_nothing_is_computed_twice(
    trace: Path, tmp_path: Path, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "s.sqlite"
    sweep(Config(), {ENTRIES: [64, 128]}, trace=trace, store=store)
    assert counted.take() == [64, 128]
    # Another study, of which one point is known; the same point twice; a base that says the same in another way.
    other = sweep(Config(sets={ENTRIES: 32}), {ENTRIES: [256, 128]}, trace=trace, store=store, name="other")
    assert counted.take() == [256]
    sweep(Config(), {ENTRIES: [512, 512, 64]}, trace=trace, store=store, method="list", name="list")
    assert counted.take() == [512]
    # What changes no result changes no key; a copy of the trace is the trace.
    sweep(Config(sets={"host.replay_shortcuts": False}), {ENTRIES: [64]}, trace=trace, store=store)
    shutil.copy(trace, tmp_path / "copy.twt")
    sweep(Config(), {ENTRIES: [64]}, trace=tmp_path / "copy.twt", store=store)
    assert counted.take() == []
    # What does: another value, another argument, another trace, another build.
    sweep(Config(sets={"replay.descriptor_cycles": 21}), {ENTRIES: [64]}, trace=trace, store=store)
    sweep(Config(), {ENTRIES: [64]}, trace=trace, store=store, arguments={"records": 1000})
    assert counted.take() == [64, 64]
    monkeypatch.setattr(work, "build", lambda in_process: "another build")
    sweep(Config(), {ENTRIES: [64]}, trace=trace, store=store)
    assert counted.take() == [64]
    assert other.frame()["status"].tolist() == ["done", "done"]


def test_a_file_of_the_same_size_and_time_is_another_one(tmp_path: Path) -> None:
    """As what reproducible builds make, and what is written twice in a tick of the file system's clock."""
    path = tmp_path / "file"
    for number in range(300):
        path.write_bytes(b"%03d" % number)
        os.utime(path, (0, 0))
        assert digest_of_file(path) == hashlib.sha256(b"%03d" % number).hexdigest()


def test_another_trace_is_another_point(trace: Path, tmp_path: Path, counted: Counted) -> None:
    store = tmp_path / "s.sqlite"
    text = (trace.parent / "true.lackey").read_text().splitlines(keepends=True)
    (tmp_path / "part.lackey").write_text("".join(text[:2000]))
    part = tmp_path / "part.twt"
    subprocess.run(
        [TRAPWALK, "import", "lackey", str(tmp_path / "part.lackey"), str(part)], check=True, capture_output=True
    )
    whole = sweep(Config(), {ENTRIES: [64]}, trace=trace, store=store)
    less = sweep(Config(), {ENTRIES: [64]}, trace=part, store=store)
    assert counted.take() == [64, 64]
    assert less.frame().loc[0, "cycles"] < whole.frame().loc[0, "cycles"]


def test_what_fails_is_a_row(trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = children()

    def fate(entries: int) -> None:
        if entries == 128:
            os.kill(os.getpid(), signal.SIGKILL)
        if entries == 256:
            raise Error("no such luck")

    counted = Counted(tmp_path / "log", fate)
    monkeypatch.setattr(work, "replay", counted)
    swept = sweep(Config(), {ENTRIES: [64, 66, 128, 256, 512]}, trace=trace, store=tmp_path / "s.sqlite")
    frame = swept.frame()
    assert frame["status"].tolist() == ["done", "failed", "killed", "failed", "done"]
    assert "66 entries are not a multiple of 4 ways" in frame.loc[1, "message"]
    assert "SIGKILL" in frame.loc[2, "message"] and frame.loc[3, "message"] == "no such luck"
    assert list(swept.failures.index) == [1, 2, 3] and frame["cycles"].isna().tolist() == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert swept.best("walks.count")[ENTRIES] == 512
    with pytest.raises(StoreError, match="has no result: killed: the worker process was killed by SIGKILL"):
        swept.run(2)
    assert counted.take() == [64, 128, 256, 512] and children() == before
    # The next call tries them again, and nothing else.
    monkeypatch.undo()
    counted = Counted(tmp_path / "log")
    monkeypatch.setattr(work, "replay", counted)
    swept = sweep(Config(), {ENTRIES: [64, 66, 128, 256, 512]}, trace=trace, store=tmp_path / "s.sqlite")
    assert swept.frame()["status"].tolist() == ["done", "failed", "done", "done", "done"]
    assert counted.take() == [128, 256]


def test_a_point_that_takes_too_long(trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    store = tmp_path / "s.sqlite"
    sweep(Config(), {ENTRIES: [128]}, trace=trace, store=store)  # however long that takes
    monkeypatch.setattr(work, "replay", Counted(tmp_path / "log", lambda entries: time.sleep(3600)))
    swept = sweep(Config(), {ENTRIES: [64, 128]}, trace=trace, store=store, timeout=2)
    assert swept.frame()["status"].tolist() == ["timeout", "done"]


KILLED = textwrap.dedent(
    """
    import sys, time
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from sweeping import Counted
    from trapwalk import Config, sweep
    from trapwalk.sweeps import work

    trace, folder = map(Path, sys.argv[1:3])
    enough = int(sys.argv[3])  # so many are computed, and then it stands

    def before(entries):
        if (folder / "log").read_text().split().index(str(entries)) >= enough:
            time.sleep(3600)

    work.replay = Counted(folder / "log", before)
    sizes = {{"mmu.l2.entries": [16 * n for n in range(1, 17)]}}
    sweep(Config(), sizes, trace=trace, store=folder / "s.sqlite", workers=2)
"""
)


def test_a_killed_sweep_computes_no_point_twice(trace: Path, tmp_path: Path) -> None:
    store, log = tmp_path / "s.sqlite", tmp_path / "log"
    script = [sys.executable, "-c", KILLED.format(tests=str(TESTS)), str(trace), str(tmp_path)]
    wanted = [16 * n for n in range(1, 17)]

    def finished() -> set[int]:
        if not store.exists():
            return set()
        with Store(store) as opened:
            points = [(values, key) for study in opened.studies() for values, key in study.points]
            rows = opened.rows([key for _, key in points])
        return {int(values[ENTRIES]) for values, key in points if key in rows}

    begun: list[int] = []
    known: set[int] = set()
    for enough in (3, 4, None):
        log.write_text("")
        process = subprocess.Popen([*script, str(enough or 99)])
        if enough is not None:
            wait_until(lambda: ended(process) or len(finished()) == len(known) + enough, "the sweep does nothing")
            wait_until(lambda: ended(process) or len(log.read_text().split()) == enough + 2, "the workers do nothing")
            process.kill()
        assert process.wait() == (0 if enough is None else -signal.SIGKILL)
        now = list(map(int, log.read_text().split()))
        assert not known & set(now), "a stored point was computed again"
        assert len(set(now)) == len(now)
        begun += now
        known = finished()
    assert known == set(wanted)
    # Lost are the two points that the workers were at when they were killed, each time.
    assert len(begun) == len(wanted) + 2 * 2


def test_a_ctrl_c_ends_runs_and_workers(tmp_path: Path) -> None:
    slow = tmp_path / "trapwalk"
    slow.write_text(f"#!/bin/sh\necho $$ >> '{tmp_path}/pids'\nexec sleep 3600\n")
    slow.chmod(0o755)
    (tmp_path / "kernel").write_bytes(b"no kernel")
    (tmp_path / "s.toml").write_text('[software]\nkernel = "kernel"\n[parameters]\nmmu.l2.entries = [64, 128, 256]\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "trapwalk.sweeps", str(tmp_path / "s.toml"), "--workers", "2"],
        env={**os.environ, "TRAPWALK": str(slow)},
        stderr=subprocess.PIPE,
        text=True,
    )
    pids = tmp_path / "pids"
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2, "nothing runs")
    started = children(process.pid)
    assert len(started) == 2
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130 and "interrupted" in said
    runs = [int(pid) for pid in pids.read_text().split()]
    wait_until(lambda: not any(alive(pid) for pid in (*runs, *started)), "processes are left")


# ---- repeats, samples and what they mean


def test_a_sample_of_all_that_rows_allow(trace: Path, tmp_path: Path) -> None:
    parameters = {
        ENTRIES: PowersOfTwo(64, 1024),
        "mmu.l2.policy": ...,
        "mmu.walk_cache.entries": [0, 16, 64],
        "replay.descriptor_cycles": Range(10, 40),
    }
    swept = sweep(
        Config(), parameters, trace=trace, store=tmp_path / "s.sqlite", method="latin-hypercube", samples=20, seed=7
    )
    frame = swept.frame()
    assert len(frame) == 20 and set(frame["mmu.l2.policy"]) == {"default", "lru", "plru", "fifo", "random"}
    assert sorted(frame[ENTRIES]) == sorted([64, 128, 256, 512, 1024] * 4)
    assert swept.failures.empty
    table = swept.sensitivity("walks.cycles")
    assert (
        table.index[0] in ("mmu.walk_cache.entries", "replay.descriptor_cycles") and table["first_order"].iloc[-1] < 0.2
    )


def test_repeats_are_compared(trace: Path, tmp_path: Path) -> None:
    base = Config(sets={"mmu.replacement": "random", "mmu.l1i.entries": 8, "mmu.l1d.entries": 8})
    swept = sweep(base, {ENTRIES: [16, 64]}, trace=trace, store=tmp_path / "s.sqlite", repeat=4)
    assert len(swept) == 8 and "mmu.seed" in swept.repeats
    assert swept.frame()["mmu.seed"].tolist() == [1, 2, 3, 4] * 2
    assert swept.means()[ENTRIES].tolist() == [16, 64]
    found = swept.compare({ENTRIES: 16}, {ENTRIES: 64}, "walks.count")
    assert found.significant and found.difference < 0 and (found.repeats_a, found.repeats_b) == (4, 4)
    same = swept.compare({ENTRIES: 64}, {ENTRIES: 64}, "walks.count")
    assert not same.significant and "not significant" in str(same)


def test_parts_of_a_trace_are_repeats(trace: Path, tmp_path: Path) -> None:
    swept = sweep(
        Config(), {WAYS: [1, 4]}, trace=trace, store=tmp_path / "s.sqlite", repeat={"records": [20_000, 40_000]}
    )
    frame = swept.frame(["cycles"])
    assert swept.repeats == ("records",) and frame["cycles"].iloc[0] < frame["cycles"].iloc[1]
    assert len(swept.means()) == 2


def test_parameters_of_pandas(trace: Path, tmp_path: Path) -> None:
    store = tmp_path / "s.sqlite"
    sizes = pd.Series([64, 128], index=[7, 9])
    swept = sweep(Config(), {ENTRIES: sizes, WAYS: pd.Index([2, 4])}, trace=trace, store=store)  # type: ignore[dict-item]
    assert list(zip(swept.frame()[ENTRIES], swept.frame()[WAYS])) == [(64, 2), (64, 4), (128, 2), (128, 4)]
    points = swept.frame()[[ENTRIES, WAYS]].iloc[[3, 0]]
    again = sweep(Config(), points, trace=trace, store=store)
    assert list(again.frame()[ENTRIES]) == [128, 64]
    best = again.frame()["walks.cycles"].idxmin()  # numpy's number
    assert again.run(best).report == swept.run(3).report


def test_points_that_all_fail_are_told(trace: Path, tmp_path: Path) -> None:
    swept = sweep(Config(), {WAYS: [3, 5]}, trace=trace, store=tmp_path / "s.sqlite")
    frame = swept.frame("walks.cycles")
    assert frame["walks.cycles"].isna().all() and frame["status"].tolist() == ["failed", "failed"]
    with pytest.raises(Error, match="no point has a value of 'walks.cycles'|no point has a metric"):
        swept.best("walks.cycles")


def test_front_plot_and_page(trace: Path, tmp_path: Path) -> None:
    swept = sweep(
        Config(), {ENTRIES: [64, 256, 1024], WAYS: [2, 4]}, trace=trace, store=tmp_path / "s.sqlite", name="a < b"
    )
    frame = swept.frame()
    front = swept.pareto("walks.cycles", "storage_bits")
    costs = frame[["walks.cycles", "storage_bits"]].to_numpy()
    beaten = [any((other <= row).all() and (other < row).any() for other in costs) for row in costs]
    assert sorted(front.index) == list(np.flatnonzero(~np.array(beaten)))
    assert swept.pareto("storage_bits", largest=["walks.cycles"]).index[0] in frame.index
    axes = swept.plot("walks.cycles")
    assert axes.get_xlabel() == ENTRIES and [len(line.get_xdata()) for line in axes.lines] == [3, 3]
    assert list(axes.lines[0].get_ydata()) == frame[frame[WAYS] == 2]["walks.cycles"].tolist()
    page = swept._repr_html_()
    assert "a &lt; b" in page and "6 done" in page and page.count("<td>done</td>") == 6
    assert repr(Sweep.load(tmp_path / "s.sqlite")) == repr(swept)
    with pytest.raises(Error, match="A: its points differ in mmu.l2.ways too"):
        swept.compare({ENTRIES: 64}, {ENTRIES: 256}, "walks.count")
    with pytest.raises(Error, match="no parameter 'mmu.l3'"):
        swept.run({"mmu.l3": 1})
    with pytest.raises(Error, match="points 0 to 5"):
        swept.run(6)
    with pytest.raises(Error, match="2 points have"):
        swept.run({ENTRIES: 64})
    nearest = "'walks.cuont'; nearest: walks.count"
    for asked in (swept.best, swept.frame, swept.sensitivity, swept.pareto, swept.plot):
        with pytest.raises(Error, match=nearest):
            asked("walks.cuont")
    assert swept.frame("walks.cycles").equals(swept.frame(["walks.cycles"]))
    with pytest.raises(Error, match=r"no study 'nowhere'; there are 'a < b' \("):
        Sweep.load(swept.store, "nowhere")


# ---- what is refused before anything runs


@pytest.mark.parametrize(
    "parameters, options, error, said",
    [
        ({"mmu.l2.entires": [1]}, {}, ConfigError, 'mmu.l2.entires"; did you mean "mmu.l2.entries"'),
        ({"mmu.l2.entires": ..., WAYS: [0, 99]}, {}, ConfigError, "mmu.l2.entires(.|\n)*mmu.l2.ways(.|\n)*mmu.l2.ways"),
        ({"recrods": [1]}, {}, ConfigError, 'recrods"; did you mean "records"'),
        ({ENTRIES: [64]}, {"arguments": {"recrods": 1}}, ConfigError, 'recrods"; did you mean "records"'),
        ({"mmu.l2.policy": ["lru", "clock"]}, {}, ConfigError, "clock"),
        ({"mmu.seed": ...}, {}, ConfigError, "mmu.seed: its row has no bounds"),
        ({ENTRIES: [64]}, {"method": "latin"}, ConfigError, "none of product, list, latin-hypercube"),
        ({ENTRIES: [64], WAYS: [1, 2]}, {"method": "list"}, ConfigError, "mmu.l2.ways has 2"),
        ({ENTRIES: [64]}, {"trace": "absent.twt"}, TraceError, "absent.twt"),
        ({ENTRIES: [64]}, {"workers": 0}, ConfigError, "workers: 0 processes are none"),
        ({ENTRIES: [64]}, {"software": {}}, ConfigError, "either a trace or software"),
        ({ENTRIES: [64]}, {"repeat": 0}, ConfigError, "repeat"),
        ({ENTRIES: [64]}, {"timeout": 0}, ConfigError, "timeout"),
    ],
)
def test_what_is_refused(
    trace: Path,
    tmp_path: Path,
    parameters: dict[str, object],
    options: dict[str, object],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        given = {"trace": trace, "store": tmp_path / "s.sqlite", **options}
        sweep(Config(), parameters, **given)  # type: ignore[arg-type]
    assert not (tmp_path / "s.sqlite").exists()


def test_a_foreign_trace_is_refused_before_anything_runs(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.twt"
    foreign.write_bytes(b"this is no trace" * 100)
    with pytest.raises(TraceError, match="foreign.twt: offset 0: no trace"):
        sweep(Config(), {ENTRIES: [64, 128]}, trace=foreign, store=tmp_path / "s.sqlite")
    assert not (tmp_path / "s.sqlite").exists()


def test_a_trace_that_is_damaged_inside_fails_its_points(trace: Path, tmp_path: Path) -> None:
    damaged = bytearray(trace.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (tmp_path / "damaged.twt").write_bytes(damaged)
    swept = sweep(Config(), {ENTRIES: [64, 128]}, trace=tmp_path / "damaged.twt", store=tmp_path / "s.sqlite")
    assert swept.frame()["status"].tolist() == ["failed", "failed"]
    assert "damaged.twt: offset" in swept.frame().loc[0, "message"]
    assert trapwalk.sweep is sweep
