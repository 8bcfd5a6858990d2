"""How far may the interval of an adjusted effect be trusted on this very data set? Simulate it and see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2, norm
from scipy.stats import t as student

from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.counts import count, percent
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval, wilson
from methods.intervals.influence import excludes, normal_interval
from methods.result import Result

TARGETS = ("ate", "att")
FEWEST_TIMES = 3
MOST_WIDENED = 2.0
MOST_ROWS = 20_000
"""Rows of a copy: to analyse eight copies of all rows would take eight times what the answer itself took."""
BEYOND_CHANCE = 0.99

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class BootstrapCoverage(Result):
    """What simulated copies of a data set say about one interval.

    errors: (copies,) distance of each copy's estimate from that copy's truth, in standard errors. coverage:
    share of copies whose interval held the truth. bias: mean of `errors`, spread: their standard deviation,
    both with 99 % intervals; an interval that keeps its promise has 0 and 1. false_alarms: share of copies
    without any effect whose interval left out zero. widened: factor on the interval, 1 where the copies give
    no reason to widen it. coverage_level: what the interval promises. rows: of each copy; fewer than the data
    have where these are many, and then the copies see less of a bias than the data's own interval has.
    """

    errors: np.ndarray
    coverage: Interval
    bias: Interval
    spread: Interval
    false_alarms: Interval
    widened: float
    coverage_level: float = 0.95
    rows: int = 0

    @property
    def power(self) -> float:
        """How likely so many copies are to find an interval that covers 80 % for being too narrow."""
        return power_of_copies(len(self.errors), level=self.coverage_level)

    @property
    def withheld(self) -> str:
        """Why no verdict can be given, or nothing."""
        if self.widened <= MOST_WIDENED:
            return ""
        return (
            f"in simulated copies of these data the interval held the truth in "
            f"{percent(self.coverage.estimate, 0)}, "
            f"and would have to be {self.widened:.1f} times as wide"
        )


def power_of_copies(copies: int, *, covered: float = 0.80, level: float = 0.95) -> float:
    """Return how likely copies are to find that an interval of this level covers only `covered`.

    For errors that spread too far, by the test that `simulated_coverage` takes (99 %, chi-square).

    >>> round(power_of_copies(20), 2), round(power_of_copies(35), 2)
    (0.62, 0.86)
    """
    spread = norm.ppf(0.5 + level / 2) / norm.ppf(0.5 + covered / 2)
    above = chi2.ppf(0.5 + BEYOND_CHANCE / 2, copies - 1)
    return float(chi2.sf(above / spread**2, copies - 1))


def copies_needed(*, power: float = 0.8, covered: float = 0.80, level: float = 0.95) -> int:
    """Return the fewest copies that find with this power an interval which covers only `covered`.

    >>> copies_needed()
    30
    """
    copies = 3
    while power_of_copies(copies, covered=covered, level=level) < power:
        copies += 1
    return copies


def simulated_coverage(
    effect: AdjustedEffect,
    outcome: np.ndarray,
    treatment: np.ndarray,
    *,
    times: int = 10,
    most_rows: int = MOST_ROWS,
    seed: int = 1,
    progress: Progress | None = None,
) -> dict[str, BootstrapCoverage]:
    """Return how well the intervals of `effect` keep their promise on copies of its data, by "ate" and "att".

    outcome, treatment: (rows,) as analysed.
    times: copies with the fitted effect, and as many without any; each is drawn from the fitted chances
        and outcomes for rows drawn with replacement, and analysed by the same estimator.
    most_rows: of one copy.
    progress: called with (done, all). Where the errors of the copies are off beyond chance (99 %),
        `widened` is the factor that would have made 95 % of them cover, taking them as normal. Copies
        follow the fitted models: what these miss, copies miss too, so the card can find an interval too
        narrow but never prove one right (parametric bootstrap: Efron and Tibshirani 1993, chapter 6).
    Raises CannotAnswer where copies cannot be analysed, ValueError below 3 times.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=200), "shared": np.tile([0, 1], 100)})
    >>> rows["orders"] = rows["age"] + 2 * rows["shared"] + rng.normal(size=200)
    >>> effect = adjusted_effect(rows, outcome="orders", treatment="shared", covariates=["age"], repeats=1)
    >>> trust = simulated_coverage(effect, rows["orders"].to_numpy(), rows["shared"].to_numpy(), times=3)
    >>> sorted(trust), len(trust["att"].errors)
    (['ate', 'att'], 6)
    """
    if times < FEWEST_TIMES:
        raise ValueError(
            f"{count(times, 'copy says', 'copies say')} nothing about an interval; at least {FEWEST_TIMES} "
            "are needed"
        )
    found: dict[str, tuple[list[float], list[float]]] = {target: ([], []) for target in TARGETS}
    left = outcome - np.where(
        treatment == 1, effect.nuisances.outcome_treated, effect.nuisances.outcome_control
    )
    noise = None if np.isin(outcome, (0, 1)).all() else left - left.mean()
    generator, size = np.random.default_rng(seed), min(len(outcome), most_rows)
    for number in range(2 * times):
        without_effect = number % 2
        again, truth = _analysed_copy(
            effect, noise, generator, size=size, null=bool(without_effect), seed=seed + number
        )
        for target in TARGETS:
            estimate = getattr(again, target) if again else None
            if estimate is not None:
                error = (estimate.estimate - truth[target]) / estimate.standard_error
                found[target][without_effect].append(error)
        if progress is not None:
            progress(number + 1, 2 * times)
    kept = {name: lists for name, lists in found.items() if min(map(len, lists)) >= FEWEST_TIMES}
    if not kept:
        raise CannotAnswer("simulated copies of these data were too thin to be analysed")
    return {
        name: replace(_trust(np.array(own), np.array(null), effect.att.level), rows=size)
        for name, (own, null) in kept.items()
    }


def _analysed_copy(
    effect: AdjustedEffect,
    noise: np.ndarray | None,
    generator: np.random.Generator,
    *,
    size: int,
    null: bool,
    seed: int,
) -> tuple[AdjustedEffect | None, dict[str, float]]:
    """Draw so many rows, treatment and outcome anew, and analyse them: (effect or None, truth).

    noise: what the models leave of a number, to be dealt out anew; None for an outcome of 0 and 1.
    """
    fit, trim = effect.nuisances, effect.overlap.trim
    parted = (fit.propensity == 0) | (fit.propensity == 1)  # kinds that are never, or always, treated
    chance = np.where(parted, fit.propensity, np.clip(fit.propensity, trim, 1 - trim))
    arms = np.array([fit.outcome_control, fit.outcome_control if null else fit.outcome_treated])
    if noise is None:
        arms = np.clip(arms, 0.001, 0.999)
    gain = arms[1] - arms[0]
    truth = {"ate": gain[~parted].mean(), "att": np.average(gain, weights=np.where(parted, 0.0, chance))}
    rows = generator.integers(0, len(chance), size)
    treated = (generator.random(len(rows)) < chance[rows]).astype(float)
    expected = np.where(treated == 1, arms[1][rows], arms[0][rows])
    if noise is None:
        drawn = (generator.random(len(rows)) < expected).astype(float)
    else:
        drawn = expected + generator.choice(noise, len(rows))
    frame = pd.DataFrame({"outcome": drawn, "treatment": treated})
    try:
        again = adjusted_effect(
            frame, outcome="outcome", treatment="treatment", covariates=effect.covariates.rows(rows),
            learners=fit.learners, repeats=effect.repeats, trim=trim, seed=seed, level=effect.att.level,
        )  # fmt: skip
    except CannotAnswer:
        return None, truth
    return again, truth


def _trust(own: np.ndarray, null: np.ndarray, level: float) -> BootstrapCoverage:
    reach, errors = norm.ppf(0.5 + level / 2), np.concatenate([own, null])
    n = len(errors)
    middle, spread = errors.mean(), errors.std(ddof=1)
    slack = student.ppf(0.5 + BEYOND_CHANCE / 2, n - 1) * spread / np.sqrt(n)
    low, high = spread * np.sqrt(
        (n - 1) / chi2.ppf([0.5 + BEYOND_CHANCE / 2, 0.5 - BEYOND_CHANCE / 2], n - 1)
    )
    bias = Interval(estimate=middle, low=middle - slack, high=middle + slack, n=n, level=BEYOND_CHANCE)
    width = Interval(estimate=spread, low=low, high=high, n=n, level=BEYOND_CHANCE)
    return BootstrapCoverage(
        errors=errors,
        coverage=wilson(np.sum(np.abs(errors) <= reach), n),
        bias=bias,
        spread=width,
        false_alarms=wilson(np.sum(np.abs(null) > reach), len(null)),
        coverage_level=level,
        widened=_factor(
            middle if excludes(bias, 0) else 0.0, max(spread, 1.0) if low > 1 else 1.0, level=level
        ),
    )


def _factor(bias: float, spread: float, *, level: float) -> float:
    """The factor on an interval that makes it cover at its level when errors are normal (bias, spread)."""
    reach = norm.ppf(0.5 + level / 2)

    def _missing(factor: float) -> float:
        ends = norm.cdf((np.array([1, -1]) * factor * reach - bias) / spread)
        return ends[0] - ends[1] - level

    return float(max(1.0, brentq(_missing, 0.5, 4 + 2 * (abs(bias) + spread))))


def widened(estimate: Interval, factor: float) -> Interval:
    """Return the estimate with its interval a factor wider; the same where the factor is 1."""
    if factor == 1:
        return estimate
    return normal_interval(
        estimate.estimate, factor * estimate.standard_error, estimate.n, level=estimate.level
    )


def with_coverage(effect: AdjustedEffect, trust: dict[str, BootstrapCoverage]) -> AdjustedEffect:
    """Return the effect with every interval that rests on the adjustment as wide as its copies demand.

    trust: of `simulated_coverage`, by "ate" and "att".
    Returns the same effect where nothing has to be widened.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=200), "shared": np.tile([0, 1], 100)})
    >>> rows["orders"] = rows["age"] + 2 * rows["shared"] + rng.normal(size=200)
    >>> effect = adjusted_effect(rows, outcome="orders", treatment="shared", covariates=["age"], repeats=1)
    >>> trust = simulated_coverage(effect, rows["orders"].to_numpy(), rows["shared"].to_numpy(), times=3)
    >>> with_coverage(effect, trust).att.low <= effect.att.low
    True
    """
    changed: dict[str, Any] = {
        name: widened(getattr(effect, name), found.widened) for name, found in trust.items()
    }
    if "att" in trust:
        factor = trust["att"].widened
        changed["self_selection"] = widened(effect.self_selection, factor)
        if effect.relative_att is not None and factor > 1:
            ends = np.log1p([effect.relative_att.low, effect.relative_att.high])
            middle = np.log1p(effect.relative_att.estimate)
            low, high = np.expm1(middle + factor * (ends - middle))
            changed["relative_att"] = replace(effect.relative_att, low=float(low), high=float(high))
    return replace(effect, **changed)
