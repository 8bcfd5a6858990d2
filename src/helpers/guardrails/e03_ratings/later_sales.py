"""What ratings foretold: the days after the cut, and what limiting the worst rated would have done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.guardrails.e03_ratings.rated_sellers import AspectRating
from helpers.guardrails.sale_cases import KINDS
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval, normal_reach
from methods.intervals.influence import normal_interval
from methods.ratings.standardised_rates import standardised_rates

NEW_DAYS = 180
_DRAWS = 2_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What moving the sales of the worst rated sellers to others would have done.

    avoided: returns a sale of all. honest: share of the limited sellers' sales that are of sellers no worse
    than usual. compared: sellers in all. worst: those limited. appeals: how many of them could. moved: share
    of all sales. newcomers: share of the moved sales that are of sellers new at the cut; None where everybody
    may be new. buyers, limited_buyers: customers behind.
    """

    avoided: Interval
    honest: Interval
    compared: tuple[str, ...]
    worst: tuple[str, ...]
    appeals: int
    moved: float
    newcomers: float | None
    new_days: int
    buyers: int
    limited_buyers: int

    @property
    def limited(self) -> int:
        """How many sellers are limited."""
        return len(self.worst)


def worst_against_best(cases: pd.DataFrame, rating: pd.Series, *, fewest: int) -> Interval | None:
    """Return the standardised share of the third rated worst less that of the third rated best.

    cases: after the cut. rating: by seller, before it; larger is worse. None where fewer than `fewest`
    sellers have cases on both sides, or nothing can be compared.
    """
    known = cases[cases["seller_id"].isin(rating.index)]
    try:
        found = standardised_rates(known, happened="happened", unit="seller_id", kinds=KINDS)
    except CannotAnswer:
        return None
    rates = found.rates
    if len(rates) < fewest:
        return None
    order = rating.reindex(rates.index).sort_values(kind="stable").index
    third = len(order) // 3
    worst, best = (_ratio(rates.loc[part]) for part in (order[-third:], order[:third]))
    error = found.overall * float(np.hypot(worst[1], best[1]))
    if error == 0:
        return None
    gap = found.overall * (worst[0] - best[0])
    return normal_interval(gap, error, int(rates["cases"].sum()), freedom=2 * third - 2)


def _ratio(rates: pd.DataFrame) -> tuple[float, float]:
    """Happened over expected of some sellers together, and its standard error by seller.

    Two sellers who happen to be alike know no more than their cases: it is never below the error of these.
    """
    ratio, of_cases = _of_these_sellers(rates)
    moves = rates["happened"] - ratio * rates["expected"]
    sellers = max(len(rates), 2)
    by_seller = float(np.sqrt((moves**2).sum() * sellers / (sellers - 1)) / rates["expected"].sum())
    return ratio, max(by_seller, of_cases)


def _of_these_sellers(rates: pd.DataFrame) -> tuple[float, float]:
    """Happened over expected, and its standard error over what these very sellers might have had."""
    happened, expected, cases = (float(rates[name].sum()) for name in ("happened", "expected", "cases"))
    spread = np.sqrt(max(happened, 1.0) * (1 - happened / cases))
    return happened / expected, float(spread / expected)


def limits_of(
    cases: pd.DataFrame,
    rating: AspectRating,
    lines: pd.DataFrame,
    worst: pd.Index,
    *,
    cut: pd.Timestamp,
    seed: int,
) -> Limits | None:
    """Return what limiting sellers would have done to returns after the cut; None where that cannot be told.

    cases: sales after the cut. rating: of returns, before it. lines: all sales. worst: sellers limited.
    """
    known = cases[cases["seller_id"].isin(rating.shrunk.index)]
    try:
        found = standardised_rates(known, happened="happened", unit="seller_id", kinds=KINDS)
    except CannotAnswer:
        return None
    rates = found.rates
    own, others = rates.loc[rates.index.isin(worst)], rates.loc[~rates.index.isin(worst)]
    if len(own) < 2 or len(others) < 2:
        return None
    (mine, error), (usual, usual_error) = _of_these_sellers(own), _of_these_sellers(others)
    part = own["expected"].sum() / rates["cases"].sum()
    avoided = normal_interval(
        part * (mine - usual), part * float(np.hypot(error, usual_error)), int(rates["cases"].sum())
    )
    posterior = rating.chance_no_worse().reindex(own.index)
    rates_then = rating.rates.rates.reindex(own.index)
    high = rates_then["share"] - normal_reach() * rates_then["error"]
    taken = known[known["seller_id"].isin(own.index)]
    return Limits(
        avoided=avoided,
        honest=_honest(posterior, own["cases"], seed),
        compared=tuple(rates.index),
        worst=tuple(own.index),
        appeals=int((high <= rating.usual).sum()),
        moved=float(own["cases"].sum() / rates["cases"].sum()),
        newcomers=_new_share(lines, taken, cut),
        new_days=NEW_DAYS,
        buyers=known["customer_id"].nunique(),
        limited_buyers=taken["customer_id"].nunique(),
    )


def _honest(chance: pd.Series, sales: pd.Series, seed: int) -> Interval:
    """Share of sales of sellers no worse than usual: mean and spread over draws of who is."""
    weight = (sales / sales.sum()).to_numpy(dtype=float)
    draws = np.random.default_rng(seed).random((_DRAWS, len(weight))) < chance.to_numpy()
    low, high = np.quantile(draws @ weight, [0.025, 0.975])
    middle = float(np.clip(weight @ chance.to_numpy(), low, high))
    return Interval(estimate=middle, low=float(low), high=float(high), n=int(sales.sum()))


def _new_share(lines: pd.DataFrame, taken: pd.DataFrame, cut: pd.Timestamp) -> float | None:
    first = lines.groupby("seller_id")["placed_at"].min()
    since = cut - pd.Timedelta(days=NEW_DAYS)
    if lines["placed_at"].min() > since:
        return None
    return float((taken["seller_id"].map(first) > since).mean())
