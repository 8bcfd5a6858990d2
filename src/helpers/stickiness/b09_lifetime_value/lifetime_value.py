"""B9: what is a customer still worth, can that be predicted, and is keeping cheaper than winning?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.purchase_forecast import PurchaseForecast, forecast_purchases
from helpers.data.shop import Shop
from helpers.report import Finding, Picture, canvas, question, words_beside
from helpers.report.formats import count
from helpers.report.phrases import said
from helpers.report.pictures import people_by_amount
from helpers.stickiness.b09_lifetime_value.check import (
    check_findings,
    check_table,
    draw_check,
    no_check_table,
    spend_finding,
)
from helpers.stickiness.b09_lifetime_value.costs import cost_findings
from methods.customers.value_check import ForecastCheck

WORDS = words_beside(__file__)
# Finding to the quantity it tells, a unit's size in it, and its unit.
_TO_COME = {
    "B9.value_to_come": ("cents", 0.01, "{currency} a customer in {days}"),
    "B9.purchases_to_come": ("purchases", 1.0, "purchases a customer in {days}"),
    "B9.buy_again": ("buyers", 100.0, "% of customers in {days}"),
}


@dataclass(frozen=True, kw_only=True)
class LifetimeValue:
    """What customers are still worth, and how far the same forecast was right before.

    customers: one row a customer with a purchase: customer_id, purchases_to_come, chance_of_buying (0 to 1)
    and value_to_come (money), all within the horizon; nan where it is withheld or no prices are known.
    """

    findings: tuple[Finding, ...]
    customers: pd.DataFrame
    forecast: PurchaseForecast
    currency: str

    @property
    def check(self) -> ForecastCheck | None:
        """The last days of the data hidden."""
        return self.forecast.hidden.newest if self.forecast.hidden else None

    def draw(self) -> Picture:
        """Predicted against actual purchases and chances, by tenths of the customers; the miss by window.

        Where no days could be hidden, what is to come.
        """
        if self.forecast.hidden is not None:
            return draw_check(self.forecast.hidden, self.findings)
        title, alt = WORDS.picture("to come", self.findings, no_check=self.forecast.no_trial)
        days = count(self.forecast.ahead.horizon_days, "day")
        figure, panel = canvas(
            title, x=WORDS.label("predicted purchases in unchecked", days=days), y="customers"
        )
        people_by_amount(panel, self.forecast.ahead.purchases)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a way of predicting the newest hidden days, then one an earlier window of the model."""
        hidden = self.forecast.hidden
        return no_check_table(self.forecast.no_trial) if hidden is None else check_table(hidden)


@question(WORDS, needs=("orders.placed_at",))
def lifetime_value(
    shop: Shop,
    *,
    horizon_days: int = 365,
    high_season: str = "",
    keeping_costs: float = -1.0,
    level: float = 0.95,
) -> LifetimeValue:
    """Predict what customers will buy and spend in the next `horizon_days`, and check it on hidden days.

    horizon_days: cut to the longest stretch that can be hidden, seven tenths of the days known. high_season:
    spans of the year such as "11-01..11-12", needed only where fewer than two years are known.
    keeping_costs: declared, what a customer who came back costs beside coupons; below 0: unknown.
    Money is not discounted. Raises CannotAnswer when too few customers bought on two days.
    Method: BG/NBD (Fader, Hardie & Lee 2005) and Gamma-Gamma (Fader & Hardie 2013) by maximum likelihood.
    """
    ahead = forecast_purchases(shop, horizon_days=horizon_days, high_season=high_season, level=level)
    return LifetimeValue(
        findings=(
            *_to_come(ahead, currency=shop.currency),
            *check_findings(ahead),
            spend_finding(ahead.history, level=level),
            *cost_findings(shop, ahead, horizon_days=horizon_days, keeping_costs=keeping_costs, level=level),
        ),
        customers=ahead.history[["customer_id"]].assign(
            purchases_to_come=ahead.purchases,
            chance_of_buying=ahead.chance,
            value_to_come=ahead.cents / 100,
        ),
        forecast=ahead,
        currency=shop.currency,
    )


def _to_come(ahead: PurchaseForecast, *, currency: str) -> tuple[Finding, ...]:
    """Return money, purchases and chance of buying to come, a customer."""
    days, people = ahead.horizon_days, len(ahead.history)
    found = []
    for id, (quantity, scale, unit) in _TO_COME.items():
        if quantity not in ahead.totals:
            found.append(
                WORDS.skip(id, ahead.withheld + "." if ahead.withheld else _unknown(ahead, quantity))
            )
            continue
        if ahead.spans_too_far(quantity):
            found.append(WORDS.skip(id, f"{ahead.why_too_far}."))
            continue
        total = ahead.totals[quantity]
        told = WORDS.finding(
            id,
            total if quantity == "buyers" else total.scaled(1 / people),
            scale=scale,
            unit=said(unit).format(currency=currency, days=count(days, "day")),
            method=WORDS.text(f"method {quantity}", way=ahead.ways[quantity], **_tried(ahead)),
            assumptions=(WORDS.text("as before"), WORDS.text("nobody new")),
            currency=currency,
            days=days,
        )
        found.append(told)
    return tuple(found)


def _tried(ahead: PurchaseForecast) -> dict[str, object]:
    hidden = ahead.hidden
    assert hidden is not None  # totals are made of hidden stretches alone
    seasonal = "declared" if ahead.declared else "months"
    return {
        "windows": len(hidden.windows),
        "length": hidden.newest.days,
        "farthest": hidden.farthest.days if hidden.farthest else 0,
        "calendar": seasonal if ahead.calendar is not None else "",
    }


def _unknown(ahead: PurchaseForecast, quantity: str) -> str:
    if quantity == "cents" and ahead.ahead.money_total_cents is None:
        return WORDS.text("no prices")
    return WORDS.text("nothing to compare")
