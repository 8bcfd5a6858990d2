"""Incentives side by side: what each adds, costs and does to friendship, and what to test before choosing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.data.shop import Shop
from helpers.data.shop_moments import MOMENTS
from helpers.data.simulated_shop import FITTED_WEEKS
from helpers.incentives.scenario import NOT_KNOWN, Mechanism, Number
from helpers.incentives.simulated_mechanisms import NONE, Lived, live_on
from helpers.incentives.told_draws import ORDER_VALUES, spread, told
from helpers.report import MUTED, PALETTE, Finding, Mark, Picture, canvas, forest, question, words_beside
from helpers.report.formats import listed, money, number
from helpers.report.phrases import said
from methods.decisions.value_of_knowing import Choice, choose_option, value_of_knowing
from methods.intervals.estimates import Interval, normal_reach

WORDS = words_beside(__file__)
_LARGEST_MISS = 3.0
_ALLOWED = {
    "yes": "allowed",
    "with limits": "allowed with limits",
    "no": "not allowed",
    NOT_KNOWN: "not known whether allowed",
}


@dataclass(frozen=True, kw_only=True)
class Mechanisms:
    """What each incentive would do. lived: the simulated weeks. choice: over all draws of their worth."""

    findings: tuple[Finding, ...]
    lived: Lived = field(repr=False)
    choice: Choice = field(repr=False)
    currency: str

    def table(self) -> pd.DataFrame:
        """One row an incentive: what it adds, is worth, costs and does, whether it is allowed."""
        lived, rows = self.lived, []
        orders, paid = lived.per_100("orders"), lived.per_100("paid")
        for place, one in enumerate(lived.scenario.mechanisms, start=1):
            cost = lived.order_value * paid[:, place].mean() / orders[:, place].mean()
            rows.append(
                {
                    "incentive": one.name,
                    "orders added": told(self.findings, "F2.orders_added", one.name),
                    WORDS.label("worth", value=self.currency or ORDER_VALUES): told(
                        self.findings, "F2.worth_added", one.name
                    ),
                    "paid per added order": number(cost, 0) if orders[:, place].mean() > 0 else "–",
                    "unwelcome asks per 1,000 ties": told(self.findings, "F2.unwelcome_asks", one.name),
                    "customers lost per 1,000": 10 * lived.per_100("customers_lost")[:, place].mean(),
                    "ties lost per 1,000": 1000
                    * lived.added("ties_lost")[:, place].mean()
                    / max(lived.weeks.ties, 1),
                    "Gini": lived.weeks["gini"][:, place].mean(),
                    "allowed": one.allowed,
                    "rests on": "measured here" if one.is_measured else "a scenario",
                }
            )
        frame = pd.DataFrame(rows)
        caption = WORDS.text("caption", weeks=lived.weeks.weeks, file=lived.scenario.file)
        formats = {"customers lost per 1,000": ".1f", "ties lost per 1,000": ".1f", "Gini": ".2f"}
        frame.attrs = {"people": None, "caption": caption, "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw worth beside unwelcome asks; grey is what is not allowed."""
        lived, worth, asks = self.lived, self.lived.worth(), asks_per_1000(self.lived)
        chosen = lived.names[self.choice.chosen]
        said, left, right = [], [], []
        for place, one in enumerate(lived.scenario.mechanisms, start=1):
            colour = MUTED if one.allowed == "no" else PALETTE[0]
            label = f"{one.name}, {_ALLOWED[one.allowed]}"
            ends = spread(worth[:, place]), spread(asks[:, place])
            left.append(Mark(label=label, value=ends[0], colour=colour))
            right.append(Mark(label=label, value=ends[1], colour=colour))
            spoken = (told(self.findings, id, one.name) for id in ("F2.worth_added", "F2.unwelcome_asks"))
            said.append(f"{label} {listed([*spoken])}")
        facts = {"leader": _named(chosen), "allowed": _of(lived, chosen).allowed, "told": said}
        title, alt = WORDS.picture("mechanisms", self.findings, **facts)
        figure, panels = canvas(title, columns=2, width_inches=10, height_inches=1.4 + 0.45 * len(said))
        forest(panels[0, 0], left, x=WORDS.label("worth per customers", value=self.currency or ORDER_VALUES))
        forest(panels[0, 1], right, x="unwelcome asks per 1,000 ties", labels=False)
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at",))
def mechanisms(
    shop: Shop,
    *,
    earlier: Iterable[Finding] = (),
    scenario: str = "",
    outcome_days: int = 90,
    weeks: int = 13,
    draws: int = 128,
    seed: int = 1,
) -> Mechanisms:
    """Live the shop on under each incentive of a scenario, and say which is worth most.

    earlier: findings of chapter 03 on these data, whose intervals take the place of the scenario's ranges.
    scenario: file of numbers and incentives; empty means the workbench's own. outcome_days: of chapter 03's
    effects on buying again. weeks: how long. draws: of all that is not known, a power of 2. Numbers that no
    test of this shop stands behind have the verdict "scenario". Without recorded ties only incentives that
    need no friends are compared. Raises CannotAnswer as `simulated_shop` does.
    """
    lived = live_on(
        shop,
        earlier=tuple(earlier),
        scenario=scenario,
        outcome_days=outcome_days,
        weeks=weeks,
        draws=draws,
        seed=seed,
    )
    choice = choose_option(lived.worth())
    currency = shop.currency if lived.priced else ""
    each = _each(lived, currency)
    findings = (_best(lived, choice, each, currency), _next_test(lived, currency), *each, _miss(lived))
    return Mechanisms(findings=findings, lived=lived, choice=choice, currency=currency)


