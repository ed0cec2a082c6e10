"""The caches of a cluster of cores, with memory that always takes as long."""

from __future__ import annotations

import enum
from typing import Any, Optional, Union

import numpy
import pandas
from numpy.typing import NDArray

from trapwalk import _trapwalk
from trapwalk._arrays import members, number, unsigned
from trapwalk.config import Config, virt_config

_MOST_CORES = 64
_MOST_BYTES = 64


class CacheAccess(enum.IntEnum):
    """What is asked of the caches."""

    LOAD = 0
    STORE = 1
    FETCH = 2
    WALK = 3
    WALK_UPDATE = 4
    PREFETCH = 5
    PREFETCH_STORE = 6
    ZERO = 7


class ServedBy(enum.IntEnum):
    """Who has answered."""

    WALK_CACHE = 0
    L1 = 1
    L2 = 2
    L3 = 3
    SYSTEM_CACHE = 4
    PEER_CACHE = 5
    MEMORY = 6
    DEVICE = 7
    GIC = 8
    UNMAPPED = 9


class CacheLevel(enum.IntEnum):
    L1I = 0
    L1D = 1
    L2 = 2
    L3 = 3
    SYSTEM = 4


class LineState(enum.IntEnum):
    """MESI; in levels that cores share, and in L1I, SHARED is clean and MODIFIED dirty."""

    INVALID = 0
    SHARED = 1
    EXCLUSIVE = 2
    MODIFIED = 3


class Caches:
    """The caches that `config.cache.*` describes. Accesses come one after another, each when the one before is done.

    Args:
        config: with `cache.enabled`.
        cores: of the cluster.
        memory_cycles: what memory takes for a line.

    Raises:
        ConfigError: values that do not go together.
        ValueError: `cache.enabled` is off.
    """

    def __init__(self, config: Config, *, memory_cycles: int, cores: int = 1) -> None:
        self.config = virt_config(config).copy()
        if not self.config.cache.enabled:
            raise ValueError("cache.enabled is false: there are no caches")
        self.cores = number("cores", cores, "u4")
        if not 1 <= self.cores <= _MOST_CORES:
            raise ValueError(f"cores: 1 to {_MOST_CORES}, not {cores}")
        self._caches = _trapwalk.Caches(
            self.config._configuration, self.cores, number("memory_cycles", memory_cycles, "u4")
        )

    def __repr__(self) -> str:
        return f"<Caches: {self.config!r}, {self.cores} core{'s' if self.cores > 1 else ''}>"

    def access(
        self,
        pa: Any,
        kind: Union[CacheAccess, str] = CacheAccess.LOAD,
        *,
        core: int = 0,
        size: int = 8,
        vmid: Optional[int] = None,
        interval: int = 1,
    ) -> tuple[NDArray[numpy.uint64], NDArray[numpy.uint8]]:
        """Accesses of one core.

        Args:
            pa: an integer, or an array of shape (n,).
            kind: of `CacheAccess`, or its name: "load", "store" …
            size: bytes of each, 1..64.
            vmid: of the guest that they are for; None: of none.
            interval: cycles between the end of an access and the next.

        Returns:
            Cycles beyond a hit of the first level, uint64, and who has answered (numbers of `ServedBy`), uint8: shape (n,).
        """
        addresses = unsigned("pa", [pa] if numpy.ndim(pa) == 0 else pa, "u8")
        if not 1 <= number("size", size, "u1") <= _MOST_BYTES:
            raise ValueError(f"size: 1 to {_MOST_BYTES} bytes, not {size}")
        owner = number("vmid", 0 if vmid is None else vmid, "u2")
        return self._caches.access(
            addresses, CacheAccess(members("kind", kind, CacheAccess)), self._core(core), size, owner, vmid is not None, number("interval", interval, "u4")
        )

    def _core(self, core: int) -> int:
        if number("core", core, "u4") >= self.cores:
            raise ValueError(f"core: there are {self.cores}, not number {core}")
        return core

    def state(self, level: Union[CacheLevel, str], pa: int, *, core: int = 0) -> LineState:
        """Of the line of `pa` in a level (of `CacheLevel`, or its name: "l2" …); no effect at all."""
        return LineState(self._caches.state(CacheLevel(members("level", level, CacheLevel)), self._core(core), number("pa", pa, "u8")))

    def clean(self, pa: int, *, invalidate: bool = False) -> None:
        """DC CVAC, or DC CIVAC, of the line of `pa`."""
        self._caches.clean(number("pa", pa, "u8"), invalidate)

    def reset(self) -> None:
        """Everything is empty again; counts stay."""
        self._caches.reset()

    def clear_statistics(self) -> None:
        """All counts are zero again; lines stay."""
        self._caches.clear_statistics()

    def statistics(self) -> list[dict[str, Any]]:
        """A row for each cache that there is: level, core (None: shared), hits, accesses, misses ..."""
        return [
            {"level": CacheLevel(level).name.lower(), "core": core, **counts}
            for level, core, counts in self._caches.statistics()
        ]

    def frame(self) -> pandas.DataFrame:
        """`statistics()` as a DataFrame."""
        return pandas.DataFrame(self.statistics())
