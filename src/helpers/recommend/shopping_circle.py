"""D6: the shopping circle. Who can find a coupon that a friend's completed purchase earned?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.recommend.shelf import Shelf, read_shelf
from helpers.recommend.shelf_search import reach
from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question

CIRCLE = "How many customers can find a coupon that a friend's completed purchase earned?"
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
            "caption": "Customers to whom at least one coupon of a friend is open at the end of the data",
            "formats": {"customers": ",", **dict.fromkeys(names.values(), ".1f")},
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw reach by circle size, as it is and if every purchase earned a coupon."""
        figure, axes = canvas(
            self._title(), x="% of customers who can find a friend's coupon", height_inches=3.4
        )
        place = np.arange(len(self.sizes))
        for shift, name, colour, label in (
            (-0.2, "reached", PALETTE[0], "as it is"),
            (0.2, "reached_if_all", MUTED, "if every purchase earned one"),
        ):
            axes.barh(place + shift, self.sizes[name], height=0.36, color=colour, label=label)
        axes.set_yticks(place, self.sizes["circle"])
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.grid(axis="y", visible=False)
        axes.legend(loc="upper right")
        rows = self.sizes.itertuples()
        told = "; ".join(f"{row.circle} {row.reached:.0f} % ({row.reached_if_all:.0f} %)" for row in rows)
        return Picture(
            figure, f"Customers who can find a friend's coupon (if every purchase earned one): {told}."
        )

    def _title(self) -> str:
        now, all_earn = (_overall(self.sizes, name) for name in ("reached", "reached_if_all"))
        return (
            f"{now:.0f} of 100 customers can find a friend's coupon; {all_earn:.0f} could if every purchase "
            "earned one"
        )


@question("D6", CIRCLE, needs=("coupons", "ties", "orders.placed_at"))
def shopping_circle(shop, *, valid_days: int = 21) -> ShoppingCircle:
    """Count who can find a friend's coupon at the end of the data, by number of friends.

    valid_days: how long a coupon would hold if every completed purchase earned one. Raises CannotAnswer where
    no coupon of the circle follows a completed purchase, or nobody has a friend.
    """
    if valid_days < 1:
        raise ValueError(f"valid_days {valid_days} must be 1 or more")
    now = read_shelf(shop)
    since = shop.as_of - dt.timedelta(days=1)
    sizes = _by_size(shop, now, read_shelf(shop, since=since, every_purchase_days=valid_days))
    return ShoppingCircle(findings=(_earned(now), *_reached(sizes)), sizes=sizes)


def _by_size(shop, now: Shelf, if_all: Shelf) -> pd.DataFrame:
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


def _overall(sizes: pd.DataFrame, name: str) -> float:
    return float((sizes[name] * sizes["customers"]).sum() / sizes["customers"].sum())


def _earned(shelf: Shelf) -> Finding:
    total = len(shelf.coupons) + shelf.unearned
    share = 100.0 * shelf.coupons["complete_when_issued"].sum() / total
    early = int((~shelf.coupons["complete_when_issued"]).sum())
    return _counted(
        share, id="D6.earned_share", unit="% of circle coupons", n=total,
        reading=f"Of {total:,} coupons of the circle, {share:.1f} % came after the purchase had been "
        f"completed. {early:,} came before the goods did and are found only from then on; {shelf.unearned:,} "
        "follow no completed purchase and are found by nobody.",
    )  # fmt: skip


def _reached(sizes: pd.DataFrame) -> list[Finding]:
    customers, found = int(sizes["customers"].sum()), []
    for name, id_, words in (
        ("reached", "D6.reachable_share", "can find at least one coupon of a friend now"),
        (
            "reached_if_all",
            "D6.reachable_share_if_all",
            "could, had every completed purchase earned one",
        ),
    ):
        share = _overall(sizes, name)
        found.append(
            _counted(
                share, id=id_, unit="% of customers with friends", n=customers,
                reading=f"Of 100 customers with friends, {share:.1f} {words} ({sizes[name].iloc[0]:.1f} with "
                f"{sizes['circle'].iloc[0]}, {sizes[name].iloc[-1]:.1f} with {sizes['circle'].iloc[-1]}).",
            )
        )  # fmt: skip
    return found


def _counted(share: float, **fields) -> Finding:
    return Finding(
        requirement="D6", question=CIRCLE, estimate=share, low=share, high=share, level=None,
        method="count of coupons, purchases and friendships; nothing is sampled",
        assumptions=("a coupon belongs to its holder's last purchase before it",), **fields,
    )  # fmt: skip
