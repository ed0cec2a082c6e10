"""The misses of TLBs of every size, of one pass over a trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterable, Mapping, Optional, Sequence

import numpy
import pandas
from numpy.typing import NDArray

from trapwalk import _trapwalk
from trapwalk._arrays import number, unsigned
from trapwalk.config import Config, virt_config
from trapwalk.replaying import source
from trapwalk.trace import AnyTrace, opened

_MOST_ENTRIES = 1 << 28  #: its places in the order of last uses have numbers of 32 bits


@dataclass(frozen=True, eq=False)
class MissCurve:
    """Misses of LRU TLBs of every number of sets that was asked for and every number of ways. Those of the same counts are
    equal.

    Attributes:
        references: pages that were asked for, of all records.
        pages: different ones, of all contexts: what no TLB hits.
        page_bytes: what an entry covers.
        by_sets: of each number of sets the misses, by ways - 1; uint64, shape (most ways,).
    """

    references: int
    pages: int
    page_bytes: int
    by_sets: Mapping[int, NDArray[numpy.uint64]] = field(repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MissCurve):
            return NotImplemented
        return (
            self._scalars == other._scalars
            and self.by_sets.keys() == other.by_sets.keys()
            and all(numpy.array_equal(misses, other.by_sets[sets]) for sets, misses in self.by_sets.items())
        )

    def __hash__(self) -> int:
        return hash(self._scalars)

    @property
    def _scalars(self) -> tuple[int, int, int]:
        return self.references, self.pages, self.page_bytes

    def misses(self, entries: int, ways: Optional[int] = None) -> int:
        """Of a TLB of `entries`, fully associative without `ways`. Raises KeyError: it is not among those counted."""
        ways = entries if ways is None else ways
        if ways < 1 or entries % ways != 0:
            raise ValueError(f"{entries} entries are not a multiple of {ways} ways")
        counts = self.by_sets.get(entries // ways)
        if counts is None or ways > len(counts):
            raise KeyError(f"a TLB of {entries} entries and {ways} ways is not among those counted")
        return int(counts[ways - 1])

    def frame(self) -> pandas.DataFrame:
        """A row for each TLB: entries, sets, ways, misses, ratio (of references)."""
        sets = numpy.concatenate([numpy.full(len(misses), sets) for sets, misses in self.by_sets.items()])
        ways = numpy.concatenate([numpy.arange(1, len(misses) + 1) for misses in self.by_sets.values()])
        misses = numpy.concatenate(list(self.by_sets.values()))
        columns = {"entries": sets * ways, "sets": sets, "ways": ways, "misses": misses}
        frame = pandas.DataFrame(columns)
        frame["ratio"] = frame["misses"] / max(self.references, 1)
        return frame.sort_values(["entries", "ways"], ignore_index=True)

    def plot(self, ways: Sequence[Optional[int]] = (1, 2, 4, 8, None), ax: Any = None) -> Any:
        """`trapwalk.plots.associativities`: a line for each of `ways` (None: full). Returns the matplotlib Axes."""
        from trapwalk import plots

        return plots.associativities(self, ways, ax=ax)

    def _repr_html_(self) -> str:
        frame = self.frame()
        powers = frame[frame["entries"].isin([1 << n for n in range(32)]) & frame["ways"].isin([1, 2, 4, 8, 16])]
        table: str = powers.pivot(index="entries", columns="ways", values="ratio").to_html()
        return f"<p>{self.references} references, {self.pages} pages of {self.page_bytes} bytes</p>{table}"


def miss_curve(
    trace: AnyTrace,
    config: Optional[Config] = None,
    *,
    most_entries: int = 4096,
    sets: Optional[Iterable[int]] = None,
    of: str = "cores",
) -> MissCurve:
    """Misses of every LRU TLB of up to `most_entries` entries over a trace (or its file), of one pass (stack distances).

    Entries are of the smaller leaf of `replay.leaf` and `replay.leaf2`, fetches and data share the TLB, and each
    number of `sets` (1, 2, 4 ... without) is counted with 1 to most_entries / sets ways.

    `of`: "cores"; "masters": IOTLBs, of the accesses of DMA masters; or "walk_caches": walk caches that hold the tables
    of stage 1's last level alone. Their references are the walks behind the TLBs of `config`, of a replay of the trace,
    and an entry covers what such a table maps.

    Raises:
        TraceError: the trace is damaged.
        ConfigError: the values of `config` do not go together.
        ValueError: walk caches without a stage 1.
    """
    trace = opened(trace)
    config = valid_config(config)
    require_structure(of)
    most, counts = checked_sizes(most_entries, sets)
    if of == "walk_caches":
        require_stage1(config)
        table_bytes, counted, _ = _trapwalk.walk_caches(config._configuration, [source(trace)], most, counts, "")
        return MissCurve(counted[0], counted[1], table_bytes, counted[2])
    curve = _trapwalk.Curve(config._configuration, trace.has_ipa, trace.has_pa, most, counts, of == "masters", "")
    for block in trace.blocks(1 << 20):
        curve.access(block)
    references, pages, misses = curve.counts()
    return MissCurve(references, pages, curve.page_bytes, misses)


def require_structure(of: str) -> None:
    if of not in ("cores", "masters", "walk_caches"):
        raise ValueError(f"of: cores, masters or walk_caches, not {of!r}")


def require_stage1(config: Config) -> None:
    if config.replay.paging == "stage2":
        raise ValueError("of: walk_caches are of stage 1, which replay.paging=stage2 has not")


def valid_config(config: Optional[Config]) -> Config:
    config = virt_config(config, lambda: Config("generic"))
    config.validate()
    return config


def checked_sizes(most_entries: int, sets: Optional[Iterable[int]]) -> tuple[int, list[int]]:
    """Most entries, numbers of sets: ascending, none for 1, 2, 4 ... most."""
    most = number("most_entries", most_entries, "u4")
    counts = [] if sets is None else [int(count) for count in unsigned("sets", sorted(sets), "u8")]
    if most > _MOST_ENTRIES:
        raise ValueError(f"most_entries: at most {_MOST_ENTRIES}, not {most}")
    if most == 0 or 0 in counts or len(set(counts)) != len(counts):
        raise ValueError("most_entries and sets: positive numbers, each once")
    return most, counts
