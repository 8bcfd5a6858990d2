"""The viral coefficient, corrected for customers who have not yet had the time to bring others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from methods.errors import CannotAnswer
from methods.intervals import Interval
from methods.intervals.influence import log_interval
from methods.result import Result

FEWEST_BROUGHT, FEWEST_FAMILIES = 30, 20
LEAST_SEEN = 0.8
_SHORTEST_DAYS = 1 / 1440  # a minute: below that a clock tells nothing
_STEP = 1e-5


@dataclass(frozen=True, kw_only=True)
class ViralCoefficient(Result):
    """What one customer brings.

    coefficient: customers that one brings in the end. naive: brought so far over all, which counts the young
    as if they were done. generation_days: mean days from joining until those whom one brings join.
    multiplier: customers in the end for one who came alone, 1 / (1 − coefficient); None unless the whole
    interval of the coefficient lies below 1. seen_share: part of the waiting time that the oldest customers
    have lived through, 0 to 1. brought, families: what it rests on.
    """

    coefficient: Interval
    naive: float
    generation_days: Interval
    multiplier: Interval | None
    seen_share: float
    brought: int
    families: int


def viral_coefficient(
    joined_day: np.ndarray, invited_by: np.ndarray, *, end_day: float, level: float = 0.95
) -> ViralCoefficient:
    """Return how many customers one brings in the end.

    joined_day: float, one a customer, before end_day. invited_by: int, the row of who brought them, −1 for
    nobody. The waiting time follows a Weibull law fitted to delays cut off by the end; the coefficient is the
    customers brought over Σ G(age), G the part of the waiting time that lies within a customer's age. Errors
    by family tree (sandwich), on the log scale. Raises ValueError on who joined before the inviter or after
    the end; CannotAnswer on fewer than 30 brought or 20 families with any, or where the oldest customers have
    lived through less than 80 % of the waiting time. Kalbfleisch & Lawless 1989 (JASA 84) on delays cut off.

    >>> rng = np.random.default_rng(1)
    >>> old = np.zeros(900)
    >>> new = rng.exponential(9, 300)
    >>> by = np.concatenate([np.full(900, -1), np.arange(300)])
    >>> found = viral_coefficient(np.concatenate([old, new]), by, end_day=90)
    >>> found.naive, round(found.coefficient.estimate, 2)
    (0.25, 0.25)
    """
    joined_day, invited_by = np.asarray(joined_day, dtype=float), np.asarray(invited_by, dtype=np.int64)
    brought = np.flatnonzero(invited_by >= 0)
    inviter = invited_by[brought]
    age, delay = end_day - joined_day, joined_day[brought] - joined_day[inviter]
    _check(age, delay, brought)
    family = _families(invited_by)
    grown = len(np.unique(family[brought]))
    if len(brought) < FEWEST_BROUGHT or grown < FEWEST_FAMILIES:
        raise CannotAnswer(
            f"customers brought {len(brought)} others in {grown} families; "
            f"at least {FEWEST_BROUGHT} in {FEWEST_FAMILIES} are needed"
        )
    delay, cut = np.maximum(delay, _SHORTEST_DAYS), age[inviter]
    law = _fit_delays(delay, cut)
    seen = float(_within(age.max(), law))
    if seen < LEAST_SEEN:
        raise CannotAnswer(
            f"the oldest customers have lived through {seen:.0%} of the time that bringing others takes; "
            f"{LEAST_SEEN:.0%} are needed"
        )
    coefficient = float(len(brought) / _within(age, law).sum())
    error = _errors(law, coefficient, delay=delay, cut=cut, age=age, family=family, brought=brought)
    told = log_interval(coefficient, float(np.sqrt(error[2, 2])), len(age), level=level)
    return ViralCoefficient(
        coefficient=told,
        naive=len(brought) / len(age),
        generation_days=_mean_delay(law, error, n=len(brought), level=level),
        multiplier=_multiplier(told),
        seen_share=seen,
        brought=len(brought),
        families=grown,
    )


def _check(age: np.ndarray, delay: np.ndarray, brought: np.ndarray) -> None:
    if (age < 0).any() or not np.isfinite(age).all():
        raise ValueError(f"customer {int(np.flatnonzero(~(age >= 0))[0])} joined after the end, or never")
    if (delay < 0).any():
        who = int(brought[np.flatnonzero(delay < 0)[0]])
        raise ValueError(f"customer {who} joined before the one who invited them; leave such invitations out")


def _families(invited_by: np.ndarray) -> np.ndarray:
    """Return the first of each customer's line of inviters."""
    top = np.where(invited_by >= 0, invited_by, np.arange(len(invited_by)))
    for _ in range(int(np.ceil(np.log2(len(top) + 1)))):
        top = top[top]
    if (invited_by[top] >= 0).any():
        raise ValueError("invitations run in a circle; nobody can be their own inviter's inviter")
    return top


