"""The decision: which list for which group, what it is worth, and what must still be tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from helpers.data.holdouts import DAYS, GROUPS, read_holdouts, read_purchases_after
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import (
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
from helpers.report.formats import interval, number
from helpers.report.phrases import said
from methods.intervals.clustered_means import ClusteredMeans
from methods.intervals.estimates import Interval
from methods.intervals.few_events import combined_rates
from methods.intervals.multiplicity import holm
from methods.intervals.sample_size import sample_per_arm
from methods.logs.hold_out import arm_means, uplift_weights

WORDS = words_beside(__file__)
_PER = 1_000.0
_MONTH_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to show to whom. frame: one row a group, numbers per 1,000 lists, in the whole shop.

    frame columns: group, customers, list, purchases, purchases_low, purchases_high, money, money_low,
    money_high, base (share of withheld lists with a purchase), per_arm (of a test), p (adjusted over the
    groups).
    """

    findings: tuple[Finding, ...]
    frame: pd.DataFrame = field(repr=False)
    gains: Mapping[tuple[str, str], Interval] = field(repr=False)
    smallest_extra: float

    def advice(self) -> pd.Series:
        """What to do by group, in words; it follows the verdicts as they stand.

        A list is advised where it adds purchases for sure and beats the other beyond chance (Holm over the
        groups).
        """
        return pd.Series({row.group: self._advised(row) for row in self.frame.itertuples()})

    def _advised(self, row: Any) -> str:
        if not self._adds(row.list, row.group):
            return WORDS.text("test")
        return WORDS.text("show" if row.p < 0.05 else "adds", list=row.list)

    def _adds(self, name: str, group: str) -> bool:
        key = ("D5.extra_purchases", segment_of(name, group))
        return any(one.key == key and one.verdict == "supported" for one in self.findings)

    def table(self) -> pd.DataFrame:
        """One row a group: the better list, extra purchases and money, the advice, and the size of a test."""
        rows = self.frame
        frame = pd.DataFrame(
            {
                "customers with": rows["group"].map(GROUPS),
                "customers": rows["customers"],
                "advice": rows["group"].map(self.advice()),
                "extra purchases": _with_interval(rows, "purchases"),
                "extra sales": _with_interval(rows, "money"),
                "p": rows["p"],
                "lists an arm": rows["per_arm"],
            }
        )
        formats = {"customers": ",", "p": "p", frame.columns[-1]: ",.0f"}
        frame.attrs = {
            "caption": WORDS.text("caption", smallest=self.smallest_extra),
            "formats": formats,
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw the extra purchases of every list in every group."""
        lists = list(dict.fromkeys(name for name, _ in self.gains))
        advised = [
            (row.list, GROUPS[row.group])
            for row in self.frame.itertuples()
            if row.p < 0.05 and self._adds(row.list, row.group)
        ]
        cells = [(name, group) for group in self.frame["group"] for name in lists]
        told = [f"{segment_of(*cell)}: {number(self.gains[cell].estimate, 0, signed=True)}" for cell in cells]
        title, alt = WORDS.picture("decision", self.findings, advised=advised, told=told)
        figure, axes = canvas(title, height_inches=1.4 + 0.3 * len(cells))
        marks = [
            Mark(
                label=segment_of(*cell),
                value=self.gains[cell],
                colour=PALETTE[lists.index(cell[0]) % len(PALETTE)],
            )
            for cell in cells
        ]
        forest(axes, marks, x="purchases in the whole shop that showing the list adds, per 1,000 lists")
        return Picture(figure, alt)


def segment_of(name: str, group: str) -> str:
    """Return the segment of a list shown to a group of customers (of GROUPS).

    >>> segment_of("familiar", "first_order")
    'familiar, one purchase before'
    """
    return f"{name}, {GROUPS[group]}"


HOLD_OUT = ("holdouts.shown", "holdouts.bought", "holdouts.decided_at")


@question(WORDS, needs=("orders.placed_at",), one_of=(HOLD_OUT,))
def decide(shop: Shop, *, smallest_extra: float = 20.0, power: float = 0.8) -> Decision:
    """Say for each group of customers which list adds most purchases to the shop, by the hold-out test.

    All purchases of the 7 days after the coin count: what a list only takes from other products adds nothing.

    smallest_extra: purchases per 1,000 lists that would be worth a test. power: of that test. A list is
    advised where it beats the other beyond chance (Holm over the groups) and adds anything for sure; a list
    that adds something but is not proved better is named as such. Without a hold-out the answer is refused,
    with the size of the test needed.
    """
    if shop.missing(*HOLD_OUT):
        raise CannotAnswer(_what_a_test_needs(shop, smallest_extra, power))
    places = read_holdouts(shop)
    if places["policy"].nunique() < 2:
        raise CannotAnswer(WORDS.text("one list"))
    slates = _large_enough(_in_the_whole_shop(shop, places))
    if not (slates["bought"] > 0).any():
        raise CannotAnswer(WORDS.text("nothing bought"))
    purchases = arm_means(slates, outcome="bought", by=("policy", "group"))
    priced = slates["money"].notna().all() and (slates["money"] > 0).any()
    money = arm_means(slates, outcome="money", by=("policy", "group")) if priced else None
    frame, gains = _choose(slates, purchases, money, smallest_extra=smallest_extra, power=power)
    findings = [_extra(gain, name, group, slates) for (name, group), gain in gains.items()]
    # Of every list and not only of the better one, which the same data picked, so that nothing flatters it.
    if money is not None:
        for name, group in gains:
            worth = combined_rates(money, **uplift_weights(f"{name}|{group}", times=_PER))
            findings.append(_worth(worth, name, group, slates, shop.currency))
    return Decision(findings=tuple(findings), frame=frame, gains=gains, smallest_extra=smallest_extra)


def _in_the_whole_shop(shop: Shop, places: pd.DataFrame) -> pd.DataFrame:
    """One row a list: bought and money of all products in the days after the coin, and whether any was."""
    after = read_purchases_after(shop, places)
    if after.empty:
        raise CannotAnswer(WORDS.text("days not over", days=DAYS))
    bought, money = after["listed"] + after["other"], after["listed_money"] + after["other_money"]
    return after.assign(bought=bought, money=money, any=(bought > 0).astype(float))


def _large_enough(slates: pd.DataFrame) -> pd.DataFrame:
    """Keep the groups in which every list was shown and withheld to 30 customers."""
    counts = (
        slates.groupby(["group", "policy", "shown"])["customer_id"].nunique().unstack(["policy", "shown"])
    )
    kept = [group for group in GROUPS if group in counts.index and (counts.loc[group].fillna(0) >= 30).all()]
    if not kept:
        raise CannotAnswer(WORDS.text("no large group"))
    return slates[slates["group"].isin(kept)]


def _choose(
    slates: pd.DataFrame,
    purchases: ClusteredMeans,
    money: ClusteredMeans | None,
    *,
    smallest_extra: float,
    power: float,
) -> tuple[pd.DataFrame, dict[tuple[str, str], Interval]]:
    lists, rows, gains, chances = sorted(slates["policy"].unique()), [], {}, []
    for group in [name for name in GROUPS if name in set(slates["group"])]:
        for name in lists:
            gains[name, group] = combined_rates(purchases, **uplift_weights(f"{name}|{group}", times=_PER))
        first, second = sorted(lists, key=lambda name: -gains[name, group].estimate)[:2]
        gap = purchases.combined(
            **uplift_weights(f"{first}|{group}"), **uplift_weights(f"{second}|{group}", times=-1)
        )
        # Two-sided, since the data say which list comes first.
        chances.append(_p_of_gap(gap))
        own = slates[slates["group"] == group]
        row = {"group": group, "customers": own["customer_id"].nunique(), "list": first}
        row |= _spread("purchases", gains[first, group])
        if money is not None:
            worth = combined_rates(money, **uplift_weights(f"{first}|{group}", times=_PER))
            row |= _spread("money", worth)
        row["base"] = own.loc[~own["shown"], "any"].mean()
        row["per_arm"] = math.ceil(_per_arm(row["base"], smallest_extra, power))
        rows.append(row)
    frame = pd.DataFrame(rows).assign(p=holm(chances))
    frame = frame.reindex(columns=[*frame.columns, *({"money", "money_low", "money_high"} - set(frame))])
    return frame, gains


def _p_of_gap(gap: Interval) -> float:
    """The chance of so large a gap without any; 1 where nothing varied, which shows nothing."""
    if not gap.standard_error > 0:
        return 1.0
    return float(2 * student.sf(abs(gap.estimate) / gap.standard_error, gap.n - 1))


def _per_arm(base: float, smallest_extra: float, power: float) -> float:
    """Lists an arm to find that many more lists with a purchase per 1,000."""
    base = float(np.clip(base, 0.001, 0.9))
    return sample_per_arm(base, smallest_extra / _PER, power=power)


def _what_a_test_needs(shop: Shop, smallest_extra: float, power: float) -> str:
    start = shop.end - pd.Timedelta(days=_MONTH_DAYS)
    orders = dated_purchases(shop)
    before = orders.filter(orders.placed_at < start).select("customer_id").distinct()
    after = orders.filter(orders.placed_at >= start).select("customer_id").distinct()
    known, again = before.count().execute(), before.semi_join(after, "customer_id").count().execute()
    if not known:
        raise CannotAnswer(WORDS.text("nobody to test on"))
    base = again / known
    size = _per_arm(base, smallest_extra, power)
    return WORDS.text(
        "needs",
        base=base,
        days=_MONTH_DAYS,
        size=math.ceil(size),
        smallest=smallest_extra,
        power=power,
        known=known,
    )


def _extra(gain: Interval, name: str, group: str, slates: pd.DataFrame) -> Finding:
    return _finding("D5.extra_purchases", gain, name, group, slates, verdict=effect_verdict(gain))


def _worth(value: Interval, name: str, group: str, slates: pd.DataFrame, currency: str) -> Finding:
    unit = said(WORDS.registry["D5.extra_money"].unit).format(currency=currency)
    verdict = effect_verdict(value)
    return _finding("D5.extra_money", value, name, group, slates, unit=unit, verdict=verdict)


def _finding(id: str, value: Interval, name: str, group: str, slates: pd.DataFrame, **fields: Any) -> Finding:
    own = (slates["policy"] == name) & (slates["group"] == group)
    return WORDS.finding(
        id,
        value,
        n=int(own.sum()),
        persons=slates.loc[own, "customer_id"].nunique(),
        segment=segment_of(name, group),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("coin"), WORDS.text("sales")),
        list=name,
        group=GROUPS[group],
        **fields,
    )


def _spread(name: str, value: Interval) -> dict[str, float]:
    return {name: value.estimate, f"{name}_low": value.low, f"{name}_high": value.high}


def _with_interval(rows: pd.DataFrame, name: str) -> list[str]:
    numbers = zip(rows[name], rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [interval(*ends, decimals=0) if np.isfinite(ends).all() else "–" for ends in numbers]
