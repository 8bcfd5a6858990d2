"""C5: what each circle buys more than others, beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.data.friend_graph import FRIENDS
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import (
    DIVERGING,
    INK,
    CannotAnswer,
    Finding,
    Picture,
    canvas,
    dots,
    effect_verdict,
    heat_map,
    question,
    words_beside,
)
from helpers.report.release import is_few
from helpers.report.verdicts import p_of_nil
from methods.graphs.demand_cells import Counts, chance_of_as_many, count_buyers, shrunken_log_odds, shuffled
from methods.intervals.estimates import Interval, normal_reach, ratio_of_sums
from methods.intervals.multiplicity import benjamini_hochberg

WORDS = words_beside(__file__)
FALSE_SHARE = 0.05
MOST_ITEMS = 40
_SHOWN_CIRCLES, _SHOWN_CATEGORIES = 24, 14


class Groups(Protocol):
    """Circles of friends.

    members: one row a customer with customer_id and circle; empty where none are beyond chance.
    """

    @property
    def members(self) -> pd.DataFrame: ...

    @property
    def minimum_customers(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class CircleDemand:
    """Demand by circle and category.

    cells: one row a circle and category with circle, customers (who bought at all), category, buyers,
    expected (buyers by chance), odds, odds_low, odds_high (times the odds elsewhere, shrunken), p,
    p_adjusted, beyond_chance. alike: how many times as often as by chance two members have a category in
    common. by_chance: cells called in each shuffle of the circles. kind: "categories", or "items" where items
    have none.
    """

    cells: pd.DataFrame
    alike: Interval
    by_chance: np.ndarray
    kind: str
    findings: tuple[Finding, ...]

    @property
    def called(self) -> pd.DataFrame:
        """Cells beyond chance, surest first: by the lower end of the odds."""
        found = self.cells[self.cells["beyond_chance"]]
        return found.sort_values(["odds_low", "circle"], ascending=[False, True])

    def draw(self) -> Picture:
        """Draw circles by categories, coloured by odds, with a dot where demand is beyond chance."""
        called = self.called
        rows = called["circle"].drop_duplicates().head(_SHOWN_CIRCLES).to_numpy()
        if not len(rows):
            rows = self.cells["circle"].drop_duplicates().head(_SHOWN_CIRCLES).to_numpy()
        columns = _columns(self.cells, called)
        title, alt = WORDS.picture(
            "demand",
            self.findings,
            number=called["circle"].nunique(),
            total=self.cells["circle"].nunique(),
            rows=len(rows),
            columns=len(columns),
            kind=self.kind,
            best=next(called.head(1).itertuples(), None),
        )
        shown = self.cells[self.cells["circle"].isin(rows) & self.cells["category"].isin(columns)]
        odds = np.log2(shown.pivot(index="circle", columns="category", values="odds")).loc[rows, columns]
        sure = shown.pivot(index="circle", columns="category", values="beyond_chance").loc[rows, columns]
        order = np.lexsort((-odds.to_numpy().max(axis=1), odds.to_numpy().argmax(axis=1)))
        odds, sure = odds.iloc[order].rename(index="circle {}".format), sure.iloc[order]
        figure, axes = canvas(title, width_inches=9, height_inches=1.8 + 0.23 * len(rows))
        image = heat_map(axes, odds, form="", colours=DIVERGING, lowest=-2, highest=2)
        down, across = np.nonzero(sure.to_numpy(dtype=bool))
        dots(axes, across, down, colour=INK, sizes=12)
        axes.tick_params(axis="x", rotation=0 if self.kind == "categories" else 60)
        axes.tick_params(axis="y", labelsize=8)
        label = "times the odds elsewhere (dot: beyond chance)"
        bar = figure.colorbar(image, ax=axes, label=label, shrink=0.8)
        bar.set_ticks(range(-2, 3), labels=["1/4", "1/2", "1", "2", "4"])
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return the 20 surest cells in which neither the buyers nor the other members are few."""
        called = self.called
        few = is_few(called["buyers"]) | is_few(called["customers"] - called["buyers"])
        rows = called[~few].head(20)
        frame = pd.DataFrame(
            {
                "circle": rows["circle"],
                "category" if self.kind == "categories" else "item": rows["category"],
                "members who buy": rows["customers"],
                "buyers": rows["buyers"],
                "by chance": rows["expected"],
                "times the odds": rows["odds"],
                "from": rows["odds_low"],
                "to": rows["odds_high"],
                "adjusted p": rows["p_adjusted"],
            }
        )
        frame.attrs = {
            "caption": WORDS.text("caption", called=len(self.called)),
            "formats": {"by chance": ".1f", "adjusted p": ".1g"}
            | dict.fromkeys(("times the odds", "from", "to"), ".2f"),
            "people": "buyers",
        }
        return frame


def _columns(cells: pd.DataFrame, called: pd.DataFrame) -> list:
    """All categories where they fit, else those called most often."""
    names = cells["category"].drop_duplicates().to_list()
    if len(names) <= _SHOWN_CATEGORIES:
        return names
    often = called["category"].value_counts().index.to_list()
    return (often + [name for name in names if name not in set(often)])[:_SHOWN_CATEGORIES]


