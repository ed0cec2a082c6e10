"""Traces as a parameter of a sweep: several workloads in one study."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import trapwalk
from sweeping import TRAPWALK, Counted, counted, trace
from trapwalk import Config, Trace, sweep
from trapwalk.errors import ConfigError, TraceError
from trapwalk.sweeps.study import read

__all__ = ["counted", "trace"]
ENTRIES = "mmu.l2.entries"


@pytest.fixture(scope="module")
def traces(trace: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The recorded one, and its second half."""
    half = tmp_path_factory.mktemp("half") / "half.trace"
    recorded = Trace.open(trace)
    recorded.select(slice(len(recorded) // 2, None)).write(half)
    return [trace, half]


def test_points_of_each_trace(traces: list[Path], tmp_path: Path, counted: Counted) -> None:
    store = tmp_path / "s.sqlite"
    swept = sweep(Config(), {"trace": traces, ENTRIES: [64, 256]}, store=store)  # type: ignore[dict-item]
    frame = swept.frame("walks.cycles")
    assert list(zip(frame["trace"], frame[ENTRIES])) == [(str(path), entries) for path in traces for entries in (64, 256)]
    for number, (path, entries) in enumerate(zip(frame["trace"], frame[ENTRIES])):
        assert swept.run(number).report == trapwalk.replay(path, Config(sets={ENTRIES: entries})).report
    assert frame["walks.cycles"].nunique() == 4 and counted.take() == [64, 64, 256, 256]
    # What a study of one of the traces has is not computed again, nor what one of several had.
    sweep(Config(), {ENTRIES: [64, 128]}, trace=traces[1], store=store)
    assert counted.take() == [128]
    points: list[Any] = [{"trace": Trace.open(traces[1]), ENTRIES: entries} for entries in (128, 64)]
    assert sweep(Config(), points, store=store).frame()["trace"].tolist() == [str(traces[1])] * 2
    assert counted.take() == []


def test_traces_as_repeats(traces: list[Path], tmp_path: Path) -> None:
    swept = sweep(
        Config(), {ENTRIES: [64, 256]}, repeat={"trace": traces}, store=tmp_path / "s.sqlite"  # type: ignore[dict-item]
    )
    frame = swept.frame("walks.cycles")
    assert swept.repeats == ("trace",) and len(frame) == 4
    means = swept.means("walks.cycles").set_index(ENTRIES)["walks.cycles"]
    assert means[64] == frame[frame[ENTRIES] == 64]["walks.cycles"].mean()
    both = swept.compare({ENTRIES: 64}, {ENTRIES: 256}, "walks.cycles", paired=True)
    assert both.difference < 0


@pytest.mark.parametrize(
    ("parameters", "options", "error", "said"),
    [
        ({"trace": ["absent.trace"]}, {}, TraceError, "absent.trace"),
        ({"trace": "one.trace"}, {}, ConfigError, "trace: a list of files"),
        ({"trace": [5]}, {}, ConfigError, "trace: points differ in files, not in 5"),
        ({"trace": ...}, {}, ConfigError, "trace: a list of files"),
        ({"trace": [Trace.from_arrays([1])]}, {}, ConfigError, "Trace.write"),
        ({"trace": ["T"]}, {"trace": "T"}, ConfigError, "not both"),
        ({"trace": ["T"]}, {"software": {"guest": "speed_short"}}, ConfigError, "either a trace or software"),
        ({"trace": ["T", "T"]}, {}, ConfigError, "twice"),
        ([{"trace": "T"}, {ENTRIES: 64}], {}, ConfigError, "the same parameters"),
        ({"trace": ["T"], "recrods": [5]}, {}, ConfigError, "recrods.*records"),
    ],
)
def test_what_is_refused(
    trace: Path, tmp_path: Path, parameters: Any, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    def real(value: Any) -> Any:
        if isinstance(value, list):
            return [real(one) for one in value]
        if isinstance(value, dict):
            return {key: real(one) for key, one in value.items()}
        return str(trace) if value == "T" else value

    with pytest.raises(error, match=said):
        sweep(Config(), real(parameters), store=tmp_path / "s.sqlite", **real(options))
    assert not (tmp_path / "s.sqlite").exists()


def test_a_study_from_the_shell(traces: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    for path in traces:
        (folder / path.name).write_bytes(path.read_bytes())
    names = [path.name for path in traces]
    (folder / "s.toml").write_text(f"[replay]\nrecords = 5000\n[parameters]\ntrace = {names}\n{ENTRIES} = [64, 128]\n")
    words = [TRAPWALK, "sweep", "studies/s.toml", "--quiet"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "4 points, 0 of them failed" in done.stdout
    assert all(f"studies/{name}" in done.stdout for name in names)
    points = "".join(f'[[points]]\ntrace = "{name}"\n{ENTRIES} = 64\n' for name in names)
    (folder / "points.toml").write_text('store = "s.sqlite"\n[replay]\nrecords = 5000\n' + points)
    done = subprocess.run([*words[:2], "studies/points.toml"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "2 points, 0 of them failed" in done.stdout


def test_all_that_is_wrong_with_a_study_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        'trace = "a.trace"\n[replay]\nrecrods = 5\n[parameters]\ntrace = ["b.trace"]\nmmu.l2.entires = [64]\n'
        '[repeat]\ntrace = ["c.trace"]\n'
    )
    with pytest.raises(ConfigError) as raised:
        read(path)
    lines = str(raised.value).splitlines()
    for number, said in (
        (1, "a.trace: there is no such file"),
        (3, 'unknown argument "recrods"; did you mean "records"?'),
        (5, "not both"),
        (5, "b.trace: there is no such file"),
        (6, 'unknown parameter "mmu.l2.entires"'),
        (8, "c.trace: there is no such file"),
    ):
        assert any(line.startswith(f"{path}:{number}: ") and said in line for line in lines), (number, said, lines)
    path.write_text('[parameters]\ntrace = "b.trace"\n')
    with pytest.raises(ConfigError, match="bad.toml:2: trace: a list of files is wanted, not 'b.trace'"):
        read(path)
