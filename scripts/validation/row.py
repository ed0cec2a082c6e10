"""A published number, and what the model has in its place."""

import dataclasses
from collections.abc import Callable

from validation.runs import Runs

XGENE, A15, A57, A53, N1 = "x-gene-1-like", "cortex-a15", "cortex-a57", "cortex-a53", "neoverse-n1"


@dataclasses.dataclass(frozen=True)
class Row:
    anchor: str
    what: str
    target: str  # as it is printed
    low: float  # the target's range; the error is the distance to its nearer end, relative
    high: float
    unit: str
    source: str
    configuration: str
    model: Callable[[Runs], float]
    remark: str = ""
    fitted: bool = False
    needs_software: bool = False


def single(anchor, what, target, unit, source, configuration, model, remark="", **more):
    return Row(anchor, what, f"{target:,}", target, target, unit, source, configuration, model, remark, **more)