def _within(days: np.ndarray | float, law: np.ndarray) -> np.ndarray:
    """Share of waiting times within so many days; law: log scale and log shape (Weibull)."""
    return -np.expm1(-np.exp(np.exp(law[1]) * (np.log(np.maximum(days, _SHORTEST_DAYS)) - law[0])))


def _log_likelihood(law: np.ndarray, delay: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Of each delay, given that it is shorter than the inviter's age."""
    shape = np.exp(law[1])
    passed = shape * (np.log(delay) - law[0])
    return law[1] + passed - np.log(delay) - np.exp(passed) - np.log(_within(cut, law))


def _fit_delays(delay: np.ndarray, cut: np.ndarray) -> np.ndarray:
    found = minimize(
        lambda law: -_log_likelihood(law, delay, cut).mean(),
        x0=np.array([np.log(delay.mean()), 0.0]),
        bounds=[(np.log(_SHORTEST_DAYS), np.log(1e5)), (-2.3, 2.3)],
    )
    return found.x


def _errors(
    law: np.ndarray,
    coefficient: float,
    *,
    delay: np.ndarray,
    cut: np.ndarray,
    age: np.ndarray,
    family: np.ndarray,
    brought: np.ndarray,
) -> np.ndarray:
    """Covariance (3, 3) of log scale, log shape and log coefficient, each family one observation."""
    values = np.array([*law, np.log(coefficient)])

    def by_family(at: np.ndarray) -> np.ndarray:
        expected = np.exp(at[2]) * _within(age, at[:2])
        columns = [
            np.bincount(family[brought], weights=_slope(at[:2], place, delay, cut), minlength=len(age))
            for place in (0, 1)
        ]
        counted = np.bincount(family[brought], minlength=len(age))
        awaited = np.bincount(family, weights=expected, minlength=len(age))
        return np.column_stack([*columns, counted - awaited])

    bend = np.column_stack(
        [
            (by_family(values + step).sum(axis=0) - by_family(values - step).sum(axis=0)) / (2 * _STEP)
            for step in _STEP * np.eye(3)
        ]
    )
    scores = by_family(values)
    spread = np.linalg.solve(bend, scores.T)
    return spread @ spread.T


def _slope(law: np.ndarray, place: int, delay: np.ndarray, cut: np.ndarray) -> np.ndarray:
    step = _STEP * np.eye(2)[place]
    return (_log_likelihood(law + step, delay, cut) - _log_likelihood(law - step, delay, cut)) / (2 * _STEP)


def _mean_delay(law: np.ndarray, error: np.ndarray, *, n: int, level: float) -> Interval:
    def log_mean(at: np.ndarray) -> float:
        return float(at[0] + gammaln(1 + np.exp(-at[1])))

    steps = _STEP * np.eye(2)
    slope = np.array([(log_mean(law + step) - log_mean(law - step)) / (2 * _STEP) for step in steps])
    spread = float(np.sqrt(slope @ error[:2, :2] @ slope))
    return log_interval(float(np.exp(log_mean(law))), spread, n, level=level)


def _multiplier(coefficient: Interval) -> Interval | None:
    if coefficient.high >= 1:
        return None
    low, middle, high = (1 / (1 - end) for end in (coefficient.low, coefficient.estimate, coefficient.high))
    return Interval(estimate=middle, low=low, high=high, n=coefficient.n, level=coefficient.level)
