"""C7: from seed customers to likely ones along the ties, checked on buyers of a later window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.data.shop import Shop
from helpers.report import PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.likeness import Likeness, buyers, likeness
from helpers.segments.look_alike_findings import alike_findings
from methods.customers.bg_nbd import NotEstimable
from methods.customers.look_alike_scores import Judged, hidden_share, judge
from methods.intervals.estimates import Interval, wilson

QUESTION = "Look-alike expansion: who, along the ties of seed customers, is likely to buy next?"
MODELS = {
    "with ties": "true",
    "without ties": "none",
    "ties dealt anew (placebo)": "placebo",
}
BASELINE = "recency and frequency alone"
_LEAST_BUYERS, _LEAST_SEEDS = 50, 25
_SEED_SIZES = (25, 100, 400, 1600)


@dataclass(frozen=True, kw_only=True)
class LookAlikes:
    """Customers who are likely to buy what the seeds bought.

    candidates: one row a customer who is no seed, as of the last day: customer_id, chance (0 to 1, of buying
    within horizon_days), likeliest first. judged: each model on the later window. curve: seeds (number used),
    auc, lift. hidden: share of the others who are of the seeds' kind, by Elkan and Noto; None where it
    cannot be told. overlap: part of the likeliest tenth who already got a coupon; None without coupons.
    """

    candidates: pd.DataFrame
    judged: Judged
    curve: pd.DataFrame
    hidden: Interval | None
    overlap: Interval | None
    target: str
    horizon_days: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Lift and ranking, what the ties add, the placebo, the hidden share and the overlap."""
        return alike_findings(self, question=QUESTION)

    def draw(self) -> Picture:
        """Draw the later buyers reached by each model, and the ranking by the number of seeds."""
        lift = self.judged.lift["with ties"]
        figure, panels = canvas(
            f"The likeliest tenth buys {self.target} {lift.estimate:.1f} times as often as all",
            columns=2,
            width_inches=11,
            height_inches=4,
        )
        left, right = panels[0]
        part = np.linspace(0, 1, 101)
        for (name, reached), colour in zip(self.judged.reached(part).items(), PALETTE, strict=False):
            left.plot(100 * part, 100 * reached, label=name, color=colour)
        left.plot([0, 100], [0, 100], color=PALETTE[6], ls="--", lw=1, label="at random")
        left.set_xlabel("% of customers reached, likeliest first")
        left.set_ylabel("% of the later buyers reached")
        left.legend()
        away = [self.curve["auc"] - self.curve["low"], self.curve["high"] - self.curve["auc"]]
        right.errorbar(self.curve["seeds"], self.curve["auc"], yerr=away, fmt="o-", capsize=3)
        right.axhline(self.judged.auc["without ties"].estimate, color=PALETTE[1], lw=1, label="without ties")
        right.set_xscale("log")
        right.set_xticks(self.curve["seeds"], [f"{seeds:,}" for seeds in self.curve["seeds"]])
        right.minorticks_off()
        right.set_xlabel("seeds used")
        right.set_ylabel("area under the curve (0.5: chance)")
        right.legend()
        told = "; ".join(f"{name} {found.estimate:.3f}" for name, found in self.judged.auc.items())
        return Picture(figure, f"Later buyers reached by share of customers. Area under the curve: {told}.")

    def table(self) -> pd.DataFrame:
        """Return one row a model, judged on the later window."""
        return self.judged.table(
            f"Ranking of {self.judged.customers:,} customers who are no seeds, later window"
        )


