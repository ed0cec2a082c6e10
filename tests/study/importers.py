#!/usr/bin/env python3
"""The recorded traces of traces/, imported and replayed: accesses as they are counted here from each file by other means
(struct, Google's protobuf), and the misses of LRU TLBs as a list that is moved to the front says.

Usage: importers.py TRAPWALK TRACES      Exit status 77: skipped.
"""
import collections
import gzip
import hashlib
import json
import lzma
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

# Of each importer: the traces' suffix.
SUFFIXES = {"lackey": ".lackey.zst", "champsim": ".champsim.xz", "gem5": ".gem5.gz"}
CURVE = "true.lackey.zst"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts" / "record"))
L1I, L1D = 48, 32  # entries of the Cortex-A57


def lackey_accesses(data):
    for line in data.decode().splitlines():
        if line.startswith("=="):
            continue
        address, size = line[3:].split(",")
        for kind in {"I": "I", "L": "L", "S": "S", "M": "LS"}[line[:2].strip()]:
            yield kind, int(address, 16), int(size)


def champsim_accesses(data):
    for ip, _branch, _taken, _to, _from, *places in struct.iter_unpack("<QBB2s4s2Q4Q", data):
        yield "I", ip, 1
        yield from (("L", place, 1) for place in places[2:] if place)
        yield from (("S", place, 1) for place in places[:2] if place)


def gem5_accesses(data):
    import gem5_packets
    for packet in gem5_packets.read(data)[1]:
        if packet.flags & gem5_packets.WALK:
            continue
        if packet.cmd == gem5_packets.READ:
            yield "I" if packet.flags & gem5_packets.FETCH else "L", packet.addr, packet.size
        elif packet.cmd == gem5_packets.WRITE:
            yield "S", packet.addr, packet.size


ACCESSES = {"lackey": lackey_accesses, "champsim": champsim_accesses, "gem5": gem5_accesses}


def unpacked(path):
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-d", "-c", path], stdout=subprocess.PIPE, check=True).stdout
    return {".xz": lzma, ".gz": gzip}[path.suffix].decompress(path.read_bytes())


def pages_of(accesses):
    """(kind, page) of each translation; two where a page is crossed."""
    for kind, first, size in accesses:
        for page in range(first >> 12, (first + size - 1 >> 12) + 1):
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


class Trial:
    def __init__(self, trapwalk, folder):
        self.trapwalk, self.source, self.trace, self.report = trapwalk, folder / "source", folder / "trace", folder / "report.json"

    def run(self, *arguments):
        return subprocess.run([self.trapwalk, *map(str, arguments)], capture_output=True, text=True)

    def holds(self, tool, source, accesses, curve=False):
        """Imports `source`, in which are `accesses`, and replays it. What import printed."""
        imported = self.run("import", tool, source, self.trace, "--asid", 3, "--command", "a test")
        assert imported.returncode == 0, imported.stderr
        assert imported.stdout.startswith(f"{self.trace}: {len(accesses)} records, "), (imported.stdout, len(accesses))
        done = self.run("replay", self.trace, *["--miss-curve"] * curve, "--report", self.report, "--set", "replay.paging=native")
        assert done.returncode == 0, done.stderr
        tlbs = {tlb["name"]: tlb for tlb in json.loads(self.report.read_text())["cores"][0]["tlbs"]}
        translations = list(pages_of(accesses))
        for name, fetch, entries in (("L1 instruction", True, L1I), ("L1 data", False, L1D)):
            pages = [page for kind, page in translations if (kind == "I") == fetch]
            assert tlbs[name]["lookups"] == len(pages), (source, name, tlbs[name], len(pages))
            assert tlbs[name]["misses"] == lru_misses(pages, entries), (source, name, tlbs[name])
        if curve:
            of_tlbs = done.stdout.split("Misses of LRU walk caches")[0]
            misses = {int(line.split()[0].replace(",", "")): int(line.split()[-3].replace(",", ""))
                      for line in of_tlbs.splitlines() if line.endswith("%") and len(line.split()) == 9}
            assert len(misses) == 13, done.stdout
            for entries, counted in misses.items():
                assert counted == lru_misses([page for _, page in translations], entries), entries
        return imported.stdout

    def refused(self, tool, data, *options):
        self.source.write_bytes(data)
        self.trace.unlink(missing_ok=True)
        done = self.run("import", tool, self.source, self.trace, *options)
        assert done.returncode == 2 and done.stderr and not self.trace.exists(), (tool, data[:40], done)
        return done.stderr


