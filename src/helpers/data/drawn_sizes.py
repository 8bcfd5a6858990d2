"""Whether the draw of a test kept to the shares in which its arms were meant to be drawn."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from helpers.data.experiment import Experiment
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.trials.sample_ratio import SampleRatio, sample_ratio

WORDS = words_beside(__file__, "reasons")


def drawn_sizes(
    shop: Shop, arms: pd.Series, drawn_at: pd.Series, *, planned: dict[str, float]
) -> SampleRatio:
    """Count what was drawn against the plan, overall and by day of the shop's clock.

    arms: one label a customer or group drawn. drawn_at: naive UTC, missing where unknown. planned: share of
    each arm.
    """
    # Every zone's offset from UTC, and every change of it, is a whole number of quarter hours.
    quarters = pd.to_datetime(drawn_at).dt.floor("15min")
    shown = {at: f"{shop.clock.local(at.to_pydatetime()):%Y-%m-%d}" for at in quarters.dropna().unique()}
    return sample_ratio(arms, planned=planned, days=quarters.map(shown))


def verdict_on_sizes(
    ratio: SampleRatio, test: Experiment
) -> Literal["supported", "contradicted", "not settled"]:
    """Say whether the draw kept to its plan: supported, contradicted, or not settled.

    Against sizes that nobody declared only a day that is unlike all others is a contradiction: arms of
    unequal size may have been meant.
    """
    if not ratio.alarm:
        return "supported"
    return "contradicted" if test.planned or ratio.lost_day else "not settled"


def doubt_on_sizes(ratio: SampleRatio, test: Experiment, *, groups: bool = False) -> str:
    """Say what is wrong with the sizes of the arms, in customers or in groups; empty where nothing is."""
    if not ratio.alarm:
        return ""
    facts = {"declared": bool(test.planned), "day": ratio.lost_day, "groups": groups, "name": test.name}
    return WORDS.text("doubt on sizes", **facts)