def asks_per_1000(lived: Lived) -> NDArray[np.float64]:
    """Return the unwelcome asks per 1,000 ties, float (draws, mechanisms)."""
    return 1000 * lived.added("unwelcome") / max(lived.weeks.ties, 1)


def _about(lived: Lived) -> dict[str, Any]:
    told = ("measured", "assumed", "nobody joins")
    return {"method": WORDS.text("method"), "assumptions": tuple(WORDS.text(name) for name in told)}


def _unit(id: str, currency: str) -> str:
    return said(WORDS.registry[id].unit).format(currency=currency or ORDER_VALUES)


def _best(lived: Lived, choice: Choice, each: Iterable[Finding], currency: str) -> Finding:
    worth, chosen = lived.worth(), lived.names[choice.chosen]
    first = _of(lived, chosen)
    legal = [0] + [
        place for place, one in enumerate(lived.scenario.mechanisms, start=1) if one.allowed != "no"
    ]
    second = legal[int(worth[:, legal].mean(axis=0).argmax())]
    return WORDS.finding(
        "F2.best",
        choice.best[choice.chosen],
        scale=100,
        verdict="scenario",
        leader=_named(chosen),
        worth=_worth(each, chosen, currency),
        weeks=lived.weeks.weeks,
        allowed=first.allowed,
        rule=first.rule,
        dated=first.dated,
        second=_named(lived.names[second]),
        second_worth=_worth(each, lived.names[second], currency),
        regret=_amount(choice.regret[choice.chosen], currency),
        part=lived.shop.today.part,
        alone=not lived.weeks.ties,
        measured=any(one.origin == "measured here" for one in lived.scenario.every_number().values()),
        **_about(lived),
    )


def _next_test(lived: Lived, currency: str) -> Finding:
    unknown, worth = lived.unknown(), lived.worth()
    known = value_of_knowing(worth, np.column_stack(list(unknown.values())), names=list(unknown))
    top = known.numbers.iloc[0]
    told = lived.scenario.every_number().get(top["number"]) or _fitted_number(str(top["number"]))
    half = normal_reach() * float(top["error"])
    value = Interval(
        estimate=float(top["worth"]),
        low=max(float(top["worth"]) - half, 0.0),
        high=float(top["worth"]) + half,
        n=len(worth),
    )
    return WORDS.finding(
        "F2.next_test",
        value,
        unit=_unit("F2.next_test", currency),
        verdict="scenario",
        about=told.about,
        test=told.test,
        origin=told.origin,
        source=told.source,
        least=0.005 * float(np.abs(worth).mean()),
        **_about(lived),
    )


def _fitted_number(name: str) -> Number:
    about = {"leaving": "how fast customers leave"}.get(name, MOMENTS.get(name, name))
    wait = "wait for more weeks"
    return Number(about=about, low=0, likely=0, high=0, origin="fitted", test=wait)


def _each(lived: Lived, currency: str) -> list[Finding]:
    measures = {
        "F2.orders_added": lived.per_100("orders"),
        "F2.worth_added": lived.worth(),
        "F2.unwelcome_asks": asks_per_1000(lived),
    }
    found = []
    for id, values in measures.items():
        for place, one in enumerate(lived.scenario.mechanisms, start=1):
            measured = one.is_measured and id == "F2.orders_added"
            found.append(
                WORDS.finding(
                    id,
                    spread(values[:, place]),
                    n=lived.weeks.customers,
                    unit=_unit(id, currency),
                    segment=one.name,
                    verdict="reported" if measured else "scenario",
                    measured=measured,
                    weeks=lived.weeks.weeks,
                    **_about(lived),
                )
            )
    return found


def _miss(lived: Lived) -> Finding:
    rows = lived.shop.moments
    away = (rows["simulated"] - rows["observed"]).abs() / np.hypot(rows["error"], rows["spread"])
    worst = float(away.max())
    return WORDS.finding(
        "F2.largest_miss",
        Interval(estimate=worst, low=worst, high=worst, n=len(rows)),
        fails=worst > _LARGEST_MISS,
        moment=MOMENTS[rows["moment"].iloc[int(away.to_numpy().argmax())]],
        moments=len(rows),
        fitted_weeks=FITTED_WEEKS,
        **_about(lived),
    )


def _of(lived: Lived, name: str) -> Mechanism:
    nothing = Mechanism(name=NONE, levers={}, allowed="yes")
    return next((one for one in lived.scenario.mechanisms if one.name == name), nothing)


def _named(name: str) -> str | None:
    return None if name == NONE else name


def _worth(each: Iterable[Finding], name: str, currency: str) -> str:
    if name == NONE:
        return "nothing"
    spoken = told(each, "F2.worth_added", name)
    return f"{currency} {spoken}" if currency else f"{spoken} {ORDER_VALUES}"


def _amount(value: float, currency: str) -> str:
    return money(value, currency, 0) if currency else f"{number(value)} {ORDER_VALUES}"
