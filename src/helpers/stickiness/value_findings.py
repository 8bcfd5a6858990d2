"""The findings of B9: what is to come, how the model did on hidden days, and what customers cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.report import Finding, p_text
from helpers.stickiness.keeping_cost import KEEPING, WINNING
from helpers.stickiness.value_windows import BackTest
from helpers.stickiness.words import finding_of, not_known, span
from methods.customers.bg_nbd import buys
from methods.customers.value_check import HoldOut
from methods.customers.value_model import DAYS_A_WEEK, Outlook, spend_correlation
from methods.intervals.estimates import Interval

QUESTION = "What is a customer still worth, and is keeping cheaper than winning?"
_BY = "BG/NBD model by maximum likelihood, days of purchase"
_ASSUMPTIONS = (
    "Customers go on as they are: own steady pace, and after each repeat purchase an own chance of leaving.",
    "Nobody new is counted, and the shop does what it did so far.",
)
_MODERATE = 0.3  # correlation beyond which the two models must not be multiplied


def outlook_findings(
    outlook: Outlook, tried: BackTest | None, *, currency: str, level: float
) -> tuple[Finding, ...]:
    """Return purchases, money and chance of buying to come, a customer.

    Intervals join what is not known of the parameters, what chance adds, and what the newest hidden days
    missed beyond both.
    """
    people, days = len(outlook.purchases), outlook.horizon_days
    missed = tried.newest.unexplained if tried else 0.0
    about = {"question": QUESTION, "assumptions": _ASSUMPTIONS}
    wide = "; interval of foretelling, widened by the miss on the newest hidden days" if tried else ""
    purchases = _around(*outlook.purchases_total, people, missed=missed, level=level)
    found = [
        finding_of(
            purchases,
            id="B9.purchases_to_come", unit=f"purchases a customer in {days} days", method=_BY + wide,
            reading=f"The {people:,} customers who ever bought will on average buy "
            f"{span(purchases, digits=2)} times in the next {days} days, those who are lost counted as 0.",
            **about,
        ),
        _chance(outlook, tried.newest if tried else None, level=level, about=about),
    ]  # fmt: skip
    if outlook.money_total_cents is None:
        reason = "no prices are known, or they do not differ, so purchases cannot be turned into money."
        return (*found, not_known("B9.value_to_come", reason, question=QUESTION))
    money = _around(*outlook.money_total_cents, people, missed=missed, level=level).scaled(0.01)
    value = finding_of(
        money, id="B9.value_to_come", unit=f"{currency} a customer in {days} days",
        method=f"{_BY}; Gamma-Gamma model of what a purchase is worth{wide}",
        reading=f"Customer lifetime value: a customer who ever bought will on average spend "
        f"{span(money, digits=0)} {currency} in the next {days} days (not discounted).", **about,
    )  # fmt: skip
    return (*found, value)


def _around(total: float, error: float, people: int, *, missed: float, level: float) -> Interval:
    half = float(norm.ppf(0.5 + level / 2)) * float(np.hypot(error, missed * total))
    interval = Interval(estimate=total, low=max(total - half, 0.0), high=total + half, n=people, level=level)
    return interval.scaled(1 / people)


def _chance(outlook: Outlook, check: HoldOut | None, *, level: float, about: dict) -> Finding:
    """The share who will buy at all, put right by the ratio of happened to foretold in the hidden days.

    The model counts purchases well but spreads them over too many people where customers differ in more than
    it allows for; the hidden days show by how much.
    """
    days = check.days if check else outlook.horizon_days
    people = len(outlook.chance)
    middle, parameters = outlook.model.spread(lambda p: _mean_chance(p, outlook, days))
    binomial = middle * (1 - middle) / people
    ratio, ratio_error = check.chances.happened_over_foretold if check else (1.0, 0.0)
    error = float(np.hypot(ratio * np.hypot(parameters, np.sqrt(binomial)), middle * ratio_error))
    half, middle = float(norm.ppf(0.5 + level / 2)) * error, ratio * middle
    interval = Interval(
        estimate=middle, low=max(middle - half, 0.0), high=min(middle + half, 1.0), n=people, level=level
    )
    shown = interval.scaled(100)
    put_right = f", times {ratio:.2f} as the hidden days ask" if check else ""
    return finding_of(
        shown, id="B9.buy_again", unit=f"% of customers in {days} days", method=_BY + put_right,
        reading=f"{span(shown)} % of them will buy at least once in the next {days} days.", **about,
    )  # fmt: skip


def _mean_chance(parameters: np.ndarray, outlook: Outlook, days: int) -> float:
    known = outlook.known
    chance = buys(parameters, known, horizon=days / DAYS_A_WEEK)
    return float(chance @ known.weight / known.customers)


def check_findings(tried: BackTest | None, no_check: str, *, level: float) -> tuple[Finding, ...]:
    """Return the total miss, the gain over the best plain rule, and the sharpness of the chances."""
    if tried is None:
        ids = ("B9.hidden_days_miss", "B9.gain_over_plain_rules", "B9.sharper_than_average")
        return tuple(not_known(id, no_check, question=QUESTION) for id in ids)
    check = tried.newest
    total = check.miss(level=level)
    best = check.methods.iloc[1:].nsmallest(1, "mean_miss")["method"].iloc[0].replace("_", " ")
    about = {"question": QUESTION}
    return (
        finding_of(
            total, id="B9.hidden_days_miss", unit="% of actual purchases",
            method=f"{_BY}; fitted without the last {check.days} days"
            + "; the same from earlier days (rolling origin)" * bool(tried.earlier),
            verdict="supported" if total.low <= 0 <= total.high else "contradicted",
            reading=f"Fitted without the last {check.days} days, the model foretold {check.foretold:,.0f} "
            f"purchases of earlier customers; {check.actual:,} came: {span(total)} %. "
            f"{windows_words(tried)}", **about,
        ),
        finding_of(
            check.gain, id="B9.gain_over_plain_rules", unit="purchases a customer, mean miss",
            method="mean absolute miss of the best plain rule less that of the model, same customers",
            verdict=_better(check.gain),
            reading=f"The model misses a customer's purchases by "
            f"{check.methods['mean_miss'].iloc[0]:.2f} on average; the best plain rule ({best}) by "
            f"{check.methods['mean_miss'].iloc[1:].min():.2f} (difference {span(check.gain, digits=3)}).",
            **about,
        ),
        finding_of(
            check.sharper, id="B9.sharper_than_average", unit="Brier score",
            method="Brier score of giving everybody the mean chance less that of the model's chances",
            verdict=_better(check.sharper),
            reading="The chance of buying in the hidden days was off by "
            f"{100 * check.chances.average_gap:.1f} points on average over tenths of the customers. It ranks "
            f"a buyer above a non-buyer in "
            f"{check.chances.ranking:.1%} of pairs, the days since the last purchase alone in "
            f"{check.recency_ranking:.1%}; its squared miss (Brier score) is {check.chances.brier:.3f}, that "
            f"of giving all the mean {check.chances.base_brier:.3f}.", **about,
        ),
    )  # fmt: skip


def windows_words(tried: BackTest) -> str:
    """Return how the earlier windows went, whether all are alike, and what that means."""
    alike, limit = tried.alike(), f" Left out: {tried.left_out}." if tried.left_out else ""
    if alike is None:
        return f"One window cannot show whether there is a season: {tried.left_out}."
    misses = sorted(one.miss_percent for one in tried.earlier)
    said = (
        f"From {len(misses)} earlier days on it missed by {misses[0]:+.1f} to {misses[-1]:+.1f} %."
        if len(misses) > 1
        else f"From an earlier day on it missed by {misses[0]:+.1f} %."
    )
    if alike >= 1 - tried.level:
        return f"{said} These windows differ by no more than chance may explain (p {p_text(alike)}).{limit}"
    return (
        f"{said} These windows differ by more than chance (p {p_text(alike)}): the trade is seasonal or "
        "changing. The model knows no calendar: it foretells too few purchases for days busier than those "
        "before and too many for quieter ones. The intervals of what is to come allow for a miss like the "
        f"newest only.{limit}"
    )


def _better(gain: Interval) -> str:
    return "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"


def spend_finding(history: pd.DataFrame, *, level: float) -> Finding:
    """Return the correlation of how often and how much customers buy, which the spend model takes for 0."""
    repeats = history["purchases"].to_numpy(dtype=float) - 1
    found = spend_correlation(repeats, history["repeat_spend_cents"].to_numpy(dtype=float), level=level)
    if found is None:
        reason = "fewer than 10 customers who came back have spend that differs."
        return not_known("B9.spend_independence", reason, question=QUESTION)
    if abs(found.estimate) > _MODERATE:
        words = "so clearly that the money to come is doubtful"
    else:
        words = "too little to matter" if found.low <= 0 <= found.high else "mildly: read the money as rough"
    return finding_of(
        found,
        id="B9.spend_independence",
        question=QUESTION,
        unit="correlation",
        method="Pearson correlation of repeat purchases and their mean worth, Fisher's interval",
        verdict="supported" if found.low <= 0 <= found.high else "contradicted",
        reading="The money model takes it that who buys often spends neither more nor less a purchase. Here "
        f"the two go together {words} (correlation {span(found, digits=2)}).",
    )


def cost_findings(
    *,
    worth: Interval | None,
    winning: Interval | None,
    keeping: Interval | None,
    horizon_days: int,
    currency: str,
    level: float,
) -> tuple[Finding, ...]:
    """Return what winning and keeping a customer cost and what a newcomer brings, in the shop's currency."""
    sums = {
        "B9.winning_cost": (winning, f"{currency} a customer won", WINNING,
            "the table of customers states no acquisition cost."),
        "B9.keeping_cost": (keeping, f"{currency} a customer who came back", KEEPING,
            "no coupon names the order it was used on, so the cost of keeping is not known."),
        "B9.newcomer_value": (worth, f"{currency} in the first {horizon_days} days",
            "first purchase, and later ones by the purchase and the spend model",
            "without prices a newcomer's worth is not known."),
    }  # fmt: skip
    found = []
    for id, (amount, unit, method, reason) in sums.items():
        if amount is None:
            found.append(not_known(id, reason, question=QUESTION))
            continue
        shown = amount.scaled(0.01)
        found.append(
            finding_of(
                shown, id=id, question=QUESTION, unit=unit, method=method,
                reading=f"{_SAID[id]} {span(shown)} {unit} ({method}).",
            )
        )  # fmt: skip
    return (*found, _ratio(winning, keeping, level=level))


_SAID = {
    "B9.winning_cost": "Winning a customer costs",
    "B9.keeping_cost": "Keeping one costs",
    "B9.newcomer_value": "A customer newly won brings",
}


def _ratio(winning: Interval | None, keeping: Interval | None, *, level: float) -> Finding:
    if winning is None or keeping is None or keeping.low <= 0:
        reason = "the cost of winning or that of keeping a customer is not known."
        return not_known("B9.winning_over_keeping", reason, question=QUESTION)
    ratio = winning.estimate / keeping.estimate
    errors = [(one.high - one.low) / (2 * one.estimate) for one in (winning, keeping)]
    spread = float(np.exp(np.hypot(*errors)))
    found = Interval(estimate=ratio, low=ratio / spread, high=ratio * spread, n=keeping.n, level=level)
    return finding_of(
        found,
        id="B9.winning_over_keeping",
        question=QUESTION,
        unit="times",
        method="ratio of the two costs, errors joined on the log scale as independent",
        assumptions=("Only coupons count as a cost of keeping.",),
        verdict="supported" if found.low > 1 else "contradicted" if found.high < 1 else "not settled",
        reading=f"Winning a customer costs {span(found)} times what keeping one does.",
    )
