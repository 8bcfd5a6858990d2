"""Verdicts of people who looked at posts, most picked for their many likes, some by lot; not always right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from market.columns import seen
from market.settings import DAYS, stream

if TYPE_CHECKING:
    from market.facts import Facts

VERDICTS, PICKED = ("honest", "manipulated"), ("many likes", "by lot")
_AUDITS, _OF_POSTS, _BY_LOT = 200, 0.05, 0.3
_CATCHES, _ACCUSES = 0.95, 0.01  # of manipulated and of honest posts, called manipulated
_LATEST_DAYS = 60.0


@dataclass(frozen=True, kw_only=True)
class Audits:
    """One entry an audited post. post: its row. verdict, picked: places in VERDICTS, PICKED. day: judged.

    chance: that the post was picked.
    """

    post: np.ndarray
    verdict: np.ndarray
    picked: np.ndarray
    chance: np.ndarray
    day: np.ndarray


def draw_audits(facts: Facts) -> Audits:
    """Audit 200 posts, or a twentieth of them where there are few; none in a market without fraud."""
    rng = stream(facts.world.seed, "audits")
    posted = facts.shares["posted"]
    rows = np.flatnonzero(seen(posted + 2.0))
    count = min(_AUDITS, int(_OF_POSTS * len(rows))) if facts.world.fraud != "none" else 0
    likes = (facts.shares["likes"] + facts.shares["fake_likes"])[rows].astype(float)
    by_lot = rng.random(count) < _BY_LOT
    weight = (likes + 1e-3) ** 2
    many = rng.choice(rows, (~by_lot).sum(), replace=False, p=weight / weight.sum()) if count else rows[:0]
    post = np.concatenate([many, rng.choice(np.setdiff1d(rows, many), by_lot.sum(), replace=False)])
    fake = facts.shares["fake_way"][post] > 0
    said = rng.random(len(post)) < np.where(fake, _CATCHES, _ACCUSES)
    day = np.minimum(posted[post] + 2.0 + _LATEST_DAYS * rng.random(len(post)), DAYS - 0.01)
    picked = np.repeat([0, 1], [len(many), len(post) - len(many)])
    drawn = 1.0 - (1.0 - weight / weight.sum()) ** len(many) if count else weight
    chance = drawn + (1.0 - drawn) * (len(post) - len(many)) / max(len(rows), 1)
    return Audits(
        post=post,
        verdict=said.astype(np.int64),
        picked=picked,
        chance=chance[np.searchsorted(rows, post)],
        day=day,
    )
