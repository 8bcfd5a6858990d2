"""The truth of chapter C: what is planted in circles, leaders, habits and customers' lives."""

from __future__ import annotations

from helpers.data.market.formats import format_truth
from helpers.data.market.world import History, World


def graph_truth(world: World, history: History) -> dict[str, float]:
    """Return the truth of the findings on friends, circles, leaders and roles (C3 to C6)."""
    return format_truth()
