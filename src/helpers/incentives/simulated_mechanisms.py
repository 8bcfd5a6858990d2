"""Incentives lived on side by side in the shop's own graph, every number drawn from what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from helpers.data.purchase_history import last_seen_day
from helpers.data.shop import Shop
from helpers.data.shop_moments import shop_moments
from helpers.data.shop_pace import (
    ASKS_WEEKS,
    CASHBACK_WEEKS,
    WEEK_DAYS,
    ShopPace,
    again_after_share,
    control_orders,
)
from helpers.data.simulated_people import simulated_people
from helpers.data.simulated_shop import FITTED_WEEKS, SimulatedShop, simulated_shop
from helpers.incentives.measured_numbers import with_measured, with_payments
from helpers.incentives.scenario import Mechanism, Number, Scenario, read_scenario
from helpers.report import CannotAnswer, Finding
from helpers.report.words import words_beside
from methods.simulate.incentive_weeks import Weeks, simulate_weeks
from methods.simulate.levers import Levers, ShopNumbers, levers_of

WORDS = words_beside(__file__)

NONE = "none of these"
_FIT_DRAWS = 64


@dataclass(frozen=True, kw_only=True)
class Lived:
    """Weeks under each mechanism, the first being none of them.

    names: of the columns of weeks. drawn: numbers of the scenario by name, float (draws,) each. fitted: those
    of the shop. order_value: in the shop's money, or 1 without prices; priced: whether there are any.
    """

    scenario: Scenario = field(repr=False)
    shop: SimulatedShop = field(repr=False)
    weeks: Weeks = field(repr=False)
    names: tuple[str, ...]
    drawn: dict[str, NDArray[np.float64]] = field(repr=False)
    fitted: dict[str, NDArray[np.float64]] = field(repr=False)
    order_value: float
    priced: bool

    def added(self, measure: str) -> NDArray[np.float64]:
        """What each mechanism adds to a measure, float (draws, mechanisms); none of them adds 0."""
        values = self.weeks[measure]
        return values - values[:, :1]

    def per_100(self, measure: str) -> NDArray[np.float64]:
        """The same per 100 customers; orders of a part of the circles with the error of having drawn it."""
        found = 100 * self.added(measure) / self.weeks.customers
        if measure == "orders" and self.shop.today.part < 1:
            rng = np.random.default_rng(1)
            found = found + self.sampling_error() * rng.standard_normal(found.shape)
        return found

    def sampling_error(self) -> NDArray[np.float64]:
        """Standard error of orders added per 100 customers that comes from simulating some circles only."""
        change = (self.weeks.by_circle - self.weeks.by_circle[:, :1]).mean(axis=0)
        sizes = np.bincount(self.shop.today.population.circle, minlength=change.shape[1])
        mean = change.sum(axis=1, keepdims=True) / sizes.sum()
        left = 1 - self.shop.today.part
        return 100 * np.sqrt(left * ((change - mean * sizes) ** 2).sum(axis=1)) / sizes.sum()

    def worth(self) -> NDArray[np.float64]:
        """Margin added less what is paid and what is lost with customers, money per 100 customers."""
        kept = self.per_100("orders") - self.drawn["orders_lost"][:, None] * self.per_100("customers_lost")
        return self.order_value * (self.drawn["margin"][:, None] * kept - self.per_100("paid"))

    def unknown(self) -> dict[str, NDArray[np.float64]]:
        """Every number that is not known for sure."""
        return {**self.drawn, **self.fitted}


def live_on(
    shop: Shop,
    *,
    earlier: Iterable[Finding] = (),
    scenario: str = "",
    mechanisms: Sequence[Mechanism] = (),
    outcome_days: int = 90,
    weeks: int = 13,
    draws: int = 128,
    seed: int = 1,
) -> Lived:
    """Return the weeks to come under each mechanism of a scenario, on the shop's own customers and ties.

    earlier: findings of this run, which take the place of ranges. mechanisms: instead of the scenario's own.
    outcome_days: of chapter 03. draws: of every number at once (Sobol points). Raises CannotAnswer as
    `simulated_shop` does.
    """
    given = read_scenario(scenario).for_currency(shop.currency)
    shop = shop.while_known("shares", "reactions")
    until = last_seen_day(shop)
    pace = _pace(shop, given, until=until, outcome_days=outcome_days, seed=seed)
    known = with_measured(given, earlier, pace)
    fitted = _fitted(shop, known, seed=seed)
    if mechanisms:
        known = with_measured(replace(known, mechanisms=tuple(mechanisms)), earlier, pace)
    cents = fitted.today.order_cents
    known = with_payments(known, earlier, order_value=cents / 100)
    if not fitted.today.population.ties.count:
        alone = tuple(one for one in known.mechanisms if not one.needs_friends)
        known = replace(known, mechanisms=alone)
    if not known.mechanisms:
        raise CannotAnswer(WORDS.text("only friends"))
    open_numbers = known.every_number()
    uniform = qmc.Sobol(len(open_numbers), rng=np.random.default_rng(seed)).random_base2(int(np.log2(draws)))
    drawn = {name: number.at(uniform[:, place]) for place, (name, number) in enumerate(open_numbers.items())}
    numbers = {name: _drawn(name, one, drawn, draws) for name, one in known.numbers.items()}
    own = fitted.numbers(draws)
    levers = _levers(known.mechanisms, drawn, draws)
    lived = simulate_weeks(
        fitted.today.population,
        ShopNumbers(**{**numbers, **own}),
        levers,
        incentives=1 + len(known.mechanisms),
        weeks=weeks,
        seed=seed,
    )
    terms = {name: _drawn(name, one, drawn, draws) for name, one in known.terms.items()}
    return Lived(
        scenario=known,
        shop=fitted,
        weeks=lived,
        names=(NONE, *(one.name for one in known.mechanisms)),
        drawn={**drawn, **terms},
        fitted=own,
        order_value=cents / 100 if np.isfinite(cents) else 1.0,
        priced=bool(np.isfinite(cents)),
    )


def _drawn(
    name: str, number: Number, drawn: dict[str, NDArray[np.float64]], draws: int
) -> NDArray[np.float64]:
    return drawn.get(name, np.full(draws, number.likely))


def _levers(mechanisms: Sequence[Mechanism], drawn: dict[str, NDArray[np.float64]], draws: int) -> Levers:
    rows: dict[str, dict[str, NDArray[np.float64]]] = {NONE: {}}
    for one in mechanisms:
        rows[one.name] = {
            lever: _drawn(one.number_name(lever), number, drawn, draws)
            for lever, number in one.levers.items()
        }
    levels = max((len(one.odds) for one in mechanisms), default=0)
    if not levels:
        return levers_of(rows)
    odds, steps = np.zeros((1, len(rows), levels)), np.full((len(rows), levels - 1), np.inf)
    for place, one in enumerate(mechanisms, start=1):
        odds[0, place, : len(one.odds)] = one.odds
        steps[place, : len(one.steps)] = one.steps
    return levers_of(rows, odds=odds, steps=steps)


def _at_likes(scenario: Scenario) -> int:
    """The likes that a mechanism of the scenario asks for; 20 where none does."""
    found = [one.levers["at_likes"].likely for one in scenario.mechanisms if "at_likes" in one.levers]
    return int(found[0]) if found else 20


def _fitted(shop: Shop, scenario: Scenario, *, seed: int) -> SimulatedShop:
    """The shop fitted to its last weeks, under the mechanism that was in force in them."""
    held = ShopNumbers(**{name: number.likely for name, number in scenario.numbers.items()})
    running = [one for one in scenario.mechanisms if is_in_force(shop, one)]
    levers = _levers(running[:1], {}, 1)
    parts: dict[str, Any] = {name: _last(value) for name, value in vars(levers).items()}
    in_force = Levers(**parts)
    key = ("simulated shop", scenario.file, tuple(one.name for one in running), seed)
    return shop.once(
        key,
        lambda: simulated_shop(
            shop,
            in_force=in_force,
            held=held,
            at_likes=_at_likes(scenario),
            draws=_FIT_DRAWS,
            seed=seed,
        ),
    )


def _last(value: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """The column of the mechanism in force, or of none of them."""
    if value is None:
        return None
    return value[..., -1:, :] if value.ndim == 3 else value[..., -1:]


def is_in_force(shop: Shop, mechanism: Mechanism) -> bool:
    """Whether the shop's tables show that the mechanism was running."""
    if mechanism.in_force_where != "coupons of source threshold" or shop.missing("coupons.source"):
        return False
    coupons = shop["coupons"]
    return bool(coupons.filter(coupons.source == "threshold").count().execute())


def _pace(shop: Shop, scenario: Scenario, *, until: int, outcome_days: int, seed: int) -> ShopPace:
    start = until - WEEK_DAYS * FITTED_WEEKS
    people = simulated_people(shop, until=start, at_likes=_at_likes(scenario), seed=seed)
    moments = shop_moments(shop, people.names, start=start, weeks=FITTED_WEEKS).set_index("moment")[
        "observed"
    ]
    again = again_after_share(shop, until=until, outcome_days=outcome_days)
    chance = people.population.share_chance + 1e-9
    return ShopPace(
        orders=float(moments["orders"]),
        again=again if np.isfinite(again) else float(moments.get("returns", 0.5)),
        friends=max(float(np.average(people.population.ties.degrees, weights=chance)), 0.1),
        cashback_orders=control_orders(shop, kind="cashback", weeks=CASHBACK_WEEKS),
        asks_orders=control_orders(shop, kind="asks", weeks=ASKS_WEEKS),
        outcome_days=outcome_days,
    )
