"""C8: what to do for whom, at which cost, and where it is better to do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.action_findings import QUESTION, plan_findings, tier_findings
from helpers.segments.action_terms import ACTIONS, Action, Effect, known_effects
from helpers.segments.lifecycle import Lifecycle

MOST_TO_COME = "active, most to come"
_TOP_PART = 1 / 3


@dataclass(frozen=True, kw_only=True)
class ActionPlan:
    """What to do for each segment.

    rows: one row a segment with segment, action, advice, customers, buys (% within horizon_days), spend (a
    purchase), cost (a head), extra (purchases per 100), net, low, high (money a head; NaN where the effect
    was never measured), source (finding id), told (the same in words), contacted (customers, within the
    budget). budget: money; 0 means no limit.
    """

    rows: pd.DataFrame
    horizon_days: int
    budget: float
    currency: str
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the net value a head of each action with its interval; untested ones are named."""
        known = self.rows.dropna(subset="net")
        worth = int((known["low"] > 0).sum())
        figure, axes = canvas(
            f"Surely worth their cost: {worth} of {len(self.rows)} actions",
            x=f"net value a head, {self.currency} within {self.horizon_days} days",
            width_inches=9,
            height_inches=1.4 + 0.5 * len(self.rows),
        )
        labels = [f"{row.segment}: {row.action}" for row in self.rows.itertuples()]
        axes.set_yticks(range(len(labels)), labels)
        axes.axvline(0, color=INK, lw=0.8)
        for place, row in enumerate(self.rows.itertuples()):
            if np.isnan(row.net):
                axes.text(0, place, "  effect never measured: test first", color=MUTED, va="center")
                continue
            colour = PALETTE[2] if row.low > 0 else PALETTE[1] if row.high < 0 else MUTED
            away = [[row.net - row.low], [row.high - row.net]]
            axes.errorbar([row.net], [place], xerr=away, fmt="o", capsize=4, color=colour)
        axes.set_ylim(len(labels) - 0.5, -0.5)
        told = "; ".join(f"{row.segment}: {row.advice}" for row in self.rows.itertuples())
        return Picture(figure, f"Net value a head of each action with interval. {told}.")

    def table(self) -> pd.DataFrame:
        """Return one row a segment: size, what is expected of it, cost, effect, net value and advice."""
        money = self.currency
        headers = {
            "segment": ("segment", None),
            "action": ("action", None),
            "advice": ("advice", None),
            "customers": ("customers", ","),
            "buys": (f"% who buy in {self.horizon_days} days", ".1f"),
            "spend": (f"{money} a purchase", ",.0f"),
            "cost": (f"cost a head, {money}", ",.2f"),
            "extra": ("more purchases per 100", ".2f"),
            "net": (f"net a head, {money}", ",.2f"),
            "low": ("from", ",.2f"),
            "high": ("to", ",.2f"),
            "contacted": ("contacted within the budget", ","),
            "told": ("effect from", None),
        }
        frame = self.rows[list(headers)].rename(columns={name: told for name, (told, _) in headers.items()})
        frame.attrs = {
            "caption": "Segment to action",
            "formats": {told: form for told, form in headers.values() if form},
            "people": "customers",
        }
        return frame


@question("C8", QUESTION, needs=("orders.placed_at", "order_lines.unit_price_cents"))
def segment_actions(
    shop: Shop,
    *,
    stages: Lifecycle,
    findings: Iterable[Finding] = (),
    effects: Mapping[str, tuple[float, float, float]] | None = None,
    margin_percent: float = 30.0,
    contact_cost: float = 0.5,
    budget: float = 0.0,
) -> ActionPlan:
    """Weigh one action a lifecycle tier against its cost and choose under a budget.

    stages: the answer to C1. findings: of the chapters so far; those of chapter 03 carry the effects.
    effects: action name to (estimate, low, high) in percentage points, instead of a finding.
    margin_percent: what is left of a purchase (0 to 100). contact_cost: of reaching one customer. budget:
    for contacts and benefits, 0 for no limit; both in the shop's money. A tier gets its action only when
    the whole interval of its net value is above zero; an effect that nobody measured is never guessed.
    Raises CannotAnswer without an outlook (C1), or when no effect of any action is known.
    """
    if not isinstance(stages, Lifecycle):
        raise CannotAnswer(f"the lifecycle of C1 is needed first ({stages.reason})")
    if stages.outlook is None or stages.outlook.spend is None:
        raise CannotAnswer(
            "the purchases and amounts to come could not be foretold (C1), so nothing can be weighed."
        )
    known = known_effects(findings, effects)
    if not known:
        raise CannotAnswer(
            "no effect of any action is known: run a test of an offer (chapter 03) or give "
            "effects; guessing one "
            "would decide the answer."
        )
    segments = _segments(stages)
    rows = [
        _weigh(action, segments.loc[action.tier], known.get(action.name), margin=margin_percent / 100,
               contact=contact_cost, everybody=segments.attrs["buys"], days=stages.outlook.horizon_days)
        for action in ACTIONS if action.tier in segments.index
    ]  # fmt: skip
    frame = _within_budget(pd.DataFrame(rows), budget)
    return ActionPlan(
        rows=frame,
        horizon_days=stages.outlook.horizon_days,
        budget=budget,
        currency=shop.currency,
        findings=(*tier_findings(frame, shop.currency), *plan_findings(frame, budget, shop.currency)),
    )


