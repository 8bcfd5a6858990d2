"""Does a score rank what happened, within groups of like cases?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import crossed_error, normal_interval

_FEWEST = 25


def ranking_within(
    score: ArrayLike,
    happened: ArrayLike,
    *,
    group: ArrayLike,
    person: ArrayLike,
    thing: ArrayLike | None = None,
    level: float = 0.95,
) -> Interval:
    """Return the chance that of two cases of one group the one to which it happened has the higher score.

    score: numbers. happened: 0 or 1. group: kind of case. person: whose case. thing: what it was
    about, such as a product. Cases of one person, and of one thing, may hang together. One entry a case.
    0.5 is no better than chance; ties count half. DeLong's variance, allowing for few cases of a kind in a
    group, summed by person (Obuchowski 1997, Biometrics 53) and by thing; groups are weighted by their
    pairs. Raises CannotAnswer below 25 cases of either kind, or without a pair in any group.

    >>> rng = np.random.default_rng(1)
    >>> happened = rng.random(2_000) < 0.2
    >>> score = happened + rng.normal(size=2_000)
    >>> found = ranking_within(score, happened, group=np.zeros(2_000), person=np.arange(2_000))
    >>> found.low < 0.76 < found.high
    True
    """
    score, happened = np.asarray(score, dtype=float), np.asarray(happened, dtype=bool)
    few = int(min(happened.sum(), (~happened).sum()))
    if few < _FEWEST:
        raise CannotAnswer(
            f"only {count(few, 'case is', 'cases are')} of one kind; at least {_FEWEST} are needed"
        )
    _, groups = np.unique(np.asarray(group).astype(str), return_inverse=True)
    _, who = np.unique(np.asarray(person).astype(str), return_inverse=True)
    beaten, pairs, few_cases = np.zeros(len(score)), np.zeros(len(score)), np.ones(len(score))
    for number in range(groups.max() + 1):
        own = np.flatnonzero(groups == number)
        yes, no = own[happened[own]], own[~happened[own]]
        whole, within = rankdata(score[own]), np.zeros(len(own))
        for part in (happened[own], ~happened[own]):
            within[part] = rankdata(score[own][part])
        below = whole - within  # cases of the other kind below, ties half
        at = np.full(len(score), -1)
        at[own] = np.arange(len(own))
        beaten[yes], pairs[yes] = below[at[yes]], len(no)
        beaten[no], pairs[no] = len(yes) - below[at[no]], len(yes)
        for part in (yes, no):
            few_cases[part] = np.sqrt(len(part) / max(len(part) - 1, 1))
    total = pairs[happened].sum()
    if total == 0:
        raise CannotAnswer("no group holds cases of both kinds")
    estimate = float(beaten[happened].sum() / total)
    moves = few_cases * (beaten - estimate * pairs) / total
    error = crossed_error(moves, who, who if thing is None else np.asarray(thing).astype(str))
    return normal_interval(estimate, error, len(score), level=level)
