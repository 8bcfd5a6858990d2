"""A8: do the friends of a sharer buy more, and what is missed when they are left out of the account?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.uplift.a08_spill_over.customer_weeks import CustomerWeeks, customer_weeks
from helpers.uplift.wording import effect_verdict, in_percent, stated
from methods.adjust.exposure_effect import FEWEST_CIRCLES, ExposureEffect, exposure_effects
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes

MOST_SEEN = 3
FEWEST_EXPOSED = 50
UNIT = "pp of customer-weeks"
BY = "log-linear fit with free weeks on own history, friends and their usual sharing; whole circles as units"


@dataclass(frozen=True, kw_only=True)
class SpillOver:
    """Effects on buying in a week.

    friends: of friends' shares seen. own: of an own share. coming: of the same friends' later shares, which
    must do nothing. within: of friends' shares, each customer beside own other weeks only. raw: plain
    difference of the share who bought.
    """

    panel: CustomerWeeks
    friends: ExposureEffect
    own: ExposureEffect
    coming: ExposureEffect
    within: ExposureEffect
    raw: float
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an exposure: exposure, customer-weeks, bought, points, low, high."""
        names = _level_names(len(self.friends.levels))
        seen = np.minimum(self.panel.seen, MOST_SEEN)
        masks = [seen == value for value in np.unique(seen[seen > 0])]
        nobody = seen == 0
        rows = [("none", int(nobody.sum()), self.panel.bought[nobody].mean(), np.nan, np.nan, np.nan)]
        for name, mask, effect in zip(names, masks, self.friends.levels, strict=True):
            rows.append((name, int(mask.sum()), self.panel.bought[mask].mean(), *in_percent(effect)))
        own = self.panel.own > 0
        rows.append(
            (
                "an own share, not free of having just bought",
                int(own.sum()),
                self.panel.bought[own].mean(),
                *in_percent(self.own.exposed),
            )
        )
        frame = pd.DataFrame(
            rows, columns=["share seen", "customer-weeks", "bought", "points", "low", "high"]
        )
        formats = {"bought": ".1%", **dict.fromkeys(["points", "low", "high"], "+.2f")}
        frame.attrs = {
            "caption": f"Buying in a week by shares of {self.panel.seen_weeks} weeks before; points added",
            "formats": formats,
            "people": "customer-weeks",
        }
        return frame

    def draw(self) -> Picture:
        """Draw the effect by number of shares seen, then the checks."""
        names = _level_names(len(self.friends.levels))
        rows = [(f"friends' shares seen: {name}", effect) for name, effect in
                zip(names, self.friends.levels, strict=True)]  # fmt: skip
        rows += [("any seen", self.friends.exposed), ("any seen, own weeks only", self.within.exposed),
                 ("shares yet to come", self.coming.exposed)]  # fmt: skip
        value, low, high = in_percent(self.friends.exposed)
        figure, axes = canvas(
            f"Friends' shares seen: {value:+.2f} points ({low:+.2f} to {high:+.2f}) on buying in a week",
            x="points of customer-weeks",
        )
        spoken = []
        for place, (name, effect) in enumerate(rows):
            middle, start, end = in_percent(effect)
            colour = PALETTE[0] if place <= len(names) else PALETTE[6]
            axes.errorbar([middle], [place], xerr=[[middle - start], [end - middle]], fmt="o", color=colour)
            spoken.append(f"{name} {middle:.2f} points ({start:.2f} to {end:.2f})")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        return Picture(figure, f"Points added to buying in a week, with intervals: {'; '.join(spoken)}.")


