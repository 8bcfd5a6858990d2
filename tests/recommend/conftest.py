"""Shops whose tastes are known."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tests.taste_shops import draw_taste


@pytest.fixture(scope="session")
def taste_tables() -> Callable[..., dict[str, pd.DataFrame]]:
    """Return a function `(*, seed, taste, customers=…, dated=…) -> tables`; see `draw_taste`."""
    return draw_taste
