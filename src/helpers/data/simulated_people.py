"""A shop's customers as a simulation starts: how often each buys, whether still there, whom each tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table
from numpy.typing import NDArray
from scipy.stats import nbinom

from helpers.data.friend_graph import standing_graph
from helpers.data.purchase_history import day_number, purchase_history
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.customers.bg_nbd import fit_purchases, histories
from methods.customers.likelihood_search import NotEstimable
from methods.errors import CannotAnswer
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.graph_sample import whole_groups, with_cut_ties
from methods.graphs.leiden import leiden
from methods.simulate.population import Population, as_ties

WORDS = words_beside(__file__, "reasons")

FEWEST_BUYERS = 100
MOST_SIMULATED = 30_000
WEEK_DAYS = 7
_OWN_WEIGHT = 5.0  # orders or shares that a customer's own habit must outweigh
_LIKES_SHAPES = np.geomspace(0.3, 60.0, 40)


@dataclass(frozen=True, kw_only=True)
class SimulatedPeople:
    """The customers who take part. names: their ids, in the population's order. part: of all who could.

    order_cents: mean value of a day's order, NaN without prices.
    """

    population: Population
    order_cents: float
    names: NDArray[np.object_] = field(repr=False)
    part: float


def simulated_people(shop: Shop, *, until: int, at_likes: int, seed: int = 1) -> SimulatedPeople:
    """Return the customers known on a day, by what was known then.

    until: whole days since 1970-01-01 on the shop's clock; customers with a purchase by then take part. How
    often they buy and whether they are still there is BG/NBD; sharing and likes are each customer's own,
    drawn towards the shop's mean. at_likes: likes of which the scatter is matched. Above 30,000 customers
    whole circles are drawn by lot, and ties that lead out of them are joined to each other. A shop without
    ties is simulated without any. Raises CannotAnswer with fewer than 100 buyers or 50 customers with a
    friend, or where the purchase model cannot be fitted.
    """
    whole = shop.once("graph of the simulation", lambda: _graph(shop))
    graph, tied, part = shop.once(("part of the graph", seed), lambda: _part(whole, seed))
    known = purchase_history(shop, until=until)
    if part < 1:
        known = known[_kept(known["customer_id"], whole, graph, part, seed)]
    if len(known) < FEWEST_BUYERS:
        raise CannotAnswer(WORDS.text("few had bought", found=len(known)))
    known = known.reset_index(drop=True)
    shares = _shares(shop, known["customer_id"], until, at_likes)
    buys = _purchases(known, until)
    place = pd.Series(np.arange(len(known)), index=known["customer_id"])
    ends = place.reindex(graph.names).to_numpy(dtype=float)[tied]
    ends = ends[np.isfinite(ends).all(axis=1)].astype(np.int64)
    share_chance, likes, scatter = _habits(known["purchases"].to_numpy(dtype=float), shares, at_likes)
    circle = _circles(shop, graph, place, len(known), seed) if part < 1 else np.zeros(len(known), int)
    population = Population(
        **buys,
        share_chance=share_chance,
        likes=likes,
        likes_shape=scatter,
        circle=circle,
        ties=as_ties(ends, len(known)),
    )
    spent = known["first_spend_cents"].fillna(0) + known["repeat_spend_cents"].fillna(0)
    value = float(spent.sum() / known["purchases"].sum())
    return SimulatedPeople(
        population=population,
        names=known["customer_id"].to_numpy(dtype=object),
        part=part,
        order_cents=value if value > 0 else float("nan"),
    )


def _graph(shop: Shop) -> FriendGraph:
    """The friends there are; nobody where the shop records neither ties nor answers to posts."""
    if not shop.missing("ties") or not shop.missing("shares", "reactions"):
        return standing_graph(shop)
    nobody, no_ties = np.array([], dtype=object), np.zeros((0, 2), dtype=np.int32)
    return FriendGraph(names=nobody, ends=no_ties, strength=np.array([]), source="no ties are recorded")


def _part(graph: FriendGraph, seed: int) -> tuple[FriendGraph, NDArray[np.int32], float]:
    """The circles drawn, the ties between their customers, and the part of all that these are."""
    if len(graph) <= MOST_SIMULATED:
        return graph, graph.ends, 1.0
    drawn = whole_groups(graph, customers=MOST_SIMULATED, seed=seed)[0]
    return drawn, with_cut_ties(graph, drawn, seed=seed), len(drawn) / len(graph)


def _kept(
    names: pd.Series, whole: FriendGraph, drawn: FriendGraph, part: float, seed: int
) -> NDArray[np.bool_]:
    """Customers of the circles drawn; of those without any friend as large a part, by lot."""
    lot = np.random.default_rng(seed).random(len(names)) < part
    return names.isin(drawn.names).to_numpy() | (lot & ~names.isin(whole.names).to_numpy())


def _circles(
    shop: Shop, graph: FriendGraph, place: pd.Series, customers: int, seed: int
) -> NDArray[np.int64]:
    """The circle of each customer; who has no friend is a circle alone."""
    own = shop.once(("circles of the simulation", seed), lambda: leiden(graph, resolution=1.0, seed=seed))
    circle = own.max() + 1 + np.arange(customers)
    spot = place.reindex(graph.names)
    known = spot.notna().to_numpy()
    circle[spot[known].to_numpy(dtype=int)] = own[known]
    return np.unique(circle, return_inverse=True)[1]


def _purchases(known: pd.DataFrame, until: int) -> dict[str, NDArray[np.float64]]:
    """Rates and chances by BG/NBD: given a customer is still there, the rate is gamma, leaving is beta."""
    first, last = (known[name].to_numpy(dtype=float) / WEEK_DAYS for name in ("first_day", "last_day"))
    repeats = known["purchases"].to_numpy(dtype=float) - 1
    age = until / WEEK_DAYS - first
    told = histories(repeats, last - first, age)
    try:
        model = fit_purchases(told)
    except NotEstimable as error:
        raise CannotAnswer(WORDS.text("no rate of buying", error=error)) from error
    return {
        "shape": model.r + repeats,
        "pace": model.alpha + age,
        "here": model.alive(told),
        "leaving": model.a / (model.a + model.b + repeats),
    }


def _shares(shop: Shop, names: pd.Series, until: int, at_likes: int) -> pd.DataFrame:
    """Each customer's shares until a day, their likes, and how many reached so many likes."""
    if shop.missing("shares.posted_at"):
        return pd.DataFrame(0.0, index=pd.Index(names), columns=["shares", "likes", "reached"])
    posts = shared_until(shop, until)
    sums = {"shares": _.count(), "likes": _.likes.sum(), "reached": (_.likes >= at_likes).sum()}
    told = posts.group_by("customer_id").agg(**sums).to_pandas()
    return told.set_index("customer_id").reindex(names).fillna(0.0)


