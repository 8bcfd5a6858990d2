"""Posts that went round: strangers beyond the usual who are people of the place, and not bought accounts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from methods.manipulation.strangers import FEWEST_POSTS, fit_beta_binomial, upper_tail

_SURELY_MORE, _AS_USUAL = 0.001, 0.05


def went_round(
    at_home: np.ndarray, strangers: np.ndarray, friends: np.ndarray, *, usual: np.ndarray
) -> NDArray[np.bool_]:
    """Return which posts drew many strangers from among the people who are about anyway (bool, a post).

    at_home: int (posts,), strangers who like posts of friends of their own as well; accounts made to be sold
    have no friends. strangers, friends: int (posts,), likes of either. usual: bool (posts,), posts without a
    sign, from which it is learned what is usual (beta-binomials). A post went round where so many strangers
    at home beside its friends are beyond chance 0.001, and their part of all strangers is not unusually low
    (chance 0.05 or more): applause that was bought from elsewhere adds nobody who is at home. None where
    fewer than 30 posts tell.

    >>> rng = np.random.default_rng(1)
    >>> strangers, friends = rng.poisson(6, 202), rng.poisson(20, 202)
    >>> strangers[-2:] = 60
    >>> home = rng.binomial(strangers, 0.7)
    >>> home[-1] = 5
    >>> went_round(home, strangers, friends, usual=strangers < 60)[-2:].tolist()
    [True, False]
    """
    tells = usual & (strangers > 0) & (friends > 0)
    found = np.zeros(len(strangers), bool)
    if tells.sum() < FEWEST_POSTS or not at_home[tells].any():
        return found
    some = at_home > 0
    home, apart, near = at_home[some], strangers[some], friends[some]
    mean, strength = fit_beta_binomial(at_home[tells], (at_home + friends)[tells])
    more = upper_tail(home, home + near, mean, strength)
    mean, strength = fit_beta_binomial(at_home[tells], strangers[tells])
    low = upper_tail(apart - home, apart, 1 - mean, strength)
    found[some] = (more <= _SURELY_MORE) & (low >= _AS_USUAL)
    return found
