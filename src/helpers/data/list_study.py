"""Read for lists: purchases and their split, and the ties and ratings of before the cut."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer
from methods.lists.model_comparison import FEWEST_CUSTOMERS, RANDOM_SHARE
from methods.lists.purchases import Purchases
from methods.lists.split import Split, audit_features, split_at, split_at_random

WORDS = words_beside(__file__, "reasons")

Protocol = Literal["auto", "time", "random"]
LIKED_FROM = 4  # stars


def split_shop(
    shop: Shop,
    *,
    protocol: Protocol = "auto",
    test_days: int = 56,
    repeats: bool = False,
    seed: int = 1,
) -> tuple[Purchases, Split]:
    """Read a shop's purchases and split them for judging.

    protocol: `time` cuts `test_days` before the end of the data; `random` holds back a tenth of all
    customer-product pairs and flatters; `auto` takes time wherever orders have times.
    Raises CannotAnswer when fewer than 30 customers could be judged, or fewer than 30 bought two products.
    """
    if protocol not in ("auto", "time", "random"):
        raise ValueError(f"protocol {protocol!r} is not known; choose 'auto', 'time' or 'random'")
    if test_days < 1:
        raise ValueError(f"test_days {test_days} must be 1 or more")
    bought = shop.once("purchases for lists", lambda: read_purchases(shop))
    if protocol == "time" or (protocol == "auto" and bought.dated):
        if not bought.dated or shop.as_of is None:
            raise CannotAnswer(WORDS.text("no times of orders"))
        cut_at = shop.as_of - dt.timedelta(days=test_days)
        split = split_at(bought, cut_at=cut_at, end_at=shop.as_of, repeats=repeats)
    else:
        split = split_at_random(bought, share=RANDOM_SHARE, seed=seed)
    if len(split.judged) < FEWEST_CUSTOMERS:
        raise CannotAnswer(
            WORDS.text("few judged", found=len(split.judged), fewest_customers=FEWEST_CUSTOMERS)
        )
    together = int((np.diff(split.train.indptr) > 1).sum())
    if together < FEWEST_CUSTOMERS:
        raise CannotAnswer(
            WORDS.text("few with two products", together=together, fewest_customers=FEWEST_CUSTOMERS)
        )
    return bought, split


def read_purchases(shop: Shop) -> Purchases:
    """Read the purchases of a shop (`helpers.data.Shop`); cancelled orders are left out.

    Times are read only when the shop has them. A product bought twice in one order counts once.
    """
    dated = not shop.missing("orders.placed_at")
    kept = purchases(shop).select("order_id", "customer_id", *(["placed_at"] if dated else []))
    lines = shop["order_lines"].select("order_id", "item_id").join(kept, "order_id")
    log = lines.drop("order_id").distinct().to_pyarrow()
    customer, customers = _numbered(log["customer_id"])
    item, items = _numbered(log["item_id"])
    rows = pd.DataFrame({"customer": customer, "item": item})
    if dated:
        rows["placed_at"] = log["placed_at"].to_pandas().to_numpy("datetime64[us]")
    rows = rows.sort_values([*reversed(rows.columns)], ignore_index=True)
    about = _about(shop, items)
    return Purchases(
        rows=rows,
        customers=customers,
        items=items,
        sellers=about["seller_id"].to_numpy(object),
        categories=about["category"].to_numpy(object),
        segments=_segments(shop, customers),
    )


def _numbered(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct ids in sorted order; strings are compared once an id, not once a row."""
    coded = column.combine_chunks().dictionary_encode()
    ids = coded.dictionary.to_numpy(zero_copy_only=False).astype(object)
    order = np.argsort(ids)
    place = np.empty(len(ids), np.int32)
    place[order] = np.arange(len(ids), dtype=np.int32)
    return place[coded.indices.to_numpy()], ids[order]


