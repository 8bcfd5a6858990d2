"""What a shop showed in so many weeks, by which a simulation is fitted: six moments with their errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
from ibis import _
from numpy.typing import NDArray

from helpers.data.purchase_history import day_number
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.data.simulated_people import WEEK_DAYS, shared_until
from methods.simulate.incentive_weeks import RETURN_WEEKS

MOMENTS = {
    "orders": "orders per customer and week",
    "shares": "shares per order",
    "likes": "likes per share",
    "joins": "friends who join per share",
    "coupons": "orders with a coupon",
    "returns": "orders followed by another within 8 weeks",
}
# No simulation is the shop itself: seasons and newcomers are left out of it.
DISCREPANCY = 0.03


def shop_moments(shop: Shop, names: NDArray[np.object_], *, start: int, weeks: int) -> pd.DataFrame:
    """Return the moments of the weeks after a day, of the customers known then.

    names: their ids. start: the day before the first week (as in `simulated_people`). One row a moment that
    the tables hold: moment (of MOMENTS), observed, error (standard error, customers or orders as units, and 3
    % of the moment for what the simulation leaves out).
    """
    orders = _orders(shop, names, start=start, weeks=weeks)
    by_customer = np.bincount(orders["place"], minlength=len(names)).astype(float)
    found = {"orders": (by_customer.mean() / weeks, by_customer.std() / np.sqrt(len(names)) / weeks)}
    found["returns"] = _returns(orders, start=start, weeks=weeks)
    if not shop.missing("orders.coupon_id"):
        found["coupons"] = _share(orders["coupon"].to_numpy(dtype=float))
    if not shop.missing("shares.posted_at"):
        found |= _sharing(shop, names, orders=len(orders), start=start, weeks=weeks)
    rows = [
        (name, *found[name])
        for name in MOMENTS
        if name in found and np.isfinite(found[name]).all() and found[name][0] > 0
    ]
    frame = pd.DataFrame(rows, columns=["moment", "observed", "error"])
    frame["error"] = np.hypot(frame["error"], DISCREPANCY * frame["observed"])
    return frame


def _orders(shop: Shop, names: NDArray[np.object_], *, start: int, weeks: int) -> pd.DataFrame:
    """One row a day with an order: place of the customer, day, whether a coupon was used."""
    orders = dated_purchases(shop)
    coupon = orders.coupon_id.notnull() if "coupon_id" in orders.columns else orders.order_id.isnull()
    rows = orders.select("customer_id", day=day_number(shop, orders.placed_at), coupon=coupon)
    rows = rows.filter((rows.day > start) & (rows.day <= start + WEEK_DAYS * weeks))
    frame = rows.group_by("customer_id", "day").agg(coupon=_.coupon.any()).to_pandas()
    frame["place"] = pd.Series(np.arange(len(names)), index=names).reindex(frame["customer_id"]).to_numpy()
    frame = frame[frame["place"].notna()].astype({"place": "int64"})
    return frame.sort_values(["place", "day"], ignore_index=True)


def _returns(orders: pd.DataFrame, *, start: int, weeks: int) -> tuple[float, float]:
    """Of the orders that can be followed, those followed by another within 8 weeks."""
    later = orders.groupby("place")["day"].shift(-1)
    followed = orders["day"] <= start + WEEK_DAYS * (weeks - RETURN_WEEKS)
    again = (later - orders["day"] <= WEEK_DAYS * RETURN_WEEKS)[followed]
    return _share(again.to_numpy(dtype=float))


def _share(yes: NDArray[np.float64]) -> tuple[float, float]:
    if not len(yes):
        return np.nan, np.nan
    share = float(yes.mean())
    return share, float(np.sqrt(share * (1 - share) / len(yes)))


def _sharing(
    shop: Shop, names: NDArray[np.object_], *, orders: int, start: int, weeks: int
) -> dict[str, tuple[float, float]]:
    posts = shared_until(shop, start + WEEK_DAYS * weeks)
    frame = posts.filter(posts.day > start).to_pandas()
    frame = frame[frame["customer_id"].isin(names)]
    if not len(frame) or not orders:
        return {}
    share = len(frame) / orders
    found = {"shares": (share, float(np.sqrt(share * (1 + share) / orders)))}
    root = np.sqrt(len(frame))
    if not shop.missing("reactions.kind"):
        likes = frame["likes"].to_numpy(dtype=float)
        found["likes"] = (float(likes.mean()), float(likes.std() / root))
        joins = shop["reactions"].filter(_.kind == "join").group_by("share_id").agg(joins=_.count())
        joined = joins.to_pandas().set_index("share_id")["joins"].reindex(frame["share_id"]).fillna(0.0)
        found["joins"] = (float(joined.mean()), float(joined.std() / root))
    return found
