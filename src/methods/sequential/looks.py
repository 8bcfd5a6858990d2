"""Looking every week: what repeated looks do to a plain test, and an interval that stays valid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from methods.intervals.estimates import Interval, wilson
from methods.result import Result

SIMULATIONS_AT_ONCE = 5_000
FEWEST_A_SIDE = 10


def sequence_reach(
    standard_error: ArrayLike, n: ArrayLike, *, planned_n: float, level: float = 0.95
) -> np.ndarray:
    """Return half the width of a confidence sequence: it holds at all looks together, however many.

    standard_error: of the estimate at each look.
    n: rows behind it.
    planned_n: rows at which it is to be narrowest. Valid as n grows (asymptotic); give it a start of some
        hundred rows. Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics
        52, Theorem 2.2 and the choice of rho in section 2.3.
    Returns float, one a look.
    Raises ValueError unless planned_n is above 0 and level between 0 and 1.

    >>> reach = sequence_reach([0.05, 0.02], [500, 4_000], planned_n=4_000)
    >>> (reach / [0.05, 0.02]).round(1).tolist()
    [3.7, 3.0]
    """
    if not planned_n > 0 or not 0 < level < 1:
        raise ValueError(f"planned_n {planned_n!r} must be above 0 and level {level!r} between 0 and 1")
    alpha = 1 - level
    rows = (
        np.asarray(n, dtype=float) * (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / planned_n
    )
    return np.asarray(standard_error, dtype=float) * np.sqrt(
        2 * (rows + 1) / rows * (np.log(np.sqrt(rows + 1)) - math.log(alpha))
    )


def weekly_looks(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treated: str,
    at: str,
    planned_n: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return what each weekly report of a test says, with the plain interval and the one valid at every look.

    outcome: numeric.
    treated: 0/1 or boolean.
    at: time at which the outcome became known (naive UTC).
    planned_n: rows planned (None: all there are). Columns: week (1 is the first), n, estimate (difference
        of means), low, high (plain), always_low, always_high. Weeks before 10 rows on each side are left
        out.
    Raises ValueError when an arm is empty. The interval for every look is that of `sequence_reach`.

    >>> rows = pd.DataFrame({"bought": np.tile([0, 1, 1, 1], 30), "arm": np.tile([0, 1, 0, 1], 30),
    ...                      "at": pd.date_range("2026-01-01", periods=120, freq="3h")})
    >>> found = weekly_looks(rows, outcome="bought", treated="arm", at="at")
    >>> found["week"].tolist(), float(found["estimate"].iloc[-1])
    ([1, 2, 3], 0.5)
    """
    rows = frame[[outcome, treated, at]].dropna().sort_values(at, kind="stable")
    arm = rows[treated].astype(bool).to_numpy()
    if arm.all() or not arm.any():
        raise ValueError(f"column {treated!r} holds one arm only; a test needs two")
    y = rows[outcome].to_numpy(float)
    week = ((rows[at] - rows[at].min()) // pd.Timedelta(weeks=1)).to_numpy() + 1
    last = np.flatnonzero(np.r_[week[1:] != week[:-1], True])
    side = {}
    for name, mask in (("treated", arm), ("control", ~arm)):
        count = np.cumsum(mask)[last]
        mean = np.cumsum(y * mask)[last] / np.maximum(count, 1)
        square = np.cumsum(y**2 * mask)[last] / np.maximum(count, 1)
        side[name] = count, mean, (square - mean**2) / np.maximum(count - 1, 1)
    error = np.sqrt(side["treated"][2] + side["control"][2])
    n = last + 1
    estimate = side["treated"][1] - side["control"][1]
    plain = norm.ppf((1 + level) / 2) * error
    always = sequence_reach(error, n, planned_n=planned_n or len(rows), level=level)
    enough = np.minimum(side["treated"][0], side["control"][0]) >= FEWEST_A_SIDE
    looks = pd.DataFrame({"week": week[last], "n": n, "estimate": estimate})
    looks["low"], looks["high"] = estimate - plain, estimate + plain
    looks["always_low"], looks["always_high"] = estimate - always, estimate + always
    return looks[enough].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class PeekingRates(Result):
    """How often a test of nothing cries wolf when it is looked at `looks` times, as shares of tests.

    plain: a fixed-size test read at each look. sequence: the confidence sequence.
    """

    looks: int
    plain: Interval
    sequence: Interval


def peeking_false_alarms(
    looks: int, *, level: float = 0.95, per_look: float = 500, simulations: int = 20_000, seed: int = 1
) -> PeekingRates:
    """Simulate a test without any effect that is looked at after each of `looks` equal steps.

    per_look: rows a step, only for the sequence, whose plan ends at the last look. Published for the
        plain test at 1, 2, 5, 10, 20 looks: 5, 8.3, 14.2, 19.3, 24.8 % (Armitage, McPherson and Rowe
        1969, Journal of the Royal Statistical Society A 132).
    simulations: of tests.
    Raises ValueError unless looks, per_look and simulations are above 0.

    >>> found = peeking_false_alarms(5, simulations=2_000)
    >>> 0.10 < found.plain.estimate < 0.18, found.sequence.estimate < 0.05
    (True, True)
    """
    if looks < 1 or simulations < 1 or per_look <= 0:
        raise ValueError(
            f"looks {looks}, simulations {simulations} and per_look {per_look} must be 1 or more"
        )
    rng = np.random.default_rng(seed)
    step = np.arange(1, looks + 1)
    critical = norm.ppf((1 + level) / 2)
    # The reach in standard errors of the look, as the simulated statistic is.
    always = sequence_reach(1.0, step * per_look, planned_n=looks * per_look, level=level)
    plain = sequence = 0
    for done in range(0, simulations, SIMULATIONS_AT_ONCE):
        batch = min(SIMULATIONS_AT_ONCE, simulations - done)
        score = np.abs(np.cumsum(rng.standard_normal((batch, looks)), axis=1)) / np.sqrt(step)
        plain += int((score > critical).any(axis=1).sum())
        sequence += int((score > always).any(axis=1).sum())
    return PeekingRates(looks=looks, plain=wilson(plain, simulations), sequence=wilson(sequence, simulations))
