"""The truth of chapter C: what is planted in circles, leaders, habits and customers' lives."""

from __future__ import annotations

import numpy as np

from market.formats import format_truth
from market.settings import WEEKS
from market.world import History, World


def graph_truth(world: World, history: History) -> dict[str, float | dict[str, float]]:
    """Return the truth of the findings on friends, circles, leaders and roles (C3 to C6)."""
    return {"C3.circles": large_circles(world), **format_truth()}


def large_circles(world: World, *, minimum: int = 11) -> float:
    """Return the number of circles of so many customers who have a tie that stands at the end."""
    net = world.network
    standing = net.tie_until > WEEKS
    befriended = np.unique(np.concatenate([net.a[standing], net.b[standing]]))
    return float((np.bincount(net.circle_after[befriended]) >= minimum).sum())
