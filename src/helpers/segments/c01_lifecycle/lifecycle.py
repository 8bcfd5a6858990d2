"""C1: how many customers are new, active, silent or lost, and what is still to come from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.customer_history import history_frame, last_day
from helpers.data.newcomers import OLD_SHARE
from helpers.data.purchase_forecast import PurchaseForecast, forecast_purchases
from helpers.data.purchase_gaps import cycle_of, gaps_until, known_cycle, purchase_gaps
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    question,
    words_beside,
)
from helpers.report.formats import count
from helpers.report.people_list import PeopleList, having
from helpers.report.release import led_by_one
from methods.customers.hidden_windows import HiddenWindows
from methods.customers.tiers import TIERS, TierRules, assign_tiers, tier_sensitivity
from methods.intervals.estimates import Interval, normal_reach, wilson

WORDS = words_beside(__file__)
_LED = "one customer holds nearly all"
_NOBODY_LEFT = 98.0  # % alive, above which the model has hardly anybody to learn leaving from
_WIDE = 1.5  # times the estimate
_SWING = 2.0  # times what came or was predicted


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The lifecycle of all customers.

    tiers: one row a tier with rule, customers, share, low, high (in %), tightest and loosest share (in %,
    over the thresholds tried), alive, purchases_to_come and spend_to_come (means a customer), came_back (% of
    the tier's customers of some weeks ago who bought since). scaled: shares by threshold factor.
    members: one row a customer with customer_id, tier and, where purchases can be predicted, alive (0 to 1;
    NaN for those with one purchase, whom the model takes for alive by construction), buys (chance of one
    purchase or more), purchases_to_come, spend_to_come_cents (NaN without prices). forecast: None where
    no model can be fitted.
    """

    tiers: pd.DataFrame
    scaled: pd.DataFrame
    members: pd.DataFrame
    cycle_days: float
    forecast: PurchaseForecast | None
    currency: str
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the size of each tier, and what other thresholds would give."""
        shown = self.tiers[self.tiers["customers"] > 0]
        largest = shown.loc[shown["customers"].idxmax()]
        sizes = [f"{row.tier} {row.share:.1f} %" for row in shown.itertuples()]
        facts = {"share": largest["share"], "tier": largest["tier"], "sizes": sizes}
        title, alt = WORDS.picture("tiers", self.findings, **facts)
        figure, axes = canvas(title, width_inches=5, height_inches=3.6)
        bars(axes, shown["tier"].to_list(), shown["share"], low=shown["low"], high=shown["high"],
             colour=PALETTE[5])  # fmt: skip
        tried = shown[["tightest", "loosest"]]
        rows = range(len(shown))
        axes.hlines(rows, tried.min(axis=1), tried.max(axis=1), color=PALETTE[1], lw=6, alpha=0.45)
        axes.set_xlabel("% of customers (orange: with other thresholds)")
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
            "spend_to_come": (WORDS.label("to come a customer", currency=self.currency), ",.2f"),
            "came_back": ("% of this tier then who bought since", ".1f"),
            "led": (_LED, None),
        }
        frame = self.tiers[list(headers)].dropna(axis="columns", how="all")
        kept = {name: headers[name] for name in frame.columns}
        frame = frame.rename(columns={name: header for name, (header, _) in kept.items()})
        frame.attrs = {
            "caption": WORDS.text("caption", cycle=self.cycle_days),
            "formats": {header: form for header, form in kept.values() if form},
            "people": "customers",
            "money": {headers["spend_to_come"][0]: _LED} if _LED in frame else {},
        }
        return frame

    def people_lists(self) -> tuple[PeopleList, ...]:
        """Return who is in which stage, with what is predicted of each, for analysts."""
        shares = [one for one in self.findings if one.id == "C1.tier_share"]
        members = self.members.rename(columns={"tier": "group"}).astype({"group": str})
        return (
            PeopleList(
                name="stages",
                about=WORDS.text("list stages"),
                findings=tuple(one.key for one in shares),
                members=members,
                spoken={str(one.segment): having(one) for one in shares},
            ),
        )


@question(WORDS, needs=("orders.placed_at",))
def lifecycle(
    shop: Shop,
    *,
    rules: TierRules | None = None,
    horizon_days: int = 90,
    holdout_days: int = 90,
    high_season: str = "",
) -> Lifecycle:
    """Sort all customers into new, active, silent and lost, and predict their purchases.

    rules: where the tiers end (`TierRules`). horizon_days: how far purchases are predicted, 1 to 730.
    holdout_days: days at the end before which the tiers are told again, to see who came back; at most a
    third of the data. high_season: as in `forecast_purchases`.
    Raises CannotAnswer when nobody has bought on two days, or when fewer than half of the purchases are
    followed by another, so that there is no cycle to hold a silence against. Method: `tiers` for the rules,
    BG/NBD (Fader, Hardie & Lee 2005) and Gamma-Gamma for the outlook, which is that of B9 over other days.
    """
    rules = rules or TierRules()
    today = last_day(shop)
    history = history_frame(shop, until=today)
    buyers = history[history["purchases"] > 0]
    if not (history["purchases"] > 1).any():
        raise CannotAnswer(WORDS.text("no cycle"))
    gaps = purchase_gaps(shop)
    cycle_days = known_cycle(gaps)
    ahead, why_not = _predicted(shop, horizon_days=horizon_days, high_season=high_season)
    hidden = min(holdout_days, int(today - buyers["first_day"].min()) // 3)
    came_back = _look_back(shop, gaps, today - hidden, hidden, rules)
    told_by: dict[str, Any] = {"until": today, "rules": rules, "cycle_days": cycle_days}
    members = history[["customer_id"]].assign(tier=assign_tiers(history, **told_by))
    if ahead is not None and not ahead.withheld:
        members = members.merge(_to_come(ahead), on="customer_id", how="left")
    scaled = tier_sensitivity(history, **told_by)
    words = rules.words() | _unseen_before(shop, members)
    tiers = _tier_frame(members.drop(columns=_not_told(ahead, members)), scaled, words, came_back)
    told = _not_predicted(why_not, horizon_days)
    if ahead is not None:
        told = _amounts_to_come(ahead, buyers, until=today, cycle_days=cycle_days, currency=shop.currency)
    return Lifecycle(
        tiers=tiers,
        scaled=scaled,
        members=members,
        cycle_days=cycle_days,
        forecast=ahead,
        currency=shop.currency,
        findings=(*_sizes(tiers), *told),
    )


def _predicted(shop: Shop, *, horizon_days: int, high_season: str) -> tuple[PurchaseForecast | None, str]:
    """The outlook, or None and why where the model cannot be fitted: the rules then stand alone."""
    try:
        return forecast_purchases(shop, horizon_days=horizon_days, high_season=high_season), ""
    except CannotAnswer as limit:
        return None, str(limit)


def _unseen_before(shop: Shop, members: pd.DataFrame) -> dict[str, str]:
    """The rule of those without an order, where some were there before the data and may have bought then."""
    without = members.loc[members["tier"] == "no order yet", ["customer_id"]]
    if without.empty:
        return {}
    orders = dated_purchases(shop)
    begin = pd.Timestamp(shop.local(orders.placed_at).min().execute()).normalize()
    people = shop["customers"]
    joined = people.select("customer_id", joined=shop.local(people.joined_at)).to_pandas()
    since = without.merge(joined, on="customer_id")["joined"].ge(begin).mean()
    if not since < 1 - OLD_SHARE:
        return {}
    return {"no order yet": WORDS.text("no order in the data", begin=f"{begin:%Y-%m-%d}")}


def _not_told(ahead: PurchaseForecast | None, members: pd.DataFrame) -> list[str]:
    """What is predicted of each customer, but so roughly that no mean of it is told."""
    if ahead is None or "purchases" not in ahead.totals or not ahead.spans_too_far("purchases"):
        return []
    return [name for name in ("buys", "purchases_to_come", "spend_to_come_cents") if name in members]


def _to_come(ahead: PurchaseForecast) -> pd.DataFrame:
    """What is predicted of each buyer."""
    alive = ahead.ahead.model.alive(ahead.ahead.known)
    return ahead.history[["customer_id"]].assign(
        alive=np.where(ahead.history["purchases"] > 1, alive, np.nan),
        buys=ahead.chance,
        purchases_to_come=ahead.purchases,
        spend_to_come_cents=ahead.cents,
    )


def _look_back(shop: Shop, gaps: pd.DataFrame, until: int, days: int, rules: TierRules) -> pd.Series | None:
    """The % of each tier of an earlier day who bought since; None where no cycle was known by then."""
    before, seen = history_frame(shop, until=until), gaps_until(gaps, until=until)
    cycle_days = cycle_of(seen) if len(seen) else np.nan
    if days < 7 or np.isnan(cycle_days):
        return None
    tier = assign_tiers(before, until=until, rules=rules, cycle_days=cycle_days)
    return 100 * (before["purchases_later"] > 0).groupby(tier, observed=False).mean()


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
            "led": _led(members),
        },
        index=list(TIERS),
    )


def _led(members: pd.DataFrame) -> pd.Series | None:
    """Whether one customer holds nearly all of what is to come of a tier; None where no money is told."""
    if "spend_to_come_cents" not in members or members["spend_to_come_cents"].isna().all():
        return None
    return led_by_one(members["spend_to_come_cents"], members["tier"]).reindex(list(TIERS), fill_value=False)


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
    reason = WORDS.text("no outlook", why=why.rstrip("."))
    return [WORDS.skip("C1.expected_orders", reason, segment=_days(horizon_days))]


def _days(horizon_days: int) -> str:
    return f"{count(horizon_days, 'day')}"


def _amounts_to_come(
    ahead: PurchaseForecast, buyers: pd.DataFrame, *, until: int, cycle_days: float, currency: str
) -> list[Finding]:
    """The share still alive, the purchases to come and, where there are prices, the money to come."""
    found = [_alive(ahead, buyers, until=until, cycle_days=cycle_days)]
    if "purchases" not in ahead.totals or ahead.hidden is None:
        why = ahead.withheld or WORDS.text("nothing to compare")
        return [*found, *_not_predicted(why, ahead.horizon_days)]
    if ahead.spans_too_far("purchases"):
        rate = ahead.totals["purchases"].scaled(100 / len(ahead.history))
        span = {"low": rate.low, "high": rate.high}
        why = WORDS.text("spans too far", why=ahead.why_too_far, **span)
        return [*found, *_not_predicted(why, ahead.horizon_days)]
    told: dict[str, Any] = {
        "segment": _days(ahead.horizon_days),
        "assumptions": (WORDS.text("assumption as before"),),
        "wide": _is_wide(ahead.totals["purchases"]),
    }
    orders = WORDS.finding(
        "C1.expected_orders",
        ahead.totals["purchases"].scaled(1 / len(ahead.history)),
        scale=100,
        method=WORDS.text("method orders", way=ahead.ways["purchases"]),
        horizon_days=ahead.horizon_days,
        days=ahead.hidden.newest.days,
        misses=sorted(one.miss_percent for one in ahead.hidden.windows),
        way=ahead.ways["purchases"],
        **told,
    )
    found.append(orders)
    spend = ahead.ahead.spend
    if "cents" in ahead.totals and not ahead.spans_too_far("cents"):
        apart = (
            WORDS.text("assumption one price")
            if spend is None
            else WORDS.text("assumption spend", correlation=spend.correlation)
        )
        money = WORDS.finding(
            "C1.expected_spend",
            ahead.totals["cents"].scaled(1 / len(ahead.history)),
            scale=1 / 100,
            unit=WORDS.label("per customer with a", currency=currency),
            method=WORDS.text("method spend", way=ahead.ways["cents"]),
            currency=currency,
            **{**told, "assumptions": (*told["assumptions"], apart)},
        )
        found.append(money)
    return found


def _is_wide(total: Interval) -> bool:
    """Whether the interval is too wide to plan volumes on."""
    return total.high > _WIDE * total.estimate


def _alive(ahead: PurchaseForecast, buyers: pd.DataFrame, *, until: int, cycle_days: float) -> Finding:
    """A band: who bought within one cycle of the shop is still there, and the model's share is the most.

    Nobody sees who has left. The model takes a pace that rises with time, such as under a new programme, for
    faithfulness, so its share stands as the upper end only. Of those silent for a cycle many are still there,
    which outweighs the few of the others who have left since.
    """
    share, error = (100 * number for number in ahead.ahead.model.alive_share(ahead.ahead.known))
    if share > _NOBODY_LEFT or not ahead.ahead.tells_leaving:
        return WORDS.skip("C1.alive_share", WORDS.text("nobody left"))
    if ahead.hidden is not None and swings(ahead.hidden):
        return WORDS.skip("C1.alive_share", WORDS.text("swings", days=ahead.hidden.newest.days))
    came_back = buyers[buyers["purchases"] > 1]
    lately_days = round(cycle_days)
    lately = wilson(int((came_back["last_day"] > until - lately_days).sum()), len(came_back)).scaled(100)
    if share < lately.estimate:
        facts = {"share": share / 100, "lately": lately.estimate / 100, "lately_days": lately_days}
        return WORDS.skip("C1.alive_share", WORDS.text("ends contradict", **facts))
    middle, high = (lately.estimate + share) / 2, min(share + normal_reach() * error, 100.0)
    return WORDS.finding(
        "C1.alive_share",
        Interval(estimate=middle, low=lately.low, high=high, n=lately.n),
        method=WORDS.text("method alive", lately_days=lately_days),
        assumptions=(WORDS.text("assumption lately"), WORDS.text("assumption pace")),
        lately=lately.estimate / 100,
        lately_days=lately_days,
    )


def swings(hidden: HiddenWindows) -> bool:
    """Whether twice or half as many purchases came in a hidden stretch as a steady pace says, not by chance.

    In such a trade silence may be the season or a closed shop, and the share still there may lie beyond both
    ends.
    """
    alike = hidden.alike()
    far = any(
        one.predicted > _SWING * one.actual or one.actual > _SWING * one.predicted for one in hidden.windows
    )
    return alike is not None and alike < 1 - hidden.level and far
