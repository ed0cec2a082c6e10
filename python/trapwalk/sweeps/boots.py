"""Points that share a boot: `trapwalk run --fork-points` boots once, and forks for each point (docs/regions.md).

A point's report is that of a run of its own, to the byte. What the shared boot does not give, because the command
refuses it or dies, is computed by runs of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trapwalk import _trapwalk
from trapwalk._rows import text
from trapwalk.command import command
from trapwalk.config import Config
from trapwalk.errors import ConfigError
from trapwalk.results import Run
from trapwalk.running.options import Options
from trapwalk.sweeps.content import digest_of
from trapwalk.sweeps.outcome import DONE, FAILED, KILLED, Outcome
from trapwalk.sweeps.work import Work, text_of

_LIMIT = 3  # exit status: the run ended by a limit
_LAST_LINES = 3  # of what a point said, when it failed


def groups(works: Mapping[int, Work]) -> list[list[int]]:
    """Numbers of points that share a boot, and each other one alone."""
    found: dict[object, list[int]] = {}
    for number, work in works.items():
        found.setdefault(_boot(work) or number, []).append(number)
    return list(found.values())


def _boot(work: Work) -> str | None:
    """What points with the same boot have in common; None: this one shares none. Only a region behind a functional
    stretch has a boot before it."""
    config = work.config
    if work.traces or config.platform_name != "virt" or work.arguments.get("timed_from") is None:
        return None
    seen = {key: value for key, value in config.sets.items() if not _trapwalk.is_timing_only(key)}
    about = [config.cpu, config.smmu_model, config.files, seen, work.origin["arguments"], work.origin["build"]]
    return digest_of(about)


def compute(works: Mapping[int, Work], jobs: int) -> Iterator[tuple[int, Outcome]]:
    """Number and outcome of each point that the shared boot gives, as they end; `jobs` children at a time."""
    first = next(iter(works.values()))
    try:
        base = _without_timing(first.config)
        options = Options.of(dict(first.arguments))
    except ConfigError:
        return
    with tempfile.TemporaryDirectory(prefix="trapwalk-") as name:
        folder = Path(name)
        points = [_point(folder, number, work) for number, work in works.items()]
        (folder / "points.json").write_text(json.dumps(points))
        words = [command(), "run", *base.arguments(), *options.words(), f"--fork-points={folder / 'points.json'}"]
        for number, end, seconds in _ends([*words, f"--fork-jobs={jobs}"]):
            yield number, _outcome(folder, number, end, options, seconds)


def _without_timing(config: Config) -> Config:
    seen = {key: value for key, value in config.sets.items() if not _trapwalk.is_timing_only(key)}
    return Config(config.cpu, smmu=config.smmu_model, files=config.files, sets=seen)


def _point(folder: Path, number: int, work: Work) -> dict[str, Any]:
    own = [f"{key}={text(value)}" for key, value in work.config.sets.items() if _trapwalk.is_timing_only(key)]
    report, output = folder / f"{number}.json", folder / f"{number}.txt"
    return {"name": str(number), "set": own, "report": [str(report)], "output": str(output)}


def _ends(words: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Number, exit status (negative: a signal) and seconds since the last of each point, as they end."""
    ours, theirs = os.pipe()
    nothing = subprocess.DEVNULL
    # In the worker's process group: whoever ends the worker ends this.
    process = subprocess.Popen(
        [*words, f"--status-fd={theirs}"], stdin=nothing, stdout=nothing, stderr=nothing, pass_fds=(theirs,)
    )
    os.close(theirs)
    since = time.perf_counter()
    try:
        with open(ours, encoding="utf-8") as lines:
            for line in lines:
                said = json.loads(line)
                if said.get("event") == "point":
                    now = time.perf_counter()
                    yield int(said["name"]), said["status"] if "status" in said else -said["signal"], now - since
                    since = now
    finally:
        process.kill()
        process.wait()


def _outcome(folder: Path, number: int, end: int, options: Options, seconds: float) -> Outcome:
    report, output = folder / f"{number}.json", folder / f"{number}.txt"
    if report.exists() and (end == 0 or (end == _LIMIT and options.has_limit)):
        return Outcome(DONE, report=text_of(Run.load(report)), seconds=seconds)
    if end < 0:
        return Outcome(KILLED, f"its process was killed by signal {-end}", seconds=seconds)
    said = output.read_text(errors="replace").strip().splitlines() if output.exists() else []
    return Outcome(FAILED, "\n".join(said[-_LAST_LINES:]) or f"exit status {end}", seconds=seconds)
