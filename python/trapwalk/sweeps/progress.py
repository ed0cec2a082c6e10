"""How far a sweep is: a bar with the time left."""

from __future__ import annotations

import sys
from typing import Protocol

from tqdm import tqdm


class Progress(Protocol):
    """Is told of each point as it ends."""

    def ended(self, done: bool) -> None:
        ...

    def close(self) -> None:
        ...


class Silent:
    def ended(self, done: bool) -> None:
        pass

    def close(self) -> None:
        pass


class Bar:
    """On standard error. Points that were stored before are done from the start and do not count for the speed."""

    def __init__(self, total: int, stored: int) -> None:
        self._failed = 0
        self._bar = tqdm(total=total, initial=stored, unit="point", file=sys.stderr, dynamic_ncols=True)

    def ended(self, done: bool) -> None:
        if not done:
            self._failed += 1
            self._bar.set_postfix_str(f"{self._failed} failed", refresh=False)
        self._bar.update()

    def close(self) -> None:
        self._bar.close()


def progress_of(wanted: bool, total: int, stored: int) -> Progress:
    """A bar where somebody can see it: a terminal or a notebook."""
    if wanted and (sys.stderr.isatty() or "ipykernel" in sys.modules):
        return Bar(total, stored)
    return Silent()
