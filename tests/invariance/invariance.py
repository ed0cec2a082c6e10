#!/usr/bin/env python3
"""Whole runs that must not differ: host-side shortcuts on, and off with the TLM-2.0 checker at every socket (which ends the program
where a rule is broken), and one run after another, to the byte of the report; quantum 1 ns and the default, to the
cycle (one core: what is scheduled in between is the same). In every run, for every core, the sum over causes equals the
elapsed cycles.

Usage: invariance.py TRAPWALK ELF FIDELITY [RUN-OPTION...]
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def run(trapwalk: str, elf: str, report: pathlib.Path, options: list[str]) -> str:
    command = [trapwalk, "run", "--cpu", "cortex-a57", "--kernel", elf, "--report", str(report), *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def check_conservation(name: str, report: dict) -> None:
    if not report["cores"]:
        sys.exit(f"{name}: no core in the report")
    for core in report["cores"]:
        accounted = sum(sum(account["cycles"].values()) for account in core["contexts"])
        if accounted != core["elapsed"] - core["origin"] or accounted == 0:
            sys.exit(f"{name}: core {core['cpu']}: {accounted} cycles accounted, {core['elapsed']} elapsed")


def main() -> None:
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    trapwalk, elf, fidelity, *options = sys.argv[1:]
    options = ["--fidelity", fidelity, *options]
    checked = ["--set", "host.shortcuts=false", "--set", "host.check_protocol=true"]  # all accesses meet the checkers
    variants = {"first": [], "again": [], "no host shortcuts": checked}
    outputs, reports = {}, {}
    if fidelity == "timed":  # functional fidelity looks at the end of a slice at taken branches only
        variants["quantum of 1 ns"] = ["--set", "platform.quantum=1"]
    with tempfile.TemporaryDirectory() as folder:
        for name, extra in variants.items():
            path = pathlib.Path(folder) / "report.json"
            outputs[name] = run(trapwalk, elf, path, options + extra)
            reports[name] = path.read_bytes()
            check_conservation(name, json.loads(reports[name]))
    for name in variants:
        if outputs[name] != outputs["first"]:
            sys.exit(f"'{name}' printed something else on the console than 'first'")
        if name == "quantum of 1 ns":
            one, two = (json.loads(reports[n])["cores"] for n in ("first", name))
            if one != two:
                sys.exit(f"the cores of '{name}' differ from those of 'first'")
        elif reports[name] != reports["first"]:
            one, two = reports["first"].splitlines(), reports[name].splitlines()
            differing = [f"- {a.decode()}\n+ {b.decode()}" for a, b in zip(one, two) if a != b][:10]
            sys.exit(f"the report of '{name}' differs from that of 'first':\n" + "\n".join(differing))
    print(f"{pathlib.Path(elf).name}, {fidelity}: {len(variants)} runs, {len(reports['first'])} bytes of report, equal")


main()
