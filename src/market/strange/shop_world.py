"""Strange worlds that fill a shop's tables: the contract's columns, rules of their own, and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

FIRST_DAY = pd.Timestamp("2024-01-01")


@dataclass(frozen=True, kw_only=True)
class ShopWorld:
    """One drawn shop. tables: contract tables by name, columns that are left out are unknown.

    truth: finding id to its true value in the finding's unit, or to a value a segment where it is asked of
    several; other figures of the world stand under names of their own.
    """

    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    truth: Mapping[str, float | Mapping[str, float]]

    def write(self, folder: Path | str) -> Path:
        """Write one Parquet file a table, source.toml and truth.json; return the folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.tables.items():
            frame.to_parquet(folder / f"{name}.parquet", index=False)
        declared = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n'
        (folder / "source.toml").write_text(declared, encoding="utf-8")
        text = json.dumps(dict(self.truth), indent=1, sort_keys=True, ensure_ascii=False)
        (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
        return folder


@dataclass(frozen=True, kw_only=True)
class ShopRules:
    """A family of shops. about: one line. make: (customers, seed) to a shop. customers: as it is checked."""

    about: str
    make: Callable[[int, int], ShopWorld]
    customers: int


def named(letter: str, numbers: np.ndarray) -> np.ndarray:
    """Return ids such as "c00012", one a number, as Python texts."""
    return np.array([f"{letter}{number:05d}" for number in numbers], object)


def trade(
    customer: np.ndarray, placed_at: pd.Series | pd.DatetimeIndex, items: pd.DataFrame, lines: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the four required tables.

    customer: number of the customer, one an order. placed_at: one an order. items: the table of products.
    lines: order (its place among the orders) and item_id, one a product bought.
    """
    orders = pd.DataFrame({"order_id": named("o", np.arange(len(customer)))})
    orders["customer_id"] = named("c", customer)
    orders["placed_at"] = np.asarray(placed_at, "datetime64[us]")
    orders["status"] = "completed"
    return {
        "customers": pd.DataFrame({"customer_id": named("c", np.arange(customer.max() + 1))}),
        "items": items,
        "orders": orders,
        "order_lines": pd.DataFrame(
            {
                "order_id": named("o", lines["order"].to_numpy()),
                "line_number": lines.groupby("order").cumcount().to_numpy() + 1,
                "item_id": lines["item_id"].to_numpy(),
                "quantity": 1,
                "unit_price_cents": 2_000,
            }
        ),
    }
