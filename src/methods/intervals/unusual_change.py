"""Whether a ratio changed between two spans of time by more than chance and than it usually does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import norm, t

from methods.intervals.clustered_means import ClusteredMeans, Mean, clustered_means
from methods.intervals.estimates import Interval
from methods.intervals.few_events import combined_rates
from methods.result import Result

FEWEST_EARLIER = 3


@dataclass(frozen=True, kw_only=True)
class UnusualChange(Result):
    """A change between the two newest spans.

    change: with its interval, widened to what is usual. before, now: the ratio in either span. p_value: of no
    unusual change, two-sided. usual: how many times as wide as chance alone the earlier changes spread
    (standard deviations; 1 where they do not). earlier: how many earlier changes say so; below 3 they say
    nothing, and `usual` is 1.
    """

    change: Interval
    before: float
    now: float
    p_value: float
    usual: float
    earlier: int


def unusual_change(spans: Sequence[Mean], *, level: float = 0.95) -> UnusualChange | None:
    """Return the change of a ratio of sums from the second newest span to the newest.

    spans: newest first, each of the same length, one step apart; at least two. A cluster (customer) of
    several spans is one, so that a change is one of the same people where they are the same.
    level: of the interval.

    Chance is the delta method's over clusters, with the ends of few events. Earlier changes, each divided by
    its own standard error, tell how far the ratio moves anyway, by seasons, drift or shocks that people
    share: where their mean square is above 1, errors are widened by its root (Birge 1932, Physical Review
    40) and read by Student's t with as many degrees of freedom. None where a span of the change has nothing
    below the line, neither has anything above it, or fewer than two clusters are left.

    >>> who, one = np.arange(400), np.ones(400)
    >>> draw = np.random.default_rng(1)
    >>> spans = [Mean(top=draw.poisson(2.0, 400), bottom=one, cluster=who) for _ in range(6)]
    >>> spans[0] = Mean(top=draw.poisson(3.0, 400), bottom=one, cluster=who)
    >>> found = unusual_change(spans)
    >>> found.change.low > 0, found.earlier, found.p_value < 0.001
    (True, 4, True)
    """
    newest = _pair(spans[0], spans[1])
    if newest is None:
        return None
    raw = combined_rates(newest, level=level, now=1.0, before=-1.0)
    earlier = [_score(pair) for one, two in pairwise(spans[1:]) if (pair := _pair(one, two))]
    scores = np.array([score for score in earlier if score is not None])
    spread = float(np.sqrt(max(1.0, np.mean(scores**2)))) if len(scores) >= FEWEST_EARLIER else 1.0
    freedom = float(len(scores)) if spread > 1 else np.inf
    wider = spread * _quantile(level, freedom) / _quantile(level, np.inf)
    error = raw.standard_error or 0.0
    return UnusualChange(
        change=Interval(
            estimate=raw.estimate,
            low=raw.estimate - wider * (raw.estimate - raw.low),
            high=raw.estimate + wider * (raw.high - raw.estimate),
            n=raw.n,
            level=level,
            standard_error=spread * error,
        ),
        before=float(newest.values["before"]),
        now=float(newest.values["now"]),
        p_value=_two_sided(raw.estimate / (spread * error), freedom) if error else 1.0,
        usual=spread,
        earlier=len(scores),
    )


def _pair(now: Mean, before: Mean) -> ClusteredMeans | None:
    if min(now.bottom.sum(), before.bottom.sum()) <= 0 or now.top.sum() + before.top.sum() <= 0:
        return None
    if len(np.union1d(now.cluster, before.cluster)) < 2:
        return None
    return clustered_means({"now": now, "before": before})


def _score(pair: ClusteredMeans) -> float | None:
    """Return an earlier change in units of its standard error; None where it has none."""
    change = pair.combined(now=1.0, before=-1.0)
    return change.estimate / change.standard_error if change.standard_error else None


def _quantile(level: float, freedom: float) -> float:
    tail = 0.5 + level / 2
    return float(norm.ppf(tail) if np.isinf(freedom) else t.ppf(tail, freedom))


def _two_sided(score: float, freedom: float) -> float:
    return float(2 * (norm.sf(abs(score)) if np.isinf(freedom) else t.sf(abs(score), freedom)))
