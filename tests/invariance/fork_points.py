#!/usr/bin/env python3
"""Points that share one boot (`trapwalk run --fork-points`) have the reports of runs of their own, to the byte.

Usage: fork_points.py TRAPWALK GUEST.elf [ARGUMENT]...
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

POINTS = {
    "as booted": [],
    "small": ["mmu.l2.entries=64", "mmu.l2.ways=4"],
    "no walk cache": ["mmu.walk_cache.entries=0", "mmu.vmid_tagging=false"],
    "split": ["mmu.split=true", "mmu.descriptor_latency=30", "core.cost.load=7"],
    "out of order": ["core.pipeline.model=out-of-order", "core.pipeline.width=3"],
}
GHOST = ["--ghost", "tlb.l2=entries:256..1024"]


def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)


def check(what: bool, message: str) -> None:
    if not what:
        sys.exit(f"fork_points: {message}")


def write(folder: pathlib.Path, points: dict[str, list[str]]) -> pathlib.Path:
    rows = [{"name": name, "set": sets, "report": [str(folder / f"{name}.json")], "output": str(folder / f"{name}.out")}
            for name, sets in points.items()]
    path = folder / "points.json"
    path.write_text(json.dumps(rows))
    return path


def check_equal(command: list[str], folder: pathlib.Path) -> None:
    done = run([*command, *GHOST, "--fork-points", str(write(folder, POINTS))])
    check(done.returncode == 0, f"status {done.returncode}: {done.stderr}")
    reports = {}
    for name, sets in POINTS.items():
        alone = folder / "alone.json"
        settings = [word for assignment in sets for word in ("--set", assignment)]
        single = run([*command, *GHOST, *settings, "--report", str(alone)])
        check(single.returncode == 0, f"{name} alone: {single.stderr}")
        reports[name] = alone.read_bytes()
        check((folder / f"{name}.json").read_bytes() == reports[name], f"{name}: another report than a run of its own")
        check(single.stdout.endswith((folder / f"{name}.out").read_text().split("\ntrapwalk:")[0][-40:]),
              f"{name}: another end of its output")
    check(len(set(reports.values())) == len(POINTS), "points do not differ: the test says nothing")


def check_refusals(command: list[str], folder: pathlib.Path) -> None:
    bad = {
        "memory.size=2G": "memory.size cannot be another one behind the boot",
        "core.el2=false": "core.el2 cannot be another one behind the boot",
        "mmu.l2.entires=64": "mmu.l2.entries",
        "mmu.l2.entries=65": "mmu.l2",
    }
    for assignment, message in bad.items():
        done = run([*command, "--fork-points", str(write(folder, {"bad": [assignment]}))])
        check(done.returncode == 2 and message in done.stderr, f"{assignment}: {done.returncode} {done.stderr}")
    for text, message in {"[": "parse error", "{}": "no JSON array", '[{"nam": "x"}]': 'did you mean "name"'}.items():
        (folder / "points.json").write_text(text)
        done = run([*command, "--fork-points", str(folder / "points.json")])
        check(done.returncode == 2 and message in done.stderr, f"{text}: {done.returncode} {done.stderr}")
    done = run([*command[:4], "--timed-from", "text:never printed", "--fork-points", str(write(folder, {"one": []}))])
    check(done.returncode == 3 and "no point ran" in done.stderr, f"never began: {done.returncode} {done.stderr}")


def check_children(command: list[str], folder: pathlib.Path) -> None:
    """A child that is killed is a failed point; the others are as they were. One whose file cannot be written too."""
    points = write(folder, {name: POINTS["as booted"] for name in ("first", "second", "third")})
    rows = json.loads(points.read_text())
    rows[1]["output"] = str(folder / "no such folder" / "x")
    points.write_text(json.dumps(rows))
    with (folder / "status").open("w") as status:
        done = run([*command, "--fork-jobs", "1", "--fork-points", str(points), "--status-fd", str(status.fileno())],
                   pass_fds=[status.fileno()])
    lines = [json.loads(line) for line in (folder / "status").read_text().splitlines()]
    check([(line["name"], line["status"]) for line in lines if line["event"] == "point"] ==
          [("first", 0), ("second", 2), ("third", 0)], f"status lines: {lines}")
    check(lines[-1]["event"] == "ended" and lines[-1]["cause"] == "forked", f"last status line: {lines[-1]}")
    check(done.returncode == 6, f"a point that fails: status {done.returncode} {done.stderr}")
    check((folder / "first.json").exists() and (folder / "third.json").exists(), "the others were lost")
    check(not (folder / "second.json").exists(), "the second has a report")


def check_killed_parent(command: list[str], folder: pathlib.Path) -> None:
    """No child outlives a parent that is killed."""
    endless = [*command[:2], "--fidelity", "timed", "--cpu", "cortex-a57", "--bios",
               "/usr/lib/u-boot/qemu_arm64/u-boot.bin", "--serial", "none"]
    points = write(folder, {"a": [], "b": []})
    for how in (signal.SIGKILL, signal.SIGTERM):
        parent = subprocess.Popen([*endless, "--fork-points", str(points), "--fork-jobs", "2"], stdin=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        children: list[str] = []
        deadline = time.monotonic() + 1500  # then it hangs
        while len(children) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
            children = pathlib.Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        check(len(children) == 2, "children did not start")
        parent.send_signal(how)
        status = parent.wait()
        check(status == (-9 if how == signal.SIGKILL else 130), f"{how}: status {status}")
        while any(os.path.exists(f"/proc/{child}/exe") for child in children) and time.monotonic() < deadline:
            time.sleep(0.05)
        check(not any(os.path.exists(f"/proc/{child}/exe") for child in children), f"{how}: a child goes on")


def main() -> None:
    trapwalk, guest, *arguments = sys.argv[1:]
    command = [trapwalk, "run", "--kernel", guest, *arguments]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_equal(command, folder)
        check_refusals(command, folder)
        check_children(command, folder)
        check_killed_parent(command, folder)


if __name__ == "__main__":
    main()
