"""A shop of a few tables whose customers were drawn to activities by a coin."""

from __future__ import annotations

import numpy as np
import pandas as pd

START, END = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-31")


def people(size: int) -> pd.DataFrame:
    """Customers who have all joined at the start."""
    names = [f"c{number:05d}" for number in range(size)]
    return pd.DataFrame({"customer_id": names, "joined_at": START})


def lots(customers: pd.DataFrame, kind: str, arms, *, day=60.0, planned=None) -> pd.DataFrame:
    """One lot a customer. arms: text a customer. day: when, days from the start."""
    rows = len(customers)
    return pd.DataFrame(
        {
            "activity_id": [f"{kind}{number:05d}" for number in range(rows)],
            "customer_id": customers["customer_id"].to_numpy(),
            "kind": kind,
            "arm": arms,
            "planned_share": np.full(rows, 0.5) if planned is None else planned,
            "happened_at": START + pd.to_timedelta(np.broadcast_to(day, rows), unit="D"),
        }
    )


def orders(customer_ids, day) -> dict[str, pd.DataFrame]:
    """Orders of one line each, with the items they need."""
    rows = len(customer_ids)
    names = [f"o{number:06d}" for number in range(rows)]
    placed = START + pd.to_timedelta(np.broadcast_to(day, rows), unit="D")
    return {
        "orders": pd.DataFrame({"order_id": names, "customer_id": list(customer_ids), "placed_at": placed}),
        "order_lines": pd.DataFrame(
            {"order_id": names, "line_number": 1, "item_id": "i1", "quantity": 1, "unit_price_cents": 1_000}
        ),
        "items": pd.DataFrame({"item_id": ["i1"], "category": "tea"}),
    }


def found(answer) -> dict:
    """Findings by id and segment."""
    return {finding.key: finding for finding in answer.findings}
