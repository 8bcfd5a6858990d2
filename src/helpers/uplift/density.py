"""Are whole-number scores bunched just above a threshold, and how many were pushed over it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom, chi2

DEGREES = (2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class CutoffDensity:
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

    scores: whole numbers; missing ones are left out. bend: how far the count at the threshold may lie from
    the mean of its neighbours by curvature alone, as a share of their sum (0 is a straight line).
    Raises ValueError when a score is not whole, or the three counts hold fewer than 20 rows.
    Source: Frandsen (2017), Advances in Econometrics 38.
    """
    counts = score_counts(scores)
    before, at, after = (int(counts.get(threshold + step, 0)) for step in (-1, 0, 1))
    total = before + at + after
    if total < 20:
        raise ValueError(
            f"only {total} scores lie at {threshold - 1} to {threshold + 1}; the test needs at least 20"
        )
    low, high = (1 - bend) / (3 - bend), (1 + bend) / (3 + bend)
    tails = binom.cdf(at, total, low), binom.sf(at - 1, total, high)
    return CutoffDensity(
        p_value=float(min(1.0, 2 * min(tails))), at=at, before=before, after=after, bend=bend
    )


@dataclass(frozen=True, kw_only=True)
class Bunching:
    """How many scores stand just above a threshold that a smooth curve would not put there.

    excess_percent, low, high: extra scores in the zone above, in % of the smooth curve's; the interval by
    bootstrap. missing_percent: scores missing from the zone below, likewise, with missing_low, missing_high.
    excess, missing: the same as counts. p_value: of no bunching in either zone. degree: of the curve.
    curve: columns score, count, expected, zone ("below", "above" or "").
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
    reach: int | None = None,
    draws: int = 400,
    seed: int = 1,
    level: float = 0.95,
) -> Bunching:
    """Measure the pile of whole-number scores in [threshold, threshold + above) against a smooth curve.

    The curve is a polynomial of the logarithm of the counts, fitted by Poisson likelihood to the scores
    outside [threshold - below, threshold + above) and within `reach` of the threshold (None: three times
    the wider zone), its degree (2 to 5) chosen by the Akaike criterion, again in each of `draws` bootstrap
    samples; counts that scatter more than Poisson widen the interval. Raises ValueError when a score is not
    whole or fewer than 8 scores are left to fit.
    Source: Chetty, Friedman, Olsen and Pistaferri (2011), QJE 126; Kleven and Waseem (2013), QJE 128.
    """
    if below < 1 or above < 1:
        raise ValueError(f"below {below} and above {above} are whole numbers of scores, 1 or more")
    curve = _near_counts(scores, threshold, below, above, 3 * max(below, above) if reach is None else reach)
    zones = curve["zone"].to_numpy()
    x = (curve["score"].to_numpy(float) - threshold) / max(abs(curve["score"] - threshold).max(), 1)
    count = curve["count"].to_numpy(float)
    outside = zones == ""
    if outside.sum() < 8:
        raise ValueError(
            f"only {int(outside.sum())} scores lie outside the zones {threshold - below} to "
            f"{threshold + above - 1}; the smooth curve needs 8: widen reach"
        )
    expected, degree, scatter = _smooth(x, count, outside)
    rng = np.random.default_rng(seed)
    sampled = []
    for _ in range(draws):
        drawn = _scattered(rng, np.where(outside, expected, count), np.where(outside, scatter, 1.0))
        sampled.append(_zone_gaps(drawn, _smooth(x, drawn, outside)[0], zones))
    gaps = _zone_gaps(count, expected, zones)
    spread = np.array(sampled)
    tail = (1 - level) / 2
    # The spread of the draws around their own mean, so that the fit's noise is not counted as a shift.
    moves = spread[:, 2:] - spread[:, 2:].mean(axis=0)
    bounds = np.quantile(moves, [tail, 1 - tail], axis=0) + gaps[2:]
    statistic = np.array(gaps[:2]) @ np.linalg.pinv(np.cov(spread[:, :2].T)) @ np.array(gaps[:2])
    return Bunching(
        excess_percent=gaps[2],
        low=float(bounds[0, 0]),
        high=float(bounds[1, 0]),
        missing_percent=gaps[3],
        missing_low=float(bounds[0, 1]),
        missing_high=float(bounds[1, 1]),
        excess=gaps[0],
        missing=gaps[1],
        level=level,
        p_value=float(chi2.sf(statistic, 2)),
        degree=degree,
        n=int(count.sum()),
        curve=curve.assign(expected=expected),
    )


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


def _near_counts(scores, threshold: int, below: int, above: int, reach: int) -> pd.DataFrame:
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
    count = counts.reindex(score, fill_value=0).to_numpy("int64")
    return pd.DataFrame({"score": score, "count": count, "zone": zone})


def _smooth(x: np.ndarray, count: np.ndarray, outside: np.ndarray) -> tuple[np.ndarray, int, float]:
    """The smooth curve at every score, its degree, and how much more than Poisson the counts scatter."""
    fits = []
    for degree in DEGREES:
        if outside.sum() < degree + 3:
            break
        design = np.polynomial.legendre.legvander(x, degree)
        expected = _poisson_curve(design, count, outside)
        observed, mean = count[outside], expected[outside]
        likelihood = np.sum(observed * np.log(mean) - mean)
        freedom = outside.sum() - degree - 1
        scatter = max(1.0, float(np.sum((observed - mean) ** 2 / mean) / freedom))
        fits.append((2 * (degree + 1) - 2 * likelihood, degree, expected, scatter))
    _, degree, expected, scatter = min(fits, key=lambda fit: fit[0])
    return expected, degree, scatter


def _poisson_curve(design: np.ndarray, count: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Poisson regression by Newton steps from the logarithm of the counts."""
    rows, y = design[outside], count[outside]
    coefficients = np.linalg.lstsq(rows, np.log(y + 0.5), rcond=None)[0]
    for _ in range(25):
        mean = np.exp(np.clip(rows @ coefficients, -20, 30))
        step = np.linalg.lstsq(rows.T @ (rows * mean[:, None]), rows.T @ (y - mean), rcond=None)[0]
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-9:
            break
    return np.exp(np.clip(design @ coefficients, -20, 30))


def _scattered(rng: np.random.Generator, mean: np.ndarray, scatter: np.ndarray) -> np.ndarray:
    """Counts of this mean whose variance is `scatter` times it."""
    return rng.poisson(np.maximum(mean, 0) / scatter) * scatter


def _zone_gaps(count: np.ndarray, expected: np.ndarray, zones: np.ndarray) -> tuple[float, ...]:
    over, under = zones == "above", zones == "below"
    excess = float(count[over].sum() - expected[over].sum())
    missing = float(expected[under].sum() - count[under].sum())
    return excess, missing, 100 * excess / expected[over].sum(), 100 * missing / expected[under].sum()