def by_google(trial):
    """Packets of all that there may be, written by Google's library."""
    import gem5_packets as gem5
    dice = random.Random(5)
    header = gem5.PacketHeader(obj_id="system.monitor", ver=1, tick_freq=10**12)
    for key in range(300):
        header.id_strings.add(key=key, value=f"requestor {key}")
    packets = []
    for number in range(3000):
        packet = gem5.Packet(tick=dice.getrandbits(dice.randrange(65)), cmd=dice.choice([1, 1, 4, 2, 30]),
                             addr=dice.getrandbits(dice.randrange(1, 47)), size=1 << dice.randrange(7))
        if dice.random() < 0.7:
            packet.flags = dice.choice([0, gem5.FETCH, gem5.WALK, 0x8000_0400])
        if dice.random() < 0.5:
            packet.pkt_id, packet.pc = dice.getrandbits(64), dice.getrandbits(64)
        packets.append(packet)
    data = gem5.written(header, packets)
    trial.source.write_bytes(data)
    out = trial.holds("gem5", trial.source, list(gem5_accesses(data)))
    for command in (2, 30):
        count = sum(packet.cmd == command for packet in packets)
        assert f"left out: {count} packets of command {command}\n" in out, (count, out)
    walks = sum(packet.cmd in (1, 4) and packet.flags & gem5.WALK != 0 for packet in packets)
    assert f"left out: {walks} packets of page-table walkers\n" in out, (walks, out)


def bad_input(trial, traces):
    for wrong in (b"", b"==1== only valgrind\n", b"I  0401ab70,3\nhello\n", b"I  0401ab7x,3\n", b"I  0401ab70\n", b" L 10,0\n",
                  b" L 10,99999999999\n", b"\x93TWT"):
        assert str(trial.source) in trial.refused("lackey", wrong), wrong
    for tool, suffix in SUFFIXES.items():
        path = min((path for path in traces.iterdir() if path.name.endswith(suffix)), key=lambda path: path.stat().st_size)
        data = path.read_bytes()
        assert "truncated" in trial.refused(tool, data[:len(data) * 2 // 3]), path
        for other in set(SUFFIXES) - {tool}:
            assert "offset" in trial.refused(other, data) or other == "lackey", (other, path)
    assert "lackey, champsim, cloudsuite, gem5" in trial.refused("pin", b"I  10,3\n")
    for options in (("--asid", "65536"), ("--vmid=-1",), ("--read", "3"), ("--speed", "3")):
        trial.refused("lackey", b"I  10,3\n", *options)
    trial.source.write_bytes(b"I  10,3\n")
    done = trial.run("import", "lackey", trial.source, trial.source)
    assert done.returncode == 2 and trial.source.read_bytes() == b"I  10,3\n", done.stderr
    done = trial.run("import", "lackey", trial.source, "/dev/full")
    assert done.returncode == 2 and pathlib.Path("/dev/full").exists(), done


def main():
    try:
        import gem5_packets  # noqa: F401
    except ImportError:
        print("SKIPPED: python3-protobuf is not installed (scripts/install-dependencies.sh)")
        return 77
    if shutil.which("zstd") is None:
        print("SKIPPED: zstd is not installed (scripts/install-dependencies.sh)")
        return 77
    trapwalk, traces = sys.argv[1], pathlib.Path(sys.argv[2])
    rows = [line.split() for line in (traces / "MANIFEST").read_text().splitlines() if not line.startswith("#")]
    assert {row[0] for row in rows} | {"MANIFEST"} == {path.name for path in traces.iterdir()}, rows
    with tempfile.TemporaryDirectory() as folder:
        trial, seen = Trial(trapwalk, pathlib.Path(folder)), set()
        for name, digest, *_ in rows:
            assert hashlib.sha256((traces / name).read_bytes()).hexdigest() == digest, name
            if name.endswith((".trace", ".json")):
                continue  # Trapwalk's own: tests/record
            tool = next(tool for tool, suffix in SUFFIXES.items() if name.endswith(suffix))
            accesses = list(ACCESSES[tool](unpacked(traces / name)))
            trial.holds(tool, traces / name, accesses, curve=name == CURVE)
            print(f"{name}: {len(accesses)} accesses")
            seen.add(tool)
        assert seen == set(SUFFIXES), seen
        by_google(trial)
        bad_input(trial, traces)
    return 0


sys.exit(main())
