"""B9: what is a customer still worth, can that be foretold, and is keeping cheaper than winning?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.purchase_history import last_seen_day, purchase_history
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.stickiness.keeping_cost import keeping_cost, winning_cost
from helpers.stickiness.value_findings import (
    QUESTION,
    check_findings,
    cost_findings,
    outlook_findings,
    spend_finding,
)
from helpers.stickiness.value_pictures import draw_value
from helpers.stickiness.value_windows import WEEK_DAYS, BackTest, back_test
from methods.customers.bg_nbd import NotEstimable
from methods.customers.value_check import NAIVE, HoldOut
from methods.customers.value_model import Outlook, foretell, newcomer
from methods.intervals.estimates import Interval

_METHODS = {"model": "the model (BG/NBD)", "earlier": "the model, from an earlier day on", **NAIVE}


@dataclass(frozen=True, kw_only=True)
class LifetimeValue:
    """What customers are still worth, and how far the same model was right before.

    customers: one row a customer with a purchase: customer_id, purchases_to_come, chance_of_buying (0 to 1)
    and value_to_come (money; nan without prices), all within the horizon. back_test: the same model tried on
    hidden days; None where no days could be hidden, then no_check says why.
    """

    findings: tuple[Finding, ...]
    customers: pd.DataFrame
    outlook: Outlook
    back_test: BackTest | None
    no_check: str
    currency: str

    @property
    def check(self) -> HoldOut | None:
        """The last days of the data hidden."""
        return self.back_test.newest if self.back_test else None

    def draw(self) -> Picture:
        """Foretold against actual purchases and chances, by tenths of the customers; the miss by window."""
        return draw_value(self.back_test, self.outlook, no_check=self.no_check)

    def table(self) -> pd.DataFrame:
        """One row a way of foretelling the newest hidden days, then one an earlier window of the model."""
        if self.back_test is None:
            frame = pd.DataFrame({"check": [self.no_check]})
            frame.attrs = {"caption": "No days could be hidden from the model"}
            return frame
        return _check_table(self.back_test)


def _check_table(tried: BackTest) -> pd.DataFrame:
    *earlier, newest = tried.frame().to_dict("records")
    ways = tried.newest.methods.rename(columns={"miss": "miss_percent"})
    ways = ways.assign(**{name: newest[name] for name in ("until", "customers", "actual")})
    ways.loc[0, ["low", "high"]] = newest["low"], newest["high"]
    before = [
        {**row, "method": "earlier", "mean_miss": one.methods["mean_miss"].iloc[0]}
        for row, one in zip(earlier, tried.earlier, strict=True)
    ]
    frame = pd.DataFrame([*ways.to_dict("records"), *reversed(before)])
    frame = pd.DataFrame(
        {
            "way of foretelling": frame["method"].map(_METHODS),
            "known until": frame["until"].dt.strftime("%Y-%m-%d"),
            "customers": frame["customers"],
            "foretold purchases": frame["foretold"],
            "actual": frame["actual"],
            "miss, % of actual": frame["miss_percent"],
            "from": frame["low"],
            "to": frame["high"],
            "mean miss a customer": frame["mean_miss"],
        }
    )
    signed = dict.fromkeys(("miss, % of actual", "from", "to"), "+.1f")
    frame.attrs = {
        "caption": f"Purchases of the {tried.newest.days} days after the last day known to the model, which "
        f"were hidden from it ({tried.level:.0%} interval of its miss)",
        "formats": {"foretold purchases": ",.0f", "mean miss a customer": ".3f", **signed},
        "people": "customers",
    }
    return frame


@question("B9", QUESTION, needs=("orders.placed_at",))
def lifetime_value(
    shop: Shop, *, horizon_days: int = 365, holdout_days: int = 182, level: float = 0.95
) -> LifetimeValue:
    """Foretell what customers will buy and spend in the next `horizon_days`, and check it on hidden days.

    holdout_days: days hidden from the model to check it, at the end of the data and after up to five earlier
    days; at most a third of the data.
    Money is not discounted. Raises CannotAnswer when too few customers bought on two days.
    Method: BG/NBD (Fader, Hardie & Lee 2005) and Gamma-Gamma (Fader & Hardie 2013) by maximum likelihood.
    """
    until = last_seen_day(shop)
    history = purchase_history(shop, until=until)
    try:
        outlook = foretell(history, until=until, horizon_days=horizon_days)
    except NotEstimable as limit:
        raise CannotAnswer(f"{limit}.") from limit
    tried, no_check = _back_test(shop, history, until=until, days=holdout_days, level=level)
    options = {"currency": shop.currency, "level": level}
    return LifetimeValue(
        findings=(
            *outlook_findings(outlook, tried, **options),
            *check_findings(tried, no_check, level=level),
            spend_finding(history, level=level),
            *_costs(shop, outlook, history, until=until, **options),
        ),
        customers=_customers(history, outlook),
        outlook=outlook,
        back_test=tried,
        no_check=no_check,
        currency=shop.currency,
    )


def _back_test(
    shop: Shop, history: pd.DataFrame, *, until: int, days: int, level: float
) -> tuple[BackTest | None, str]:
    first = int(history["first_day"].min())
    hidden = min(days, (until - first) // 3)
    if hidden < WEEK_DAYS:
        return None, "The data are too short to hide a week of them from the model."
    try:
        return back_test(shop, first=first, last=until, days=hidden, level=level), ""
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
