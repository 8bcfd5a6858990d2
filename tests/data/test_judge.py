"""The judge against plain pandas: on tables broken at random, the same rows fall for the same reasons."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers.data.load import load
from tests.data.conftest import DECLARED

TODAY = dt.date(2025, 12, 31)
KINDS = ("like", "comment", "click", "reply", "join")


def broken_tables(seed: int) -> dict[str, pd.DataFrame]:
    """Draw six tables of a shop and break about a tenth of the cells."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-01-01")

    def ids(prefix: str, number: int) -> list[str]:
        return [f"{prefix}{n}" for n in range(number)]

    def some(values, size: int):
        return rng.choice(values, size)

    def days(size: int, low: int, high: int):
        return start + pd.to_timedelta(rng.integers(low, high, size), "D")

    customers = pd.DataFrame(
        {
            "customer_id": ids("c", 40),
            "joined_at": days(40, 0, 20),
            "city_tier": some([1, 2, 3, 4, 5, 5, 4, 3, 9], 40),
        }
    )
    items = pd.DataFrame({"item_id": ids("i", 10), "category": "口红"})
    orders = pd.DataFrame(
        {
            "order_id": ids("o", 120),
            "customer_id": some(ids("c", 45), 120),
            "placed_at": days(120, 15, 250),
            "status": some([*["paid", "completed", "cancelled"] * 4, "lost"], 120),
        }
    )
    lines = pd.DataFrame(
        {
            "order_id": some(ids("o", 130), 200),
            "line_number": some([1, 2, 3], 200),
            "item_id": some(ids("i", 11), 200),
            "quantity": some([0, 1, 2, 3, 4, 5, 6], 200),
            "unit_price_cents": some([-5, 100, 200, 300, 400], 200),
        }
    )
    shares = pd.DataFrame(
        {
            "share_id": ids("s", 80),
            "customer_id": some(ids("c", 42), 80),
            "order_id": some([*ids("o", 125), *[None] * 125], 80),
            "posted_at": days(80, 190, 368),
        }
    )
    reactions = pd.DataFrame(
        {
            "reaction_id": ids("r", 150),
            "share_id": some(ids("s", 82), 150),
            "kind": some([*KINDS, "smile"], 150),
            "parent_id": some([*ids("r", 160), *[None] * 600], 150),
            "posted_at": days(150, 300, 369),
        }
    )
    tables = {
        "customers": customers,
        "items": items,
        "orders": orders,
        "order_lines": lines,
        "shares": shares,
        "reactions": reactions,
    }
    for name in ("orders", "order_lines", "shares", "reactions"):
        tables[name] = _spoiled(tables[name], rng)
    return tables


