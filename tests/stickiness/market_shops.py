"""Tables of the demo market, simulated once for all tests of this room."""

from __future__ import annotations

import functools

from market import simulate


@functools.cache
def market(customers: int = 2_000, seed: int = 1):
    """Return a market's tables as frames, and its truth."""
    made = simulate(customers=customers, seed=seed)
    return {name: table.to_pandas() for name, table in made.tables.items()}, made.truth


def by_id(answer) -> dict:
    """Return the findings of an answer by their id."""
    return {finding.id: finding for finding in answer.findings}
