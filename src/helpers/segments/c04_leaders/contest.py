"""Which score to follow: the one that would have named best by the same contest one stretch earlier.

What is judged after the cut must not choose, or the winner's luck would pass for foresight.
"""

from __future__ import annotations

from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.release import FEWEST_PEOPLE
from helpers.segments.c04_leaders.evidence import Evidence, gather_evidence
from methods.graphs.leader_scores import judge_scores

_LEAST_JUDGED, _JUDGED_SHARE, _MOST_SHARE = 200, 0.01, 0.1


def number_judged(customers: int) -> int:
    """Return how long a list is judged: 1 % of the customers, at least 200, never over a tenth of them.

    The few dozen who are named tell too little of a score.

    >>> number_judged(50_000), number_judged(4_000), number_judged(1_000)
    (500, 200, 100)
    """
    wanted = max(_LEAST_JUDGED, round(_JUDGED_SHARE * customers))
    return max(min(wanted, round(_MOST_SHARE * customers)), FEWEST_PEOPLE)


def winner(shop: Shop, evidence: Evidence, *, later_days: int, seed: int) -> str:
    """Return the score of `evidence` that predicted best the `later_days` before its cut; empty if none can.

    Judged by hits among the most answered, then by rank correlation.
    """
    if evidence.cut is None:
        return ""
    try:
        earlier = gather_evidence(shop.at(evidence.cut), later_days=later_days, seed=seed)
    except CannotAnswer:  # too few authors so early: nothing to choose by
        return ""
    if earlier.later is None or not earlier.later.any():
        return ""
    judged = judge_scores(earlier.scores, earlier.later, top=number_judged(len(earlier.scores)))
    known = [row for row in judged if row.name in evidence.scores]
    return max(known, key=lambda row: (row.hits, row.rank_correlation)).name
