"""The same purchases split otherwise: at earlier cuts, and at random for comparison."""

from __future__ import annotations

import datetime as dt

import numpy as np

from methods.errors import CannotAnswer
from methods.lists.model_comparison import FEWEST_CUSTOMERS, ModelComparison
from methods.lists.split import ANY_TIME, Split, split_at, split_rows


def rolling_splits(comparison: ModelComparison, *, end_at: dt.datetime, cuts: int) -> list[Split]:
    """Return the splits at the comparison's cut and at earlier ones, the earliest first, each audited.

    Raises ValueError on a split without a cut in time.
    """
    last, found = comparison.split, [comparison.split]
    if last.cut_at is None:
        raise ValueError("a random split has no cut in time, so there are no earlier ones")
    step = end_at - last.cut_at
    for back in range(1, cuts):
        cut_at = last.cut_at - back * step
        try:
            split = split_at(comparison.purchases, cut_at=cut_at, end_at=cut_at + step, repeats=last.repeats)
        except CannotAnswer:
            break  # nothing was bought before
        if len(split.judged) < FEWEST_CUSTOMERS:
            break
        found.append(split)
    return found[::-1]


def random_instead(comparison: ModelComparison, *, end_at: dt.datetime, seed: int) -> Split:
    """Return a split that holds back, of each judged customer, as many random products as were judged."""
    split, rows = comparison.split, comparison.purchases.rows
    pairs = rows[rows["placed_at"] < end_at].drop_duplicates(["customer", "item"])[["customer", "item"]]
    wanted = np.zeros(len(comparison.purchases.customers), np.int64)
    wanted[split.customers[comparison.customers]] = np.diff(split.test[comparison.customers].indptr)
    shuffled = pairs.iloc[np.random.default_rng(seed).permutation(len(pairs))]
    held = shuffled.groupby("customer").cumcount().to_numpy() < wanted[shuffled["customer"].to_numpy()]
    return split_rows(comparison.purchases, shuffled[~held], shuffled[held], leak=ANY_TIME)
