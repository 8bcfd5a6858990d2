"""What staged effects come to: overall, before the start, and whether something moved there already."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
from scipy.stats import norm

from methods.intervals.estimates import Interval
from methods.result import Result
from methods.staged.group_time_att import StagedEffects
from methods.staged.randomisation_inference import randomisation_inference

FEW_UNITS, FEW_MOVING = 50, 30
MOST_DEALT, DRAWS = 20_000_000, 999  # units dealt to in all draws


CHANCE, HINT = 0.05, 0.10


@dataclass(frozen=True, kw_only=True)
class StagedSummary(Result):
    """Staged effects as they are told, in the outcome's unit.

    overall: averaged over treated units and periods. p_value: that nothing happened. before: mean of the
    effects before the start, None without a period there that could be compared; just_before: the last of
    them alone, None where it is the only one. before_p: that nothing differed, in the periods together or in
    the last, for both looks (nan where unknown). without_drift: overall, less a drift that goes on after the
    start as it went before it; None without a period to see one in. few: whether so few units move the effect
    that the starts were dealt out anew. events: since_start, estimate, low, high (simultaneous).
    """

    overall: Interval
    p_value: float
    before: Interval | None
    just_before: Interval | None
    before_p: float
    without_drift: Interval | None
    few: bool
    events: pd.DataFrame

    @property
    def doubt(self) -> str:
        """What stands against reading `overall` as an effect: unseen, drifting, hinted, or nothing (empty).

        unseen: no period before the start can be compared, so a dip or a drift that brought units in would
        stay hidden. hinted: what stood before the start is nearly beyond chance and large enough to make the
        effect.
        """
        if self.before is None:
            return "unseen"
        if self.before_p < CHANCE:
            return "drifting"
        return "hinted" if self._nearly_drifts() else ""

    @property
    def leans(self) -> bool:
        """Whether a steady drift that the periods before the start leave possible would make all of it.

        A test that finds no drift has little power against one (Roth 2022, AER: Insights 4); the effect less
        the drift, with the error of both, says what is left (Rambachan and Roth 2023, Review of Economic
        Studies 90, drifts without a bend).
        """
        steady = self.without_drift
        return steady is not None and steady.low <= 0 <= steady.high

    @property
    def left(self) -> Interval | None:
        """The effect less such a drift where one that may be there would make all of it; else None."""
        return self.without_drift if self.leans else None

    def _nearly_drifts(self) -> bool:
        seen = [abs(one.estimate) for one in (self.before, self.just_before) if one is not None]
        return self.before_p < HINT and max(self.overall.low, -self.overall.high) < max(seen)


def staged_summary(effects: StagedEffects, *, seed: int = 1) -> StagedSummary:
    """Sum staged effects up; where few units move them, errors come from dealing the starts out anew.

    effects: of `group_time_att`. Errors clustered by few units come out too small, and three treated among
    many are few (Conley and Taber 2011, Review of Economics and Statistics 93).
    Raises ValueError where few units have covariates.

    >>> import numpy as np
    >>> from methods.staged.group_time_att import group_time_att
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"seller": np.repeat(np.arange(24), 4), "month": np.tile([1, 2, 3, 4], 24)})
    >>> rows["start"] = np.where(rows["seller"] < 8, 4, 0)
    >>> rows["reviews"] = 2 * (rows["start"] == rows["month"]) + rng.normal(0, 0.5, 96)
    >>> effects = group_time_att(rows, unit="seller", period="month", outcome="reviews", start="start")
    >>> found = staged_summary(effects)
    >>> bool(found.overall.low < 2 < found.overall.high), bool(found.before_p > 0.05)
    (True, True)
    """
    few = effects.units < FEW_UNITS or effects.moving_units() < FEW_MOVING
    if few:
        draws = min(DRAWS, max(199, MOST_DEALT // effects.units))
        placebo = randomisation_inference(effects, draws=draws, seed=seed)
        overall, before, just_before = placebo.overall, placebo.before, placebo.just_before
        p_value, together, last = placebo.p_value, placebo.before_p, placebo.just_before_p
        steady, events = placebo.without_drift, placebo.events
    else:
        overall, before, just_before = effects.overall("simple"), effects.before(), effects.just_before()
        p_value, last = _chance_of_nil(overall), _chance_of_nil(just_before)
        # Too few units for the joint test: the mean of the periods is judged in its place.
        together = _chance_of_nil(before) if math.isnan(effects.pretrend_p) else effects.pretrend_p
        steady, events = effects.without_drift(), effects.by("since_start", seed=seed)
    if (events["since_start"] < 0).sum() < 2:
        just_before, last = None, math.nan
    return StagedSummary(
        overall=overall,
        p_value=p_value,
        before=before,
        just_before=just_before,
        before_p=_both_looks(together, last),
        without_drift=steady,
        few=few,
        events=events,
    )


def _chance_of_nil(one: Interval | None) -> float:
    """Return the p-value that nothing is there, by the normal distribution; nan without an error."""
    if one is None or not one.standard_error > 0:
        return math.nan
    return float(2 * norm.sf(abs(one.estimate) / one.standard_error))


def _both_looks(together: float, last: float) -> float:
    """Bonferroni over the periods before the start together and the last alone; nan where neither is known.

    Units that a dip brought in differ in the last period only, which many periods together do not show.
    """
    known = [p for p in (together, last) if not math.isnan(p)]
    return min(1.0, len(known) * min(known)) if known else math.nan
