"""Sweeps: many points of one study, in parallel, each computed once and kept. `trapwalk.sweep` is the way in."""

from trapwalk.sweeps.points import PowersOfTwo, Range
from trapwalk.sweeps.result import Sweep
from trapwalk.sweeps.store import Store
from trapwalk.sweeps.sweep import sweep

__all__ = ["PowersOfTwo", "Range", "Store", "Sweep", "sweep"]
