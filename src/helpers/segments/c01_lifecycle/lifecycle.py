"""C1: how many customers are new, active, silent or lost, and what is still to come from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import norm

from helpers.data.customer_history import history_frame, last_day
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    band_curve,
    bars,
    canvas,
    question,
    words_beside,
)
from helpers.report.formats import count
from methods.customers.bg_nbd import NotEstimable
from methods.customers.tiers import TIERS, TierRules, assign_tiers, shop_cycle, tier_sensitivity
from methods.customers.value_check import ForecastCheck, check_forecast
from methods.customers.value_model import Forecast, forecast
from methods.intervals.estimates import Interval, wilson

WORDS = words_beside(__file__)
LATELY_DAYS = 90
_Z = float(norm.ppf(0.975))
_NOBODY_LEFT = 98.0  # % alive, above which the model has hardly anybody to learn leaving from
_SMALL_MISS_PERCENT = 10.0


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The lifecycle of all customers.

    tiers: one row a tier with rule, customers, share, low, high (in %), tightest and loosest share (in %,
    over the thresholds tried), alive, purchases_to_come and spend_to_come (means a customer), came_back (% of
    the tier's customers of `check.days` ago who bought since). scaled: shares by threshold factor.
    members: one row a customer with customer_id, tier and, where purchases can be predicted, alive (0 to 1;
    NaN for those with one purchase, whom the model takes for alive by construction), buys (chance of one
    purchase or more), purchases_to_come, spend_to_come_cents (NaN without prices). outlook: None where
    purchases cannot be predicted. check: None where no days can be hidden.
    """

    tiers: pd.DataFrame
    scaled: pd.DataFrame
    members: pd.DataFrame
    cycle_days: float
    outlook: Forecast | None
    check: ForecastCheck | None
    currency: str
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the size of each tier, and predicted beside actual purchases of the hidden days."""
        shown = self.tiers[self.tiers["customers"] > 0]
        largest = shown.loc[shown["customers"].idxmax()]
        sizes = [f"{row.tier} {row.share:.1f} %" for row in shown.itertuples()]
        facts = {"share": largest["share"], "tier": largest["tier"], "sizes": sizes, "check": self.check}
        title, alt = WORDS.picture("tiers", self.findings, **facts)
        columns = 2 if self.check else 1
        figure, panels = canvas(title, columns=columns, width_inches=5 * columns, height_inches=3.6)
        axes = panels[0, 0] if self.check else panels
        bars(axes, shown["tier"].to_list(), shown["share"], low=shown["low"], high=shown["high"],
             colour=PALETTE[5])  # fmt: skip
        tried = shown[["tightest", "loosest"]]
        rows = range(len(shown))
        axes.hlines(rows, tried.min(axis=1), tried.max(axis=1), color=PALETTE[1], lw=6, alpha=0.45)
        axes.set_xlabel("% of customers (orange: with other thresholds)")
        if self.check:
            _draw_check(panels[0, 1], self.check)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a tier: its rule, size, sensitivity, and what is to come."""
        headers = {
            "tier": ("tier", None),
            "rule": ("rule", None),
            "customers": ("customers", ","),
            "share": ("% of customers", ".1f"),
            "low": ("from %", ".1f"),
            "high": ("to %", ".1f"),
            "tightest": ("% if thresholds are 25 % shorter", ".1f"),
            "loosest": ("% if 50 % longer", ".1f"),
            "alive": ("chance still a customer", ".2f"),
            "purchases_to_come": ("purchases to come a customer", ".3f"),
            "spend_to_come": (f"{self.currency} to come a customer", ",.2f"),
            "came_back": ("% of this tier then who bought since", ".1f"),
        }
        frame = self.tiers[list(headers)].dropna(axis="columns", how="all")
        kept = {name: headers[name] for name in frame.columns}
        frame = frame.rename(columns={name: header for name, (header, _) in kept.items()})
        frame.attrs = {
            "caption": WORDS.text("caption", cycle=self.cycle_days),
            "formats": {header: form for header, form in kept.values() if form},
            "people": "customers",
        }
        return frame


def _draw_check(panel: Axes, check: ForecastCheck) -> None:
    tenths = check.tenths.sort_values("predicted")
    away = _Z * tenths["error"]
    band_curve(panel, tenths["predicted"], tenths["actual"], low=tenths["actual"] - away,
               high=tenths["actual"] + away, label="a tenth of the customers")  # fmt: skip
    top = float(tenths[["predicted", "actual"]].to_numpy().max()) * 1.1
    band_curve(panel, [0, top], [0, top], colour=PALETTE[6], marker="", dashed=True, label="as predicted")
    panel.set_xlabel(f"predicted purchases a customer, {count(check.days, 'hidden day')}")
    panel.set_ylabel("actual purchases a customer")
    panel.legend()


