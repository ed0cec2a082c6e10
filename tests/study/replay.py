#!/usr/bin/env python3
"""A trace that is written here, from docs/trace-format.md alone, through `trapwalk replay`: what it says is what the
trace's shape says, and a file that is damaged is refused.

Usage: replay.py TRAPWALK      Exit status 77: skipped.
"""
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

PAGES, ROUNDS, VMID, ASID, BASE = 100, 10, 5, 7, 0x40_0000


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def difference(value, before):
    signed = value - before
    return varint(2 * signed if signed >= 0 else -2 * signed - 1)


def checked(part):
    return part + struct.pack("<I", zlib.crc32(part))


def text(value):
    return struct.pack("<I", len(value)) + value.encode()


def trace():
    """PAGES pages in turn, ROUNDS times: reads of 8 bytes at EL0 of one address space, without IPAs and PAs."""
    provenance = text("command") + text("replay.py")
    header = checked(b"\x93TWT\r\n\x1a\n" + struct.pack("<HHI", 1, 0, len(provenance)) + provenance)
    blocks, index, records = b"", [], 0
    for round_ in range(ROUNDS):  # a block each
        coded, before = b"", 0
        for page in range(PAGES):
            first = page == 0
            va = BASE + page * 4096
            coded += bytes([1 | (0b1100 if first else 0)]) + difference(va, before)
            if first:
                coded += varint(8) + bytes([0]) + varint(VMID) + varint(ASID) + varint(0)
            before = va
        packed = subprocess.run(["zstd", "-q", "-c", "--no-check"], input=coded, stdout=subprocess.PIPE, check=True).stdout
        index.append((len(header) + len(blocks), records))
        blocks += checked(b"BLK1" + struct.pack("<III", PAGES, len(coded), len(packed)) + packed)
        records += PAGES
    table = checked(b"IDX1" + struct.pack("<I", len(index)) + b"".join(struct.pack("<QQ", *entry) for entry in index))
    end = checked(b"END1" + struct.pack("<QQ", len(header) + len(blocks), records))
    return header + blocks + table + end


def tlb_curve(text):
    """The lines of the first of the miss curves."""
    return text.split("Misses of LRU TLBs")[1].split("Misses of LRU walk caches")[0].splitlines()


def main():
    if shutil.which("zstd") is None:
        print("SKIPPED: zstd is not installed (scripts/install-dependencies.sh)")
        return 77
    trapwalk = sys.argv[1]

    def replay(*arguments):
        return subprocess.run([trapwalk, "replay", *map(str, arguments)], capture_output=True, text=True)

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "a.trace"
        file.write_bytes(trace())
        report = file.with_suffix(".json")
        # No walk caches: both stages of 4 KB pages take 19 descriptors a walk. 64 entries in turn over 100 pages: none is
        # ever hit by LRU; with 128, all but the first round.
        for entries, walks in ((64, PAGES * ROUNDS), (128, PAGES)):
            done = replay(file, "--set", f"mmu.l2.entries={entries}", "--set", f"mmu.l2.ways={min(entries, 64)}", "--set",
                          "mmu.l1d.entries=1", "--set", "mmu.l1i.entries=1", "--set", "mmu.l2.latency=0", "--set",
                          "replay.descriptor_cycles=10", "--report", report, "--miss-curve")
            assert done.returncode == 0, done.stderr
            core = json.loads(report.read_text())["cores"][0]
            assert sum(walk["count"] for walk in core["walks"]) == walks, (entries, core["walks"])
            assert core["elapsed"] == PAGES * ROUNDS + walks * 19 * 10, (entries, core["elapsed"])
            l2 = next(tlb for tlb in core["tlbs"] if tlb["name"] == "L2")
            assert (l2["lookups"], l2["misses"]) == (PAGES * ROUNDS, walks), l2
            assert "replay.py" in done.stdout
            curve = {line.split()[0]: line.split()[-3] for line in tlb_curve(done.stdout) if line.endswith("%")
                     and len(line.split()) == 9}
            assert (curve["64"], curve["128"]) == ("1,000", "100"), done.stdout
            # All pages have one table of the last level.
            assert f"{walks:,} references, 1 of them first ones" in done.stdout, done.stdout
        # From the middle of the trace: 42 records of two blocks.
        done = replay(file, "--from", 280, "--records", 42, "--report", report)
        assert done.returncode == 0 and "42 of 1,000 records" in done.stdout, done.stdout
        # What is wrong with a file, and where.
        whole = file.read_bytes()
        for damaged, why in ((whole[:-1], "no end mark"), (whole[:300] + bytes([whole[300] ^ 1]) + whole[301:], "checksum"),
                             (b"\x7fELF" + whole, "no trace"), (b"", "truncated")):
            file.write_bytes(damaged)
            done = replay(file)
            assert done.returncode == 2 and why in done.stderr and f"{file}: offset " in done.stderr, done.stderr
        for arguments, why in (([file.with_name("absent")], "No such file"), ([], "which trace"),
                               ([file, "--set", "replay.leaf=8192"], "replay.leaf"),
                               ([file, "--set", "replay.laef=4096"], "did you mean")):
            if arguments:
                file.write_bytes(whole)
            done = replay(*arguments)
            assert done.returncode == 2 and why in done.stderr, done.stderr
    print("replay: as the trace's shape says")
    return 0


sys.exit(main())
