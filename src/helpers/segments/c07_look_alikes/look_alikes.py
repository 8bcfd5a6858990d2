"""C7: from seed customers to likely ones along the ties, checked on buyers of a later window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.customer_history import days_before_end
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    band_curve,
    canvas,
    effect_verdict,
    question,
    reference_line,
    words_beside,
)
from helpers.report.people_list import PeopleList
from helpers.segments.c07_look_alikes.likeness import buyers, likeness
from methods.customers.likelihood_search import NotEstimable
from methods.customers.likeness import chances, curve_by_seeds
from methods.customers.look_alike_scores import JudgedRankings, hidden_share, judge_rankings
from methods.intervals.estimates import Interval, wilson

WORDS = words_beside(__file__)
MODELS = {
    "with ties": "true",
    "without ties": "none",
    "ties dealt anew (placebo)": "placebo",
}
BASELINE = "recency and frequency alone"
_LEAST_BUYERS, _LEAST_SEEDS = 50, 25


@dataclass(frozen=True, kw_only=True)
class LookAlikes:
    """Customers who are likely to buy what the seeds bought.

    candidates: one row a customer who is no seed, as of the last day: customer_id, chance (0 to 1, of buying
    within horizon_days), likeliest first. judged: each model on the later window. curve: seeds (number used),
    auc, lift. hidden: share of the others who are of the seeds' kind, by Elkan and Noto; None where it
    cannot be told. overlap: part of the likeliest tenth who already got a coupon; None without coupons.
    """

    candidates: pd.DataFrame
    judged: JudgedRankings
    curve: pd.DataFrame
    hidden: Interval | None
    overlap: Interval | None
    target: str
    horizon_days: int
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the later buyers reached by each model, and the ranking by the number of seeds."""
        areas = [f"{name} {found.estimate:.3f}" for name, found in self.judged.auc.items()]
        title, alt = WORDS.picture("ranking", self.findings, target=self.target, areas=areas)
        figure, panels = canvas(title, columns=2, width_inches=11, height_inches=4)
        left, right = panels[0]
        part = np.linspace(0, 1, 101)
        for (name, reached), colour in zip(self.judged.reached(part).items(), PALETTE, strict=False):
            band_curve(left, 100 * part, 100 * reached, label=name, colour=colour, marker="")
        band_curve(left, [0, 100], [0, 100], colour=PALETTE[6], marker="", dashed=True, label="at random")
        left.set_xlabel("% of customers reached, likeliest first")
        left.set_ylabel("% of the later buyers reached")
        left.legend()
        seeds = self.curve["seeds"]
        band_curve(right, seeds, self.curve["auc"], low=self.curve["low"], high=self.curve["high"])
        without = self.judged.auc["without ties"].estimate
        reference_line(right, without, label="without ties", upright=False)
        right.set_xscale("log")
        right.set_xticks(seeds, [f"{number:,}" for number in seeds])
        right.minorticks_off()
        right.set_xlabel("seeds used")
        right.set_ylabel("area under the curve (0.5: chance)")
        right.legend()
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a model, judged on the later window."""
        return self.judged.table(WORDS.text("caption", customers=self.judged.customers))

    def people_lists(self) -> tuple[PeopleList, ...]:
        """Return the likeliest tenth of those who have not bought it, likeliest first, for analysts."""
        told = [one for one in self.findings if one.id in ("C7.lift", "C7.already_targeted")]
        tenth = self.likeliest
        spoken = [one.n for one in told if one.id == "C7.already_targeted" and one.n]
        return (
            PeopleList(
                name="look_alikes",
                about=WORDS.text("list look_alikes", target=self.target, days=self.horizon_days),
                findings=tuple(one.key for one in told),
                members=tenth.assign(group="likeliest tenth")[["customer_id", "group", "chance"]],
                spoken={"likeliest tenth": spoken[0] if spoken else len(tenth)},
            ),
        )

    @property
    def likeliest(self) -> pd.DataFrame:
        """The tenth of the candidates who stand first."""
        return _likeliest(self.candidates)


@question(WORDS, needs=("orders.placed_at", "ties"))
def look_alikes(
    shop: Shop,
    *,
    category: str = "",
    item: str = "",
    seeds: Sequence[str] = (),
    horizon_days: int = 90,
    seed: int = 1,
) -> LookAlikes:
    """Find customers who are likely to buy what seed customers bought, and check the way on later buyers.

    category, item: what is to be sold; when both are empty the category with the most customers. seeds:
    customer_ids; when empty everybody who bought it before. The last horizon_days are held back: the model
    learns from the window before them who among the others bought, given habits and ties at its start, and is
    judged on who of those who were no seeds by then bought in the held back days. seed: of all draws.
    Raises CannotAnswer with fewer than 25 seeds or 50 later buyers.
    """
    category = category or ("" if item else _largest_category(shop))
    ends = [days_before_end(shop, days=days) for days in (2 * horizon_days, horizon_days)]
    views = [shop.at(ends[0]), shop.at(ends[1]), shop]
    chosen = [pd.Index(seeds) if len(seeds) else buyers(view, category=category, item=item) for view in views]
    later = [buyers(views[place + 1], category=category, item=item, since=ends[place]) for place in (0, 1)]
    if min(len(one) for one in chosen) < _LEAST_SEEDS:
        raise CannotAnswer(WORDS.text("few seeds", found=len(chosen[0]), fewest=_LEAST_SEEDS))
    left_out = category or _category_of(shop, item)
    try:
        known = [
            likeness(view, category=left_out, seeds=these, horizon_days=horizon_days)
            for view, these in zip(views, chosen, strict=True)
        ]
    except NotEstimable as limit:
        raise CannotAnswer(WORDS.text("unpredictable", why=str(limit))) from limit
    bought = [known[place].habits.index.isin(later[place]) for place in (0, 1)]
    for seeds_there, happened in zip(known[:2], bought, strict=True):
        number, found = int(seeds_there.seeds.sum()), int(happened[~seeds_there.seeds].sum())
        if found == int((~seeds_there.seeds).sum()):
            raise CannotAnswer(WORDS.text("nobody to rank"))
        if number < _LEAST_SEEDS or found < _LEAST_BUYERS:
            facts = {"seeds": number, "later": found, "fewest": _LEAST_SEEDS, "fewest_later": _LEAST_BUYERS}
            raise CannotAnswer(WORDS.text("few later", **facts))
    return _answer(
        shop, known, bought, target=item or category or "anything", horizon=horizon_days, seed=seed
    )


def _answer(shop, known, bought, *, target: str, horizon: int, seed: int) -> LookAlikes:
    scores = {
        name: chances(known[0], bought[0], known[1], ties=ties, seed=seed) for name, ties in MODELS.items()
    }
    scores[BASELINE] = known[1].expected
    others = ~known[1].seeds
    judged = judge_rankings(
        {name: score[others] for name, score in scores.items()}, bought[1][others], seed=seed
    )
    now = chances(known[1], bought[1], known[2], ties="true", seed=seed)
    free = ~known[2].seeds
    candidates = pd.DataFrame({"customer_id": known[2].habits.index[free], "chance": now[free]})
    candidates = candidates.sort_values("chance", ascending=False, kind="stable", ignore_index=True)
    top = _likeliest(candidates)["customer_id"]
    hidden = hidden_share(known[2].matrix(seed=seed), known[2].seeds, seed=seed)
    overlap = _already_targeted(shop, top, days=horizon)
    return LookAlikes(
        candidates=candidates,
        judged=judged,
        curve=curve_by_seeds(known, bought, seed=seed),
        hidden=hidden,
        overlap=overlap,
        target=target,
        horizon_days=horizon,
        findings=(
            *_ranked(judged, target, horizon),
            *_gains(judged),
            *_sizes(hidden, overlap, horizon),
        ),
    )


def _likeliest(candidates: pd.DataFrame) -> pd.DataFrame:
    return candidates.head(max(len(candidates) // 10, 1))


def _largest_category(shop: Shop) -> str:
    if shop.missing("items.category"):
        raise CannotAnswer(WORDS.text("no category"))
    lines = shop["order_lines"].join(shop["items"].select("item_id", "category"), "item_id")
    counts = lines.filter(lines.category.notnull()).group_by("category").agg(lines=lambda row: row.count())
    return str(counts.order_by(counts.lines.desc(), counts.category).limit(1).to_pandas()["category"][0])


def _category_of(shop: Shop, item: str) -> str:
    items = shop["items"]
    found = items.filter(items.item_id == item).select("category").to_pandas()["category"]
    return str(found.iloc[0]) if len(found) and found.notna().iloc[0] else ""


def _already_targeted(shop: Shop, top: pd.Series, *, days: int) -> Interval | None:
    """Part of these customers who got a coupon in the last days."""
    if shop.missing("coupons.issued_at"):
        return None
    coupons = shop["coupons"]
    lately = coupons.filter(coupons.issued_at >= days_before_end(shop, days=days))
    holders = lately.select("customer_id").distinct().to_pandas()["customer_id"]
    return wilson(int(top.isin(holders).sum()), len(top)).scaled(100)


def _ranked(judged: JudgedRankings, target: str, days: int) -> list[Finding]:
    """How good the ranking is."""
    common: dict[str, Any] = {
        "method": WORDS.text("method"),
        "assumptions": (WORDS.text("assumption as before"),),
    }
    return [
        WORDS.finding("C7.lift", judged.lift["with ties"], target=target, days=days, **common),
        WORDS.finding("C7.auc", judged.auc["with ties"], **common),
    ]


def _gains(judged: JudgedRankings) -> list[Finding]:
    """What it adds to simpler rankings."""
    rivals = {
        "C7.gain_over_recency": BASELINE,
        "C7.gain_by_ties": "without ties",
        "C7.gain_over_placebo": "ties dealt anew (placebo)",
    }
    return [
        WORDS.finding(
            id,
            judged.gain[rival],
            method=WORDS.text("method"),
            assumptions=(WORDS.text("assumption as before"),),
            verdict=effect_verdict(judged.gain[rival]),
        )
        for id, rival in rivals.items()
    ]


def _sizes(hidden: Interval | None, overlap: Interval | None, days: int) -> list[Finding]:
    """How many more of the seeds' kind there are, and who of the likeliest was reached already."""
    found = []
    if hidden is not None:
        assumptions = (WORDS.text("assumption random seeds"),)
        method = WORDS.text("method hidden")
        found.append(WORDS.finding("C7.hidden_share", hidden, method=method, assumptions=assumptions))
    if overlap is not None:
        assumptions = (WORDS.text("assumption coupon"),)
        method = WORDS.text("method targeted", days=days)
        found.append(WORDS.finding("C7.already_targeted", overlap, method=method, assumptions=assumptions))
    return found
