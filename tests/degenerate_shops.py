"""Odd shops: named mutilations of a small market, each a kind of table that some shop really has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.data.catalogue import CATALOGUE

Tables = dict[str, pd.DataFrame]
MUTILATIONS: dict[str, Callable[[Tables], Tables]] = {}
OPTIONAL = (
    "sellers", "returns", "tickets", "reviews", "ties", "shares", "reactions", "coupons", "events",
    "experiments", "programmes", "impressions", "holdouts", "activities", "audits", "prompts", "surveys",
)  # fmt: skip
DROPPING: list[Callable[[Tables], Tables]] = []  # what they drop no other can change


def mutilation(change: Callable[[Tables], Tables]) -> Callable[[Tables], Tables]:
    """Register a mutilation under its own name; it gets copies and may change them."""
    MUTILATIONS[change.__name__.replace("_", " ")] = change
    return change


def mutilated(tables: Tables, *names: str) -> Tables:
    """Return the tables after the named mutilations, one after the other, those that drop tables last."""
    changed = {name: frame.copy() for name, frame in tables.items()}
    for name in sorted(names, key=lambda name: MUTILATIONS[name] in DROPPING):
        changed = MUTILATIONS[name](changed)
    return changed


def kept_customers(tables: Tables, ids) -> Tables:
    """Return a shop of these customers alone; the tables given stay as they are."""
    return _keep_customers({name: frame.copy() for name, frame in tables.items()}, ids)


def _keep_customers(t: Tables, ids) -> Tables:
    """Keep a few customers with everything that is theirs, so that no row points to nobody."""
    ids = set(ids)
    t["customers"] = t["customers"][t["customers"]["customer_id"].isin(ids)]
    for name, frame in t.items():
        if name != "customers" and "customer_id" in frame:
            t[name] = frame[frame["customer_id"].isin(ids) | frame["customer_id"].isna()]
    t["ties"] = t["ties"][t["ties"]["customer_a"].isin(ids) & t["ties"]["customer_b"].isin(ids)]
    return _without_strays(t)


def _without_strays(t: Tables) -> Tables:
    orders, shares = set(t["orders"]["order_id"]), set(t["shares"]["share_id"])
    for name in ("order_lines", "returns", "reviews", "shares"):
        t[name] = t[name][t[name]["order_id"].isin(orders) | t[name]["order_id"].isna()]
    t["tickets"] = t["tickets"][t["tickets"]["order_id"].isin(orders) | t["tickets"]["order_id"].isna()]
    shares &= set(t["shares"]["share_id"])
    t["reactions"] = t["reactions"][t["reactions"]["share_id"].isin(shares)]
    return t


def _orders(t: Tables, keep) -> Tables:
    t["orders"] = t["orders"][keep]
    return _without_strays(t)


def _nth(t: Tables) -> pd.Series:
    """How many orders of the customer came before each."""
    return t["orders"].sort_values("placed_at").groupby("customer_id").cumcount().reindex(t["orders"].index)


def _set(table: str, column: str, value) -> Callable[[Tables], Tables]:
    def change(t: Tables) -> Tables:
        t[table][column] = value
        return t

    return change


def _drop(*names: str) -> Callable[[Tables], Tables]:
    def change(t: Tables) -> Tables:
        return {name: frame for name, frame in t.items() if name not in names}

    DROPPING.append(change)
    return change


def _empty(*names: str) -> Callable[[Tables], Tables]:
    return lambda t: {name: frame.iloc[:0] if name in names else frame for name, frame in t.items()}


def _names(table: str, column: str, *texts: str) -> Callable[[Tables], Tables]:
    """Give the commonest values of a text column other names."""

    def change(t: Tables) -> Tables:
        commonest = t[table][column].value_counts().index
        t[table][column] = t[table][column].replace(dict(zip(commonest, texts, strict=False)))
        return t

    return change


MUTILATIONS |= {
    "no ties": _drop("ties"),
    "no shares": _drop("shares", "reactions"),
    "no likes": lambda t: {**t, "reactions": t["reactions"][t["reactions"]["kind"] != "like"]},
    "no reactions": _empty("reactions"),
    "likes only": lambda t: {**t, "reactions": t["reactions"][t["reactions"]["kind"] == "like"]},
    "no experiments": _drop("experiments"),
    "no coupons": _drop("coupons"),
    "no events": _drop("events"),
    "no programmes": _drop("programmes"),
    "no impressions": _drop("impressions"),
    "no holdouts": _drop("holdouts"),
    "no prompts": _drop("prompts"),
    "everybody asked": _set("prompts", "asked", True),
    "no chances of asking": _set("prompts", "chance", None),
    "nobody answered": lambda t: {**t, "prompts": t["prompts"].assign(shared=False, opted_out=False)},
    "no surveys": _drop("surveys"),
    "no activities": _drop("activities"),
    "every activity held back": _set("activities", "arm", "control"),
    "every activity given": _set("activities", "arm", "given"),
    "no lots": _set("activities", "arm", None),
    "activities at one moment": lambda t: {
        **t, "activities": t["activities"].assign(happened_at=t["activities"]["happened_at"].min())
    },
    "no planned shares": _set("activities", "planned_share", None),
    "nobody invited": _set("customers", "invited_by", None),
    "invited by themselves": lambda t: {
        **t, "customers": t["customers"].assign(invited_by=t["customers"]["customer_id"])
    },
    "all invited by the first": lambda t: {
        **t, "customers": t["customers"].assign(
            invited_by=t["customers"].sort_values("joined_at")["customer_id"].iloc[0]
        )
    },
    "no returns and tickets": _drop("returns", "tickets"),
    "no reviews": _drop("reviews"),
    "optional tables empty": _empty(*OPTIONAL),
    "required tables only": _drop(*OPTIONAL),
    "one price": _set("order_lines", "unit_price_cents", 1_000),
    "price 0": _set("order_lines", "unit_price_cents", 0),
    "quantity 1": _set("order_lines", "quantity", 1),
    "one category": _set("items", "category", "all"),
    "no category": _set("items", "category", None),
    "one seller": lambda t: {**t, "items": t["items"].assign(seller_id=t["sellers"]["seller_id"].iloc[0])},
    "no seller": _set("items", "seller_id", None),
    "everything cancelled": _set("orders", "status", "cancelled"),
    "no status": _set("orders", "status", None),
    "nobody joined": _set("customers", "joined_at", pd.NaT),
    "one age band": _set("customers", "age_band", "25-34"),
    "no traits": lambda t: {
        **t, "customers": t["customers"].assign(age_band=None, gender=None, city_tier=None, channel=None)
    },
    "acquisition free": _set("customers", "acquisition_cost_cents", 0),
    "all prompted": _set("shares", "prompted", True),
    "none prompted": _set("shares", "prompted", False),
    "propensity 0": lambda t: {**t, "impressions": t["impressions"].assign(propensity=0.0)},
    "propensity 1": lambda t: {**t, "impressions": t["impressions"].assign(propensity=1.0)},
    "nobody clicked": lambda t: {**t, "impressions": t["impressions"].assign(clicked=False, bought=False)},
    "everybody clicked": lambda t: {**t, "impressions": t["impressions"].assign(clicked=True)},
    "one policy": _set("impressions", "policy", "old"),
    "three impressions": lambda t: {**t, "impressions": t["impressions"].iloc[:3].assign(propensity=0.0)},
    "everything held back": _set("holdouts", "shown", False),
    "everything shown": _set("holdouts", "shown", True),
    "one answer only": lambda t: {**t, "surveys": t["surveys"].iloc[:1]},
    "all answers 10": _set("surveys", "score", 10),
    "ratings 5": _set("reviews", "rating", 5),
    "one arm": _set("experiments", "arm", "control"),
    "one arm nearly empty": lambda t: {
        **t, "experiments": t["experiments"][(t["experiments"]["arm"] == "control").to_numpy()
                                             | (np.arange(len(t["experiments"])) < 3)]
    },
    "one cluster": _set("experiments", "cluster", "g1"),
    "all started at once": lambda t: {
        **t, "programmes": t["programmes"].assign(started_at=t["programmes"]["started_at"].min())
    },
    "names that are code": _names(
        "items", "category", "$$", "$_$", "<script>alert(1)</script>", "{{ 7*7 }}\"'%s{0}", "]]>", "\\n"
    ),
    "names that are no words": _names(
        "items", "category", "很长" * 2_500, "口红💄\u200d🔥", "\u202eتخفيض\u202c", "–", " ", "0"
    ),
    "channels in quotes and braces": _names("customers", "channel", "{{ 7*7 }}\"'%s{0}", "$10", "&lt;"),
    "arm with a dollar": _names("experiments", "arm", "$10 off"),
}  # fmt: skip


@mutilation
def one_customer(t: Tables) -> Tables:
    return _keep_customers(t, t["orders"]["customer_id"].mode())


@mutilation
def eleven_customers(t: Tables) -> Tables:
    return _keep_customers(t, t["orders"]["customer_id"].value_counts().index[:11])


@mutilation
def all_bought_once(t: Tables) -> Tables:
    return _orders(t, _nth(t) == 0)


@mutilation
def everybody_bought_twice(t: Tables) -> Tables:
    times = t["orders"].groupby("customer_id")["order_id"].transform("size")
    return _orders(t, (times >= 2) & (_nth(t) < 2))


@mutilation
def everybody_came_back_daily(t: Tables) -> Tables:
    """Everybody bought again in any window one may look at."""
    first = t["orders"].drop_duplicates("customer_id").head(40)
    days = pd.date_range(t["orders"]["placed_at"].min(), t["orders"]["placed_at"].max(), freq="4D")
    orders = first.merge(pd.DataFrame({"day": days}), how="cross")
    orders["placed_at"] = orders["day"]
    orders["order_id"] = [f"d{number}" for number in range(len(orders))]
    item = t["items"]["item_id"].iloc[0]
    lines = orders[["order_id"]].assign(line_number=1, item_id=item, quantity=1, unit_price_cents=1_000)
    t["orders"], t["order_lines"] = orders[t["orders"].columns], lines
    return _keep_customers(t, first["customer_id"])


@mutilation
def all_orders_on_one_day(t: Tables) -> Tables:
    t["orders"]["placed_at"] = t["orders"]["placed_at"].max()
    return t


@mutilation
def all_orders_in_one_month(t: Tables) -> Tables:
    last = t["orders"]["placed_at"].max()
    return _orders(t, t["orders"]["placed_at"] > last - pd.Timedelta(days=25))


@mutilation
def one_order_far_after_all_others(t: Tables) -> Tables:
    latest = t["orders"]["placed_at"].idxmax()
    t["orders"].loc[latest, "placed_at"] += pd.Timedelta(days=700)
    return t


@mutilation
def one_order_outweighs_all(t: Tables) -> Tables:
    t["order_lines"].loc[t["order_lines"].index[0], "unit_price_cents"] = 10**11
    return t


@mutilation
def all_tied(t: Tables) -> Tables:
    ids = t["customers"]["customer_id"].to_numpy()[:60]
    a, b = np.triu_indices(len(ids), 1)
    t["ties"] = pd.DataFrame({"customer_a": ids[a], "customer_b": ids[b]})
    return t


@mutilation
def a_star_of_ties(t: Tables) -> Tables:
    ids = t["customers"]["customer_id"].to_numpy()
    t["ties"] = pd.DataFrame({"customer_a": ids[0], "customer_b": ids[1:]})
    return t


@mutilation
def everybody_shared_everything(t: Tables) -> Tables:
    orders = t["orders"]
    t["shares"] = pd.DataFrame(
        {
            "share_id": "s" + orders["order_id"],
            "customer_id": orders["customer_id"],
            "order_id": orders["order_id"],
            "posted_at": orders["placed_at"] + pd.Timedelta(hours=1),
        }
    )
    t["reactions"] = t["reactions"].iloc[:0]
    return t


@mutilation
def every_post_has_as_many_likes(t: Tables) -> Tables:
    ids = t["customers"]["customer_id"].to_numpy()[:20]
    likes = t["shares"][["share_id", "posted_at"]].merge(pd.DataFrame({"customer_id": ids}), how="cross")
    likes["reaction_id"] = [f"l{number}" for number in range(len(likes))]
    t["reactions"] = likes.assign(kind="like")
    return t


@mutilation
def one_item(t: Tables) -> Tables:
    item = t["items"]["item_id"].iloc[0]
    for name in ("order_lines", "reviews", "events", "impressions", "holdouts", "shares", "returns"):
        t[name] = t[name].assign(item_id=item)
    t["order_lines"] = t["order_lines"].drop_duplicates("order_id")
    t["items"] = t["items"].iloc[:1]
    return t


ENDED_DAYS = {
    "shares": 70, "reactions": 85, "reviews": 90, "returns": 60, "tickets": 80, "events": 55, "coupons": 45
}  # fmt: skip


def _ended(t: Tables, **days: int) -> Tables:
    """Cut each table so many days before the orders end, with what points to its rows."""
    end = t["orders"]["placed_at"].max()
    for name, before in days.items():
        t[name] = t[name][t[name][CATALOGUE[name].time] < end - pd.Timedelta(days=before)]
    known = set(t["coupons"]["coupon_id"])
    t["orders"]["coupon_id"] = t["orders"]["coupon_id"].where(t["orders"]["coupon_id"].isin(known))
    t["reactions"] = t["reactions"][t["reactions"]["share_id"].isin(set(t["shares"]["share_id"]))]
    return t


@mutilation
def tables_end_on_different_days(t: Tables) -> Tables:
    return _ended(t, **ENDED_DAYS)


@mutilation
def logs_ended_long_ago(t: Tables) -> Tables:
    return _ended(t, shares=250, reactions=250, reviews=250, returns=250, tickets=250, events=250)
