"""Pareto fronts: the points that no other point beats in everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from trapwalk.errors import Error
from trapwalk.words import nearest


def pareto(costs: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which rows of `costs` (points x objectives, each smaller the better) are on the front.

    A point is on it when no other is as good in everything and better in something; of equal ones all are. A row
    with a NaN is not. Raises ValueError for an array that is not of two dimensions.
    """
    values = np.asarray(costs, dtype=float)
    if values.ndim != 2:
        raise ValueError(f"points x objectives are wanted, not an array of shape {values.shape}")
    on_front = np.zeros(len(values), dtype=bool)
    known = np.flatnonzero(~np.isnan(values).any(axis=1))
    # In the order of the first objective (ties: of the next) nobody is beaten by who comes later.
    order = known[np.lexsort(values[known].T[::-1])]
    front: list[int] = []
    for point in order:
        beaten = front and np.any(
            (values[front] <= values[point]).all(axis=1) & (values[front] < values[point]).any(axis=1)
        )
        if not beaten:
            front.append(int(point))
    on_front[front] = True
    return on_front


def pareto_front(frame: pd.DataFrame, objectives: Sequence[str] | Mapping[str, str]) -> pd.DataFrame:
    """The rows of `frame` on the front of these columns, in the order of the first.

    `objectives`: names, each smaller the better; or name: "min" or "max". Raises Error for a column that is not
    there or holds no numbers.
    """
    senses = dict(objectives) if isinstance(objectives, Mapping) else dict.fromkeys(objectives, "min")
    columns = []
    for name, sense in senses.items():
        if name not in frame.columns:
            raise Error(f"no column {name!r}{nearest(name, frame.columns)}")
        if sense not in ("min", "max"):
            raise Error(f"{name}: min or max is wanted, not {sense!r}")
        column = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        columns.append(column if sense == "min" else -column)
    if not columns:
        raise Error("a front of no objectives")
    return frame[pareto(np.column_stack(columns))].sort_values(
        list(senses), ascending=[s == "min" for s in senses.values()]
    )
