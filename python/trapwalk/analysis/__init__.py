"""What the results of studies mean: bits of storage, Pareto fronts, which parameter matters, whether a difference
is one."""

from trapwalk.analysis.comparison import Comparison, compare
from trapwalk.analysis.pareto import pareto, pareto_front
from trapwalk.analysis.sensitivity import sensitivity
from trapwalk.analysis.storage import Structure, Widths, storage, storage_bits

__all__ = [
    "Comparison",
    "Structure",
    "Widths",
    "compare",
    "pareto",
    "pareto_front",
    "sensitivity",
    "storage",
    "storage_bits",
]
