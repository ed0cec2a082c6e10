#!/usr/bin/env python3
"""Every `trapwalk` command line of every page has options that the command knows: --help behind it, it succeeds.

An ellipsis stands for what the page does not repeat. A comment ends a line, a backslash joins two.
Usage: commands.py TRAPWALK SOURCES
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from links import pages_of

COMMAND = re.compile(r"(?:^|[|&;(] *|\$ )(?:build/release/bin/)?trapwalk +((?:run|import|record|trace|replay|sweep|software|parameters|report|compare)\b.*)")
END = re.compile(r"[|&;<>]+")  # what only the shell reads


def code_lines(text: str) -> list[tuple[int, str]]:
    """The lines of a page's blocks (fenced or indented), with their numbers."""
    lines, fenced, joined = [], False, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            joined += line.strip()
            if joined.endswith("\\"):
                joined = joined[:-1]
                continue
            lines.append((number, joined))
        joined = ""
    return lines


def words_of(line: str) -> list[str] | None:
    """The words behind `trapwalk`, or None when the line has no such command."""
    found = COMMAND.search(line)
    if not found:
        return None
    lexer = shlex.shlex(found.group(1), posix=True, punctuation_chars=True)
    lexer.wordchars += ":,=$@{}[]…"
    lexer.commenters = "#"
    words = []
    for word in lexer:
        if END.fullmatch(word):
            break
        words.append(word)
    return [word for word in words if word not in ("...", "…")]


def main(trapwalk: str, sources: Path) -> int:
    """Returns the exit status."""
    tried, wrong = 0, 0
    for page in pages_of(sources):
        for number, line in code_lines(page.read_text()):
            words = words_of(line)
            if not words or words[-1] in ("X", "a.json", "b.json"):  # the first page's drawing
                continue
            tried += 1
            done = subprocess.run([trapwalk, *words, *([] if "--help" in words else ["--help"])], capture_output=True, text=True)
            if done.returncode != 0 or not done.stdout:
                wrong += 1
                print(f"{page}:{number}: trapwalk {' '.join(words)}: {done.stderr.strip()}")
    print(f"{tried} command lines, {wrong} that are refused")
    return 1 if wrong or tried < 40 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
