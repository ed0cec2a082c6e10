"""`trapwalk sweep STUDY.toml`: what it does, and what it says of a study that is wrong."""

from __future__ import annotations

import csv
import itertools
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sweeping import TRAPWALK, trace
from trapwalk import Config, sweep
from trapwalk.errors import ConfigError
from trapwalk.sweeps.points import Range
from trapwalk.sweeps.study import lines_of, read

__all__ = ["trace"]

STUDY = """
name = "sizes"
cpu = "cortex-a57"
trace = "true.twt"

[set]
mmu.l2.ways = 4

[parameters]
mmu.l2.entries = { from = 64, to = 256, powers_of_two = true }
"mmu.walk_cache.entries" = [0, 64]
"""


def shell(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TRAPWALK, "sweep", *map(str, words)], cwd=folder, capture_output=True, text=True
    )


@pytest.fixture
def folder(trace: Path, tmp_path: Path) -> Path:
    os.link(trace, tmp_path / "true.twt")
    return tmp_path


def test_a_study_from_the_shell(folder: Path) -> None:
    (folder / "study.toml").write_text(STUDY)
    refused = shell("study.toml", "--resume", folder=folder)
    assert refused.returncode == 2 and "there is no store" in refused.stderr
    done = shell("study.toml", "--csv", "out.csv", "--html", "out.html", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "6 points, 0 of them failed; study.sqlite" in done.stdout
    rows = list(csv.DictReader((folder / "out.csv").open()))
    assert [(row["mmu.l2.entries"], row["mmu.walk_cache.entries"]) for row in rows] == [
        (entries, cache) for entries in ("64", "128", "256") for cache in ("0", "64")
    ]
    assert all(row["status"] == "done" and float(row["walks.cycles"]) > 0 for row in rows)
    page = (folder / "out.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and page.count("<td>done</td>") == 6 and "http" not in page
    again = shell("study.toml", "--resume", folder=folder)
    assert again.returncode == 0 and again.stdout == done.stdout
    listed = shell("--list", "study.sqlite", folder=folder)
    assert listed.returncode == 0 and "sizes: 6 done" in listed.stdout and "true.twt" in listed.stdout
    exported = shell("--list", "study.sqlite", "--name", "sizes", "--csv", "again.csv", folder=folder)
    assert exported.returncode == 0
    assert (folder / "again.csv").read_bytes() == (folder / "out.csv").read_bytes()


def test_points_that_fail_are_told(folder: Path) -> None:
    (folder / "study.toml").write_text(STUDY.replace("[0, 64]", "[0, 63]"))
    done = shell("study.toml", folder=folder)
    assert done.returncode == 6
    assert "point 1: failed: mmu.walk_cache.entries: 63 entries are not a multiple of 4 ways" in done.stderr
    assert "6 points, 3 of them failed" in done.stdout
    (folder / "all.toml").write_text('trace = "true.twt"\nmetrics = ["walks.cycles"]\n[parameters]\nmmu.l2.ways = [3]\n')
    done = shell("all.toml", folder=folder)
    assert done.returncode == 6 and "point 0: failed: mmu.l2.entries: " in done.stderr
    assert "1 points, 1 of them failed" in done.stdout


def test_points_one_by_one_and_samples(folder: Path) -> None:
    (folder / "list.toml").write_text(
        'trace = "true.twt"\n[replay]\nrecords = 5000\n[[points]]\nmmu.l2.entries = 64\ncpu = "cortex-a72"\n'
        '[[points]]\nmmu.l2.entries = 128\ncpu = "cortex-a53"\n'
    )
    done = shell("list.toml", "--store", "s.sqlite", "--csv", "list.csv", folder=folder)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader((folder / "list.csv").open()))
    assert [(row["mmu.l2.entries"], row["cpu"]) for row in rows] == [("64", "cortex-a72"), ("128", "cortex-a53")]
    (folder / "lhs.toml").write_text(
        'trace = "true.twt"\nmethod = "latin-hypercube"\nsamples = 10\nseed = 3\nmetrics = ["walks.share"]\n'
        '[replay]\nrecords = 5000\n[parameters]\nmmu.l2.policy = "all"\nmmu.l2.latency = { from = 1, to = 9 }\n'
    )
    done = shell("lhs.toml", "--store", "s.sqlite", "--workers", "1", folder=folder)
    assert done.returncode == 0 and "walks.share" in done.stdout and "10 points" in done.stdout
    assert len(shell("--list", "s.sqlite", folder=folder).stdout.splitlines()) == 2
    which = shell("--list", "s.sqlite", "--csv", "x.csv", folder=folder)
    assert which.returncode == 2 and "which study? there are 'list'" in which.stderr


def test_all_that_is_wrong_with_a_study_is_said_at_once(folder: Path) -> None:
    path = folder / "bad.toml"
    path.write_text(
        """nmae = "x"
trace = "nothere.twt"
method = "list of"
samples = 0
workers = "two"

[replay]
recrods = 5

[set]
mmu.l2.wys = 4
mmu.ipa.ways = 65

[parameters]
mmu.l2.entires = [1, 2]
"mmu.l1.policy" = ["lru", "clock"]
mmu.l2.entries = [1, 99999999]
mmu.l2.ways = "lru"
"""
    )
    with pytest.raises(ConfigError) as raised:
        read(path)
    lines = str(raised.value).splitlines()
    expected = [
        (1, 'unknown key "nmae"; did you mean "name"?'),
        (2, "nothere.twt: there is no such file"),
        (3, '"list of" is none of product, list, latin-hypercube'),
        (4, "samples: 0 is not above 0"),
        (5, "workers: processes; not 'two'"),
        (8, 'unknown argument "recrods"; did you mean "records"?'),
        (11, 'unknown parameter "mmu.l2.wys"; did you mean "mmu.l2.ways"?'),
        (12, "65 is out of range"),
        (15, 'unknown parameter "mmu.l2.entires"; did you mean "mmu.l2.entries"?'),
        (16, '"clock" is not one of'),
        (17, "99999999 is out of range"),
        (18, "mmu.l2.ways: a list of values"),
    ]
    assert len(lines) == len(expected), str(raised.value)
    for line, (number, said) in zip(lines, expected):
        assert line.startswith(f"{path}:{number}: ") and said in line, line
    assert raised.value.keys[:3] == ("nmae", "trace", "method")
    done = shell("bad.toml", folder=folder)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == len(expected)
    assert not (folder / "bad.sqlite").exists()


@pytest.mark.parametrize(
    "text, said",
    [
        ("trace = \n", "line 1"),
        ("", "either trace"),
        ('trace = "true.twt"\n', r"either a table \[parameters\]"),
        ('trace = "true.twt"\n[software]\n[parameters]\n', "either trace"),
        ('trace = "true.twt"\ncpu = "cortex-a99"\n[parameters]\n', "s.toml:2: .*cortex-a99"),
        ('trace = "true.twt"\n[parameters]\nmmu.l2.entries = { from = 3, to = 2 }\n', "s.toml:3: .*no number from 3"),
        ('trace = "true.twt"\n[parameters]\nmmu.seed = "all"\n', "s.toml:3: .*no bounds"),
        (
            'trace = "true.twt"\n[[points]]\nmmu.l2.entries = 2\n\n[[points]]\nmmu.l2.entires = 2\n',
            "s.toml:6: point 2: .*did you",
        ),
    ],
)
def test_other_studies_that_are_wrong(folder: Path, text: str, said: str) -> None:
    path = folder / "s.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read(path)


# A value of each kind that TOML has, and numbers at the ends.
ODD = (
    *("-1", "0", "0x7fffffffffffffff", "1.5", "nan", "inf", '""', '"all"', "true", "[]", "[[]]", "[{}]", '[1, "x"]', "{}"),
    *("{ a = 1 }", '{ from = 1, to = "x" }', '{ from = 1, to = 2, step = "x" }', "{ from = 1, to = 2, step = 0 }"),
    *("2020-01-01", "[12:30:00]", '"a\\u0000b"', "{ from = 1, to = 0x7fffffffffffffff }"),
)
EVERY = {
    "name": '"n"', "cpu": '"cortex-a72"', "smmu": '"mmu-600-like"', "platform": '"virt"', "config": '["c.toml"]',
    "trace": '"true.twt"', "replay": "{ records = 100 }", "method": '"product"', "samples": "3", "seed": "1", "repeat": "2",
    "store": '"s.sqlite"', "workers": "1", "timeout": "5", "metrics": '["cycles"]', "set": "{ mmu.l2.ways = 4 }",
    "parameters": '{ "mmu.l2.entries" = [64, 128], "mmu.l2.policy" = "all" }',
}  # fmt: skip


def test_a_value_of_any_type_is_taken_or_complained_of(folder: Path) -> None:
    (folder / "c.toml").write_text("")
    path = folder / "s.toml"
    refused = 0
    for number, (key, odd) in enumerate(itertools.product(EVERY, ODD)):
        study = {**EVERY, key: odd}
        if number % 2 and key == "parameters":
            study = {**EVERY, key: f'{{ "mmu.l2.entries" = {odd} }}', "method": '"list"'}
        path.write_text("".join(f"{name} = {value}\n" for name, value in study.items()))
        try:
            read(path)
        except ConfigError as error:
            assert "s.toml" in str(error)
            refused += 1
    assert refused > len(EVERY) * len(ODD) // 2


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"parameters": {"mmu.l2.latency": Range(1, 1000), "mmu.l1d.entries": Range(1, 4000)}}, "1000 x 4000 points"),
        ({"parameters": {"mmu.l2.latency": Range(1, 9)}, "method": "latin-hypercube", "samples": 2**63}, "samples: "),
        ({"parameters": {"mmu.l2.latency": Range(1, 9)}, "method": "latin-hypercube", "seed": -1}, "seed: -1"),
        ({"parameters": {"mmu.l2.latency": Range(1, 2**70)}}, "too many numbers"),
        ({"parameters": [{"mmu.l2.entries": [64]}]}, "is no value of a parameter"),
    ],
)
def test_sweeps_that_are_too_much(folder: Path, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        sweep(Config(), **arguments, trace=folder / "true.twt", store=folder / "s.sqlite", progress=False)
    assert not (folder / "s.sqlite").exists()


def test_where_keys_stand() -> None:
    text = 'a = 1\n\n[b.c]\n"d.e" = 2\nf.g = [\n  1,\n]\n[[p]]\nx = 1\n[[p]]\nx = 2\n'
    lines = lines_of(text)
    assert lines[("a",)] == 1 and lines[("b", "c")] == 3 and lines[("b", "c", "d", "e")] == 4
    assert lines[("b", "c", "f")] == 5 and lines[("b", "c", "f", "g")] == 5
    assert lines[("p",)] == 8 and lines[("p", "0", "x")] == 9 and lines[("p", "1", "x")] == 11


def test_wrong_words(folder: Path) -> None:
    for words, said in [
        ([], "either a study or --list"),
        (["absent.toml"], "absent.toml"),
        (["--list", "absent.sqlite"], "no such store"),
        (["true.twt"], "is no text"),
    ]:
        done = shell(*words, folder=folder)
        assert done.returncode == 2 and said in done.stderr, done.stderr
    assert shell("--help", folder=folder).stdout.startswith("usage: trapwalk sweep")
