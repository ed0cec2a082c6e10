"""Writes _tree.pyi: the attribute tree of a Config, of the parameters' rows, for type checkers and editors.

The build runs it: stubs.py PACKAGE_FOLDER, where the module lies, and where the stub goes.
"""

from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, sys.argv[1])
import _rows
import _trapwalk

HEADER = '''"""Made by python/stubs.py of the parameters' rows."""

from typing import Any, Iterable

from trapwalk.errors import ConfigError

class UnknownParameter(ConfigError, AttributeError): ...

def unknown(key: str, names: Iterable[str]) -> UnknownParameter: ...

class Group: ...
'''


class Stub:
    def __init__(self) -> None:
        self.lines: list[str] = [HEADER]
        self.written: dict[str, str] = {}

    def group(self, node: _rows.Node) -> str:
        """Writes the class of a group, once for all that are alike; its name."""
        body = self.members(node)
        if body not in self.written:
            name = node.path.title().replace(".", "").replace("_", "")
            self.written[body] = name
            self.lines.append(f"class {name}(Group):\n{body}")
        return self.written[body]

    def members(self, node: _rows.Node) -> str:
        lines = []
        for name, inner in node.groups.items():
            lines.append(f"    @property\n    def {name}(self) -> {self.group(inner)}: ...\n")
        for name, row in node.parameters.items():
            lines.append(f"    {name}: {type(row.default).__name__}\n    {row.description()!r}\n")
        return "".join(lines)


def all_rows() -> list[_rows.Parameter]:
    """Of all platforms: a checker does not know which one a Config is of."""
    rows = {row[0]: _rows.Parameter.of_row(row) for name in ("virt", "dma-study") for row in _trapwalk.Configuration(name).rows()}
    return list(rows.values())


stub = Stub()
root = stub.members(_rows.tree(all_rows()))
stub.lines.append(f"class Tree:\n    _platform: str\n{root}")
pathlib.Path(sys.argv[1], "_tree.pyi").write_text("\n".join(stub.lines))
