"""Whether A and B differ: repeats of each, and a confidence interval of the difference of their means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trapwalk.errors import Error

_RESAMPLES = 5000


@dataclass(frozen=True)
class Comparison:
    """The difference B - A of two means, and the interval that holds it with `confidence`."""

    mean_a: float
    mean_b: float
    repeats_a: int
    repeats_b: int
    low: float
    high: float
    confidence: float
    method: str

    @property
    def difference(self) -> float:
        return self.mean_b - self.mean_a

    @property
    def relative(self) -> float:
        """The difference over A's mean; NaN when that is 0."""
        return self.difference / self.mean_a if self.mean_a != 0.0 else math.nan

    @property
    def significant(self) -> bool:
        """Whether 0 is outside the interval."""
        return not self.low <= 0.0 <= self.high

    def __str__(self) -> str:
        percent = f" ({self.relative:+.2%})" if not math.isnan(self.relative) else ""
        interval = f"{self.confidence:.0%} interval [{self.low:.6g}, {self.high:.6g}], {self.method}"
        said = f"A {self.mean_a:.6g}, B {self.mean_b:.6g}: difference {self.difference:+.6g}{percent}, {interval}"
        repeats = f"{self.repeats_a} and {self.repeats_b} repeats"
        return f"{said}, {repeats}" + ("" if self.significant else ": not significant")


def compare(
    a: Sequence[float],
    b: Sequence[float],
    *,
    confidence: float = 0.95,
    paired: bool = False,
    method: str = "t",
    seed: int = 1,
) -> Comparison:
    """Compares the repeats of A and of B.

    `method`: "t" (Welch's; of few repeats the better one) or "bootstrap" (percentiles of resampled means; it
    supposes no distribution, and needs ten repeats or more to keep what it promises). `paired`: the n-th of A and
    of B had the same seed or the same part of a trace; their differences are compared. Repeats without any spread
    give an interval without width. Raises Error for fewer than two repeats, for unequal numbers of pairs and for
    values that are no numbers.
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    for name, values in (("A", first), ("B", second)):
        if values.ndim != 1 or len(values) < 2:
            raise Error(f"{name}: {values.size} repeats; an interval needs two or more")
        if not np.isfinite(values).all():
            raise Error(f"{name}: a repeat has no value")
    if not 0.0 < confidence < 1.0:
        raise Error(f"confidence: {confidence} is not between 0 and 1")
    if method not in ("t", "bootstrap"):
        raise Error(f"method: 't' or 'bootstrap', not {method!r}")
    if paired and len(first) != len(second):
        raise Error(f"pairs: {len(first)} of A and {len(second)} of B")
    samples = (second - first,) if paired else (first, second)
    low, high = (_t_interval if method == "t" else _bootstrap_interval)(samples, confidence, seed)
    return Comparison(
        float(first.mean()),
        float(second.mean()),
        len(first),
        len(second),
        low,
        high,
        confidence,
        f"paired {method}" if paired else method,
    )


Samples = tuple[npt.NDArray[np.float64], ...]  # differences, or A and B


def _difference(means: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    return means[0] if len(means) == 1 else means[1] - means[0]


def _t_interval(samples: Samples, confidence: float, _seed: int) -> tuple[float, float]:
    errors = [float(sample.var(ddof=1)) / len(sample) for sample in samples]
    middle = float(_difference([sample.mean() for sample in samples]))
    if sum(errors) == 0.0:
        return middle, middle
    freedom = sum(errors) ** 2 / sum(error**2 / (len(sample) - 1) for error, sample in zip(errors, samples))
    from scipy.special import stdtrit  # Student's t; late, for it takes long to load

    half = float(stdtrit(freedom, (1 + confidence) / 2)) * math.sqrt(sum(errors))
    return middle - half, middle + half


def _bootstrap_interval(samples: Samples, confidence: float, seed: int) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    means = [sample[random.integers(0, len(sample), (_RESAMPLES, len(sample)))].mean(axis=1) for sample in samples]
    low, high = np.quantile(_difference(means), [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
