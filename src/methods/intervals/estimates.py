"""Intervals for shares, means and ratios, with customers as the unit that repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import binom, norm, t

from methods.counts import count
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Interval(Result):
    """An estimate with its interval. n: the units it rests on; standard_error: nan where none is defined."""

    estimate: float
    low: float
    high: float
    n: int
    level: float = 0.95
    standard_error: float = float("nan")

    def scaled(self, factor: float) -> Interval:
        """Return the interval in another unit, such as 100 for percent; a negative factor turns it round."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(
            estimate=self.estimate * factor,
            low=low,
            high=high,
            n=self.n,
            level=self.level,
            standard_error=self.standard_error * abs(factor),
        )

    def beyond(self, number: float) -> Interval:
        """Return the interval of the distance from a number, such as 1 for a ratio.

        >>> Interval(estimate=1.25, low=0.75, high=1.75, n=9).beyond(1).low
        -0.25
        """
        return Interval(
            estimate=self.estimate - number,
            low=self.low - number,
            high=self.high - number,
            n=self.n,
            level=self.level,
            standard_error=self.standard_error,
        )


def wilson(successes: float, n: float, *, level: float = 0.95) -> Interval:
    """Return a share with Wilson's (1927) score interval; raises ValueError without any case.

    successes, n: cases and all, 0 <= successes <= n. Both numbers may be fractions, so that an effective
        sample size can be given.

    >>> interval = wilson(0, 20)
    >>> round(interval.high, 3)
    0.161
    """
    if n <= 0:
        raise ValueError("a share needs at least one case; there are none")
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} among {n} is impossible")
    z = normal_reach(level)
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(
        estimate=share,
        low=float(max(0.0, middle - half)) if successes > 0 else 0.0,
        high=float(min(1.0, middle + half)) if successes < n else 1.0,
        n=round(n),
        level=level,
        standard_error=float(np.sqrt(share * (1 - share) / n)),
    )


def share_when_told(successes: int, n: int, *, least: int, level: float = 0.95) -> Interval:
    """Return the interval of a share that is told only when `least` cases or more are successes.

    A share told only because it came out high enough lies above its truth on average, and an ordinary
    interval leaves that truth out too often. This one inverts the binomial law given `least` or more
    (mid-p, Lancaster 1961), so it covers its rate among the shares that are told. Far from `least` it is
    the ordinary interval; at `least` its lower end is 0, since any small truth may have led there.
    Raises ValueError with fewer successes than `least` or more than n.

    >>> near, far = share_when_told(11, 140, least=11), share_when_told(60, 140, least=11)
    >>> round(near.low, 3), round(near.high, 3), round(far.low, 3), round(far.high, 3)
    (0.0, 0.114, 0.348, 0.512)
    """
    if not least <= successes <= n:
        raise ValueError(f"{successes} among {n} are not told from {least} on")

    def above(share: float) -> float:
        reached = binom.sf(successes, n, share) + 0.5 * binom.pmf(successes, n, share)
        return float(reached / binom.sf(least - 1, n, share))

    tail, smallest, largest = (1 - level) / 2, 1e-3 * successes / n, 1 - 1e-12
    low = brentq(lambda share: above(share) - tail, smallest, largest) if above(smallest) < tail else 0.0
    high = 1.0 if successes == n else brentq(lambda share: 1 - above(share) - tail, smallest, largest)
    share = successes / n
    error = float(np.sqrt(share * (1 - share) / n))
    return Interval(estimate=share, low=float(low), high=float(high), n=n, level=level, standard_error=error)


