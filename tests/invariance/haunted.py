"""What the tests of ghosts have in common: ghosts of each size beside runs with a real structure of that size."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable

SIZES = 5  # powers of two, from the smallest to the largest
WAYS = 4


def run(trapwalk: str, options: list[str], settings: dict) -> tuple[str, dict]:
    """What it prints, and its report."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        command = [trapwalk, "run", "--report", str(path), *options]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace"), json.loads(path.read_text())


@dataclasses.dataclass
class Found:
    plain: dict  # the report without ghosts
    same_console: bool
    ghosts: int  # all as real structures have it


def compare(trapwalk: str, options: list[str], settings: dict, structures: dict, rows_of: Callable,
            different: int) -> Found:
    """Each ghost misses what a real structure misses, and changes nothing.

    `structures`: by the name for --ghost, the name in the report, the parameters' prefix, and the smallest and the largest
    number of entries. `rows_of(report)`: what the real structures counted. `different`: numbers of misses of a structure,
    at the least, or its sizes tested nothing.
    """
    asked = []
    for structure, (_, _, low, high) in structures.items():
        asked += ["--ghost", f"{structure}=entries:{low}..{high},ways:{WAYS}"]
    console, plain = run(trapwalk, options, settings)
    haunted_console, haunted = run(trapwalk, options + asked, settings)
    ghosts = haunted.pop("ghosts", [])
    if json.dumps(plain) != json.dumps(haunted):
        sys.exit("the ghosts have changed the run")
    if len(ghosts) != SIZES * len(structures):
        sys.exit(f"{len(ghosts)} ghosts in the report")
    misses = set()
    for ghost in ghosts:
        name, key, _, _ = structures[ghost["structure"]]
        _, real = run(trapwalk, options, settings | {f"{key}.entries": ghost["entries"], f"{key}.ways": WAYS})
        rows = [row for row in rows_of(real) if row["name"] == name]
        for member in ("lookups", "misses"):
            counted = sum(row[member] for row in rows)
            if counted != ghost[member]:
                sys.exit(f"{ghost['structure']} of {ghost['entries']}: {ghost[member]} {member}, in a real run {counted}")
        misses.add((ghost["structure"], ghost["misses"]))
    if len(misses) < len(structures) * different:
        sys.exit(f"sizes make no difference: {sorted(misses)}")
    return Found(plain, console == haunted_console, len(ghosts))
