"""Effects on spend that a few large customers do not decide: capped means, and quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import standard_error
from methods.regression.arms import cluster_labels, outcome_and_treatment
from methods.result import Result
from methods.trials.intention_to_treat import intention_to_treat


@dataclass(frozen=True, kw_only=True)
class CappedEffect(Result):
    """Effect on an outcome capped at `cap`, a share `capped` of the rows; `plain`: on the outcome itself."""

    effect: Interval
    plain: Interval
    cap: float
    capped: float


def capped_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    share: float = 0.99,
    level: float = 0.95,
) -> CappedEffect:
    """Return the effect on an outcome whose largest values are brought down to a cap (winsorised).

    outcome, treatment, covariates, cluster: as of `intention_to_treat`.
    share: the cap is this quantile of both arms together (above 0.5), so that it tells nothing of the arm.
        The capped mean is another question than the mean: it leaves out what the largest customers add.
    Raises ValueError for a share outside 0.5 to 1, and as `intention_to_treat`.
    Source: Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 22.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"offer": np.tile([0, 1], 500), "spent": rng.pareto(1.5, 1_000)})
    >>> found = capped_effect(rows, outcome="spent", treatment="offer")
    >>> found.capped, found.effect.standard_error < found.plain.standard_error
    (0.01, True)
    """
    if not 0.5 < share < 1:
        raise ValueError(f"share is {share!r}; the cap is a quantile above 0.5 and below 1, such as 0.99")
    y, _ = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    cap = float(np.quantile(y, share))
    both = [
        intention_to_treat(
            frame.assign(**{outcome: values}),
            outcome=outcome,
            treatment=treatment,
            covariates=covariates,
            cluster=cluster,
            level=level,
        ).effect
        for values in (np.minimum(y, cap), y)
    ]
    return CappedEffect(effect=both[0], plain=both[1], cap=cap, capped=float((y > cap).mean()))


@dataclass(frozen=True, kw_only=True)
class QuantileEffect(Result):
    """Difference of a quantile between the arms, with both arms' quantiles and their intervals."""

    effect: Interval
    control: Interval
    treated: Interval


def quantile_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    quantile: float = 0.5,
    cluster: str | None = None,
    level: float = 0.95,
) -> QuantileEffect:
    """Return what a drawn arm did to a quantile of the outcome.

    outcome: numbers; treatment: 0/1, the arm as drawn.
    quantile: between 0 and 1, such as 0.5 for the median.
    cluster: column of groups drawn together.
    Each arm's interval holds the values whose share below may as well be the quantile (Woodruff 1952); the
    two are put together as by Zou and Donner (2008), Statistics in Medicine 27, without any density.
    Raises CannotAnswer where an arm is too small to bound the quantile, ValueError for a quantile outside 0
    to 1.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"offer": np.tile([0, 1], 500)})
    >>> rows["spent"] = rng.exponential(10 + 10 * rows["offer"])
    >>> found = quantile_effect(rows, outcome="spent", treatment="offer")
    >>> found.effect.low < 10 * 0.693 < found.effect.high
    True
    """
    if not 0 < quantile < 1:
        raise ValueError(f"quantile is {quantile!r}; it must lie between 0 and 1, such as 0.5")
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    groups = cluster_labels(frame, cluster)
    control, treated = (
        _quantile(y[rows], None if groups is None else groups[rows], quantile, level)
        for rows in (t == 0, t == 1)
    )
    gap = treated.estimate - control.estimate
    effect = Interval(
        estimate=gap,
        low=gap - float(np.hypot(treated.estimate - treated.low, control.high - control.estimate)),
        high=gap + float(np.hypot(treated.high - treated.estimate, control.estimate - control.low)),
        n=len(y),
        level=level,
    )
    return QuantileEffect(effect=effect, control=control, treated=treated)


def _quantile(y: np.ndarray, groups: np.ndarray | None, quantile: float, level: float) -> Interval:
    estimate = float(np.quantile(y, quantile))
    # Ties at the quantile, such as customers who spent nothing, make the share below it larger than asked.
    error = standard_error((y <= estimate).astype(float), groups)
    plain = np.sqrt(quantile * (1 - quantile) / len(y))
    reach = float(norm.ppf((1 + level) / 2)) * max(error, plain if groups is None else 0.0)
    low, high = quantile - reach, quantile + reach
    if low <= 0 or high >= 1:
        raise CannotAnswer(
            f"{count(len(y), 'row')} of an arm cannot bound its quantile {quantile:g}; take one nearer to 0.5"
        )
    ends = np.quantile(y, [low, high], method="inverted_cdf")
    return Interval(estimate=estimate, low=float(ends[0]), high=float(ends[1]), n=len(y), level=level)
