"""The same purchases split otherwise: at earlier cuts, and at random for comparison."""

from __future__ import annotations

import datetime as dt

import numpy as np

from helpers.recommend.contest import FEWEST_CUSTOMERS, Contest
from helpers.recommend.split import ANY_TIME, Split, split_at, split_rows
from helpers.report import CannotAnswer


def rolling_splits(contest: Contest, *, end_at: dt.datetime, cuts: int) -> list[Split]:
    """Return the splits at the contest's cut and at earlier ones, the earliest first, each audited."""
    last, found = contest.split, [contest.split]
    step = end_at - last.cut_at
    for back in range(1, cuts):
        cut_at = last.cut_at - back * step
        try:
            split = split_at(contest.purchases, cut_at=cut_at, end_at=cut_at + step, repeats=last.repeats)
        except CannotAnswer:
            break  # nothing was bought before
        if len(split.judged) < FEWEST_CUSTOMERS:
            break
        found.append(split)
    return found[::-1]


def random_instead(contest: Contest, *, end_at: dt.datetime, seed: int) -> Split:
    """Return a split that holds back, of each judged customer, as many random products as were judged."""
    split, rows = contest.split, contest.purchases.rows
    pairs = rows[rows["placed_at"] < end_at].drop_duplicates(["customer", "item"])[["customer", "item"]]
    wanted = np.zeros(len(contest.purchases.customers), np.int64)
    wanted[split.customers[contest.customers]] = np.diff(split.test[contest.customers].indptr)
    shuffled = pairs.iloc[np.random.default_rng(seed).permutation(len(pairs))]
    held = shuffled.groupby("customer").cumcount().to_numpy() < wanted[shuffled["customer"].to_numpy()]
    return split_rows(contest.purchases, shuffled[~held], shuffled[held], leak=ANY_TIME)
