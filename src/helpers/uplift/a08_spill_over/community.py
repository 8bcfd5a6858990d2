"""A8, third look: do friends who were shown an order buy the product more often?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import (
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.release import events_by
from helpers.uplift.a08_spill_over.shown_orders import NOT_SHOWN, SHOWN, shown_orders
from methods.adjust.exposure_effect import FEWEST_CIRCLES
from methods.adjust.within_items import WithinGroups, within_groups
from methods.intervals.estimates import Interval

FEWEST_SHOWN, FEWEST_BOUGHT = 200, 10
_FRIENDS = "friend of buyers", "friends of buyers"
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Community:
    """What friends bought of products that a friend had bought, by whether the order was shown to them.

    pairs: one row an order and friend (see `shown_orders`). fit: on the same products. effect: shown against
    not shown; plain: without holding anything equal.
    """

    pairs: pd.DataFrame
    fit: WithinGroups
    effect: Interval
    plain: float
    outcome_days: int
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a label: orders of a friend, orders, friends, bought it too, on the same products."""
        groups = self.pairs.groupby("label").agg(
            orders=("order_id", "nunique"), friends=("receiver", "nunique"), bought=("bought", "mean")
        )
        frame = groups.reindex([NOT_SHOWN, SHOWN]).rename_axis("a friend's order").reset_index()
        frame["same products"] = [self.fit.rate(name) for name in (NOT_SHOWN, SHOWN)]
        frame = frame.rename(columns={"bought": "friends who bought it too"})
        shares = events_by(self.pairs, "bought", "label", who="receiver")
        frame[["with", "without"]] = [shares[name].sides for name in (NOT_SHOWN, SHOWN)]
        frame.attrs = {
            "caption": WORDS.text("caption", outcome_days=self.outcome_days),
            "formats": {"friends who bought it too": ".2%", "same products": ".2%"},
            "people": "friends",
            "unseen": ("with", "without"),
        }
        return frame

    def draw(self) -> Picture:
        """Draw the difference between shown and not."""
        label = "shown − not shown,\nsame product"
        spoken = [f"{label} {interval(*in_percent(self.effect), unit='pp', decimals=2)}".replace("\n", " ")]
        title, alt = WORDS.picture("community", self.findings, spoken=spoken)
        figure, axes = canvas(title, height_inches=2.2)
        mark = Mark(label=label, value=self.effect, scale=100)
        forest(axes, [mark], x=WORDS.text("axis", outcome_days=self.outcome_days))
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "shares.order_id", "shares.posted_at", "ties"))
def community_purchases(
    shop: Shop,
    *,
    weeks: int = 26,
    share_hours: int = 48,
    outcome_days: int = 28,
    audiences: tuple[str, ...] = ("timeline", "group"),
    most_orders: int = 100_000,
    seed: int = 1,
) -> Community:
    """Compare friends of buyers who showed the order to many with those of buyers who showed it nobody.

    Members are the buyer's friends, for who saw a post is not recorded. audiences: of posts that many can
    see; orders sent to one friend only are left out. Both kinds of friends are
    alike in being friends of somebody who bought the product; only whether it was shown differs. Same product
    (item fixed effects), the friend's recent orders and earlier purchases of it, and the buyer's number of
    orders are held equal; whole circles and friends as clusters. Raises CannotAnswer with too few cases.
    """
    pairs = shown_orders(
        shop, weeks=weeks, share_hours=share_hours, outcome_days=outcome_days, audiences=audiences,
        most_orders=most_orders, seed=seed,
    )  # fmt: skip
    shown = pairs["label"] == SHOWN
    if min(shown.sum(), (~shown).sum()) < FEWEST_SHOWN or pairs["bought"].sum() < FEWEST_BOUGHT:
        raise CannotAnswer(
            WORDS.text(
                "few shown",
                shown=shown.sum(),
                hidden=(~shown).sum(),
                bought=pairs["bought"].sum(),
                fewest_shown=FEWEST_SHOWN,
                fewest_bought=FEWEST_BOUGHT,
            )
        )
    if pairs["circle"].nunique() < FEWEST_CIRCLES:
        raise CannotAnswer(
            WORDS.text("few circles", circle=pairs["circle"].nunique(), fewest_circles=FEWEST_CIRCLES)
        )
    if pairs["bought"].nunique() < 2:
        raise CannotAnswer(WORDS.text("every friend bought"))
    numbers = ("orders_90d_before", "item_before", "buyer_orders_before")
    controls = np.column_stack([np.log1p(pairs[name].to_numpy(dtype=float)) for name in numbers])
    clusters = pairs["circle"].to_numpy(), pairs["receiver"].to_numpy()
    label, item = pairs["label"].to_numpy(), pairs["item_id"].to_numpy()
    try:
        fit = within_groups(
            pairs["bought"].to_numpy(), label, item, controls, clusters, labels=(NOT_SHOWN, SHOWN)
        )
    except ValueError as limit:
        raise CannotAnswer(WORDS.text("product not comparable", limit=limit)) from limit
    effect = fit.difference(SHOWN, NOT_SHOWN)
    plain = float(pairs.loc[shown, "bought"].mean() - pairs.loc[~shown, "bought"].mean())
    finding = _finding(fit, effect, plain, pairs, outcome_days)
    return Community(
        pairs=pairs, fit=fit, effect=effect, plain=plain, outcome_days=outcome_days, findings=(finding,)
    )


def _finding(
    fit: WithinGroups, effect: Interval, plain: float, pairs: pd.DataFrame, outcome_days: int
) -> Finding:
    return WORDS.finding(
        "A8.community_purchases",
        effect,
        scale=100,
        n=len(pairs),
        persons=pairs["receiver"].nunique(),
        tells=[*events_by(pairs, "bought", "label", who="receiver").values()],
        method=WORDS.text("method"),
        assumptions=(
            WORDS.text("assumption no keener friends"),
            WORDS.text("assumption all could see"),
        ),
        verdict=effect_verdict(effect),
        shown=fit.rate(SHOWN),
        hidden=fit.rate(NOT_SHOWN),
        outcome_days=outcome_days,
        plain=100 * plain,
    )
