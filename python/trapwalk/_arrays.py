"""What users give as numbers: checked, and never changed on the way."""

from __future__ import annotations

import difflib
import enum
import operator
from typing import Any, Optional

import numpy
import pandas
from numpy.typing import NDArray


def unsigned(name: str, values: Any, dtype: Any, length: Optional[int] = None) -> NDArray[Any]:
    """`values` as a contiguous array of an unsigned type; a scalar stands for `length` equal values.

    Raises:
        TypeError: no integers.
        ValueError: not one dimension, not `length`, or a number that the type does not hold.
    """
    wanted = numpy.dtype(dtype)
    array = _as_array(name, values, wanted)
    if array.dtype.kind not in "iu":
        if array.size == 0 and isinstance(values, (list, tuple)):
            array = array.astype(wanted)
        else:
            raise TypeError(f"{name}: integers of at most {8 * wanted.itemsize} bits are needed, not {array.dtype}")
    if array.ndim == 0 and length is not None:
        array = numpy.broadcast_to(array, (length,))
    if array.ndim != 1:
        raise ValueError(f"{name}: an array of one dimension is needed, not of shape {array.shape}")
    if length is not None and array.shape[0] != length:
        raise ValueError(f"{name}: {length} values are needed, not {array.shape[0]}")
    if array.size and array.dtype != wanted:
        for extreme in (int(array.min()), int(array.max())):
            number(name, extreme, wanted)
    return numpy.ascontiguousarray(array, wanted)


def members(name: str, values: Any, known: type[enum.IntEnum]) -> Any:
    """`values`, with names of members, in lower case, as their numbers; the rest as it is. Raises ValueError for another
    name, with the nearest."""
    if isinstance(values, str):
        return _member(name, values, known)
    array = values if hasattr(values, "dtype") else numpy.asarray(values)
    if array.dtype.kind not in "OU" or array.ndim != 1:
        return values
    places, names = pandas.factorize(array)
    if not all(isinstance(one, str) for one in names) or (places < 0).any():
        return values
    return numpy.array([_member(name, str(one), known) for one in names], "i8")[places]


def _member(name: str, value: str, known: type[enum.IntEnum]) -> int:
    if value.upper() in known.__members__:
        return int(known[value.upper()])
    names = [member.name.lower() for member in known]
    near = difflib.get_close_matches(value.lower(), names, 1)
    raise ValueError(f"{name}: {value!r} is none of {', '.join(names)}{f', did you mean {near[0]!r}?' if near else ''}")


def _as_array(name: str, values: Any, wanted: Any) -> NDArray[Any]:
    if isinstance(values, numpy.ma.MaskedArray) and numpy.any(values.mask):
        raise ValueError(f"{name}: some values are masked")
    array = numpy.asarray(values)
    # A list of addresses of kernel and user is floats to NumPy, and a column of big ints objects.
    of_ints = array.dtype.kind == "O" or (array.dtype.kind == "f" and isinstance(values, (list, tuple)))
    if of_ints and array.ndim == 1 and array.size and all(map(_is_int, values)):
        return numpy.array([number(name, value, wanted) for value in values], wanted)
    return array


def _is_int(value: object) -> bool:
    return isinstance(value, (int, numpy.integer)) and not isinstance(value, bool)


def number(name: str, value: Any, dtype: Any) -> int:
    """`value` as an int that the unsigned type holds. Raises TypeError, ValueError."""
    if isinstance(value, (bool, numpy.bool_)):
        raise TypeError(f"{name}: a whole number is needed, not {value!r}")
    try:
        integer = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: a whole number is needed, not {value!r}") from None
    bits = 8 * numpy.dtype(dtype).itemsize
    if not 0 <= integer < 1 << bits:
        raise ValueError(f"{name}: {integer} is no unsigned number of {bits} bits")
    return integer
