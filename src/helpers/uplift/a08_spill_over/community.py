"""A8, third look: does an order that is shown in the community persuade its members to buy the product?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import CannotAnswer, Finding, Picture, canvas, question
from helpers.uplift.a08_spill_over.shown_orders import NOT_SHOWN, SHOWN, shown_orders
from helpers.uplift.drawn_intervals import draw_intervals
from helpers.uplift.wording import effect_verdict, in_percent, stated
from methods.adjust.within_items import WithinGroups, within_groups
from methods.intervals.estimates import Interval

FEWEST_SHOWN, FEWEST_BOUGHT = 200, 10


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
        frame.attrs = {
            "caption": f"Friends who bought the same product within {self.outcome_days} days",
            "formats": {"friends who bought it too": ".2%", "same products": ".2%"},
            "people": "friends",
        }
        return frame

    def draw(self) -> Picture:
        """Draw the difference that showing makes."""
        value, low, high = in_percent(self.effect)
        moved = "brings" if low > 0 else "costs" if high < 0 else "does not clearly bring"
        figure, axes = canvas(
            f"Showing an order {moved} purchases of the product: {value:+.2f} points", height_inches=2.2
        )
        spoken = draw_intervals(
            axes, [("shown − not shown,\nsame product", self.effect)],
            x=f"points more friends who bought the product within {self.outcome_days} days",
        )  # fmt: skip
        return Picture(figure, f"Friends who bought the product a friend had bought: {spoken}.")


@question(
    "A8",
    "Does an order shown in the community persuade members to buy the product?",
    needs=("orders.placed_at", "shares.order_id", "shares.posted_at", "ties"),
)
def community_purchases(
    shop,
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
            f"{shown.sum()} friends of buyers could see an order shown to many and "
            f"{(~shown).sum()} had a friend who showed it nobody, of whom {pairs['bought'].sum():.0f} bought "
            f"the product; {FEWEST_SHOWN} of each and {FEWEST_BOUGHT} purchases are needed"
        )
    numbers = ("orders_90d_before", "item_before", "buyer_orders_before")
    controls = np.column_stack([np.log1p(pairs[name].to_numpy(dtype=float)) for name in numbers])
    clusters = pairs["circle"].to_numpy(), pairs["receiver"].to_numpy()
    label, item = pairs["label"].to_numpy(), pairs["item_id"].to_numpy()
    try:
        fit = within_groups(
            pairs["bought"].to_numpy(), label, item, controls, clusters, labels=(NOT_SHOWN, SHOWN)
        )
    except ValueError as limit:
        raise CannotAnswer(f"the same product cannot be compared: {limit}") from limit
    effect = fit.difference(SHOWN, NOT_SHOWN)
    plain = float(pairs.loc[shown, "bought"].mean() - pairs.loc[~shown, "bought"].mean())
    finding = _finding(fit, effect, plain, pairs, outcome_days)
    return Community(
        pairs=pairs, fit=fit, effect=effect, plain=plain, outcome_days=outcome_days, findings=(finding,)
    )


def _finding(fit: WithinGroups, effect: Interval, plain: float, pairs, outcome_days: int) -> Finding:
    verdict = effect_verdict(effect)
    meaning = {
        "supported": "what is shown does persuade",
        "contradicted": "showing an order puts friends off the product",
        "not settled": "whether it persuades is not settled",
    }[verdict]
    value, low, high = in_percent(effect)
    return stated(
        effect,
        id="A8.community_purchases",
        requirement="A8",
        question=community_purchases.question,
        unit="pp of friends",
        n=len(pairs),
        method="least squares with one level a product, friend's and buyer's purchases before; circles and "
        "friends as clusters",
        assumptions=(
            "buyers who show a product have friends no keener on it than buyers who do not",
            "all friends of a buyer could see what was shown",
        ),
        verdict=verdict,
        reading=(
            f"Of friends of a buyer who showed the order to the community, {fit.rate(SHOWN):.2%} bought "
            f"the same product within {outcome_days} days; of friends of a buyer who kept it to themselves, "
            f"{fit.rate(NOT_SHOWN):.2%}: a difference of {value:.2f} points ({low:.2f} to {high:.2f}) on the "
            f"same products, {meaning}. (Without holding anything equal it is {100 * plain:.2f}.)"
        ),
    )
