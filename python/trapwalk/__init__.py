"""Trapwalk: what traps and address translations cost on Arm's virtualization hardware.

The names here are all of the interface; what begins with an underscore is not.
"""

from trapwalk._trapwalk import version as __version__
from trapwalk.errors import ConfigError, Error, RunError, StoreError, TraceError

__all__ = ["ConfigError", "Error", "RunError", "StoreError", "TraceError", "__version__"]
