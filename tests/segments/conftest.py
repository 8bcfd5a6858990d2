"""A small demo market as a shop, once for all tests of the chapter."""

import pytest

from market import simulate
from tests.conftest import write_shop


@pytest.fixture(scope="session")
def market():
    return simulate(customers=4000, seed=3)


@pytest.fixture(scope="session")
def shop(market, tmp_path_factory):
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    return write_shop(tables, tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="session")
def bare_shop(market, tmp_path_factory):
    """Only the four required tables, and of them only the columns that everyone has."""
    kept = {
        "customers": ["customer_id", "joined_at"],
        "items": ["item_id"],
        "orders": ["order_id", "customer_id", "placed_at", "status"],
        "order_lines": ["order_id", "line_number", "item_id", "quantity"],
    }
    tables = {name: market.tables[name].to_pandas()[columns] for name, columns in kept.items()}
    return write_shop(tables, tmp_path_factory.mktemp("bare"))
