"""B8: at which step of the purchase path does a class of customers that seldom comes back drop out?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.shop import Shop
from helpers.report import PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.stickiness.funnel_steps import STEPS, funnel_frame, step_counts
from helpers.stickiness.words import finding_of, span
from methods.customers.funnel_gap import gap_by_step
from methods.intervals.estimates import Interval, wilson

_QUESTION = "Where in the purchase path does a group that seldom comes back drop out?"
FEWEST = 50
_BY = "ordered funnel, one entry a customer at the first visit; Newcombe's interval; Benjamini-Hochberg"


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

    def draw(self) -> Picture:
        """Share who reached each step, the weak class beside the others, and the gap at each step."""
        weak = self.classes["name"] == self.weak
        figure, axes = canvas(_title(self), columns=2, width_inches=10, height_inches=3.8)
        funnel, gaps = axes[0, 0], axes[0, 1]
        groups = {f"{self.by}: {self.weak}": weak, "all others": ~weak}
        said = []
        for place, (name, chosen) in enumerate(groups.items()):
            counts = self.classes.loc[chosen, list(STEPS)].sum().to_numpy()
            shares = [wilson(count, counts[0], level=self.level).scaled(100) for count in counts]
            middle = [one.estimate for one in shares]
            arms = [[one.estimate - one.low for one in shares], [one.high - one.estimate for one in shares]]
            offset = np.arange(len(STEPS)) + 0.4 * place - 0.2
            funnel.bar(offset, middle, 0.38, yerr=arms, capsize=2, color=PALETTE[1 - place], label=name)
            said.append(f"{name}: " + ", ".join(f"{s} {m:.0f} %" for s, m in zip(STEPS, middle, strict=True)))
        funnel.set_xticks(range(len(STEPS)), STEPS)
        funnel.set_ylabel("% of those who visited")
        funnel.set_ylim(0, 125)
        funnel.legend(loc="upper right", ncols=2)
        places = np.arange(len(self.steps))
        arms = [self.steps["gap"] - self.steps["low"], self.steps["high"] - self.steps["gap"]]
        gaps.errorbar(self.steps["gap"], places, xerr=arms, fmt="o", capsize=3, color=PALETTE[0])
        gaps.axvline(0, color=PALETTE[6], lw=0.8)
        gaps.set_yticks(places, self.steps["step"])
        gaps.invert_yaxis()
        gaps.set_xlabel(f"{self.weak} less the others, points (95 % interval)")
        return Picture(figure, f"Bars of the share who reached each step. {'; '.join(said)}.")

    def table(self) -> pd.DataFrame:
        """One row a step: conversion of the weak class and the others, gap, adjusted p, part of the gap."""
        names = {
            "step": "step", "reached": "customers of the class", "rate": "% going on",
            "others_rate": "% of the others", "gap": "gap, points", "low": "low", "high": "high",
            "p_adjusted": "p, adjusted", "part": "% of the whole gap",
        }  # fmt: skip
        frame = self.steps[[*names]].rename(columns=names)
        frame.attrs = {
            "caption": f"{self.by}: {self.weak} against all others. Each customer enters at the first visit; "
            f"views, carts and orders count in due order within {self.window_days} days of it, the repeat "
            f"within {self.repeat_days} days of the order. The last column splits the ratio of the overall "
            "conversions exactly (shares of its logarithm; they add to 100).",
            "formats": dict.fromkeys(("% going on", "% of the others", "% of the whole gap"), ".1f")
            | dict.fromkeys(("gap, points", "low", "high"), "+.1f")
            | {"p, adjusted": ".3f"},
            "people": "customers of the class",
        }
        return frame


@question("B8", _QUESTION, needs=("events.happened_at", "events.kind", "orders.placed_at"))
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
    Raises (as a skip) when visits are few or only one class is known.
    """
    end = shop.as_of - dt.timedelta(days=window_days + repeat_days)
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
    there are fewer than two such classes.
    """
    classes = _classes(reached)
    large = classes[classes["visit"] >= FEWEST]
    if len(large) < 2:
        raise CannotAnswer(
            f"fewer than two classes by {by} have {FEWEST} customers whose visits were followed to the end."
        )
    return str(large.loc[(large["repeat"] / large["visit"]).idxmin(), "name"])


def by_class(
    reached: pd.DataFrame, *, weak: str, by: str, window_days: int, repeat_days: int, level: float = 0.95
) -> Funnel:
    """Compare one class with all others: one row a customer with `name` (the class) and one column a step."""
    classes = _classes(reached)
    chosen = classes["name"] == weak
    if classes.loc[chosen, "visit"].sum() < FEWEST or classes.loc[~chosen, "visit"].sum() < FEWEST:
        raise CannotAnswer(f"fewer than {FEWEST} customers of {by} {weak}, or of all others, visited.")
    counts = classes.loc[chosen, list(STEPS)].sum().to_numpy()
    others = classes.loc[~chosen, list(STEPS)].sum().to_numpy()
    steps = gap_by_step(counts, others, steps=STEPS, level=level)
    return Funnel(
        findings=(*_step_findings(steps, by, weak, level), _overall(counts, others, steps, by, weak, level)),
        classes=classes, weak=weak, steps=steps, by=by, window_days=window_days, repeat_days=repeat_days,
        level=level,
    )  # fmt: skip


def _classes(reached: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"name": name, **dict(zip(STEPS, step_counts(part), strict=True))}
        for name, part in reached.dropna(subset="name").groupby("name")
    ]
    return pd.DataFrame(rows, columns=["name", *STEPS])


def _step_findings(steps: pd.DataFrame, by: str, weak: str, level: float) -> list[Finding]:
    found = []
    for row in steps.dropna(subset="gap").itertuples():
        clear = row.p_adjusted < 1 - level
        found.append(
            finding_of(
                Interval(estimate=row.gap, low=row.low, high=row.high, n=row.reached, level=level),
                id=f"B8.{row.step} {weak}".replace(" ", "_"),
                question=_QUESTION,
                unit="pp of those who reached the step before",
                segment=f"{by}: {weak}",
                method=_BY,
                assumptions=("Customers decide independently of one another.",),
                verdict="reported" if clear else "not settled",
                reading=f"From {row.step}: {row.rate:.1f} % of {by} {weak} went on, {row.others_rate:.1f} % "
                f"of the others, a gap of {row.gap:+.1f} points ({row.low:+.1f} to {row.high:+.1f})"
                f"{'' if clear else ', which chance can explain'}.",
            )
        )
    return found


def _overall(
    counts: np.ndarray, others: np.ndarray, steps: pd.DataFrame, by: str, weak: str, level: float
) -> Finding:
    """Ratio of the conversions from visit to repeat, interval on the log scale, and its largest part."""
    a, n, b, m = (max(x, 0.5) for x in (counts[-1], counts[0], others[-1], others[0]))
    ratio = (a / n) / (b / m)
    half = float(norm.ppf(0.5 + level / 2)) * np.sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    found = Interval(
        estimate=float(ratio), low=float(ratio * np.exp(-half)), high=float(ratio * np.exp(half)),
        n=int(counts[0]), level=level,
    ).scaled(100)  # fmt: skip
    parts = steps.dropna(subset="part")
    largest = parts.loc[parts["log_ratio"].idxmin()] if len(parts) else None
    where = (
        f" The largest part of it, {largest['part']:.0f} %, arises from {largest['step']}."
        if len(parts)
        else ""
    )
    return finding_of(
        found,
        id="B8.overall",
        question=_QUESTION,
        unit="% of the others' conversion from visit to repeat",
        segment=f"{by}: {weak}",
        method="ratio of two shares, interval on the log scale; split by step with log ratios, which add up",
        verdict="reported" if found.high < 100 or found.low > 100 else "not settled",
        reading=f"From visit to second order, {by} {weak} converts at "
        f"{span(found, digits=0)} % of the others' rate.{where}",
    )


def _title(answer: Funnel) -> str:
    clear = answer.steps[(answer.steps["p_adjusted"] < 1 - answer.level) & (answer.steps["gap"] < 0)]
    if clear.empty:
        return f"At no step does {answer.by} {answer.weak} fall behind beyond chance"
    worst = clear.loc[clear["log_ratio"].idxmin(), "step"]
    return f"{answer.by.capitalize()} {answer.weak} falls behind from {worst}"
