"""A8: do the friends of a sharer buy more, and what is missed when they are left out of the account?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    nil_verdict,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.release import share_of_events
from helpers.uplift.a08_spill_over.customer_weeks import CustomerWeeks, customer_weeks
from methods.adjust.exposure_effect import FEWEST_CIRCLES, ExposureEffect, exposure_effects
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes

MOST_SEEN = 3
FEWEST_EXPOSED = 50
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class SpillOver:
    """Effects on buying in a week.

    friends: of friends' shares seen. own: of an own share. coming: of the same friends' later shares, which
    must do nothing. within: of friends' shares, each customer beside own other weeks only. mates: of friends'
    shares, beside members of the same circle in the same week, None where these never differ. raw: plain
    difference of the share who bought.
    """

    panel: CustomerWeeks
    friends: ExposureEffect
    own: ExposureEffect
    coming: ExposureEffect
    within: ExposureEffect
    mates: Interval | None
    raw: float
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an exposure: exposure, customers, customer-weeks, bought, points, low, high."""
        names = _level_names(len(self.friends.levels))
        seen = np.minimum(self.panel.seen, MOST_SEEN)
        masks = [seen == value for value in np.unique(seen[seen > 0])]
        nobody = seen == 0
        rows = [("none", *self._weeks(nobody), np.nan, np.nan, np.nan)]
        for name, mask, effect in zip(names, masks, self.friends.levels, strict=True):
            rows.append((name, *self._weeks(mask), *in_percent(effect)))
        own = "an own share, not free of having just bought"
        rows.append((own, *self._weeks(self.panel.own > 0), *in_percent(self.own.exposed)))
        counts = ("customers", "customer-weeks", "buyers", "others")
        frame = pd.DataFrame(rows, columns=["share seen", *counts, "bought", "points", "low", "high"])
        formats = {"bought": ".1%", **dict.fromkeys(["points", "low", "high"], "+.2f")}
        caption = WORDS.text("caption", seen_weeks=self.panel.seen_weeks)
        frame.attrs = {"caption": caption, "formats": formats, "people": "customers", "unseen": counts[2:]}
        return frame

    def _weeks(self, mask: np.ndarray) -> tuple[int, int, int, int, float]:
        """Customers, customer-weeks, customers with and without a purchase, share of weeks with one."""
        bought, who = self.panel.bought[mask], self.panel.customer[mask]
        told = share_of_events("customer-weeks", bought > 0, who)
        having, others = told.sides or (0, 0)
        return told.persons or 0, int(mask.sum()), having, others, float(bought.mean())

    def draw(self) -> Picture:
        """Draw the difference by number of shares seen, then the checks."""
        names = _level_names(len(self.friends.levels))
        rows = [(WORDS.label("friends shares seen", named=name), effect) for name, effect in
                zip(names, self.friends.levels, strict=True)]  # fmt: skip
        rows += [("any seen", self.friends.exposed), ("any seen, own weeks only", self.within.exposed),
                 ("shares yet to come", self.coming.exposed)]  # fmt: skip
        # A level whose outcomes tell nothing has no effect to draw.
        rows = [(name, effect) for name, effect in rows if not np.isnan(effect.estimate)]
        spoken = [f"{name} {in_points(effect)}" for name, effect in rows]
        title, alt = WORDS.picture("spill over", self.findings, spoken=spoken)
        figure, axes = canvas(title, x="pp of customer-weeks")
        checks = 2
        colours = [PALETTE[0]] * (len(rows) - checks) + [PALETTE[6]] * checks
        marks = [
            Mark(label=name, value=effect, scale=100, colour=colour)
            for (name, effect), colour in zip(rows, colours, strict=True)
        ]
        forest(axes, marks)
        return Picture(figure, alt)


def in_points(value: Interval) -> str:
    """Return a small difference of shares as "0.55 pp (0.39 to 0.71)"."""
    return interval(*in_percent(value), unit="pp", decimals=2)


@question(WORDS, needs=("orders.placed_at", "shares.posted_at", "ties"))
def spill_over(
    shop: Shop, *, weeks: int = 26, seen_weeks: int = 4, most_customers: int = 30_000, seed: int = 1
) -> SpillOver:
    """Compare weeks after friends shared with weeks after they did not, for customers with like pasts.

    weeks: how many up to the end of the data. seen_weeks: how long a share counts. most_customers: a larger
    market is sampled. Exposure mapping: Aronow and Samii 2017 (none, 1, 2, 3 or more shares seen). Raises
    CannotAnswer when friends' shares are too rare, or too few circles of friends are apart.
    """
    panel = customer_weeks(shop, weeks=weeks, seen_weeks=seen_weeks, most_customers=most_customers, seed=seed)
    seen = np.minimum(panel.seen, MOST_SEEN)
    _demand(panel, seen)
    controls = np.column_stack([panel.history, np.log1p(panel.usual)])
    by: dict[str, Any] = {"group": panel.week, "cluster": panel.circle}
    friends, own = exposure_effects((seen, panel.own), panel.bought, controls, **by)
    later = np.isfinite(panel.coming)
    coming = exposure_effects(
        (np.minimum(panel.coming[later], MOST_SEEN), seen[later], panel.own[later]), panel.bought[later],
        controls[later], group=panel.week[later], cluster=panel.circle[later],
    )[0]  # fmt: skip
    within = _within(panel, seen)
    answer = SpillOver(
        panel=panel,
        friends=friends,
        own=own,
        coming=coming,
        within=within,
        mates=_mates(panel, seen, controls),
        raw=float(panel.bought[seen > 0].mean() - panel.bought[seen == 0].mean()),
        findings=(),
    )
    return replace(answer, findings=_findings(answer))


