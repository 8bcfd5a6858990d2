"""D6: does a search box over friends' coupons find what the searcher goes on to buy?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.coupon_shelf import read_shelf
from helpers.data.shop import Shop
from helpers.recommend.d06_circle_search.shelf_searches import read_searches, what_was_found
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import interval, number
from helpers.report.release import share_of_events
from methods.intervals.estimates import Interval
from methods.lists.fold_text import SYNONYMS, read_synonyms
from methods.lists.search_quality import BOX, METHODS, RANDOM, mean_of, pick_for_others, quality, share_of

WORDS = words_beside(__file__)
FEWEST_CUSTOMERS = 30
NOW, IF_ALL = "as they are", "if every purchase earned one"
_ROWS = {RANDOM: "a random order"} | METHODS | {BOX: "the order picked by other searchers"}


@dataclass(frozen=True, kw_only=True)
class CircleSearch:
    """The search box judged.

    searches: coupons as they are, or if every purchase earned one -> `quality` with `pick_for_others`.
    """

    findings: tuple[Finding, ...]
    searches: Mapping[str, pd.DataFrame] = field(repr=False)
    length: int

    def table(self) -> pd.DataFrame:
        """One row a way to order the shelf: recall and mean reciprocal rank on each shelf, with intervals."""
        columns = {"order": list(_ROWS.values())}
        for shelf, found in self.searches.items():
            for kind, words in (("recall", f"recall@{self.length}"), ("rank", "mean reciprocal rank")):
                columns[f"{words}, {shelf}"] = [_told(found, f"{kind}_{name}") for name in _ROWS]
        frame = pd.DataFrame(columns)
        frame.attrs = {"people": None, "caption": WORDS.text("caption")}
        return frame

    def draw(self) -> Picture:
        """Draw the mean reciprocal rank of each way to order the shelf."""
        last, frame = list(self.searches.items())[-1]
        ranks = {
            (shelf, words): _rank(found, name)
            for name, words in _ROWS.items()
            for shelf, found in self.searches.items()
        }
        title, alt = WORDS.picture(
            "search",
            self.findings,
            shelf=last,
            box=share_of(frame, f"rank_{BOX}").estimate,
            newest=share_of(frame, "rank_newest").estimate,
            by_chance=frame[f"rank_{RANDOM}"].mean(),
            told=[
                WORDS.label("coupons again", shelf=shelf, words=words, estimate=number(rank.estimate, 2))
                for (shelf, words), rank in ranks.items()
            ],
        )
        figure, panels = canvas(title, columns=len(self.searches), width_inches=9.5, height_inches=3)
        places = np.ravel(panels)
        for axes, (shelf, found) in zip(places, self.searches.items(), strict=True):
            colour = PALETTE[0] if shelf == NOW else MUTED
            marks = [
                Mark(label=words, value=_rank(found, name), colour=colour) for name, words in _ROWS.items()
            ]
            first = axes is places[0]
            forest(axes, marks, x="mean reciprocal rank (1: always first)", zero=None, labels=first)
            axes.set_title(WORDS.label("coupons", shelf=shelf))
            axes.set_xlim(0, 1.02)
        return Picture(figure, alt)


@question(WORDS, needs=("coupons", "ties", "items.title", "events.query", "orders.placed_at"))
def circle_search(
    shop: Shop,
    *,
    length: int = 3,
    bought_days: int = 7,
    window_days: int = 84,
    valid_days: int = 21,
    synonyms: str = "",
    seed: int = 1,
) -> CircleSearch:
    """Judge the search box on the shop's own queries: the coupon of a product then bought should stand first.

    length: places of a result that count for recall. bought_days: days after a search in which buying the
    product makes its coupon wanted. The shelf is judged as it was, over all searches; and over those of the
    last window_days as if every completed purchase had earned a coupon of valid_days. No query is made up.
    synonyms: words that mean the same to the shop's customers, such as "口红=唇膏=lipstick; 球鞋=sneaker",
    beside those of `fold_text.SYNONYMS`.
    How the box orders what it finds is picked on one random half of the searchers (seed) and judged on the
    other, both ways round.
    Raises CannotAnswer where fewer than 30 customers searched and then bought such a product.
    """
    if min(length, bought_days, window_days, valid_days) < 1:
        raise ValueError("length, bought_days, window_days and valid_days must all be 1 or more")
    try:
        alike = read_synonyms(f"{SYNONYMS}; {synonyms}")
    except ValueError as error:
        raise CannotAnswer(str(error)) from error
    end = min(shop.end - dt.timedelta(days=bought_days), shop.known_until("events"))
    start = end - dt.timedelta(days=window_days)
    searches, customers = {}, 0
    for name, since, days in ((NOW, None, 0), (IF_ALL, start, valid_days)):
        shelf = read_shelf(shop, since=since, every_purchase_days=days)
        asked = read_searches(shop, start=since or dt.datetime.min, end=end)
        found = what_was_found(shop, shelf, asked, bought_days=bought_days, synonyms=alike)
        judged = quality(found, length=length)
        customers = judged["customer_id"].nunique()
        if customers >= FEWEST_CUSTOMERS:
            searches[name] = pick_for_others(judged, seed=seed)
    if not searches:
        raise CannotAnswer(WORDS.text("too few", found=customers, fewest=FEWEST_CUSTOMERS))
    findings = tuple(
        finding
        for shelf, frame in searches.items()
        for finding in _findings(shelf, frame, length, bought_days)
    )
    return CircleSearch(findings=findings, searches=searches, length=length)


def _findings(shelf: str, frame: pd.DataFrame, length: int, bought_days: int) -> tuple[Finding, ...]:
    orders = [f"“{METHODS[name]}”" for name in METHODS if (frame["order"] == name).any()]
    gain = mean_of(frame, **{f"rank_{BOX}": 1.0, "rank_newest": -1.0})

    def stated(id: str, value: Interval, **fields) -> Finding:
        return WORDS.finding(
            id,
            value,
            n=len(frame),
            persons=frame["customer_id"].nunique(),
            segment=shelf,
            method=WORDS.text("method"),
            assumptions=(WORDS.text("wanted", days=bought_days), WORDS.text("without")),
            **fields,
        )

    return (
        stated(
            "D6.search_box_gain",
            gain,
            verdict=effect_verdict(gain),
            single=float((frame["shelf"] == 1).mean()),
            unmatched=float(1 - frame["matched"].mean()),
        ),
        stated(
            "D6.recall",
            share_of(frame, f"recall_{BOX}"),
            tells=(share_of_events("searches", frame[f"recall_{BOX}"] > 0, frame["customer_id"]),),
            orders=orders,
            length=length,
            by_chance=frame[f"recall_{RANDOM}"].mean(),
        ),
        stated(
            "D6.mean_reciprocal_rank",
            share_of(frame, f"rank_{BOX}"),
            orders=orders,
            by_chance=frame[f"rank_{RANDOM}"].mean(),
        ),
    )


def _rank(frame: pd.DataFrame, name: str) -> Interval:
    return mean_of(frame, rank_random=1.0) if name == RANDOM else share_of(frame, f"rank_{name}")


def _told(frame: pd.DataFrame, name: str) -> str:
    """A measure with its interval; that of a random order is reckoned, so it has none."""
    if name.endswith(RANDOM):
        return number(frame[name].mean(), 2)
    value = share_of(frame, name)
    return interval(value.estimate, value.low, value.high, decimals=2)
