"""E3: which sellers are better or worse than others, does that hold later, and what would acting on it do?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.guardrails.e03_ratings.later_sales import Limits, limits_of, worst_against_best
from helpers.guardrails.e03_ratings.rated_sellers import AspectRating, rate_aspects, rate_sellers
from helpers.guardrails.sale_cases import ASPECTS, NEEDS, SETTLE_DAYS, cases_of, sold_lines
from helpers.report import (
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
from helpers.report.formats import count, in_percent, interval, listed
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
HISTORY_DAYS = 365
FEWEST_SELLERS = 6
_NAMES = {"product": "returns", "service": "slow answers", "delivery": "late parcels"}
_BANDS = ("better", "between", "worse")


@dataclass(frozen=True, kw_only=True)
class SellerRatings:
    """Sellers' ratings as of the end, and as they were before the last days.

    aspects, sellers: of `rate_aspects` and `rate_sellers`, as of now. lines: the sales behind. foretold:
    by aspect, worst third against best in the days after the cut, by ratings from before it.
    """

    days: int
    aspects: dict[str, AspectRating] = field(repr=False)
    sellers: pd.DataFrame = field(repr=False)
    lines: pd.DataFrame = field(repr=False)
    foretold: dict[str, Interval]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a band of rank: sellers, customers, standardised share of each aspect, commonest reason."""
        rows = []
        for band in _BANDS:
            own = self.sellers.index[self.sellers["band"] == band]
            if len(own):
                rows.append(self._band(band, own))
        table = pd.DataFrame(rows)
        shares = [_NAMES[name] for name in self.aspects]
        table.attrs = {
            "caption": WORDS.text("caption", days=HISTORY_DAYS),
            "formats": dict.fromkeys(shares, ".1%"),
            "people": "customers",
        }
        return table

    def _band(self, band: str, own: pd.Index) -> dict[str, object]:
        inside = self.lines["seller_id"].isin(own)
        row: dict[str, object] = {
            "band": band,
            "sellers": len(own),
            "customers": self.lines.loc[inside, "customer_id"].nunique(),
        }
        for name, one in self.aspects.items():
            rates = one.rates.rates.reindex(own).dropna()
            told = rates["happened"].sum() / rates["expected"].sum() if len(rates) else float("nan")
            row[_NAMES[name]] = one.usual * told
        given = self.sellers.loc[own, "reasons"].explode().dropna()
        row["commonest reason"] = _NAMES[given.mode().iloc[0]] if len(given) else "–"
        return row

    def draw(self) -> Picture:
        """Draw what the worst third had more than the best third in the days after, by aspect."""
        spoken = [
            f"{_NAMES[name]} {interval(*in_percent(v), unit='pp')}" for name, v in self.foretold.items()
        ]
        settled = {id: [] for id in ("E3.spread", "E3.foretold")}
        for one in self.findings:
            if one.id in settled and one.verdict == "supported":
                settled[one.id].append(_NAMES[str(one.segment)])
        title, alt = WORDS.picture(
            "ratings",
            self.findings,
            effects=spoken or ["none could be followed"],
            differ=settled["E3.spread"],
            foretold=settled["E3.foretold"],
        )
        figure, axes = canvas(title, height_inches=1.4 + 0.5 * max(len(self.foretold), 1))
        marks = [
            Mark(label=_NAMES[name], value=value, scale=100, colour=PALETTE[place])
            for place, (name, value) in enumerate(self.foretold.items())
        ]
        forest(axes, marks, x=f"pp more with the third rated worst, in the {count(self.days, 'day')} after")
        return Picture(figure, alt)


@question(WORDS, needs=("items.seller_id", "orders.placed_at", "items.category"))
def seller_ratings(
    shop: Shop, *, days: int = 90, slow_hours: float = 24.0, limited_share: float = 0.1, seed: int = 1
) -> SellerRatings:
    """Rate sellers by product, service and delivery, and see whether the ratings foretell the days after.

    days: kept aside at the end to judge ratings by. slow_hours: an answer later than this is slow.
    limited_share: of the sellers, those rated worst, whose sales are moved to others in thought. Ratings rest
    on the 365 days before; sales of the last 30 days are left out, for what is returned of them is not known.
    Raises CannotAnswer where no aspect has three sellers to compare.
    """
    lines = sold_lines(shop)
    cases, lacking = {}, {}
    for aspect in ASPECTS:
        rows = cases_of(shop, lines, aspect, slow_hours=slow_hours)
        if rows is None:
            lacking[aspect] = WORDS.text("lacks", needs=shop.missing(*NEEDS[aspect]))
        else:
            cases[aspect] = rows
    end = pd.Timestamp(shop.as_of) - pd.Timedelta(days=SETTLE_DAYS)
    now, reasons = rate_aspects({name: _between(rows, end, HISTORY_DAYS) for name, rows in cases.items()})
    if not now:
        raise CannotAnswer(listed([f"{_NAMES[name]}: {why}" for name, why in {**lacking, **reasons}.items()]))
    cut = end - pd.Timedelta(days=days)
    before, _ = rate_aspects({name: _between(rows, cut, HISTORY_DAYS) for name, rows in cases.items()})
    after = {name: _between(rows, end, days) for name, rows in cases.items()}
    foretold = {}
    for name, one in before.items():
        value = worst_against_best(after[name], name, one.shrunk, fewest=FEWEST_SELLERS)
        if value is not None:
            foretold[name] = value
    sellers = rate_sellers(now)
    found = [*_spreads(now, cases, {**lacking, **reasons}), *_foretold(foretold, after, days)]
    found += [_told_apart(sellers), *_limits(before, after, lines, cut, days, limited_share, seed)]
    return SellerRatings(
        days=days,
        aspects=now,
        sellers=sellers,
        lines=_between(lines, end, HISTORY_DAYS),
        foretold=foretold,
        findings=tuple(found),
    )


