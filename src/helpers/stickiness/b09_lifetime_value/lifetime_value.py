"""B9: what is a customer still worth, can that be predicted, and is keeping cheaper than winning?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.purchase_history import back_test_histories, last_seen_day, purchase_history
from helpers.data.shop import Shop
from helpers.report import PALETTE, CannotAnswer, Finding, Picture, canvas, question, words_beside
from helpers.report.formats import count
from helpers.stickiness.b09_lifetime_value.check import (
    check_findings,
    check_table,
    draw_check,
    no_check_table,
    spend_finding,
)
from helpers.stickiness.b09_lifetime_value.costs import cost_findings
from methods.customers.bg_nbd import NotEstimable, buys
from methods.customers.rolling_origin import WEEK_DAYS, RollingOrigin, origins, rolling_origin
from methods.customers.value_check import ForecastCheck
from methods.customers.value_model import DAYS_A_WEEK, Forecast, forecast
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
_BY = "BG/NBD model by maximum likelihood, days of purchase"
_WIDE = "; interval of predicting, widened by the miss on the newest hidden days"


@dataclass(frozen=True, kw_only=True)
class LifetimeValue:
    """What customers are still worth, and how far the same model was right before.

    customers: one row a customer with a purchase: customer_id, purchases_to_come, chance_of_buying (0 to 1)
    and value_to_come (money; nan without prices), all within the horizon. back_test: the same model tried on
    hidden days; None where no days could be hidden, then no_check says why.
    """

    findings: tuple[Finding, ...]
    customers: pd.DataFrame
    ahead: Forecast
    back_test: RollingOrigin | None
    no_check: str
    currency: str

    @property
    def check(self) -> ForecastCheck | None:
        """The last days of the data hidden."""
        return self.back_test.newest if self.back_test else None

    def draw(self) -> Picture:
        """Predicted against actual purchases and chances, by tenths of the customers; the miss by window.

        Where no days could be hidden, what is to come.
        """
        if self.back_test is not None:
            return draw_check(self.back_test, self.findings)
        title, alt = WORDS.picture("to come", self.findings, no_check=self.no_check)
        days = self.ahead.horizon_days
        figure, panel = canvas(title, x=f"predicted purchases in {count(days, 'day')}", y="customers")
        panel.hist(self.ahead.purchases, bins=30, color=PALETTE[0])
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a way of predicting the newest hidden days, then one an earlier window of the model."""
        return no_check_table(self.no_check) if self.back_test is None else check_table(self.back_test)


@question(WORDS, needs=("orders.placed_at",))
def lifetime_value(
    shop: Shop, *, horizon_days: int = 365, holdout_days: int = 182, level: float = 0.95
) -> LifetimeValue:
    """Predict what customers will buy and spend in the next `horizon_days`, and check it on hidden days.

    holdout_days: days hidden from the model to check it, at the end of the data and after up to five earlier
    days; at most a third of the data.
    Money is not discounted. Raises CannotAnswer when too few customers bought on two days.
    Method: BG/NBD (Fader, Hardie & Lee 2005) and Gamma-Gamma (Fader & Hardie 2013) by maximum likelihood.
    """
    until = last_seen_day(shop)
    history = purchase_history(shop, until=until)
    try:
        ahead = forecast(history, until=until, horizon_days=horizon_days)
    except NotEstimable as limit:
        raise CannotAnswer(f"{limit}.") from limit
    tried, no_check = _back_test(shop, history, until=until, days=holdout_days, level=level)
    return LifetimeValue(
        findings=(
            *_to_come(ahead, tried, currency=shop.currency, level=level),
            *check_findings(tried, no_check, level=level),
            spend_finding(history, level=level),
            *cost_findings(shop, ahead, history, since=until - horizon_days, level=level),
        ),
        customers=_customers(history, ahead),
        ahead=ahead,
        back_test=tried,
        no_check=no_check,
        currency=shop.currency,
    )