@question(
    "A8",
    "Do friends of a sharer buy more?",
    needs=("orders.placed_at", "shares.posted_at", "ties"),
)
def spill_over(
    shop, *, weeks: int = 26, seen_weeks: int = 4, most_customers: int = 30_000, seed: int = 1
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
    by = {"group": panel.week, "cluster": panel.circle}
    friends, own = exposure_effects((seen, panel.own), panel.bought, controls, **by)
    later = np.isfinite(panel.coming)
    coming = exposure_effects(
        (np.minimum(panel.coming[later], MOST_SEEN), seen[later], panel.own[later]), panel.bought[later],
        controls[later], group=panel.week[later], cluster=panel.circle[later],
    )[0]  # fmt: skip
    within = _within(panel, seen)
    raw = float(panel.bought[seen > 0].mean() - panel.bought[seen == 0].mean())
    findings = _findings(panel, friends, coming, within, raw)
    return SpillOver(
        panel=panel, friends=friends, own=own, coming=coming, within=within, raw=raw, findings=findings
    )


def _demand(panel: CustomerWeeks, seen: np.ndarray) -> None:
    exposed, free = int((seen > 0).sum()), int((seen == 0).sum())
    bought = min(panel.bought[seen > 0].sum(), panel.bought[seen == 0].sum())
    if min(exposed, free) < FEWEST_EXPOSED or bought < FEWEST_EXPOSED:
        raise CannotAnswer(
            f"{exposed} customer-weeks had a friend's share before them and {free} had none, with "
            f"{bought:.0f} purchases in the smaller; at least {FEWEST_EXPOSED} of each are needed"
        )
    circles = len(np.unique(panel.circle))
    if circles < FEWEST_CIRCLES:
        raise CannotAnswer(
            f"the customers fall into {circles} circles of friends; at least {FEWEST_CIRCLES} are needed, "
            "since friends cannot be taken for independent"
        )


def _within(panel: CustomerWeeks, seen: np.ndarray) -> ExposureEffect:
    """Each customer beside own other weeks: whatever does not change about a customer drops out."""
    weeks = np.unique(panel.week)[1:]
    calendar = (panel.week[:, None] == weeks[None, :]).astype(float)
    return exposure_effects(
        (seen, panel.own), panel.bought, calendar, group=panel.customer, cluster=panel.circle
    )[0]


def _findings(panel, friends, coming, within, raw) -> tuple[Finding, ...]:
    about = {"requirement": "A8", "question": spill_over.question, "n": len(panel.bought), "unit": UNIT}
    placebo = coming.exposed
    doubt = ""
    if excludes(placebo, 0):
        doubt = "shares that friends had yet to make seem to work too, so something else moves both"
    held = (
        "given the past, the number of friends and their usual sharing, when friends share is chance",
        "only friends' shares of these weeks matter, and circles do not touch each other",
    )
    return (
        _friends_finding(panel, friends, within, raw, doubt, {**about, "assumptions": held}),
        _placebo_finding(panel, placebo, about),
        _per_share_finding(panel, friends, {**about, "assumptions": held}, doubt),
    )  # fmt: skip


def _friends_finding(panel, friends: ExposureEffect, within, raw: float, doubt: str, about: dict) -> Finding:
    verdict = effect_verdict(friends.exposed, doubt=doubt)
    meaning = {
        "supported": "friends' shares bring purchases",
        "contradicted": "friends' shares cost purchases",
        "not settled": f"not settled{', for ' + doubt if doubt else ''}",
    }[verdict]
    share = friends.exposed.n / len(panel.bought)
    return stated(
        friends.exposed,
        id="A8.spillover_week",
        method=f"{BY} ({friends.clusters} circles)",
        verdict=verdict,
        reading=(
            f"In {share:.0%} of all customer-weeks a friend had shared in the {panel.seen_weeks} weeks "
            f"before. That added {_points(friends.exposed)} to the share who bought in it: {meaning}. "
            f"The plain difference is {100 * raw:.2f} points, which counts too that people with many friends "
            "buy more anyway; "
            f"each customer's own weeks alone say {_points(within.exposed)}."
        ),
        **about,
    )


def _placebo_finding(panel, placebo: Interval, about: dict) -> Finding:
    clear = excludes(placebo, 0)
    judged = "they seem to: friends are alike in something not seen" if clear else "no sign that they do"
    return stated(
        placebo,
        id="A8.shares_yet_to_come",
        method=f"{BY}; the same friends' later shares",
        assumptions=("what friends share later cannot move purchases now",),
        verdict="contradicted" if clear else "supported",
        reading=(
            f"Shares that the same friends made only later cannot have worked yet. They go with "
            f"{_points(placebo)}: {judged}."
        ),
        **about,
    )


def _per_share_finding(panel, friends: ExposureEffect, about: dict, doubt: str) -> Finding:
    """Purchases added among friends over shares made; the interval is that of the effect, in this unit."""
    made = panel.shares * panel.sampled_share
    per_share = friends.exposed.scaled(friends.exposed.n / made)
    value, low, high = in_percent(per_share)
    return stated(
        per_share,
        id="A8.friends_orders_per_100_shares",
        **{**about, "unit": "orders per 100 shares"},
        method=f"{BY}; purchases added among all friends, over shares made",
        verdict=effect_verdict(friends.exposed, doubt=doubt),
        reading=(
            f"Every 100 shares brought {value:.1f} purchases ({low:.1f} to {high:.1f}) by friends "
            f"within {panel.seen_weeks} weeks. A1 and A2 look at sharers alone and leave these out, so a "
            "share is worth more than they say."
        ),
    )


def _points(effect: Interval) -> str:
    value, low, high = in_percent(effect)
    return f"{value:.2f} points ({low:.2f} to {high:.2f})"


def _level_names(levels: int) -> list[str]:
    return [f"{number}" if number < MOST_SEEN else f"{number} or more" for number in range(1, levels + 1)]
