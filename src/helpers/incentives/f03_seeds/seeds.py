"""F3: whom to seed, judged by a bound on every list; coupons for whole circles; prices by place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.incentives.f03_seeds.pass_chances import PassChances, pass_chances
from helpers.incentives.f03_seeds.place_prices import PlacePrices, place_prices
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import count, number
from helpers.report.release import FEWEST_PEOPLE
from methods.graphs import leiden
from methods.influence import (
    CascadeGraph,
    SeedJudgement,
    by_degree,
    by_degree_discount,
    cascade_graph,
    judge_seeds,
)
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
NEARLY = 0.95  # a list that reaches so much of the best does nearly as well
_RESOLUTIONS = (8.0, 32.0, 128.0)  # coarse to fine


@dataclass(frozen=True, kw_only=True)
class Seeds:
    """judged: lists by name. reached: others whom each reaches, seeds left out. many: seeds in a list."""

    judged: SeedJudgement = field(repr=False)
    reached: dict[str, Interval]
    many: int
    most: float
    chances: PassChances = field(repr=False)
    prices: PlacePrices | None
    findings: tuple[Finding, ...] = ()

    @property
    def best(self) -> str:
        """Name of the list that reaches most."""
        return max(self.reached, key=lambda name: self.reached[name].estimate)

    def table(self) -> pd.DataFrame:
        """One row a list: others reached, interval, share of the most possible."""
        rows = [
            {
                "list": WORDS.text(name),
                "reached": value.estimate,
                "from": value.low,
                "to": value.high,
                "of the most possible": value.estimate / self.most,
            }
            for name, value in self.reached.items()
        ]
        frame = pd.DataFrame(rows).sort_values("reached", ascending=False, kind="stable", ignore_index=True)
        frame.attrs = {
            "people": None,
            "formats": {"reached": ",.0f", "from": ",.0f", "to": ",.0f", "of the most possible": ".0%"},
            "caption": WORDS.text("caption", many=self.many),
        }
        return frame

    def draw(self) -> Picture:
        """Draw what each list reaches beside the most that any could."""
        order = sorted(self.reached, key=lambda name: -self.reached[name].estimate)
        values = [self.reached[name] for name in order]
        told = [f"{WORDS.text(name)} {number(self.reached[name].estimate, 0)}" for name in order]
        title, alt = WORDS.picture(
            "seeds",
            self.findings,
            matters=self.judged.choice_matters,
            best=WORDS.text(self.best),
            reached=self.reached[self.best].estimate,
            lot=self.reached["random"].estimate,
            many=self.many,
            told=told,
            most=self.most,
        )
        figure, axes = canvas(title, height_inches=1.1 + 0.4 * len(order))
        bars(
            axes,
            [WORDS.text(name) for name in order],
            [value.estimate for value in values],
            low=[value.low for value in values],
            high=[value.high for value in values],
            colour=[PALETTE[0] if name == self.best else MUTED for name in order],
        )
        reference_line(axes, self.most, label="no list more than")
        axes.legend(loc="lower right")
        axes.set_xlabel(WORDS.label("others reached by", many=count(self.many, "seed")))
        return Picture(figure, alt)


@question(WORDS, needs=(), one_of=(("ties",), ("shares", "reactions")))
def seeds(
    shop: Shop,
    *,
    seeds: int = 50,
    assumed_percent: float = 5.0,
    sets: int = 1_000_000,
    runs: int = 300,
    seed: int = 1,
) -> Seeds:
    """Compare lists of customers to be given a product first, and price by place among friends.

    seeds: how many, 11 or more; at most a twentieth of the customers with a friend. assumed_percent: chance
    that a friend joins a post, where the data cannot tell. sets, runs: reverse-reachable sets, and
    simulations a list. The verdict is "scenario": what was simulated has happened to nobody. Raises
    CannotAnswer without a graph of 220 customers, or where nobody would join.
    """
    chances = pass_chances(shop, assumed_percent=assumed_percent)
    people = len(chances.ties)
    if not chances.chance.max() > 0:
        raise CannotAnswer(WORDS.text("nobody joins"))
    many = min(seeds, people // 20)
    if many < FEWEST_PEOPLE:
        raise CannotAnswer(WORDS.text("too few seeds", fewest_people=FEWEST_PEOPLE))
    graph, lists = chances.graph, _lists(chances, many, seed)
    costs = np.where(np.arange(graph.people) < people, 1.0, np.inf)
    judged = judge_seeds(graph, lists, budget=many, costs=costs, sets=sets, runs=runs, seed=seed)
    reached = {name: _others(spread, many, people) for name, spread in judged.spreads.items()}
    answer = Seeds(
        judged=judged,
        reached=reached,
        many=many,
        most=judged.bound - many,
        chances=chances,
        prices=place_prices(chances),
    )
    return Seeds(**{**answer.__dict__, "findings": _findings(answer)})


def _lists(chances: PassChances, many: int, seed: int) -> dict[str, np.ndarray]:
    """Lists by number of friends, and whole circles, those first whose members' posts draw most."""
    ties = chances.ties
    tail, head = np.concatenate([ties.ends, ties.ends[:, ::-1]]).T
    plain = cascade_graph(tail, head, 1.0, people=len(ties))
    return {
        "degree": by_degree(plain, seeds=many),
        "degree discount": by_degree_discount(plain, seeds=many, chance=float(chances.chance.mean())),
        "circles": _whole_circles(chances, plain, many, seed),
    }


