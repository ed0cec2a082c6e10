#!/usr/bin/env python3
"""Takes the files out of a tutorial: fenced blocks whose first line is ```LANGUAGE file=NAME.

Usage: files_of.py PAGE.md FOLDER    writes FOLDER/NAME; a file that is as it was keeps its time
"""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main() -> None:
    page, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    blocks = BLOCK.findall(page.read_text())
    if not blocks:
        sys.exit(f"{page}: no block has a file=NAME")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in blocks:
        path = folder / name
        if path.parent != folder:
            sys.exit(f"{page}: {name} is no plain file name")
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    main()
