"""What a result is known by: SHA-256 of all that it follows from, and of nothing else."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

from trapwalk.errors import Error

# Nanoseconds. A file that was written so lately may be written once more without another time: clocks of file systems
# tick in milliseconds.
_FRESH = 1_000_000_000


def digest_of_file(path: str | Path) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits. Raises Error for one that cannot be read."""
    try:
        status = os.stat(path)
        written = max(status.st_mtime_ns, status.st_ctime_ns)
        if time.time_ns() - written < _FRESH:
            return _digest(str(path))
        return _remembered(str(path), written, status.st_size, status.st_ino, status.st_dev)
    except OSError as error:
        raise Error(f"{path}: {error.strerror or error}") from None


@functools.lru_cache(maxsize=256)
def _remembered(path: str, _written: int, _size: int, _inode: int, _device: int) -> str:
    return _digest(path)


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while part := file.read(1 << 20):
            digest.update(part)
        return digest.hexdigest()


def digest_of(value: object) -> str:
    """SHA-256 of a value of lists, mappings and plain values; the order of a mapping does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def contents(arguments: Mapping[str, object]) -> dict[str, object]:
    """The same arguments with every file that one names (by itself, in a list, or behind a `file=`) by what is in
    it."""
    return {name: _content(value) for name, value in arguments.items()}


def _content(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _content(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_content(part) for part in value]
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        parts = [
            f"{name}{mark}{_file_or_text(rest)}"
            for name, mark, rest in (part.rpartition("=") for part in text.split(","))
        ]
        return _file_or_text(text) if os.path.isfile(text) else ",".join(parts)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    raise Error(f"{value!r} is no argument of a run that can be compared")


def _file_or_text(text: str) -> str:
    return f"sha256:{digest_of_file(text)}" if os.path.isfile(text) else text