def _whole_circles(chances: PassChances, plain: CascadeGraph, many: int, seed: int) -> np.ndarray:
    for resolution in _RESOLUTIONS:
        circle = leiden(chances.ties, resolution=resolution, seed=seed)
        size = np.bincount(circle)
        if (size**2).sum() <= many * size.sum():  # the circle of the average customer
            break
    drawn = chances.chance * plain.out_degrees
    mean = np.bincount(circle, weights=drawn) / np.bincount(circle)
    return np.lexsort((-drawn, circle, -mean[circle]))[:many]


def _others(spread: Any, many: int, people: int) -> Interval:
    return Interval(estimate=spread.estimate - many, low=spread.low - many, high=spread.high - many, n=people)


def _findings(answer: Seeds) -> tuple[Finding, ...]:
    chances, best = answer.chances, answer.reached[answer.best]
    assumed = (
        WORDS.text("as before") if chances.kind else WORDS.text("chance assumed", chance=chances.chance[0]),
        WORDS.text("onward", onward=chances.onward),
    )
    said: dict[str, Any] = {"verdict": "scenario", "assumptions": assumed, "many": answer.many}
    degree = answer.reached["degree"].estimate
    first = WORDS.finding(
        "F3.best_list",
        best,
        method=WORDS.text("method"),
        best=WORDS.text(answer.best),
        share=best.estimate / answer.most,
        lot=answer.reached["random"].estimate,
        degree=degree,
        is_degree=answer.best == "degree",
        by_degree=degree >= NEARLY * best.estimate,
        matters=answer.judged.choice_matters,
        measured=bool(chances.kind),
        chance=float(chances.chance.mean()),
        **said,
    )
    lists = (
        WORDS.finding(
            "F3.list", value, segment=name, chosen=WORDS.text(name), method=WORDS.text("method"), **said
        )
        for name, value in answer.reached.items()
    )
    return (first, *lists, _bound(answer, said), _circles(answer, said), _prices(answer))


def _bound(answer: Seeds, said: dict[str, Any]) -> Finding:
    best, people = answer.reached[answer.best], len(answer.chances.ties)
    within = Interval(
        estimate=min(answer.judged.bound_in_sample - answer.many, answer.most),
        low=best.estimate,
        high=answer.most,
        n=people,
    )
    return WORDS.finding("F3.most_possible", within, method=WORDS.text("bound method"), **said)


def _circles(answer: Seeds, said: dict[str, Any]) -> Finding:
    one, best = answer.reached["circles"], answer.reached[answer.best]
    ratio = one.estimate / best.estimate
    reach = ratio * np.hypot(
        (one.high - one.low) / 2 / max(one.estimate, 1e-9), (best.high - best.low) / 2 / best.estimate
    )
    value = Interval(estimate=ratio, low=max(ratio - reach, 0.0), high=ratio + reach, n=one.n)
    return WORDS.finding("F3.circles_against_best", value, scale=100, method=WORDS.text("method"), **said)


def _prices(answer: Seeds) -> Finding:
    if answer.prices is None:
        return WORDS.skip("F3.price_gain", WORDS.text("pull too strong"))
    gain = max(answer.prices.gain_percent, 0.0)
    return WORDS.finding(
        "F3.price_gain",
        Interval(estimate=gain, low=gain, high=gain, n=len(answer.chances.ties)),
        method=WORDS.text("prices method"),
        assumptions=(WORDS.text("pull assumed"),),
        verdict="scenario",
        gain=gain,
        coupon=answer.prices.coupon_percent,
    )
