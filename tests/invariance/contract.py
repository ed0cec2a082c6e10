#!/usr/bin/env python3
"""Contract violations of a guest: exactly the kinds and counts that are named, and nothing else in the report changes by
looking for them.

Usage: contract.py TRAPWALK ELF [KIND=COUNT...] [-- RUN-OPTION...]
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def run(trapwalk: str, elf: str, options: list[str], check: bool) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        command = [trapwalk, "run", "--cpu", "cortex-a57", "--fidelity", "timed", "--kernel", elf,
                   "--report", str(path), *options]
        if check:
            command += ["--set", "mmu.check_contract=true"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr.decode(errors='replace')}")
        return json.loads(path.read_text())


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    trapwalk, elf, *rest = sys.argv[1:]
    cut = rest.index("--") if "--" in rest else len(rest)
    expected = {kind: int(count) for kind, count in (word.split("=") for word in rest[:cut])}
    options = rest[cut + 1:]
    plain = run(trapwalk, elf, options, False)
    checked = run(trapwalk, elf, options, True)
    found = {row["kind"]: row for row in checked.pop("contract_violations", [])}
    counts = {kind: row["count"] for kind, row in found.items()}
    if counts != expected:
        sys.exit(f"expected {expected}, found {counts}\n{json.dumps(list(found.values()), indent=1)}")
    for report in (plain, checked):
        report["configuration"] = [p for p in report["configuration"] if p["key"] != "mmu.check_contract"]
    if plain != checked:
        sys.exit("the check has changed the run")
    print(f"{pathlib.Path(elf).name}: {counts or 'no violation'}")


main()