@question(WORDS, needs=("orders.placed_at",))
def lifecycle(
    shop: Shop, *, rules: TierRules | None = None, horizon_days: int = 90, holdout_days: int = 90
) -> Lifecycle:
    """Sort all customers into new, active, silent and lost, and predict their purchases.

    rules: where the tiers end (`TierRules`). horizon_days: how far purchases are predicted, 1 to 730.
    holdout_days: days at the end that are hidden from the model to check it; at most a third of the data.
    Raises CannotAnswer when nobody has bought on two days. Method: `tiers` for the rules, BG/NBD (Fader,
    Hardie & Lee 2005) and Gamma-Gamma for the outlook.
    """
    rules = rules or TierRules()
    today = last_day(shop)
    history = history_frame(shop, until=today)
    buyers = history[history["purchases"] > 0]
    if not (history["purchases"] > 1).any():
        raise CannotAnswer("no customer has bought on two different days, so there is no purchase cycle.")
    ahead, why_not = _predicted(buyers, until=today, horizon_days=horizon_days)
    hidden = min(holdout_days, int(today - buyers["first_day"].min()) // 3)
    check, came_back = _look_back(shop, today - hidden, hidden, rules)
    members = history[["customer_id"]].assign(tier=assign_tiers(history, until=today, rules=rules))
    if ahead is not None:
        members = members.join(_to_come(ahead, buyers))
    scaled = tier_sensitivity(history, until=today, rules=rules)
    tiers = _tier_frame(members, scaled, rules.words(shop_cycle(history)), came_back)
    outlook = _not_predicted(why_not, horizon_days)
    if ahead is not None:
        outlook = _outlook(ahead, check, buyers, until=today, currency=shop.currency)
    return Lifecycle(
        tiers=tiers,
        scaled=scaled,
        members=members,
        cycle_days=shop_cycle(history),
        outlook=ahead,
        check=check,
        currency=shop.currency,
        findings=(*_sizes(tiers), *outlook, *_checked(check)),
    )


def _predicted(buyers: pd.DataFrame, *, until: int, horizon_days: int) -> tuple[Forecast | None, str]:
    """The outlook, or None and why where the model cannot be fitted: the rules then stand alone."""
    try:
        return forecast(buyers, until=until, horizon_days=horizon_days), ""
    except NotEstimable as limit:
        return None, str(limit)


def _to_come(ahead: Forecast, buyers: pd.DataFrame) -> pd.DataFrame:
    """What is predicted of each buyer, on the rows of `buyers`."""
    alive = ahead.model.alive(ahead.known)
    return pd.DataFrame(
        {
            "alive": np.where(buyers["purchases"] > 1, alive, np.nan),
            "buys": ahead.chance,
            "purchases_to_come": ahead.purchases,
            "spend_to_come_cents": np.nan if ahead.each_cents is None else ahead.purchases * ahead.each_cents,
        },
        index=buyers.index,
    )


def _look_back(
    shop: Shop, until: int, days: int, rules: TierRules
) -> tuple[ForecastCheck | None, pd.Series | None]:
    """Hide the last days: predict them, and see which tiers of that day bought in them."""
    before = history_frame(shop, until=until)
    if days < 7 or not (before["purchases"] > 1).any():
        return None, None
    tier = assign_tiers(before, until=until, rules=rules)
    came_back = 100 * (before["purchases_later"] > 0).groupby(tier, observed=False).mean()
    try:
        return check_forecast(before[before["purchases"] > 0], until=until, days=days), came_back
    except NotEstimable:
        return None, came_back


def _tier_frame(
    members: pd.DataFrame, scaled: pd.DataFrame, words: dict[str, str], came_back: pd.Series | None
) -> pd.DataFrame:
    counts = members["tier"].value_counts().reindex(list(TIERS), fill_value=0).to_numpy()
    shares = [wilson(count, len(members)).scaled(100) for count in counts]
    means = members.drop(columns="customer_id").groupby("tier", observed=False).mean().reindex(list(TIERS))
    return pd.DataFrame(
        {
            "tier": TIERS,
            "rule": [words[tier] for tier in TIERS],
            "customers": counts,
            "share": [share.estimate for share in shares],
            "low": [share.low for share in shares],
            "high": [share.high for share in shares],
            "tightest": scaled.iloc[0].to_numpy(),
            "loosest": scaled.iloc[-1].to_numpy(),
            "alive": means.get("alive"),
            "purchases_to_come": means.get("purchases_to_come"),
            "spend_to_come": means["spend_to_come_cents"] / 100 if "spend_to_come_cents" in means else None,
            "came_back": came_back,
        },
        index=list(TIERS),
    )


def _sizes(tiers: pd.DataFrame) -> list[Finding]:
    """The share of each tier, with what other thresholds would give."""
    total = int(tiers["customers"].sum())
    return [
        WORDS.finding(
            "C1.tier_share",
            Interval(estimate=row.share, low=row.low, high=row.high, n=total),
            segment=row.tier,
            method=WORDS.text("method tiers"),
            assumptions=(WORDS.text("assumption convention"),),
            tier=row.tier,
            rule=row.rule,
            tightest=row.tightest,
            loosest=row.loosest,
        )
        for row in tiers.itertuples()
    ]


def _not_predicted(why: str, horizon_days: int) -> list[Finding]:
    reason = WORDS.text("no outlook", why=why)
    return [WORDS.skip("C1.expected_orders", reason, segment=_days(horizon_days))]


def _days(horizon_days: int) -> str:
    return f"{count(horizon_days, 'day')}"


def _outlook(
    ahead: Forecast, check: ForecastCheck | None, buyers: pd.DataFrame, *, until: int, currency: str
) -> list[Finding]:
    """The share still alive, the purchases to come and, where there are prices, the money to come.

    What the model missed in the hidden days beyond its own error is added to the intervals of both totals.
    """
    common: dict[str, Any] = {
        "segment": _days(ahead.horizon_days),
        "poor": check is not None and _is_poor(check),
    }
    steady = (WORDS.text("assumption steady"), WORDS.text("assumption as before"))
    found = [
        _alive(ahead, buyers, until=until),
        WORDS.finding(
            "C1.expected_orders",
            _each(ahead.purchases_total, check, customers=len(buyers), scale=100),
            method=WORDS.text("method orders"),
            assumptions=steady,
            horizon_days=ahead.horizon_days,
            **common,
        ),
    ]
    if ahead.money_total_cents is not None and ahead.spend is not None:
        apart = WORDS.text("assumption spend", correlation=ahead.spend.correlation)
        money = WORDS.finding(
            "C1.expected_spend",
            _each(ahead.money_total_cents, check, customers=len(buyers), scale=1 / 100),
            unit=f"{currency} per customer with a purchase",
            method=WORDS.text("method spend"),
            assumptions=(*steady, apart),
            currency=currency,
            **common,
        )
        found.append(money)
    return found


def _each(
    total: tuple[float, float], check: ForecastCheck | None, *, customers: int, scale: float
) -> Interval:
    """A total with its error, a customer and scaled, widened by what the model missed in the hidden days."""
    estimate, error = (scale / customers * number for number in total)
    if check:
        error = float(np.hypot(error, estimate * check.unexplained))
    low, high = max(estimate - _Z * error, 0.0), estimate + _Z * error
    return Interval(estimate=estimate, low=low, high=high, n=customers)


def _alive(ahead: Forecast, buyers: pd.DataFrame, *, until: int) -> Finding:
    """A band: who bought lately is still there, and the model's share is the most one can hope for.

    Nobody sees who has left. The model takes a pace that rises with time, such as under a new programme, for
    faithfulness, so its share stands as the upper end only.
    """
    share, error = (100 * number for number in ahead.model.alive_share(ahead.known))
    if share > _NOBODY_LEFT:
        return WORDS.skip("C1.alive_share", WORDS.text("nobody left"))
    came_back = buyers[buyers["purchases"] > 1]
    lately = wilson(int((came_back["last_day"] > until - LATELY_DAYS).sum()), len(came_back)).scaled(100)
    middle = (lately.estimate + max(share, lately.estimate)) / 2
    low, high = min(lately.low, middle), max(min(share + _Z * error, 100.0), middle)
    return WORDS.finding(
        "C1.alive_share",
        Interval(estimate=middle, low=low, high=high, n=lately.n),
        method=WORDS.text("method alive", lately_days=LATELY_DAYS),
        assumptions=(WORDS.text("assumption lately"), WORDS.text("assumption pace")),
        lately=lately.estimate / 100,
        lately_days=LATELY_DAYS,
    )


def _is_poor(check: ForecastCheck) -> bool:
    """Whether the miss is more than chance explains, and not small."""
    return abs(check.miss_percent) > max(_SMALL_MISS_PERCENT, 100 * _Z * check.error / check.actual)


def _checked(check: ForecastCheck | None) -> list[Finding]:
    """The miss of the purchase model in the days hidden from it, in % of the actual purchases."""
    if check is None:
        return [WORDS.skip("C1.holdout_error", WORDS.text("no check"))]
    half = 100 * _Z * check.error / check.actual
    middle = check.miss_percent
    miss = Interval(estimate=middle, low=middle - half, high=middle + half, n=check.customers)
    return [
        WORDS.finding(
            "C1.holdout_error",
            miss,
            method=WORDS.text("method check", days=check.days),
            assumptions=(WORDS.text("assumption ordinary"),),
            days=check.days,
            predicted=check.predicted,
            actual=check.actual,
            poor=_is_poor(check),
        )
    ]
