"""Published trials of rewards for referrals, lived in the simulation as they were set up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from helpers.incentives.simulated_mechanisms import NONE, Lived
from methods.simulate.incentive_weeks import simulate_weeks
from methods.simulate.levers import ShopNumbers, levers_of

SOURCE = "Li and others, Management Science, doi 10.1287/mnsc.2024.05685"
# The trial's change of referrals altogether. Set as a change of how often orders are shared, whether as many
# come out, when shares set off orders and those shares, is what the simulation answers.
CASES = {"a lottery for the sender": 20.9, "a lottery for the receiver": -12.3}
_WEEKS, _DRAWS, _SPREAD = 8, 32, 0.05
_HELD = ("share_effect", "sight_effect")


def published_cases(lived: Lived, *, seed: int = 1) -> Iterator[tuple[str, NDArray[np.float64], float, str]]:
    """Yield each case: its name, % more referrals in each draw, the published %, and the source.

    Referrals are friends who join. The trial's abstract states no interval: the part of orders that is
    shared is changed as published, with 5 % of error, and the rest of the shop stays as it was fitted. A
    case that would need more shares than there are orders is left out.
    """
    around = np.random.default_rng(seed).normal(0.0, _SPREAD, _DRAWS)
    rows: dict[str, dict[str, NDArray[np.float64]]] = {NONE: {}}
    posed = {
        name: percent for name, percent in CASES.items() if _room(lived) > 1 + percent / 100 + 4 * _SPREAD
    }
    for name, percent in posed.items():
        times = (1 + percent / 100) * (1 + around)
        rows[name] = {"shares": np.array([_lever(lived, one) for one in times])}
    population = lived.shop.today.population
    own = lived.shop.numbers(_DRAWS)
    own["joins"] = own.get("joins", np.full(_DRAWS, 0.01))
    held = {name: values[:_DRAWS] for name, values in lived.drawn.items() if name in _HELD}
    found = simulate_weeks(
        population,
        ShopNumbers(**{**held, **own}),
        levers_of(rows),
        incentives=len(rows),
        weeks=_WEEKS,
        seed=seed,
    )
    joins = found["joins"]
    for place, (name, percent) in enumerate(posed.items(), start=1):
        yield name, 100 * (joins[:, place] / np.maximum(joins[:, 0], 1e-12) - 1), percent, SOURCE


def _sharing(lived: Lived) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Orders to come and the log odds of sharing one, of each customer."""
    people, offset = lived.shop.today.population, float(np.mean(lived.fitted.get("shares", 0.0)))
    return people.here * people.shape / people.pace, logit(people.share_chance.clip(1e-6, 1 - 1e-6)) + offset


def _room(lived: Lived) -> float:
    """How many times as many orders could be shared, at the very most."""
    orders, own = _sharing(lived)
    return float(orders.sum() / (orders @ expit(own)))


def _lever(lived: Lived, times: float) -> float:
    """What on the log odds of sharing makes shares per order so many times what they are."""
    orders, own = _sharing(lived)
    base = float(orders @ expit(own))
    return float(brentq(lambda lever: orders @ expit(own + lever) - times * base, -10, 10))
