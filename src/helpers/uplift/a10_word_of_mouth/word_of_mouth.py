"""A10: does a friend's word sell the same product better than a stranger's or the shop's own?"""

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
from helpers.report.finding_view import FindingView
from helpers.report.formats import in_percent, interval
from helpers.report.release import events_by
from helpers.uplift.a10_word_of_mouth.clicks import CLOSE, FRIEND, LOOSE, OFFICIAL, STRANGER, item_clicks
from helpers.uplift.gates import counted
from methods.adjust.within_items import WithinGroups, within_groups
from methods.intervals.estimates import Interval

FEWEST_CLICKS, FEWEST_BOUGHT = 50, 5
LEAST_COMMON = 0.5
ORDER = (STRANGER, CLOSE, LOOSE, FRIEND, OFFICIAL)
WORDS = words_beside(__file__)


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
        """One row a tie: tie, customers, clicks, products, bought, same products."""
        groups = self.clicks.groupby("tie").agg(
            customers=("receiver", "nunique"),
            clicks=("bought", "size"),
            products=("item_id", "nunique"),
            bought=("bought", "mean"),
        )
        frame = groups.reindex(self.fit.labels).rename_axis("who stood behind it").reset_index()
        frame["same products"] = [self.fit.rate(name) for name in self.fit.labels]
        shares = events_by(self.clicks, "bought", "tie", who="receiver")
        frame[["with", "without"]] = [shares[name].sides for name in self.fit.labels]
        frame.attrs = {
            "caption": WORDS.text("caption", convert_days=self.convert_days),
            "formats": {"bought": ".2%", "same products": ".2%"},
            "people": "customers",
            "unseen": ("with", "without"),
        }
        return frame

    def draw(self) -> Picture:
        """Draw each difference with its interval."""
        rows = [(f"{first} − {second}", effect) for (first, second), effect in self.differences.items()]
        first, second = next(iter(self.differences))
        title, alt = WORDS.picture(
            "word of mouth",
            (),
            effect=FindingView(self.findings[0]),
            first=first,
            second=second,
            spoken=[f"{name} {interval(*in_percent(effect), unit='pp')}" for name, effect in rows],
        )
        figure, axes = canvas(title, height_inches=1.4 + 0.4 * len(rows))
        marks = [Mark(label=name, value=effect, scale=100) for name, effect in rows]
        forest(axes, marks, x=WORDS.text("axis", convert_days=self.convert_days))
        return Picture(figure, alt)


@question(
    WORDS,
    needs=("orders.placed_at", "shares.item_id", "reactions.posted_at", "reactions.customer_id", "ties"),
)
def word_of_mouth(
    shop: Shop,
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
        raise CannotAnswer(
            WORDS.text(
                "few clicks",
                fewest_clicks=FEWEST_CLICKS,
                fewest_bought=FEWEST_BOUGHT,
                convert_days=convert_days,
                labels=labels,
            )
        )
    clicks = clicks[clicks["tie"].isin(labels)].reset_index(drop=True)
    if min(clicks["receiver"].nunique(), clicks["sender"].nunique(dropna=False)) < 2:
        raise CannotAnswer(WORDS.text("one customer's clicks"))
    if clicks["bought"].all():
        raise CannotAnswer(WORDS.text("every click bought"))
    fit = _fit(clicks, labels)
    differences = {pair: fit.difference(*pair) for pair in _pairs(labels)}
    if not differences:
        raise CannotAnswer(WORDS.text("no two kinds"))
    findings = (*_findings(fit, differences, clicks, convert_days), _common_ground(clicks))
    return WordOfMouth(
        clicks=clicks, fit=fit, differences=differences, convert_days=convert_days, findings=findings
    )


def _fit(clicks: pd.DataFrame, labels: tuple[str, ...]) -> WithinGroups:
    # The category's part, not whether it was bought: the shop recommends what a customer buys anyway, so
    # whoever clicks there has bought of it without being the keener for that.
    controls = np.column_stack(
        [np.log1p(clicks[["orders_90d_before", "friends"]]), clicks["category_part"]]
    ).astype(float)
    # Recommendations have no sender; each of them is a cluster of its own on that side.
    alone = pd.Series(clicks.index.astype(str), index=clicks.index).radd("shop ")
    sender = clicks["sender"].fillna(alone).to_numpy()
    try:
        return within_groups(
            clicks["bought"].to_numpy(), clicks["tie"].to_numpy(), clicks["item_id"].to_numpy(), controls,
            (clicks["receiver"].to_numpy(), sender), labels=labels, multiplied=True,
        )  # fmt: skip
    except ValueError as limit:
        raise CannotAnswer(WORDS.text("product not comparable", limit=limit)) from limit


def _pairs(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each kind of friend against strangers and the shop, close against loose, strangers against the shop."""
    friends = [name for name in (CLOSE, LOOSE, FRIEND) if name in labels]
    pairs = [(name, other) for other in (STRANGER, OFFICIAL) for name in friends if other in labels]
    if CLOSE in labels and LOOSE in labels:
        pairs.append((CLOSE, LOOSE))
    if STRANGER in labels and OFFICIAL in labels:
        pairs.append((STRANGER, OFFICIAL))
    return pairs


def _findings(
    fit: WithinGroups,
    differences: dict[tuple[str, str], Interval],
    clicks: pd.DataFrame,
    convert_days: int,
) -> tuple[Finding, ...]:
    found = []
    shares = events_by(clicks, "bought", "tie", who="receiver")
    for (first, second), effect in differences.items():
        name, segment = _asked(first, second)
        found.append(
            WORDS.finding(
                name,
                effect,
                scale=100,
                method=WORDS.text("method"),
                assumptions=(
                    WORDS.text("assumption alike"),
                    WORDS.text("assumption multiplies"),
                    WORDS.text("assumption clicks recorded"),
                ),
                verdict=effect_verdict(effect),
                segment=segment,
                persons=clicks.loc[clicks["tie"].isin([first, second]), "receiver"].nunique(),
                tells=(shares[first], shares[second]),
                first=first,
                second=second,
                first_rate=fit.rate(first),
                second_rate=fit.rate(second),
                convert_days=convert_days,
            )
        )
    return tuple(found)


def _common_ground(clicks: pd.DataFrame) -> Finding:
    """How many clicks are on products that were clicked in two ways: the others compare with nothing."""
    ways = clicks.groupby("item_id")["tie"].transform("nunique")
    share = float((ways > 1).mean())
    return counted(
        WORDS,
        "A10.common_ground",
        share,
        n=len(clicks),
        persons=clicks["receiver"].nunique(),
        method=WORDS.text("ground method"),
        fails=share < LEAST_COMMON,
    )


def _asked(first: str, second: str) -> tuple[str, str | None]:
    """The finding's id, and of which kind of friend it speaks."""
    if second == LOOSE:
        return "A10.close_over_loose", None
    if first == STRANGER:
        return "A10.stranger_over_shop", None
    return ("A10.friend_over_shop" if second == OFFICIAL else "A10.friend_over_stranger"), first
