#!/usr/bin/env python3
"""run.py says what is wrong with a page, and runs all of one that is right."""
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
}


def run(folder: pathlib.Path, page: str) -> subprocess.CompletedProcess[str]:
    path = folder / "page.md"
    path.write_text(page)
    return subprocess.run([sys.executable, str(RUN), str(path)], capture_output=True, text=True, timeout=60)


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


if __name__ == "__main__":
    main()
