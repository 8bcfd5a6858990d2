"""The decision: which list for which group, what it is worth, and what must still be tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import t as student

from helpers.data.purchases import dated_purchases
from helpers.recommend.hold_out import GROUPS, arm_means, read_holdouts, uplift
from helpers.recommend.words import slug
from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.intervals.clustered_means import ClusteredMeans
from methods.intervals.estimates import Interval
from methods.intervals.multiplicity import holm
from methods.intervals.sample_size import sample_per_arm

DECISION = "Which list for which group, what is it worth, and what would still need a test?"
_PER = 1_000.0
_MONTH_DAYS = 28


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to show to whom. frame: one row a group, numbers per 1,000 lists.

    frame columns: group, customers, list, purchases, purchases_low, purchases_high, money, money_low,
    money_high, base (share of withheld lists with a purchase), per_arm (of a test), p (adjusted over the
    groups), advice.
    """

    findings: tuple[Finding, ...]
    frame: pd.DataFrame = field(repr=False)
    gains: Mapping[tuple[str, str], Interval] = field(repr=False)
    smallest_extra: float

    def table(self) -> pd.DataFrame:
        """One row a group: the better list, extra purchases and money, the advice, and the size of a test."""
        rows = self.frame
        frame = pd.DataFrame(
            {
                "customers with": rows["group"].map(GROUPS),
                "customers": rows["customers"],
                "advice": rows["advice"],
                "extra purchases": rows["purchases"],
                "95 % interval": _between(rows, "purchases", "+.0f"),
                "extra money": rows["money"],
                "95 % interval ": _between(rows, "money", "+,.0f"),
                "p of the better list (Holm)": rows["p"],
                f"lists an arm to find {self.smallest_extra:g} more": rows["per_arm"],
            }
        )
        formats = {"customers": ",", "extra purchases": "+.0f", "extra money": "+,.0f"}
        formats |= {"p of the better list (Holm)": "p", frame.columns[-1]: ",.0f"}
        frame.attrs = {
            "caption": "The better list of each group, per 1,000 lists shown, money at list prices",
            "formats": formats,
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw the extra purchases of every list in every group."""
        lists = list(dict.fromkeys(name for name, _ in self.gains))
        groups = list(self.frame["group"])
        figure, axes = canvas(
            self._title(),
            x="purchases that showing the list adds, per 1,000 lists",
            height_inches=1.4 + 0.7 * len(groups),
        )
        told = []
        for number, name in enumerate(lists):
            for place, group in enumerate(groups):
                gain = self.gains[name, group]
                spot = place + 0.28 * (number - (len(lists) - 1) / 2)
                axes.plot([gain.low, gain.high], [spot, spot], color=PALETTE[number], lw=2.5)
                label = name if place == 0 else None
                axes.plot(gain.estimate, spot, "o", color=PALETTE[number], ms=7, label=label)
                told.append(f"“{name}”, {GROUPS[group]}: {gain.estimate:+.0f}")
        axes.axvline(0, color=INK, lw=0.8)
        axes.set_yticks(range(len(groups)), [GROUPS[group] for group in groups])
        axes.set_ylim(len(groups) - 0.4, -0.6)
        axes.legend(loc="best")
        return Picture(figure, f"Extra purchases per 1,000 lists: {'; '.join(told)}.")

    def _title(self) -> str:
        settled = self.frame[self.frame["advice"].str.startswith("show")]
        parts = [f"“{row.list}” for {GROUPS[row.group]}" for row in settled.itertuples()]
        return f"Show {'; '.join(parts)}" if parts else "No group has a list that is proved better"


@question("D5", DECISION, needs=("orders.placed_at",))
def decide(shop, *, smallest_extra: float = 20.0, power: float = 0.8) -> Decision:
    """Say for each group of customers which list adds most purchases, by the hold-out test.

    smallest_extra: purchases per 1,000 lists that would be worth a test. power: of that test. A list is
    advised where it beats the other beyond chance (Holm over the groups) and adds anything for sure; a list
    that adds something but is not proved better is named as such. Without a hold-out the answer is refused,
    with the size of the test needed.
    """
    if shop.missing("holdouts.shown", "holdouts.bought"):
        raise CannotAnswer(_what_a_test_needs(shop, smallest_extra, power))
    places = read_holdouts(shop)
    if places["policy"].nunique() < 2:
        raise CannotAnswer("only one list was tried; a choice needs two")
    keys = ["slate_id", "customer_id", "policy", "group", "shown", "shown_chance"]
    slates = places.groupby(keys, sort=False)[["bought", "money"]].sum(min_count=1).reset_index()
    slates["any"] = (slates["bought"] > 0).astype(float)
    slates = _large_enough(slates)
    purchases = arm_means(slates, outcome="bought", by=("policy", "group"))
    priced = slates["money"].notna().all()
    money = arm_means(slates, outcome="money", by=("policy", "group")) if priced else None
    frame, gains = _choose(slates, purchases, money, smallest_extra=smallest_extra, power=power)
    advice = dict(zip(frame["group"], frame["advice"], strict=True))
    findings = [_extra(gain, name, group, slates) for (name, group), gain in gains.items()]
    # Of every list and not only of the better one, which the same data picked, so that nothing flatters it.
    for name, group in gains if money is not None else ():
        worth = money.combined(**uplift(f"{name}|{group}", times=_PER))
        findings.append(_worth(worth, name, group, slates, advice[group], shop.currency))
    return Decision(findings=tuple(findings), frame=frame, gains=gains, smallest_extra=smallest_extra)


def _large_enough(slates: pd.DataFrame) -> pd.DataFrame:
    """Keep the groups in which every list was shown and withheld to 30 customers."""
    counts = (
        slates.groupby(["group", "policy", "shown"])["customer_id"].nunique().unstack(["policy", "shown"])
    )
    kept = [group for group in GROUPS if group in counts.index and (counts.loc[group].fillna(0) >= 30).all()]
    if not kept:
        raise CannotAnswer("no group of customers holds 30 to whom each list was shown and withheld")
    return slates[slates["group"].isin(kept)]


def _choose(slates, purchases: ClusteredMeans, money, *, smallest_extra: float, power: float):
    lists, rows, gains, chances = sorted(slates["policy"].unique()), [], {}, []
    for group in [name for name in GROUPS if name in set(slates["group"])]:
        for name in lists:
            gains[name, group] = purchases.combined(**uplift(f"{name}|{group}", times=_PER))
        first, second = sorted(lists, key=lambda name: -gains[name, group].estimate)[:2]
        gap = purchases.combined(**uplift(f"{first}|{group}"), **uplift(f"{second}|{group}", times=-1))
        # Two-sided, since the data say which list comes first.
        chances.append(2 * student.sf(abs(gap.estimate) / gap.standard_error, gap.n - 1))
        own = slates[slates["group"] == group]
        row = {"group": group, "customers": own["customer_id"].nunique(), "list": first}
        row |= _spread("purchases", gains[first, group])
        if money is not None:
            row |= _spread("money", money.combined(**uplift(f"{first}|{group}", times=_PER)))
        row["base"] = own.loc[~own["shown"], "any"].mean()
        row["per_arm"] = math.ceil(_per_arm(row["base"], smallest_extra, power))
        rows.append(row)
    frame = pd.DataFrame(rows).assign(p=holm(chances))
    frame = frame.reindex(columns=[*frame.columns, *({"money", "money_low", "money_high"} - set(frame))])
    frame["advice"] = [_advice(row) for row in frame.itertuples()]
    return frame, gains


def _advice(row) -> str:
    if row.purchases_low <= 0:
        return "no list is proved to add anything: test"
    return f"show “{row.list}”" if row.p < 0.05 else f"“{row.list}” adds, but is not proved the better"


def _per_arm(base: float, smallest_extra: float, power: float) -> float:
    """Lists an arm to find that many more lists with a purchase per 1,000."""
    base = float(np.clip(base, 0.001, 0.9))
    return sample_per_arm(base, smallest_extra / _PER, power=power)


def _what_a_test_needs(shop, smallest_extra: float, power: float) -> str:
    start = shop.as_of - pd.Timedelta(days=_MONTH_DAYS)
    orders = dated_purchases(shop)
    before = orders.filter(orders.placed_at < start).select("customer_id").distinct()
    after = orders.filter(orders.placed_at >= start).select("customer_id").distinct()
    known, again = before.count().execute(), before.semi_join(after, "customer_id").count().execute()
    if not known:
        raise CannotAnswer("no customer had bought before the last 28 days, so there is nobody to test on")
    base = again / known
    size = _per_arm(base, smallest_extra, power)
    return (
        "what a list adds is known only where a coin withheld it (table holdouts). A test of one month on "
        f"customers of whom {100 * base:.1f} % buy within {_MONTH_DAYS} days would need {math.ceil(size):,} "
        f"of them an arm to find {smallest_extra:g} more buyers per 1,000 with a chance of "
        f"{100 * power:.0f} %; there are {known:,}."
    )


def _extra(gain: Interval, name: str, group: str, slates: pd.DataFrame) -> Finding:
    own = slates[(slates["policy"] == name) & (slates["group"] == group)]
    verdict = "supported" if gain.low > 0 else "contradicted" if gain.high < 0 else "not settled"
    return _finding(
        gain, id=f"D5.extra_purchases_{slug(name)}_{group}", unit="purchases per 1,000 lists", n=len(own),
        segment=GROUPS[group], verdict=verdict,
        reading=f"“{name}” shown to 1,000 customers with {GROUPS[group]} adds {gain.estimate:+.0f} purchases "
        f"(95 % interval {gain.low:+.0f} to {gain.high:+.0f}).",
    )  # fmt: skip


def _worth(
    value: Interval, name: str, group: str, slates: pd.DataFrame, advice: str, currency: str
) -> Finding:
    own = slates[(slates["policy"] == name) & (slates["group"] == group)]
    settled = value.low > 0 or value.high < 0
    return _finding(
        value, id=f"D5.extra_money_{slug(name)}_{group}", unit=f"{currency} per 1,000 lists", n=len(own),
        segment=GROUPS[group],
        reading=f"“{name}” shown to 1,000 customers with {GROUPS[group]} adds {value.estimate:+,.0f} "
        f"{currency} of sales (95 % interval {value.low:+,.0f} to {value.high:+,.0f})"
        f"{'' if settled else ': its worth in money is not settled'}. For this group: {advice}.",
    )  # fmt: skip


def _finding(value: Interval, **fields) -> Finding:
    return Finding(
        requirement="D5", question=DECISION, estimate=value.estimate, low=value.low, high=value.high,
        method="lists shown minus withheld by a coin within the group, customers as clusters",
        assumptions=(
            "the coin alone decided what was shown",
            "sales at list prices, before the cost of goods and without what is sent back",
        ),
        **fields,
    )  # fmt: skip


def _spread(name: str, value: Interval) -> dict[str, float]:
    return {name: value.estimate, f"{name}_low": value.low, f"{name}_high": value.high}


def _between(rows: pd.DataFrame, name: str, spec: str) -> list[str]:
    pairs = zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [f"{low:{spec}} to {high:{spec}}" if np.isfinite(low) else "–" for low, high in pairs]
