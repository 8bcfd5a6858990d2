"""D6: the shopping circle. Who can find a coupon that a friend's completed purchase earned?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.coupon_shelf import Shelf, reach, read_shelf
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import counted
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    question,
    words_beside,
)
from helpers.report.formats import number
from helpers.report.release import FEWEST_PEOPLE, Entry, share_of, share_of_events

WORDS = words_beside(__file__)
_SIZES = (1, 3, 6, 11)
_SIZE_NAMES = ("1 or 2 friends", "3 to 5 friends", "6 to 10 friends", "11 or more friends")


@dataclass(frozen=True, kw_only=True)
class ShoppingCircle:
    """Reach of the shelf by circle size.

    sizes: one row a circle size: circle, customers, reached (% who can find a coupon at the end of the data),
    reached_if_all (% had every completed purchase earned one).
    """

    findings: tuple[Finding, ...]
    sizes: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a circle size: customers, and who of them can find a coupon, in %."""
        names = {"reached": "can find a coupon, %", "reached_if_all": "if every purchase earned one, %"}
        frame = self.sizes.rename(columns=names)
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"customers": ",", **dict.fromkeys(names.values(), ".1f")},
            "people": "customers",
            "shares": dict.fromkeys(names.values(), 100),
        }
        return frame

    def draw(self) -> Picture:
        """Draw reach by circle size, as it is and if every purchase earned a coupon."""
        rows = self.sizes.itertuples()
        told = [
            f"{row.circle} {number(row.reached, 0)} % ({number(row.reached_if_all, 0)} %)" for row in rows
        ]
        title, alt = WORDS.picture("reach", self.findings, told=told)
        figure, axes = canvas(title, x="% of customers who can find a friend's coupon", height_inches=3.4)
        sizes = self.sizes["circle"].tolist()
        for shift, name, colour, label in (
            (-0.2, "reached", PALETTE[0], "as it is"),
            (0.2, "reached_if_all", MUTED, "if every purchase earned one"),
        ):
            bars(axes, sizes, self.sizes[name], width=0.36, shift=shift, colour=colour, label=label)
        axes.set_yticks(range(len(sizes)), sizes)
        axes.set_xlim(0, 100)
        axes.grid(axis="y", visible=False)
        axes.legend(loc="upper right")
        return Picture(figure, alt)


@question(WORDS, needs=("coupons", "ties", "orders.placed_at"))
def shopping_circle(shop: Shop, *, valid_days: int = 21) -> ShoppingCircle:
    """Count who can find a friend's coupon at the end of the data, by number of friends.

    valid_days: how long a coupon would hold if every completed purchase earned one. Raises CannotAnswer where
    no coupon of the circle follows a completed purchase, or nobody has a friend.
    """
    if valid_days < 1:
        raise ValueError(f"valid_days {valid_days} must be 1 or more")
    shop = shop.while_known("coupons")
    now = read_shelf(shop)
    since = shop.end - dt.timedelta(days=1)
    sizes = _by_size(shop, now, read_shelf(shop, since=since, every_purchase_days=valid_days))
    return ShoppingCircle(findings=(*_reached(sizes), _earned(now)), sizes=sizes)


def _by_size(shop: Shop, now: Shelf, if_all: Shelf) -> pd.DataFrame:
    """Reach at the end of the data by number of present friends."""
    ties = shop["ties"].filter(lambda t: t.until_at.isnull() | (t.until_at > shop.end))
    ends = ties.select(customer_id="customer_a").union(ties.select(customer_id="customer_b"))
    friends = ends.group_by("customer_id").agg(friends=ends.count()).order_by("customer_id").to_pandas()
    if friends.empty:
        raise CannotAnswer(WORDS.text("no friends"))
    customers = pd.Index(friends["customer_id"])
    frame = pd.DataFrame(
        {
            "circle": np.array(_SIZE_NAMES)[np.searchsorted(_SIZES, friends["friends"], side="right") - 1],
            "reached": 100.0 * reach(now, customers, at=shop.end),
            "reached_if_all": 100.0 * reach(if_all, customers, at=shop.end),
        }
    )
    groups = frame.groupby("circle")
    sizes = groups[["reached", "reached_if_all"]].mean()
    sizes.insert(0, "customers", groups.size())
    return sizes.reindex([name for name in _SIZE_NAMES if name in sizes.index]).reset_index()


def _overall(sizes: pd.DataFrame, name: str) -> float:
    return float((sizes[name] * sizes["customers"]).sum() / sizes["customers"].sum())


def _earned(shelf: Shelf) -> Finding:
    total = len(shelf.coupons) + shelf.unearned
    holders = shelf.coupons["holder"]
    done = int(shelf.coupons["complete_when_issued"].sum())
    return _finding(
        "D6.earned_share",
        100.0 * done / total,
        n=total,
        persons=holders.nunique(),
        tells=(share_of_events("coupons on the shelf", shelf.coupons["complete_when_issued"], holders),),
        early=len(shelf.coupons) - done,
        unearned=shelf.unearned,
        fewest=FEWEST_PEOPLE,
    )


def _reached(sizes: pd.DataFrame) -> list[Finding]:
    customers = int(sizes["customers"].sum())
    ids = {"reached": "D6.reachable_share", "reached_if_all": "D6.reachable_share_if_all"}
    return [
        _finding(
            id,
            _overall(sizes, name),
            n=customers,
            tells=_shares(sizes, name),
            least=sizes[name].iloc[0],
            fewest=sizes["circle"].iloc[0],
            most=sizes[name].iloc[-1],
            largest=sizes["circle"].iloc[-1],
        )
        for name, id in ids.items()
    ]


def _shares(sizes: pd.DataFrame, name: str) -> tuple[Entry, ...]:
    """Who is reached of the smallest and of the largest circles, which the sentence compares."""
    ends = (sizes.iloc[0], sizes.iloc[-1])
    return tuple(share_of(row["circle"], row[name] / 100, int(row["customers"])) for row in ends)


def _finding(id: str, share: float, *, n: int, **facts: Any) -> Finding:
    return WORDS.finding(
        id,
        counted(share, n=n),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("last purchase"),),
        **facts,
    )
