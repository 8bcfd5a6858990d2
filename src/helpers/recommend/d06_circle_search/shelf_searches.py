"""The shop's own searches, and what stood on the searcher's shelf of friends' coupons at that moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.coupon_shelf import Shelf
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.lists.search_text import index_titles


def read_searches(shop: Shop, *, start: dt.datetime, end: dt.datetime) -> pd.DataFrame:
    """Return one row a search in [start, end) (naive UTC): search, customer_id, query, searched_at."""
    events = shop["events"].filter(
        lambda t: (t.kind == "search") & t.query.notnull() & (t.happened_at >= start) & (t.happened_at < end)
    )
    rows = events.select("event_id", "customer_id", "query", searched_at=events.happened_at)
    return rows.order_by("event_id").to_pandas().drop(columns="event_id").rename_axis("search").reset_index()


def what_was_found(
    shop: Shop,
    shelf: Shelf,
    searches: pd.DataFrame,
    *,
    bought_days: int,
    synonyms: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return one row a search and coupon on the searcher's shelf, with what `quality` needs.

    A coupon is relevant when the searcher bought its product within `bought_days` after the search. synonyms:
    of `read_synonyms`.
    """
    pairs = searches.merge(shelf.finders, on="customer_id")
    pairs = pairs[(pairs["from_at"] <= pairs["searched_at"]) & (pairs["searched_at"] < pairs["to_at"])]
    pairs = pairs.reset_index(drop=True)
    coupons = shelf.coupons.iloc[pairs["coupon"]].reset_index(drop=True)
    pairs = pairs.assign(
        item_id=coupons["item_id"],
        rating=coupons["rating"],
        text=_text_scores(shelf.coupons, pairs, synonyms or {}),
        age_days=(pairs["searched_at"] - coupons["from_at"]) / pd.Timedelta(days=1),
    )
    pairs["relevant"] = _bought_later(shop, pairs, bought_days=bought_days)
    return pairs


def _text_scores(coupons: pd.DataFrame, pairs: pd.DataFrame, synonyms: Mapping[str, str]) -> np.ndarray:
    """Score each pair by the words of title and category; each product is read once, and each query."""
    products = coupons.drop_duplicates("item_id").reset_index(drop=True)
    texts = products["title"].fillna("").str.cat(products["category"].fillna(""), sep=" ")
    row = pd.Series(np.arange(len(products)), index=products["item_id"])
    title = coupons["item_id"].map(row).to_numpy()[pairs["coupon"].to_numpy()]
    query, queries = pd.factorize(pairs["query"])
    index = index_titles(list(texts), synonyms=synonyms)
    return index.pair_scores(list(queries), query=query, title=title)


def _bought_later(shop: Shop, pairs: pd.DataFrame, *, bought_days: int) -> np.ndarray:
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    lines = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id")
    bought = (
        lines.filter(lines.placed_at >= pairs["searched_at"].min().to_pydatetime()) if len(pairs) else lines
    )
    bought = bought.select("customer_id", "item_id", "placed_at").distinct().to_pandas()
    asked = pairs[["customer_id", "item_id", "searched_at"]].rename_axis("pair").reset_index()
    both = asked.merge(bought, on=["customer_id", "item_id"])
    wait = both["placed_at"] - both["searched_at"]
    later = both[(wait > pd.Timedelta(0)) & (wait <= pd.Timedelta(days=bought_days))]
    relevant = np.zeros(len(pairs), bool)
    relevant[later["pair"].to_numpy()] = True
    return relevant
