"""Randomisation inference for few groups: how often the draw alone parts the outcome as far."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from methods.result import Result

MOST_LISTED = 5_000


@dataclass(frozen=True, kw_only=True)
class RandomisationTest(Result):
    """p_value: share of ways to deal the arms that part the outcome at least as far as the real one.

    smallest: the smallest p-value that so few groups can give. ways: how many were tried (all of them, or as
    many at random).
    """

    p_value: float
    smallest: float
    ways: int


def randomisation_test(
    outcome: np.ndarray,
    arm: np.ndarray,
    cluster: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    draws: int = 2_000,
    seed: int = 1,
) -> RandomisationTest:
    """Deal the arms to the groups anew and compare differences of means (Fisher 1935; two-sided).

    outcome, arm, cluster, weight: (rows,); arm is 0 or 1 and the same within a group. All ways are listed
        up to 5,000 of them, else `draws` are drawn and the real one counts as one more.

    >>> found = randomisation_test(np.repeat([0.0, 1.0], 3), np.repeat([0, 1], 3), np.arange(6))
    >>> round(found.p_value, 2), round(found.smallest, 2)
    (0.1, 0.1)
    """
    weight = np.ones(len(outcome)) if weight is None else weight
    _, first, code = np.unique(cluster, return_index=True, return_inverse=True)
    sums, sizes, real = np.bincount(code, weight * outcome), np.bincount(code, weight), arm[first]
    groups, treated = len(real), int(real.sum())
    ways = comb(groups, treated)
    listed = ways <= MOST_LISTED
    if listed:
        dealt = np.zeros((ways, groups))
        for row, chosen in zip(dealt, combinations(range(groups), treated), strict=True):
            row[list(chosen)] = 1
    else:
        dealt = np.random.default_rng(seed).permuted(np.tile(real.astype(float), (draws, 1)), axis=1)

    def gaps(arms: np.ndarray) -> np.ndarray:
        return np.abs(arms @ sums / (arms @ sizes) - (1 - arms) @ sums / ((1 - arms) @ sizes))

    as_far = gaps(dealt) >= gaps(real[None, :].astype(float))[0] * (1 - 1e-9)
    if not listed:
        return RandomisationTest(
            p_value=(1 + as_far.sum()) / (1 + draws), smallest=1 / (1 + draws), ways=draws
        )
    mirrored = 2 if 2 * treated == groups else 1  # with as many groups each, swapping the arms parts as far
    return RandomisationTest(p_value=float(as_far.mean()), smallest=mirrored / ways, ways=ways)
