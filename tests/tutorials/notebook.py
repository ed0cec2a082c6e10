"""The cells of a notebook (nbformat 4), run as Jupyter would, without it: in one namespace, and what a cell's last line
is worth is shown, which here means that it is made."""
from __future__ import annotations

import ast
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    number: int  # of all of the notebook's, from 1
    source: str


def cells_of(text: str) -> list[Cell]:
    """Those of code. Leaves with what is wrong: outputs are not kept in a repository."""
    notebook = json.loads(text)
    if notebook["nbformat"] != 4:
        raise SystemExit(f"nbformat {notebook['nbformat']}, not 4")
    cells = []
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        if cell["outputs"] or cell["execution_count"] is not None:
            raise SystemExit(f"cell {number} has outputs: clear them")
        cells.append(Cell(number, "".join(cell["source"])))
    return cells


def show(value: object) -> str | None:
    """What a notebook would show of it."""
    if value is None:
        return None
    html = getattr(value, "_repr_html_", None)
    return (html() if html is not None else None) or repr(value)


def run(page: str, cell: Cell, namespace: dict[str, object]) -> str | None:
    """Returns what is shown below the cell."""
    name = f"{page}, cell {cell.number}"
    tree = ast.parse(cell.source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), namespace)
    return show(eval(compile(ast.Expression(last.value), name, "eval"), namespace)) if last is not None else None
