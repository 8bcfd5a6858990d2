"""What repeated looks do to a plain test, by simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from methods.intervals.estimates import Interval, wilson
from methods.result import Result
from methods.sequential.confidence_sequence import sequence_reach

SIMULATIONS_AT_ONCE = 5_000


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
