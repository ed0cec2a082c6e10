#!/usr/bin/env python3
"""A run with host-side shortcuts and one without have the same report, to the byte, whatever runs and however it ends.

Usage: shortcuts.py TRAPWALK RUN-OPTION...
"""
import pathlib
import subprocess
import sys
import tempfile


def main() -> None:
    trapwalk, *options = sys.argv[1:]
    reports = []
    with tempfile.TemporaryDirectory() as folder:
        for shortcuts in ("true", "false"):
            path = pathlib.Path(folder) / f"{shortcuts}.json"
            command = [trapwalk, "run", *options, "--set", f"host.shortcuts={shortcuts}", "--report", str(path)]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if not path.exists():
                sys.exit(f"{' '.join(command)}: no report, exit status {done.returncode}\n{done.stderr}")
            reports.append(path.read_text().splitlines())
    if reports[0] != reports[1]:
        differing = [f"- {a}\n+ {b}" for a, b in zip(*reports) if a != b][:10]
        sys.exit("the report without host shortcuts differs:\n" + "\n".join(differing))


if __name__ == "__main__":
    main()
