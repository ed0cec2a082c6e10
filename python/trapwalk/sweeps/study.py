"""Study files: a sweep as TOML. All that is wrong with one is said at once, with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trapwalk.config import Config
from trapwalk.errors import ConfigError, Error
from trapwalk.files import read_text
from trapwalk.sweeps.plan import METHODS, complaints, nearest, spec_of_row
from trapwalk.sweeps.points import Levels, PowersOfTwo, Range, levels
from trapwalk.sweeps.traces import TRACE, points_with_paths, with_paths
from trapwalk.sweeps.work import names_of_arguments

# key: types, what it is
KEYS: dict[str, tuple[tuple[type, ...], str]] = {
    "name": ((str,), "of the study, in the store"),
    "cpu": ((str,), "set of parameters of the base"),
    "smmu": ((str,), "the same of an SMMU"),
    "platform": ((str,), "virt or dma-study"),
    "config": ((list,), "TOML files of parameters"),
    "trace": ((str, list), "points are replays of this file, or of several: VMs that take turns"),
    "software": ((dict,), "points are runs: arguments of trapwalk.run"),
    "replay": ((dict,), "arguments of trapwalk.replay"),
    "method": ((str,), "product, list or latin-hypercube"),
    "samples": ((int,), "points of a latin-hypercube"),
    "seed": ((int,), "of a latin-hypercube"),
    "repeat": ((int, dict), "times with other seeds, or values of parameters by key"),
    "store": ((str,), "file of the results"),
    "workers": ((int,), "processes"),
    "timeout": ((int, float), "seconds of a point"),
    "metrics": ((list,), "what is printed"),
    "set": ((dict,), "values of the base, by key"),
    "parameters": ((dict,), "values of what the points differ in, by key"),
    "points": ((list,), "the points one by one, instead of parameters"),
}
_RANGE = {"from", "to", "step", "powers_of_two"}
_ALL = "all"
_FILES = ("kernel", "initrd", "dtb", "drive", "flash", "bios")


@dataclass(frozen=True)
class StudyFile:
    """What a study file says: the base, the arguments of `trapwalk.sweep`, and which metrics are printed."""

    path: Path
    base: Config
    parameters: Any
    arguments: dict[str, Any]
    metrics: tuple[str, ...]


@dataclass
class _Reader:
    path: Path
    lines: dict[tuple[str, ...], int]
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def complain(self, key: str, message: str, *at: str) -> None:
        """`at`: tables and keys that lead to it."""
        place = at or tuple(key.split("."))
        while place and place not in self.lines:
            place = place[:-1]
        where = f"{self.path}:{self.lines[place]}" if place else str(self.path)
        self.wrong.append((where, f"{where}: {message}", key))

    def finish(self) -> None:
        if self.wrong:
            wrong = sorted(self.wrong, key=lambda one: int(one[0].rpartition(":")[2]) if ":" in one[0] else 0)
            raise ConfigError("\n".join(message for _, message, _ in wrong), wrong)


def read(path: str | Path) -> StudyFile:
    """Raises ConfigError with all that is wrong; Error when the file cannot be read."""
    path = Path(path)
    text = read_text(path)
    try:
        study = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    reader = _Reader(path, lines_of(text))
    study = _check_keys(study, reader)
    base = _base(study, reader)
    replays = TRACE in study or bool(_axes_of_traces(study))
    known = names_of_arguments(replays) + [TRACE] * replays
    table = "replay" if replays else "software"
    for name in study.get(table, {}):
        if name not in known:
            reader.complain(name, f'unknown argument "{name}"{nearest(name, known)}', table, name)
    parameters = _parameters(study, base, known, reader)
    reader.finish()
    place = _in_folder_of(path)
    parameters = points_with_paths(parameters, place) if isinstance(parameters, list) else with_paths(parameters, place)
    return StudyFile(path, base, parameters, _arguments(study, path), tuple(map(str, study.get("metrics", ()))))


def _check_keys(study: Mapping[str, Any], reader: _Reader) -> dict[str, Any]:
    """Those that are known and have a value of their type: the rest can be looked at."""
    right: dict[str, Any] = {}
    for key, value in study.items():
        if key not in KEYS:
            reader.complain(key, f'unknown key "{key}"{nearest(key, KEYS)}', key)
            continue
        types, what = KEYS[key]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            reader.complain(key, f"{key}: {what}; not {value!r}", key)
            continue
        right[key] = value
    axes = _axes_of_traces(study)
    if (TRACE in study or bool(axes)) == ("software" in study):
        reader.complain(TRACE, "either trace = … or a table [software] is needed")
    if TRACE in study and axes:
        reader.complain(TRACE, "trace: that of all points, or a parameter that they differ in; not both", *axes[0])
    if ("parameters" in study) == ("points" in study):
        reader.complain("parameters", "either a table [parameters] or [[points]] is needed")
    if (method := right.get("method", METHODS[0])) not in METHODS:
        reader.complain("method", f'method: "{method}" is none of {", ".join(METHODS)}{nearest(method, METHODS)}', "method")
    for at, table in [((TRACE,), right), *((at, _at(study, at)) for at in axes)]:
        for trace in _traces(table):
            if not (reader.path.parent / trace).is_file():
                reader.complain(TRACE, f"trace: {trace}: there is no such file", *at)
    for key in ("samples", "workers", "timeout"):
        value = right.get(key)
        if value is not None and not value > 0:  # nor NaN
            reader.complain(key, f"{key}: {value} is not above 0", key)
    if right.get("seed", 0) < 0:
        reader.complain("seed", f"seed: {right['seed']} is below 0", "seed")
    return right


def _base(study: Mapping[str, Any], reader: _Reader) -> Config:
    """As far as it goes: what is wrong is left out, so that the rest can be looked at."""
    names = {key: value for key in ("cpu", "smmu", "platform") if isinstance(value := study.get(key), str)}
    files = [str(reader.path.parent / str(file)) for file in _list(study.get("config"))]
    base = Config()
    try:
        base = _named(names)
        base = base.with_({"files": files})
    except Error as error:
        blamed = next((key for key, value in names.items() if value in str(error)), "config")
        reader.complain(blamed, f"{blamed}: {error}", blamed)
    values = dict(flat(study.get("set", {})))
    for key, message in complaints(base, {key: [value] for key, value in values.items()}, ()):
        reader.complain(key, message, "set", *key.split("."))
        values.pop(key, None)
    try:
        return base.with_(values)
    except Error as error:
        reader.complain("set", f"set: {error}", "set")
        return base


def _named(names: Mapping[str, str]) -> Config:
    cpu = names.get("cpu")
    platform, smmu = names.get("platform", "virt"), names.get("smmu")
    return Config(platform=platform, smmu=smmu) if cpu is None else Config(cpu, platform=platform, smmu=smmu)


def _parameters(study: Mapping[str, Any], base: Config, known: list[str], reader: _Reader) -> Any:
    if "points" in study:
        points = [dict(flat(point)) if isinstance(point, dict) else {} for point in _list(study["points"])]
        for number, point in enumerate(points):
            for key, message in complaints(base, {key: [value] for key, value in point.items()}, known):
                reader.complain(key, f"point {number + 1}: {message}", "points", str(number), *key.split("."))
        return points
    specs: dict[str, Levels] = {}
    for key, value in flat(study.get("parameters", {})):
        at = ("parameters", *key.split("."))
        try:
            if key == TRACE and not isinstance(value, list):
                raise ConfigError(f"{key}: a list of files is wanted, not {value!r}")
            if value == _ALL and key in base:
                specs[key] = spec_of_row(base.parameter(key))
            else:
                specs[key] = _spec(key, value)
                values = specs[key] if study.get("method") == "list" else levels(key, specs[key])
                checked = [] if isinstance(values, (Range, PowersOfTwo)) else list(values)
                for _, message in complaints(base, {key: checked}, known):
                    reader.complain(key, message, *at)
        except ConfigError as error:
            reader.complain(key, str(error), *at)
    return specs


def _spec(key: str, value: Any) -> Levels:
    if isinstance(value, list):
        return value
    if (
        isinstance(value, dict)
        and "from" in value
        and "to" in value
        and all(type(value[name]) is int for name in ("from", "to"))
    ):
        if value.get("powers_of_two"):
            return PowersOfTwo(value["from"], value["to"])
        return Range(value["from"], value["to"], value.get("step", 1))
    raise ConfigError(
        f'{key}: a list of values, {{ from, to, step or powers_of_two = true }}, or "{_ALL}" is wanted, not {value!r}'
    )


def _arguments(study: Mapping[str, Any], path: Path) -> dict[str, Any]:
    folder = path.parent
    found = {key: study[key] for key in ("method", "samples", "seed", "workers", "timeout") if key in study}
    found["name"] = study.get("name", path.stem)
    found["store"] = folder / study.get("store", f"{path.stem}.sqlite")
    if TRACE in study:
        found[TRACE] = [str(folder / trace) for trace in _traces(study)]
    if "software" not in study:
        found["arguments"] = study.get("replay", {})
    else:
        found["software"] = {name: _beside(folder, name, value) for name, value in study["software"].items()}
    if "repeat" in study:
        repeat = study["repeat"]
        found["repeat"] = with_paths(dict(flat(repeat)), _in_folder_of(path)) if isinstance(repeat, dict) else repeat
    return found


def _axes_of_traces(study: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Where traces are a parameter."""
    tables = [(name,) for name in ("parameters", "repeat")]
    points = [("points", str(number)) for number in range(len(_list(study.get("points"))))]
    return [(*place, TRACE) for place in [*tables, *points] if TRACE in _at(study, place)]


