"""Shops of the demo market for the tests, with only the tables that an analysis reads."""

from __future__ import annotations

from market import simulate

REQUIRED = ("customers", "items", "orders", "order_lines")


def market_tables(*, customers: int, seed: int, names: tuple[str, ...], effects=None):
    """Return the required and the named tables of a market as frames, and its truth."""
    market = simulate(customers=customers, seed=seed, effects=effects)
    return {name: market.tables[name].to_pandas() for name in (*REQUIRED, *names)}, market.truth


def by_id(answer) -> dict:
    """Return the findings of an answer by their id."""
    return {finding.id: finding for finding in answer.findings}
