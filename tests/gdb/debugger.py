#!/usr/bin/env python3
"""gdb-multiarch itself debugs a run.

Usage: debugger.py SCRIPT.py OBJECT-FILE TRAPWALK RUN-OPTION...
SCRIPT.py runs inside gdb, which is connected (by the function connect() of debugging.py), and ends with "OK" on a line of its own;
OBJECT-FILE is what gdb takes names from ("-": nothing). Exit status 77: there is no gdb-multiarch.
"""
import os
import pathlib
import shutil
import subprocess
import sys

from remote import Run


def main() -> None:
    script, names, trapwalk, *options = sys.argv[1:]
    names = names if names == "-" else str(pathlib.Path(names).resolve())
    debugger = shutil.which("gdb-multiarch")
    if debugger is None:
        print("SKIPPED: gdb-multiarch is not installed (scripts/install-dependencies.sh)")
        sys.exit(77)
    run = Run([trapwalk, "run", *options])
    folder = pathlib.Path(__file__).resolve().parent
    done = subprocess.run(
        [debugger, "-q", "-nx", "-batch", *(["-ex", f'file "{names}"'] if names != "-" else []), "-x", str(folder / script)],
        env={**os.environ, "TRAPWALK_GDB": run.where, "PYTHONPATH": str(folder), "LC_ALL": "C"}, cwd=folder.parent.parent,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1500)
    if done.returncode != 0 or "\nOK\n" not in done.stdout:
        run.process.kill()
        sys.exit(f"gdb: status {done.returncode}\n{done.stdout}\n{done.stderr}\n{run.end()[2]}")
    status, output, errors = run.end()
    print(done.stdout)
    if status != 0:
        sys.exit(f"the run: status {status}\n{output}\n{errors}")


main()
