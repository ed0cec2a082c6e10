"""What the tests share that boot Debian's kernel with an initial file system of their own."""
import json
import os
import pathlib
import subprocess
import sys


def skip(why: str) -> None:
    print("SKIPPED:", why, file=sys.stderr)
    sys.exit(77)


def cpio(entries) -> bytes:
    """An archive in the format newc (cpio(5)): (name, mode, contents, device)."""
    out = bytearray()
    for inode, (name, mode, data, device) in enumerate([*entries, ("TRAILER!!!", 0, b"", (0, 0))], 1):
        path = name.encode() + b"\0"
        fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0]
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def package(trapwalk: str, name: str, software: str = "linux-arm64") -> pathlib.Path:
    """Where `trapwalk software` keeps an unpacked package of `software`."""
    got = subprocess.run([trapwalk, "software", "get", software], capture_output=True, text=True)
    if got.returncode != 0:
        skip("Debian's kernel cannot be fetched: " + got.stderr.strip())
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    root = pathlib.Path(os.environ.get("TRAPWALK_CACHE") or os.path.join(cache, "trapwalk"))
    return root / "packages" / json.loads((root / "chosen" / f"{name}.json").read_text())["folder"]


def find(folder: pathlib.Path, pattern: str) -> pathlib.Path:
    return next(folder.glob(pattern))
