#!/usr/bin/env python3
"""run.py says what is wrong with a page, and runs all of one that is right."""
import json
import pathlib
import subprocess
import sys
import tempfile

RUN = pathlib.Path(__file__).with_name("run.py")
RIGHT = "```text file=a.txt\nhello\n```\n```sh\ncp a.txt b.txt\n```\n```python\nx = open('b.txt').read()\n```\n```python\nassert x == 'hello\\n'\n```\n"
WRONG = {
    "an assertion": ("text\n\n```python\nx = 1\nassert x == 2\n```\n", 1, "line 5"),
    "a command": ("```sh\nfalse\ntrue\n```\n", 1, "non-zero exit status 1"),
    "a pipe": ("```sh\nfalse | cat\n```\n", 1, "non-zero exit status 1"),
    "no block": ("text\n", 1, "no block that could be run"),
    "a package that cannot be had": ("```sh\nexit 5\n```\n", 77, "status 5"),
    "a program that is missing": ("```sh needs=no-such-program\nfalse\n```\n```sh\ntrue\n```\n", 77, "no-such-program is not installed"),
    "what comes behind it": ("```sh needs=no-such-program\nfalse\n```\n```sh\nfalse\n```\n", 1, "non-zero exit status 1"),
    "a program that is there": ("```sh needs=cat\nfalse\n```\n", 1, "non-zero exit status 1"),
}


def notebook(*sources: str, outputs: bool = False, nbformat: int = 4) -> str:
    text = {"cell_type": "markdown", "metadata": {}, "source": ["text"]}
    code = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [1] * outputs, "source": source.splitlines(True)}
        for source in sources
    ]
    return json.dumps({"nbformat": nbformat, "nbformat_minor": 5, "metadata": {}, "cells": [text, *code]})


SHOWN = "class Shown:\n    def _repr_html_(self):\n        {}\nshown = Shown()"
RIGHT_NOTEBOOK = notebook("x = 1", SHOWN.format("globals()['x'] = 2"), "shown", "assert x == 2\nNone")
WRONG_NOTEBOOKS = {
    "a cell that fails": (notebook("x = 1", "1\nx.y"), 'cell 3", line 2'),
    "a value that cannot be shown": (notebook(SHOWN.format("raise ValueError('no table')"), "shown"), "no table"),
    "outputs": (notebook("1", outputs=True), "cell 2 has outputs"),
    "a format of before": (notebook("1", nbformat=3), "nbformat 3"),
    "no code": (notebook(), "no cell that could be run"),
}


def run(folder: pathlib.Path, page: str, name: str = "page.md") -> subprocess.CompletedProcess[str]:
    path = folder / name
    path.write_text(page)
    return subprocess.run([sys.executable, str(RUN), str(path)], capture_output=True, text=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        done = run(folder, RIGHT)
        if done.returncode != 0:
            sys.exit(f"a page that is right: {done.returncode} {done.stderr}")
        for what, (page, status, message) in WRONG.items():
            done = run(folder, page)
            if done.returncode != status or message not in done.stderr:
                sys.exit(f"{what}: status {done.returncode}, not {status}; {done.stderr}")
        done = run(folder, RIGHT_NOTEBOOK, "page.ipynb")
        if done.returncode != 0:
            sys.exit(f"a notebook that is right: {done.returncode} {done.stderr}")
        for what, (page, message) in WRONG_NOTEBOOKS.items():
            done = run(folder, page, "page.ipynb")
            if done.returncode != 1 or message not in done.stderr:
                sys.exit(f"{what}: status {done.returncode}; {done.stderr}")


if __name__ == "__main__":
    main()
