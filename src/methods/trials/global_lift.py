"""What an effect on some customers comes to among all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.intervals.estimates import Interval
from methods.intervals.influence import relative_lift
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class GlobalLift(Result):
    """An effect on those reached, spread over all. share: reached of all. relative: over the whole mean."""

    effect: Interval
    relative: Interval | None
    share: float


def global_lift(
    effect: Interval, *, reached: int, everyone: int, everyone_mean: float | None = None
) -> GlobalLift:
    """Return the change of the mean of all customers if what was tested reached all whom it can reach.

    effect: on a customer reached, as the test found it.
    reached: customers whom it reaches in the time of the test. everyone: customers of the shop in that time.
    everyone_mean: mean outcome of all of them without it, None where no relative effect is asked for. Those
        it does not reach are taken to stay as they are, and their number and mean as known.
    Raises ValueError unless 0 < reached <= everyone. Source: Deng and Hu (2015), WSDM, "Diluted treatment
    effect estimation for trigger analysis in online controlled experiments".

    >>> effect = Interval(estimate=0.04, low=0.02, high=0.06, n=2_000, standard_error=0.0102)
    >>> found = global_lift(effect, reached=3_000, everyone=12_000, everyone_mean=0.2)
    >>> round(found.effect.estimate, 3), round(found.relative.estimate, 2)
    (0.01, 0.05)
    """
    if not 0 < reached <= everyone:
        raise ValueError(f"reached {reached!r} must be above 0 and at most everyone, {everyone!r}")
    share = reached / everyone
    spread = effect.scaled(share)
    relative, before = None, everyone_mean or 0.0
    new = before + spread.estimate
    if before > 0 and new > 0 and np.isfinite(spread.standard_error):
        error = spread.standard_error / new
        relative = relative_lift(new, before, effect.n, log_error=error, level=effect.level)
    return GlobalLift(effect=spread, relative=relative, share=share)
