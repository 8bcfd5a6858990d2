"""C1: how many customers are new, active, silent or lost, and what is still to come from them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers.data.shop import Shop
from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.history import history_frame, last_day
from helpers.segments.lifecycle_findings import check_findings, outlook_findings, size_findings
from helpers.segments.outlook import HoldOut, Outlook, foretell, hold_out
from methods.customers.bg_nbd import NotEstimable
from methods.customers.tiers import TIERS, TierRules, assign_tiers, sensitivity, shop_cycle

QUESTION = "Lifecycle: who is new, active, silent or lost, and what is still to come?"


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The lifecycle of all customers.

    tiers: one row a tier with rule, customers, share, low, high (in %), tightest and loosest share (in %,
    over the thresholds tried), alive, purchases_to_come and spend_to_come (means a customer), came_back (% of
    the tier's customers of `check.days` ago who bought since). scaled: shares by threshold factor.
    members: one row a customer with customer_id, tier, alive, buys, purchases_to_come, spend_to_come_cents.
    """

    tiers: pd.DataFrame
    scaled: pd.DataFrame
    members: pd.DataFrame
    cycle_days: float
    outlook: Outlook | None
    check: HoldOut | None
    currency: str
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the size of each tier, and foretold beside actual purchases of the hidden days."""
        shown = self.tiers[self.tiers["customers"] > 0]
        largest = shown.loc[shown["customers"].idxmax()]
        columns = 2 if self.check else 1
        figure, panels = canvas(
            f"{largest['share']:.0f} % of customers are {largest['tier']}: the largest group",
            columns=columns,
            width_inches=5 * columns,
            height_inches=3.6,
        )
        axes = panels[0, 0] if self.check else panels
        away = [shown["share"] - shown["low"], shown["high"] - shown["share"]]
        axes.barh(shown["tier"], shown["share"], xerr=away, color=PALETTE[5], ecolor=INK, capsize=3)
        tried = shown[["tightest", "loosest"]]
        axes.hlines(shown["tier"], tried.min(axis=1), tried.max(axis=1), color=PALETTE[1], lw=6, alpha=0.45)
        axes.invert_yaxis()
        axes.set_xlabel("% of customers (orange: with other thresholds)")
        if self.check:
            _draw_check(panels[0, 1], self.check)
        sizes = ", ".join(f"{row.tier} {row.share:.1f} %" for row in shown.itertuples())
        alt = f"Bars with intervals: share of customers by lifecycle tier: {sizes}."
        return Picture(figure, alt + (_check_words(self.check) if self.check else ""))

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
            "caption": f"Lifecycle tiers; the shop's typical purchase cycle is {self.cycle_days:.0f} days",
            "formats": {header: form for header, form in kept.values() if form},
            "people": "customers",
        }
        return frame


def _draw_check(axes, check: HoldOut) -> None:
    tenths = check.buckets
    axes.errorbar(
        tenths["foretold"], tenths["actual"], 1.96 * tenths["error"], fmt="o", capsize=3, label="a tenth"
    )
    top = float(tenths[["foretold", "actual"]].to_numpy().max()) * 1.1
    axes.plot([0, top], [0, top], color=PALETTE[6], ls="--", lw=1, label="as foretold")
    axes.set_xlabel(f"foretold purchases a customer, {check.days} hidden days")
    axes.set_ylabel("actual purchases a customer")
    axes.legend()


def _check_words(check: HoldOut) -> str:
    return (
        f" Points: tenths of the customers by foretold purchases in {check.days} hidden days; in all "
        f"{check.foretold:,.0f} foretold and {check.actual:,} actual purchases."
    )


@question("C1", QUESTION, needs=("orders.placed_at",))
def lifecycle(
    shop: Shop, *, rules: TierRules | None = None, horizon_days: int = 90, holdout_days: int = 90
) -> Lifecycle:
    """Sort all customers into new, active, silent and lost, and foretell their purchases.

    rules: where the tiers end (`TierRules`). horizon_days: how far purchases are foretold, 1 to 730.
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
    tier = assign_tiers(history, until=today, rules=rules)
    ahead, why_not = _foretell(buyers, until=today, horizon_days=horizon_days)
    hidden = min(holdout_days, int(today - buyers["first_day"].min()) // 3)
    check, came_back = _look_back(shop, today - hidden, hidden, rules)
    members = history[["customer_id"]].assign(tier=tier)
    if ahead is not None:
        members = members.join(ahead.customers)
    scaled = sensitivity(history, until=today, rules=rules)
    tiers = _tier_frame(members, scaled, rules.words(shop_cycle(history)), came_back)
    return Lifecycle(
        tiers=tiers,
        scaled=scaled,
        members=members,
        cycle_days=shop_cycle(history),
        outlook=ahead,
        check=check,
        currency=shop.currency,
        findings=(
            *size_findings(tiers, question=QUESTION),
            *outlook_findings(ahead or why_not, check, question=QUESTION, currency=shop.currency),
            *check_findings(check, question=QUESTION),
        ),
    )


def _foretell(buyers: pd.DataFrame, *, until: int, horizon_days: int) -> tuple[Outlook | None, str]:
    """The outlook, or None and why where the model cannot be fitted: the rules then stand alone."""
    try:
        return foretell(buyers, until=until, horizon_days=horizon_days), ""
    except NotEstimable as limit:
        return None, str(limit)


def _look_back(
    shop: Shop, until: int, days: int, rules: TierRules
) -> tuple[HoldOut | None, pd.Series | None]:
    """Hide the last days: foretell them, and see which tiers of that day bought in them."""
    before = history_frame(shop, until=until)
    if days < 7 or not (before["purchases"] > 1).any():
        return None, None
    tier = assign_tiers(before, until=until, rules=rules)
    came_back = 100 * (before["purchases_later"] > 0).groupby(tier, observed=False).mean()
    try:
        return hold_out(before[before["purchases"] > 0], until=until, days=days), came_back
    except NotEstimable:
        return None, came_back


def _tier_frame(
    members: pd.DataFrame, scaled: pd.DataFrame, words: dict[str, str], came_back: pd.Series | None
) -> pd.DataFrame:
    counts = members["tier"].value_counts().reindex(list(TIERS), fill_value=0).to_numpy()
    low, high = proportion_confint(counts, len(members), method="wilson")
    means = members.drop(columns="customer_id").groupby("tier", observed=False).mean().reindex(list(TIERS))
    return pd.DataFrame(
        {
            "tier": TIERS,
            "rule": [words[tier] for tier in TIERS],
            "customers": counts,
            "share": 100 * counts / len(members),
            "low": 100 * low,
            "high": 100 * high,
            "tightest": scaled.iloc[0].to_numpy(),
            "loosest": scaled.iloc[-1].to_numpy(),
            "alive": means.get("alive"),
            "purchases_to_come": means.get("purchases_to_come"),
            "spend_to_come": means["spend_to_come_cents"] / 100 if "spend_to_come_cents" in means else None,
            "came_back": came_back,
        },
        index=list(TIERS),
    )
