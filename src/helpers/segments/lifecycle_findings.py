"""C1 in findings: the sizes of the tiers, what is to come, and a check on days already seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.report import Finding
from helpers.segments.outlook import LATELY_DAYS, HoldOut, Outlook

_Z = float(norm.ppf(0.975))
_STEADY = "customers buy at a steady own pace until they leave, and leave after a purchase"
_NOBODY_LEFT = 98.0  # % alive, above which the model has hardly anybody to learn leaving from
_SMALL_MISS = 10.0  # %
_AS_BEFORE = "the coming days are like the past ones: no season, no new campaign"


def size_findings(tiers: pd.DataFrame, *, question: str) -> tuple[Finding, ...]:
    """Return one finding a tier: its share of all customers, with the span over other thresholds."""
    total = int(tiers["customers"].sum())
    return tuple(
        Finding(
            id=f"C1.share_{row.tier.replace(' yet', '').replace(' ', '_')}",
            requirement="C1",
            question=question,
            estimate=float(row.share),
            low=float(row.low),
            high=float(row.high),
            unit="% of customers",
            n=total,
            segment=row.tier,
            method="readable rules on each customer's own purchase cycle; Wilson interval",
            assumptions=("the thresholds are a convention; the reading says what others would give",),
            reading=f"{row.share:.1f} % of {total:,} customers are “{row.tier}” ({row.rule})."
            + _span(row.tightest, row.loosest),
        )
        for row in tiers.itertuples()
    )


def _span(tightest: float, loosest: float) -> str:
    if abs(tightest - loosest) < 0.05:
        return " This does not depend on the thresholds."
    return f" Thresholds 25 % shorter give {tightest:.1f} %, 50 % longer {loosest:.1f} %."


def outlook_findings(
    ahead: Outlook | str, check: HoldOut | None, *, question: str, currency: str
) -> tuple[Finding, ...]:
    """Return the share still alive, the purchases to come and, where there are prices, the money to come.

    What the model missed in the hidden days beyond its own error is added to the intervals of both totals.
    ahead: the outlook, or why there is none, which makes one skipped finding.
    """
    if isinstance(ahead, str):
        return (_unanswered("C1.outlook", question, f"Not answered: no purchases are foretold: {ahead}."),)
    found = [_alive(ahead, question), _purchases(ahead, check, question)]
    if ahead.money_cents is not None:
        found.append(_money(ahead, check, question, currency))
    return tuple(found)


def _unanswered(name: str, question: str, reason: str) -> Finding:
    return Finding(
        id=name,
        requirement="C1",
        question=question,
        status="skipped",
        reason=reason,
        level=None,
        reading=reason,
    )


def _alive(ahead: Outlook, question: str) -> Finding:
    """A band: who bought lately is still there, and the model's share is the most one can hope for.

    Nobody sees who has left. The model takes a pace that rises with time, such as under a new programme, for
    faithfulness, so its share stands as the upper end only.
    """
    share, error = 100 * ahead.alive[0], 100 * ahead.alive[1]
    if share > _NOBODY_LEFT:
        reason = (
            "Not answered: how many are still customers. The model finds next to nobody who has left: these "
            "data are too short, or the customers too irregular, to tell a pause from a farewell."
        )
        return _unanswered("C1.alive_share", question, reason)
    lately, high = ahead.bought_lately.scaled(100), min(share + _Z * error, 100.0)
    middle = (lately.estimate + max(share, lately.estimate)) / 2
    return Finding(
        id="C1.alive_share",
        requirement="C1",
        question=question,
        estimate=middle,
        low=min(lately.low, middle),
        high=max(high, middle),
        unit="% of customers who came back at least once",
        n=ahead.bought_lately.n,
        method=f"band from the share who bought in the last {LATELY_DAYS} days (Wilson) to the "
        "mean of BG/NBD "
        "P(alive) (delta method); the estimate is its middle",
        assumptions=(
            "who bought lately is still a customer",
            "not more are alive than a steady pace suggests",
        ),
        reading=f"Of the customers who came back at least once, {lately.estimate:.0f} % bought in the last "
        f"{LATELY_DAYS} days and are taken as still there; judged by their own pace at most "
        f"{high:.0f} % are. Nobody "
        "can see who has left, so the truth lies between.",
    )


def _purchases(ahead: Outlook, check: HoldOut | None, question: str) -> Finding:
    each = 100 / len(ahead.customers)
    total, error = (each * value for value in ahead.purchases)
    error = _widened(total, error, check)
    return Finding(
        id=f"C1.expected_orders_{ahead.horizon_days}d",
        requirement="C1",
        question=question,
        estimate=total,
        low=max(total - _Z * error, 0.0),
        high=total + _Z * error,
        unit="purchases per 100 customers with a purchase",
        n=len(ahead.customers),
        method="BG/NBD; interval joins parameters, chance and the miss in the hidden days",
        assumptions=(_STEADY, _AS_BEFORE),
        reading=f"In the next {ahead.horizon_days} days, 100 customers who have bought before will make "
        f"about {total:.0f} purchases ({max(total - _Z * error, 0):.0f} to {total + _Z * error:.0f})."
        + _caution(check),
    )


def _money(ahead: Outlook, check: HoldOut | None, question: str, currency: str) -> Finding:
    total, error = (value / 100 / len(ahead.customers) for value in ahead.money_cents)
    error = _widened(total, error, check)
    correlation = ahead.spend.correlation
    return Finding(
        id=f"C1.expected_spend_{ahead.horizon_days}d",
        requirement="C1",
        question=question,
        estimate=total,
        low=max(total - _Z * error, 0.0),
        high=total + _Z * error,
        unit=f"{currency} per customer with a purchase",
        n=len(ahead.customers),
        method="BG/NBD times Gamma-Gamma; interval joins parameters, chance and the miss in the hidden days",
        assumptions=(
            _STEADY,
            _AS_BEFORE,
            f"spend a purchase does not depend on how often one buys (correlation {correlation:+.2f})",
        ),
        reading=f"That is worth about {total:,.2f} {currency} a customer "
        f"({max(total - _Z * error, 0):,.2f} to {total + _Z * error:,.2f})." + _caution(check),
    )


def _caution(check: HoldOut | None) -> str:
    if check is None or not _poor(check):
        return ""
    return " A poor forecast, see the check: use it to rank customers, not to plan volumes."


def _poor(check: HoldOut) -> bool:
    """More than chance explains, and not small."""
    return abs(check.miss) > max(_SMALL_MISS / 100, _Z * check.error / check.actual)


def _widened(total: float, error: float, check: HoldOut | None) -> float:
    return float(np.hypot(error, total * check.unexplained)) if check else error


def check_findings(check: HoldOut | None, *, question: str) -> tuple[Finding, ...]:
    """Return the miss of the purchase model in the days hidden from it, in % of the actual purchases."""
    if check is None:
        return ()
    miss, error = 100 * check.miss, 100 * check.error / check.actual
    return (
        Finding(
            id="C1.holdout_error",
            requirement="C1",
            question=question,
            estimate=miss,
            low=miss - _Z * error,
            high=miss + _Z * error,
            unit="% of actual purchases",
            n=check.customers,
            method=f"BG/NBD fitted without the last {check.days} days, which it then foretells",
            assumptions=("the hidden days were ordinary ones",),
            reading=_check_reading(check, miss, error),
        ),
    )


def _check_reading(check: HoldOut, miss: float, error: float) -> str:
    told = (
        f"Check on days already seen: of the last {check.days} days, hidden from it, the model foretold "
        f"{check.foretold:,.0f} purchases and {check.actual:,} came ({miss:+.0f} %)"
    )
    if abs(miss) <= _Z * error:
        return f"{told}: within what chance explains."
    if _poor(check):
        return f"{told}: a poor forecast. Use the outlook to rank customers, not to plan volumes."
    return f"{told}: more than chance explains, but small; the intervals above are widened by it."
