"""D1, first: which purchases a list is judged by, and everything that is left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.data.list_study import Protocol, split_shop
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import assumptions, counted, flattery
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    question,
    words_beside,
)
from helpers.report.formats import count, percent
from helpers.report.release import Entry
from methods.intervals.paired_shares import ratio_of_few
from methods.lists.model_comparison import FEWEST_CUSTOMERS
from methods.lists.new_products import NewProducts, list_new_products, product_features
from methods.lists.purchases import Purchases
from methods.lists.split import Split

WORDS = words_beside(__file__)
LENGTH = 10


@dataclass(frozen=True, kw_only=True)
class EvaluationPopulation:
    """What is judged and what is left out, as counts that add up."""

    findings: tuple[Finding, ...]
    split: Split = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a step: its customer-product pairs and customers."""
        frame = self.split.exclusions.copy()
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"customer-product pairs": ",", "customers": ","},
            "people": "customers",
        }
        return frame

    def draw(self) -> Picture:
        """Draw one bar a step."""
        frame = self.split.exclusions
        steps, pairs = frame.columns[0], frame["customer-product pairs"]
        share = pairs / pairs.iloc[0]
        names = frame[steps].tolist()
        told = [f"{name} {percent(value, 0)}" for name, value in zip(names, share, strict=True)]
        title, alt = WORDS.picture("steps", self.findings, steps=steps, told=told)
        figure, axes = canvas(title, x=WORDS.label("of all", steps=steps), height_inches=2.8)
        bars(axes, names, 100 * share, colour=[MUTED, *[PALETTE[1]] * (len(frame) - 2), PALETTE[0]])
        for place, (value, number) in enumerate(zip(share, pairs, strict=True)):
            axes.annotate(f" {percent(value, 0)} ({count(number)})", (100 * value, place), va="center")
        axes.set_xlim(0, 128)
        axes.set_xticks(range(0, 101, 20))
        axes.grid(axis="y", visible=False)
        return Picture(figure, alt)


@question(WORDS, needs=("order_lines",))
def evaluation_population(
    shop: Shop, *, protocol: Protocol = "auto", test_days: int = 56, repeats: bool = False, seed: int = 1
) -> EvaluationPopulation:
    """Count which purchases after the cut can be judged; options as in `accuracy_of_lists`."""
    purchases, split = split_shop(shop, protocol=protocol, test_days=test_days, repeats=repeats, seed=seed)
    pairs = split.exclusions["customer-product pairs"]
    finding = WORDS.finding(
        "D1.judged_share",
        counted(100 * pairs.iloc[-1] / pairs.iloc[0], n=int(pairs.iloc[0])),
        method=WORDS.text("method pairs"),
        assumptions=assumptions(split),
        persons=int(split.exclusions["customers"].iloc[0]),
        tells=(Entry(population="judged customers", persons=len(split.judged)),),
        cut_at=_wall_clock(split, shop),
        pairs=int(pairs.iloc[-1]),
        customers=len(split.judged),
        without=split.train.shape[0] - len(split.judged),
        leak=flattery(split),
    )
    return EvaluationPopulation(findings=(finding, _of_new_products(shop, purchases, split)), split=split)


def _of_new_products(shop: Shop, purchases: Purchases, split: Split) -> Finding:
    """What lists of products that nobody had bought, made of category and title, do for those who buy one."""
    try:
        lists = _listed(shop, purchases, split)
    except CannotAnswer as refused:
        return WORDS.skip("D1.new_products_gain", str(refused))
    gain = ratio_of_few(lists.served - lists.by_chance, np.ones(len(lists.served)), largest=1.0)
    return WORDS.finding(
        "D1.new_products_gain",
        gain,
        scale=100,
        n=len(lists.served),
        method=WORDS.text("method of new"),
        assumptions=assumptions(split),
        products=lists.products,
        length=LENGTH,
        by_chance=100 * lists.by_chance.mean(),
    )


def _listed(shop: Shop, purchases: Purchases, split: Split) -> NewProducts:
    if split.cut_at is None:
        raise CannotAnswer(WORDS.text("no times"))
    goods = shop["items"].select("item_id", "category", "title", "launched_at")
    goods = goods.order_by("item_id").to_pandas().set_index("item_id")
    if goods[["category", "title"]].isna().all(axis=None):
        raise CannotAnswer(WORDS.text("nothing known of products"))
    sold = purchases.items[split.items]
    late = pd.to_datetime(goods["launched_at"]) >= shop.end
    new = goods.index[~goods.index.isin(sold) & ~late.to_numpy()]
    rows = purchases.rows[purchases.rows["placed_at"] >= split.cut_at]
    rows = rows.assign(product=pd.Index(new).get_indexer(purchases.items[rows["item"]]))
    rows = rows[(rows["product"] >= 0) & rows["customer"].isin(split.customers)]
    who, place = np.unique(rows["customer"], return_inverse=True)
    if len(who) < FEWEST_CUSTOMERS:
        raise CannotAnswer(WORDS.text("too few", found=len(who), fewest=FEWEST_CUSTOMERS))
    later = csr_array((np.ones(len(rows)), (place, rows["product"])), shape=(len(who), len(new)))
    words = goods.astype(object).where(goods.notna(), None)
    features = product_features([*words.loc[sold, "category"], *words.loc[new, "category"]],
                                [*words.loc[sold, "title"], *words.loc[new, "title"]])  # fmt: skip
    bought = split.train[np.searchsorted(split.customers, who)]
    return list_new_products(bought, features[: len(sold)], features[len(sold) :], later, length=LENGTH)


def _wall_clock(split: Split, shop: Shop) -> str:
    if split.cut_at is None:
        return ""
    local = shop.clock.local(split.cut_at)
    return f"{local:%Y-%m-%d %H:%M}"
