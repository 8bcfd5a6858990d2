"""E2: when does asking customers again to share cost more than it brings?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from helpers.data.drawn_sizes import doubt_on_sizes, drawn_sizes, verdict_on_sizes
from helpers.data.experiment import Experiment
from helpers.data.find_experiment import find_experiment
from helpers.data.followed_days import followed_days
from helpers.data.shop import Shop
from helpers.guardrails.e02_forced_sharing.asked_customers import (
    BEFORE,
    REASONS,
    asked_customers,
    bought_later,
    stated_reasons,
)
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    canvas,
    effect_verdict,
    question,
    words_beside,
)
from helpers.report.formats import count, interval, listed
from helpers.report.release import shares_by
from helpers.report.told import told
from methods.intervals.estimates import Interval, wilson
from methods.regression.arms import FEWEST_IN_GROUP
from methods.trials.dose_arms import DoseArms, dose_arms
from methods.trials.sample_ratio import ALARM, SampleRatio

WORDS = words_beside(__file__)
# What is counted of each customer, and the finding that tells what requests did to it.
COUNTED = {"E2.shares": "shares", "E2.orders": "orders", "E2.ties_ended": "ties_ended"}
UNKNOWN = {"opted_out": "opt-outs", "ties_ended": "ties ended"}
# Prices of which nothing was entered: in a shop in CNY so much, in another the same parts of its mean order.
NOT_ENTERED = -1.0
_ASSUMED = {"share_worth": 10.0, "opt_out_cost": 5.0, "tie_cost": 1.0}
_ASSUMED_IN, _MEAN_ORDER = "CNY", 364.0


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What things are worth in whole currency.

    margin: share of a sale that is left to the shop. assumed: whether any of the others was not entered.
    """

    margin: float
    share_worth: float
    opt_out_cost: float
    tie_cost: float
    assumed: bool

    @classmethod
    def of(cls, frame: pd.DataFrame, currency: str, *, margin: float, **entered: float) -> Prices:
        """Return prices as entered, others assumed by the mean order of a frame of `asked_customers`."""
        part = 1.0
        if currency != _ASSUMED_IN:
            part = float(frame["spend"].sum() / max(frame["orders"].sum(), 1)) / _MEAN_ORDER
        open_ones = [name for name, price in entered.items() if price == NOT_ENTERED]
        assumed = {name: float(f"{part * _ASSUMED[name]:.2g}") for name in open_ones}
        return cls(margin=margin, **{**entered, **assumed}, assumed=bool(open_ones))


@dataclass(frozen=True, kw_only=True)
class ForcedSharing:
    """Every arm of a test that drew how often customers were asked to share.

    frame: of `asked_customers`, with margin and net_value in whole currency, and bought_later (NaN where not
    known). reasons: of `stated_reasons`, None where the shop asks nobody why they left. arms: name to number
    of requests, rising. effects: by column of the frame. ratio: customers by arm against the plan.
    """

    experiment: str
    outcome_days: int
    currency: str
    frame: pd.DataFrame = field(repr=False)
    arms: dict[str, int]
    effects: dict[str, DoseArms]
    ratio: SampleRatio
    prices: Prices
    reasons: pd.DataFrame | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def control(self) -> pd.DataFrame:
        """The customers never asked."""
        return self.frame[self.frame["asks"] == 0]

    def effect(self, column: str, arm: str) -> Interval:
        """Return what an arm did to a column, against the control."""
        return self.effects[column].effects[list(self.arms).index(arm)]

    def table(self) -> pd.DataFrame:
        """One row an arm: requests, customers, who bought and opted out, means, net value."""
        by_arm = self.frame.groupby("asks")
        table = pd.DataFrame(
            {
                "requests": list(by_arm.groups),
                "customers": by_arm.size().to_numpy(),
                "bought": by_arm["bought"].mean().to_numpy(),
                "orders per 100": 100 * by_arm["orders"].mean().to_numpy(),
                "shares per 100": 100 * by_arm["shares"].mean().to_numpy(),
            }
        )
        formats = {"bought": ".1%", "orders per 100": ".1f", "shares per 100": ".1f"}
        if "ties_ended" in self.frame:
            table["ties ended per 100"] = 100 * by_arm["ties_ended"].mean().to_numpy()
            formats["ties ended per 100"] = ".1f"
        table["net value against none"] = ["–", *map(_told, self.effects["net_value"].effects)]
        table.attrs = {
            "caption": WORDS.text("caption", outcome_days=self.outcome_days),
            "formats": formats,
            "people": "customers",
            "shares": {"bought": 1},
        }
        return table

    def draw(self) -> Picture:
        """Draw net value by number of requests, and what it is made of."""
        net = self.effects["net_value"]
        spoken = [
            WORDS.label("asked", asks=asks, told=_told(self.effect("net_value", arm)))
            for arm, asks in self.arms.items()
        ]
        title, alt = WORDS.picture("arms", self.findings, effects=spoken, tried=_tried(net))
        figure, (left, right) = _panels(title)
        _curve(left, net.doses, net.effects, PALETTE[0], "")
        left.plot(net.doses, net.concave, color=MUTED, linestyle="--", label="concave curve")
        left.set(xlabel="requests", ylabel=WORDS.label("a customer against none", currency=self.currency))
        left.legend()
        for place, (column, name) in enumerate(_PARTS.items()):
            if column in self.effects:
                scaled = [one.scaled(100) for one in self.effects[column].effects]
                _curve(right, net.doses, scaled, PALETTE[place], name, marker="os^"[place])
        right.set(xlabel="requests", ylabel="per 100 customers, against none")
        right.legend()
        return Picture(figure, alt)


