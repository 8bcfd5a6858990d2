"""From arrays to the contract's columns: text ids, naive UTC times, nulls."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from market.settings import AS_OF_UTC, START_UTC

_MICROSECONDS = 86_400_000_000
_START = np.datetime64(START_UTC, "us").astype(np.int64)
_END = np.datetime64(AS_OF_UTC, "us").astype(np.int64)


def ids(prefix: str, numbers: np.ndarray, *, count: int) -> pa.Array:
    """Return ids such as c000017, wide enough for `count`; a number below 0 becomes null."""
    text = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), len(str(max(count - 1, 1))), "0")
    named = pc.binary_join_element_wise(prefix, text, "")
    return pc.if_else(pa.array(numbers >= 0), named, None) if len(numbers) and numbers.min() < 0 else named


class Ids:
    """The ids of one table, made once and taken by number."""

    def __init__(self, prefix: str, count: int) -> None:
        self.text = ids(prefix, np.arange(count), count=count)

    def take(self, numbers: np.ndarray) -> pa.Array:
        """Return the ids of these rows; a number below 0 becomes null."""
        mask = numbers < 0
        return pc.take(self.text, pa.array(numbers, mask=mask if mask.any() else None))


def times(day: np.ndarray) -> pa.Array:
    """Turn days since the market's start (wall clock) into naive UTC timestamps; NaN becomes null."""
    missing = np.isnan(day)
    whole = _START + np.floor(np.where(missing, 0.0, day) * _MICROSECONDS).astype(np.int64)
    return pa.array(whole.view("datetime64[us]"), mask=missing if missing.any() else None)


def seen(day: np.ndarray) -> np.ndarray:
    """Say which moments lie before the market's end."""
    return _START + np.floor(day * _MICROSECONDS).astype(np.int64) < _END


def choice(names: tuple[str, ...], numbers: np.ndarray) -> pa.Array:
    """Return the name of each number."""
    return pc.take(pa.array(names, pa.string()), pa.array(np.asarray(numbers).astype(np.int64)))


def text(value: str | None, rows: int) -> pa.Array:
    """Return a text column of one value."""
    return pa.nulls(rows, pa.string()) if value is None else pa.repeat(value, rows)


def whole(values: np.ndarray, *, missing: np.ndarray | None = None) -> pa.Array:
    """Return an int64 column, null where `missing`."""
    return pa.array(np.asarray(values).astype(np.int64), mask=missing)


def number(values: np.ndarray, *, missing: np.ndarray | None = None) -> pa.Array:
    """Return a float64 column, null where `missing`."""
    return pa.array(np.asarray(values, dtype=np.float64), mask=missing)
