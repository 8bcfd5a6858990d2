"""E3: does the past conduct of customers foretell which of their sales come back?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.shop import Shop
from helpers.guardrails.e03_conduct.past_conduct import all_orders, all_reviews, past_conduct
from helpers.guardrails.sale_cases import SETTLE_DAYS, sold_lines
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    effect_verdict,
    question,
    words_beside,
)
from helpers.report.formats import count, percent
from helpers.report.release import events_by
from methods.intervals.estimates import Interval
from methods.intervals.influence import crossed_error, normal_interval
from methods.ratings.ranking_within import ranking_within
from methods.ratings.weight_of_evidence import weight_of_evidence

WORDS = words_beside(__file__)
FEWEST_CUSTOMERS = 100
FIFTHS = 5


@dataclass(frozen=True, kw_only=True)
class ConductRating:
    """Customers' conduct before a cut and their sales after it.

    sales: one row a sale after it: customer_id, item_id, category, returned, score (chance by the rating),
    fifth (1 for the customers rated best).
    """

    days: int
    sales: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a fifth of customers by rating: customers, sales, who returned, share returned."""
        fifths = self.sales.groupby("fifth")
        back = self.sales[self.sales["returned"] > 0].groupby("fifth")["customer_id"].nunique()
        table = pd.DataFrame(
            {
                "rated": [_named(int(fifth)) for fifth in fifths.groups],
                "customers": fifths["customer_id"].nunique().to_numpy(),
                "sales": fifths.size().to_numpy(),
                "returned": fifths["returned"].mean().to_numpy(),
                "who returned": back.reindex(list(fifths.groups)).fillna(0).astype(int).to_numpy(),
            }
        )
        table.attrs = {
            "caption": WORDS.text("caption", days=self.days),
            "formats": {"returned": ".1%"},
            "people": "customers",
            "unseen": ["who returned"],
        }
        return table

    def draw(self) -> Picture:
        """Draw the share of sales returned by fifth."""
        share = self.sales.groupby("fifth")["returned"].mean()
        names = [_named(int(fifth)) for fifth in share.index]
        told = [f"{name} {percent(value)}" for name, value in zip(names, share, strict=True)]
        title, alt = WORDS.picture("conduct", self.findings, told=told)
        figure, axes = canvas(
            title, x=WORDS.label("of sales returned in", days=count(self.days, "day")), height_inches=3.0
        )
        bars(axes, names, 100 * share.to_numpy(), colour=PALETTE[0])
        return Picture(figure, alt)


def _named(fifth: int) -> str:
    return {1: "best fifth", FIFTHS: "worst fifth"}.get(fifth, WORDS.label("fifth", fifth=fifth))


@question(WORDS, needs=("returns.returned_at", "orders.placed_at", "items.category"))
def conduct_rating(shop: Shop, *, days: int = 90) -> ConductRating:
    """Rate customers by conduct alone and see whether the rating foretells which of their sales come back.

    days: after the cut, by which the rating is judged; it is fitted on as many before. Known are returns
    against what is usual in a category, cancellations and how far reviews lie from others'; never age,
    gender or place. Raises CannotAnswer below 100 customers with purchases on both sides.
    """
    lines, orders, reviews = sold_lines(shop), all_orders(shop), all_reviews(shop)
    end = pd.Timestamp(shop.known_until("returns")) - pd.Timedelta(days=SETTLE_DAYS)
    window = pd.Timedelta(days=days)
    fit, judged = (
        _sales_after(lines, past_conduct(lines, orders, reviews, at), at, window)
        for at in (end - 2 * window, end - window)
    )
    if min(fit["customer_id"].nunique(), judged["customer_id"].nunique()) < FEWEST_CUSTOMERS:
        raise CannotAnswer(WORDS.text("few", fewest=FEWEST_CUSTOMERS))
    traits = [name for name in ("return_ratio", "cancelled_share", "review_gap") if name in fit]
    card = weight_of_evidence(fit, bad="returned", traits=traits)
    sales = judged.assign(score=card.chances(judged))
    sales["fifth"] = _fifth(sales)
    ranked = ranking_within(
        sales["score"],
        sales["returned"] > 0,
        group=sales["category"].astype(object).where(sales["category"].notna(), "–"),
        person=sales["customer_id"],
        thing=sales["item_id"],
    )
    persons = sales["customer_id"].nunique()
    findings = (_foretells(ranked, traits, days, persons), _gap(sales, days, persons))
    return ConductRating(days=days, sales=sales, findings=findings)


def _sales_after(
    lines: pd.DataFrame, conduct: pd.DataFrame, moment: pd.Timestamp, window: pd.Timedelta
) -> pd.DataFrame:
    inside = (lines["placed_at"] > moment) & (lines["placed_at"] <= moment + window)
    rows = lines.loc[inside, ["customer_id", "item_id", "category", "returned"]]
    return rows.merge(conduct, left_on="customer_id", right_index=True)


def _fifth(sales: pd.DataFrame) -> pd.Series:
    """The fifth of customers (1 rated best) that each sale's buyer is in; equal ratings in order of ids."""
    score = sales.groupby("customer_id")["score"].first().reset_index().sort_values(["score", "customer_id"])
    place = np.floor(np.arange(len(score)) * FIFTHS / len(score)).astype(int) + 1
    return sales["customer_id"].map(dict(zip(score["customer_id"], place, strict=True)))


def _foretells(ranked: Interval, traits: list[str], days: int, persons: int) -> Finding:
    z = abs(ranked.estimate - 0.5) / ranked.standard_error if ranked.standard_error > 0 else 0.0
    return WORDS.finding(
        "E3.conduct_foretells",
        ranked,
        scale=100,
        p_value=float(2 * norm.sf(z)),
        method=WORDS.text("ranking method", days=days),
        assumptions=(WORDS.text("before"),),
        verdict=effect_verdict(ranked.beyond(0.5)),
        persons=persons,
        traits=[WORDS.text(name) for name in traits],
    )


def _gap(sales: pd.DataFrame, days: int, persons: int) -> Finding:
    """Returns of the worst fifth beyond their categories' usual, less those of the others."""
    usual = sales.groupby("category", dropna=False)["returned"].transform("mean")
    beyond, worst = (sales["returned"] - usual).to_numpy(), (sales["fifth"] == FIFTHS).to_numpy()
    means, moves = [], np.zeros(len(sales))
    for own in (worst, ~worst):
        means.append(float(beyond[own].mean()))
        moves[own] = (beyond[own] - means[-1]) / own.sum()
    moves[~worst] *= -1
    error = crossed_error(moves, sales["customer_id"].to_numpy(), sales["item_id"].to_numpy())
    gap = normal_interval(means[0] - means[1], error, len(sales))
    return WORDS.finding(
        "E3.conduct_gap",
        gap,
        scale=100,
        method=WORDS.text("gap method"),
        assumptions=(WORDS.text("before"),),
        verdict=effect_verdict(gap),
        persons=persons,
        tells=tuple(events_by(sales.assign(worst=worst), "returned", "worst", who="customer_id").values()),
        days=days,
    )
