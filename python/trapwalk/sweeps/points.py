"""The points of a sweep: which values each parameter takes, and which combinations of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Union

import numpy as np

from trapwalk.errors import ConfigError

MOST = 1_000_000  # points of a study

Value = Union[bool, int, float, str]
Values = dict[str, Value]


@dataclass(frozen=True)
class Range:
    """Whole numbers from `low` to `high`, both included, `step` apart."""

    low: int
    high: int
    step: int = 1

    def levels(self) -> Sequence[int]:
        """Raises ConfigError when there is none."""
        if not all(type(number) is int for number in (self.low, self.high, self.step)):
            raise ConfigError(f"whole numbers are wanted, not from {self.low!r} to {self.high!r} in steps of {self.step!r}")
        if self.step < 1 or self.high < self.low:
            raise ConfigError(f"no number from {self.low} to {self.high} in steps of {self.step}")
        if (self.high - self.low) // self.step >= 1 << 62:
            raise ConfigError(f"too many numbers from {self.low} to {self.high}")
        return range(self.low, self.high + 1, self.step)


@dataclass(frozen=True)
class PowersOfTwo:
    """Powers of two from `low` to `high`, both included."""

    low: int
    high: int

    def levels(self) -> Sequence[int]:
        """Raises ConfigError when there is none."""
        powers = [1 << bit for bit in range(64) if self.low <= 1 << bit <= self.high]
        if not powers:
            raise ConfigError(f"no power of two from {self.low} to {self.high}")
        return powers


Levels = Union[Range, PowersOfTwo, Sequence[Value]]
Axes = Mapping[str, Levels]


def levels(key: str, spec: Levels) -> Sequence[Value]:
    """All values that a parameter may take. Raises ConfigError, with the key, for none or for the same one twice."""
    if isinstance(spec, (Range, PowersOfTwo)):
        try:
            return spec.levels()
        except ConfigError as error:
            raise ConfigError(f"{key}: {error}") from None
    if isinstance(spec, (str, bytes)) or not isinstance(spec, (Sequence, np.ndarray)):
        raise ConfigError(f"{key}: a list of values is wanted, not {spec!r}")
    values = [value.item() if isinstance(value, np.generic) else value for value in spec]
    for value in values:
        if not isinstance(value, (bool, int, float, str)):
            raise ConfigError(f"{key}: {value!r} is no value of a parameter")
    if not values:
        raise ConfigError(f"{key}: a list without values")
    if len({(type(value), value) for value in values}) != len(values):
        raise ConfigError(f"{key}: a value stands there twice")
    return values


def product(axes: Axes) -> list[Values]:
    """All combinations, the last parameter changing fastest. No parameters: one point, the base itself."""
    columns = [levels(key, spec) for key, spec in axes.items()]
    if math.prod(map(len, columns)) > MOST:
        raise ConfigError(f"{' x '.join(str(len(column)) for column in columns)} points are more than {MOST}")
    return [dict(zip(axes, values)) for values in itertools.product(*columns)]


def listed(rows: Axes | Sequence[Mapping[str, Value]]) -> list[Values]:
    """The points as they stand: a list of them, or of each parameter as many values as there are points.

    Raises ConfigError when the parameters have not the same number of values, or the points not the same keys.
    """
    if not isinstance(rows, Mapping):
        points = [dict(row) for row in rows]
        if len({frozenset(point) for point in points}) > 1:
            raise ConfigError("the points of a list must name the same parameters")
        return points
    # As many values as points; the same value may come again.
    columns: dict[str, list[Value]] = {}
    for key, spec in rows.items():
        values = spec.levels() if isinstance(spec, (Range, PowersOfTwo)) else spec
        if len(values) > MOST:
            raise ConfigError(f"{key}: {len(values)} points are more than {MOST}")
        columns[key] = list(values)
    lengths = {key: len(column) for key, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} has {length}" for key, length in lengths.items())
        raise ConfigError(f"a list needs as many values of each parameter: {told}")
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def latin_hypercube(axes: Axes, samples: int, seed: int = 1) -> list[Values]:
    """`samples` points: each parameter's range is cut into that many strata and each stratum is used once.

    A parameter with n values has each of them samples/n times, rounded up or down. A parameter's column follows
    from the seed and its place alone: another one behind it changes nothing before it.
    """
    if not 1 <= samples <= MOST:
        raise ConfigError(f"samples: {samples} points are {'none' if samples < 1 else f'more than {MOST}'}")
    if seed < 0:
        raise ConfigError(f"seed: {seed} is below 0")
    columns: list[list[Value]] = []
    for place, (key, spec) in enumerate(axes.items()):
        values = levels(key, spec)
        random = np.random.default_rng([seed, place])
        strata = (random.permutation(samples) + random.random(samples)) / samples
        columns.append([values[min(int(u * len(values)), len(values) - 1)] for u in strata])
    return [dict(zip(axes, row)) for row in zip(*columns)] if columns else [{}]
