"""B9: what is a customer still worth, can that be foretold, and is keeping cheaper than winning?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.purchase_history import last_seen_day, purchase_history
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.statistics.customer_base import NotEstimable
from helpers.statistics.intervals import Interval
from helpers.stickiness.keeping_cost import keeping_cost, winning_cost
from helpers.stickiness.value_check import NAIVE, HoldOut, hold_out
from helpers.stickiness.value_findings import (
    QUESTION,
    check_findings,
    cost_findings,
    outlook_findings,
    spend_finding,
)
from helpers.stickiness.value_model import Outlook, foretell, newcomer
from helpers.stickiness.value_pictures import draw_value

_METHODS = {"model": "the model (BG/NBD)", **NAIVE}


@dataclass(frozen=True, kw_only=True)
class LifetimeValue:
    """What customers are still worth, and how far the same model was right before.

    customers: one row a customer with a purchase: customer_id, purchases_to_come, chance_of_buying (0 to 1)
    and value_to_come (money; nan without prices), all within the horizon. check: None where no days could be
    hidden, then no_check says why.
    """

    findings: tuple[Finding, ...]
    customers: pd.DataFrame
    outlook: Outlook
    check: HoldOut | None
    no_check: str
    currency: str

    def draw(self) -> Picture:
        """Foretold against actual purchases and chances of the hidden days, by tenths of the customers."""
        return draw_value(self.check, self.outlook, no_check=self.no_check)

    def table(self) -> pd.DataFrame:
        """One row a way of foretelling the hidden days: foretold, miss, mean miss a customer."""
        if self.check is None:
            frame = pd.DataFrame({"check": [self.no_check]})
            frame.attrs = {"caption": "No days could be hidden from the model"}
            return frame
        check = self.check
        frame = check.methods.assign(method=check.methods["method"].map(_METHODS))
        frame = frame.rename(
            columns={
                "method": "way of foretelling",
                "foretold": "foretold purchases",
                "miss": "miss, % of actual",
                "mean_miss": "mean miss a customer",
            }
        )
        frame.attrs = {
            "caption": f"{check.days} days hidden from the model: {check.actual:,} purchases by "
            f"{check.customers:,} earlier customers",
            "formats": {
                "foretold purchases": ",.0f",
                "miss, % of actual": "+.1f",
                "mean miss a customer": ".3f",
            },
        }
        return frame


@question("B9", QUESTION, needs=("orders.placed_at",))
def lifetime_value(
    shop: Shop, *, horizon_days: int = 365, holdout_days: int = 182, level: float = 0.95
) -> LifetimeValue:
    """Foretell what customers will buy and spend in the next `horizon_days`, and check it on hidden days.

    holdout_days: days at the end that are hidden from the model to check it; at most a third of the data.
    Money is not discounted. Raises CannotAnswer when too few customers bought on two days.
    Method: BG/NBD (Fader, Hardie & Lee 2005) and Gamma-Gamma (Fader & Hardie 2013) by maximum likelihood.
    """
    until = last_seen_day(shop)
    history = purchase_history(shop, until=until)
    try:
        outlook = foretell(history, until=until, horizon_days=horizon_days)
    except NotEstimable as limit:
        raise CannotAnswer(f"{limit}.") from limit
    check, no_check = _check(shop, history, until=until, days=holdout_days, level=level)
    options = {"currency": shop.currency, "level": level}
    return LifetimeValue(
        findings=(
            *outlook_findings(outlook, check, **options),
            *check_findings(check, no_check),
            spend_finding(history, level=level),
            *_costs(shop, outlook, history, until=until, **options),
        ),
        customers=_customers(history, outlook),
        outlook=outlook,
        check=check,
        no_check=no_check,
        currency=shop.currency,
    )


def _check(
    shop: Shop, history: pd.DataFrame, *, until: int, days: int, level: float
) -> tuple[HoldOut | None, str]:
    hidden = min(days, int(until - history["first_day"].min()) // 3)
    if hidden < 7:
        return None, "The data are too short to hide a week of them from the model."
    before = purchase_history(shop, until=until - hidden, recent_days=hidden)
    try:
        return hold_out(before, until=until - hidden, days=hidden, level=level), ""
    except NotEstimable as limit:
        return None, f"The model could not be checked on hidden days: {limit}."


def _customers(history: pd.DataFrame, outlook: Outlook) -> pd.DataFrame:
    each = np.nan if outlook.each_cents is None else outlook.each_cents / 100
    return history[["customer_id"]].assign(
        purchases_to_come=outlook.purchases,
        chance_of_buying=outlook.chance,
        value_to_come=outlook.purchases * each,
    )


def _costs(
    shop: Shop, outlook: Outlook, history: pd.DataFrame, *, until: int, currency: str, level: float
) -> tuple[Finding, ...]:
    """What a customer newly won brings within the horizon, beside what winning and keeping cost."""
    since = until - outlook.horizon_days
    return cost_findings(
        worth=_newcomer_worth(outlook, history),
        winning=winning_cost(shop, first_day=since, level=level),
        keeping=keeping_cost(shop, first_day=since, level=level),
        horizon_days=outlook.horizon_days,
        currency=currency,
        level=level,
    )


def _newcomer_worth(outlook: Outlook, history: pd.DataFrame) -> Interval | None:
    """First purchase and those to follow within the horizon, in hundredths; errors joined as independent."""
    if outlook.spend is None:
        return None
    later, error = newcomer(outlook)
    each = float(outlook.spend.expected(np.zeros(1), np.zeros(1))[0])
    first = history["first_spend_cents"].dropna()
    worth = float(first.mean()) + later * each
    spread = [first.sem(), error * each, later * each * outlook.spend.relative_error]
    half = 1.96 * float(np.sqrt(np.square(spread).sum()))
    return Interval(estimate=worth, low=worth - half, high=worth + half, n=len(history))
