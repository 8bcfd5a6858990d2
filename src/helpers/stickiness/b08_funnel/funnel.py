"""B8: at which step of the purchase path does a class of customers that seldom comes back drop out?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.customer_history import end_of
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    bars,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.release import Entry, is_few, may_leave, share_of, shares_leave
from helpers.stickiness.b08_funnel.funnel_steps import STEPS, funnel_frame, step_counts
from methods.customers.funnel_gap import gap_by_step
from methods.intervals.estimates import Interval, wilson

FEWEST = 50
STEP_FINDINGS = {
    "visit to view": "B8.visit_to_view",
    "view to cart": "B8.view_to_cart",
    "cart to order": "B8.cart_to_order",
    "order to repeat": "B8.order_to_repeat",
}
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """How far the customers of each class came, and where the weakest class falls behind.

    classes: one row a class (name, and customers who reached each of STEPS). weak: the class looked at.
    steps: see `gap_by_step`, that class against all others. by: the column that makes the classes.
    """

    findings: tuple[Finding, ...]
    classes: pd.DataFrame
    weak: str
    steps: pd.DataFrame
    by: str
    window_days: int
    repeat_days: int
    level: float

    @property
    def group(self) -> str:
        """The class looked at, such as channel advert."""
        return _group(self.by, self.weak)

    draws_released = True

    def draw(self) -> Picture:
        """Share who reached each step, the weak class beside the others, and the gap at each step.

        Steps that tell of too few people are left out.
        """
        reached = self._reached()
        shares = [
            (name, [(step, one.estimate) for step, one in zip(STEPS, parts, strict=True) if one.n])
            for name, parts in reached.items()
        ]
        title, alt = WORDS.picture(
            "funnel", self.findings, group=self.group, behind=self._behind(), shares=shares
        )
        figure, axes = canvas(title, columns=2, width_inches=10, height_inches=3.8)
        panel = axes[0, 0]
        for place, (name, parts) in enumerate(reached.items()):
            low, high = [one.low for one in parts], [one.high for one in parts]
            middle = [one.estimate for one in parts]
            bars(
                panel, STEPS, middle, low=low, high=high, upright=True, label=name,
                colour=PALETTE[1 - place], width=0.38, shift=0.4 * place - 0.2,
            )  # fmt: skip
        panel.set_ylabel("% of those who visited")
        panel.set_ylim(0, 125)
        panel.legend(loc="upper right", ncols=2)
        marks = [
            Mark(label=row.step, value=Interval(estimate=row.gap, low=row.low, high=row.high, n=row.reached))
            for row in self.told.dropna(subset="gap").itertuples()
        ]
        forest(axes[0, 1], marks, x=WORDS.text("gaps", group=self.group))
        return Picture(figure, alt)

    def _reached(self) -> dict[str, list[Interval]]:
        """The share of visitors who reached each step, in %, of the class and of all others."""
        weak = self.classes["name"] == self.weak
        found = {}
        for name, chosen in ((self.group, weak), ("all others", ~weak)):
            counts = self.classes.loc[chosen, list(STEPS)].sum().to_numpy()
            lost = np.abs(np.diff(counts, prepend=counts[0]))
            found[name] = [self._told_share(*pair, counts[0]) for pair in zip(counts, lost, strict=True)]
        return found

    def _told_share(self, count: int, lost: int, visitors: int) -> Interval:
        """The share in % with its interval; nothing where it, or the step before it, tells of too few."""
        if is_few(lost) or not may_leave(share_of("visitors", count / visitors, int(visitors))):
            return Interval(estimate=np.nan, low=np.nan, high=np.nan, n=0)
        return wilson(count, visitors, level=self.level).scaled(100)

    @property
    def told(self) -> pd.DataFrame:
        """The rows of `steps` that may leave, by those who went on and who did not on both sides.

        The number who reached a step says how many the step before lost, so that one goes with the other.
        """
        steps = self.steps.fillna({"rate": 0.0, "others_rate": 0.0})
        told = shares_leave(zip(steps["rate"] / 100, steps["reached"], strict=True))
        told &= shares_leave(zip(steps["others_rate"] / 100, steps["others_reached"], strict=True))
        told[1:] &= told[:-1].copy()
        return self.steps[told]

    def _behind(self) -> str:
        """The step at which the class is settled to fall behind most; empty where there is none."""
        settled = {finding.id for finding in self.findings if finding.verdict == "contradicted"}
        lost = [step for step, id in STEP_FINDINGS.items() if id in settled]
        if not lost:
            return ""
        ratios = self.steps.set_index("step")["log_ratio"]
        return min(lost, key=lambda step: np.nan_to_num(ratios[step], nan=-np.inf))

    def table(self) -> pd.DataFrame:
        """One row a step: conversion of the weak class and the others, gap, p, part of the gap."""
        names = {
            "step": "step", "reached": "customers", "rate": "% going on",
            "others_rate": "% of others", "gap": "gap", "low": "low", "high": "high",
            "p": "p alone", "part": "% of whole gap",
        }  # fmt: skip
        frame = self.told[[*names]].rename(columns=names)
        times = {"window_days": self.window_days, "repeat_days": self.repeat_days}
        frame.attrs = {
            "caption": WORDS.text("caption", group=self.group, **times),
            "formats": dict.fromkeys(("% going on", "% of others", "% of whole gap"), ".1f")
            | dict.fromkeys(("gap", "low", "high"), "+.1f")
            | {"p alone": "p"},
            "people": "customers",
            "shares": {"% going on": 100},
        }
        return frame


@question(WORDS, needs=("events.happened_at", "events.kind", "orders.placed_at"))
def funnel(
    shop: Shop,
    *,
    by: str = "channel",
    weak: str = "",
    entry_days: int = 90,
    window_days: int = 14,
    repeat_days: int = 60,
    level: float = 0.95,
) -> Funnel:
    """Return how far customers of each class came, and where the weakest one drops out.

    by: column of the customers table that makes the classes, such as channel, age_band or city_tier.
    weak: the class to look at; empty: the one that came back least among those who entered in the time
    before, so that it is not picked by the very numbers that are then tested. entry_days: length of the time
    in which a first visit enters; it ends so that every customer is followed for window_days and repeat_days.
    Raises CannotAnswer when visits are few, only one class is known, or none can be called the weakest.
    """
    shop = shop.while_known("events")
    if shop.missing(f"customers.{by}"):
        raise CannotAnswer(WORDS.text("no such column", by=by))
    end = end_of(shop) - dt.timedelta(days=window_days + repeat_days)
    start = end - dt.timedelta(days=entry_days)
    times = {"window_days": window_days, "repeat_days": repeat_days}
    known = shop["customers"].select("customer_id", name=shop["customers"][by].cast("string")).to_pandas()
    if not weak:
        earlier = funnel_frame(shop, start=start - dt.timedelta(days=entry_days), end=start, **times)
        weak = weakest(earlier.merge(known, on="customer_id"), by=by)
    reached = funnel_frame(shop, start=start, end=end, **times).merge(known, on="customer_id")
    return by_class(reached, weak=weak, by=by, **times, level=level)


def weakest(reached: pd.DataFrame, *, by: str) -> str:
    """Return the class of 50 visitors or more with the lowest share from visit to repeat.

    reached: one row a customer with `name` (the class) and one column a step. Raises CannotAnswer when
    there are fewer than two such classes or all came back alike.
    """
    classes = _classes(reached)
    large = classes[classes["visit"] >= FEWEST]
    if len(large) < 2:
        raise CannotAnswer(WORDS.text("few classes", by=by, fewest=FEWEST))
    share = large["repeat"] / large["visit"]
    if share.max() == share.min():
        raise CannotAnswer(WORDS.text("classes alike", by=by))
    return str(large.loc[share.idxmin(), "name"])


def by_class(
    reached: pd.DataFrame, *, weak: str, by: str, window_days: int, repeat_days: int, level: float = 0.95
) -> Funnel:
    """Compare one class with all others: one row a customer with `name` (the class) and one column a step."""
    classes = _classes(reached)
    chosen = classes["name"] == weak
    if classes.loc[chosen, "visit"].sum() < FEWEST or classes.loc[~chosen, "visit"].sum() < FEWEST:
        raise CannotAnswer(WORDS.text("few of class", fewest=FEWEST, by=by, weak=weak))
    counts = classes.loc[chosen, list(STEPS)].sum().to_numpy()
    others = classes.loc[~chosen, list(STEPS)].sum().to_numpy()
    steps = gap_by_step(counts, others, steps=STEPS, level=level)
    return Funnel(
        findings=(_overall(counts, others, steps, by, weak, level), *_step_findings(steps, by, weak, level)),
        classes=classes,
        weak=weak,
        steps=steps,
        by=by,
        window_days=window_days,
        repeat_days=repeat_days,
        level=level,
    )


def _classes(reached: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"name": name, **dict(zip(STEPS, step_counts(part), strict=True))}
        for name, part in reached.dropna(subset="name").groupby("name")
    ]
    return pd.DataFrame(rows, columns=["name", *STEPS])


def _group(by: str, weak: str) -> str:
    return f"{by.replace('_', ' ')} {weak}"


def _segment(by: str, weak: str) -> str:
    return f"{by}: {weak}"


def _step_findings(steps: pd.DataFrame, by: str, weak: str, level: float) -> list[Finding]:
    """One finding a step; how many reached it says how many the step before lost, so it tells of both."""
    found: list[Finding] = []
    before: tuple[Entry, ...] = ()
    for row in steps.dropna(subset="gap").itertuples():
        own = (
            share_of(_group(by, weak), row.rate / 100, row.reached),
            share_of("all others", row.others_rate / 100, row.others_reached),
        )
        gap = Interval(estimate=row.gap, low=row.low, high=row.high, n=row.reached, level=level)
        found.append(
            WORDS.finding(
                STEP_FINDINGS[row.step],
                gap,
                segment=_segment(by, weak),
                method=WORDS.text("method"),
                assumptions=(WORDS.text("independent"),),
                verdict=effect_verdict(gap),
                p_value=row.p,
                group=_group(by, weak),
                tells=(*before, *own),
                rate=row.rate / 100,
                others_rate=row.others_rate / 100,
            )
        )
        before = own
    return found


def _overall(
    counts: np.ndarray, others: np.ndarray, steps: pd.DataFrame, by: str, weak: str, level: float
) -> Finding:
    """Ratio of the conversions from visit to repeat, interval on the log scale, and its largest part."""
    a, n, b, m = counts[-1], counts[0], others[-1], others[0]
    if min(a, b) == 0:
        reason = WORDS.text("no second order", group=_group(by, weak) if a == 0 else "")
        return WORDS.skip("B8.overall", reason, segment=_segment(by, weak))
    ratio = (a / n) / (b / m)
    error = float(np.sqrt(1 / a - 1 / n + 1 / b - 1 / m))
    half = float(norm.ppf(0.5 + level / 2)) * error
    low, high = float(ratio * np.exp(-half)), float(ratio * np.exp(half))
    found = Interval(estimate=float(ratio), low=low, high=high, n=int(n), level=level)
    parts = steps.dropna(subset="part")
    return WORDS.finding(
        "B8.overall",
        found,
        scale=100,
        segment=_segment(by, weak),
        method=WORDS.text("ratio"),
        verdict="supported" if low > 1 else "contradicted" if high < 1 else "not settled",
        p_value=float(2 * norm.sf(abs(np.log(ratio)) / error)) if error > 0 else 1.0,
        tells=(share_of(_group(by, weak), a / n, int(n)), share_of("all others", b / m, int(m))),
        group=_group(by, weak),
        where=str(parts.loc[parts["log_ratio"].idxmin(), "step"]) if len(parts) else "the whole path",
    )
