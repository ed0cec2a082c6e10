"""`config.mmu.l2.entries`: keys as attributes, one class a group, made of the parameters' rows.

What type checkers and editors see instead is _tree.pyi, which the build writes from the same rows.
"""

from __future__ import annotations

import functools
from typing import Any, Iterable

from trapwalk import _trapwalk
from trapwalk._rows import Node, Parameter, Value, attribute_name, text, tree
from trapwalk.errors import ConfigError


class UnknownParameter(ConfigError, AttributeError):
    """A key that no parameter has."""


class Group:
    """Parameters of one prefix. Reading gives a value, setting checks it, `del` goes back to what it was."""

    __slots__ = ("_owner",)
    _node: Node
    _owner: Any

    def __init__(self, owner: Any) -> None:
        object.__setattr__(self, "_owner", owner)

    def __getattr__(self, name: str) -> Any:
        raise _unknown(self._node, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._node.groups:
            raise AttributeError(f"{self._node.path}.{name} cannot be set: its parameters can")
        if name not in self._node.parameters:
            raise _unknown(self._node, name)
        object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        return [*self._node.groups, *self._node.parameters]

    def __reduce__(self) -> tuple[Any, ...]:
        return _group_of, (self._owner, self._node.path)

    def __repr__(self) -> str:
        lines = [f"{row.key} = {text(self._owner[row.key])}" for row in self._node.parameters.values()]
        lines += [f"{group.path}: {', '.join([*group.groups, *group.parameters])}" for group in self._node.groups.values()]
        return "\n".join(lines)


class Tree:
    """The groups of a platform as attributes; `_platform` says which platform."""

    _platform: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        node, classes = _classes(self._platform)
        if name not in classes:
            raise _unknown(node, name)
        return classes[name](self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        node, classes = _classes(self._platform)
        if name in classes or isinstance(getattr(type(self), name, None), property):
            raise AttributeError(f"{name} cannot be set: its parameters can")
        raise _unknown(node, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_classes(self._platform)[1]]


def _group_of(owner: Any, path: str) -> Any:
    """For pickles and copies: a group is a place in its configuration."""
    return functools.reduce(lambda group, part: getattr(group, attribute_name(part)), path.split("."), owner)


def unknown(key: str, names: Iterable[str]) -> UnknownParameter:
    """What is wrong with `key`, with the nearest of `names`."""
    message = f'unknown parameter "{key}"{_trapwalk.did_you_mean(key, list(names))}'
    return UnknownParameter(message, [("", message, key)])


def _unknown(node: Node, name: str) -> UnknownParameter:
    prefix = f"{node.path}." if node.path else ""
    return unknown(prefix + name, [prefix + known for known in (*node.groups, *node.parameters)])


def _parameter(row: Parameter) -> property:
    def get(group: Group) -> Value:
        value: Value = group._owner[row.key]
        return value

    def put(group: Group, value: Value) -> None:
        group._owner[row.key] = value

    def delete(group: Group) -> None:
        del group._owner[row.key]

    return property(get, put, delete, row.description())


def _inner(made: type[Group]) -> property:
    def get(group: Group) -> Group:
        return made(group._owner)

    return property(get, doc=made.__doc__)


def _group(node: Node) -> type[Group]:
    members: dict[str, Any] = {"__slots__": (), "_node": node, "__doc__": f"{node.path}.*"}
    for name, inner in node.groups.items():
        members[name] = _inner(_group(inner))
    for name, row in node.parameters.items():
        members[name] = _parameter(row)
    return type(node.path.title().replace(".", "").replace("_", ""), (Group,), members)


@functools.lru_cache(maxsize=None)
def _classes(platform: str) -> tuple[Node, dict[str, type[Group]]]:
    root = tree(Parameter.of_row(row) for row in _trapwalk.Configuration(platform).rows())
    return root, {name: _group(node) for name, node in root.groups.items()}
