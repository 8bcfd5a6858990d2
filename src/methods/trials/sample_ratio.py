"""Was the draw what was planned: arms counted against their planned shares, overall and by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, chisquare

from methods.intervals.multiplicity import holm
from methods.result import Result

# A fair draw misses its plan as far in fewer than one test of a thousand, overall or on any of its days.
ALARM = 0.001
FEWEST_EXPECTED = 100


@dataclass(frozen=True, kw_only=True)
class SampleRatio(Result):
    """Customers counted by arm beside the counts that the planned shares lead one to expect.

    counts, expected: by arm. p_value: of all days together. by_day: by day of assignment, the p-value under
    Holm over all days and arms; empty where no days are known. other_days: p-value of all days but the one
    that misses most, together; 1 where no days are known.
    """

    counts: pd.Series
    expected: pd.Series
    p_value: float
    by_day: pd.Series
    other_days: float = 1.0

    @property
    def lost_day(self) -> str:
        """The day whose arms miss the plan most, beyond chance, where others keep to it."""
        lost = self._misses_by_day and len(self.by_day) > 1 and self.other_days >= ALARM
        return str(self.by_day.idxmin()) if lost else ""

    @property
    def alarm(self) -> bool:
        """Whether the sizes of the arms, overall or on a day, cannot be chance."""
        return self.p_value < ALARM or self._misses_by_day

    @property
    def _misses_by_day(self) -> bool:
        return bool(len(self.by_day)) and bool(self.by_day.min() < ALARM)


def sample_ratio(
    arms: pd.Series, *, planned: dict[str, float] | None = None, days: pd.Series | None = None
) -> SampleRatio:
    """Return whether the arms hold as many customers as planned, overall and on each day.

    arms: one label a customer (or a group, where groups were drawn).
    planned: share by arm, summing to 1; None means equal shares.
    days: (customers,) label of the day of assignment, missing where unknown. Overall: chi-square test,
        below 100 expected in an arm exact binomial tests (Bonferroni over arms); by day: exact binomial
        tests, Holm over days and arms. Fabijan and others 2019 (KDD).
    Raises ValueError when the labels and the plan do not match or there is only one arm.

    >>> arms = pd.Series(["a", "b"] * 100 + ["a"] * 20)
    >>> found = sample_ratio(arms, days=pd.Series(["Mon", "Mon"] * 100 + ["Tue"] * 20))
    >>> found.p_value > 0.001, found.lost_day
    (True, 'Tue')
    """
    counts = arms.value_counts().sort_index()
    if len(counts) < 2:
        raise ValueError(f"only one arm, {list(counts.index)}, was found; a test needs two")
    planned = planned or dict.fromkeys(counts.index, 1 / len(counts))
    if set(planned) != set(counts.index) or abs(sum(planned.values()) - 1) > 1e-6:
        raise ValueError(f"planned shares {planned} must sum to 1 over the arms {list(counts.index)}")
    share = pd.Series(planned).reindex(counts.index)
    by_day = pd.Series(dtype=float) if days is None else _by_day(arms, days, share)
    return SampleRatio(
        counts=counts,
        expected=share * counts.sum(),
        p_value=_overall(counts, share),
        by_day=by_day,
        other_days=_without_worst(arms, days, by_day, share),
    )


def _overall(counts: pd.Series, share: pd.Series) -> float:
    """Chi-square is wrong this far out in its tail where few are expected."""
    expected = share * counts.sum()
    if expected.min() >= FEWEST_EXPECTED:
        return float(chisquare(counts, expected).pvalue)
    chances = _exact(counts.to_numpy()[None, :], share.to_numpy())
    return float(min(1.0, chances.min() * chances.size))


def _without_worst(arms: pd.Series, days: pd.Series | None, by_day: pd.Series, share: pd.Series) -> float:
    """The overall p-value once the day that misses most is left out."""
    if days is None or by_day.empty:
        return 1.0
    others = arms[(days != by_day.idxmin()).to_numpy()]
    counts = others.value_counts().reindex(share.index, fill_value=0)
    return _overall(counts, share) if len(others) else 1.0


def _by_day(arms: pd.Series, days: pd.Series, share: pd.Series) -> pd.Series:
    table = pd.crosstab(days.to_numpy(), arms.to_numpy()).reindex(columns=share.index, fill_value=0)
    if table.empty:
        return pd.Series(dtype=float)
    chances = _exact(table.to_numpy(), share.to_numpy())
    return pd.Series(holm(chances.ravel()).reshape(chances.shape).min(axis=1), index=table.index)


def _exact(counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Two-sided chance of each count (days, arms) in its day's total; of two arms one says all."""
    total = counts.sum(axis=1, keepdims=True)
    if counts.shape[1] == 2:
        counts, share = counts[:, :1], share[:1]
    tail = np.minimum(binom.cdf(counts, total, share), binom.sf(counts - 1, total, share))
    return np.minimum(1.0, 2 * tail)