@question("C7", QUESTION, needs=("orders.placed_at", "ties"))
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
    ends = [shop.as_of - dt.timedelta(days=days) for days in (2 * horizon_days, horizon_days)]
    views = [shop.at(ends[0]), shop.at(ends[1]), shop]
    chosen = [pd.Index(seeds) if len(seeds) else buyers(view, category=category, item=item) for view in views]
    later = [buyers(views[place + 1], category=category, item=item, since=ends[place]) for place in (0, 1)]
    if min(len(one) for one in chosen) < _LEAST_SEEDS:
        raise CannotAnswer(
            f"only {len(chosen[0])} seeds are known before both windows; this needs {_LEAST_SEEDS}."
        )
    left_out = category or _category_of(shop, item)
    try:
        known = [
            likeness(view, category=left_out, seeds=these, horizon_days=horizon_days)
            for view, these in zip(views, chosen, strict=True)
        ]
    except NotEstimable as limit:
        raise CannotAnswer(f"the purchases to come cannot be foretold: {limit}.") from limit
    bought = [known[place].habits.index.isin(later[place]) for place in (0, 1)]
    for seeds_there, happened in zip(known[:2], bought, strict=True):
        number, found = int(seeds_there.seeds.sum()), int(happened[~seeds_there.seeds].sum())
        if number < _LEAST_SEEDS or found < _LEAST_BUYERS:
            raise CannotAnswer(
                f"{number} seeds and {found} later buyers among the others; this needs {_LEAST_SEEDS} and "
                f"{_LEAST_BUYERS} in each window."
            )
    return _answer(
        shop, known, bought, target=item or category or "anything", horizon=horizon_days, seed=seed
    )


def _answer(shop, known, bought, *, target: str, horizon: int, seed: int) -> LookAlikes:
    scores = {
        name: _chances(known[0], bought[0], known[1], ties=ties, seed=seed) for name, ties in MODELS.items()
    }
    scores[BASELINE] = known[1].expected
    others = ~known[1].seeds
    judged = judge({name: score[others] for name, score in scores.items()}, bought[1][others], seed=seed)
    now = _chances(known[1], bought[1], known[2], ties="true", seed=seed)
    free = ~known[2].seeds
    candidates = pd.DataFrame({"customer_id": known[2].habits.index[free], "chance": now[free]})
    candidates = candidates.sort_values("chance", ascending=False, kind="stable", ignore_index=True)
    top = candidates["customer_id"].head(max(len(candidates) // 10, 1))
    return LookAlikes(
        candidates=candidates,
        judged=judged,
        curve=_curve(known, bought, seed=seed),
        hidden=hidden_share(known[2].matrix(seed=seed), known[2].seeds, seed=seed),
        overlap=_already_targeted(shop, top, days=horizon),
        target=target,
        horizon_days=horizon,
    )


def _model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))


def _chances(
    past: Likeness, bought: np.ndarray, present: Likeness, *, ties: str, seed: int, seeds=(None, None)
) -> np.ndarray:
    """Learn from one window who of the others bought, and give everybody's chance in the next one."""
    columns = past.habits.columns.intersection(present.habits.columns)
    one, two = (_with_columns(side, columns) for side in (past, present))
    learn = ~past.seeds
    model = _model().fit(one.matrix(seeds=seeds[0], ties=ties, seed=seed)[learn], bought[learn])
    return model.predict_proba(two.matrix(seeds=seeds[1], ties=ties, seed=seed + 1))[:, 1]


def _with_columns(known: Likeness, columns: pd.Index) -> Likeness:
    return Likeness(**{**vars(known), "habits": known.habits[columns]})


def _curve(known: list[Likeness], bought: list[np.ndarray], *, seed: int) -> pd.DataFrame:
    """How well the ranking does when only some of the seeds are known."""
    rng = np.random.default_rng(seed)
    number, others = min(side.seeds.sum() for side in known[:2]), ~known[1].seeds
    rows = []
    for size in (*(size for size in _SEED_SIZES if size < number), number):
        some = tuple(_some(side.seeds, size, rng) for side in known[:2])
        score = _chances(known[0], bought[0], known[1], ties="true", seed=seed, seeds=some)
        found = judge({"some": score[others]}, bought[1][others], seed=seed, draws=30)
        auc = found.auc["some"]
        rows.append((size, auc.estimate, auc.low, auc.high, found.lift["some"].estimate))
    return pd.DataFrame(rows, columns=["seeds", "auc", "low", "high", "lift"])


def _some(seeds: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    kept = np.zeros(len(seeds), dtype=bool)
    kept[rng.permutation(np.flatnonzero(seeds))[:size]] = True
    return kept


def _largest_category(shop: Shop) -> str:
    if shop.missing("items.category"):
        raise CannotAnswer("neither a category nor an item was named, and the items carry no category.")
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
    lately = coupons.filter(coupons.issued_at >= shop.as_of - dt.timedelta(days=days))
    holders = lately.select("customer_id").distinct().to_pandas()["customer_id"]
    return wilson(int(top.isin(holders).sum()), len(top)).scaled(100)
