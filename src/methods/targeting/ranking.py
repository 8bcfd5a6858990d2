"""Is a ranking of customers by expected gain worth anything: curves, areas, calibration, with intervals.

Everything here takes predictions and doubly robust scores of customers on whom the ranking was not learned.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, standard_error
from methods.regression.least_squares import least_squares

GRID = tuple(round(0.05 * step, 2) for step in range(1, 21))


def places(predicted: np.ndarray, block: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return the span of places, from 0 (first) to 1 (last), that each row takes within its block.

    predicted: (rows,), highest first; rows that tie share one span, so their order is left to chance.
    block: (rows,) labels; None is one block.
    Returns (from, to), each (rows,).
    """
    block = np.zeros(len(predicted), dtype=int) if block is None else block
    begin, end = np.empty(len(predicted)), np.empty(len(predicted))
    for number in np.unique(block):
        rows = np.flatnonzero(block == number)
        ordered = np.sort(-predicted[rows])
        begin[rows] = np.searchsorted(ordered, -predicted[rows], side="left") / len(rows)
        end[rows] = np.searchsorted(ordered, -predicted[rows], side="right") / len(rows)
    return begin, end


def top_share(predicted: np.ndarray, share: float, block: np.ndarray | None = None) -> np.ndarray:
    """Return each row's chance (rows,) of being among the top `share` of its block; 0 or 1 but for ties."""
    begin, end = places(predicted, block)
    return np.clip((share - begin) / (end - begin), 0.0, 1.0)