def share_difference(
    successes: float, n: float, reference_successes: float, reference_n: float, *, level: float = 0.95
) -> Interval:
    """Return the difference of two independent shares with Newcombe's (1998, method 10) interval.

    successes of n, and reference_successes of reference_n; the first share less the second.

    >>> found = share_difference(56, 70, 48, 80)
    >>> round(found.estimate, 2), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one, two = (wilson(*each, level=level) for each in ((successes, n), (reference_successes, reference_n)))
    return square_and_add(one, two)


def square_and_add(one: Interval, other: Interval, *, correlation: float = 0.0) -> Interval:
    """Return one estimate less another, from their own intervals, however lopsided.

    correlation: of the two estimates, −1 to 1; 0 where they rest on different units. The distances from the
        estimates to the ends are joined as standard errors are: Zou and Donner (2008), Statistics in Medicine
        27; of two shares with Wilson's intervals it is Newcombe's (1998) method 10.

    >>> found = square_and_add(wilson(56, 70), wilson(48, 80))
    >>> round(found.low, 4), round(found.high, 4)
    (0.0524, 0.3339)
    """

    def joined(first: float, second: float) -> float:
        return float(np.sqrt(max(first**2 + second**2 - 2 * correlation * first * second, 0.0)))

    difference = one.estimate - other.estimate
    return Interval(
        estimate=difference,
        low=difference - joined(one.estimate - one.low, other.high - other.estimate),
        high=difference + joined(one.high - one.estimate, other.estimate - other.low),
        n=one.n + other.n,
        level=one.level,
        standard_error=joined(one.standard_error, other.standard_error),
    )


def ratio_of_sums(numerator: ArrayLike, denominator: ArrayLike, *, level: float = 0.95) -> Interval:
    """Return sum(numerator) / sum(denominator) with the delta-method interval clustered on customers.

    One entry a customer: the customer's own sums, over however many orders or months there were. With a
    denominator of ones it is the mean and its usual t interval. See Cochran (1977), section 6.3.
    Raises ValueError when fewer than two customers have anything below the line.

    >>> found = ratio_of_sums([3.0, 0.0, 2.0, 5.0], [1.0, 1.0, 1.0, 2.0])
    >>> found.estimate, found.low < 2 < found.high
    (2.0, True)
    """
    x, y = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    return ratio_from_sums(
        customers=len(x),
        x=x.sum(),
        y=y.sum(),
        xx=(x * x).sum(),
        xy=(x * y).sum(),
        yy=(y * y).sum(),
        level=level,
    )


def ratio_from_sums(
    *, customers: int, x: float, y: float, xx: float, xy: float, yy: float, level: float = 0.95
) -> Interval:
    """Return x / y as `ratio_of_sums` does, from the sums over customers that a database can give.

    customers: how many.
    x, y: sums above and below the line;
    xx, xy, yy: sums of their squares and products.
    Raises ValueError below two customers or unless y is above 0. Cochran 1977, section 6.3.

    >>> found = ratio_from_sums(customers=4, x=10.0, y=5.0, xx=38.0, xy=15.0, yy=7.0)
    >>> found == ratio_of_sums([3.0, 0.0, 2.0, 5.0], [1.0, 1.0, 1.0, 2.0])
    True
    """
    if customers < 2 or y <= 0:
        raise ValueError(f"a ratio needs two customers and a positive denominator; got {customers} and {y}")
    ratio = x / y
    squares = max(xx - 2 * ratio * xy + ratio**2 * yy, 0.0)
    error = np.sqrt(squares * customers / (customers - 1)) / y
    half = float(t.ppf(0.5 + level / 2, customers - 1) * error)
    return Interval(
        estimate=float(ratio),
        low=float(ratio - half),
        high=float(ratio + half),
        n=int(customers),
        level=level,
        standard_error=float(error),
    )


def share_within_bounds(interval: Interval) -> Interval:
    """Return a clustered share with an interval that stays in [0, 1].

    Wilson's interval at the number of independent cases that would have this standard error.

    >>> wide = Interval(estimate=0.02, low=-0.01, high=0.05, n=90, standard_error=0.015)
    >>> 0 < share_within_bounds(wide).low < 0.02
    True
    """
    share, error = interval.estimate, interval.standard_error
    informative = 0 < share < 1 and error > 0
    cases = share * (1 - share) / error**2 if informative else float(interval.n)
    bounded = wilson(share * cases, cases, level=interval.level)
    return Interval(
        estimate=share,
        low=bounded.low,
        high=bounded.high,
        n=interval.n,
        level=interval.level,
        standard_error=error,
    )


def above_zero(interval: Interval) -> Interval:
    """Return a positive number with its interval on the log scale, which stays above 0.

    interval: symmetric, of a ratio of sums that cannot be negative, such as money an order, which one
        large customer leads below 0. Its half width, relative to the estimate, is the half width of the
        logarithm (delta method). Where the estimate is not above 0, or the ends are not finite, it is
        left as it is.

    >>> wide = above_zero(Interval(estimate=100.0, low=-20.0, high=220.0, n=50))
    >>> round(wide.low, 1), round(wide.high, 1)
    (30.1, 332.0)
    """
    half = (interval.high - interval.low) / 2
    if not interval.estimate > 0 or not np.isfinite(half):
        return interval
    times = float(np.exp(half / interval.estimate))
    return replace(interval, low=interval.estimate / times, high=interval.estimate * times)


def net_score(
    promoters: float, passives: float, detractors: float, *, design_effect: float = 1.0, level: float = 0.95
) -> Interval:
    """Return promoters minus detractors as a share of all, with the adjusted Wald multinomial interval.

    promoters, passives, detractors: how many answered so. Three answers are added, half of them passive,
        as Rocks (2016), The American Statistician 70(4), advises: it covers where the plain interval
        fails, few answers or nearly all alike.
    design_effect: how many times the variance exceeds that of independent answers, for customers who
        answered more than once.
    Raises ValueError without any answer.

    >>> round(net_score(50, 30, 20).estimate, 2)
    0.3
    """
    n = promoters + passives + detractors
    if n <= 0:
        raise ValueError("a net score needs at least one answer; there are none")
    up, down, total = promoters + 0.75, detractors + 0.75, n + 3.0
    centre = (up - down) / total
    error = float(np.sqrt(((up + down) / total - centre**2) / total * max(design_effect, 1.0)))
    half = normal_reach(level) * error
    score = (promoters - detractors) / n
    return Interval(
        estimate=score,
        low=min(max(-1.0, centre - half), score),
        high=max(min(1.0, centre + half), score),
        n=round(n),
        level=level,
        standard_error=error,
    )


def bootstrap(
    statistic: Callable[[np.ndarray], float],
    *,
    customers: int,
    draws: int = 400,
    seed: int = 1,
    level: float = 0.95,
) -> Interval:
    """Return a statistic with its percentile interval over customers drawn with replacement.

    statistic: takes one weight a customer (how often drawn; float array) and returns the number; nan
        where the draw does not determine it.
    Raises ValueError when over a tenth of the draws do not. Efron and Tibshirani 1993, chapter 13.

    >>> spent = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> found = bootstrap(lambda weight: float(weight @ spent / weight.sum()), customers=5, draws=100)
    >>> found.estimate, found.low < 3 < found.high
    (3.0, True)
    """
    (found,) = bootstrap_together(
        lambda weight: (statistic(weight),), customers=customers, draws=draws, seed=seed, level=level
    )
    return found


def bootstrap_together(
    statistics: Callable[[np.ndarray], Sequence[float]],
    *,
    customers: int,
    draws: int = 400,
    seed: int = 1,
    level: float = 0.95,
) -> tuple[Interval, ...]:
    """Return several statistics of the same draws, each as `bootstrap` does.

    >>> spent = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> found = bootstrap_together(lambda weight: (weight @ spent, weight.sum()), customers=5, draws=100)
    >>> [one.estimate for one in found]
    [15.0, 5.0]
    """
    rng = np.random.default_rng(seed)
    estimates = np.array(statistics(np.ones(customers)), dtype=float)
    found = np.empty((draws, len(estimates)))
    for draw in range(draws):
        chosen = rng.integers(0, customers, customers)
        found[draw] = statistics(np.bincount(chosen, minlength=customers).astype(float))
    return tuple(
        _percentiles(float(estimate), drawn, customers=customers, level=level)
        for estimate, drawn in zip(estimates, found.T, strict=True)
    )


def _percentiles(estimate: float, found: np.ndarray, *, customers: int, level: float) -> Interval:
    undetermined = np.isnan(found)
    if np.isnan(estimate) or undetermined.mean() > 0.1:
        raise ValueError(
            f"the data do not determine the statistic in {undetermined.sum()} of {count(len(found), 'draw')}"
        )
    low, high = np.quantile(found[~undetermined], [0.5 - level / 2, 0.5 + level / 2])
    return Interval(
        estimate=estimate,
        low=min(float(low), estimate),
        high=max(float(high), estimate),
        n=customers,
        level=level,
        standard_error=float(found[~undetermined].std(ddof=1)),
    )


def normal_reach(level: float = 0.95) -> float:
    """Return how many standard errors a normal interval reaches to either side.

    >>> round(normal_reach(), 3), round(normal_reach(0.9), 3)
    (1.96, 1.645)
    """
    return float(norm.ppf(0.5 + level / 2))
