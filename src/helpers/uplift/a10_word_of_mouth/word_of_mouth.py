"""A10: does a friend's word sell the same product better than a stranger's or the shop's own?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.uplift.a10_word_of_mouth.clicks import CLOSE, FRIEND, LOOSE, OFFICIAL, STRANGER, item_clicks
from helpers.uplift.drawn_intervals import draw_intervals
from helpers.uplift.wording import effect_verdict, in_percent, points, stated
from methods.adjust.within_items import WithinGroups, within_groups
from methods.intervals.estimates import Interval

FEWEST_CLICKS, FEWEST_BOUGHT = 50, 5
UNIT = "pp of clicks"
ORDER = (STRANGER, CLOSE, LOOSE, FRIEND, OFFICIAL)


@dataclass(frozen=True, kw_only=True)
class WordOfMouth:
    """Purchases after a click by who stood behind it, on the same products.

    clicks: one row a customer and product (see `item_clicks`). fit: differences on the same products.
    differences: (first, second) -> rate of the first minus that of the second.
    """

    clicks: pd.DataFrame
    fit: WithinGroups
    differences: dict[tuple[str, str], Interval]
    convert_days: int
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a tie: tie, clicks, products, bought, same products."""
        groups = self.clicks.groupby("tie").agg(
            clicks=("bought", "size"), products=("item_id", "nunique"), bought=("bought", "mean")
        )
        frame = groups.reindex(self.fit.labels).rename_axis("who stood behind it").reset_index()
        frame["same products"] = [self.fit.rate(name) for name in self.fit.labels]
        frame.attrs = {
            "caption": f"Bought within {self.convert_days} days of a click, plain and on the same products",
            "formats": {"bought": ".2%", "same products": ".2%"},
            "people": "clicks",
        }
        return frame

    def draw(self) -> Picture:
        """Draw each difference with its interval."""
        rows = [(f"{first} − {second}", effect) for (first, second), effect in self.differences.items()]
        value, low, high = in_percent(rows[0][1])
        figure, axes = canvas(
            f"{rows[0][0]}: {value:+.1f} points ({low:+.1f} to {high:+.1f}) on the same product",
            height_inches=1.4 + 0.4 * len(rows),
        )
        label = f"points more clicks followed by a purchase within {self.convert_days} days"
        spoken = draw_intervals(axes, rows, x=label, colours=[PALETTE[0]] * len(rows))
        return Picture(figure, f"Purchases after a click, on the same products: {spoken}.")


@question(
    "A10",
    "Does a friend's word sell the same product better than a stranger's or the shop's own?",
    needs=("orders.placed_at", "shares.item_id", "reactions.posted_at", "reactions.customer_id", "ties"),
)
def word_of_mouth(
    shop,
    *,
    strong_from: float = 0.5,
    convert_days: int = 7,
    audiences: tuple[str, ...] = ("timeline",),
) -> WordOfMouth:
    """Compare clicks on the same product by the tie between sender and receiver.

    strong_from: strength from which a friend is close. convert_days: days after the click in which a purchase
    of the product counts. audiences: of the posts; only those that anybody may come across can be compared
    between friends and strangers. Clicks on the shop's own recommendations join where there are any. Raises
    CannotAnswer when fewer than two groups have 50 clicks and 5 purchases after them.
    """
    clicks = item_clicks(shop, strong_from=strong_from, convert_days=convert_days, audiences=audiences)
    groups = clicks.groupby("tie")["bought"].agg(["size", "sum"])
    enough = groups.index[(groups["size"] >= FEWEST_CLICKS) & (groups["sum"] >= FEWEST_BOUGHT)]
    labels = tuple(name for name in ORDER if name in enough)
    if len(labels) < 2:
        held = ", ".join(f"{row.Index} {row.size} ({row.sum:.0f})" for row in groups.itertuples()) or "none"
        raise CannotAnswer(
            f"clicks by who stood behind them (and purchases of the product within {convert_days} days): "
            f"{held}; two groups of {FEWEST_CLICKS} ({FEWEST_BOUGHT}) are needed to compare"
        )
    clicks = clicks[clicks["tie"].isin(labels)].reset_index(drop=True)
    fit = _fit(clicks, labels)
    differences = {pair: fit.difference(*pair) for pair in _pairs(labels)}
    findings = _findings(fit, differences, convert_days)
    return WordOfMouth(
        clicks=clicks, fit=fit, differences=differences, convert_days=convert_days, findings=findings
    )


def _fit(clicks: pd.DataFrame, labels: tuple[str, ...]) -> WithinGroups:
    controls = np.column_stack([np.log1p(clicks["orders_90d_before"]), clicks["category_before"] > 0]).astype(
        float
    )
    # Recommendations have no sender; each of them is a cluster of its own on that side.
    alone = pd.Series(clicks.index.astype(str), index=clicks.index).radd("shop ")
    sender = clicks["sender"].fillna(alone).to_numpy()
    try:
        return within_groups(
            clicks["bought"].to_numpy(), clicks["tie"].to_numpy(), clicks["item_id"].to_numpy(), controls,
            (clicks["receiver"].to_numpy(), sender), labels=labels, multiplied=True,
        )  # fmt: skip
    except ValueError as limit:
        raise CannotAnswer(f"the same product cannot be compared: {limit}") from limit


def _pairs(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each kind of friend against strangers and the shop, close against loose, strangers against the shop."""
    friends = [name for name in (CLOSE, LOOSE, FRIEND) if name in labels]
    pairs = [(name, other) for other in (STRANGER, OFFICIAL) for name in friends if other in labels]
    if CLOSE in labels and LOOSE in labels:
        pairs.append((CLOSE, LOOSE))
    if STRANGER in labels and OFFICIAL in labels:
        pairs.append((STRANGER, OFFICIAL))
    return pairs


def _findings(fit: WithinGroups, differences, convert_days: int) -> tuple[Finding, ...]:
    found = []
    for (first, second), effect in differences.items():
        verdict = effect_verdict(effect)
        meaning = {
            "supported": f"the word of a {first} sells better",
            "contradicted": f"the word of a {first} sells worse",
            "not settled": "no clear difference",
        }[verdict].replace("of a shop", "of the shop")
        found.append(
            stated(
                effect,
                id=f"A10.{first}_over_{second}".replace(" ", "_"),
                requirement="A10",
                question=word_of_mouth.question,
                unit=UNIT,
                n=effect.n,
                method="log-linear fit with one level a product, own recent orders and category bought "
                "before, rates at all clicks; receivers and senders as clusters",
                assumptions=(
                    "those who click are alike whoever stood behind the product, given what they had bought",
                    "who stands behind it multiplies the chance that who clicks buys, for everybody alike",
                    "a click is recorded whether or not a purchase follows",
                ),
                verdict=verdict,
                reading=(
                    f"On the same product, {fit.rate(first):.1%} of clicks behind which a {first} stood and "
                    f"{fit.rate(second):.1%} of those with a {second} led to a purchase within "
                    f"{convert_days} days: {points(effect)}, {meaning}."
                ).replace("a shop", "the shop"),
            )
        )
    return tuple(found)