@question(WORDS, needs=("order_lines",), one_of=FRIENDS)
def circle_demand(shop: Shop, groups: Groups, *, shuffles: int = 20, seed: int = 1) -> CircleDemand:
    """Find what the circles of friends buy beyond chance.

    groups: the answer of `circles`. shuffles: of the circles among customers of equal breadth, the check of
    the false-discovery rate. Where items have no category, the 40 most bought items take their place. Raises
    CannotAnswer without circles beyond chance or with fewer than two that buy. Method: `demand_cells`.
    """
    if groups.members.empty:
        raise CannotAnswer(WORDS.text("no circles"))
    kind = "items" if shop.missing("items.category") else "categories"
    bought = bought_by(shop, kind=kind)
    counts = count_buyers(
        groups.members, bought, customer="customer_id", circle="circle", category="category",
        minimum=groups.minimum_customers,
    )  # fmt: skip
    if len(counts.circles) < 2:
        facts = {"circles": len(counts.circles), "members": groups.minimum_customers}
        raise CannotAnswer(WORDS.text("too few", **facts))
    rng = np.random.default_rng(seed)
    draws = np.array([counts.buyers, *(shuffled(counts, rng) for _ in range(shuffles))])
    chance = chance_of_as_many(counts, draws)
    adjusted = np.array([benjamini_hochberg(draw.ravel()).reshape(draw.shape) for draw in chance])
    called = [_is_beyond(draw, p) for draw, p in zip(draws, adjusted, strict=True)]
    cells = _cells(counts, chance[0], adjusted[0]).assign(beyond_chance=called[0].ravel())
    by_chance = np.array([one.sum() for one in called[1:]])
    alike = _alike(counts)
    return CircleDemand(
        cells=cells,
        alike=alike,
        by_chance=by_chance,
        kind=kind,
        findings=_findings(cells, alike, by_chance, kind),
    )


def bought_by(shop: Shop, *, kind: str) -> pd.DataFrame:
    """Return who bought what at least once: customer_id, category (text; the item where kind is "items")."""
    lines = shop["order_lines"].join(purchases(shop).select("order_id", "customer_id"), "order_id")
    if kind == "categories":
        lines = lines.join(shop["items"].select("item_id", "category"), "item_id")
        lines = lines.filter(lines.category.notnull())
        return lines.select("customer_id", "category").distinct().to_pandas()
    lines = lines.select("customer_id", category=lines.item_id).distinct()
    most = lines.group_by("category").agg(buyers=lambda row: row.count())
    most = most.order_by([most.buyers.desc(), most.category]).limit(MOST_ITEMS)
    return lines.semi_join(most, "category").to_pandas()


def _is_beyond(buyers: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    """Where a pair is beyond chance alone, and still so when all circles pull its odds to theirs."""
    sure = adjusted <= FALSE_SHARE
    if not sure.any():
        return sure
    odds, error = shrunken_log_odds(buyers)
    return sure & (odds - normal_reach() * error > 0)


def _cells(counts: Counts, chance: np.ndarray, adjusted: np.ndarray) -> pd.DataFrame:
    odds, error = shrunken_log_odds(counts.buyers)
    wide = (len(counts.circles), len(counts.categories))
    columns = {
        "circle": np.broadcast_to(counts.circles[:, None], wide),
        "customers": np.broadcast_to(counts.members.sum(axis=1)[:, None], wide),
        "category": np.broadcast_to(counts.categories[None, :], wide),
        "buyers": counts.buyers,
        "expected": counts.expected,
        "odds": np.exp(odds),
        "odds_low": np.exp(odds - normal_reach() * error),
        "odds_high": np.exp(odds + normal_reach() * error),
        "p": chance,
        "p_adjusted": adjusted,
    }
    return pd.DataFrame({name: np.asarray(values).ravel() for name, values in columns.items()})


def _alike(counts: Counts) -> Interval:
    """Pairs of members with a category in common, over those expected by chance; circles are the clusters."""
    rates = counts.stratum_buyers / counts.stratum_size[:, None]
    found = (counts.buyers * (counts.buyers - 1)).sum(axis=1) / 2
    alone = counts.members @ (rates**2)
    expected = ((counts.expected**2 - alone) / 2).sum(axis=1)
    return ratio_of_sums(found, expected)


def _findings(cells: pd.DataFrame, alike: Interval, by_chance: np.ndarray, kind: str) -> tuple[Finding, ...]:
    called, numbers = int(cells["beyond_chance"].sum()), cells["circle"].nunique()
    total = int(by_chance.sum())
    # Exact Poisson limits: with no call in any shuffle a normal interval would have no width.
    limits = np.array([chi2.ppf(0.025, 2 * total) if total else 0.0, chi2.ppf(0.975, 2 * total + 2)]) / 2
    share = 100 / len(by_chance) / max(called, 1)
    false = Interval(estimate=total * share, low=limits[0] * share, high=limits[1] * share, n=len(cells))
    common: dict[str, Any] = {
        "method": WORDS.text("method"),
        "assumptions": (WORDS.text("assumption dealt"), WORDS.text("assumption history")),
        "called": called,
    }
    return (
        WORDS.finding(
            "C5.alike_in_circles",
            alike,
            n=numbers,
            persons=int(cells.groupby("circle")["customers"].first().sum()),
            unit=WORDS.label("times as many in", kind=kind),
            verdict=effect_verdict(alike.beyond(1)),
            p_value=p_of_nil(alike.beyond(1)),
            kind=kind,
            cells=len(cells),
            circles=cells.loc[cells["beyond_chance"], "circle"].nunique(),
            **common,
        ),
        WORDS.finding("C5.called_by_chance", false, mean=by_chance.mean(), **common),
    )
