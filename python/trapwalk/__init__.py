"""Trapwalk: what traps and address translations cost on Arm's virtualization hardware.

The names here are all of the interface; what begins with an underscore is not.
"""

from trapwalk._trapwalk import version as __version__
from trapwalk._rows import Parameter, Value
from trapwalk.config import Config, cpu_sets, smmu_sets
from trapwalk.errors import Complaint, ConfigError, Error, RunError, StoreError, TraceError

__all__ = [
    "Complaint",
    "Config",
    "ConfigError",
    "Error",
    "Parameter",
    "RunError",
    "StoreError",
    "TraceError",
    "Value",
    "__version__",
    "cpu_sets",
    "smmu_sets",
]
