"""Are whole-number scores bunched just above a threshold, and how many were pushed over it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, chi2

from methods.counts import count
from methods.result import Result
from methods.thresholds.local_polynomial import TooThin

DEGREES = (3, 4, 5, 6)
NEWTON_STEPS = 30
RIDGE = 1e-10
FEWEST_SCORES, FEWEST_ON_A_SIDE = 8, 10
FEWEST_AT_THRESHOLD = 20
LOG_RANGE = (-20.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class CutoffDensity(Result):
    """Whether the count at the threshold agrees with its two neighbours.

    p_value: of a smooth density whose counts bend by at most `bend`. at, before, after: counts at the
    threshold, one below and one above it.
    """

    p_value: float
    at: int
    before: int
    after: int
    bend: float


def cutoff_density(scores: pd.Series, *, threshold: int, bend: float = 0.02) -> CutoffDensity:
    """Test whether the count of a whole-number score at the threshold is out of line with its neighbours.

    scores: whole numbers; missing ones are left out.
    bend: how far the count at the threshold may lie from the mean of its neighbours by curvature alone,
        as a share of their sum (0 is a straight line).
    Raises ValueError when a score is not whole, or the three counts hold fewer than 20 rows. Source:
    Frandsen (2017), Advances in Econometrics 38.

    >>> likes = pd.Series(np.repeat([18, 19, 20, 21], [30, 28, 60, 25]))
    >>> cutoff_density(likes, threshold=20).p_value < 0.001
    True
    """
    counts = score_counts(scores)
    before, at, after = (int(counts.get(threshold + step, 0)) for step in (-1, 0, 1))
    total = before + at + after
    if total < FEWEST_AT_THRESHOLD:
        raise ValueError(
            f"only {count(total, 'score')} of {threshold - 1} to {threshold + 1}; the test needs at least "
            f"{FEWEST_AT_THRESHOLD}"
        )
    low, high = (1 - bend) / (3 - bend), (1 + bend) / (3 + bend)
    tails = binom.cdf(at, total, low), binom.sf(at - 1, total, high)
    return CutoffDensity(
        p_value=float(min(1.0, 2 * min(tails))), at=at, before=before, after=after, bend=bend
    )


@dataclass(frozen=True, kw_only=True)
class Bunching(Result):
    """How many scores stand just above a threshold that a smooth curve would not put there.

    excess_percent, low, high: extra scores in the zone above, in % of the smooth curve's; the interval by
    bootstrap. missing_percent: scores missing from the zone below, likewise, with missing_low, missing_high.
    excess, missing: the same as counts. p_value: of no bunching in either zone. degree: of the curve.
    curve: columns score, count, expected, zone ("below", "above", "beyond" or "").
    """

    excess_percent: float
    low: float
    high: float
    missing_percent: float
    missing_low: float
    missing_high: float
    excess: float
    missing: float
    level: float
    p_value: float
    degree: int
    n: int
    curve: pd.DataFrame


def bunching(
    scores: pd.Series,
    *,
    threshold: int,
    below: int = 5,
    above: int = 3,
    beyond: int = 1,
    reach: int | None = None,
    draws: int = 400,
    seed: int = 1,
    level: float = 0.95,
) -> Bunching:
    """Measure the pile of whole-number scores in [threshold, threshold + above) against a smooth curve.

    The curve is a polynomial of the logarithm of the counts, fitted by Poisson likelihood to the scores
    outside [threshold - below, threshold + above + beyond) and within `reach` of the threshold (None: three
    times the wider zone), its degree (3 to 6) chosen by the Akaike criterion, again in each of `draws`
    bootstrap samples; counts that scatter more than Poisson widen the interval. beyond: scores next above
    the zone that the curve need not meet, as long as enough others are left: whoever pushes a score up may
    overshoot, and a few such rows at the edge of the gap lift the whole curve across it.
    Raises ValueError when a score is not whole or fewer than 8 scores are left to fit, and TooThin when fewer
    than 10 rows on a side of the zones are left to say how the curve goes on there.
    Source: Chetty, Friedman, Olsen and Pistaferri (2011), QJE 126; Kleven and Waseem (2013), QJE 128.

    >>> likes = pd.Series(np.repeat(np.arange(1, 41), 400 // np.arange(1, 41) + 5))
    >>> pushed = pd.concat([likes, pd.Series([20] * 60)])
    >>> bunching(pushed, threshold=20, draws=50).low > 0
    True
    """
    if below < 1 or above < 1 or beyond < 0:
        raise ValueError(
            f"below {below} and above {above} must be 1 score or more, beyond {beyond} none or more"
        )
    curve = _near_counts(scores, threshold, below, above, 3 * max(below, above) if reach is None else reach)
    curve["zone"] = _with_beyond(curve, beyond)
    zones, count = curve["zone"].to_numpy(), curve["count"].to_numpy(float)
    x = (curve["score"].to_numpy(float) - threshold) / max(abs(curve["score"] - threshold).max(), 1)
    expected, degree, gaps, sampled = _sampled_gaps(x, count, zones, draws=draws, seed=seed)
    tail = (1 - level) / 2
    # The spread of the draws around their own mean, so that the fit's noise is not counted as a shift.
    moves = sampled[:, 2:] - sampled[:, 2:].mean(axis=0)
    bounds = np.quantile(moves, [tail, 1 - tail], axis=0) + gaps[2:]
    statistic = gaps[:2] @ np.linalg.pinv(np.cov(sampled[:, :2].T)) @ gaps[:2]
    return Bunching(
        excess_percent=float(gaps[2]),
        low=float(bounds[0, 0]),
        high=float(bounds[1, 0]),
        missing_percent=float(gaps[3]),
        missing_low=float(bounds[0, 1]),
        missing_high=float(bounds[1, 1]),
        excess=float(gaps[0]),
        missing=float(gaps[1]),
        level=level,
        p_value=float(chi2.sf(statistic, 2)),
        degree=int(degree),
        n=int(count.sum()),
        curve=curve.assign(expected=expected),
    )


def _sampled_gaps(
    x: np.ndarray, count: np.ndarray, zones: np.ndarray, *, draws: int, seed: int
) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """The curve, its degree, the gaps in the zones, and the same gaps in each bootstrap sample."""
    outside = zones == ""
    expected, degree, scatter = (values[0] for values in _smooth(x, count[None, :], outside))
    # Counts outside the zones scatter around the curve, those inside around what was counted.
    spread = np.where(outside, scatter, 1.0)
    mean = np.where(outside, expected, count) / spread
    drawn = np.random.default_rng(seed).poisson(mean, size=(draws, len(count))) * spread
    gaps = _zone_gaps(count[None, :], expected[None, :], zones)[0]
    return expected, degree, gaps, _zone_gaps(drawn, _smooth(x, drawn, outside)[0], zones)


def score_counts(scores: pd.Series) -> pd.Series:
    """Return how often each whole-number score occurs (index: score, integer); missing scores are left out.

    Raises ValueError when a score is not a whole number.
    """
    known = scores.dropna().astype(float)
    odd = known[known != known.round()]
    if len(odd):
        raise ValueError(
            f"score {odd.iloc[0]!r} is not a whole number; the tests here are for counted scores"
        )
    return known.astype("int64").value_counts().sort_index()


def _near_counts(scores: pd.Series, threshold: int, below: int, above: int, reach: int) -> pd.DataFrame:
    counts = score_counts(scores)
    if counts.empty or not counts.index.min() < threshold <= counts.index.max():
        raise ValueError(f"the scores do not lie on both sides of the threshold {threshold}")
    first, last = max(threshold - reach, counts.index.min()), min(threshold + reach, counts.index.max())
    score = np.arange(first, last + 1)
    zone = np.select(
        [
            (score >= threshold) & (score < threshold + above),
            (score < threshold) & (score >= threshold - below),
        ],
        ["above", "below"],
        "",
    )
    left = int((zone == "").sum())
    if left < FEWEST_SCORES:
        raise ValueError(
            f"only {count(left, 'score')} outside the zones {threshold - below} to {threshold + above - 1}; "
            f"the smooth curve needs {FEWEST_SCORES}: widen reach"
        )
    found = counts.reindex(score, fill_value=0).to_numpy("int64")
    for side, beyond in (("below", score < threshold - below), ("above", score >= threshold + above)):
        if found[beyond].sum() < FEWEST_ON_A_SIDE:
            raise TooThin(
                f"fewer than {FEWEST_ON_A_SIDE} {side} {threshold - below} to {threshold + above - 1} "
                f"(within {first} to {last}): no curve can be drawn across"
            )
    return pd.DataFrame({"score": score, "count": found, "zone": zone})


def _with_beyond(curve: pd.DataFrame, beyond: int) -> np.ndarray:
    """The zones, with so many scores next above them named "beyond" as leave enough others for the curve."""
    zones, count = curve["zone"].to_numpy(object), curve["count"].to_numpy()
    first = int(np.flatnonzero(zones == "above")[-1]) + 1
    for place in range(first, min(first + beyond, len(zones))):
        if (zones == "").sum() <= FEWEST_SCORES or count[place + 1 :].sum() < FEWEST_ON_A_SIDE:
            break
        zones[place] = "beyond"
    return zones


def _smooth(
    x: np.ndarray, counts: np.ndarray, outside: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The smooth curve of each row of counts, its degree, and how much more than Poisson they scatter."""
    observed, fits = counts[:, outside], []
    for degree in DEGREES:
        if outside.sum() < degree + 3:
            break
        design = np.polynomial.legendre.legvander(x, degree)
        expected = _poisson_curves(design, counts, outside)
        mean = expected[:, outside]
        criterion = 2 * (degree + 1) - 2 * np.sum(observed * np.log(mean) - mean, axis=1)
        freedom = outside.sum() - degree - 1
        scatter = np.maximum(1.0, np.sum((observed - mean) ** 2 / mean, axis=1) / freedom)
        fits.append((criterion, expected, np.full(len(counts), degree), scatter))
    best = np.argmin([fit[0] for fit in fits], axis=0)
    rows = np.arange(len(counts))
    expected, degree, scatter = (np.stack([fit[part] for fit in fits])[best, rows] for part in (1, 2, 3))
    return expected, degree, scatter


def _poisson_curves(design: np.ndarray, counts: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Poisson regression of each row of counts on one design, by Newton steps from the log counts.

    Where few counts are not 0 they may not fix every coefficient; a ridge in proportion to what they do fix
    holds the others where they stand.
    """
    rows, y = design[outside], counts[:, outside]
    coefficients = np.linalg.lstsq(rows, np.log(y + 0.5).T, rcond=None)[0].T
    columns = np.eye(rows.shape[1])
    for _ in range(NEWTON_STEPS):
        mean = np.exp(np.clip(coefficients @ rows.T, *LOG_RANGE))
        bend = np.einsum("bn,ni,nj->bij", mean, rows, rows, optimize=True)
        ridge = RIDGE * np.trace(bend, axis1=1, axis2=2)[:, None, None] * columns
        step = np.linalg.solve(bend + ridge, ((y - mean) @ rows)[:, :, None])[:, :, 0]
        coefficients = coefficients + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return np.exp(np.clip(coefficients @ design.T, *LOG_RANGE))


def _zone_gaps(counts: np.ndarray, expected: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """One row a sample: excess above, missing below, and both in % of what the curve has there."""
    over, under = zones == "above", zones == "below"
    excess = (counts - expected)[:, over].sum(axis=1)
    missing = (expected - counts)[:, under].sum(axis=1)
    shares = 100 * excess / expected[:, over].sum(axis=1), 100 * missing / expected[:, under].sum(axis=1)
    return np.column_stack([excess, missing, *shares])
