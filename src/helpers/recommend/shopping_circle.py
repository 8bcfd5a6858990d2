"""D6: the shopping circle. Who can find a friend's coupon, and how well does its search box work?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.recommend.shelf import Shelf, read_shelf
from helpers.recommend.shelf_search import (
    METHODS,
    quality,
    reach,
    read_searches,
    share_of,
    what_was_found,
)
from helpers.recommend.shopping_circle_findings import (
    CIRCLE,
    FEWEST_CUSTOMERS,
    earned,
    reached,
    searched,
    too_few_searches,
)
from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question

_SIZES = (1, 3, 6, 11)
_SIZE_NAMES = ("1 or 2 friends", "3 to 5 friends", "6 to 10 friends", "11 or more friends")


@dataclass(frozen=True, kw_only=True)
class ShoppingCircle:
    """Reach of the shelf by circle size, and the search box's quality on two shelves.

    sizes: one row a circle size: customers, reached (share now), reached_if_all (had every purchase earned a
    coupon). searches: shelf ("as it is", "if every purchase earned one") -> the frame of `quality`.
    """

    findings: tuple[Finding, ...]
    sizes: pd.DataFrame = field(repr=False)
    searches: dict[str, pd.DataFrame] = field(repr=False)
    length: int

    def table(self) -> pd.DataFrame:
        """One row a circle size: customers, and who of them can find a coupon, in %."""
        frame = self.sizes.rename(
            columns={"reached": "can find a coupon, %", "reached_if_all": "if every purchase earned one, %"}
        )
        frame.attrs = {
            "caption": "Customers to whom at least one coupon of a friend is open at the end of the data",
            "formats": {"customers": ",", **{name: ".1f" for name in frame.columns[2:]}},
            "people": "customers",
        }
        return frame

    def search_table(self) -> pd.DataFrame:
        """One row a shelf and way to order it: searches, recall and mean reciprocal rank, with intervals."""
        rows = []
        for shelf, frame in self.searches.items():
            for name, words in METHODS.items():
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
        formats = {name: ".2f" for name in (f"recall@{self.length}", "mean reciprocal rank") if len(frame)}
        caption = "Searches after which a friend's couponed product was bought"
        frame.attrs = {"caption": caption, "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw reach by circle size, and the mean reciprocal rank of each way to order the shelf."""
        figure, panels = canvas(self._title(), columns=2, width_inches=9.5, height_inches=3.2)
        reached, found = panels[0]
        place = np.arange(len(self.sizes))
        for shift, name, colour, label in (
            (-0.2, "reached", PALETTE[0], "as it is"),
            (0.2, "reached_if_all", MUTED, "if every purchase\nearned one"),
        ):
            reached.barh(place + shift, self.sizes[name], height=0.36, color=colour, label=label)
        reached.set_yticks(place, self.sizes["circle"])
        reached.invert_yaxis()
        reached.set_xlabel("% who can find a friend's coupon")
        reached.set_xlim(0, 100)
        reached.legend(loc="upper right")
        told = [
            f"{row.circle} {row.reached:.0f} % ({row.reached_if_all:.0f} %)"
            for row in self.sizes.itertuples()
        ]
        for colour, (shelf, frame) in zip((PALETTE[0], MUTED), self.searches.items(), strict=False):
            for spot, name in enumerate(METHODS):
                rank = share_of(frame, f"rank_{name}")
                at = spot + (0.12 if shelf != "as it is" else -0.12)
                found.plot([rank.low, rank.high], [at, at], color=colour, lw=2.5)
                found.plot(rank.estimate, at, "o", color=colour, ms=7)
                told.append(f"{shelf}, {METHODS[name]}: {rank.estimate:.2f}")
        found.set_yticks(range(len(METHODS)), METHODS.values())
        found.set_ylim(len(METHODS) - 0.5, -0.5)
        found.set_xlim(0, 1.02)
        found.set_xlabel("mean reciprocal rank (1: always first)")
        return Picture(figure, f"Reach by circle size, and rank by order of the shelf: {'; '.join(told)}.")

    def _title(self) -> str:
        customers = self.sizes["customers"]
        now, all_earn = (
            (self.sizes[name] * customers).sum() / customers.sum() for name in ("reached", "reached_if_all")
        )
        return (
            f"{now:.0f} of 100 customers can find a friend's coupon; {all_earn:.0f} could if every purchase "
            "earned one"
        )


@question(
    "D6",
    CIRCLE,
    needs=("coupons", "ties", "items.title", "orders.placed_at"),
)
def shopping_circle(
    shop, *, length: int = 3, bought_days: int = 7, window_days: int = 84, valid_days: int = 21
) -> ShoppingCircle:
    """Measure reach and search of the friends' shelf, as it is and if every purchase earned a coupon.

    length: places of a result that count for recall. bought_days: days after a search in which buying a
    couponed product makes that coupon relevant. window_days: searches of so many days judge the shelf of
    every purchase, whose coupons hold valid_days. Searches are the shop's own queries (table events); none
    is made up. Raises CannotAnswer where no coupon follows a completed purchase, or nobody has a friend.
    """
    if min(length, bought_days, window_days, valid_days) < 1:
        raise ValueError("length, bought_days, window_days and valid_days must all be 1 or more")
    end = shop.as_of - dt.timedelta(days=bought_days)
    start = end - dt.timedelta(days=window_days)
    shelves = {
        "as it is": read_shelf(shop),
        "if every purchase earned one": read_shelf(shop, since=start, every_purchase_days=valid_days),
    }
    starts = {"as it is": dt.datetime.min, "if every purchase earned one": start}
    searches, customers = {}, 0
    for name, shelf in shelves.items() if not shop.missing("events.query") else ():
        asked = read_searches(shop, start=starts[name], end=end)
        judged = quality(what_was_found(shop, shelf, asked, bought_days=bought_days), length=length)
        customers = judged["customer_id"].nunique()
        if customers >= FEWEST_CUSTOMERS:
            searches[name] = judged
    sizes = _sizes(shop, *shelves.values())
    findings = (
        earned(shelves["as it is"]),
        *reached(sizes),
        *(searched(searches, length, bought_days) or [too_few_searches(customers)]),
    )
    return ShoppingCircle(findings=findings, sizes=sizes, searches=searches, length=length)


def _sizes(shop, now: Shelf, if_all: Shelf) -> pd.DataFrame:
    """Reach at the end of the data by number of present friends."""
    ties = shop["ties"].filter(lambda t: t.until_at.isnull() | (t.until_at > shop.as_of))
    ends = ties.select(customer_id="customer_a").union(ties.select(customer_id="customer_b"))
    friends = ends.group_by("customer_id").agg(friends=ends.count()).order_by("customer_id").to_pandas()
    if friends.empty:
        raise CannotAnswer("nobody has a friend at the end of the data, so the circle reaches nobody")
    customers = pd.Index(friends["customer_id"])
    frame = pd.DataFrame(
        {
            "circle": np.array(_SIZE_NAMES)[np.searchsorted(_SIZES, friends["friends"], side="right") - 1],
            "reached": 100.0 * reach(now, customers, at=shop.as_of),
            "reached_if_all": 100.0 * reach(if_all, customers, at=shop.as_of),
        }
    )
    groups = frame.groupby("circle")
    sizes = groups[["reached", "reached_if_all"]].mean()
    sizes.insert(0, "customers", groups.size())
    return sizes.reindex([name for name in _SIZE_NAMES if name in sizes.index]).reset_index()
