"""Trapwalk: what traps and address translations cost on Arm's virtualization hardware.

The names here are all of the interface; what begins with an underscore is not.
"""

import importlib as _importlib
import typing as _typing

from trapwalk._trapwalk import version as __version__
from trapwalk._rows import Parameter, Value
from trapwalk.caches import CacheAccess, CacheLevel, Caches, LineState, ServedBy
from trapwalk.config import Config, cpu_sets, smmu_sets
from trapwalk.control.values import CoreState, DescriptorFetch, PageWalk, Stop
from trapwalk.curve import MissCurve, miss_curve
from trapwalk.errors import Complaint, ConfigError, Error, ReportError, RunError, SessionError, StoreError, TraceError
from trapwalk.importing import import_trace
from trapwalk.launch import run, start
from trapwalk.mmu import ANSWER, Fault, Mmu, Translation
from trapwalk.replaying import replay, replay_report
from trapwalk.results import Run
from trapwalk.running.options import guest, guests
from trapwalk.running.pending import Pending
from trapwalk.running.progress import Progress
from trapwalk.session import Session
from trapwalk.shares import MissShares, miss_shares
from trapwalk.smmu import DMA_ANSWER, DmaTranslation, Outcome, Smmu, SmmuEvent
from trapwalk.structures import Tlb, WalkCache
from trapwalk.sweeps import PowersOfTwo, Range, Store, Sweep, sweep
from trapwalk.trace import NO_STREAM, RECORD, Kind, Scope, Trace

if _typing.TYPE_CHECKING:
    from trapwalk import plots as plots

__all__ = [
    "ANSWER",
    "CacheAccess",
    "CacheLevel",
    "Caches",
    "Complaint",
    "Config",
    "ConfigError",
    "CoreState",
    "DMA_ANSWER",
    "DescriptorFetch",
    "DmaTranslation",
    "Error",
    "Fault",
    "Kind",
    "LineState",
    "MissCurve",
    "MissShares",
    "Mmu",
    "NO_STREAM",
    "Outcome",
    "PageWalk",
    "Parameter",
    "Pending",
    "PowersOfTwo",
    "Progress",
    "RECORD",
    "Range",
    "ReportError",
    "Run",
    "RunError",
    "Scope",
    "ServedBy",
    "Session",
    "SessionError",
    "Smmu",
    "SmmuEvent",
    "Stop",
    "Store",
    "StoreError",
    "Sweep",
    "Tlb",
    "Trace",
    "TraceError",
    "Translation",
    "Value",
    "WalkCache",
    "__version__",
    "cpu_sets",
    "guest",
    "guests",
    "import_trace",
    "miss_curve",
    "miss_shares",
    "replay",
    "replay_report",
    "run",
    "smmu_sets",
    "start",
    "sweep",
]

# matplotlib is imported when `trapwalk.plots` is asked for. Hidden from mypy: to it, every name would exist.
if not _typing.TYPE_CHECKING:

    def __getattr__(name: str):
        if name == "plots":
            return _importlib.import_module("trapwalk.plots")
        raise AttributeError(f"module 'trapwalk' has no attribute '{name}'")

    def __dir__() -> list[str]:
        """What completion shows: the interface, without the modules that it is made of."""
        return [*__all__, "analysis", "plots"]
