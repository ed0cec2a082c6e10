"""Where the command `trapwalk` is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from trapwalk.errors import Error


def command() -> str:
    """Path of the executable `trapwalk`.

    Looked for in this order: $TRAPWALK; beside the package (`bin/` of a build folder, or of where it is installed);
    $PATH. Raises `Error` when there is none, with the places that were tried.
    """
    told = os.environ.get("TRAPWALK")
    if told:
        if not _executable(Path(told)):
            raise Error(f"$TRAPWALK is {told}, which is not an executable file")
        return told
    beside = _beside()
    for path in beside:
        if _executable(path):
            return str(path)
    found = shutil.which("trapwalk")
    if found:
        return found
    tried = ", ".join(str(path) for path in beside)
    raise Error(f"there is no command trapwalk: $TRAPWALK is not set, nothing is at {tried}, and none is in $PATH")


def main() -> None:
    """The command of a wheel: becomes the executable that is inside of the package."""
    path = Path(__file__).parent / "bin" / "trapwalk"
    if not _executable(path):
        sys.exit(f"trapwalk: {path} is not there: the package was built without SystemC")
    os.execv(path, [str(path), *sys.argv[1:]])


def _beside() -> list[Path]:
    """BUILD/python/trapwalk/ has BUILD/bin/trapwalk; PREFIX/lib/python3/…/trapwalk/ has PREFIX/bin/trapwalk."""
    package = Path(__file__).parent
    prefixes = [package, *list(package.parents)[1:5]]
    return [prefix / "bin" / "trapwalk" for prefix in prefixes]


def _executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
