"""E3: which sellers are better or worse than others, does that hold later, and what would acting on it do?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.guardrails.e03_ratings.later_sales import Limits, limits_of, worst_against_best
from helpers.guardrails.e03_ratings.rated_sellers import AspectRating, bands_of, rate_aspects, rate_sellers
from helpers.guardrails.sale_cases import ASPECTS, NEEDS, SETTLE_DAYS, cases_of, knows_destination, sold_lines
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
from helpers.report.formats import count, in_percent, interval
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
HISTORY_DAYS = 365
FEWEST_SELLERS = 6
_NAMES = {"product": "returns", "service": "slow answers", "delivery": "late parcels"}
_BANDS = ("better", "between", "worse")


@dataclass(frozen=True, kw_only=True)
class SellerRatings:
    """Sellers' ratings as of the end, and as they were before the last days.

    aspects, sellers: of `rate_aspects` and `rate_sellers`, as of now. cases, bands: by aspect, of these days.
    foretold: by aspect, worst third against best in the days after the cut, by ratings from before it.
    limits: what limiting the worst rated would have done in these days; None where that cannot be told.
    """

    days: int
    aspects: dict[str, AspectRating] = field(repr=False)
    sellers: pd.DataFrame = field(repr=False)
    cases: dict[str, pd.DataFrame] = field(repr=False)
    bands: dict[str, pd.Series] = field(repr=False)
    foretold: dict[str, Interval]
    limits: Limits | None = field(repr=False)
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an aspect and band of rank: sellers, customers, standardised share, share as it was."""
        rows = []
        for aspect, one in self.aspects.items():
            bands, cases = self.bands[aspect], self.cases[aspect]
            for band in _BANDS:
                own = one.rates.rates[bands == band]
                if len(own):
                    inside = cases["seller_id"].isin(own.index)
                    rows.append(
                        {
                            "what": _NAMES[aspect],
                            "band": band,
                            "sellers": len(own),
                            "customers": cases.loc[inside, "customer_id"].nunique(),
                            "standardised": one.usual * own["happened"].sum() / own["expected"].sum(),
                            "as it was": own["happened"].sum() / own["cases"].sum(),
                        }
                    )
        table = pd.DataFrame(rows)
        table.attrs = {
            "caption": WORDS.text("caption", days=HISTORY_DAYS),
            "formats": {"standardised": ".1%", "as it was": ".1%"},
            "people": "customers",
            "within": "what",
        }
        return table

    def draw(self) -> Picture:
        """Draw what the worst third had more than the best third in the days after, by aspect."""
        spoken = [
            f"{_NAMES[name]} {interval(*in_percent(v), unit='pp')}" for name, v in self.foretold.items()
        ]
        settled: dict[str, list[str]] = {id: [] for id in ("E3.spread", "E3.foretold")}
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
        forest(axes, marks, x=WORDS.label("pp more with the", days=count(self.days, "day")))
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
    recent = {name: _between(rows, end, HISTORY_DAYS) for name, rows in cases.items()}
    now, reasons = rate_aspects(recent, seed=seed)
    if not now:
        raise CannotAnswer(
            "; ".join(f"{_NAMES[name]}: {why}" for name, why in {**lacking, **reasons}.items())
        )
    cut = end - pd.Timedelta(days=days)
    before, _ = rate_aspects(
        {name: _between(rows, cut, HISTORY_DAYS) for name, rows in cases.items()}, seed=seed
    )
    after = {name: _between(rows, end, days) for name, rows in cases.items()}
    foretold = {}
    for name, one in before.items():
        value = worst_against_best(after[name], one.shrunk, fewest=FEWEST_SELLERS)
        if value is not None:
            foretold[name] = value
    going = knows_destination(lines)
    sellers, bands = rate_sellers(now), {name: bands_of(one) for name, one in now.items()}
    found = [*_spreads(now, recent, {**lacking, **reasons}, going), *_foretold(foretold, after, days, going)]
    found += [_told_apart(name, own, going) for name, own in bands.items()]
    limits = _limits(before, after, lines, cut, limited_share, seed) if "product" in before else None
    found += _limit_findings(limits, days, going)
    return SellerRatings(
        days=days,
        aspects=now,
        sellers=sellers,
        cases=recent,
        bands=bands,
        foretold=foretold,
        limits=limits,
        findings=tuple(found),
    )


