"""D6: does a search box over friends' coupons find what the searcher goes on to buy?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from helpers.recommend.shelf import read_shelf
from helpers.recommend.shelf_search import (
    BOX,
    METHODS,
    mean_of,
    pick_for_others,
    quality,
    read_searches,
    share_of,
    what_was_found,
)
from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.intervals.estimates import Interval

SEARCH = "Does a search box over friends' coupons find what the searcher then buys?"
FEWEST_CUSTOMERS = 30
NOW, IF_ALL = "as they are", "if every purchase earned one"
_ROWS = METHODS | {BOX: "the order picked by other searchers"}


@dataclass(frozen=True, kw_only=True)
class CircleSearch:
    """The search box judged.

    searches: coupons as they are, or if every purchase earned one -> `quality` with `pick_for_others`.
    """

    findings: tuple[Finding, ...]
    searches: Mapping[str, pd.DataFrame] = field(repr=False)
    length: int

    def table(self) -> pd.DataFrame:
        """One row a shelf and way to order it: searches, recall and mean reciprocal rank, with intervals."""
        rows = []
        for shelf, frame in self.searches.items():
            for name, words in _ROWS.items():
                recall, rank = (share_of(frame, f"{kind}_{name}") for kind in ("recall", "rank"))
                rows.append(
                    {
                        "coupons": shelf,
                        "order": words,
                        "searches": len(frame),
                        f"recall@{self.length}": recall.estimate,
                        "95 % interval": f"{recall.low:.2f} to {recall.high:.2f}",
                        "mean reciprocal rank": rank.estimate,
                        "95 % interval ": f"{rank.low:.2f} to {rank.high:.2f}",
                    }
                )
        frame = pd.DataFrame(rows)
        formats = {f"recall@{self.length}": ".2f", "mean reciprocal rank": ".2f"}
        caption = "Searches after which a product on a friend's coupon was bought"
        frame.attrs = {"caption": caption, "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw the mean reciprocal rank of each way to order the shelf."""
        figure, axes = canvas(
            self._title(), x="mean reciprocal rank of what was then bought (1: always first)", height_inches=3
        )
        told = []
        for number, (shelf, frame) in enumerate(self.searches.items()):
            colour = PALETTE[0] if shelf == NOW else MUTED
            for spot, (name, words) in enumerate(_ROWS.items()):
                rank, at = share_of(frame, f"rank_{name}"), spot + 0.24 * number - 0.12
                axes.plot([rank.low, rank.high], [at, at], color=colour, lw=2.5)
                axes.plot(
                    rank.estimate, at, "o", color=colour, ms=7, label=None if spot else f"coupons {shelf}"
                )
                told.append(f"coupons {shelf}, {words}: {rank.estimate:.2f}")
        axes.set_yticks(range(len(_ROWS)), _ROWS.values())
        axes.set_ylim(len(_ROWS) - 0.5, -0.5)
        axes.set_xlim(0, 1.02)
        axes.legend(loc="lower left")
        return Picture(figure, f"Mean reciprocal rank by order of the shelf: {'; '.join(told)}.")

    def _title(self) -> str:
        shelf, frame = list(self.searches.items())[-1]
        best, newest = (share_of(frame, f"rank_{name}").estimate for name in (BOX, "newest"))
        return f"Coupons {shelf}: the search box ranks at {best:.2f}, newest first at {newest:.2f}"


@question("D6", SEARCH, needs=("coupons", "ties", "items.title", "events.query", "orders.placed_at"))
def circle_search(
    shop,
    *,
    length: int = 3,
    bought_days: int = 7,
    window_days: int = 84,
    valid_days: int = 21,
    seed: int = 1,
) -> CircleSearch:
    """Judge the search box on the shop's own queries: the coupon of a product then bought should stand first.

    length: places of a result that count for recall. bought_days: days after a search in which buying the
    product makes its coupon wanted. The shelf is judged as it was, over all searches; and over those of the
    last window_days as if every completed purchase had earned a coupon of valid_days. No query is made up.
    How the box orders what it finds is picked on one random half of the searchers (seed) and judged on the
    other, both ways round.
    Raises CannotAnswer where fewer than 30 customers searched and then bought such a product.
    """
    if min(length, bought_days, window_days, valid_days) < 1:
        raise ValueError("length, bought_days, window_days and valid_days must all be 1 or more")
    end = shop.as_of - dt.timedelta(days=bought_days)
    start = end - dt.timedelta(days=window_days)
    searches, customers = {}, 0
    for name, since, days in ((NOW, None, 0), (IF_ALL, start, valid_days)):
        shelf = read_shelf(shop, since=since, every_purchase_days=days)
        asked = read_searches(shop, start=since or dt.datetime.min, end=end)
        judged = quality(what_was_found(shop, shelf, asked, bought_days=bought_days), length=length)
        customers = judged["customer_id"].nunique()
        if customers >= FEWEST_CUSTOMERS:
            searches[name] = pick_for_others(judged, seed=seed)
    if not searches:
        raise CannotAnswer(
            f"customers who searched and then bought a product that a friend had a coupon for: {customers}; "
            f"judging the search box needs at least {FEWEST_CUSTOMERS}"
        )
    findings = tuple(_findings(searches, length, bought_days))
    return CircleSearch(findings=findings, searches=searches, length=length)


def _findings(searches: Mapping[str, pd.DataFrame], length: int, bought_days: int) -> list[Finding]:
    found = []
    for shelf, frame in searches.items():
        end = "" if shelf == NOW else "_if_all"
        recall, rank = share_of(frame, f"recall_{BOX}"), share_of(frame, f"rank_{BOX}")
        gain = mean_of(frame, **{f"rank_{BOX}": 1.0, "rank_newest": -1.0})
        better = "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"
        orders = " or ".join(f"“{METHODS[name]}”" for name in METHODS if (frame["order"] == name).any())
        where = (
            f"Coupons {shelf}, {len(frame):,} searches before buying a product on a friend's coupon, in the "
            f"order that other searchers picked ({orders}):"
        )
        found += [
            _judged(
                recall, id=f"D6.recall{end}", unit=f"share of coupons among the first {length}", n=len(frame),
                days=bought_days,
                reading=f"{where} {recall.estimate:.2f} of those coupons stood among the first {length} "
                f"(95 % interval {recall.low:.2f} to {recall.high:.2f}).",
            ),
            _judged(
                rank, id=f"D6.mean_reciprocal_rank{end}", unit="mean reciprocal rank", n=len(frame),
                days=bought_days,
                reading=f"{where} the mean reciprocal rank is {rank.estimate:.2f} (95 % interval "
                f"{rank.low:.2f} to {rank.high:.2f}; 1 is always first).",
            ),
            _judged(
                gain, id=f"D6.search_box_gain{end}", unit="mean reciprocal rank", n=len(frame),
                verdict=better, days=bought_days,
                reading=f"{where} the search box gains {gain.estimate:+.2f} of mean reciprocal rank over "
                f"showing the newest first (95 % interval {gain.low:+.2f} to {gain.high:+.2f}).",
            ),
        ]  # fmt: skip
    return found


def _judged(value: Interval, *, days: int, **fields) -> Finding:
    return Finding(
        requirement="D6", question=SEARCH, estimate=value.estimate, low=value.low, high=value.high,
        method="the shop's own queries, BM25 over titles and categories; order picked on one half of the "
        "searchers and judged on the other, both ways round; customers as clusters",
        assumptions=(
            f"a coupon was wanted when its product was bought within {days} days after the search",
            "what was bought without such a shelf stands for what would be bought with it",
        ),
        **fields,
    )  # fmt: skip