_PARTS = {"orders": "orders", "shares": "shares", "ties_ended": "ties ended"}


def _panels(title: str) -> tuple[Any, Any]:
    figure, axes = canvas(title, columns=2, height_inches=3.6)
    for panel in axes[0]:
        panel.axhline(0.0, color="black", linewidth=0.8)
    return figure, axes[0]


def _curve(panel: Any, doses: Any, effects: Any, colour: str, label: str, *, marker: str = "o") -> None:
    middle = [0.0, *(one.estimate for one in effects)]
    arms = [
        [0.0, *(one.estimate - one.low for one in effects)],
        [0.0, *(one.high - one.estimate for one in effects)],
    ]
    panel.errorbar(doses, middle, yerr=arms, fmt=f"{marker}-", color=colour, capsize=3, label=label or None)


def _told(value: Interval) -> str:
    leaves = told(value.estimate, value.low, value.high, level=value.level, decimals=2, nil=0.0)
    return interval(leaves.estimate, leaves.low, leaves.high, decimals=2 if leaves.decimals else 0)


def _tried(net: DoseArms) -> list[int]:
    return [int(dose) for dose in net.doses]


@question(WORDS, needs=("orders.placed_at", "shares.posted_at", "experiments.assigned_at"))
def forced_sharing(
    shop: Shop,
    *,
    experiment: str = "",
    outcome_days: int = 84,
    margin_share: float = 0.3,
    share_worth: float = NOT_ENTERED,
    opt_out_cost: float = NOT_ENTERED,
    tie_cost: float = NOT_ENTERED,
) -> ForcedSharing:
    """Compare customers by how often they were drawn to be asked to share.

    experiment: name of the test; empty means the one declared as asks (see `find_experiment`). outcome_days:
    days followed from the draw, or so far where the test still runs; what the test declares holds.
    margin_share: part of a sale that the shop keeps. share_worth, opt_out_cost, tie_cost: what a share brings
    through friends, and what a lost right to write and an ended friendship cost, in whole currency; −1: 10, 5
    and 1 where the shop sells in CNY, elsewhere the same parts of its mean order (2.7, 1.4 and 0.27 %).
    Each arm of 25 customers or more is compared with the control. Raises CannotAnswer without such a test,
    or where the name of an arm holds no number of its own.
    """
    test = find_experiment(shop, kind="asks", name=experiment)
    days = followed_days(shop, test, outcome_days=test.outcome_days or outcome_days)
    drawn = asked_customers(shop, test, outcome_days=days)
    entered = {"share_worth": share_worth, "opt_out_cost": opt_out_cost, "tie_cost": tie_cost}
    prices = Prices.of(drawn, shop.currency, margin=margin_share, **entered)
    everyone = _priced(drawn, prices)
    plan = test.shares(sorted(everyone["arm"].unique()))
    ratio = drawn_sizes(shop, everyone["arm"], everyone["index_at"], planned=plan)
    frame, arms = _large_arms(everyone, test.control)
    if frame["orders"].nunique() < 2 and frame["shares"].nunique() < 2:
        raise CannotAnswer(WORDS.text("nothing varies"))
    frame = frame.assign(bought_later=bought_later(shop, frame, days=days))
    columns = [name for name in ("net_value", "margin", *COUNTED.values()) if name in frame]
    asked = ForcedSharing(
        experiment=test.name,
        outcome_days=days,
        currency=shop.currency,
        frame=frame,
        arms=arms,
        effects={name: dose_arms(frame, outcome=name, dose="asks", covariates=BEFORE) for name in columns},
        ratio=ratio,
        prices=prices,
        reasons=None if shop.missing(REASONS, "surveys.answered_at") else stated_reasons(shop, frame),
    )
    return _with_findings(asked, test, plan)


