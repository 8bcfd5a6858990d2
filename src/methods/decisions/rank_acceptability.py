"""Which option wins under which weights: stochastic multicriteria acceptability by a weighted sum."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from methods.intervals.estimates import Interval, wilson
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class RankAcceptability(Result):
    """How options fare over all weightings.

    first: for each option the share of weightings in which it comes first, with the error of so many draws.
    leader: place of the option that comes first at equal weights and middle scores.
    ranks: share of weightings in which an option (row) has a rank (column), options × options.
    favouring: mean weights among the draws that an option wins, options × criteria; nan where it never does.
    """

    first: tuple[Interval, ...]
    leader: int
    ranks: NDArray[np.float64] = field(repr=False)
    favouring: NDArray[np.float64] = field(repr=False)


def rank_acceptability(
    low: ArrayLike, high: ArrayLike | None = None, *, draws: int = 10_000, seed: int = 1, level: float = 0.95
) -> RankAcceptability:
    """Return how often each option comes first when nobody knows how much each criterion weighs.

    low, high: scores on fixed anchors (options × criteria); a score is anywhere between the two, high is low
    where it is known. draws: weightings, uniform over all that sum to 1 (Dirichlet with parameter 1), each
    with scores of its own. An option's value is the weighted sum of its scores. As anchors do not depend on
    who takes part, the order of two options stays when a third leaves. Raises ValueError on fewer than two
    options, on scores of different shapes, missing ones, or low above high.

    Lahdelma and Salminen 2001 (SMAA-2); their central weight vector is `favouring`.

    >>> found = rank_acceptability([[8.0, 2.0], [5.0, 5.0]])
    >>> found.leader, round(found.first[1].estimate, 1)
    (0, 0.5)
    """
    least, most = _checked(low, low if high is None else high)
    options, criteria = least.shape
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(criteria), draws)
    scores = least + rng.random((draws, options, criteria)) * (most - least)
    values = np.einsum("dc,doc->do", weights, scores)
    places = np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1)
    ranks = np.array([(places == rank).mean(axis=0) for rank in range(options)]).T
    wins = places == 0
    with np.errstate(invalid="ignore"):
        favouring = (wins.T.astype(float) @ weights) / wins.sum(axis=0)[:, None]
    return RankAcceptability(
        first=tuple(wilson(float(many), draws, level=level) for many in wins.sum(axis=0)),
        leader=int(np.argmax((least + most).mean(axis=1))),
        ranks=ranks,
        favouring=favouring,
    )


def _checked(low: ArrayLike, high: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    least, most = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if least.shape != most.shape or least.ndim != 2 or min(least.shape) < 1:
        raise ValueError(
            f"scores have shapes {least.shape} and {most.shape}; both must be options × criteria"
        )
    if len(least) < 2:
        raise ValueError("a choice needs two options; there is one")
    if not (np.isfinite(least).all() and np.isfinite(most).all()):
        raise ValueError("a score is missing; every option needs one for every criterion")
    if (least > most).any():
        row, column = (int(place) for place in np.argwhere(least > most)[0])
        raise ValueError(
            f"option {row}, criterion {column}: low {least[row, column]:g} above high {most[row, column]:g}"
        )
    return least, most
