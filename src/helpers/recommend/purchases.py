"""Who bought what and when: the only thing that every recommender here learns from."""

from __future__ import annotations

from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Purchases:
    """The purchases of a shop, with customers and products as whole numbers.

    rows: customer, item (int32 positions in `customers` and `items`) and, where the shop has times,
    placed_at (datetime64, UTC); one row a customer, product and time. customers, items: sorted ids.
    sellers, categories: for each product its seller's and category's name (object, None where unknown).
    segments: for each customer age band and gender as words (object), None where the shop knows neither.
    """

    rows: pd.DataFrame = field(repr=False)
    customers: np.ndarray = field(repr=False)
    items: np.ndarray = field(repr=False)
    sellers: np.ndarray = field(repr=False)
    categories: np.ndarray = field(repr=False)
    segments: np.ndarray | None = field(default=None, repr=False)

    @property
    def dated(self) -> bool:
        """Whether it is known when each purchase was made."""
        return "placed_at" in self.rows


def read_purchases(shop) -> Purchases:
    """Read the purchases of a shop (`helpers.data.Shop`); cancelled orders are left out.

    Times are read only when the shop has them. A product bought twice in one order counts once.
    """
    dated = not shop.missing("orders.placed_at")
    kept = shop["orders"].filter(lambda t: t.status.isnull() | (t.status != "cancelled"))
    kept = kept.select("order_id", "customer_id", *(["placed_at"] if dated else []))
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


def _about(shop, items: np.ndarray) -> pd.DataFrame:
    """Return seller and category of each product, in the order of `items`, None where unknown."""
    facts = shop["items"].select("item_id", "seller_id", "category").order_by(ibis.asc("item_id"))
    frame = facts.to_pandas().set_index("item_id").reindex(items).astype(object)
    return frame.where(frame.notna(), None)


def _segments(shop, customers: np.ndarray) -> np.ndarray | None:
    """Return "age band, gender" of each customer, in the order of `customers`."""
    known = [name for name in ("age_band", "gender") if not shop.missing(f"customers.{name}")]
    if not known:
        return None
    frame = shop["customers"].select("customer_id", *known).to_pandas().set_index("customer_id")
    words = frame.reindex(customers)[known].astype(object)
    words = words.where(words.notna(), "unknown")
    return words.agg(", ".join, axis=1).to_numpy(object)