def _demand(panel: CustomerWeeks, seen: np.ndarray) -> None:
    exposed, free = int((seen > 0).sum()), int((seen == 0).sum())
    bought = min(panel.bought[seen > 0].sum(), panel.bought[seen == 0].sum())
    if min(exposed, free) < FEWEST_EXPOSED or bought < FEWEST_EXPOSED:
        raise CannotAnswer(
            WORDS.text(
                "few exposed",
                exposed=exposed,
                free=free,
                bought=bought,
                fewest_exposed=FEWEST_EXPOSED,
            )
        )
    later = np.isfinite(panel.coming)
    kinds = (panel.own, seen[later], panel.own[later], panel.coming[later], panel.bought[later])
    if not all(kind.any() for kind in kinds):
        raise CannotAnswer(WORDS.text("shares of one time"))
    if panel.bought.all():
        raise CannotAnswer(WORDS.text("everybody bought"))
    circles = len(np.unique(panel.circle))
    if circles < FEWEST_CIRCLES:
        raise CannotAnswer(
            WORDS.text("customers in few circles", circles=circles, fewest_circles=FEWEST_CIRCLES)
        )


def _within(panel: CustomerWeeks, seen: np.ndarray) -> ExposureEffect:
    """Each customer beside own other weeks: whatever does not change about a customer drops out."""
    weeks = np.unique(panel.week)[1:]
    calendar = (panel.week[:, None] == weeks[None, :]).astype(float)
    return exposure_effects(
        (seen, panel.own), panel.bought, calendar, group=panel.customer, cluster=panel.circle
    )[0]


def _mates(panel: CustomerWeeks, seen: np.ndarray, controls: np.ndarray) -> Interval | None:
    """The effect beside members of the same circle in the same week: what reaches all of these drops out.

    A check and not the headline: nobody is a friend of one's own, so within a small circle those who share
    have seen fewer shares than the rest, which pulls it towards less (exclusion bias: Caeyers and Fafchamps
    2016).
    """
    together = panel.circle * (panel.week.max() + 1) + panel.week
    try:
        found, _ = exposure_effects(
            (seen, panel.own), panel.bought, controls, group=together, cluster=panel.circle
        )
    except CannotAnswer:  # in no circle and week did some see a share and others none
        return None
    return found.exposed


def _same_side(mates: Interval | None, exposed: Interval) -> bool:
    """Whether what a whole circle shares in a week cannot have made the effect."""
    return mates is not None and excludes(mates, 0) and mates.estimate * exposed.estimate > 0


def _findings(answer: SpillOver) -> tuple[Finding, ...]:
    panel, friends, placebo = answer.panel, answer.friends, answer.coming.exposed
    doubt = excludes(placebo, 0)
    apart = _same_side(answer.mates, friends.exposed)
    verdict = effect_verdict(friends.exposed, doubt="" if apart and not doubt else "a check did not hold")
    common: dict[str, Any] = {
        "n": len(panel.bought),
        "persons": len(np.unique(panel.customer)),
        "scale": 100,
        "method": WORDS.text("method", circles=friends.clusters),
        "seen_weeks": panel.seen_weeks,
    }
    held = tuple(WORDS.text(f"assumption {name}") for name in ("chance", "nothing else", "these weeks"))
    made = panel.shares * panel.sampled_share
    return (
        WORDS.finding(
            "A8.spillover_week",
            friends.exposed,
            verdict=verdict,
            assumptions=held,
            exposed=friends.exposed.n / len(panel.bought),
            raw=100 * answer.raw,
            within=in_points(answer.within.exposed),
            mates="" if answer.mates is None else in_points(answer.mates),
            fad=not apart,
            doubt=doubt,
            tells=(share_of_events("customer-weeks", panel.seen > 0, panel.customer),),
            **common,
        ),
        # Purchases that go with friends' shares over the shares made; the interval is the same in this unit.
        WORDS.finding(
            "A8.friends_orders_per_100_shares",
            friends.exposed.scaled(friends.exposed.n / made),
            verdict=verdict,
            assumptions=held,
            **common,
        ),
        WORDS.finding(
            "A8.shares_yet_to_come",
            placebo,
            verdict="contradicted" if doubt else nil_verdict(placebo, margin=abs(friends.exposed.estimate)),
            assumptions=(WORDS.text("assumption later shares"),),
            **common,
        ),
    )


def _level_names(levels: int) -> list[str]:
    return [
        f"{number}" if number < MOST_SEEN else WORDS.label("or more", number=number)
        for number in range(1, levels + 1)
    ]
