"""Until when tables were written: one that ended before the others tells nothing of the days after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from helpers.data.plausibility import Doubt
from helpers.data.receipt import Receipt
from methods.counts import count

WATCHED = ("orders", "customers", "events", "shares", "reactions", "reviews", "returns", "tickets")
# Written as things happen, beside orders, whose end decides until when the shop itself is seen.
LOGS = (*(name for name in WATCHED if name != "orders"), "coupons")


def ended_early(receipt: Receipt) -> Iterator[Doubt]:
    """Yield a doubt for each table that plainly ended days before the shop does."""
    if receipt.last_event is None or receipt.last_moment is None:
        return
    for name in WATCHED:
        end = receipt.last_event if name == "orders" else receipt.last_moment
        until = receipt.known_until(name) or end
        if until < end:
            days = count((end - until).days, "day")
            found = f"Table {name} ends on {_day(receipt, until)}, {days} before the rest."
            last = end if name == "orders" else until
            yield Doubt(found=found, advice=_advice(name, _day(receipt, last)))


def _advice(name: str, as_of: str) -> str:
    if name == "orders":
        return (
            "Nothing of the days after it is used, for nobody can be seen to buy then. If nobody did, "
            f"use --as-of {as_of}."
        )
    return (
        "Figures that count its rows look no further than that day; the others look to the end. "
        f"To see everything as it was then, use --as-of {as_of}."
    )


def _day(receipt: Receipt, end: dt.datetime) -> str:
    return f"{receipt.clock.local(end - dt.timedelta(seconds=1)):%Y-%m-%d}"
