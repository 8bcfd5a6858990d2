"""Who was heard, who took part and who only read, month by month: the role of every customer in every month.

A voice collects answers, an active member posts or comments, a reader likes, clicks, joins or visits only.
The line between the first two comes from the data: the voices are the fewest who together collect half of
all answers. (Leaders are those of C4, who draw more than their friends' taste explains.)
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.cohorts import complete_months, month_number
from helpers.data.shop import Shop

ROLES = ("voice", "active", "reader", "absent")
VOICE, ACTIVE, READER, ABSENT = range(4)
HALF = 0.5
_COUNTS = ("received", "wrote", "read")


@dataclass(frozen=True, kw_only=True)
class RoleMonths:
    """Roles as numbers in ROLES.

    customers: ids. months: month numbers, all seen whole. role: int8, customers by months, -1 before joining.
    threshold: answers received in a month from which one is a voice.
    """

    customers: np.ndarray
    months: np.ndarray
    role: np.ndarray
    threshold: int


def role_months(shop: Shop) -> RoleMonths:
    """Return every customer's role in every whole month (shop's clock)."""
    months = np.array(complete_months(shop))
    rows = social_months(shop).to_pandas()
    rows = rows[rows["month"].isin(months)]
    people = shop["customers"].select("customer_id", "joined_at").order_by("customer_id")
    people = people.mutate(month=month_number(shop.local(people.joined_at))).to_pandas()
    place = pd.Series(np.arange(len(people)), index=people["customer_id"])
    threshold = half_of_all(rows["received"].to_numpy())
    first = months[0] if len(months) else 0
    width = len(months)
    role = np.full((len(people), width), ABSENT, np.int8)
    known = rows["customer_id"].isin(place.index)
    rows = rows[known]
    who, when = place[rows["customer_id"]].to_numpy(), (rows["month"] - first).to_numpy()
    writes, leads = rows["wrote"].to_numpy() > 0, rows["received"].to_numpy() >= threshold
    role[who, when] = np.where(leads, VOICE, np.where(writes, ACTIVE, READER))
    joined = people["month"].fillna(first).to_numpy()
    role[np.arange(first, first + width)[None, :] < joined[:, None]] = -1
    return RoleMonths(
        customers=people["customer_id"].to_numpy(dtype=str), months=months, role=role, threshold=threshold
    )


def half_of_all(received: np.ndarray) -> int:
    """Return the answers from which on authors together collect at most half of all answers, at least 1.

    >>> half_of_all(np.array([1, 1, 1, 1, 4]))
    4
    """
    values, counts = np.unique(received[received > 0].astype(np.int64), return_counts=True)
    if not len(values):
        return 1
    above = np.cumsum((values * counts)[::-1])[::-1]
    within = values[above <= HALF * above[0]]
    return int(within[0]) if len(within) else int(values[-1])


def social_months(shop: Shop) -> Table:
    """Return one row a customer and month with any social life: received, wrote, read (integers).

    received: likes, comments and joins of others on own posts (in the month of the answer). wrote: own posts
    and comments. read: own likes, clicks, joins and visits.
    """
    reactions, shares = shop["reactions"], shop["shares"]
    given = reactions.filter(reactions.customer_id.notnull())
    owners = shares.select("share_id", author="customer_id")
    answers = reactions.filter(reactions.kind.isin(["like", "comment", "join"])).join(owners, "share_id")
    answers = answers.filter(answers.customer_id.isnull() | (answers.customer_id != answers.author))
    parts = [
        _counted(shop, shares, "posted_at", wrote=1),
        _counted(shop, given.filter(_.kind == "comment"), "posted_at", wrote=1),
        _counted(shop, given.filter(_.kind.isin(["like", "click", "join"])), "posted_at", read=1),
        _counted(shop, answers.drop("customer_id").rename(customer_id="author"), "posted_at", received=1),
    ]
    if not shop.missing("events.happened_at"):
        parts.append(_counted(shop, shop["events"], "happened_at", read=1))
    everything = functools.reduce(lambda one, other: one.union(other), parts)
    return everything.group_by("customer_id", "month").agg(
        **{name: everything[name].sum() for name in _COUNTS}
    )


def _counted(shop: Shop, rows: Table, time: str, **value: int) -> Table:
    rows = rows.filter(rows[time].notnull()).mutate(month=month_number(shop.local(rows[time])))
    counted = rows.group_by("customer_id", "month").agg(rows=_.count())
    return counted.select(
        "customer_id",
        "month",
        **{name: (counted.rows * value.get(name, 0)).cast("int64") for name in _COUNTS},
    )
