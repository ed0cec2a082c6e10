#!/usr/bin/env python3
"""Runs a tutorial: its blocks, or the cells of a notebook, in their order, in an empty folder (docs/tutorials/README.md).

Usage: run.py PAGE.md|PAGE.ipynb [--figures]    --figures: figures are written beside the page, not into the empty folder
Exit status: 0; 1 with the block and its line that failed; 77 where its software or a program is missing
"""
from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass

import notebook

SKIPPED = 77
UNAVAILABLE = 5  # exit status of `trapwalk` when a package cannot be fetched
BLOCK = re.compile(r"^```(?P<language>\w+)(?: file=(?P<file>\S+))?(?: needs=(?P<needs>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    file: str | None
    needs: str | None  # a program
    text: str
    line: int  # of its first line in the page


def blocks_of(page: str) -> list[Block]:
    return [
        Block(found["language"], found["file"], found["needs"], found["text"], page.count("\n", 0, found.start("text")) + 1)
        for found in BLOCK.finditer(page)
    ]


def run(page: pathlib.Path, folder: pathlib.Path) -> int:
    """Leaves with the exception of the block that failed; its traceback has the page's lines, or the cell's. The status
    without one: a block whose program is missing was skipped."""
    namespace: dict[str, object] = {"__name__": "__tutorial__"}
    if page.suffix == ".ipynb":
        cells = notebook.cells_of(page.read_text())
        if not cells:
            raise SystemExit(f"{page}: no cell that could be run")
        for cell in cells:
            notebook.run(str(page), cell, namespace)
        return 0
    ran = status = 0
    for block in blocks_of(page.read_text()):
        if block.needs is not None and shutil.which(block.needs) is None:
            print(f"SKIPPED: {block.needs} is not installed (scripts/install-dependencies.sh)", file=sys.stderr)
            status = SKIPPED
            ran += 1
        elif block.file is not None:
            (folder / block.file).write_text(block.text)
        elif block.language == "python":
            code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
            exec(code, namespace)
            ran += 1
        elif block.language == "sh":
            subprocess.run(["bash", "-e", "-o", "pipefail", "-c", block.text], check=True, stdin=subprocess.DEVNULL)
            ran += 1
    if ran == 0:
        raise SystemExit(f"{page}: no block that could be run")
    return status


def is_unavailable(error: BaseException) -> bool:
    status = error.returncode if isinstance(error, subprocess.CalledProcessError) else getattr(error, "status", None)
    return status == UNAVAILABLE


def main() -> int:
    page = pathlib.Path(sys.argv[1]).resolve()
    trapwalk = os.environ.get("TRAPWALK")
    if trapwalk:
        os.environ["PATH"] = f"{pathlib.Path(trapwalk).parent}:{os.environ['PATH']}"
    os.environ["MPLBACKEND"] = "Agg"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ["TUTORIAL_FIGURES"] = str(page.parent if "--figures" in sys.argv else folder)
        os.chdir(folder)
        try:
            return run(page, folder)
        except Exception as error:
            traceback.print_exc()
            print(f"{page.name}: line {traceback.extract_tb(error.__traceback__)[-1].lineno}", file=sys.stderr)
            return SKIPPED if is_unavailable(error) else 1
        finally:
            os.chdir("/")


if __name__ == "__main__":
    sys.exit(main())
