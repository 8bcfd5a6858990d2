"""The friends of a shop: its ties as a table and as a graph, or who answered whom where none are listed."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer
from methods.graphs.friend_graph import FriendGraph, each_once

WORDS = words_beside(__file__, "reasons")

STRONG = 0.5
FEWEST_CUSTOMERS = 50
STANDING = "the ties listed as standing at the last day are the friendships there are"
FROM_ANSWERS = "who liked, commented on or joined a post is taken for a friend of its author"


def active_ties(shop: Shop, *, at: dt.datetime | None = None) -> Table:
    """Return the ties that stand at a moment (naive UTC), by default at `shop.as_of`.

    Columns customer_a, customer_b (text), strength (float or null).
    """
    ties, at = shop["ties"], at or shop.as_of
    if at is not None:
        moment = ibis.literal(at, type="timestamp(6)")
        ties = ties.filter(ties.until_at.isnull() | (ties.until_at >= moment))
        ties = ties.filter(ties.since_at.isnull() | (ties.since_at < moment))
    return ties.select("customer_a", "customer_b", "strength")


def answered_posts(shop: Shop) -> Table:
    """Return who liked, commented on or joined whose post: the ties where none are listed.

    Columns customer_a, customer_b (text), strength (null).
    """
    answers = shop["reactions"].filter(_.kind.isin(["like", "comment", "join"]) & _.customer_id.notnull())
    pairs = answers.select("share_id", customer_b="customer_id").join(
        shop["shares"].select("share_id", customer_a="customer_id"), "share_id"
    )
    pairs = pairs.filter(pairs.customer_a != pairs.customer_b).select("customer_a", "customer_b").distinct()
    return pairs.mutate(strength=ibis.null("float64"))


FRIENDS = (("ties",), ("shares", "reactions"))


def standing_graph(shop: Shop) -> FriendGraph:
    """Return the graph of standing ties or, where none are listed, of authors and who answered them.

    Raises CannotAnswer where the shop has neither, or where fewer than 50 customers are in the graph.
    """
    if not shop.missing("ties"):
        found = friend_graph(active_ties(shop))
    elif not shop.missing("shares", "reactions"):
        found = friend_graph(answered_posts(shop), source=FROM_ANSWERS)
    else:
        raise CannotAnswer(WORDS.text("no ties"))
    if len(found) < FEWEST_CUSTOMERS:
        raise CannotAnswer(WORDS.text("few with friends", found=len(found)))
    return found


def friend_graph(ties: Table | pd.DataFrame, *, source: str = STANDING) -> FriendGraph:
    """Return the graph of all customers with a tie, each pair once and its greatest strength.

    ties: customer_a, customer_b and, if known, strength; lazy, or a frame.
    """
    if isinstance(ties, pd.DataFrame):
        ties = ibis.memtable(ties)
    if "strength" not in ties.columns:
        ties = ties.mutate(strength=ibis.null("float64"))
    ties = ties.filter(ties.customer_a != ties.customer_b)
    people = ties.select(name="customer_a").union(ties.select(name="customer_b"), distinct=True)
    names = people.order_by("name").to_pyarrow()["name"].to_numpy(zero_copy_only=False)
    places = ibis.memtable({"name": names, "place": np.arange(len(names), dtype=np.int32)})
    coded = ties.join(places, ties.customer_a == places.name).select("customer_b", "strength", a="place")
    again = places.view()
    coded = coded.join(again, coded.customer_b == again.name).select("a", "strength", b="place")
    table = coded.to_pyarrow()
    ends = np.column_stack([table["a"].to_numpy(), table["b"].to_numpy()])
    strength = table["strength"].cast("float64").to_numpy()
    ends, strength = each_once(ends.astype(np.int32), strength, len(names))
    return FriendGraph(names=names, ends=ends, strength=strength, source=source)


def both_ways(shop: Shop) -> Table:
    """Return each tie from both sides: author, friend, since_at, until_at."""
    ties = shop["ties"]
    one = ties.select("since_at", "until_at", author="customer_a", friend="customer_b")
    other = ties.select("since_at", "until_at", author="customer_b", friend="customer_a")
    return one.union(other.select(*one.columns))