def _back_test(
    shop: Shop, history: pd.DataFrame, *, until: int, days: int, level: float
) -> tuple[RollingOrigin | None, str]:
    first = int(history["first_day"].min())
    hidden = min(days, (until - first) // 3)
    if hidden < WEEK_DAYS:
        return None, "the data are too short to hide a week of them from the model."
    untils = origins(first=first, last=until, days=hidden)
    try:
        known = back_test_histories(shop, untils=untils, days=hidden)
        return rolling_origin(known, days=hidden, level=level), ""
    except NotEstimable as limit:
        return None, f"the model could not be checked on hidden days: {limit}."


def _customers(history: pd.DataFrame, ahead: Forecast) -> pd.DataFrame:
    each = np.nan if ahead.each_cents is None else ahead.each_cents / 100
    return history[["customer_id"]].assign(
        purchases_to_come=ahead.purchases,
        chance_of_buying=ahead.chance,
        value_to_come=ahead.purchases * each,
    )


def _to_come(
    ahead: Forecast, tried: RollingOrigin | None, *, currency: str, level: float
) -> tuple[Finding, ...]:
    """Return money, purchases and chance of buying to come, a customer.

    Intervals join what is not known of the parameters, what chance adds, and what the newest hidden days
    missed beyond both.
    """
    people, days = len(ahead.purchases), ahead.horizon_days
    options = {"missed": tried.newest.unexplained if tried else 0.0, "level": level}
    wide = _WIDE if tried else ""
    about: dict[str, Any] = {"assumptions": (WORDS.text("steady"), WORDS.text("nobody new"))}
    purchases = WORDS.finding(
        "B9.purchases_to_come",
        _around(*ahead.purchases_total, people, **options),
        unit=f"purchases a customer in {count(days, 'day')}",
        method=_BY + wide,
        days=days,
        **about,
    )
    chance = _chance(ahead, tried.newest if tried else None, level=level, about=about)
    if ahead.money_total_cents is None:
        reason = "no prices are known, or they do not differ, so purchases cannot be turned into money."
        return WORDS.skip("B9.value_to_come", reason), purchases, chance
    value = WORDS.finding(
        "B9.value_to_come",
        _around(*ahead.money_total_cents, people, **options),
        scale=0.01,
        unit=f"{currency} a customer in {count(days, 'day')}",
        method=f"{_BY}; Gamma-Gamma model of what a purchase is worth{wide}",
        currency=currency,
        days=days,
        checked=tried is not None,
        **about,
    )
    return value, purchases, chance


def _around(total: float, error: float, people: int, *, missed: float, level: float) -> Interval:
    half = float(norm.ppf(0.5 + level / 2)) * float(np.hypot(error, missed * total))
    interval = Interval(estimate=total, low=max(total - half, 0.0), high=total + half, n=people, level=level)
    return interval.scaled(1 / people)


def _chance(ahead: Forecast, check: ForecastCheck | None, *, level: float, about: dict[str, Any]) -> Finding:
    """The share who will buy at all, put right by the ratio of happened to predicted in the hidden days.

    The model counts purchases well but spreads them over too many people where customers differ in more than
    it allows for; the hidden days show by how much.
    """
    days = check.days if check else ahead.horizon_days
    people = len(ahead.chance)
    middle, parameters = ahead.model.spread(lambda p: _mean_chance(p, ahead, days))
    binomial = middle * (1 - middle) / people
    ratio, ratio_error = check.chances.happened_over_foretold if check else (1.0, 0.0)
    error = float(np.hypot(ratio * np.hypot(parameters, np.sqrt(binomial)), middle * ratio_error))
    # The ratio may lead beyond everybody, as where nobody ever leaves.
    half, middle = float(norm.ppf(0.5 + level / 2)) * error, min(ratio * middle, 1.0)
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return WORDS.finding(
        "B9.buy_again",
        Interval(estimate=middle, low=low, high=high, n=people, level=level),
        scale=100,
        unit=f"% of customers in {count(days, 'day')}",
        method=_BY + (f", times {ratio:.2f} as the hidden days ask" if check else ""),
        days=days,
        **about,
    )


def _mean_chance(parameters: np.ndarray, ahead: Forecast, days: int) -> float:
    known = ahead.known
    chance = buys(parameters, known, horizon=days / DAYS_A_WEEK)
    return float(chance @ known.weight / known.customers)
