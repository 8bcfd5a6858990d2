"""Names of customer groups in plain words: what sets each apart from the other customers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.report import words_beside
from methods.customers.profile import distinctions, standard_profile

WORDS = words_beside(__file__)
OF_CATEGORY = "share of "
_SKEWED = ("purchases_per_90_days", "days_since_last", "spend_per_purchase_cents", "shares_per_purchase")


def habit_profile(plain: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    """Return how far each group's habits lie from all customers', in standard deviations.

    plain: of `Features`; the number of purchases is left out, for it grows with the time a customer has
    been known. labels: the group of each customer.
    """
    return standard_profile(plain.drop(columns="purchases"), labels, skewed=_SKEWED)


def names_of_groups(profile: pd.DataFrame, steady: np.ndarray) -> list[str]:
    """Return a name for each group; one that is not steady is numbered, and so are equal names.

    profile: of `habit_profile`. steady: bool, one a group.
    """
    liked = [name for name in profile if name.startswith(OF_CATEGORY)]
    # A little-bought category names nobody, so only liking is told.
    told = profile.assign(**{name: profile[name].clip(lower=0.0) for name in liked})
    names: list[str] = []
    for number, (found, is_steady) in enumerate(zip(distinctions(told), steady, strict=True), start=1):
        traits = [_trait(name, is_high) for name, is_high in found.traits]
        facts = {"is_steady": bool(is_steady), "is_notable": found.is_notable}
        words = WORDS.text("name", number=number, traits=traits, **facts)
        clash = sum(name == words or name.startswith(f"{words} (") for name in names)
        names.append(f"{words} ({clash + 1})" if clash else words)
    return names


def _trait(name: str, is_high: bool) -> dict[str, object]:
    is_category = name.startswith(OF_CATEGORY)
    return {
        "habit": "category" if is_category else name,
        "category": name.removeprefix(OF_CATEGORY) if is_category else "",
        "is_high": is_high,
    }
