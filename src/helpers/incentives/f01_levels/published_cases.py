"""Published trials of rewards for referrals and of sharing itself, lived in the simulation as set up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from helpers.incentives.simulated_mechanisms import NONE, Lived
from methods.simulate.incentive_weeks import simulate_weeks
from methods.simulate.levers import ShopNumbers, levers_of

_LOTTERY = "Li and others, Management Science, doi 10.1287/mnsc.2024.05685"
_FEATURES = "Aral and Walker, Management Science 2011, doi 10.1287/mnsc.1110.1421"
_WEEKS, _DRAWS, _SPREAD = 8, 32, 0.05
_MOST = 1 + 4 * _SPREAD
_HELD = ("share_effect", "sight_effect")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A trial's change of friends who come altogether, %, where it says so, and from where it began.

    begins: how many times today's sharing. A feature for sharing began without it, so today's is the end.
    """

    percent: float
    source: str
    begins: float = 1.0


# Personal invitations brought 98 % more, of what came without either, beside the broadcast's 246 %.
CASES = {
    "a lottery for the sender": Case(percent=20.9, source=_LOTTERY),
    "a lottery for the receiver": Case(percent=-12.3, source=_LOTTERY),
    "a broadcast to all friends": Case(percent=246.0, source=_FEATURES, begins=1 / 4.44),
    "a broadcast and personal invitations": Case(percent=344.0, source=_FEATURES, begins=1 / 4.44),
}


def published_cases(lived: Lived, *, seed: int = 1) -> Iterator[tuple[str, NDArray[np.float64], Case]]:
    """Yield each case: its name, % more referrals in each draw, and what was published.

    Referrals are friends who join. Set is the part of orders that is shared, as the trial changed referrals,
    with 5 % of error (their abstracts state no interval), and the rest of the shop stays as it was fitted;
    whether as many come, when shares set off orders and those shares, is what the simulation answers. A case
    that would need more shares than there are orders is left out.
    """
    room = _room(lived)
    posed = {name: one for name, one in CASES.items() if room > one.begins * (1 + one.percent / 100) * _MOST}
    if not posed:
        return
    around = np.random.default_rng(seed).normal(0.0, _SPREAD, _DRAWS)
    rows: dict[str, dict[str, NDArray[np.float64]]] = {NONE: {}}
    for begins in dict.fromkeys(one.begins for one in posed.values() if one.begins != 1.0):
        rows[f"{NONE} {begins}"] = {"shares": np.full(_DRAWS, _lever(lived, begins))}
    for name, one in posed.items():
        times = one.begins * (1 + one.percent / 100) * (1 + around)
        rows[name] = {"shares": np.array([_lever(lived, each) for each in times])}
    own = lived.shop.numbers(_DRAWS)
    own["joins"] = own.get("joins", np.full(_DRAWS, 0.01))
    held = {name: values[:_DRAWS] for name, values in lived.drawn.items() if name in _HELD}
    found = simulate_weeks(
        lived.shop.today.population,
        ShopNumbers(**{**held, **own}),
        levers_of(rows),
        incentives=len(rows),
        weeks=_WEEKS,
        seed=seed,
    )
    joins = dict(zip(rows, found["joins"].T, strict=True))
    for name, one in posed.items():
        first = joins[NONE if one.begins == 1.0 else f"{NONE} {one.begins}"]
        yield name, 100 * (joins[name] / np.maximum(first, 1e-12) - 1), one


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
