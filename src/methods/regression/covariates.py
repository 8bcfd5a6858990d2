"""From a frame of customers to the numbers a model can use: counts tamed, gaps marked, categories spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from methods.result import Result

RARE_ROWS = 10
SKEWED = 1.0


@dataclass(frozen=True, kw_only=True)
class Levels:
    """A category of very many levels, kept as it is. name: the covariate; code: (rows,) places in names."""

    name: str
    code: np.ndarray
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Covariates(Result):
    """Covariates as one matrix.

    matrix: (rows, columns) float without gaps. names: of the columns, such as `log(1 + friends)` or
    `gender: female`. sources: the covariate each column comes from. dropped: covariates that hold
    nothing or a single value, and so cannot tell two customers apart. levels: categories of too many levels
    for columns of their own, in whole; none of their levels is merged.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    sources: tuple[str, ...]
    dropped: tuple[str, ...]
    levels: tuple[Levels, ...] = ()

    def without(self, *covariates: str) -> Covariates:
        """Return the same rows without the columns that come from these covariates."""
        kept = [place for place, source in enumerate(self.sources) if source not in covariates]
        return Covariates(
            matrix=self.matrix[:, kept],
            names=tuple(self.names[place] for place in kept),
            sources=tuple(self.sources[place] for place in kept),
            dropped=self.dropped,
            levels=tuple(one for one in self.levels if one.name not in covariates),
        )

    def rows(self, chosen: np.ndarray) -> Covariates:
        """Return the chosen rows (mask or positions) of the same columns."""
        return Covariates(
            matrix=self.matrix[chosen],
            names=self.names,
            sources=self.sources,
            dropped=self.dropped,
            levels=tuple(replace(one, code=one.code[chosen]) for one in self.levels),
        )


def covariate_matrix(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    *,
    log_skewed: bool = True,
    rare_rows: int = RARE_ROWS,
    most_levels: int = 0,
    dtype: type = np.float64,
) -> Covariates:
    """Return the named columns of a frame as numbers.

    covariates: names of the columns. Numbers that are never negative and skewed beyond 1 become log(1 +
        value) unless `log_skewed` is False; a gap becomes 0 beside a column that marks it; text and
        categories become one column a level, levels of fewer than `rare_rows` rows together (1 keeps
        every level, as fixed effects need).
    dtype: of the matrix; float32 takes half the memory and keeps seven digits.
    most_levels: a category of more levels becomes no columns but one of `levels`; 0 sets no limit.
    Raises KeyError on a missing column and TypeError on times.

    >>> rows = pd.DataFrame({"age": [20.0, 30.0, None], "gender": ["f", "m", "f"]})
    >>> made = covariate_matrix(rows, ["age", "gender"], rare_rows=1)
    >>> made.matrix.shape, made.sources[0]
    ((3, 3), 'age')
    """
    missing = [name for name in covariates if name not in frame.columns]
    if missing:
        raise KeyError(f"covariates {missing} are not columns of the frame; it has {list(frame.columns)}")
    kept = [_levels(frame[name]) for name in covariates if 0 < most_levels < _many(frame[name])]
    covariates = [name for name in covariates if name not in {one.name for one in kept}]
    columns, dropped = [], []
    for name in covariates:
        made = [label for label, _ in _told_apart(frame[name], log_skewed, rare_rows)]
        columns += [(label, name) for label in made]
        if not made:
            dropped.append(name)
    matrix: np.ndarray = np.empty((len(frame), len(columns)), dtype=dtype, order="F")
    place = 0
    for name in covariates:  # made a second time, so that a million rows are never held twice
        for _, values in _told_apart(frame[name], log_skewed, rare_rows):
            matrix[:, place] = values
            place += 1
    names, sources = (tuple(column[end] for column in columns) for end in (0, 1))
    return Covariates(matrix=matrix, names=names, sources=sources, dropped=tuple(dropped), levels=tuple(kept))


def _many(series: pd.Series) -> int:
    """How many levels a category has; 0 for numbers and times."""
    number = pd.api.types.is_numeric_dtype(series) or pd.api.types.is_datetime64_any_dtype(series)
    return 0 if number else series.nunique()


def _levels(series: pd.Series) -> Levels:
    code, values = pd.factorize(series)
    names = (*map(str, values), "unknown")
    return Levels(name=str(series.name), code=np.where(code < 0, len(values), code), names=names)


def _told_apart(series: pd.Series, log_skewed: bool, rare_rows: int) -> list[tuple[str, np.ndarray]]:
    """The columns of one covariate that hold more than one value."""
    made = _columns(series, log_skewed=log_skewed, rare_rows=rare_rows)
    return [(label, values) for label, values in made if np.ptp(values) > 0]


def _columns(series: pd.Series, *, log_skewed: bool, rare_rows: int) -> list[tuple[str, np.ndarray]]:
    if series.isna().all():
        return []
    if pd.api.types.is_datetime64_any_dtype(series):
        raise TypeError(f"covariate {series.name!r} holds times; give the days up to a common moment instead")
    if pd.api.types.is_bool_dtype(series) or pd.api.types.is_numeric_dtype(series):
        return _numeric(series, log_skewed=log_skewed)
    return _categorical(series, rare_rows)


def _numeric(series: pd.Series, *, log_skewed: bool) -> list[tuple[str, np.ndarray]]:
    values = series.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"covariate {series.name!r} holds an infinite value; set it to a number or a gap")
    gaps = np.isnan(values)
    known = values[~gaps]
    name = str(series.name)
    if log_skewed and known.min() >= 0 and len(np.unique(known)) > 2 and pd.Series(known).skew() > SKEWED:
        name, values = f"log(1 + {name})", np.log1p(values)
    columns = [(name, np.where(gaps, 0.0, values))]
    if gaps.any():
        columns.append((f"{series.name} unknown", gaps.astype(float)))
    return columns


def _categorical(series: pd.Series, rare_rows: int) -> list[tuple[str, np.ndarray]]:
    code, values = pd.factorize(series)
    # A gap has the code -1, and so takes the last text; values that are written alike are one level.
    names, level = np.unique(np.array([*map(str, values), "unknown"], dtype=object), return_inverse=True)
    rows = np.bincount(level[code], minlength=len(names))
    names, merged = np.unique(np.where(rows < rare_rows, "other levels", names), return_inverse=True)
    level = merged[level][code]
    seen = np.flatnonzero(np.bincount(level, minlength=len(names)))
    if len(seen) == 2:
        seen = seen[:1]
    return [(f"{series.name}: {names[number]}", (level == number).astype(float)) for number in seen]
