"""A2 in money: what the drawn prompt did to spend, with and without the largest customers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import (
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
from helpers.report.formats import interval
from helpers.report.told import interval_told
from helpers.uplift.a02_prompt_test.prompt_test import SHARPENERS, DrawnArm, PromptTest
from methods.intervals.estimates import Interval
from methods.trials.global_lift import GlobalLift, global_lift
from methods.trials.ratio_effect import RatioEffect, ratio_effect
from methods.trials.robust_effects import CappedEffect, QuantileEffect, capped_effect, quantile_effect

WORDS = words_beside(__file__)
TOP, CAP = 0.9, 0.99
KNOWN = (*SHARPENERS, "spend_before_cents")


@dataclass(frozen=True, kw_only=True)
class ArmMoney:
    """One arm against the control, in money a customer: the mean, plain and capped, and a high quantile.

    order: in money an order, None where an arm has none. spread: the effect on who bought, over all customers
    of the shop. tested: customers of the test, of whatever arm.
    """

    arm: DrawnArm
    capped: CappedEffect
    top: QuantileEffect
    order: RatioEffect | None
    spread: GlobalLift
    tested: int

    @property
    def effects(self) -> tuple[tuple[str, str, Interval], ...]:
        """Finding, name in the picture, and effect of each way to look."""
        of = f" ({self.arm.segment})" if self.arm.segment else ""
        return (
            ("A2.money", f"mean{of}", self.capped.plain),
            ("A2.money_winsorised", WORDS.label("mean capped", of=of), self.capped.effect),
            ("A2.money_top", WORDS.label("what one in ten", of=of), self.top.effect),
        )


@dataclass(frozen=True, kw_only=True)
class MoneyMoved:
    """What each arm did to spend, in the shop's money a customer."""

    arms: tuple[ArmMoney, ...]
    currency: str
    findings: tuple[Finding, ...] = ()

    @property
    def told(self) -> list[tuple[str, Interval]]:
        """Name in the picture and effect of each way to look, with the digits of its sentence."""
        return [(name, interval_told(value)) for one in self.arms for _, name, value in one.effects]

    def table(self) -> pd.DataFrame:
        """One row a way to look: look, effect, low, high."""
        rows = [(name, value.estimate, value.low, value.high) for name, value in self.told]
        frame = pd.DataFrame(rows, columns=["spend a customer", "effect", "low", "high"])
        formats = dict.fromkeys(["effect", "low", "high"], "+.1f")
        caption = WORDS.text("caption", currency=self.currency)
        frame.attrs = {"people": None, "caption": caption, "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw the effects with their intervals."""
        rows = self.told
        spoken = [f"{name} {interval(value.estimate, value.low, value.high)}" for name, value in rows]
        title, alt = WORDS.picture("money", self.findings, spoken=spoken, currency=self.currency)
        figure, axes = canvas(title, height_inches=1.2 + 0.4 * len(rows))
        forest(
            axes,
            [Mark(label=name, value=value) for name, value in rows],
            x=WORDS.label("a customer", currency=self.currency),
        )
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "order_lines.unit_price_cents", "experiments"))
def money_moved(shop: Shop, prompt: PromptTest) -> MoneyMoved:
    """Compare what customers drawn to see the prompt spent with what the others did.

    Means are adjusted as in `prompt_test`. A few large customers decide a mean: beside it stand the mean of
    spend capped at the quantile that 1 in 100 exceed, and the spend that 1 in 10 exceed. Raises CannotAnswer
    where nobody's spend is known or all spent alike.
    """
    frame = prompt.study.frame
    spend = frame["spend_after_cents"].astype("Float64")
    if spend.isna().any() or spend.nunique() < 2:
        raise CannotAnswer(WORDS.text("no spend"))
    frame = frame.assign(spend=spend.to_numpy(dtype=float) / 100)
    everyone = int(shop["customers"].customer_id.nunique().execute())
    arms = tuple(_arm(frame, arm, {one.name for one in prompt.arms}, everyone) for arm in prompt.arms)
    answer = MoneyMoved(arms=arms, currency=shop.currency)
    days = prompt.study.outcome_days
    return replace(answer, findings=tuple(found for one in arms for found in _findings(one, answer, days)))


def _arm(frame: pd.DataFrame, arm: DrawnArm, arms: set[str], everyone: int) -> ArmMoney:
    rows = frame[(frame["arm"] == arm.name) | ~frame["arm"].isin(arms)]
    rows = rows.assign(prompted=(rows["arm"] == arm.name).astype(float)).reset_index(drop=True)
    columns: dict[str, Any] = {"outcome": "spend", "treatment": "prompted"}
    return ArmMoney(
        arm=arm,
        capped=capped_effect(rows, covariates=KNOWN, share=CAP, **columns),
        top=quantile_effect(rows, quantile=TOP, **columns),
        order=_per_order(rows),
        spread=global_lift(arm.offer.effect, reached=len(frame), everyone=everyone),
        tested=len(frame),
    )


def _per_order(rows: pd.DataFrame) -> RatioEffect | None:
    try:
        return ratio_effect(rows, numerator="spend", denominator="orders_after", treatment="prompted")
    except CannotAnswer:  # nobody of an arm ordered
        return None


def _findings(one: ArmMoney, answer: MoneyMoved, days: int) -> list[Finding]:
    common: dict[str, Any] = {
        "n": one.arm.offer.rows,
        "segment": one.arm.segment,
        "assumptions": (WORDS.text("drawn"),),
        "what": one.arm.what,
    }
    facts: dict[str, Any] = {
        "outcome_days": days,
        "currency": answer.currency,
        "cap": _rough(one.capped.cap),
        "capped": one.capped.capped,
        "without": _rough(one.top.control.estimate),
    }
    unit = WORDS.label("a customer", currency=answer.currency)
    found = [
        WORDS.finding(id, value, unit=unit, method=WORDS.text(f"method {id}"), **common, **facts)
        for id, _, value in one.effects
    ]
    return [*found, _order_finding(one, answer, common), _spread_finding(one, common)]


def _order_finding(one: ArmMoney, answer: MoneyMoved, common: dict[str, Any]) -> Finding:
    if one.order is None:
        return WORDS.skip("A2.money_per_order", WORDS.text("no orders"), segment=one.arm.segment)
    return WORDS.finding(
        "A2.money_per_order",
        one.order.effect,
        unit=WORDS.label("an order", currency=answer.currency),
        method=WORDS.text("method A2.money_per_order"),
        **common,
    )


def _spread_finding(one: ArmMoney, common: dict[str, Any]) -> Finding:
    return WORDS.finding(
        "A2.global_lift",
        one.spread.effect,
        scale=100,
        method=WORDS.text("method A2.global_lift"),
        verdict=effect_verdict(one.spread.effect),
        share=one.spread.share,
        **{**common, "n": one.tested},
    )


def _rough(amount: float) -> float:
    """Two digits: a quantile is next to somebody's own amount."""
    return float(f"{amount:.2g}")
