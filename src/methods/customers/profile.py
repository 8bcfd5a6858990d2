"""What sets a group of customers apart from all the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.result import Result

NOTABLE, SLIGHT = 0.4, 0.15
CONSTANT = 1e-9  # of the largest value: what varies less is rounding


@dataclass(frozen=True, kw_only=True)
class Distinction(Result):
    """How a group differs from all: its traits, each with whether it lies above the mean of all.

    is_notable: whether they lie at least NOTABLE standard deviations away; else the one trait is a hint.
    """

    traits: tuple[tuple[str, bool], ...]
    is_notable: bool


def standard_profile(
    traits: pd.DataFrame, labels: np.ndarray, *, skewed: Collection[str] = ()
) -> pd.DataFrame:
    """Return, for each group (row) and trait (column), how far the group's mean lies from all customers'.

    traits: one row a customer, numbers. labels: (customers,) the group of each.
    skewed: columns, such as counts and money, that are compared after a logarithm of 1 + value.
    In standard deviations over all customers.

    >>> traits = pd.DataFrame({"night_share": [0.1, 0.1, 0.9, 0.9]})
    >>> standard_profile(traits, np.array([0, 0, 1, 1])).round(2).to_dict("list")
    {'night_share': [-1.0, 1.0]}
    """
    even = traits.assign(**{name: np.log1p(traits[name]) for name in skewed if name in traits})
    spread = even.std(ddof=0)
    # Equal values differ in their last digits after a logarithm and a mean.
    spread = spread.where(spread > CONSTANT * even.abs().max())
    return ((even.groupby(labels).mean() - even.mean()) / spread).fillna(0.0)


def distinctions(profile: pd.DataFrame, *, most: int = 3) -> list[Distinction]:
    """Return what sets each group apart: up to `most` traits, the one that differs most first.

    profile: of `standard_profile`. Traits lie at least NOTABLE standard deviations from all customers'; where
    none does, the one that differs most and at least SLIGHT; where none does that, there is none.

    >>> profile = pd.DataFrame({"night_share": [-1.0, 0.2], "days_since_last": [0.1, 0.0]})
    >>> [(found.traits, found.is_notable) for found in distinctions(profile)]
    [((('night_share', False),), True), ((('night_share', True),), False)]
    """
    return [_distinction(row, most=most) for _, row in profile.iterrows()]


def _distinction(row: pd.Series, *, most: int) -> Distinction:
    order = row.abs().sort_values(ascending=False, kind="stable").index
    apart = [(str(name), bool(row[name] > 0)) for name in order if abs(row[name]) >= NOTABLE]
    hint = [(str(name), bool(row[name] > 0)) for name in order[:1] if abs(row[name]) >= SLIGHT]
    return Distinction(traits=tuple(apart[:most] or hint), is_notable=bool(apart))
