"""A small demo market as a shop, shared by the tests of chapter 07."""

from __future__ import annotations

import json

import pytest

from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop


@pytest.fixture(scope="session")
def market_shop(tmp_path_factory):
    """Open a demo market of this size and seed as a shop; the market itself beside it."""
    opened = {}

    def open_market(customers=800, seed=1):
        if (customers, seed) not in opened:
            market = simulate(customers=customers, seed=seed)
            folder = tmp_path_factory.mktemp("market")
            tables = {name: table.to_pandas() for name, table in market.tables.items()}
            shop = write_shop(tables, folder, as_of=AS_OF_UTC)
            (folder / "truth.json").write_text(json.dumps(dict(market.truth)))
            opened[customers, seed] = shop, market
        return opened[customers, seed]

    return open_market
