"""C8: what to do for whom, at which cost, and where it is better to do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from helpers.data.purchase_forecast import PurchaseForecast
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.estimate import standard_error
from helpers.report.formats import count, interval
from helpers.segments.c08_actions.action_terms import (
    ACTIONS,
    MOST_PROPORTION,
    SHARES,
    Action,
    Effect,
    Terms,
    known_effects,
    read_terms,
)
from methods.intervals.estimates import Interval, normal_reach

WORDS = words_beside(__file__)
MOST_TO_COME = "active, most to come"
_HOLDS_IT = "have it already"
_TOP_PART = 1 / 3
_QUANTITIES = ("purchases", "buyers", "cents")


class Stages(Protocol):
    """The answer to C1: customers with their tier and what is predicted of them, and how well that held.

    members: one row a customer with tier, buys, purchases_to_come, spend_to_come_cents. tiers: one row a tier
    with came_back. forecast: None where no model can be fitted.
    """

    @property
    def members(self) -> pd.DataFrame: ...

    @property
    def tiers(self) -> pd.DataFrame: ...

    @property
    def forecast(self) -> PurchaseForecast | None: ...


@dataclass(frozen=True, kw_only=True)
class ActionPlan:
    """What to do for each segment.

    rows: one row a segment with segment, action, advice, customers, already (those left out, for they have
    it), buys (% within horizon_days), spend (a purchase), cost (a head; NaN where it is not declared), extra
    (purchases per 100), cut (whether that was cut when it was carried over), value, low, high (money a head,
    net of its costs where these are declared, else what it may cost at most: margin, or without one sales;
    NaN where the effect was never measured), net (whether value is net), worth (whether it is advised),
    source (finding id), told (the same in words), contacted (customers, within the budget). budget: money; 0
    means no limit.
    """

    rows: pd.DataFrame
    horizon_days: int
    budget: float
    currency: str
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw what each action is worth a head with its interval; untested ones are named."""
        rows = self.rows.sort_values(
            "value", na_position="last", key=lambda value: value.isna(), kind="stable"
        )
        worth, priced = int(rows["worth"].sum()), bool(rows["net"].any())
        told = [f"{row.segment}: {row.advice}" for row in rows.itertuples()]
        facts = {"worth": worth, "tried": len(rows), "told": told, "priced": priced}
        title, alt = WORDS.picture("plan", self.findings, **facts)
        figure, axes = canvas(title, width_inches=9, height_inches=1.4 + 0.5 * len(rows))
        marks = [
            Mark(label="", value=_span(row), colour=_colour(row))
            for row in rows.dropna(subset="value").itertuples()
        ]
        days = count(self.horizon_days, "day")
        forest(axes, marks, x=WORDS.label("worth a head", priced=priced, currency=self.currency, days=days))
        for place in range(len(marks), len(rows)):
            axes.text(0, place, f"  {WORDS.label('never measured')}", color=MUTED, va="center")
        axes.set_yticks(range(len(rows)), [f"{row.segment}: {row.action}" for row in rows.itertuples()])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a segment: size, what is expected of it, cost, effect, net value and advice."""
        money = self.currency
        headers = {
            "segment": ("segment", None),
            "action": ("action", None),
            "advice": ("advice", None),
            "customers": ("customers", ","),
            "already": ("have it already", ","),
            "buys": (WORDS.label("who buy in", horizon_days=count(self.horizon_days, "day")), ".1f"),
            "spend": (WORDS.label("a purchase", money=money), ",.0f"),
            "cost": (WORDS.label("cost a head", money=money), ",.2f"),
            "extra": ("more purchases per 100", ".2f"),
            "a_head": (WORDS.label("net a head", priced=bool(self.rows["net"].any()), money=money), None),
            "contacted": ("contacted within the budget", ","),
            "told": ("effect from", None),
        }
        if not self.budget:  # without a limit all are contacted whom the advice names
            del headers["contacted"]
        rows = self.rows.assign(a_head=list(map(_a_head, self.rows.itertuples())))
        frame = rows[list(headers)].rename(columns={name: told for name, (told, _) in headers.items()})
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {told: form for told, form in headers.values() if form},
            "people": "customers",
        }
        return frame


def _a_head(row: Any) -> str | None:
    """Value a head with its interval, in one narrow cell; None where no effect is known."""
    return None if np.isnan(row.value) else interval(row.value, row.low, row.high, decimals=2)


@question(WORDS, needs=("orders.placed_at", "order_lines.unit_price_cents"))
def segment_actions(
    shop: Shop,
    stages: Stages,
    *,
    findings: Iterable[Finding] = (),
    effects: Mapping[str, tuple[float, float, float]] | None = None,
    offer_terms: str = "",
    budget: float = 0.0,
) -> ActionPlan:
    """Weigh one action a lifecycle tier against its cost and choose under a budget.

    stages: the answer to C1. findings: of the chapters so far; those of chapter 03 carry the effects.
    effects: action name to (estimate, low, high) in percentage points, instead of a finding.
    offer_terms: margin (%), cost of a contact and of each benefit in the shop's money (see `read_terms`); of
    an action that is not covered only what it may cost at most is told. budget: for contacts and benefits, 0
    for no limit. A tier gets its action only when the whole interval of its net value is above zero; an
    effect that nobody measured is never guessed, and one that its own chapter leaves open is not built on.
    Who is in an action's programme already is left out.
    Raises CannotAnswer without an outlook (C1), when no effect of any action is known, or on terms that
    cannot be read.
    """
    ahead = _outlook(stages)
    known = known_effects(findings, effects)
    if not known:
        raise CannotAnswer(WORDS.text("no effect known"))
    terms = _terms(offer_terms)
    segments = _segments(stages, ahead, _holders(shop))
    if not segments.attrs["buys"] > 0:
        raise CannotAnswer(WORDS.text("nobody expected"))
    rows = [
        _weigh(action, segments.loc[action.tier], known.get(action.name), terms=terms,
               everybody=segments.attrs["buys"], days=ahead.horizon_days)
        for action in ACTIONS if action.tier in segments.index
    ]  # fmt: skip
    frame = _within_budget(pd.DataFrame(rows), budget)
    return ActionPlan(
        rows=frame,
        horizon_days=ahead.horizon_days,
        budget=budget,
        currency=shop.currency,
        findings=(*_tiers(frame, shop.currency, terms), _plan(frame, budget, shop.currency, terms)),
    )


def _outlook(stages: Stages) -> PurchaseForecast:
    """The forecast of C1; raises CannotAnswer with what it lacks of all that a weighing rests on."""
    ahead = stages.forecast
    if ahead is None or ahead.withheld:
        why = f": {ahead.withheld}" if ahead is not None else ""
        raise CannotAnswer(WORDS.text("no forecast", why=why))
    lacks = [
        WORDS.text(f"lacks {name}")
        for name in _QUANTITIES
        if name not in ahead.totals or ahead.spans_too_far(name)
    ]
    if lacks:
        raise CannotAnswer(WORDS.text("forecast lacks", lacks=lacks))
    return ahead


def _terms(text: str) -> Terms:
    try:
        return read_terms(text)
    except ValueError as limit:
        raise CannotAnswer(f"{limit}.") from limit


def _holders(shop: Shop) -> dict[str, set[str]]:
    """Programme to the customers who are in it already."""
    if shop.missing("programmes.unit_id"):
        return {}
    rows = shop["programmes"]
    rows = rows.filter((rows.unit_kind == "customer") & rows.unit_id.notnull())
    frame = rows.select("programme", "unit_id").distinct().to_pandas()
    return {str(programme): set(own) for programme, own in frame.groupby("programme")["unit_id"]}


def _segments(stages: Stages, ahead: PurchaseForecast, holders: dict[str, set[str]]) -> pd.DataFrame:
    """Size, chance of buying (%), its error and spend a purchase by tier, the best of the active apart."""
    members = stages.members.assign(segment=stages.members["tier"].astype(str))
    active = members["segment"] == "active"
    most = members["purchases_to_come"].where(active).rank(ascending=False, pct=True) <= _TOP_PART
    members.loc[most, "segment"] = MOST_TO_COME
    already = pd.Series(0, index=members["segment"].unique())
    for action in ACTIONS:
        has = members["customer_id"].isin(holders.get(action.programme, ())) & (
            members["segment"] == action.tier
        )
        already[action.tier] = int(has.sum())
        members.loc[has, "segment"] = _HOLDS_IT
    came_back = stages.tiers.set_index("tier")["came_back"].to_dict()
    buyers = ahead.totals["buyers"]
    off = standard_error(buyers.low, buyers.high) / buyers.estimate
    spend = ahead.totals["cents"].estimate / 100 / ahead.totals["purchases"].estimate
    groups = members.groupby("segment")
    frame = pd.DataFrame({"customers": groups.size(), "buys": 100 * groups["buys"].mean()})
    frame["buys"] = frame["buys"].fillna(pd.Series(came_back))
    own = groups["spend_to_come_cents"].sum() / 100 / groups["purchases_to_come"].sum().replace(0.0, np.nan)
    frame["spend"] = own.fillna(spend)
    frame["off"] = off * frame["buys"]
    frame["already"] = already.reindex(frame.index, fill_value=0)
    frame = frame.dropna(subset="buys")
    frame.attrs["buys"] = float(np.average(frame["buys"], weights=frame["customers"]))
    return frame


def _weigh(
    action: Action, segment: pd.Series, effect: Effect | None, *, terms: Terms, everybody: float, days: int
) -> dict:
    row = {
        "segment": action.tier, "action": action.name, "customers": int(segment["customers"]),
        "already": int(segment["already"]), "buys": segment["buys"], "spend": segment["spend"],
        "cost": np.nan, "extra": np.nan, "cut": False, "value": np.nan, "low": np.nan, "high": np.nan,
        "net": False, "source": "never measured", "told": "never measured", "worth": False,
    }  # fmt: skip
    if effect is None:
        return {**row, "advice": WORDS.text("advice unknown")}
    here, cut = effect.carried(segment["buys"], everybody=everybody, days=days)
    row |= {"extra": here.estimate, "source": effect.source, "told": effect.told, "cut": cut}
    if not terms.cover(action.name):
        margin = 1.0 if terms.margin_percent is None else terms.margin_percent / 100
        value, low, high = (
            terms.kept * margin * segment["spend"] * number / 100
            for number in (here.estimate, here.low, here.high)
        )
        return {**row, "value": value, "low": low, "high": high, "advice": WORDS.text("advice undeclared")}
    return {**row, **_net(action, segment, here, effect, terms)}


def _net(action: Action, segment: pd.Series, here: Effect, effect: Effect, terms: Terms) -> dict:
    """The net value a head of an action whose terms are declared, and what follows from it."""
    benefit, contact = terms.benefits[action.name], terms.contact or 0.0
    cost = contact + benefit * segment["buys"] / 100
    gain = (terms.kept * (terms.margin_percent or 0.0) / 100 * segment["spend"] - benefit) / 100
    net = here.estimate * gain - cost
    # Two things are uncertain: the effect, and how many take the benefit who would have bought anyway.
    anyway = normal_reach() * benefit * segment["off"] / 100
    down, up = sorted(((here.low - here.estimate) * gain, (here.high - here.estimate) * gain))
    low, high = net - np.hypot(down, anyway), net + np.hypot(up, anyway)
    worth = low > 0 and not effect.is_open
    why_not = "advice open" if low > 0 else "advice loss" if high < 0 else "advice nil"
    return {
        "cost": cost + benefit * max(here.estimate, 0.0) / 100, "value": net, "low": low, "high": high,
        "net": True, "worth": worth, "advice": action.name if worth else WORDS.text(why_not),
    }  # fmt: skip


def _within_budget(frame: pd.DataFrame, budget: float) -> pd.DataFrame:
    """Contact the worthwhile tiers in the order of net value per cost until the money is spent."""
    worth = frame[frame["worth"]]
    order = (
        (worth["value"] / worth["cost"].clip(lower=1e-9)).sort_values(ascending=False, kind="stable").index
    )
    left = budget if budget > 0 else np.inf
    contacted = pd.Series(0, index=frame.index)
    for place in order:
        cost = frame.loc[place, "cost"]
        able = left // cost if cost > 0 and np.isfinite(left) else np.inf
        contacted[place] = int(min(frame.loc[place, "customers"], able))
        left -= contacted[place] * cost
    return frame.assign(contacted=contacted)


def _span(row) -> Interval:
    return Interval(estimate=row.value, low=row.low, high=row.high, n=row.customers)


def _colour(row) -> str:
    return PALETTE[2] if row.worth else PALETTE[1] if row.net and row.high < 0 else MUTED


def _carried(terms: Terms) -> tuple[str, ...]:
    forward = terms.brought_forward_percent
    return (
        WORDS.text("assumption same", most=MOST_PROPORTION),
        WORDS.text("assumption one more"),
        WORDS.text("assumption substitution", forward=forward),
        WORDS.text("assumption costs"),
    )


def _declared(terms: Terms, currency: str) -> list[str]:
    """Every number that is declared, in its unit and with its source."""
    numbers = dict(zip(SHARES, (terms.margin_percent, terms.brought_forward_percent), strict=True))
    numbers |= {"contact": terms.contact, **terms.benefits}
    return [
        WORDS.text(
            "declared",
            name=name,
            amount=amount,
            kind=name if name in (*SHARES, "contact") else "benefit",
            source=terms.sources.get(name, ""),
            currency=currency,
        )
        for name, amount in numbers.items()
        if amount is not None
    ]


def _tiers(frame: pd.DataFrame, currency: str, terms: Terms) -> list[Finding]:
    """What each action whose effect is known is worth a head: net, or what it may cost at most."""
    rows = frame.dropna(subset="value").itertuples()
    return [(_tier if row.net else _break_even)(row, currency, terms) for row in rows]


def _break_even(row, currency: str, terms: Terms) -> Finding:
    return WORDS.finding(
        "C8.break_even",
        _span(row),
        unit=WORDS.label("a head", currency=currency),
        segment=row.segment,
        method=WORDS.label("effect", text=WORDS.text("method break-even"), source=row.source),
        assumptions=_carried(terms)[:3],
        action=row.action,
        tier=row.segment,
        already=row.already,
        cut=row.cut,
        currency=currency,
        margin=terms.margin_percent,
    )


def _tier(row, currency: str, terms: Terms) -> Finding:
    doubt = WORDS.text("doubt", told=row.told) if row.low > 0 and not row.worth else ""
    return WORDS.finding(
        "C8.net_per_head",
        _span(row),
        unit=WORDS.label("a head", currency=currency),
        segment=row.segment,
        method=WORDS.label("effect", text=WORDS.text("method"), source=row.source),
        assumptions=_carried(terms),
        verdict=effect_verdict(_span(row), doubt=doubt),
        doubt=doubt,
        action=row.action,
        tier=row.segment,
        already=row.already,
        cut=row.cut,
        currency=currency,
    )


def _plan(frame: pd.DataFrame, budget: float, currency: str, terms: Terms) -> Finding:
    """What the whole plan is worth within the budget; skipped where no action's costs are declared."""
    if not frame["net"].any():
        return WORDS.skip("C8.plan_value", WORDS.text("no terms"))
    chosen = frame[frame["contacted"] > 0]
    total = float((chosen["contacted"] * chosen["value"]).sum())
    down = float(np.sqrt(np.square(chosen["contacted"] * (chosen["value"] - chosen["low"])).sum()))
    up = float(np.sqrt(np.square(chosen["contacted"] * (chosen["high"] - chosen["value"])).sum()))
    everybody = int(frame["customers"].sum())
    return WORDS.finding(
        "C8.plan_value",
        Interval(estimate=total, low=total - down, high=total + up, n=everybody),
        unit=currency,
        method=WORDS.text("method plan"),
        assumptions=(*_carried(terms), WORDS.text("assumption independent")),
        budget=max(budget, 0.0),
        actions=chosen["action"].to_list(),
        spent=float((chosen["contacted"] * chosen["cost"]).sum()),
        currency=currency,
        terms=_declared(terms, currency),
    )
