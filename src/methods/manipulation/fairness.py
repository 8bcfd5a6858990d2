"""Whose ratings can be trusted: fairness and goodness of a network of signed ratings (Kumar et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.errors import CannotAnswer
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class FairnessGoodness(Result):
    """What ratings say of those who give and of those who receive them.

    fairness: 0 to 1, an entry a person, how near the ratings given are to what the rated deserve; 0.5, not
    known, for who gave none.
    goodness: −1 to 1, mean rating received, each weighted by its giver's fairness; 0 for who received none.
    passes: until nothing moved.
    """

    fairness: np.ndarray
    goodness: np.ndarray
    passes: int


def fairness_goodness(
    giver: np.ndarray,
    receiver: np.ndarray,
    rating: np.ndarray,
    *,
    people: int,
    prior_ratings: float = 0.5,
    most_passes: int = 200,
) -> FairnessGoodness:
    """Return how fair each person's ratings are, judged by everybody's.

    giver, receiver: int (ratings,), 0 to people − 1. rating: float (ratings,), −1 to 1. people: how many
    there are. prior_ratings: ratings that the starting opinion, a fairness of 0.5, is worth (as REV2 smooths:
    Kumar et al. 2018). most_passes: after which the search ends; it converges at a geometric rate. To tell
    who deceives, use fairness (of ratings *given*). Where labels were made from ratings received, goodness
    knows the label: on Bitcoin OTC it scores .997, which is a leak and no skill.
    Returns a `FairnessGoodness`. Source: Kumar, Spezzano, Subrahmanian, Faloutsos, ICDM 2016.
    Raises ValueError on ratings beyond −1 to 1, CannotAnswer without ratings.

    >>> giver, receiver = np.array([0, 1, 2]), np.array([3, 3, 3])
    >>> found = fairness_goodness(giver, receiver, np.array([1.0, 1.0, -1.0]), people=4)
    >>> bool(found.fairness[2] < found.fairness[0]), bool(found.goodness[3] > 0.2)
    (True, True)
    """
    giver, receiver, rating = np.asarray(giver), np.asarray(receiver), np.asarray(rating, float)
    if not len(rating):
        raise CannotAnswer("there is no rating to judge givers by")
    if not (np.abs(rating) <= 1).all():
        raise ValueError("rating: every rating lies between −1 and 1")
    given, received = np.bincount(giver, minlength=people), np.bincount(receiver, minlength=people)
    prior = max(prior_ratings, 1e-9)
    fairness, goodness, passes, moved = np.ones(people), np.zeros(people), 0, np.inf
    while moved > 1e-9 and passes < most_passes:
        passes += 1
        good = np.bincount(receiver, fairness[giver] * rating, people) / received.clip(1)
        close = np.bincount(giver, 1.0 - np.abs(rating - good[receiver]) / 2.0, people)
        fair = (close + 0.5 * prior) / (given + prior)
        moved = max(np.abs(fair - fairness).max(), np.abs(good - goodness).max())
        fairness, goodness = fair, good
    return FairnessGoodness(fairness=fairness, goodness=goodness, passes=passes)
