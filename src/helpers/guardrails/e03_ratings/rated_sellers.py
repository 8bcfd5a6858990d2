"""Sellers rated by what happened to their sales: points by aspect, what they rest on, bands of rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from helpers.guardrails.sale_cases import KINDS
from methods.errors import CannotAnswer
from methods.ratings.clustered_null import clustered_null
from methods.ratings.points import points
from methods.ratings.rank_bands import rank_bands
from methods.ratings.spread_between import SpreadBetween, spread_between
from methods.ratings.standardised_rates import StandardisedRates, standardised_rates

FEWEST_CASES = 30
_NAMES: dict[str, Any] = {"happened": "happened", "unit": "seller_id", "kinds": KINDS}
_STRONGEST = 1e6  # of a prior where sellers do not differ at all


@dataclass(frozen=True, kw_only=True)
class AspectRating:
    """One aspect. rates: by seller with FEWEST_CASES cases. usual: share of all cases. shrunk: by seller, the
    share moved towards the usual one; weight: cases that the usual share counts for. p_value: that sellers
    do not differ, however much the cases of one customer hang together.
    """

    rates: StandardisedRates
    spread: SpreadBetween
    p_value: float
    weight: float
    shrunk: pd.Series = field(repr=False)

    @property
    def usual(self) -> float:
        """The share of all cases."""
        return self.rates.overall

    def chance_no_worse(self) -> pd.Series:
        """Return, by seller, the chance that the true share is no worse than the usual one."""
        own = self.rates.rates
        held = self.usual * (1 - self.usual) / own["error"] ** 2
        a, b = self.shrunk * (self.weight + held), (1 - self.shrunk) * (self.weight + held)
        return pd.Series(beta.cdf(self.usual, a, b), index=own.index)


def rate_aspect(cases: pd.DataFrame, *, seed: int) -> AspectRating:
    """Return the rating of an aspect from its cases; raises CannotAnswer where fewer than 3 sellers have any.

    The standardised share of a seller is drawn towards the usual one as a beta-binomial does whose strength
    is read off how far the sellers differ beyond chance, where customers are what repeats.
    """
    many = cases.groupby("seller_id")["happened"].transform("size") >= FEWEST_CASES
    plain = standardised_rates(cases[many], **_NAMES)
    null = clustered_null(cases[many], plain, **_NAMES, cluster="customer_id", seed=seed)
    rates = null.rates
    own, usual = rates.rates, rates.overall
    spread = spread_between(own["share"].to_numpy(), own["error"].to_numpy())
    between = spread.spread.estimate**2
    weight = min(usual * (1 - usual) / between - 1, _STRONGEST) if between > 0 else _STRONGEST
    weight = max(weight, 1.0)
    held = usual * (1 - usual) / own["error"] ** 2
    shrunk = (weight * usual + held * own["share"].clip(0, 1)) / (weight + held)
    return AspectRating(
        rates=rates,
        spread=spread,
        p_value=null.p_value,
        weight=weight,
        shrunk=shrunk.clip(1e-6, 1 - 1e-6),
    )


def rate_aspects(
    cases: Mapping[str, pd.DataFrame], *, seed: int
) -> tuple[dict[str, AspectRating], dict[str, str]]:
    """Return the ratings by aspect, and why others have none."""
    found, reasons = {}, {}
    for aspect, rows in cases.items():
        try:
            found[aspect] = rate_aspect(rows, seed=seed)
        except CannotAnswer as limit:
            reasons[aspect] = str(limit)
    return found, reasons


def rate_sellers(aspects: Mapping[str, AspectRating]) -> pd.DataFrame:
    """Return one row a seller: points by aspect and in all, and the two largest deductions.

    reasons: tuple of the aspects, at most two, that take points off, largest first. An aspect without cases
    gives 0 points.
    """
    table = pd.DataFrame(
        {
            name: pd.Series(points(one.shrunk, usual=one.usual), one.shrunk.index)
            for name, one in aspects.items()
        }
    ).fillna(0.0)
    reasons = [
        tuple(name for name, value in row.nsmallest(2).items() if value < 0) for _, row in table.iterrows()
    ]
    return table.assign(points=table.sum(axis=1), reasons=reasons)


def bands_of(rating: AspectRating) -> pd.Series:
    """Return, by seller, "better" or "worse" for those surely in that half of the sellers, else "between"."""
    own = rating.rates.rates
    found = rank_bands(own["share"].to_numpy(), own["error"].to_numpy())
    return pd.Series(np.array(["better", "between", "worse"])[found.band + 1], index=own.index)
