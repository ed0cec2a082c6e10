"""What `trapwalk.run` takes beside the configuration, as words of the command."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Optional, Union

from trapwalk.command import command
from trapwalk.errors import ConfigError, Error
from trapwalk.files import PathLike
from trapwalk.replaying import Ghost

Words = Union[str, Sequence[str]]
Ghosts = Union[str, Sequence[Union[str, Ghost]]]


@dataclass(frozen=True)
class Options:
    """Members are the keywords of `trapwalk.run`; None, False and () are left out."""

    software: Optional[str] = None
    guest: Optional[str] = None
    kernel: Optional[PathLike] = None
    bios: Optional[PathLike] = None
    initrd: Optional[PathLike] = None
    append: Optional[str] = None
    dtb: Optional[PathLike] = None
    hypervisor: Optional[PathLike] = None
    hypervisor_args: Optional[str] = None
    domains: Words = ()
    smp: Optional[int] = None
    memory: Optional[str] = None
    devices: Words = ()
    drives: Words = ()
    netdevs: Words = ()
    semihosting: bool = False
    until: Optional[str] = None
    type: Words = ()
    max_instructions: Optional[int] = None
    max_time: Optional[str] = None
    fidelity: Optional[str] = None
    timed_from: Optional[str] = None
    timed_until: Optional[str] = None
    timed_repeat: bool = False
    warm_up: Optional[int] = None
    sample: Optional[str] = None
    ghosts: Ghosts = ()
    keep_walks: Optional[int] = None
    keep_longest_walks: Optional[int] = None
    events: Union[bool, str] = False
    record: Optional[str] = None
    reports: Union[PathLike, Sequence[PathLike]] = ()
    arguments: Sequence[str] = ()

    @classmethod
    def of(cls, given: dict[str, Any], function: str = "trapwalk.run") -> Options:
        """Raises `ConfigError` for a name that `function` does not have, with the nearest."""
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise ConfigError(f"{name}: {function} has no such argument{hint}")
        return cls(**given)

    def words(self) -> list[str]:
        """Options of the command."""
        words: list[str] = []
        for field in fields(self):
            if field.name == "arguments":
                continue
            option, value = _NAMES.get(field.name, field.name.replace("_", "-")), getattr(self, field.name)
            if field.name == "guest" and value is not None:
                value = guest(value)
            if field.name == "ghosts" and not isinstance(value, str):
                value = [one if isinstance(one, str) else _ghost(one) for one in value]
            if value is True:
                words.append(f"--{option}")
            elif value is not None and value is not False:
                # "--kernel=X": a value may begin with a dash.
                words += [f"--{option}={os.fspath(one) if not isinstance(one, int) else one}" for one in _all(value)]
        return words + list(self.arguments)

    @property
    def has_limit(self) -> bool:
        """The run ends by itself without a milestone, as asked."""
        return not self.until and (self.max_instructions is not None or self.max_time is not None)


# Keywords that are plural, or that the command knows by another name.
_NAMES = {
    "guest": "kernel",
    "domains": "domain",
    "devices": "device",
    "drives": "drive",
    "netdevs": "netdev",
    "ghosts": "ghost",
    "reports": "report",
}


def _ghost(shape: Sequence[Any]) -> str:
    """Of (structure, entries, ways)."""
    if not isinstance(shape, Sequence) or len(shape) != 3:
        raise ConfigError(f'ghosts: a text or (structure, entries, ways) is needed, as ("tlb.l2", 1024, 4), not {shape!r}')
    structure, entries, ways = shape
    return f"{structure}=entries:{entries},ways:{ways or 'full'}"


def _all(value: Any) -> Iterable[Any]:
    return [value] if isinstance(value, (str, int, os.PathLike)) else list(value)


def guests_folder() -> Path:
    """Where the programs of guests/ are built: beside the command. Raises `Error` when they are not there."""
    folder = Path(command()).resolve().parent.parent
    for candidate in (folder / "guests", folder / "share" / "trapwalk" / "guests"):
        if candidate.is_dir():
            return candidate
    raise Error(f"the guest programs are not beside the command: there is no {folder / 'guests'}")


def guests() -> list[str]:
    """Names for `trapwalk.run(guest=…)`: the bare-metal programs that come with Trapwalk (guests/README.md)."""
    return sorted(path.stem for path in guests_folder().glob("*.elf"))


def guest(name: str) -> Path:
    """The ELF of a program that comes with Trapwalk. `ConfigError` for one that there is not, with the nearest."""
    path = guests_folder() / f"{name}.elf"
    if path.is_file():
        return path
    near = difflib.get_close_matches(name, guests(), 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ConfigError(f"guest: there is no program '{name}'{hint}")
