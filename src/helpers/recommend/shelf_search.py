"""How well a search box finds, among friends' coupons, what the searcher goes on to buy."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.recommend.shelf import Shelf
from methods.intervals.estimates import Interval, ratio_of_sums, share_within_bounds
from methods.lists.search_text import index_titles

METHODS = {
    "newest": "no search: newest first",
    "words": "words alone (BM25)",
    "rating": "words, tie and rating",
    "rest": "the same, the rest below",
}
BOX = "box"  # the order that did best for other searchers


def ranked(found: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the score of each found coupon by method; higher stands earlier, 0 is not listed.

    found: text (BM25, 0 where no word fits), strength (0 to 1), rating (1 to 5, nan unknown), age_days (of
    the coupon when searched). Tie and rating multiply the text score, so they never put a coupon that no word
    of the query asks for above one that it does.
    """
    text, tie = found["text"].to_numpy(float), 0.5 + found["strength"].to_numpy(float)
    stars = found["rating"].fillna(found["rating"].mean()).fillna(4.0).to_numpy(float) / 5.0
    newest = 1.0 / (1.0 + found["age_days"].to_numpy(float))
    asked = text * tie * stars
    return {"newest": newest, "words": text, "rating": asked, "rest": np.where(text > 0, 1 + asked, newest)}


def quality(found: pd.DataFrame, *, length: int) -> pd.DataFrame:
    """Return one row a search that had something to find: search, customer_id, relevant, and the measures.

    found: one row a search and coupon on its shelf: search, customer_id, coupon, relevant (bool), and what
    `ranked` needs. Measures by method: `recall_…`, the share of the search's relevant coupons among its first
    `length`; `rank_…`, one over the place of the first relevant coupon (0 where none was found).
    """
    wanted = found.groupby("search")["relevant"].transform("any").to_numpy(bool)
    found = found[wanted].reset_index(drop=True)
    searches = found.groupby("search").agg(customer_id=("customer_id", "first"), relevant=("relevant", "sum"))
    search, right = found["search"].to_numpy(), found["relevant"].to_numpy(bool)
    for name, score in ranked(found).items():
        order = np.lexsort((found["coupon"], found["age_days"], -score, search))
        first = np.r_[True, search[order][1:] != search[order][:-1]]
        start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order)) - start + 1
        hit = right & (score > 0)
        top = pd.Series(hit & (place <= length)).groupby(search).sum()
        best = pd.Series(np.where(hit, 1.0 / place, 0.0)).groupby(search).max()
        searches[f"recall_{name}"] = top / searches["relevant"]
        searches[f"rank_{name}"] = best
    return searches.reset_index()


def pick_for_others(searches: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Add `recall_box`, `rank_box` and `order`: those of the order that did best for the other searchers.

    searches: of `quality`. Customers are dealt into two random halves; in each half the order (of those that
    search) with the highest mean reciprocal rank is picked, and judged in the other half alone. So no order
    is judged by the searches it was picked for. Half of one customer or none keeps the last of METHODS.
    """
    names = pd.unique(searches["customer_id"])
    second = pd.Series(np.random.default_rng(seed).permutation(len(names)) % 2 == 1, index=names)
    second = searches["customer_id"].map(second).to_numpy(bool)
    orders = [name for name in METHODS if name != "newest"]
    means = searches.groupby(second)[[f"rank_{name}" for name in orders]].mean()
    means = means.reindex([False, True]).fillna({f"rank_{orders[-1]}": 1.0}).fillna(0.0)
    best = np.array(orders)[means.to_numpy().argmax(axis=1)]
    order = np.where(second, best[0], best[1])
    picked = {"order": order}
    for kind in ("recall", "rank"):
        values = [searches[f"{kind}_{name}"] for name in orders]
        picked[f"{kind}_{BOX}"] = np.select([order == name for name in orders], values)
    return searches.assign(**picked)


def mean_of(searches: pd.DataFrame, **weights: float) -> Interval:
    """Return the mean of a weighted sum of measures over searches; customers are the unit that repeats."""
    value = sum(weight * searches[name] for name, weight in weights.items())
    sums = pd.DataFrame({"value": value, "one": 1.0}).groupby(searches["customer_id"]).sum()
    return ratio_of_sums(sums["value"], sums["one"])


def share_of(searches: pd.DataFrame, name: str) -> Interval:
    """Return the mean of a measure that lies between 0 and 1, with an interval that does too."""
    return share_within_bounds(mean_of(searches, **{name: 1.0}))


def read_searches(shop, *, start: dt.datetime, end: dt.datetime) -> pd.DataFrame:
    """Return one row a search in [start, end) (naive UTC): search, customer_id, query, searched_at."""
    events = shop["events"].filter(
        lambda t: (t.kind == "search") & t.query.notnull() & (t.happened_at >= start) & (t.happened_at < end)
    )
    rows = events.select("event_id", "customer_id", "query", searched_at=events.happened_at)
    return rows.order_by("event_id").to_pandas().drop(columns="event_id").rename_axis("search").reset_index()


def what_was_found(shop, shelf: Shelf, searches: pd.DataFrame, *, bought_days: int) -> pd.DataFrame:
    """Return one row a search and coupon on the searcher's shelf, with what `quality` needs.

    A coupon is relevant when the searcher bought its product within `bought_days` after the search.
    """
    pairs = searches.merge(shelf.finders, on="customer_id")
    pairs = pairs[(pairs["from_at"] <= pairs["searched_at"]) & (pairs["searched_at"] < pairs["to_at"])]
    pairs = pairs.reset_index(drop=True)
    coupons = shelf.coupons.iloc[pairs["coupon"]].reset_index(drop=True)
    pairs = pairs.assign(
        item_id=coupons["item_id"],
        rating=coupons["rating"],
        text=_text_scores(shelf.coupons, pairs),
        age_days=(pairs["searched_at"] - coupons["from_at"]) / pd.Timedelta(days=1),
    )
    pairs["relevant"] = _bought_later(shop, pairs, bought_days=bought_days)
    return pairs


def _text_scores(coupons: pd.DataFrame, pairs: pd.DataFrame) -> np.ndarray:
    """Score each pair by the words of title and category; each product is read once, and each query."""
    products = coupons.drop_duplicates("item_id").reset_index(drop=True)
    texts = products["title"].fillna("").str.cat(products["category"].fillna(""), sep=" ")
    row = pd.Series(np.arange(len(products)), index=products["item_id"])
    title = coupons["item_id"].map(row).to_numpy()[pairs["coupon"].to_numpy()]
    query, queries = pd.factorize(pairs["query"])
    return index_titles(list(texts)).pair_scores(list(queries), query=query, title=title)


def _bought_later(shop, pairs: pd.DataFrame, *, bought_days: int) -> np.ndarray:
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


def reach(shelf: Shelf, customers: pd.Index, *, at: dt.datetime) -> np.ndarray:
    """Return whether each of these customers could find a coupon at a moment (naive UTC), bool."""
    open_now = (shelf.finders["from_at"] <= at) & (shelf.finders["to_at"] > at)
    return customers.isin(shelf.finders.loc[open_now, "customer_id"])
