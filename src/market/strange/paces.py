"""Purchases of customers with own paces on a clock of the trade, lived on beyond the end for the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

START = pd.Timestamp("2022-12-31 16:00")  # midnight on the shop's clock, as all times in UTC
AHEAD_DAYS, SOON_DAYS = 365, 90


@dataclass(frozen=True, kw_only=True)
class Paces:
    """How customers buy. days: seen; before_days: lived before the data begin, unseen.

    pace: mean purchases a day on the clock, and the shape of its gamma distribution. leaving: Beta parameters
    of the own chance of leaving after a purchase but the first; None: nobody leaves. pausing: chance of a
    pause after a purchase, and its mean length in days. busy: twelve factors of the pace by month.
    growth_percent: a month.
    """

    days: int
    before_days: int = 0
    pace: tuple[float, float] = (1 / 50, 0.8)
    leaving: tuple[float, float] | None = (0.8, 4.0)
    pausing: tuple[float, float] = (0.0, 1.0)
    busy: tuple[float, ...] = (1.0,) * 12
    growth_percent: float = 0.0

    def clock(self) -> np.ndarray:
        """Return how far the clock has run at the end of each day, from `before_days` before the start."""
        every = np.arange(-self.before_days, self.days + AHEAD_DAYS)
        month = (START + pd.Timedelta(hours=8) + pd.to_timedelta(every, unit="D")).month.to_numpy()
        growth = (1 + self.growth_percent / 100) ** (every / 30.4)
        return np.cumsum(np.asarray(self.busy)[month - 1] * growth)


def live(rng: np.random.Generator, paces: Paces, *, customers: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the customer and the day since the start (below 0 before it) of each purchase.

    Customers join evenly until two months before the end.
    """
    ran = paces.clock()
    mean, shape = paces.pace
    pace = rng.gamma(shape, mean / shape, customers)
    gone = np.zeros(customers) if paces.leaving is None else rng.beta(*paces.leaving, customers)
    joined = rng.integers(0, paces.before_days + paces.days - 60, customers)
    here, moment = np.arange(customers), ran[joined] - rng.random(customers) * 0.5
    owners, places = [here], [joined]
    while len(here):
        moment[here] += rng.exponential(1.0, len(here)) / np.maximum(pace[here], 1e-9)
        place = np.searchsorted(ran, moment[here])
        here, place = here[place < len(ran)], place[place < len(ran)]
        owners.append(here)
        places.append(place)
        stays = rng.random(len(here)) >= gone[here]
        pauses = rng.random(len(here)) < paces.pausing[0]
        resumed = np.minimum(place + rng.exponential(paces.pausing[1], len(here)), len(ran) - 1).astype(int)
        moment[here[pauses]] = ran[resumed[pauses]]
        here = here[stays]
    return np.concatenate(owners), np.concatenate(places) - paces.before_days


def to_come(owner: np.ndarray, day: np.ndarray, *, days: int) -> dict[str, float | dict[str, float]]:
    """Return what those who were seen to buy did after the end: finding id to its true value."""
    seen = np.unique(owner[(day >= 0) & (day < days)])
    known = np.isin(owner, seen) & (day >= days)
    bought = np.unique(np.column_stack([owner, day])[known], axis=0)  # orders of one day are one purchase
    soon = bought[:, 1] < days + SOON_DAYS
    return {
        "B9.purchases_to_come": len(bought) / len(seen),
        "B9.buy_again": 100.0 * len(np.unique(bought[:, 0])) / len(seen),
        "C1.expected_orders": {f"{SOON_DAYS} days": 100.0 * soon.sum() / len(seen)},
    }