def _between(rows: pd.DataFrame, end: pd.Timestamp, days: int) -> pd.DataFrame:
    return rows[(rows["placed_at"] <= end) & (rows["placed_at"] > end - pd.Timedelta(days=days))]


def _spreads(
    now: Mapping[str, AspectRating],
    cases: Mapping[str, pd.DataFrame],
    reasons: Mapping[str, str],
    going: bool,
) -> list[Finding]:
    found, doubt = [], "" if going else WORDS.text("doubt")
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
                assumptions=(WORDS.text("mix", going=going),),
                verdict=effect_verdict(one.spread.spread, doubt=doubt),
                p_value=one.p_value,
                segment=aspect,
                persons=rows.loc[held, "customer_id"].nunique(),
                aspect=aspect,
                usual=one.usual,
                going=going,
                sellers=len(one.shrunk),
            )
        )
    return found


def _foretold(
    foretold: Mapping[str, Interval], after: Mapping[str, pd.DataFrame], days: int, going: bool
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
                assumptions=(WORDS.text("mix", going=going),),
                verdict=effect_verdict(foretold[aspect]),
                segment=aspect,
                persons=rows["customer_id"].nunique(),
                aspect=aspect,
                days=days,
            )
        )
    return found


def _told_apart(aspect: str, bands: pd.Series, going: bool) -> Finding:
    better, worse = (int((bands == band).sum()) for band in ("better", "worse"))
    told = float(better + worse)
    return WORDS.finding(
        "E3.told_apart",
        Interval(estimate=told, low=told, high=told, n=len(bands)),
        method=WORDS.text("bands method"),
        assumptions=(WORDS.text("mix", going=going),),
        segment=aspect,
        aspect=aspect,
        sellers=len(bands),
        better=better,
        worse=worse,
    )


def _limits(
    before: Mapping[str, AspectRating],
    after: Mapping[str, pd.DataFrame],
    lines: pd.DataFrame,
    cut: pd.Timestamp,
    limited_share: float,
    seed: int,
) -> Limits | None:
    rated = rate_sellers(before)["points"].sort_values(kind="stable")
    worst = rated.index[: max(1, int(np.floor(limited_share * len(rated))))]
    return limits_of(after["product"], before["product"], lines, worst, cut=cut, seed=seed)


def _limit_findings(limits: Limits | None, days: int, going: bool) -> list[Finding]:
    if limits is None:
        ids, reason = ("E3.returns_avoided", "E3.honest_sales"), WORDS.text("limits")
        return [WORDS.skip(id, f"{reason}.") for id in ids]
    return [_avoided(limits, days, going), _honest(limits, going)]


def _avoided(found: Limits, days: int, going: bool) -> Finding:
    return WORDS.finding(
        "E3.returns_avoided",
        found.avoided,
        scale=1_000,
        method=WORDS.text("limits method"),
        assumptions=(WORDS.text("mix", going=going), WORDS.text("moved")),
        verdict="scenario",
        persons=found.buyers,
        limited=found.limited,
        moved=found.moved,
        days=days,
    )


def _honest(found: Limits, going: bool) -> Finding:
    return WORDS.finding(
        "E3.honest_sales",
        found.honest,
        scale=100,
        method=WORDS.text("honest method"),
        assumptions=(WORDS.text("mix", going=going),),
        verdict="scenario",
        persons=found.limited_buyers,
        limited=found.limited,
        appeals=found.appeals,
        newcomers=found.newcomers,
        new_days=found.new_days,
    )