def _about(shop: Shop, items: np.ndarray) -> pd.DataFrame:
    """Return seller and category of each product, in the order of `items`, None where unknown."""
    facts = shop["items"].select("item_id", "seller_id", "category").order_by(ibis.asc("item_id"))
    frame = facts.to_pandas().set_index("item_id").reindex(items).astype(object)
    return frame.where(frame.notna(), None)


def _segments(shop: Shop, customers: np.ndarray) -> np.ndarray | None:
    """Return "age band, gender" of each customer, in the order of `customers`."""
    known = [name for name in ("age_band", "gender") if not shop.missing(f"customers.{name}")]
    if not known:
        return None
    frame = shop["customers"].select("customer_id", *known).to_pandas().set_index("customer_id")
    words = frame.reindex(customers)[known].astype(object)
    words = words.where(words.notna(), "unknown")
    return words.agg(", ".join, axis=1).to_numpy(object)


def read_ties(shop: Shop, bought: Purchases, split: Split) -> csr_array:
    """Return the ties that stood at the cut between the customers of a split, with their strength.

    Float32, symmetric, customers x customers; 1 where the strength is unknown. Without a cut, all ties.
    Raises LeakageError should a tie of after the cut slip in.
    """
    rows = shop["ties"]
    if split.cut_at is not None:
        moment = ibis.literal(split.cut_at, type="timestamp(6)")
        rows = rows.filter(rows.since_at.isnull() | (rows.since_at < moment))
        rows = rows.filter(rows.until_at.isnull() | (rows.until_at >= moment))
    log = rows.select("customer_a", "customer_b", "since_at", "strength").to_pyarrow()
    audit_features({"ties": pc.max(log["since_at"]).as_py()}, split.cut_at)
    names = bought.customers[split.customers]
    a, b = _places(log["customer_a"], names), _places(log["customer_b"], names)
    strength = pc.fill_null(log["strength"], 1.0).to_numpy().clip(1e-6)
    kept = (a >= 0) & (b >= 0) & (a != b)
    a, b, strength = a[kept], b[kept], strength[kept]
    key, first = np.unique(
        np.minimum(a, b) * np.int64(len(split.customers)) + np.maximum(a, b), return_index=True
    )
    ends = np.divmod(key, len(split.customers))
    size = (len(split.customers),) * 2
    half = csr_array((strength[first].astype(np.float32), ends), shape=size)
    return csr_array(half + half.T)


def read_liked(shop: Shop, bought: Purchases, split: Split) -> csr_array | None:
    """Return where customers had rated a product 4 or 5 of 5 before the cut; None without ratings."""
    needed = ("reviews.rating", "reviews.item_id", *(() if split.cut_at is None else ("reviews.posted_at",)))
    if shop.missing(*needed):
        return None
    rows = shop["reviews"].filter(lambda row: row.rating >= LIKED_FROM)
    if split.cut_at is not None:
        rows = rows.filter(rows.posted_at < ibis.literal(split.cut_at, type="timestamp(6)"))
    log = rows.select("customer_id", "item_id", "posted_at").to_pyarrow()
    audit_features({"ratings": pc.max(log["posted_at"]).as_py()}, split.cut_at)
    who = _places(log["customer_id"], bought.customers[split.customers])
    names = bought.items[split.items]
    order = np.argsort(names)
    spot = _places(log["item_id"], names[order])
    kept = (who >= 0) & (spot >= 0)
    liked = csr_array(
        (np.ones(kept.sum(), np.float32), (who[kept], order[spot[kept]])), shape=split.train.shape
    )
    liked.sum_duplicates()
    liked.data[:] = 1
    return liked


def _places(ids: pa.ChunkedArray, names: np.ndarray) -> np.ndarray:
    """Return the position of each id among the names, -1 for one that is not among them."""
    found = pc.index_in(ids, value_set=pa.array(names, ids.type))
    return pc.fill_null(found, -1).to_numpy()
