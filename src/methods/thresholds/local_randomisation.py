"""A threshold as if drawn by lot: treated against untreated where nobody could aim so finely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.result import Result
from methods.thresholds.local_polynomial import TooThin

FEWEST_PER_SIDE = 10
CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True)
class LocalDraw(Result):
    """Treated against untreated in the narrow window where the threshold may pass for a draw by lot.

    estimate, low, high: difference in means, in units of the outcome. p_value: of no effect on anybody, by
    permutation. window: scores on each side of the threshold. n_below, n_above: rows. balanced: whether the
    window passed the balance check; balance_p: the smallest p-value of a covariate in it (nan without any).
    """

    estimate: float
    low: float
    high: float
    level: float
    p_value: float
    window: float
    n_below: int
    n_above: int
    balanced: bool
    balance_p: float


def local_randomisation(
    frame: pd.DataFrame,
    *,
    outcome: str,
    score: str,
    threshold: float = 0.0,
    covariates: tuple[str, ...] = (),
    windows: tuple[float, ...] = (1, 2, 3, 4, 5),
    cluster: str | None = None,
    balance_level: float = 0.15,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> LocalDraw:
    """Return the difference of means in the widest window up to which the covariates balance.

    windows: half-widths in units of the score, narrowest first: rows in [threshold - w, threshold + w).
    covariates: numeric columns known before the outcome; missing values take the column's mean. A window
        balances when no covariate's permutation p-value is below `balance_level`; windows with fewer than
        10 rows on a side are passed over. When not even the narrowest balances it is used and `balanced`
        is False.
    cluster: column of clusters, for the interval only.
    outcome, score: columns of numbers.
    draws: of the permutation tests.
    Raises TooThin (a ValueError) when no window holds 10 rows on each side. Source: Cattaneo, Frandsen
    and Titiunik (2015), Journal of Causal Inference 3.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"likes": rng.integers(10, 30, 600)})
    >>> rows["spent"] = 2.0 * (rows["likes"] >= 20) + rng.normal(size=600)
    >>> found = local_randomisation(rows, outcome="spent", score="likes", threshold=20, draws=200)
    >>> found.window, round(found.estimate)
    (5.0, 2)
    """
    rng = np.random.default_rng(seed)
    rows = frame.dropna(subset=[outcome, score])
    rows = rows.assign(distance=rows[score] - threshold)
    window, balanced, balance_p = _balanced_window(rows, covariates, windows, balance_level, draws, rng)
    part = rows[(rows["distance"] >= -window) & (rows["distance"] < window)]
    above = (part["distance"] >= 0).to_numpy()
    y = part[outcome].to_numpy(float)
    error = _difference_error(y, above, None if cluster is None else part[cluster].to_numpy())
    reach = float(norm.ppf((1 + level) / 2)) * error
    estimate = float(y[above].mean() - y[~above].mean())
    return LocalDraw(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        level=level,
        p_value=permutation_p(y, above, draws=draws, rng=rng),
        window=float(window),
        n_below=int((~above).sum()),
        n_above=int(above.sum()),
        balanced=balanced,
        balance_p=balance_p,
    )


def _balanced_window(
    rows: pd.DataFrame,
    covariates: Sequence[str],
    windows: Sequence[float],
    balance_level: float,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, bool, float]:
    """The window, whether it balances, and the smallest p-value of a covariate in it."""
    chosen = None
    for window in sorted(windows):
        part = rows[(rows["distance"] >= -window) & (rows["distance"] < window)]
        above = (part["distance"] >= 0).to_numpy()
        if min(above.sum(), (~above).sum()) < FEWEST_PER_SIDE:
            continue
        smallest = _smallest_p(part, covariates, above, draws, rng)
        balanced = not smallest < balance_level
        if chosen is None or balanced:
            chosen = (window, balanced, smallest)
        if not balanced:
            break
    if chosen is None:
        raise TooThin(
            f"no window up to {max(windows):g} around the threshold holds {FEWEST_PER_SIDE} rows on each "
            "side: pass wider windows="
        )
    return chosen


def permutation_p(values: np.ndarray, treated: np.ndarray, *, draws: int, rng: np.random.Generator) -> float:
    """Return the two-sided permutation p-value of a difference in means; never 0.

    values: float;
    treated: boolean, of the same length.
    """
    centred = values - values.mean()
    observed = abs(centred[treated].sum())
    count, at_once, left = 1, max(1, CELLS_AT_ONCE // len(values)), draws
    while left > 0:
        batch = min(at_once, left)
        shuffled = rng.permuted(np.broadcast_to(centred, (batch, len(centred))), axis=1)
        sums = shuffled[:, : int(treated.sum())].sum(axis=1)
        count += int((np.abs(sums) >= observed * (1 - 1e-12) - 1e-12).sum())
        left -= batch
    return count / (draws + 1)


def _smallest_p(
    part: pd.DataFrame, covariates: Sequence[str], above: np.ndarray, draws: int, rng: np.random.Generator
) -> float:
    values = [
        part[name].astype(float).fillna(part[name].astype(float).mean()).to_numpy() for name in covariates
    ]
    return min(
        (permutation_p(column, above, draws=draws, rng=rng) for column in values), default=float("nan")
    )


def _difference_error(y: np.ndarray, above: np.ndarray, cluster: np.ndarray | None) -> float:
    if cluster is None:
        return float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in (y[above], y[~above]))))
    share = np.where(above, 1 / above.sum(), -1 / (~above).sum())
    moves = share * (y - np.where(above, y[above].mean(), y[~above].mean()))
    codes, _ = pd.factorize(cluster)
    sums = np.bincount(codes, weights=moves)
    return float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1)))
