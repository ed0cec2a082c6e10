"""Which parameter matters: how much of a metric's variance each parameter explains.

First order of X: the variance of the metric's mean given X, over its variance (Sobol'). Of a full product of values
both it and the total (all in which X takes part: what is left when all others are fixed) are sums over the points,
exact. Of a sample the means of X's values are themselves of few points; what that alone would explain is taken off
(epsilon squared).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from trapwalk.errors import Error
from trapwalk.words import nearest


def sensitivity(frame: pd.DataFrame, parameters: Sequence[str], metric: str) -> pd.DataFrame:
    """A row a parameter, the one that explains most first.

    Columns: `values` (how many it takes), `first_order` and `total` (0 to 1; `total` is NaN of a sample),
    `rank_correlation` (Spearman's, of the metric's rank with the parameter's; NaN of names and of switches that
    never change). Rows of which the metric is unknown are left out. Raises Error for fewer than two points, or a
    column that is not there.
    """
    for name in (*parameters, metric):
        if name not in frame.columns:
            raise Error(f"no column {name!r}{nearest(name, frame.columns)}")
    known = frame[pd.to_numeric(frame[metric], errors="coerce").notna()].reset_index(drop=True)
    if len(known) < 2:
        raise Error(f"{metric}: known of {len(known)} points; two are the least")
    y = known[metric].to_numpy(dtype=float)
    exact = _is_product(known, parameters)
    rows = []
    for name in parameters:
        groups = pd.factorize(known[name])[0] if exact else _bins(known[name])
        rows.append(
            {
                "values": known[name].nunique(),
                "first_order": _explained(y, groups, exact),
                "total": _total(known, [other for other in parameters if other != name], y) if exact else math.nan,
                "rank_correlation": _rank_correlation(known[name], y),
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(parameters, name="parameter"))
    return table.sort_values("first_order", ascending=False, kind="stable")


def _is_product(frame: pd.DataFrame, parameters: Sequence[str]) -> bool:
    """Whether every combination of the values is there, as often as every other."""
    counts = frame.groupby(list(parameters), sort=False).size()
    combinations = math.prod(frame[name].nunique() for name in parameters)
    return bool(len(counts) == combinations and counts.nunique() == 1)


def _explained(y: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], exact: bool) -> float:
    everything = float(((y - y.mean()) ** 2).sum())
    sizes = np.bincount(groups)
    means = np.bincount(groups, weights=y) / sizes
    between = float((sizes * (means - y.mean()) ** 2).sum())
    if everything == 0.0:
        return 0.0
    if not exact:
        free = len(y) - len(sizes)
        within = (everything - between) / free if free > 0 else math.nan
        between = max(0.0, between - (len(sizes) - 1) * within)
    return between / everything


def _total(frame: pd.DataFrame, others: Sequence[str], y: npt.NDArray[np.float64]) -> float:
    groups = frame.groupby(list(others), sort=False).ngroup().to_numpy() if others else np.zeros(len(y), dtype=np.int64)
    return 1.0 - _explained(y, groups, exact=True) if y.var() > 0.0 else 0.0


def _bins(column: pd.Series) -> npt.NDArray[np.int64]:
    """Values; of a number with too many of them for the points, quantiles: as many as there are points in each."""
    most = max(2, math.isqrt(len(column)))
    if column.nunique() <= most or not _is_number(column):
        return np.asarray(pd.factorize(column)[0], dtype=np.int64)
    return np.asarray(pd.factorize(pd.qcut(column, most, labels=False, duplicates="drop"))[0], dtype=np.int64)


def _rank_correlation(column: pd.Series, y: npt.NDArray[np.float64]) -> float:
    if not _is_number(column) or column.nunique() < 2 or np.ptp(y) == 0.0:
        return math.nan
    return float(np.corrcoef(column.astype(float).rank(), pd.Series(y).rank())[0, 1])


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column))
