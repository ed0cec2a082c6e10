"""How values look: addresses in hexadecimal."""

from __future__ import annotations

import dataclasses
from typing import Any

_ADDRESSES = frozenset(("pc", "va", "ipa", "pa", "iova", "address", "descriptor"))


class Shown:
    """The `repr` of a dataclass: addresses in hexadecimal; members that have their defaults are left out."""

    def __repr__(self) -> str:
        parts = [
            f"{member.name}={_text(member.name, getattr(self, member.name))}"
            for member in dataclasses.fields(self)
            if getattr(self, member.name) != member.default
        ]
        return f"{type(self).__name__}({', '.join(parts)})"


def _text(name: str, value: Any) -> str:
    return f"{value:#x}" if name in _ADDRESSES and isinstance(value, int) else repr(value)
