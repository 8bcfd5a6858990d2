"""What all launched tests together really brought: their sum, shrunk against the winner's curse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.result import Result

FEWEST_TESTS = 8
GRID = 400


@dataclass(frozen=True, kw_only=True)
class TotalOfWins(Result):
    """The summed effects of the tests that were launched.

    launched: how many. as_found: their plain sum, too high because those were launched that came out high.
    effect: the sum of what each is to be expected to bring, with its interval. mean, spread: what is to be
    expected of the mean and the standard deviation of the true effects of all tests. shrunk: the expected
    effect of each (tests,).
    """

    launched: int
    as_found: float
    effect: Interval
    mean: float
    spread: float
    shrunk: np.ndarray


def total_of_wins(
    estimates: ArrayLike, standard_errors: ArrayLike, *, launched_at: float = 0.05, level: float = 0.95
) -> TotalOfWins:
    """Return the sum of the effects of launched tests, each shrunk towards the mean of all that were run.

    estimates, standard_errors: of every test that was run, launched or not (tests,).
    launched_at: the two-sided level at which a rise was launched.

    What is to be expected of an effect given its estimate does not depend on its having been picked, so the
    shrunk sum is free of the winner's curse where effects are spread normally (Efron 2011, Journal of the
    American Statistical Association 106). Their mean and spread are unknown, with flat priors, and averaged
    over (Gelman and others 2013, Bayesian Data Analysis, section 5.4).
    Raises ValueError on lengths that differ or an error that is not above 0; CannotAnswer below 8 tests,
    which do not tell how effects are spread.

    >>> rng = np.random.default_rng(1)
    >>> found = total_of_wins(rng.normal(0.0, 0.01, 40), np.full(40, 0.01))
    >>> found.launched > 0, bool(found.effect.estimate < 0.3 * found.as_found)
    (True, True)
    """
    found, error = np.asarray(estimates, dtype=float), np.asarray(standard_errors, dtype=float)
    if found.ndim != 1 or found.shape != error.shape:
        raise ValueError(f"estimates and standard errors differ in length: {found.shape} and {error.shape}")
    if not (error > 0).all() or not np.isfinite(found).all():
        raise ValueError("every test needs a finite estimate and a standard error above 0")
    if len(found) < FEWEST_TESTS:
        raise CannotAnswer(
            f"{count(len(found), 'test')} cannot tell how effects are spread; {FEWEST_TESTS} are needed"
        )
    launched = found > norm.isf(launched_at / 2) * error
    chance, spread, mean, of_mean = _spreads(found, error)
    kept = spread[:, None] ** 2 / (spread[:, None] ** 2 + error**2)
    shrunk = mean[:, None] + kept * (found - mean[:, None])
    totals = shrunk[:, launched].sum(axis=1)
    variance = (kept * error**2)[:, launched].sum(axis=1) + (1 - kept)[:, launched].sum(axis=1) ** 2 * of_mean
    total = float(chance @ totals)
    reach = float(np.sqrt(chance @ variance + chance @ (totals - total) ** 2))
    return TotalOfWins(
        launched=int(launched.sum()),
        as_found=float(found[launched].sum()),
        effect=normal_interval(total, reach, len(found), level=level),
        mean=float(chance @ mean),
        spread=float(chance @ spread),
        shrunk=chance @ shrunk,
    )


def _spreads(found: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Spreads on a grid with their chances, and mean and variance of the effects' mean at each."""
    spread = np.linspace(0.0, 3 * (found.std() + error.max()), GRID)
    whole = spread[:, None] ** 2 + error**2
    of_mean = 1 / (1 / whole).sum(axis=1)
    mean = (found / whole).sum(axis=1) * of_mean
    logs = 0.5 * np.log(of_mean) - 0.5 * (np.log(whole) + (found - mean[:, None]) ** 2 / whole).sum(axis=1)
    chance = np.exp(logs - logs.max())
    return chance / chance.sum(), spread, mean, of_mean
