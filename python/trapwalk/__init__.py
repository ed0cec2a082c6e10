"""Trapwalk: what traps and address translations cost on Arm's virtualization hardware.

The names here are all of the interface; what begins with an underscore is not.
"""

from trapwalk._trapwalk import version as __version__
from trapwalk._rows import Parameter, Value
from trapwalk.config import Config, cpu_sets, smmu_sets
from trapwalk.curve import MissCurve, miss_curve
from trapwalk.errors import Complaint, ConfigError, Error, ReportError, RunError, StoreError, TraceError
from trapwalk.trace import NO_STREAM, RECORD, Kind, Scope, Trace
from trapwalk.results import Run
from trapwalk.launch import run, start
from trapwalk.running.options import guests
from trapwalk.running.pending import Pending
from trapwalk.running.progress import Progress

__all__ = [
    "Complaint",
    "Config",
    "ConfigError",
    "Error",
    "Kind",
    "MissCurve",
    "NO_STREAM",
    "Parameter",
    "Pending",
    "Progress",
    "RECORD",
    "ReportError",
    "Run",
    "RunError",
    "Scope",
    "StoreError",
    "Trace",
    "TraceError",
    "Value",
    "__version__",
    "cpu_sets",
    "guests",
    "miss_curve",
    "run",
    "smmu_sets",
    "start",
]