def _at(study: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    """The table at a place; that of a trace's own place has it alone. Empty where there is none."""
    value: Any = study
    for part in place:
        if isinstance(value, list):
            value = value[int(part)]
        elif part == TRACE:
            return {TRACE: value[TRACE]}
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _in_folder_of(path: Path) -> Callable[[Any], str]:
    """Files of a study by their paths."""
    return lambda name: str(path.parent / str(name))


def _beside(folder: Path, name: str, value: Any) -> Any:
    """Files of a study stand beside it."""
    return str(folder / value) if name in _FILES and isinstance(value, str) and (folder / value).is_file() else value


def _traces(study: Mapping[str, Any]) -> list[str]:
    trace = study.get("trace", [])
    return [str(one) for one in ([trace] if isinstance(trace, str) else _list(trace))]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def flat(table: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys of nested tables; a range is a value."""
    for name, value in table.items() if isinstance(table, dict) else ():
        if isinstance(value, dict) and not ("from" in value and value.keys() <= _RANGE):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


_PART = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*\[(\[)?\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=")


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Where each table and key of a TOML text stands, by its parts; dots inside of a quoted part separate, too."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _parts(header[2])
            found.setdefault(table, number)
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
                found.setdefault(table, number)
        elif key := _KEY.match(line):
            place = (*table, *_parts(key[1]))
            for end in range(len(table) + 1, len(place) + 1):
                found.setdefault(place[:end], number)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    names = [part.strip("\"'") for part in re.findall(_PART, dotted)]
    return tuple(part for name in names for part in name.split("."))
