"""Numbers as people read them, as `trapwalk report` writes them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

_FEW = 12  # names that can be read at a glance


def share(part: float, whole: float) -> str:
    """ "22.9 %"; "<0.1 %" for what would be rounded to nothing."""
    if not whole or not part:
        return "0.0 %"
    percent = 100 * part / whole
    return "<0.1 %" if percent < 0.05 else f"{percent:.1f} %"


def count(number: float) -> str:
    """ "9,139,493"; below 10,000 with a decimal when it is not whole."""
    if math.isnan(number):
        return "-"
    if number == int(number) or abs(number) >= 10_000:
        return f"{round(number):,}"
    return f"{number:,.1f}"


def plural(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    for unit, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")):
        if seconds >= unit:
            return f"{seconds / unit:.3f} {name}"
    return f"{seconds * 1e12:.0f} ps"


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The end of a message about a name that there is not: "; nearest: walks.cycles"; of few names, all of them."""
    names = [str(name) for name in known]
    near = difflib.get_close_matches(wrong, names, 3)
    if not near and len(names) <= _FEW:
        return f"; there are {', '.join(names) or 'none'}"
    return f"; nearest: {', '.join(near)}" if near else f"; there are {len(names)} others"