def _priced(frame: pd.DataFrame, prices: Prices) -> pd.DataFrame:
    margin = prices.margin * frame["spend"]
    net = margin + prices.share_worth * frame["shares"]
    for name, cost in (("opted_out", prices.opt_out_cost), ("ties_ended", prices.tie_cost)):
        net = net - cost * frame[name] if name in frame else net
    return frame.assign(margin=margin, net_value=net)


def _large_arms(frame: pd.DataFrame, control: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """The customers of arms large enough, and the arms beside the control by their number of requests."""
    sizes = frame["arm"].value_counts()
    large = sizes.index[sizes >= FEWEST_IN_GROUP]
    asks = frame.groupby("arm")["asks"].first().sort_values(kind="stable")
    arms = {str(arm): int(many) for arm, many in asks.items() if arm in large and arm != control}
    if control not in large or not arms:
        small = listed([f"{arm} {count(int(many), 'customer')}" for arm, many in sizes.sort_index().items()])
        raise CannotAnswer(WORDS.text("small arms", fewest_in_group=FEWEST_IN_GROUP, small=small))
    if len(set(arms.values())) < len(arms):
        raise CannotAnswer(WORDS.text("arms asked as often", found=list(arms)))
    return frame[frame["arm"].isin([control, *arms])].reset_index(drop=True), arms


def _with_findings(asked: ForcedSharing, test: Experiment, plan: dict[str, float]) -> ForcedSharing:
    doubt = doubt_on_sizes(asked.ratio, test)
    found = [_turning_point(asked)]
    for arm in asked.arms:
        found += [_ratio(asked, arm, test, plan, doubt), *_arm_findings(asked, arm, doubt)]
    return ForcedSharing(**{**vars(asked), "findings": tuple(found)})


def _turning_point(asked: ForcedSharing) -> Finding:
    net, tried = asked.effects["net_value"], _tried(asked.effects["net_value"])
    value = Interval(estimate=net.best, low=min(net.low, net.best), high=max(net.high, net.best), n=net.rows)
    beyond = [dose for dose in tried if dose > value.high]
    return WORDS.finding(
        "E2.turning_point",
        value,
        method=WORDS.text("turning method"),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart"), WORDS.text("prices")),
        tried=tried,
        next=beyond[0] if beyond else 0,
    )


def _arm_findings(asked: ForcedSharing, arm: str, doubt: str) -> Iterator[Finding]:
    about: dict[str, Any] = {"segment": arm, "asks": asked.arms[arm]}
    yield _money(asked, "E2.net_value", "net_value", about)
    yield _money(asked, "E2.margin", "margin", about)
    for id, column in COUNTED.items():
        if column not in asked.frame:
            yield WORDS.skip(id, f"{WORDS.text('no ties')}.", segment=arm)
            continue
        effect = asked.effect(column, arm)
        yield WORDS.finding(
            id,
            effect,
            scale=100,
            method=WORDS.text("method"),
            assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
            verdict=effect_verdict(effect, doubt=doubt),
            tells=shares_by(asked.frame, column, "asks"),
            base=100 * float(asked.control[column].mean()),
            outcome_days=asked.outcome_days,
            doubt=doubt,
            **about,
        )


def _money(asked: ForcedSharing, id: str, column: str, about: dict[str, Any]) -> Finding:
    net = column == "net_value"
    unknown = [name for key, name in UNKNOWN.items() if key not in asked.frame] if net else []
    facts: dict[str, Any] = {"margin": asked.prices.margin}
    if net:
        facts = {
            **vars(asked.prices),
            "unknown": unknown,
            "first": about["segment"] == next(iter(asked.arms)),
        }
    made = WORDS.finding(
        id,
        asked.effect(column, about["segment"]),
        unit=asked.currency,
        method=WORDS.text("net method" if net else "method"),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart"), WORDS.text("prices")),
        outcome_days=asked.outcome_days,
        **about,
        **facts,
    )
    return replace(made, missing=tuple(unknown))


def _ratio(asked: ForcedSharing, arm: str, test: Experiment, plan: dict[str, float], doubt: str) -> Finding:
    everyone = float(asked.ratio.counts.sum())
    return WORDS.finding(
        "E2.sample_ratio",
        wilson(float(asked.ratio.counts[arm]), everyone),
        scale=100,
        n=int(everyone),
        method=WORDS.text("ratio method"),
        assumptions=(WORDS.text("ratio assumption", planned=plan[arm], declared=bool(test.planned)),),
        verdict=verdict_on_sizes(asked.ratio, test),
        p_value=asked.ratio.p_value,
        segment=arm,
        asks=asked.arms[arm],
        planned=plan[arm],
        declared=bool(test.planned),
        chance=asked.ratio.p_value,
        doubt=doubt,
        fails=asked.ratio.alarm,
        alarm=ALARM,
    )
