"""`Sweep`: what the points of a study came to."""

from __future__ import annotations

import html
import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from trapwalk import analysis
from trapwalk.errors import Error
from trapwalk.results import Run
from trapwalk.sweeps.outcome import DONE
from trapwalk.sweeps.points import Values
from trapwalk.sweeps.store import Row, Store, Study
from trapwalk.words import nearest

_SHOWN = 30  # rows of a page or notebook


class Sweep:
    """The results of a study, as its store has them now: a table with a row a point.

    Made by `trapwalk.sweep`, or from a store by `Sweep.load`.

    Attributes:
        name: of the study.
        store: path of the file with the results.
        parameters: names of what the points differ in, as the study had them.
        repeats: those of `parameters` that are there for repeats alone.
    """

    def __init__(self, study: Study, store: Path) -> None:
        self.name = study.name
        self.store = store
        self._points = study.points
        self.parameters = tuple(study.points[0][0]) if study.points else ()
        repeats = study.about.get("repeats", [])
        self.repeats = tuple(str(name) for name in repeats) if isinstance(repeats, list) else ()

    @classmethod
    def load(cls, store: str | Path, study: str | None = None) -> Sweep:
        """The study of this name (or the first digits of its id); None: the store's only one. Raises StoreError for
        what is no store, Error when there is no such study, or more than one."""
        with Store(store, must_exist=True) as opened:
            known = opened.studies()
        fitting = [each for each in known if study is None or each.name == study or each.id.startswith(study)]
        if len(fitting) != 1:
            names = ", ".join(f"'{each.name}' ({each.id[:8]})" for each in fitting or known) or "none"
            problem = f"no study '{study}';" if known and not fitting else "which study?"
            raise Error(f"{store}: {problem} there are {names}")
        return cls(fitting[0], Path(store))

    def __len__(self) -> int:
        return len(self._points)

    # ---- tables

    def frame(self, metrics: str | Sequence[str] | None = None) -> pd.DataFrame:
        """A row a point, in the order of the study; the index is the point's number.

        Columns: the parameters; the metrics (`Run.metrics()`, and `storage_bits`; the one or those in `metrics`, or all),
        NaN where there is no result; `status` (done, failed, timeout, killed; missing: not computed yet) and `message`.
        Raises Error for a metric that no finished point has.
        """
        metrics = [metrics] if isinstance(metrics, str) else metrics
        rows = self._rows()
        names = list(dict.fromkeys(name for _, key in self._points if key in rows for name in rows[key].metrics))
        for name in metrics or ():
            if names and name not in names:  # of points without any result nobody knows: NaN
                raise Error(f"no point has a metric '{name}'{nearest(name, names)}")
        records = [
            self._record(values, rows.get(key), names if metrics is None else list(metrics))
            for values, key in self._points
        ]
        columns = [*self.parameters, *(names if metrics is None else metrics), "status", "message"]
        return pd.DataFrame.from_records(records, columns=columns).rename_axis("point")

    @staticmethod
    def _record(values: Values, row: Row | None, metrics: Sequence[str]) -> dict[str, object]:
        measured = {name: row.metrics.get(name) for name in metrics} if row is not None else {}
        return {**values, **measured, "status": row.status if row else "missing", "message": row.message if row else ""}

    def _rows(self) -> dict[str, Row]:
        with Store(self.store, must_exist=True) as store:
            return store.rows(list(dict.fromkeys(key for _, key in self._points)))

    @property
    def failures(self) -> pd.DataFrame:
        """Parameters, status and message of the points without a result."""
        frame = self.frame([])
        return frame[frame["status"] != DONE]

    def means(self, metrics: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Metrics of finished points, averaged over the repeats: a row a point without them."""
        frame = self.frame(metrics)
        axes = [name for name in self.parameters if name not in self.repeats]
        finished = frame[frame["status"] == DONE].drop(columns=["status", "message", *self.repeats])
        if not self.repeats or not axes:
            return finished
        return finished.groupby(axes, sort=False, as_index=False).mean(numeric_only=True)

    # ---- points

    def run(self, point: int | Mapping[str, object]) -> Run:
        """The whole report of a point: by number, or by values of parameters that only one point has. Raises Error
        when there is no such point, StoreError when it has no result."""
        number = self._number(point) if isinstance(point, Mapping) else operator.index(point)
        if not 0 <= number < len(self._points):
            raise Error(f"there are points 0 to {len(self._points) - 1}, not {number}")
        values, key = self._points[number]
        with Store(self.store, must_exist=True) as store:
            text = store.report(key)
        name = ", ".join(f"{name}={value}" for name, value in values.items())
        return Run.from_json(text, name=name or self.name)

    def _number(self, wanted: Mapping[str, object]) -> int:
        fitting = self._fitting(wanted)
        if len(fitting) != 1:
            raise Error(f"{len(fitting)} points have {dict(wanted)}; one is wanted")
        return fitting[0]

    def _fitting(self, wanted: Mapping[str, object]) -> list[int]:
        for name in wanted:
            if name not in self.parameters:
                raise Error(f"no parameter '{name}' in this study{nearest(name, self.parameters)}")
        return [
            n
            for n, (values, _) in enumerate(self._points)
            if all(values[name] == value for name, value in wanted.items())
        ]

    def _require_repeats(self, name: str, numbers: Sequence[int]) -> None:
        for parameter in self.parameters:
            values = list(dict.fromkeys(self._points[number][0][parameter] for number in numbers))
            if parameter not in self.repeats and len(values) > 1:
                raise Error(f"{name}: its points differ in {parameter} too, which is no repeat: give one of {values}")

    def best(self, metric: str, *, largest: bool = False) -> pd.Series:
        """The row of the finished point with the least (or largest) value of a metric; the first one of several.
        Raises Error when there is none."""
        frame = self.frame()
        if metric not in frame.columns:
            raise Error(f"no point has a metric '{metric}'{nearest(metric, frame.columns)}")
        known = frame[metric].dropna()
        if known.empty:
            raise Error(f"no point has a value of '{metric}'")
        return frame.loc[known.idxmax() if largest else known.idxmin()]

    # ---- what they mean

    def pareto(self, *objectives: str, largest: Sequence[str] = ()) -> pd.DataFrame:
        """The finished points that no other beats in all objectives (metrics or parameters): the least of
        `objectives`, the largest of `largest`. Averaged over repeats."""
        senses = {**dict.fromkeys(objectives, "min"), **dict.fromkeys(largest, "max")}
        return analysis.pareto_front(self.means(), senses)

    def sensitivity(self, metric: str) -> pd.DataFrame:
        """How much of a metric's variance each parameter explains: `trapwalk.analysis.sensitivity` of the finished
        points."""
        frame = self.means()
        varied = [name for name in self.parameters if name not in self.repeats and frame[name].nunique() > 1]
        return analysis.sensitivity(frame, varied, metric)

    def compare(
        self, a: Mapping[str, object], b: Mapping[str, object], metric: str, **options: Any
    ) -> analysis.Comparison:
        """Whether two settings differ: the repeats of the points with the values `a` against those with `b`, by
        `trapwalk.analysis.compare` and its options. Raises Error for fewer than two finished repeats of either, and
        for points that differ in more than repeats."""
        frame = self.frame([metric])
        for name, values in (("A", a), ("B", b)):
            self._require_repeats(name, self._fitting(values))
        samples = [frame.loc[self._fitting(values), metric].dropna().tolist() for values in (a, b)]
        return analysis.compare(*samples, **options)

    def plot(self, metric: str, x: str | None = None, by: str | None = None, ax: Any = None) -> Any:
        """A line of `metric` over the parameter `x` (the first), one for each value of `by` (the second). Means
        over all else. Returns the axes."""
        from trapwalk.sweeps.plot import plot

        return plot(self, metric, x, by, ax)

    def __repr__(self) -> str:
        states = self.frame([])["status"].value_counts()
        told = ", ".join(f"{count} {state}" for state, count in states.items())
        return f"<trapwalk.Sweep {self.name}: {len(self)} points ({told}), {self.store}>"

    def _repr_html_(self) -> str:
        frame = self.frame()
        changing = [name for name in frame.columns if name in (*self.parameters, "status") or frame[name].nunique() > 1]
        shown = frame[changing].head(_SHOWN).to_html(border=0, float_format=lambda value: f"{value:.6g}")
        more = f"<p>and {len(frame) - _SHOWN} more points: <code>frame()</code></p>" if len(frame) > _SHOWN else ""
        return f"<p>{html.escape(repr(self))}</p>{shown}{more}"