def _segments(stages: Lifecycle) -> pd.DataFrame:
    """Size, chance of buying (%), its error and spend a purchase by tier, the best of the active apart."""
    members = stages.members.assign(segment=stages.members["tier"].astype(str))
    active = members["segment"] == "active"
    most = members["purchases_to_come"].where(active).rank(ascending=False, pct=True) <= _TOP_PART
    members.loc[most, "segment"] = MOST_TO_COME
    came_back = stages.tiers.set_index("tier")["came_back"].to_dict()
    off = abs(stages.check.miss) if stages.check else 0.0
    spend = stages.outlook.customers["spend_to_come_cents"].sum() / 100 / stages.outlook.purchases[0]
    groups = members.groupby("segment")
    frame = pd.DataFrame({"customers": groups.size(), "buys": 100 * groups["buys"].mean()})
    frame["buys"] = frame["buys"].fillna(pd.Series(came_back))
    own = groups["spend_to_come_cents"].sum() / 100 / groups["purchases_to_come"].sum().replace(0.0, np.nan)
    frame["spend"] = own.fillna(spend)
    frame["off"] = off * frame["buys"]
    frame = frame.dropna(subset="buys")
    frame.attrs["buys"] = float(np.average(frame["buys"], weights=frame["customers"]))
    return frame


def _weigh(
    action: Action,
    segment: pd.Series,
    effect: Effect | None,
    *,
    margin: float,
    contact: float,
    everybody: float,
    days: int,
) -> dict:
    row = {
        "segment": action.tier, "action": action.name, "customers": int(segment["customers"]),
        "buys": segment["buys"], "spend": segment["spend"],
        "cost": contact + action.benefit * segment["buys"] / 100, "extra": np.nan,
        "net": np.nan, "low": np.nan, "high": np.nan,
        "source": "never measured", "told": "never measured",
    }  # fmt: skip
    if effect is None:
        return {**row, "advice": "no action: test first"}
    here = effect.over(days).scaled(segment["buys"] / everybody)
    gain = (margin * segment["spend"] - action.benefit) / 100
    net = here.estimate * gain - row["cost"]
    # Two things are uncertain: the effect, and how many take the benefit who would have bought anyway.
    anyway = 1.96 * action.benefit * segment["off"] / 100
    down, up = sorted(((here.low - here.estimate) * gain, (here.high - here.estimate) * gain))
    low, high = net - np.hypot(down, anyway), net + np.hypot(up, anyway)
    advice = (
        action.name
        if low > 0
        else "no action: costs more than it brings"
        if high < 0
        else "no action: the interval covers zero"
    )
    cost = row["cost"] + action.benefit * max(here.estimate, 0.0) / 100
    return {**row, "cost": cost, "extra": here.estimate, "net": net, "low": low, "high": high,
            "source": effect.source, "told": effect.told, "advice": advice}  # fmt: skip


def _within_budget(frame: pd.DataFrame, budget: float) -> pd.DataFrame:
    """Contact the worthwhile tiers in the order of net value per cost until the money is spent."""
    worth = frame[frame["low"] > 0]
    order = (worth["net"] / worth["cost"].clip(lower=1e-9)).sort_values(ascending=False, kind="stable").index
    left = budget if budget > 0 else np.inf
    contacted = pd.Series(0, index=frame.index)
    for place in order:
        cost = frame.loc[place, "cost"]
        able = left // cost if cost > 0 and np.isfinite(left) else np.inf
        contacted[place] = int(min(frame.loc[place, "customers"], able))
        left -= contacted[place] * cost
    return frame.assign(contacted=contacted)
