"""How well a search box finds, among friends' coupons, what the searcher goes on to buy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import comb

from methods.intervals.estimates import Interval, share_within_bounds
from methods.intervals.paired_shares import ratio_of_few

RANDOM = "random"  # the mean of all orders, reckoned and not drawn
METHODS = {
    "newest": "no search: newest first",
    "words": "words alone (BM25)",
    "rating": "words, tie and rating",
    "rest": "the same, the rest below",
}
BOX = "box"  # the order that did best for other searchers


def ranked(found: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the score of each found coupon by method; higher stands earlier, 0 is not listed.

    found: text (BM25, 0 where no word fits), strength (0 to 1), rating (1 to 5, nan unknown), age_days
        (of the coupon when searched). Tie and rating multiply the text score, so they never put a coupon
        that no word of the query asks for above one that it does.
    """
    text, tie = found["text"].to_numpy(float), 0.5 + found["strength"].to_numpy(float)
    stars = found["rating"].fillna(found["rating"].mean()).fillna(4.0).to_numpy(float) / 5.0
    newest = 1.0 / (1.0 + found["age_days"].to_numpy(float))
    asked = text * tie * stars
    return {"newest": newest, "words": text, "rating": asked, "rest": np.where(text > 0, 1 + asked, newest)}


def quality(found: pd.DataFrame, *, length: int) -> pd.DataFrame:
    """Return one row a search that had something to find: search, customer_id, relevant, and the measures.

    found: one row a search and coupon on its shelf: search, customer_id, coupon, relevant (bool), and
        what `ranked` needs. Measures by method: `recall_…`, the share of the search's relevant coupons
        among its first `length`; `rank_…`, one over the place of the first relevant coupon (0 where none
        was found). `…_random`: what a random order of the whole shelf gives on average. shelf: coupons on it;
        matched: whether any of them holds anything of the query.
    """
    wanted = found.groupby("search")["relevant"].transform("any").to_numpy(bool)
    found = found[wanted].reset_index(drop=True)
    searches = found.groupby("search").agg(customer_id=("customer_id", "first"), relevant=("relevant", "sum"))
    searches["shelf"] = found.groupby("search").size()
    searches["matched"] = (found["text"] > 0).groupby(found["search"]).any()
    searches[f"recall_{RANDOM}"] = np.minimum(length / searches["shelf"], 1.0)
    searches[f"rank_{RANDOM}"] = random_rank(searches["shelf"].to_numpy(), searches["relevant"].to_numpy())
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


def random_rank(shelf: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Return the mean of one over the place of the first relevant coupon, over all orders of a shelf.

    shelf: coupons on it. relevant: those of them that are, 1 or more; (searches,) each. Place p is the first
    with chance C(shelf − p, relevant − 1) / C(shelf, relevant).

    >>> random_rank(np.array([1, 2, 3]), np.array([1, 1, 3])).tolist()
    [1.0, 0.75, 1.0]
    """
    mean = np.empty(len(shelf))
    for size, right in set(zip(shelf.tolist(), relevant.tolist(), strict=True)):
        places = np.arange(1, size - right + 2)
        chance = comb(size - places, right - 1) / comb(size, right)
        mean[(shelf == size) & (relevant == right)] = (chance / places).sum()
    return mean


def pick_for_others(searches: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Add `recall_box`, `rank_box` and `order`: those of the order that did best for the other searchers.

    searches: of `quality`. Customers are dealt into two random halves; in each half the order (of those
        that search) with the highest mean reciprocal rank is picked, and judged in the other half alone.
        So no order is judged by the searches it was picked for. Half of one customer or none keeps the
        last of METHODS.
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
    return ratio_of_few(sums["value"].to_numpy(), sums["one"].to_numpy(), largest=1.0)


def share_of(searches: pd.DataFrame, name: str) -> Interval:
    """Return the mean of a measure that lies between 0 and 1, with an interval that does too."""
    return share_within_bounds(mean_of(searches, **{name: 1.0}))