def _between(rows: pd.DataFrame, end: pd.Timestamp, days: int) -> pd.DataFrame:
    return rows[(rows["placed_at"] <= end) & (rows["placed_at"] > end - pd.Timedelta(days=days))]


def _spreads(
    now: Mapping[str, AspectRating], cases: Mapping[str, pd.DataFrame], reasons: Mapping[str, str]
) -> list[Finding]:
    found = []
    for aspect in ASPECTS:
        if aspect not in now:
            found.append(WORDS.skip("E3.spread", f"{reasons[aspect]}.", segment=aspect))
            continue
        one, rows = now[aspect], cases[aspect]
        held = rows["seller_id"].isin(one.shrunk.index)
        found.append(
            WORDS.finding(
                "E3.spread",
                one.spread.spread,
                scale=100,
                n=int(one.rates.rates["cases"].sum()),
                method=WORDS.text("spread method"),
                assumptions=(WORDS.text("mix"),),
                verdict=effect_verdict(one.spread.spread),
                p_value=one.spread.p_value,
                segment=aspect,
                persons=rows.loc[held, "customer_id"].nunique(),
                aspect=aspect,
                usual=one.usual,
                sellers=len(one.shrunk),
            )
        )
    return found


def _foretold(
    foretold: Mapping[str, Interval], after: Mapping[str, pd.DataFrame], days: int
) -> list[Finding]:
    found = []
    for aspect, rows in after.items():
        if aspect not in foretold:
            reason = WORDS.text("thirds", fewest=FEWEST_SELLERS)
            found.append(WORDS.skip("E3.foretold", f"{reason}.", segment=aspect))
            continue
        found.append(
            WORDS.finding(
                "E3.foretold",
                foretold[aspect],
                scale=100,
                method=WORDS.text("foretold method"),
                assumptions=(WORDS.text("mix"),),
                verdict=effect_verdict(foretold[aspect]),
                segment=aspect,
                persons=rows["customer_id"].nunique(),
                aspect=aspect,
                days=days,
            )
        )
    return found


def _told_apart(sellers: pd.DataFrame) -> Finding:
    better, worse = (int((sellers["band"] == band).sum()) for band in ("better", "worse"))
    told = float(better + worse)
    return WORDS.finding(
        "E3.told_apart",
        Interval(estimate=told, low=told, high=told, n=len(sellers)),
        method=WORDS.text("bands method"),
        assumptions=(WORDS.text("mix"),),
        sellers=len(sellers),
        better=better,
        worse=worse,
    )


def _limits(
    before: Mapping[str, AspectRating],
    after: Mapping[str, pd.DataFrame],
    lines: pd.DataFrame,
    cut: pd.Timestamp,
    days: int,
    limited_share: float,
    seed: int,
) -> list[Finding]:
    ids = ("E3.returns_avoided", "E3.honest_sales")
    if "product" not in before:
        return []
    rated = rate_sellers(before)["points"].sort_values(kind="stable")
    worst = rated.index[: max(1, int(np.floor(limited_share * len(rated))))]
    found = limits_of(after["product"], before["product"], lines, worst, cut=cut, seed=seed)
    if found is None:
        return [WORDS.skip(id, f"{WORDS.text('thirds', fewest=FEWEST_SELLERS)}.") for id in ids]
    return [_avoided(found, days), _honest(found)]


def _avoided(found: Limits, days: int) -> Finding:
    return WORDS.finding(
        "E3.returns_avoided",
        found.avoided,
        scale=1_000,
        method=WORDS.text("limits method"),
        assumptions=(WORDS.text("mix"), WORDS.text("moved")),
        verdict="scenario",
        persons=found.buyers,
        limited=found.limited,
        moved=found.moved,
        days=days,
    )


def _honest(found: Limits) -> Finding:
    return WORDS.finding(
        "E3.honest_sales",
        found.honest,
        scale=100,
        method=WORDS.text("honest method"),
        assumptions=(WORDS.text("mix"),),
        verdict="scenario",
        persons=found.limited_buyers,
        limited=found.limited,
        appeals=found.appeals,
        newcomers=found.newcomers,
        new_days=found.new_days,
    )
