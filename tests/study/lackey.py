#!/usr/bin/env python3
"""The recorded lackey trace of traces/, imported and replayed: accesses as they are counted here from its text, and the
misses of LRU TLBs as a list that is moved to the front says.

Usage: lackey.py TRAPWALK TRACES      Exit status 77: skipped.
"""
import collections
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

NAME = "true.lackey.zst"


def translations(text):
    """(kind, page) of each access; two where a page is crossed."""
    for line in text.splitlines():
        if line.startswith("=="):
            continue
        address, size = line[3:].split(",")
        first = int(address, 16)
        pages = sorted({first >> 12, (first + int(size) - 1) >> 12})
        for kind in {"I": "I", "L": "L", "S": "S", "M": "LS"}[line[:2].strip()]:
            for page in pages:
                yield kind, page


def lru_misses(pages, entries):
    stack, misses = collections.OrderedDict(), 0
    for page in pages:
        if page in stack:
            stack.move_to_end(page)
            continue
        misses += 1
        stack[page] = True
        if len(stack) > entries:
            stack.popitem(last=False)
    return misses


def main():
    if shutil.which("zstd") is None:
        print("SKIPPED: zstd is not installed (scripts/install-dependencies.sh)")
        return 77
    trapwalk, traces = sys.argv[1], pathlib.Path(sys.argv[2])
    rows = [line.split() for line in (traces / "MANIFEST").read_text().splitlines() if not line.startswith("#")]
    assert {row[0] for row in rows} | {"MANIFEST"} == {path.name for path in traces.iterdir()}, rows
    for name, digest, *_ in rows:
        assert hashlib.sha256((traces / name).read_bytes()).hexdigest() == digest, name
    text = subprocess.run(["zstd", "-d", "-c", traces / NAME], stdout=subprocess.PIPE, check=True).stdout.decode()
    accesses = list(translations(text))
    fetches = sum(kind == "I" for kind, _ in accesses)

    def run(*arguments):
        return subprocess.run([trapwalk, *map(str, arguments)], capture_output=True, text=True)

    with tempfile.TemporaryDirectory() as folder:
        source, trace, report = (pathlib.Path(folder) / name for name in ("true.lackey", "true.trace", "report.json"))
        source.write_text(text)
        done = run("import", "lackey", source, trace, "--asid", 3, "--command", "/bin/true")
        assert done.returncode == 0, done.stderr
        assert trace.stat().st_size < len(text) / 10
        done = run("replay", trace, "--miss-curve", "--report", report, "--set", "replay.paging=native")
        assert done.returncode == 0, done.stderr
        tlbs = {tlb["name"]: tlb for tlb in json.loads(report.read_text())["cores"][0]["tlbs"]}
        assert tlbs["L1 instruction"]["lookups"] == fetches, (tlbs, fetches)
        assert tlbs["L1 data"]["lookups"] == len(accesses) - fetches, tlbs
        assert tlbs["L1 instruction"]["misses"] == lru_misses([p for k, p in accesses if k == "I"], 48)
        assert tlbs["L1 data"]["misses"] == lru_misses([p for k, p in accesses if k != "I"], 32)
        curve = {int(line.split()[0].replace(",", "")): int(line.split()[-3].replace(",", ""))
                 for line in done.stdout.splitlines() if line.endswith("%") and len(line.split()) == 9}
        assert len(curve) == 13, done.stdout
        for entries in curve:
            expected = lru_misses([page for _, page in accesses], entries)
            assert curve[entries] == expected, (entries, curve[entries], expected)
        # What is no lackey text, and what a program has printed between.
        for wrong in ("", "==1== only valgrind\n", "I  0401ab70,3\nhello\n", "I  0401ab7x,3\n", "I  0401ab70\n", " L 10,0\n",
                      " L 10,99999999999\n", "\x93TWT"):
            source.write_text(wrong)
            trace.unlink(missing_ok=True)
            done = run("import", "lackey", source, trace)
            assert done.returncode == 2 and str(source) in done.stderr and not trace.exists(), (wrong, done.stderr)
        source.write_text(text)
        done = run("import", "lackey", source, source)
        assert done.returncode == 2 and source.read_text() == text, done.stderr
    print(f"lackey: {len(accesses)} translations, misses of all sizes as counted here")
    return 0


sys.exit(main())
