"""Plots of runs, by matplotlib.

Every function takes `ax`, the Axes to draw on, or makes one, and returns it. Colours are told apart by the
colour-blind; texts and lines follow matplotlib's style, so that `plt.style.use("dark_background")` works.
"""

from __future__ import annotations

from trapwalk.plots.comparison import compare
from trapwalk.plots.curves import associativities, ghosts, miss_curves, miss_shares
from trapwalk.plots.timeline import timeline
from trapwalk.plots.translation import interference, walk_levels, walks_served_by
from trapwalk.plots.traps import trap_costs, trap_distributions

__all__ = [
    "associativities",
    "compare",
    "ghosts",
    "interference",
    "miss_curves",
    "miss_shares",
    "timeline",
    "trap_costs",
    "trap_distributions",
    "walk_levels",
    "walks_served_by",
]


def __dir__() -> list[str]:
    return __all__
