"""The same by pandas (cohorts) and lifetimes: a fifth of the customers, and all of them by weights."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

_PART = 5


def cohort_matrix(folder: Path, customers: int) -> None:
    """Read the two columns, group, and compare with our cells."""
    path = folder / "shop" / "accepted" / "orders.parquet"
    orders = pd.read_parquet(path, columns=["customer_id", "placed_at"])
    local = orders["placed_at"] + pd.Timedelta(hours=8)
    orders["month"] = local.dt.year * 12 + local.dt.month - 1
    orders["cohort"] = orders.groupby("customer_id")["month"].transform("min")
    once = orders[["customer_id", "cohort", "month"]].drop_duplicates()
    cells = once.groupby(["cohort", "month"]).size().rename("active").reset_index()
    ours = pd.read_parquet(folder / "cohort_cells.parquet")
    ours["cohort"] = ours["cohort_month"].dt.year * 12 + ours["cohort_month"].dt.month - 1
    ours["month"] = ours["cohort"] + ours["months_since"]
    both = ours.merge(cells, on=["cohort", "month"], how="left", suffixes=("", "_theirs"))
    alike = (both["active"] == both["active_theirs"].fillna(0)).all()
    print(f"{len(cells):,} cells; those we give are {'identical' if alike else 'DIFFERENT'}")


def purchase_model(folder: Path, customers: int) -> float:
    """Fit BG/NBD by lifetimes to a fifth of the customers, then both predictions."""
    frame = pd.read_parquet(folder / "histories.parquet").head(customers // _PART)
    return _fitted(frame.assign(weight=1))


def purchase_model_weighted(folder: Path, customers: int) -> float:
    """The same of all customers, each history once with the number of its customers as its weight."""
    return _fitted(pd.read_parquet(folder / "histories.parquet"), weighted=True)


def _fitted(frame: pd.DataFrame, *, weighted: bool = False) -> float:
    from lifetimes import BetaGeoFitter

    clock, customers = time.process_time(), len(frame)
    if weighted:
        frame = frame.groupby(["repeats", "last", "age"]).size().rename("weight").reset_index()
    known = (frame["repeats"], frame["last"], frame["age"])
    model = BetaGeoFitter().fit(*known, weights=frame["weight"])
    model.conditional_probability_alive(*known)
    model.conditional_expected_number_of_purchases_up_to_time(13, *known)
    used = time.process_time() - clock
    found = ", ".join(f"{name} {value:.4f}" for name, value in model.params_.items())
    print(f"{customers:,} customers, {len(frame):,} rows: {found} in {used:.1f} CPU s")
    return used


STAGES = (cohort_matrix, purchase_model, purchase_model_weighted)
