"""From a base and parameters to points: all that is wrong is said before anything runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import EllipsisType
from typing import Union

from trapwalk._rows import Parameter
from trapwalk.config import Config
from trapwalk.errors import ConfigError
from trapwalk.sweeps import points
from trapwalk.sweeps.content import digest_of
from trapwalk.sweeps.points import Levels, PowersOfTwo, Range, Value, Values
from trapwalk.sweeps.work import Subject, Work

# What a study may say of a parameter: values, a range of them, or `...`: all that its row allows.
Spec = Union[Levels, EllipsisType]
Repeats = Union[int, Mapping[str, Sequence[Value]], None]
METHODS = ("product", "list", "latin-hypercube")
_OF_CONFIG = ("cpu", "smmu")  # beside parameters, which have a dot in their key
_SIZES = ("entries", "bytes", "ways", "lines")


@dataclass(frozen=True)
class Point:
    """Its values, the key of its result, and what computes it; None: the values do not go together, as `problem`
    says."""

    values: Values
    key: str
    work: Work | None
    problem: str = ""


@dataclass(frozen=True)
class Plan:
    """The points of a study, which of its parameters are there for repeats alone, and what all of it is known by."""

    points: tuple[Point, ...]
    parameters: tuple[str, ...]
    repeats: tuple[str, ...]

    @property
    def id(self) -> str:
        return digest_of([[point.values, point.key] for point in self.points])


def spec_of_row(row: Parameter) -> Levels:
    """All values of a parameter's row: both of a switch, the names of a choice, powers of two of a size, else whole
    numbers. Raises ConfigError for a parameter without bounds."""
    if isinstance(row.value, bool):
        return [False, True]
    if isinstance(row.value, str):
        if row.choices:
            return list(row.choices)
    elif row.max < 1 << 62:
        return PowersOfTwo(max(1, row.min), row.max) if row.unit in _SIZES else Range(row.min, row.max)
    raise ConfigError(f"{row.key}: its row has no bounds; say which values")


def combine(axes: Mapping[str, Levels], method: str, samples: int, seed: int) -> list[Values]:
    """Raises ConfigError for a method that there is not, and for what the method makes no points of."""
    if method == "product":
        return points.product(axes)
    if method == "list":
        return points.listed(axes)
    if method == "latin-hypercube":
        return points.latin_hypercube(axes, samples, seed)
    raise ConfigError(f'method: "{method}" is none of {", ".join(METHODS)}{nearest(method, METHODS)}')


def with_repeats(rows: list[Values], repeat: Repeats, base: Config) -> tuple[list[Values], tuple[str, ...]]:
    """Each point again for every repeat. A number: of all seeds (`*.seed`), counted up from the base's; a mapping:
    of these parameters, taken together."""
    if repeat is None:
        return rows, ()
    if isinstance(repeat, int):
        if repeat < 1:
            raise ConfigError(f"repeat: {repeat} times is none")
        seeds = {row.key: row.value for row in base.parameters() if row.key.endswith(".seed")}
        again: list[Values] = [{key: int(first) + n for key, first in seeds.items()} for n in range(repeat)]
    else:
        again = points.listed(repeat)
    names = tuple(again[0]) if again else ()
    return [{**row, **more} for row in rows for more in again], names


def complaints(base: Config, axes: Mapping[str, Sequence[Value]], arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Key and message of everything that is wrong with single keys and values."""
    probe = base.copy()
    found: list[tuple[str, str]] = []
    for key, values in axes.items():
        if "." not in key:
            known = (*_OF_CONFIG, *arguments)
            if key not in known:
                found.append((key, f'unknown parameter "{key}"{nearest(key, [*known, *base])}'))
            continue
        if key not in base:
            found.append((key, f'unknown parameter "{key}"{nearest(key, base)}'))
            continue
        for value in values:
            if not isinstance(value, (bool, int, float, str)):
                found.append((key, f"{key}: {value!r} is no value of a parameter"))
        for value in dict.fromkeys(value for value in values if isinstance(value, (bool, int, float, str))):
            try:
                probe[key] = value  # type: ignore[assignment]
            except (ConfigError, TypeError) as error:
                found.append((key, str(error)))
    return found


def nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1)
    return f'; did you mean "{close[0]}"?' if close else ""


def plan(base: Config, rows: Sequence[Values], repeats: tuple[str, ...], subject: Subject) -> Plan:
    """The points of these values. Raises Error for a file that cannot be read."""
    parameters = tuple(rows[0]) if rows else ()
    return Plan(tuple(_point(base, values, subject) for values in rows), parameters, repeats)


def _point(base: Config, values: Values, subject: Subject) -> Point:
    of_config = {key: value for key, value in values.items() if "." in key or key in _OF_CONFIG}
    of_run = {key: value for key, value in values.items() if key not in of_config}
    try:
        config = base.with_(of_config)
    except ConfigError as error:
        # There is no configuration to have a digest: its result, a failure, is known by what was asked for.
        return Point(values, digest_of([base.digest(), values, "invalid"]), None, str(error))
    made = subject.work(config, of_run)
    return Point(values, made.key, made)
