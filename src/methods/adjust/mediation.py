"""How much of an effect runs through something that it sets going: a part over a whole, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from methods.intervals.estimates import Interval
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Part(Result):
    """A part and the whole in units of the outcome, and the part as a share of the whole.

    share: None where the whole may as well be nil, for then any share fits.
    """

    part: Interval
    whole: Interval
    share: Interval | None


def part_of(part: Interval, whole: Interval, *, covariance: float = 0.0) -> Part:
    """Return part / whole with Fieller's (1954) interval, which is right however weak the whole is.

    part, whole: with standard errors.
    covariance: of the two estimates. The share is None when the interval of the whole holds 0: the data
        then set no bound on it.
    Raises ValueError when the levels differ.

    >>> whole = Interval(estimate=0.4, low=0.3, high=0.5, n=900, standard_error=0.05)
    >>> part = Interval(estimate=0.1, low=0.06, high=0.14, n=900, standard_error=0.02)
    >>> round(part_of(part, whole).share.estimate, 2)
    0.25
    """
    if part.level != whole.level:
        raise ValueError(f"part has level {part.level} and whole {whole.level}; give both the same")
    squared = norm.ppf(0.5 + part.level / 2) ** 2
    a = whole.estimate**2 - squared * whole.standard_error**2
    b = part.estimate * whole.estimate - squared * covariance
    c = part.estimate**2 - squared * part.standard_error**2
    if a <= 0:
        return Part(part=part, whole=whole, share=None)
    reach = np.sqrt(max(b**2 - a * c, 0.0))
    share = Interval(
        estimate=part.estimate / whole.estimate,
        low=float((b - reach) / a),
        high=float((b + reach) / a),
        n=whole.n,
        level=part.level,
    )
    return Part(part=part, whole=whole, share=share)
