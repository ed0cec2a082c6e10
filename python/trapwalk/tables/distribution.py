"""Distributions of a report: {count, sum, min, max, p50, p99, buckets}."""

from __future__ import annotations

import pandas as pd

from trapwalk.tables.table import Report

# As models/cost/histogram: below 128 a bucket holds one value, above 64 buckets make an octave.
_EXACT = 128
_PER_OCTAVE = 64


def upper(lower: int) -> int:
    """The first value behind the bucket that begins with `lower`."""
    if lower < _EXACT:
        return lower + 1
    octave = 1 << (lower.bit_length() - 1)
    return lower + octave // _PER_OCTAVE


def buckets(distribution: Report) -> pd.DataFrame:
    """`lower`, `upper` (exclusive), `count`: a row a bucket that is not empty."""
    rows = [(lower, upper(lower), count) for lower, count in distribution["buckets"]]
    return pd.DataFrame(rows, columns=["lower", "upper", "count"], dtype="int64")