def _spoiled(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    frame = frame.copy()
    for column in frame.columns[1:]:
        frame.loc[rng.random(len(frame)) < 0.03, column] = None
    again = frame.sample(8, random_state=rng)
    changed = frame.sample(8, random_state=rng).assign(
        **{frame.columns[-1]: frame[frame.columns[-1]].iloc[0]}
    )
    return pd.concat([frame, again, changed], ignore_index=True)


class Oracle:
    """The rules written once more, slowly, row by row in plain pandas."""

    def __init__(self, tables: dict[str, pd.DataFrame]) -> None:
        self.kept: dict[str, pd.DataFrame] = {}
        self.given: dict[str, pd.DataFrame] = {}
        self.reasons: dict[str, list[set[str]]] = {}
        self._customers(tables["customers"])
        self._keep("items", tables["items"], [set() for _ in range(len(tables["items"]))])
        self._orders(tables["orders"])
        self._lines(tables["order_lines"])
        self._shares(tables["shares"])
        self._reactions(tables["reactions"])

    def _customers(self, frame):
        found = [{"city_tier: above 5"} if row.city_tier > 5 else set() for row in frame.itertuples()]
        self._keep("customers", frame, found)

    def _orders(self, frame):
        found = self._repeats(frame, ["order_id"])
        joined = self.kept["customers"].set_index("customer_id")["joined_at"]
        for row, why in zip(frame.itertuples(), found, strict=True):
            self._refers(why, row, "customer_id", "customers", needed=True)
            self._missing(why, row, "placed_at", "status")
            if not pd.isna(row.status) and row.status == "lost":
                why.add("status: not one of paid, shipped, completed, cancelled, refunded")
            self._times(why, row, "placed_at", {"customers.joined_at": joined.get(row.customer_id)})
        self._keep("orders", frame, found)

    def _lines(self, frame):
        found = self._repeats(frame, ["order_id", "line_number"])
        for row, why in zip(frame.itertuples(), found, strict=True):
            self._refers(why, row, "order_id", "orders", needed=True)
            self._refers(why, row, "item_id", "items", needed=True)
            self._missing(why, row, "line_number", "quantity", "unit_price_cents")
            if row.quantity < 1:
                why.add("quantity: below 1")
            if row.unit_price_cents < 0:
                why.add("unit_price_cents: below 0")
        self._keep("order_lines", frame, found)

    def _shares(self, frame):
        found = self._repeats(frame, ["share_id"])
        placed = self.kept["orders"].set_index("order_id")["placed_at"]
        for row, why in zip(frame.itertuples(), found, strict=True):
            self._refers(why, row, "customer_id", "customers", needed=True)
            self._refers(why, row, "order_id", "orders")
            self._missing(why, row, "posted_at")
            self._times(why, row, "posted_at", {"orders.placed_at": placed.get(row.order_id)})
        self._keep("shares", frame, found)

    def _reactions(self, frame):
        found = self._repeats(frame, ["reaction_id"])
        posted = self.kept["shares"].set_index("share_id")["posted_at"]
        for row, why in zip(frame.itertuples(), found, strict=True):
            self._refers(why, row, "share_id", "shares", needed=True)
            self._missing(why, row, "kind", "posted_at")
            if not pd.isna(row.kind) and row.kind not in KINDS:
                why.add(f"kind: not one of {', '.join(KINDS)}")
            self._times(why, row, "posted_at", {"shares.posted_at": posted.get(row.share_id)})
        known = set(frame["reaction_id"])
        while True:
            alive = {row.reaction_id for row, why in zip(frame.itertuples(), found, strict=True) if not why}
            orphans = [
                (why, self._dangling("parent_id", "reactions", row.parent_id in known))
                for row, why in zip(frame.itertuples(), found, strict=True)
                if not pd.isna(row.parent_id) and row.parent_id not in alive
            ]
            if all(reason in why for why, reason in orphans):
                break
            for why, reason in orphans:
                why.add(reason)
        self._keep("reactions", frame, found)

    def _keep(self, name, frame, found):
        self.reasons[name], self.given[name] = found, frame
        self.kept[name] = frame[[not why for why in found]]

    @staticmethod
    def _repeats(frame, key):
        found = []
        for row in frame.itertuples(index=False):
            same = frame[(frame[key] == [getattr(row, name) for name in key]).all(axis=1)]
            differing = [name for name in same if len(same[name].drop_duplicates()) > 1]
            said = f"{' and '.join(key)}: given to rows that differ in"
            found.append({f"{said} {name}" for name in differing})
        again = frame.duplicated(keep="first") & frame[key].notna().all(axis=1)
        for position in np.flatnonzero(again):
            if not found[position]:
                found[position].add(f"{' and '.join(key)}: the same row again")
        return found

    def _refers(self, why, row, column, table, *, needed=False):
        value = getattr(row, column)
        if pd.isna(value):
            if needed:
                why.add(f"{column}: missing")
        elif value not in set(self.kept[table].iloc[:, 0]):
            why.add(self._dangling(column, table, value in set(self.given[table].iloc[:, 0])))

    @staticmethod
    def _dangling(column, table, refused):
        return f"{column}: {'was refused in' if refused else 'names none of the accepted'} {table}"

    @staticmethod
    def _missing(why, row, *columns):
        why |= {f"{column}: missing" for column in columns if pd.isna(getattr(row, column))}

    @staticmethod
    def _times(why, row, column, earlier):
        time = getattr(row, column)
        if pd.isna(time):
            return
        if time >= pd.Timestamp(TODAY) + pd.Timedelta(days=2):
            why.add(f"{column}: in the future")
        why |= {
            f"{column}: before {name}"
            for name, other in earlier.items()
            if other is not None and time < other
        }


@pytest.mark.parametrize("seed", range(2))
def test_the_same_rows_are_refused_for_the_same_reasons(tmp_path, seed):
    tables = broken_tables(seed)
    oracle = Oracle(tables)
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, frame in tables.items():
        # With holes a column of whole numbers turns into fractions, whose unit would have to be declared.
        money = {column: "Int64" for column in frame if column.endswith("_cents")}
        frame.astype(money).to_parquet(folder / f"{name}.parquet", index=False)
    load(folder, out=tmp_path / "out", max_rejected_share=1.0, today=TODAY, **DECLARED)
    for name, why in oracle.reasons.items():
        quarantine = pd.read_parquet(tmp_path / "out" / "quarantine" / f"{name}.parquet")
        found = {
            line: set(text.split("; "))
            for line, text in zip(quarantine["line"], quarantine["reasons"], strict=True)
        }
        assert found == {line: reasons for line, reasons in enumerate(why, 1) if reasons}, name
        kept = pd.read_parquet(tmp_path / "out" / "accepted" / f"{name}.parquet")
        key = list(tables[name].columns[:1])
        assert kept[key].to_numpy().tolist() == oracle.kept[name][key].to_numpy().tolist()
    assert all(len(kept) > 5 for kept in oracle.kept.values())
    refused = sum(1 for why in oracle.reasons.values() for reasons in why if len(reasons) > 1)
    assert refused > 20
