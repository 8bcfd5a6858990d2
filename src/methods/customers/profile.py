"""Plain words for a group of customers: what sets it apart from the other customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

NOTABLE, SLIGHT = 0.4, 0.15
_WORDS = {
    "purchases_per_90_days": ("frequent", "seldom"),
    "days_since_last": ("long away", "recent"),
    "spend_per_purchase_cents": ("big baskets", "small baskets"),
    "list_price_paid": ("pays list prices", "waits for discounts"),
    "night_share": ("at night", "by day"),
    "shares_per_purchase": ("often share", "rarely share"),
}
_SKEWED = ("purchases_per_90_days", "days_since_last", "spend_per_purchase_cents", "shares_per_purchase")


def standard_profile(plain: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    """Return, for each group (row) and habit (column), how far the group's mean lies from all customers'.

    labels: (customers,) the group of each. In standard deviations over all customers; counts and money
        after a logarithm.
    plain: as of `Features`; the number of purchases is left out, for it grows with the time a customer
        has been known.

    >>> plain = pd.DataFrame({"purchases": [1, 2, 3, 4], "night_share": [0.1, 0.1, 0.9, 0.9]})
    >>> standard_profile(plain, np.array([0, 0, 1, 1])).round(2).to_dict("list")
    {'night_share': [-1.0, 1.0]}
    """
    even = plain.drop(columns="purchases").assign(
        **{name: np.log1p(plain[name]) for name in _SKEWED if name in plain}
    )
    spread = even.std(ddof=0).replace(0.0, np.nan)
    return ((even.groupby(labels).mean() - even.mean()) / spread).fillna(0.0)


def name_groups(profile: pd.DataFrame, steady: np.ndarray) -> list[str]:
    """Return a name in plain words for each steady group; one that is not steady is “unsettled group n”.

    steady: bool, one a group.
    profile: of `standard_profile`. A name holds the two or three habits that differ most, at least 0.4
        standard deviations from all customers'; where none does, the one that differs most. Equal names
        are numbered.

    >>> profile = pd.DataFrame({"night_share": [-1.0, 1.0], "days_since_last": [0.1, 0.9]})
    >>> name_groups(profile, np.array([True, True]))
    ['by day', 'at night, long away']
    """
    names: list[str] = []
    for number, (_, row) in enumerate(profile.iterrows()):
        words = _words(row, most=3) if steady[number] else f"unsettled group {number + 1}"
        clash = sum(name == words or name.startswith(f"{words} (") for name in names)
        names.append(f"{words} ({clash + 1})" if clash else words)
    return names


def _words(row: pd.Series, *, most: int) -> str:
    order = row.abs().sort_values(ascending=False, kind="stable").index
    words = [_word(habit, row[habit]) for habit in order if abs(row[habit]) >= NOTABLE]
    told = [word for word in words if word][:most]
    if told:
        return ", ".join(told)
    near = [_word(habit, row[habit]) for habit in order if abs(row[habit]) >= SLIGHT]
    hint = next((word for word in near if word), None)
    return f"near the average, rather {hint}" if hint else "near the average"


def _word(habit: str, distance: float) -> str | None:
    """A little-bought category names nobody, so only liking is told."""
    if habit.startswith("share of "):
        return f"fond of {habit.removeprefix('share of ')}" if distance > 0 else None
    return _WORDS[habit][0 if distance > 0 else 1]
