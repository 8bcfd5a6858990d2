"""C3: whether members of smaller circles buy again more often than those of larger ones."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import Finding, words_beside
from helpers.report.release import share_of
from methods.intervals.clustered_means import Mean, clustered_means

WORDS = words_beside(__file__)
WATCHED_DAYS = 90
FEWEST_CIRCLES = 30  # on either side, for an interval over circles


def smaller_circles(shop: Shop, members: pd.DataFrame, *, minimum: int) -> Finding:
    """Return by how much more often members of smaller circles bought in the last WATCHED_DAYS.

    members: one row a customer with customer_id and circle, none where circles are not beyond chance.
    minimum: smaller circles are not counted. Only those who had bought before the last days count; circles
    are parted where half of these customers are on either side, and a circle is one cluster. Skipped without
    circles, without times of orders, or with too few circles.
    """
    if members.empty:
        return _skipped("no circles")
    if shop.missing("orders.placed_at"):
        return _skipped("no times")
    people = _earlier_buyers(shop, members, minimum=minimum)
    most = _border(people["size"])
    small = (people["size"] <= most).to_numpy()
    circles = min(people.loc[side, "circle"].nunique() for side in (small, ~small))
    if circles < FEWEST_CIRCLES:
        return _skipped("few circles", fewest=FEWEST_CIRCLES)
    sides = {name: people[side] for name, side in (("small", small), ("large", ~small))}
    means = clustered_means({name: _mean(own) for name, own in sides.items()})
    shares = means.values
    return WORDS.finding(
        "C3.smaller_circles",
        means.combined(small=1.0, large=-1.0),
        scale=100,
        method=WORDS.text("method"),
        assumptions=(WORDS.text("assumption lot"),),
        tells=[share_of(f"members, {name}", shares[name], len(own)) for name, own in sides.items()],
        most=most,
        days=WATCHED_DAYS,
        small=float(shares["small"]),
        large=float(shares["large"]),
    )


def _skipped(why: str, **facts: object) -> Finding:
    return WORDS.skip("C3.smaller_circles", WORDS.text(why, **facts))


def _earlier_buyers(shop: Shop, members: pd.DataFrame, *, minimum: int) -> pd.DataFrame:
    """Members of counted circles who had bought before the watched days: circle, size, again."""
    bought, since = dated_purchases(shop), shop.end - dt.timedelta(days=WATCHED_DAYS)
    by_customer = bought.group_by("customer_id").agg(
        first=bought.placed_at.min(), last=bought.placed_at.max()
    )
    known = by_customer.filter(by_customer["first"] < since)
    known = known.select("customer_id", again=known["last"] >= since).to_pandas()
    sized = members.assign(size=members.groupby("circle")["customer_id"].transform("size"))
    return sized[sized["size"] >= minimum].merge(known, on="customer_id")


def _border(sizes: pd.Series) -> int:
    """The largest size of a smaller circle: the median, or what lies below it where none is larger."""
    most = int(sizes.median()) if len(sizes) else 0
    below = sizes[sizes < most]
    return most if (sizes > most).any() else int(below.max()) if len(below) else 0


def _mean(people: pd.DataFrame) -> Mean:
    return Mean(
        top=people["again"].to_numpy(float), bottom=np.ones(len(people)), cluster=people["circle"].to_numpy()
    )
