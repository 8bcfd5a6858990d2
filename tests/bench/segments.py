"""Value and habit segments at size: twenty orders a customer with their lines."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.random_shop import random_orders

LIBRARIES = ("helpers.segments", "ibis.backends.duckdb", "pandas")


def segments(folder: Path, customers: int) -> None:
    """Recency, frequency, spend, taste, hours and prices; mixtures of 2 to 8 groups, judged by bootstraps."""
    from helpers.data import open_shop
    from helpers.data.customer_features import customer_features
    from helpers.data.customer_history import last_day
    from methods.customers.clustering import group

    shop = open_shop(str(folder / "shop"))
    clock = time.process_time()
    features = customer_features(shop, until=last_day(shop))
    described = time.process_time() - clock
    found = group(features.matrix, learn=features.plain["purchases"].to_numpy() > 1, seed=1)
    grouped = time.process_time() - clock - described
    print(f"features {described:.1f} s, groups and stability {grouped:.1f} s")
    print(f"{found.number} groups, stability {found.runs.rand.mean():.2f}")


STAGES = (random_orders, segments)
