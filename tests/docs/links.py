#!/usr/bin/env python3
"""Every link of every page leads to a file that is there, and to a heading of it.

Usage: links.py SOURCES
"""

import os
import re
import sys
from pathlib import Path

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def pages_of(sources: Path) -> list[Path]:
    """All pages, but those of build folders, in which other tests make and remove folders meanwhile."""
    pages: list[Path] = []
    for folder, folders, files in os.walk(sources):
        folders[:] = [name for name in folders if name not in ("build", ".git")]
        pages += [Path(folder, name) for name in files if name.endswith(".md")]
    return sorted(pages)


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    plain = (re.sub(r"[`*]", "", heading).lower() for heading in HEADING.findall(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    wrong = []
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists():
            wrong.append(f"{page}: {link}: there is no such file")
        elif anchor and anchor not in anchors(target.read_text()):
            wrong.append(f"{page}: {link}: the page has no such heading")
    return wrong


def main(sources: Path) -> int:
    """Returns the exit status."""
    pages = pages_of(sources)
    wrong = [complaint for page in pages for complaint in broken(page)]
    print("\n".join(wrong))
    print(f"{len(pages)} pages, {len(wrong)} links that lead nowhere")
    return 1 if wrong or len(pages) < 20 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
