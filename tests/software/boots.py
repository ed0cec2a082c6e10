#!/usr/bin/env python3
"""Boots real software to its milestones: the rows of boots.toml.

Usage: boots.py TRAPWALK NAME     runs a row: exit status 0 passed, 1 failed, 77 its software cannot be had
       boots.py --list            NAME SECONDS [long], a line a row, for CMake
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import tomllib

TABLE = pathlib.Path(__file__).with_name("boots.toml")
SKIPPED, UNAVAILABLE = 77, 5
SECONDS_PER_GIGA = 1000  # host seconds after which a thousand million instructions hang


def rows() -> list[dict]:
    """`like` names a table whose keys are the row's own unless it has them; options add up, milestones merge (see below)."""
    table = tomllib.loads(TABLE.read_text())
    result = []
    for row in table["boot"]:
        base = table[row["like"]] if "like" in row else {}
        whole = {**base, **row}
        whole["options"] = base.get("options", []) + row.get("options", [])
        # The row's own are searched apart from those of its model: each list is in order.
        whole["milestones"] = [m for m in (base.get("milestones"), row.get("milestones")) if m]
        unknown = set(whole) - {"like", "name", "software", "options", "milestones", "ends", "limit", "short", "twice", "count"}
        if unknown:
            sys.exit(f"boots.toml: {row['name']}: unknown keys {sorted(unknown)}")
        result.append(whole)
    names = [row["name"] for row in result]
    if len(set(names)) != len(names):
        sys.exit("boots.toml: two rows of one name")
    return result


def seconds_of(row: dict) -> int:
    return int(60 + row["limit"] * SECONDS_PER_GIGA) * (2 if row.get("twice") else 1)


def cache() -> pathlib.Path:
    """As sc_main has it; a machine without HOME keeps nothing."""
    for variable, below in (("TRAPWALK_CACHE", "."), ("XDG_CACHE_HOME", "trapwalk"), ("HOME", ".cache/trapwalk")):
        if os.environ.get(variable):
            return pathlib.Path(os.environ[variable]) / below
    os.environ["TRAPWALK_CACHE"] = tempfile.mkdtemp()
    return pathlib.Path(os.environ["TRAPWALK_CACHE"])


def busybox_digest(root: pathlib.Path) -> str:
    folder = json.loads((root / "chosen" / "busybox-static.json").read_text())["folder"]
    return hashlib.sha256((root / "packages" / folder / "bin" / "busybox").read_bytes()).hexdigest()


def run(command: list[str], row: dict) -> tuple[int, str, str, float]:
    start = time.perf_counter()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds_of(row))
    except subprocess.TimeoutExpired as late:
        print((late.stdout or b"").decode(errors="replace")[-4000:])
        sys.exit(f"{row['name']}: no end after {seconds_of(row)} s")
    console = done.stdout.decode(errors="replace").replace("\r", "")
    return done.returncode, console, done.stderr.decode(errors="replace"), time.perf_counter() - start


def complaints(row: dict, status: int, console: str, report: dict, root: pathlib.Path) -> list[str]:
    found = [] if status == 0 else [f"exit status {status}"]
    lines = console.splitlines()
    for milestones in row["milestones"]:
        at = 0
        for pattern in milestones:
            if "{busybox}" in pattern:
                pattern = pattern.replace("{busybox}", busybox_digest(root))
            match = next((n for n in range(at, len(lines)) if re.search(pattern, lines[n])), None)
            if match is None:
                found.append(f"not on the console, or not in its place: {pattern}")
                break
            at = match + 1
    for pattern, count in row.get("count", {}).items():
        if len(re.findall(pattern, console)) != count:
            found.append(f"{len(re.findall(pattern, console))} times on the console, not {count}: {pattern}")
    stopped = "the guest powered off" if row["ends"] == "power off" else "the text of --until was printed"
    if report["run"]["stopped"] != stopped:
        found.append(f"stopped: {report['run']['stopped']}; expected: {stopped}")
    for core in report["cores"]:
        accounted = sum(sum(context["cycles"].values()) for context in core["contexts"])
        if accounted != core["elapsed"] - core["origin"]:
            found.append(f"core {core['cpu']}: {accounted} cycles have an owner, {core['elapsed'] - core['origin']} elapsed")
    if report["unimplemented_encodings"]:
        found.append(f"unimplemented encodings: {report['unimplemented']}")
    return found


def main() -> None:
    if sys.argv[1:] == ["--list"]:
        for row in rows():
            print(row["name"], seconds_of(row) + 300, *([] if row.get("short") else ["long"]))
        return
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    trapwalk, name = sys.argv[1:]
    row = next((r for r in rows() if r["name"] == name), None) or sys.exit(f"boots.toml has no {name}")
    root = cache()
    missing = [o for o in row["options"] if o.startswith("/usr/") and not os.access(o, os.R_OK)]
    if missing:
        print(f"SKIPPED: {', '.join(missing)} is missing; run scripts/install-dependencies.sh", file=sys.stderr)
        sys.exit(SKIPPED)
    if "software" in row:
        fetched = subprocess.run([trapwalk, "software", "get", row["software"]], capture_output=True, text=True)
        if fetched.returncode == UNAVAILABLE:
            print(f"SKIPPED: {row['software']} cannot be fetched\n{fetched.stderr}", file=sys.stderr)
            sys.exit(SKIPPED)
        if fetched.returncode != 0:
            sys.exit(f"software get {row['software']}: exit status {fetched.returncode}\n{fetched.stderr}")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        command = [trapwalk, "run", "--report", str(report), "--max-instructions", str(int(row["limit"] * 1e9)), *row["options"]]
        command += ["--software", row["software"]] if "software" in row else []
        command += ["--until", row["ends"]] if row["ends"] != "power off" else []
        for _ in range(2 if row.get("twice") else 1):
            status, console, summary, seconds = run(command, row)
            if not report.exists():
                sys.exit(f"{' '.join(command)}: exit status {status}, no report\n{console[-2000:]}\n{summary}")
            results.append((console, report.read_bytes()))
            report.unlink()
            data = json.loads(results[-1][1])
            wrong = complaints(row, status, console, data, root)
            count = sum(core["instructions"] for core in data["cores"])
            print(f"{name}: {count / 1e6:.0f} M instructions, {data['run']['simulated_ps'] / 1e12:.3f} s simulated, "
                  f"{seconds:.1f} s, {count / seconds / 1e6:.0f} MIPS")
            if wrong:
                print(console[-6000:] + summary)
                sys.exit(f"{name}: FAILED\n  " + "\n  ".join(wrong))
    if row.get("twice"):
        for what, first, second in (("console", *(r[0] for r in results)), ("report", *(r[1] for r in results))):
            if first != second:
                sys.exit(f"{name}: FAILED: two equal runs differ in their {what}")


main()
