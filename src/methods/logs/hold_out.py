"""Lists that a coin showed or withheld: what was bought either way, and what showing adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.clustered_means import ClusteredMeans, Mean, clustered_means

SHOWN, WITHHELD = "shown", "withheld"
ALARM = 0.0005  # as large platforms hold it (Fabijan and others 2019)
_FEWEST_ROWS = 100


def arm_means(
    rows: pd.DataFrame,
    *,
    outcome: str,
    by: Sequence[str] = ("policy",),
    shown: str = "shown",
    chance: str = "shown_chance",
    cluster: str = "customer_id",
) -> ClusteredMeans:
    """Return the mean outcome of each list when shown and when withheld, weighted by the coin's chances.

    cluster: column of the customer.
    rows: one row a place or a whole list.
    outcome: number a row.
    by: columns whose values name a list, such as the policy, or whether an own new list would hold the
        product.
    shown: whether the coin showed it.
    chance: with which it did. Means are named "list|shown" and "list|withheld"; each is a sum of outcome
        over chance divided by the sum of one over chance (Hajek 1971), which is how Sato and others
        (RecSys 2019) judge a list by what it causes.
    Raises ValueError where an arm of a list holds nobody.

    >>> rows = pd.DataFrame({"policy": "a", "customer_id": [1, 2, 3, 4], "shown": [True, True, False, False],
    ...     "shown_chance": 0.5, "bought": [1, 0, 0, 0]})
    >>> arm_means(rows, outcome="bought").combined(**{"a|shown": 1, "a|withheld": -1}).estimate
    0.5
    """
    means = {}
    for names, part in rows.groupby(list(by), sort=True):
        here = part[shown].to_numpy(bool)
        weight = 1.0 / np.where(here, part[chance], 1.0 - part[chance]).astype(float)
        value, who = part[outcome].to_numpy(float), part[cluster].to_numpy()
        for arm, chosen in ((SHOWN, here), (WITHHELD, ~here)):
            means["|".join((*map(str, names), arm))] = Mean(
                top=(weight * value)[chosen], bottom=weight[chosen], cluster=who[chosen]
            )
    return clustered_means(means)


def uplift_weights(name: str, *, times: float = 1.0) -> dict[str, float]:
    """Return the weights that turn `arm_means` into what showing this list adds.

    name: of the list.
    times: factor, such as 100 for percent.

    >>> uplift_weights("nudge")
    {'nudge|shown': 1.0, 'nudge|withheld': -1.0}
    """
    return {f"{name}|{SHOWN}": times, f"{name}|{WITHHELD}": -times}


def check_coin(frame: pd.DataFrame) -> None:
    """Refuse places of lists that no fair coin showed; raises CannotAnswer with the figures.

    frame: one row a place: policy, slate_id, shown (bool), shown_chance. Each list must have been shown
        and withheld at 100 places, and as many lists shown as the coin's chances say.

    >>> places = pd.DataFrame({"policy": "nudge", "slate_id": range(400), "shown_chance": 0.5})
    >>> places["shown"] = places["slate_id"] % 2 == 0
    >>> check_coin(places)
    >>> check_coin(places.head(100))
    Traceback (most recent call last):
        ...
    methods.errors.CannotAnswer: places of a list that were shown and withheld: ...
    """
    counts = frame.groupby("policy")["shown"].agg(["sum", "size"])
    enough = (counts["sum"] >= _FEWEST_ROWS) & (counts["size"] - counts["sum"] >= _FEWEST_ROWS)
    if not enough.all() or counts.empty:
        raise CannotAnswer(
            f"places of a list that were shown and withheld: {counts['sum'].min():.0f} and "
            f"{(counts['size'] - counts['sum']).min():.0f} at the least; {_FEWEST_ROWS} of each are needed"
        )
    slates = frame.drop_duplicates("slate_id")
    chance = slates["shown_chance"].mean()
    test = binomtest(int(slates["shown"].sum()), len(slates), chance)
    if test.pvalue < ALARM:
        raise CannotAnswer(
            f"{100 * slates['shown'].mean():.1f} % of {count(len(slates), 'list')} were shown where the "
            "coin says "
            f"{100 * chance:.1f} %: rows were lost or the coin was not one, so the arms cannot be compared"
        )