def shared_until(shop: Shop, until: int) -> Table:
    """Return customer_id, share_id, day and likes of each share up to a day (as in `simulated_people`)."""
    posts = shop["shares"]
    posts = posts.select("customer_id", "share_id", day=day_number(shop, posts.posted_at))
    posts = posts.filter(posts.day <= until)
    if shop.missing("reactions.kind"):
        return posts.mutate(likes=ibis.literal(0))
    reactions = shop["reactions"]
    likes = reactions.filter(reactions.kind == "like").group_by("share_id").agg(likes=_.count())
    rows = posts.left_join(likes, "share_id")
    return rows.select("customer_id", "share_id", "day", likes=rows.likes.fill_null(0))


def _habits(
    orders: NDArray[np.float64], shares: pd.DataFrame, at_likes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Chance of sharing an order, mean likes of a share, and how widely likes scatter around it."""
    own, likes = shares["shares"].to_numpy(dtype=float), shares["likes"].to_numpy(dtype=float)
    share = own.sum() / orders.sum()
    chance = (own + _OWN_WEIGHT * share) / (orders + _OWN_WEIGHT)
    mean = likes.sum() / max(own.sum(), 1.0)
    expected = (likes + _OWN_WEIGHT * mean) / (own + _OWN_WEIGHT)
    return chance.clip(0.0, 0.99), expected, _scatter(own, expected, shares["reached"].sum(), at_likes)


def _scatter(shares: NDArray[np.float64], mean: NDArray[np.float64], reached: float, at_likes: int) -> float:
    """The shape of the gamma by which likes scatter: that with as many shares at so many likes as seen."""
    grid = np.linspace(-6, 8, 200)
    misses = []
    for shape in _LIKES_SHAPES:
        tail = nbinom.sf(at_likes - 1, shape, shape / (shape + np.exp(grid)))
        misses.append(abs(shares @ np.interp(np.log(mean + 1e-9), grid, tail) - reached))
    return float(_LIKES_SHAPES[int(np.argmin(misses))])
