"""Cohorts and the purchase model at size."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from tests.bench.random_shop import random_orders

LIBRARIES = ("helpers.data", "ibis.backends.duckdb", "methods.customers.bg_nbd", "pandas")
_WEEKS = 104.0


def cohort_matrix(folder: Path, customers: int) -> None:
    """Count how many customers of each monthly cohort bought in each later month."""
    from helpers.data import monthly_cohorts, open_shop

    cells = monthly_cohorts(open_shop(str(folder / "shop"))).to_pandas()
    cells.to_parquet(folder / "cohort_cells.parquet")
    print(f"{len(cells):,} cells, {int(cells['active'].sum()):,} customer-months")


def purchase_histories(folder: Path, customers: int) -> None:
    """Draw histories from the purchase model itself, with the published CDNOW parameters, to whole days."""
    import pandas as pd

    rng = np.random.default_rng(20)
    rate = rng.gamma(0.243, 1 / 4.414, customers)
    leaving = rng.beta(0.793, 2.426, customers)
    age = np.floor(7 * rng.uniform(0.5 * _WEEKS, _WEEKS, customers)) / 7
    repeats, last, moment = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    here = np.arange(customers)
    while len(here):
        moment[here] += rng.exponential(1.0, len(here)) / np.maximum(rate[here], 1e-12)
        here = here[moment[here] <= age[here]]
        last[here] = np.maximum(np.ceil(7 * moment[here]) / 7, 1 / 7).clip(max=age[here])
        repeats[here] += 1
        here = here[rng.random(len(here)) >= leaving[here]]
    frame = pd.DataFrame({"repeats": repeats, "last": last, "age": age})
    frame.to_parquet(folder / "histories.parquet")


def purchase_model(folder: Path, customers: int) -> float:
    """Fit BG/NBD, then the chance of being still a customer and the orders of the next 13 weeks, for each."""
    import pandas as pd

    from methods.customers.bg_nbd import fit_purchases, histories

    frame = pd.read_parquet(folder / "histories.parquet")
    clock = time.process_time()
    known = histories(frame["repeats"], frame["last"], frame["age"])
    model = fit_purchases(known)
    chance, orders = model.alive(known), model.expected(known, horizon=13.0)
    used = time.process_time() - clock
    print(f"r {model.r:.4f}, alpha {model.alpha:.3f}, a {model.a:.4f}, b {model.b:.4f} in {used:.1f} CPU s")
    print(f"{len(known.weight):,} distinct of {known.customers:,} customers, {orders.sum():,.0f} orders")
    print(f"mean chance of being still a customer {chance.mean():.4f}")
    return used


STAGES = (random_orders, cohort_matrix, purchase_histories, purchase_model)
