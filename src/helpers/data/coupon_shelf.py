"""The friends' shelf: coupons that a completed purchase earned, and which customer may find them when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.report import CannotAnswer
from helpers.report.words import words_beside

WORDS = words_beside(__file__, "reasons")

CIRCLE = "circle"
_PRIOR_REVIEWS = 5.0


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Coupons and who may find them.

    coupons: coupon_id, holder, item_id (of the purchase that earned it), title, category (text), from_at and
    to_at (naive UTC: when it can be found), rating (stars, of the holder where rated, else of the product),
    complete_when_issued (bool). finders: coupon (row of coupons), customer_id, strength (0 to 1), from_at,
    to_at: while both the coupon and the friendship hold. unearned: coupons that no completed purchase had
    earned; they are on no shelf.
    """

    coupons: pd.DataFrame = field(repr=False)
    finders: pd.DataFrame = field(repr=False)
    unearned: int


def read_shelf(shop, *, since: dt.datetime | None = None, every_purchase_days: int = 0) -> Shelf:
    """Return the friends' shelf of a shop, from the coupons of source `circle`.

    A coupon belongs to the holder's last purchase before it was issued, and is found once that purchase has
    arrived (where the shop says when) until it expires or is used. since: leave out coupons that nobody
    could find any more then (naive UTC). every_purchase_days: 0 for the coupons as they were; else what the
    shelf would be if every completed purchase had earned one for so many days.
    Raises CannotAnswer where no coupon was earned, or nobody has a friend.
    """
    return shop.once(("shelf", since, every_purchase_days), lambda: _shelf(shop, since, every_purchase_days))


def _shelf(shop, since: dt.datetime | None, every_purchase_days: int) -> Shelf:
    if every_purchase_days:
        bought = _completed(shop, since=since and since - dt.timedelta(days=every_purchase_days))
        coupons, unearned = _if_all_earned(bought, every_purchase_days), 0
    else:
        coupons, unearned = _earned(shop, _completed(shop))
    if coupons.empty:
        raise CannotAnswer(WORDS.text("empty shelf"))
    if since is not None:
        coupons = coupons[coupons["to_at"] > since]
    coupons = coupons.reset_index(drop=True)
    coupons["rating"] = _ratings(shop, coupons)
    finders = _finders(shop, coupons)
    if finders.empty:
        raise CannotAnswer(WORDS.text("no friends of holders"))
    return Shelf(coupons=coupons, finders=finders, unearned=unearned)


def _completed(shop, *, since: dt.datetime | None = None) -> pd.DataFrame:
    """One row a purchase with its dearest product: order, customer, when placed and when complete.

    since: leave out most purchases that were complete before it (naive UTC).
    """
    lines = shop["order_lines"]
    dear = [lines.unit_price_cents.desc(), lines.line_number.asc()]
    lines = lines.mutate(place=ibis.row_number().over(group_by=lines.order_id, order_by=dear))
    main = lines.filter(lines.place == 0).select("order_id", "item_id")
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at", "status", "shipping_days")
    goods = shop["items"].select("item_id", "title", "category")
    rows = orders.join(main, "order_id").join(goods, "item_id")
    if since is not None:
        days = 1 + rows.shipping_days.fill_null(0).ceil().cast("int64")
        rows = rows.filter(rows.placed_at + days.as_interval("D") > since)
    frame = rows.order_by("order_id").to_pandas()
    if shop.missing("orders.shipping_days"):
        done = frame["status"].isna() | frame["status"].isin(["completed", "refunded"])
        return frame.assign(complete_at=frame["placed_at"].where(done))
    days = pd.to_timedelta(frame["shipping_days"].astype(float), unit="D")
    return frame.assign(complete_at=(frame["placed_at"] + days).astype("datetime64[us]"))