def gain_curve(
    predicted: np.ndarray, score: np.ndarray, block: np.ndarray | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """Return what treating the top share gains over treating nobody, and over a random share of that size.

    predicted: (rows,), highest first.
    block: (rows,) labels of the rule that ranked; None is one.
    score: doubly robust scores (rows,). Columns, per row of the audience and in units of the outcome:
        share, gain, low, high, random (the straight line), over_random, band (what a ranking by chance
        stays within, either way, at `level` for one share). The first is the Qini curve, per customer.
        Radcliffe 2007 (Direct Marketing Analytics Journal); with doubly robust scores, Yadlowsky and
        others 2025.

    >>> gain = np.arange(100.0)
    >>> curve = gain_curve(gain, gain)
    >>> bool((curve["gain"] >= curve["random"] - 1e-9).all()), float(curve["share"].iloc[-1])
    (True, 1.0)
    """
    rows = len(score)
    reach = norm.ppf(0.5 + level / 2)
    spread = score.std(ddof=1) / np.sqrt(rows)
    lines = []
    for share in GRID:
        chosen = top_share(predicted, share, block)
        gain = chosen * score
        half = reach * standard_error(gain)
        by_chance = share * score.mean()
        band = reach * np.sqrt(share * (1 - share)) * spread
        lines.append(
            (share, gain.mean(), gain.mean() - half, gain.mean() + half, by_chance,
             gain.mean() - by_chance, band)
        )  # fmt: skip
    columns = ["share", "gain", "low", "high", "random", "over_random", "band"]
    return pd.DataFrame(lines, columns=columns)


def ranked_area(
    predicted: np.ndarray,
    score: np.ndarray,
    block: np.ndarray | None = None,
    *,
    weight: str = "qini",
    level: float = 0.95,
) -> Interval:
    """Return what a ranking gains over a random order, on average over all shares that could be treated.

    predicted, score, block: as `gain_curve`.
    weight: "qini" is the area between gain curve and straight line (AUUC less that of a random order);
        "toc" averages instead how much the top share gains above average (AUTOC), which looks more at the
        very top. Both 0 for a ranking by chance; in units of the outcome per row. Yadlowsky and others
        2025 (JASA).
    Raises ValueError on another weight.

    >>> gain = np.arange(100.0)
    >>> ranked_area(gain, gain).low > 0 > ranked_area(-gain, gain).high
    True
    """
    begin, end = places(predicted, block)
    if weight == "qini":
        share = 0.5 - (begin + end) / 2
    elif weight == "toc":
        below = np.where(begin > 0, begin * (1 - np.log(np.maximum(begin, 1e-300))), 0.0)
        share = (end * (1 - np.log(end)) - below) / (end - begin) - 1
    else:
        raise ValueError(f'weight {weight!r} is not known; there are "qini" and "toc"')
    influence = share * (score - score.mean())
    return normal_interval(influence.mean(), standard_error(influence), len(score), level=level)


def calibration_slope(
    predicted: np.ndarray, score: np.ndarray, block: np.ndarray | None = None, *, level: float = 0.95
) -> Interval | None:
    """Return how much the effect rises when the predicted gain rises by one: 1 is perfect, 0 is no use.

    predicted, score, block: as `gain_curve`. The test of Chernozhukov, Demirer, Duflo and Fernández-Val
        (2025, Econometrica): scores regressed on the predictions, centred within blocks, HC2 interval.
        None where all predictions are alike.

    >>> gain = np.arange(100.0)
    >>> round(calibration_slope(gain, 2 * gain).estimate, 6)
    2.0
    """
    block = np.zeros(len(score), dtype=int) if block is None else block
    _, code = np.unique(block, return_inverse=True)
    means = np.bincount(code, weights=predicted) / np.bincount(code)
    centred = predicted - means[code]
    if np.ptp(centred) < 1e-12:
        return None
    fit = least_squares(np.column_stack([np.ones_like(centred), centred]), score)
    error = np.sqrt(fit.robust[1, 1])
    return normal_interval(fit.coefficients[1], error, len(score), level=level)


def calibration_groups(
    predicted: np.ndarray,
    score: np.ndarray,
    block: np.ndarray | None = None,
    *,
    groups: int = 5,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the effect found in each fifth of the ranking beside the one predicted.

    predicted, score, block: as `gain_curve`.
    groups: how many. Columns: group (1 is the highest predicted), rows, predicted, effect, low, high
        (units of the outcome). Sorted group effects: Chernozhukov, Demirer, Duflo and Fernández-Val 2025
        (Econometrica).

    >>> gain = np.arange(100.0)
    >>> calibration_groups(gain, 2 * gain, groups=2)[["group", "rows", "effect"]].to_numpy().tolist()
    [[1.0, 50.0, 149.0], [2.0, 50.0, 49.0]]
    """
    begin, end = places(predicted, block)
    number = np.minimum(((begin + end) / 2 * groups).astype(int), groups - 1)
    lines = []
    for group in np.unique(number):
        rows = number == group
        error = standard_error(score[rows]) if rows.sum() > 1 else np.nan
        found = normal_interval(score[rows].mean(), error, int(rows.sum()), level=level)
        lines.append((group + 1, found.n, predicted[rows].mean(), found.estimate, found.low, found.high))
    return pd.DataFrame(lines, columns=["group", "rows", "predicted", "effect", "low", "high"])


def policy_value(
    chosen: np.ndarray,
    score: np.ndarray,
    *,
    worth: float = 1.0,
    cost: float = 0.0,
    against: np.ndarray | float = 0.0,
    level: float = 0.95,
) -> Interval:
    """Return what a rule earns per row: worth times the outcome gained, less the cost of each treated row.

    score: (rows,) doubly robust.
    chosen: (rows,) of 0 to 1, the chance with which the rule treats a row.
    against: another rule, to give the difference between the two; 0 is treating nobody. Athey and Wager
        2021 (Econometrica).

    >>> chosen, score = np.array([1.0, 1.0, 0.0, 0.0]), np.array([3.0, 1.0, -1.0, -3.0])
    >>> policy_value(chosen, score, worth=2.0, cost=1.0).estimate
    1.5
    """
    influence = (chosen - against) * (worth * score - cost)
    return normal_interval(influence.mean(), standard_error(influence), len(score), level=level)
