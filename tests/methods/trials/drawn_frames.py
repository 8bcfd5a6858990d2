"""A frame of a drawn test that several tests read, and frames of it with groups."""

from __future__ import annotations

import numpy as np
import pandas as pd


def shop_test() -> pd.DataFrame:
    """2,000 customers in two arms: orders before, visits, orders, money spent (seed 7)."""
    rng = np.random.default_rng(7)
    rows = 2_000
    arm = np.tile([0, 1], rows // 2)
    before = rng.poisson(3, rows)
    visits = 1 + rng.poisson(1 + before / 2)
    orders = rng.binomial(visits, 0.25 + 0.03 * arm)
    spent = np.where(orders > 0, rng.lognormal(3, 1, rows) * orders, 0.0)
    columns = {"arm": arm, "before": before, "visits": visits, "orders": orders, "spent": spent}
    return pd.DataFrame(columns).astype(float)
