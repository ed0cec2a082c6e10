"""Reading and writing of files, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from trapwalk.errors import Error

PathLike = str | os.PathLike[str]


def read_text(path: PathLike) -> str:
    """Raises `Error` when it cannot be read, or is no text."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Error(f"{os.fspath(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Error(f"{os.fspath(path)}: is no text: byte {error.start} is not UTF-8") from error


def write_text(path: PathLike, text: str) -> None:
    """To a temporary name beside it, then renamed. Raises `Error`, and leaves what was there, when that fails."""
    target = Path(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # mkstemp gives 0600; a file that one makes has what the umask leaves.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise Error(f"{target}: cannot be written: {error.strerror}") from error
