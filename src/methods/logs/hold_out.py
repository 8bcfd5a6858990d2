"""Lists that a coin showed or withheld: what was bought either way, and what showing adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.clustered_means import ClusteredMeans, Mean, clustered_means
from methods.intervals.multiplicity import holm

SHOWN, WITHHELD = "shown", "withheld"
ALARM = 0.0005  # as large platforms hold it (Fabijan and others 2019)
_FEWEST_LISTS = 20


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


def check_coin(
    lists: pd.DataFrame,
    *,
    declared: bool = True,
    by: Sequence[str] = ("policy",),
    history: str | None = None,
    cluster: str = "customer_id",
) -> None:
    """Refuse lists that no fair coin showed; raises CannotAnswer with the figures of the worst departure.

    lists: one row a list: policy, shown (bool), shown_chance, the columns of `by` and `history`.
    declared: whether the chances are the shop's own; else they are the share shown, and only departures
        between lists, groups and histories can be seen.
    by: columns in each value of which the share shown has to be the coin's.
    history: column of a number known before the coin, such as past purchases, with which the share shown
        must not rise or fall.
    cluster: column of customers, whose lists one coin may have drawn together.

    Score tests of shown minus its chance, p adjusted by Holm, alarm at 0.0005. Each policy must have been
    shown and withheld in 20 lists.

    >>> lists = pd.DataFrame({"policy": "nudge", "customer_id": range(400), "shown_chance": 0.5})
    >>> lists["shown"] = lists["customer_id"] % 2 == 0
    >>> check_coin(lists)
    >>> check_coin(lists.assign(shown=lists["customer_id"] < 250))
    Traceback (most recent call last):
        ...
    methods.errors.CannotAnswer: 62.5 % of 400 lists were shown where the coin says 50.0 %: ...
    """
    counts = lists.groupby("policy")["shown"].agg(["sum", "size"])
    withheld = counts["size"] - counts["sum"]
    if counts.empty or min(counts["sum"].min(), withheld.min()) < _FEWEST_LISTS:
        least = (0, 0) if counts.empty else (counts["sum"].min(), withheld.min())
        raise CannotAnswer(
            f"lists of a kind that were shown and withheld: {least[0]:.0f} and {least[1]:.0f} at the least; "
            f"{_FEWEST_LISTS} of each are needed"
        )
    tests = [(lists["shown"].notna(), "")]
    for column in by:
        tests += [(lists[column] == name, f" ({name})") for name in sorted(lists[column].unique())]
    p_values = [_p_of_coin(lists, chosen.to_numpy(float), declared, cluster) for chosen, _ in tests]
    if history is not None:
        past = np.log1p(lists[history].to_numpy(float))
        p_values.append(_p_of_coin(lists, past - past.mean(), declared, cluster))
    adjusted = holm(p_values)
    worst = int(np.argmin(adjusted))
    if adjusted[worst] < ALARM:
        raise CannotAnswer(_departure(lists, tests[worst] if worst < len(tests) else None, history))


def _p_of_coin(lists: pd.DataFrame, trait: np.ndarray, declared: bool, cluster: str) -> float:
    """The two-sided p of a trait's having no part in what was shown beyond the chances."""
    chance = lists["shown_chance"].to_numpy(float)
    spread = chance * (1 - chance)
    if not declared and spread.sum() > 0:
        trait = trait - (trait * spread).sum() / spread.sum()
    off = trait * (lists["shown"].to_numpy(float) - chance)
    together = np.bincount(pd.factorize(lists[cluster])[0], weights=off)
    variance = max(float((trait**2 * spread).sum()), float((together**2).sum()))
    return float(2 * norm.sf(abs(off.sum()) / np.sqrt(variance))) if variance > 0 else 1.0


def _departure(lists: pd.DataFrame, test: tuple[pd.Series, str] | None, history: str | None) -> str:
    if test is not None:
        part = lists[test[0]]
        shown, chance = 100 * part["shown"].mean(), 100 * part["shown_chance"].mean()
        who = f"{count(len(part), 'list')}{test[1]}"
        said = f"{shown:.1f} % of {who} were shown where the coin says {chance:.1f} %"
    else:
        past = lists.groupby("shown")[history].mean()
        said = (
            f"customers to whom a list was shown had {past[True]:.2f} purchases before and those from whom "
            f"it was withheld {past[False]:.2f}, more apart than a coin leaves them"
        )
    return f"{said}: rows were lost or the coin was not one, so the arms cannot be compared"