def _earned(shop, bought: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Coupons with the purchase that earned each, and how many no purchase did."""
    coupons = shop["coupons"].filter(lambda t: (t.source == CIRCLE) & t.issued_at.notnull())
    used = dated_purchases(shop).select(redeemed_order_id="order_id", used_at="placed_at")
    coupons = coupons.left_join(used, "redeemed_order_id")
    coupons = coupons.select("coupon_id", "customer_id", "issued_at", "expires_at", "used_at").to_pandas()
    coupons = coupons.sort_values(["issued_at", "coupon_id"])
    found = pd.merge_asof(
        coupons, bought.sort_values("placed_at"), left_on="issued_at", right_on="placed_at",
        by="customer_id", allow_exact_matches=False,
    )  # fmt: skip
    earned = found[found["complete_at"].notna()]
    ends = earned[["expires_at", "used_at"]].min(axis=1).fillna(pd.Timestamp.max.as_unit("us"))
    starts = earned[["issued_at", "complete_at"]].max(axis=1)
    earned = earned.assign(
        from_at=starts,
        to_at=ends,
        complete_when_issued=earned["complete_at"] <= earned["issued_at"],
        holder=earned["customer_id"],
    )
    return _columns(earned), len(found) - len(earned)


def _if_all_earned(bought: pd.DataFrame, days: int) -> pd.DataFrame:
    found = bought[bought["complete_at"].notna()].sort_values(["complete_at", "order_id"])
    return _columns(
        found.assign(
            coupon_id=found["order_id"],
            from_at=found["complete_at"],
            to_at=found["complete_at"] + pd.Timedelta(days=days),
            complete_when_issued=True,
            holder=found["customer_id"],
        )
    )


def _columns(frame: pd.DataFrame) -> pd.DataFrame:
    names = (
        "coupon_id",
        "holder",
        "item_id",
        "title",
        "category",
        "from_at",
        "to_at",
        "complete_when_issued",
    )
    return frame[list(names)]


def _ratings(shop, coupons: pd.DataFrame) -> np.ndarray:
    """Stars known when the coupon came up: the holder's own, else the product's, held to the mean."""
    if shop.missing("reviews.posted_at"):
        return np.full(len(coupons), np.nan)
    reviews = shop["reviews"].select("review_id", "customer_id", "item_id", "rating", "posted_at").to_pandas()
    reviews = reviews.sort_values(["posted_at", "review_id"], ignore_index=True)
    stars = reviews["rating"].astype(float)
    overall = (stars.cumsum() / np.arange(1, len(stars) + 1)).to_numpy()
    groups = stars.groupby(reviews["item_id"])
    held = (groups.cumsum() + _PRIOR_REVIEWS * overall) / (groups.cumcount() + 1 + _PRIOR_REVIEWS)
    reviews = reviews.assign(own=stars, product=held, overall=overall, holder=reviews["customer_id"])
    asked = coupons[["holder", "item_id", "from_at"]].assign(row=np.arange(len(coupons)))
    asked = asked.sort_values("from_at")
    for name, by in (("own", ["holder", "item_id"]), ("product", ["item_id"]), ("overall", None)):
        known = reviews[[*(by or []), "posted_at", name]]
        asked = pd.merge_asof(asked, known, left_on="from_at", right_on="posted_at", by=by)
        asked = asked.drop(columns="posted_at")
    best = asked["own"].fillna(asked["product"]).fillna(asked["overall"])
    return best.iloc[np.argsort(asked["row"].to_numpy())].to_numpy(float)


def _finders(shop, coupons: pd.DataFrame) -> pd.DataFrame:
    """One row a coupon and friend of its holder, for as long as both coupon and friendship hold."""
    ties = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at", "strength").to_pandas()
    ends = (
        {"customer_a": "holder", "customer_b": "customer_id"},
        {"customer_b": "holder", "customer_a": "customer_id"},
    )
    both = pd.concat([ties.rename(columns=names) for names in ends], ignore_index=True)
    held = coupons[["holder", "from_at", "to_at"]].rename_axis("coupon").reset_index()
    pairs = held.merge(both, on="holder").sort_values(["coupon", "customer_id"], ignore_index=True)
    start = pairs[["from_at", "since_at"]].max(axis=1)
    end = pairs[["to_at", "until_at"]].min(axis=1)
    strength = pairs["strength"].astype(float).fillna(0.5)
    pairs = pairs[["coupon", "customer_id"]].assign(strength=strength, from_at=start, to_at=end)
    return pairs[start < end].reset_index(drop=True)


def reach(shelf: Shelf, customers: pd.Index, *, at: dt.datetime) -> np.ndarray:
    """Return whether each of these customers could find a coupon at a moment (naive UTC), bool."""
    open_now = (shelf.finders["from_at"] <= at) & (shelf.finders["to_at"] > at)
    return customers.isin(shelf.finders.loc[open_now, "customer_id"])
