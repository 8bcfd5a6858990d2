"""Designs of sharer levels side by side: cost, reach, fairness, self-dealing, and the efficient frontier."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.data.friend_graph import FRIENDS
from helpers.data.shop import Shop
from helpers.incentives.f01_levels.published_cases import CASES, Case, published_cases
from helpers.incentives.scenario import Mechanism, read_scenario
from helpers.incentives.simulated_mechanisms import NONE, Lived, live_on
from helpers.incentives.told_draws import ORDER_VALUES, spread, told
from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question, words_beside
from helpers.report.formats import interval
from helpers.report.phrases import said
from methods.decisions.frontier import efficient
from methods.decisions.value_of_knowing import choose_option, value_of_knowing
from methods.intervals.estimates import Interval
from methods.simulate.self_dealing import MOST_ACCOUNTS, SelfDealing, self_dealing

WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Levels:
    """What each design would do. lived: the simulated weeks. cheating: by design."""

    findings: tuple[Finding, ...]
    lived: Lived = field(repr=False)
    cheating: Mapping[str, SelfDealing] = field(repr=False)
    leader: str | None
    currency: str

    def table(self) -> pd.DataFrame:
        """One row a design: odds, what it adds, is worth and pays, whom it reaches, whether it is safe."""
        lived, kept = self.lived, self.frontier()
        rows = []
        for place, one in enumerate(lived.scenario.mechanisms, start=1):
            rows.append(
                {
                    "design": one.name,
                    "odds by level": ", ".join(f"{100 * odds:g} %" for odds in one.odds),
                    "orders added": told(self.findings, "F1.orders_added", one.name),
                    WORDS.label("worth", value=self.currency or ORDER_VALUES): told(
                        self.findings, "F1.worth_added", one.name
                    ),
                    "paid": lived.order_value * lived.per_100("paid")[:, place].mean(),
                    "winners per 1,000": told(self.findings, "F1.reached", one.name),
                    "Gini": lived.weeks["gini"][:, place].mean(),
                    "efficient": "yes" if kept[place - 1] else "no",
                    "false accounts earn": WORDS.label("times", times=f"{self.cheating[one.name].times:.1f}"),
                }
            )
        frame = pd.DataFrame(rows)
        frame.attrs = {
            "people": None,
            "caption": WORDS.text("caption", weeks=lived.weeks.weeks),
            "formats": {"paid": ",.1f", "Gini": ".3f"},
        }
        return frame

    def frontier(self) -> NDArray[np.bool_]:
        """Which designs no other beats in orders added, payment and evenness at once (mean over draws)."""
        lived = self.lived
        aims = (lived.per_100("orders"), -lived.per_100("paid"), -lived.weeks["gini"])
        return efficient(np.column_stack([one.mean(axis=0)[1:] for one in aims]))

    def draw(self) -> Picture:
        """Draw what each design pays against the orders it adds; grey can be cheated."""
        lived, said = self.lived, []
        figure, axes = canvas("", height_inches=4.2)
        paid, orders = lived.order_value * lived.per_100("paid"), lived.per_100("orders")
        for place, one in enumerate(lived.scenario.mechanisms, start=1):
            across, up = spread(paid[:, place]), spread(orders[:, place])
            colour = MUTED if self.cheating[one.name].times > 1 else PALETTE[(place - 1) % 6]
            arms = [[[end.estimate - end.low], [end.high - end.estimate]] for end in (across, up)]
            safe = self.cheating[one.name].times <= 1
            label = one.name if safe else WORDS.label("can be cheated", named=one.name)
            ink = {"fmt": "o", "color": colour, "capsize": 3, "label": label}
            axes.errorbar([across.estimate], [up.estimate], xerr=arms[0], yerr=arms[1], **ink)
            pays = interval(across.estimate, across.low, across.high, decimals=0)
            said.append(
                WORDS.label(
                    "pays and adds",
                    named=one.name,
                    pays=pays,
                    findings=told(self.findings, "F1.orders_added", one.name),
                )
            )
        title, alt = WORDS.picture("levels", self.findings, leader=self.leader, told=said)
        figure.suptitle(title, x=0.01, ha="left", fontsize=13, wrap=True)
        axes.set_xlabel(WORDS.label("paid per customers", value=self.currency or ORDER_VALUES))
        axes.set_ylabel("orders added per 100 customers")
        axes.legend(loc="best")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at",), one_of=FRIENDS)
def levels(
    shop: Shop,
    *,
    earlier: Iterable[Finding] = (),
    scenario: str = "",
    outcome_days: int = 90,
    weeks: int = 13,
    draws: int = 64,
    seed: int = 1,
) -> Levels:
    """Live the shop on under each design of sharer levels, and say which is worth most and safe.

    Experience comes from shares and asked friends' purchases, benefits by lottery with odds by level; nothing
    is paid in cash. earlier, scenario, outcome_days, weeks, seed: as in F2. draws: of all that is not known,
    a power of 2. Everything here has the verdict "scenario". Raises CannotAnswer where the scenario has no
    designs, and as `simulated_shop` does.
    """
    designs = read_scenario(scenario).for_currency(shop.currency).designs
    if not designs:
        raise CannotAnswer(WORDS.text("no designs"))
    lived = live_on(
        shop, earlier=tuple(earlier), scenario=scenario, mechanisms=designs, outcome_days=outcome_days,
        weeks=weeks, draws=draws, seed=seed,
    )  # fmt: skip
    cheating = {one.name: _cheated(one) for one in lived.scenario.mechanisms}
    currency = shop.currency if lived.priced else ""
    each = _each(lived, currency)
    leader, best = _best(lived, cheating, each, currency)
    cases = {one[0]: _case(*one) for one in published_cases(lived, seed=seed)}
    cases |= {
        name: WORDS.skip("F1.published_case", WORDS.text("no room"), segment=name)
        for name in CASES
        if name not in cases
    }
    return Levels(
        findings=(best, *(_cheating(name, one) for name, one in cheating.items()), *each, *cases.values()),
        lived=lived,
        cheating=cheating,
        leader=leader,
        currency=currency,
    )


def _cheated(design: Mechanism) -> SelfDealing:
    counts = design.levers["friend_counts"].likely if "friend_counts" in design.levers else 0.0
    return self_dealing(design.odds, design.steps, friend_counts=counts)


def _about() -> dict[str, Any]:
    said = (WORDS.text("assumed"), WORDS.text("nobody joins"))
    return {"method": WORDS.text("method"), "assumptions": said, "verdict": "scenario"}


def _best(
    lived: Lived, cheating: Mapping[str, SelfDealing], each: Iterable[Finding], currency: str
) -> tuple[str | None, Finding]:
    """The design to build, if any, among those that cannot be cheated."""
    safe = [0] + [
        place for place, name in enumerate(lived.names) if name != NONE and cheating[name].times <= 1
    ]
    worth = lived.worth()[:, safe]
    first = lived.scenario.mechanisms[0]
    if len(safe) < 2:
        raise CannotAnswer(WORDS.text("false accounts earn"))
    choice = choose_option(worth)
    name = lived.names[safe[choice.chosen]]
    leader = None if name == NONE else name
    spoken = told(each, "F1.worth_added", name) if leader else ""
    return leader, WORDS.finding(
        "F1.best_design",
        choice.best[choice.chosen],
        scale=100,
        leader=leader,
        designs=len(cheating),
        worth=f"{currency} {spoken}" if currency else f"{spoken} {ORDER_VALUES}",
        weeks=lived.weeks.weeks,
        cheated=[one for one, found in cheating.items() if found.times > 1],
        allowed=first.allowed,
        rule=first.rule,
        dated=first.dated,
        open_number=_open_number(lived, worth),
        **_about(),
    )


def _open_number(lived: Lived, worth: NDArray[np.float64]) -> str:
    """What the choice hangs on most, in words; empty where knowing no single number would change it."""
    unknown = {name: values for name, values in lived.drawn.items() if np.ptp(values) > 0}
    known = value_of_knowing(worth, np.column_stack(list(unknown.values())), names=list(unknown))
    top = known.numbers.iloc[0]
    if top["worth"] < 0.005 * np.abs(worth).mean():
        return ""
    number = lived.scenario.every_number().get(str(top["number"]))
    return number.about if number else str(top["number"])


def _cheating(name: str, found: SelfDealing) -> Finding:
    return WORDS.finding(
        "F1.cheating",
        Interval(estimate=found.times, low=found.times, high=found.times, n=MOST_ACCOUNTS),
        segment=name,
        accounts=found.accounts,
        shares=found.shares,
        most=MOST_ACCOUNTS,
        mend=not math.isnan(found.safe_friend_counts),
        safe=0.0
        if math.isnan(found.safe_friend_counts)
        else math.floor(100 * found.safe_friend_counts) / 100,
        **{**_about(), "method": WORDS.text("cheating method"), "assumptions": (WORDS.text("same person"),)},
    )


def _each(lived: Lived, currency: str) -> list[Finding]:
    measures = {
        "F1.orders_added": lived.per_100("orders"),
        "F1.worth_added": lived.worth(),
        "F1.reached": 10 * lived.per_100("reached"),
    }
    return [
        WORDS.finding(
            id,
            spread(values[:, place]),
            n=lived.weeks.customers,
            unit=said(WORDS.registry[id].unit).format(currency=currency or ORDER_VALUES),
            segment=one.name,
            weeks=lived.weeks.weeks,
            **_about(),
        )
        for id, values in measures.items()
        for place, one in enumerate(lived.scenario.mechanisms, start=1)
    ]


def _case(name: str, percent: NDArray[np.float64], case: Case) -> Finding:
    found = spread(percent)
    return WORDS.finding(
        "F1.published_case",
        found,
        segment=name,
        published=case.percent,
        source=case.source,
        begins=case.begins,
        lands=found.low <= case.percent <= found.high,
        **_about(),
    )
