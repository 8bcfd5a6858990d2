"""The checks before a headline: is like compared with like, and was drawn what was meant to be drawn?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from helpers.data.drawn_sizes import doubt_on_sizes, verdict_on_sizes
from helpers.data.experiment import Experiment
from helpers.report import Finding
from helpers.report.words import Words
from methods.adjust.adjusted_effect import AdjustedEffect
from methods.adjust.comparable import BALANCED, comparability, weighted_balance
from methods.intervals.estimates import Interval, wilson
from methods.trials.sample_ratio import ALARM, SampleRatio


def common_ground(words: Words, effect: AdjustedEffect, treated: np.ndarray, *, method: str) -> Finding:
    """Return the check that the treated of an adjusted comparison have others like them.

    words: the question's own, whose registry has `common_ground`. treated: (rows,) of 0 and 1, as analysed.
    """
    found = comparability(effect, weighted_balance(effect, treated))
    share = 1 - effect.overlap.trimmed_share
    return counted(
        words,
        f"{words.requirement}.common_ground",
        share,
        n=effect.rows,
        method=method,
        fails=found.fails,
        line=BALANCED,
        before=found.before,
        after=found.after,
        worth=found.worth,
    )


def counted(words: Words, id: str, share: float, *, n: int, scale: float = 100, **about: Any) -> Finding:
    """Return a check that was counted, not drawn: no interval promises to hold anything."""
    return replace(
        words.finding(id, Interval(estimate=share, low=share, high=share, n=n), scale=scale, **about),
        level=None,
    )


def drawn_as_planned(
    words: Words,
    ratio: SampleRatio,
    plan: dict[str, float],
    name: str,
    *,
    test: Experiment,
    segment: str | None,
    arm: str,
    unit: str,
    method: str,
) -> Finding:
    """Return the check that an arm of a test has the size it was planned to have.

    words: the question's own, whose registry has `sample_ratio`. name: of the arm; arm: the same where the
    test has several, else empty. unit: what was drawn, in the singular.
    """
    everyone = float(ratio.counts.sum())
    return words.finding(
        f"{words.requirement}.sample_ratio",
        wilson(float(ratio.counts[name]), everyone),
        scale=100,
        n=int(everyone),
        method=method,
        verdict=verdict_on_sizes(ratio, test),
        p_value=ratio.p_value,
        segment=segment,
        arm=arm,
        chance=ratio.p_value,
        alarm=ALARM,
        planned=plan[name],
        declared=bool(test.planned),
        unit_drawn=unit,
        doubt=doubt_on_sizes(ratio, test, groups=unit == "group"),
        fails=ratio.alarm,
    )
