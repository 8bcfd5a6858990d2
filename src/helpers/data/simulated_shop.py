"""A shop fitted for simulation: numbers under which its last weeks, lived again, look as they did."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from helpers.data.purchase_history import last_seen_day
from helpers.data.shop import Shop
from helpers.data.shop_moments import shop_moments
from helpers.data.simulated_people import WEEK_DAYS, SimulatedPeople, simulated_people
from methods.simulate.incentive_weeks import Weeks, simulate_weeks
from methods.simulate.levers import Levers, ShopNumbers
from methods.simulate.moments_fit import MomentsFit, fit_moments
from methods.simulate.population import Population

FITTED_WEEKS = 16
# How far each number may lie from what the customers' histories say, before the last weeks are looked at.
_BOX = {
    "orders": (-0.9, 0.9),
    "shares": (-1.5, 1.5),
    "likes": (-1.0, 1.0),
    "leaving": (-1.5, 1.0),
}
_WAVES = 3
_NUMBER_OF = {"returns": "leaving"}


@dataclass(frozen=True, kw_only=True)
class SimulatedShop:
    """The customers of today and the fitted numbers.

    today: who takes part from now on. fit: draws of the numbers `fitted` names. moments: one row a moment:
    moment, observed, error, simulated, spread.
    """

    today: SimulatedPeople
    fit: MomentsFit = field(repr=False)
    fitted: tuple[str, ...]
    moments: pd.DataFrame = field(repr=False)

    def numbers(self, draws: int) -> dict[str, NDArray[np.float64]]:
        """The fitted numbers of so many draws, float (draws,) each."""
        rows = self.fit.draws[np.arange(draws) % len(self.fit.draws)]
        return dict(zip(self.fitted, rows.T, strict=True))


def simulated_shop(
    shop: Shop, *, in_force: Levers, held: ShopNumbers, at_likes: int, draws: int = 128, seed: int = 1
) -> SimulatedShop:
    """Return the shop fitted to its last 16 weeks.

    in_force: the incentive that it had in them. held: numbers that the fit leaves as they are. at_likes: as
    in `simulated_people`. draws: of each wave of `fit_moments`. Raises CannotAnswer where the tables hold too
    little, or no simulated shop comes near.
    """
    shop = shop.while_known("shares", "reactions")
    until = last_seen_day(shop)
    start = until - WEEK_DAYS * FITTED_WEEKS
    before = simulated_people(shop, until=start, at_likes=at_likes, seed=seed)
    moments = shop_moments(shop, before.names, start=start, weeks=FITTED_WEEKS)
    fitted = tuple(_NUMBER_OF.get(name, name) for name in moments["moment"])

    def simulate(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        changed = dict(zip(fitted, numbers.T, strict=True))
        shop_numbers = ShopNumbers(**{**_held(held), **changed})
        found = simulate_weeks(
            before.population, shop_numbers, in_force, incentives=1, weeks=FITTED_WEEKS, seed=seed
        )
        return np.column_stack([_moment(found, name) for name in moments["moment"]])

    observed = moments.set_index("moment")["observed"]
    box = np.array([_ends(name, observed, before.population) for name in fitted])
    fit = fit_moments(
        simulate,
        lower=box[:, 0],
        upper=box[:, 1],
        observed=moments["observed"],
        errors=moments["error"],
        names=moments["moment"].tolist(),
        draws=draws,
        waves=_WAVES,
        seed=seed,
    )
    today = simulated_people(shop, until=until, at_likes=at_likes, seed=seed)
    told = moments.assign(simulated=fit.reached[:, 1], spread=fit.reached[:, 2])
    return SimulatedShop(today=today, fit=fit, fitted=fitted, moments=told)


def _ends(name: str, observed: pd.Series, population: Population) -> tuple[float, float]:
    """The box of a number; joins and coupons are read off what was observed, so that theirs is narrow."""
    if name == "coupons":
        middle = float(logit(np.clip(observed["coupons"], 1e-4, 0.99)))
        return middle - 1.0, middle + 1.0
    if name == "joins":
        friends = population.ties.degrees
        told = observed["joins"] / max(float(np.average(friends, weights=friends + 1e-9)), 1.0)
        return 0.2 * told, 5.0 * told
    return _BOX[name]


def _held(numbers: ShopNumbers) -> dict[str, NDArray[np.float64] | float]:
    """Middles of the numbers that are not fitted."""
    return {name: float(np.mean(value)) for name, value in vars(numbers).items()}


def _moment(found: Weeks, name: str) -> NDArray[np.float64]:
    orders, shares = found["orders"][:, 0], np.maximum(found["shares"][:, 0], 1.0)
    if name == "orders":
        return orders / found.customers / found.weeks
    if name == "shares":
        return shares / np.maximum(orders, 1.0)
    if name in ("likes", "joins"):
        return found[name][:, 0] / shares
    if name == "coupons":
        return found["coupon_orders"][:, 0] / np.maximum(orders, 1.0)
    return found["returned"][:, 0] / np.maximum(found["returnable"][:, 0], 1.0)
