"""Parameters as rows, and the tree that their keys make.

Standard library alone: the build makes the stubs of the tree with this file (python/stubs.py).
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from typing import Any, Iterable, Sequence, Union

Value = Union[int, bool, str]


@dataclass(frozen=True)
class Parameter:
    """One parameter: its row in the block's config.hpp, its value, and where the value comes from.

    Attributes:
        key: "mmu.l2.entries".
        value, default: of one type: int, bool or str.
        unit: "cycles", "entries", "bytes" ...; empty for a switch.
        range: "0..65536", "lru | plru", "true | false", "any".
        min, max: of an int, both allowed.
        choices: of a str; empty: any.
        provenance: architecture, measured, trm, paper, choice, placeholder.
        source: where the value is from, or what the parameter does.
        set_by: "platforms/cortex-a57.toml:12", "--set" (a value set here), or empty: the default.
    """

    key: str
    value: Value
    default: Value
    unit: str
    range: str
    min: int
    max: int
    choices: tuple[str, ...]
    provenance: str
    source: str
    set_by: str

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Parameter:
        """Of a row of the native table."""
        fields = list(row)
        fields[7] = tuple(fields[7].split("|")) if fields[7] else ()
        return cls(*fields)

    @property
    def is_default(self) -> bool:
        return not self.set_by

    def description(self) -> str:
        """Unit, range, default, provenance and source in a line."""
        unit = f"{self.unit}, " if self.unit else ""
        return f"{unit}{self.range}; default {text(self.default)} ({self.provenance}: {self.source})"


def text(value: Value) -> str:
    """As `--set` takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def attribute_name(part: str) -> str:
    """Of one part of a key: "load-pair" is load_pair, "return" is return_."""
    name = part.replace("-", "_")
    return name + "_" if keyword.iskeyword(name) else name


@dataclass
class Node:
    """A group of parameters: those of one prefix, by attribute name."""

    path: str = ""
    groups: dict[str, Node] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)


def tree(parameters: Iterable[Parameter]) -> Node:
    """The root of all keys."""
    root = Node()
    for parameter in parameters:
        *parts, last = parameter.key.split(".")
        node = root
        for part in parts:
            path = f"{node.path}.{part}" if node.path else part
            node = node.groups.setdefault(attribute_name(part), Node(path))
        node.parameters[attribute_name(last)] = parameter
    return root
