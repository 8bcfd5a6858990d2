"""Who brought whom, as days and rows, with the invitations left out that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.shop import Shop


@dataclass(frozen=True, kw_only=True)
class Invited:
    """One entry a customer with a known time of joining.

    customer_id: text. joined_day: float, days since the first joined. inviter: int, row of who brought them,
    −1 for nobody. end_day: until when joining was recorded. unknown: invitations by somebody who is not among
    these. earlier: invitations of customers who did not join after their inviter: before, or in a circle of
    invitations at one moment. Both are left out.
    """

    customer_id: np.ndarray = field(repr=False)
    joined_day: np.ndarray = field(repr=False)
    inviter: np.ndarray = field(repr=False)
    end_day: float
    unknown: int
    earlier: int


def read_invited(shop: Shop) -> Invited:
    """Return customers with who brought them."""
    table = shop["customers"]
    rows = table.filter(table.joined_at.notnull()).select("customer_id", "joined_at", "invited_by")
    frame = rows.order_by("customer_id").to_pandas()
    first = frame["joined_at"].min()
    day = ((frame["joined_at"] - first) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    place = pd.Index(frame["customer_id"]).get_indexer(frame["invited_by"])
    named = frame["invited_by"].notna().to_numpy()
    inviter = np.where(named, place, -1)
    unknown = int((named & (inviter < 0)).sum())
    earlier = (inviter >= 0) & (day < day[inviter])
    earlier |= _in_circles(np.where(earlier, -1, inviter))
    return Invited(
        customer_id=frame["customer_id"].to_numpy(),
        joined_day=day,
        inviter=np.where(earlier, -1, inviter),
        end_day=float((pd.Timestamp(shop.known_until("customers")) - first) / pd.Timedelta(days=1)),
        unknown=unknown,
        earlier=int(earlier.sum()),
    )


def _in_circles(inviter: np.ndarray) -> np.ndarray:
    """Say whose line of inviters never ends: who invited themselves, or each other in turn."""
    top = np.where(inviter >= 0, inviter, np.arange(len(inviter)))
    for _ in range(int(np.ceil(np.log2(len(top) + 1)))):
        top = top[top]
    return inviter[top] >= 0


def brought_within(invited: Invited, customers: pd.DataFrame, *, days: int) -> np.ndarray:
    """Return how many each customer brought within days of a moment.

    customers: customer_id and drawn_day (days since the first joined), one row a customer; its order is kept.
    """
    rows = pd.Index(customers["customer_id"]).get_indexer(invited.customer_id)
    start = customers["drawn_day"].to_numpy()
    new = np.flatnonzero(invited.inviter >= 0)
    of = rows[invited.inviter[new]]
    new, of = new[of >= 0], of[of >= 0]
    since = invited.joined_day[new] - start[of]
    inside = (since >= 0) & (since < days)
    return np.bincount(of[inside], minlength=len(customers)).astype(float)
