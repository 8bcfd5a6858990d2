"""Trades in which customers come back by other rules: seasons, a rising pace, pauses, long tails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from market.strange.paces import START, Paces, live, to_come
from market.strange.shop_world import ShopWorld, named

_CATEGORIES = ("口红", "球鞋", "家居", "零食", "数码")
_DAYS = 1_096
_PROMOTIONS = (0.8, 0.6, 0.9, 0.9, 1.0, 2.0, 0.8, 0.8, 1.0, 1.1, 2.6, 1.3)
_MEMBERS = 0.5


def seasonal(customers: int, seed: int) -> ShopWorld:
    """Draw a trade with promotion months, of customers whose habits never change."""
    paces = Paces(days=_DAYS, busy=_PROMOTIONS)
    return drawn_shop(customers, seed, paces, truth={"B2.cycle_change_days": 0.0})


def rising_pace(customers: int, seed: int) -> ShopWorld:
    """Draw customers who all buy 2 % faster from month to month."""
    return drawn_shop(customers, seed, Paces(days=_DAYS, growth_percent=2.0))


def left_truncated(customers: int, seed: int) -> ShopWorld:
    """Draw a shop whose data begin two years after its customers; nobody's date of joining is known."""
    shop = drawn_shop(customers, seed, Paces(days=730, before_days=730))
    people = shop.tables["customers"].assign(joined_at=pd.NaT)
    return ShopWorld(tables={**shop.tables, "customers": people}, truth=shop.truth)


def pauses(customers: int, seed: int) -> ShopWorld:
    """Draw customers who never leave and pause for the better part of a year now and then."""
    return drawn_shop(customers, seed, Paces(days=_DAYS, leaving=None, pausing=(0.1, 240.0)))


def heavy_baskets(customers: int, seed: int) -> ShopWorld:
    """Draw amounts of a power law with index 1.5, of which a few customers hold much."""
    return drawn_shop(customers, seed, Paces(days=_DAYS), amounts=_power_law)


def structureless(customers: int, seed: int) -> ShopWorld:
    """Draw one kind of customer: one pace, one taste, one purse, and chance alone between them."""
    paces = Paces(days=_DAYS, pace=(1 / 50, 400.0), leaving=(40.0, 400.0))
    return drawn_shop(customers, seed, paces, amounts=_one_purse, truth={"C2.segments": 1.0})


def members_already(customers: int, seed: int) -> ShopWorld:
    """Draw a shop half of whose customers hold its membership, which moves nobody's purchases."""
    shop = drawn_shop(customers, seed, Paces(days=_DAYS))
    rng = np.random.default_rng(seed + 1)
    people = shop.tables["customers"]
    chosen = people.loc[rng.random(len(people)) < _MEMBERS, "customer_id"].to_numpy()
    week = rng.integers(40, 120, len(chosen))
    scheme = pd.DataFrame(
        {
            "programme": "membership",
            "unit_kind": "customer",
            "unit_id": chosen,
            "started_at": START + pd.to_timedelta(7 * week, unit="D"),
        }
    )
    return ShopWorld(tables={**shop.tables, "programmes": scheme}, truth=shop.truth)


def drawn_shop(
    customers: int,
    seed: int,
    paces: Paces,
    *,
    amounts: Callable[[np.random.Generator, np.ndarray], np.ndarray] | None = None,
    truth: Mapping[str, float] | None = None,
) -> ShopWorld:
    """Draw customers who live by these paces.

    amounts: hundredths of each purchase. truth: of other findings than what is to come.
    """
    rng = np.random.default_rng(seed)
    owner, day = live(rng, paces, customers=customers)
    seen = (day >= 0) & (day < paces.days)
    tables = _trade(rng, owner[seen], day[seen], amounts or _plain)
    return ShopWorld(tables=tables, truth={**to_come(owner, day, days=paces.days), **(truth or {})})


def _plain(rng: np.random.Generator, owner: np.ndarray) -> np.ndarray:
    purse = _own(rng, owner, lambda n: rng.lognormal(0.0, 0.4, n))
    return 5_000 * purse * rng.lognormal(0.0, 0.3, len(owner))


def _power_law(rng: np.random.Generator, owner: np.ndarray) -> np.ndarray:
    return 3_000 * (_own(rng, owner, lambda n: rng.pareto(1.5, n)) + 1)


def _one_purse(rng: np.random.Generator, owner: np.ndarray) -> np.ndarray:
    return 5_000 * rng.lognormal(0.0, 0.3, len(owner))


def _own(rng: np.random.Generator, owner: np.ndarray, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    """One value a customer, on the rows of the customer."""
    return draw(int(owner.max()) + 1)[owner]


def _trade(
    rng: np.random.Generator,
    owner: np.ndarray,
    day: np.ndarray,
    amounts: Callable[[np.random.Generator, np.ndarray], np.ndarray],
) -> dict[str, pd.DataFrame]:
    """The four required tables of these purchases, in the order of time."""
    order = np.lexsort((owner, day))
    owner, day = owner[order], day[order]
    seconds = day * 86_400 + rng.integers(0, 86_400, len(day))
    ids, items = named("o", np.arange(len(day))), named("i", np.arange(40))
    orders = pd.DataFrame(
        {
            "order_id": ids,
            "customer_id": named("c", owner),
            "placed_at": START + pd.to_timedelta(seconds, unit="s"),
            "status": "completed",
        }
    )
    first = orders.groupby("customer_id")["placed_at"].min()
    lines = pd.DataFrame(
        {
            "order_id": ids,
            "line_number": 1,
            "item_id": items[rng.integers(0, 40, len(ids))],
            "quantity": 1,
            "unit_price_cents": np.maximum(amounts(rng, owner), 1.0).astype("int64"),
        }
    )
    return {
        "customers": first.rename("joined_at").reset_index(),
        "items": pd.DataFrame({"item_id": items, "category": np.resize(_CATEGORIES, 40)}),
        "orders": orders,
        "order_lines": lines,
    }
