"""A jump at a threshold: local-linear estimate with data-driven bandwidth and a robust interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.counts import count
from methods.result import Result
from methods.thresholds.local_polynomial import (
    Side,
    TooThin,
    best_bandwidths,
    boundary_weights,
    neighbour_residuals,
    repeats,
    weights_variance,
)

# Where scores repeat, a side is known at so many places; with more it is as good as a continuous score.
MANY_REPEATS, FEW_SCORES = 0.2, 50


@dataclass(frozen=True, kw_only=True)
class Jump(Result):
    """The jump of an outcome at a threshold, in units of the outcome.

    estimate, standard_error: conventional local-linear jump. corrected, robust_error: the same with its
    leading bias taken off, and the error that counts this correction; low, high: its interval at `level`.
    bandwidth, bias_bandwidth: in units of the score. n_left, n_right: all observations;
    used_left, used_right: those inside the bandwidth. scores_left, scores_right: different scores inside it.
    warning: plain words when the scores repeat, else empty.
    """

    estimate: float
    standard_error: float
    corrected: float
    robust_error: float
    low: float
    high: float
    level: float
    bandwidth: float
    bias_bandwidth: float
    n_left: int
    n_right: int
    used_left: int
    used_right: int
    scores_left: int
    scores_right: int
    warning: str

    @property
    def p_value(self) -> float:
        """Two-sided robust p-value of no jump; nan where the outcome leaves nothing to chance."""
        if self.robust_error == 0:
            return float("nan")
        return float(2 * norm.sf(abs(self.corrected / self.robust_error)))


def sharp_rdd(
    frame: pd.DataFrame,
    *,
    outcome: str,
    score: str,
    threshold: float = 0.0,
    cluster: str | None = None,
    bandwidth: float | None = None,
    bias_bandwidth: float | None = None,
    level: float = 0.95,
) -> Jump:
    """Return the jump of `outcome` where `score` reaches `threshold` (at or above it is treated).

    outcome, score: numeric columns; rows where either is missing are left out.
    cluster: column of clusters for the error.
    bandwidth: None chooses it to minimise the mean squared error; a bandwidth given alone is also the
        bias bandwidth. Triangular kernel, nearest-neighbour variance.
    bias_bandwidth: of the correction; None chooses it too.
    Raises ValueError when a column is not numeric, TooThin (a ValueError) when a side holds too few
    different scores or the outcome never changes. Source: Calonico, Cattaneo and Titiunik (2014),
    Econometrica 82.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"likes": rng.uniform(0, 40, 800)})
    >>> rows["spent"] = 0.1 * rows["likes"] + 2.0 * (rows["likes"] >= 20) + rng.normal(size=800)
    >>> found = sharp_rdd(rows, outcome="spent", score="likes", threshold=20)
    >>> found.low < 2 < found.high
    True
    """
    left, right = sides(frame, outcome=outcome, score=score, threshold=threshold, cluster=cluster)
    if bandwidth is None:
        bandwidth, bias_bandwidth = best_bandwidths(left, right)
    bias_bandwidth = bias_bandwidth or bandwidth
    for name, value in (("bandwidth", bandwidth), ("bias_bandwidth", bias_bandwidth)):
        if not value > 0:
            raise ValueError(f"{name} is {value!r}; it must be above 0 (or None to choose it from the data)")
    fits = [_boundary_fit(side, bandwidth, bias_bandwidth) for side in (left, right)]
    used = [side.within(bandwidth) for side in (left, right)]
    corrected = fits[1]["corrected"] - fits[0]["corrected"]
    robust_error = float(np.sqrt(fits[0]["robust"] + fits[1]["robust"]))
    reach = float(norm.ppf((1 + level) / 2)) * robust_error
    return Jump(
        estimate=fits[1]["level"] - fits[0]["level"],
        standard_error=float(np.sqrt(fits[0]["variance"] + fits[1]["variance"])),
        corrected=corrected,
        robust_error=robust_error,
        low=corrected - reach,
        high=corrected + reach,
        level=level,
        bandwidth=float(bandwidth),
        bias_bandwidth=float(bias_bandwidth),
        n_left=len(left.x),
        n_right=len(right.x),
        used_left=len(used[0].x),
        used_right=len(used[1].x),
        scores_left=len(used[0].scores),
        scores_right=len(used[1].scores),
        warning=_warning(used),
    )


def sides(
    frame: pd.DataFrame, *, outcome: str, score: str, threshold: float, cluster: str | None = None
) -> tuple[Side, Side]:
    """Return the complete observations below and at or above the threshold, sorted by score."""
    columns = [outcome, score, *([cluster] if cluster else [])]
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise KeyError(f"the frame has no columns {absent}; it has {list(frame.columns)}")
    for name in (outcome, score):
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise ValueError(f"column {name!r} holds {frame[name].dtype}; numbers are needed")
    rows = frame[columns].dropna()
    # Ties in the score are sorted by outcome, so that the order of the rows cannot matter.
    rows = rows.sort_values([score, outcome], kind="stable")
    x = rows[score].to_numpy(float) - threshold
    y = rows[outcome].to_numpy(float)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(f"columns {outcome!r} and {score!r} hold infinite values; take those rows out")
    if len(y) and y.min() == y.max():
        raise TooThin(f"column {outcome!r} is {y[0]:g} in every row; there is nothing that could jump")
    group = None if cluster is None else pd.factorize(rows[cluster])[0]
    found = []
    for name, inside in (("below", x < 0), ("at or above", x >= 0)):
        side = Side(x=x[inside], y=y[inside], group=None if group is None else group[inside])
        if len(side.scores) < 3:
            raise TooThin(
                f"column {score!r} has {count(len(side.scores), 'different value')} {name} the threshold "
                f"{threshold:g}; at least 3 are needed on each side to fit a line and its curvature"
            )
        found.append(side)
    return found[0], found[1]


def _boundary_fit(side: Side, bandwidth: float, bias_bandwidth: float) -> dict[str, float]:
    near = side.within(max(bandwidth, bias_bandwidth))
    line, response = boundary_weights(near.x, order=1, derivative=0, bandwidth=bandwidth)
    curve, _ = boundary_weights(near.x, order=2, derivative=2, bandwidth=bias_bandwidth)
    robust = line - bandwidth**2 * response * curve / 2
    residuals = neighbour_residuals(near.x, near.y)
    return {
        "level": float(line @ near.y),
        "variance": weights_variance(near, line, residuals),
        "corrected": float(robust @ near.y),
        "robust": weights_variance(near, robust, residuals),
    }


def _warning(used: list[Side]) -> str:
    few = min(len(side.scores) for side in used) < FEW_SCORES
    if not few or max(repeats(side) for side in used) < MANY_REPEATS:
        return ""
    return (
        f"The score takes only {count(len(used[0].scores), 'value')} below and {len(used[1].scores)} at or "
        "above the threshold inside the bandwidth, so the number of rows overstates what is known about the "
        "jump; read the interval for a whole-number score as well."
    )


def donut_rdd(
    frame: pd.DataFrame,
    *,
    outcome: str,
    score: str,
    threshold: float = 0.0,
    below: float,
    above: float,
    cluster: str | None = None,
    level: float = 0.95,
) -> Jump:
    """Return the jump without the scores in the hole [threshold - below, threshold + above).

    below, above: widths in units of the score, 0 or more. The bandwidth is the one chosen with all
        scores, made wider by the wider part of the hole, so that lines reach over it from as much data as
        before; the bias bandwidth grows in proportion.
    outcome, score, cluster: as `sharp_rdd`.
    Raises as `sharp_rdd`, and TooThin where the hole leaves too few scores. Source: Barreca, Guldi, Lindo
    and Waddell (2011), Quarterly Journal of Economics 126.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"likes": rng.uniform(0, 40, 800)})
    >>> rows["spent"] = 0.1 * rows["likes"] + 2.0 * (rows["likes"] >= 20) + rng.normal(size=800)
    >>> found = donut_rdd(rows, outcome="spent", score="likes", threshold=20, below=2, above=2)
    >>> found.low < 2 < found.high
    True
    """
    if below < 0 or above < 0:
        raise ValueError(f"below {below} and above {above} are widths; they must be 0 or more")
    columns: dict[str, Any] = {
        "outcome": outcome, "score": score, "threshold": threshold, "cluster": cluster
    }  # fmt: skip
    main, bias = best_bandwidths(*sides(frame, **columns))
    distance = frame[score] - threshold
    outside = frame[~((distance >= -below) & (distance < above))]
    width = main + max(below, above)
    return sharp_rdd(outside, **columns, bandwidth=width, bias_bandwidth=width * bias / main, level=level)


def bandwidth_curve(
    frame: pd.DataFrame,
    *,
    outcome: str,
    score: str,
    threshold: float,
    cluster: str | None = None,
    factors: tuple[float, ...] = (0.5, 0.75, 1.0, 1.5, 2.0),
) -> pd.DataFrame:
    """Return the jump at multiples of the chosen bandwidth.

    Columns: factor, bandwidth, estimate (bias-corrected), low, high, used (rows). A multiple at which a
    side is too thin for a fit is left out.
    outcome, score, threshold, cluster: as `sharp_rdd`, which raises the same.
    factors: the multiples. Source: Imbens and Lemieux (2008), Journal of Econometrics 142.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"likes": rng.uniform(0, 40, 800)})
    >>> rows["spent"] = 0.1 * rows["likes"] + 2.0 * (rows["likes"] >= 20) + rng.normal(size=800)
    >>> bandwidth_curve(rows, outcome="spent", score="likes", threshold=20)["factor"].tolist()
    [0.5, 0.75, 1.0, 1.5, 2.0]
    """
    columns: dict[str, Any] = {
        "outcome": outcome, "score": score, "threshold": threshold, "cluster": cluster
    }  # fmt: skip
    chosen = sharp_rdd(frame, **columns)
    rows = []
    for factor in factors:
        width = chosen.bandwidth * factor
        try:
            jump = sharp_rdd(frame, **columns, bandwidth=width, bias_bandwidth=chosen.bias_bandwidth * factor)
        except TooThin:
            continue
        rows.append(
            {
                "factor": factor,
                "bandwidth": width,
                "estimate": jump.corrected,
                "low": jump.low,
                "high": jump.high,
                "used": jump.used_left + jump.used_right,
            }
        )
    return pd.DataFrame(rows)


def placebo_jumps(
    frame: pd.DataFrame,
    *,
    outcome: str,
    score: str,
    threshold: float,
    cutoffs: tuple[float, ...] = (),
    covariates: tuple[str, ...] = (),
    cluster: str | None = None,
) -> pd.DataFrame:
    """Return jumps where there should be none: at false cut-offs, and of covariates at the true one.

    At a false cut-off only the rows on its side of the threshold are used, so that the true jump cannot
    leak in. Columns: check, estimate (bias-corrected), low, high, p_value, used; `check` names the
    cut-off or covariate. A check whose side is too thin is left out.
    outcome, score, threshold, cluster: as `sharp_rdd`.
    cutoffs: false ones.
    covariates: columns known before. Source: Imbens and Lemieux (2008), Journal of Econometrics 142.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"likes": rng.uniform(0, 40, 800)})
    >>> rows["spent"] = 0.1 * rows["likes"] + 2.0 * (rows["likes"] >= 20) + rng.normal(size=800)
    >>> found = placebo_jumps(rows, outcome="spent", score="likes", threshold=20, cutoffs=(10, 30))
    >>> len(found), bool((found["low"] < 0).all())
    (2, True)
    """
    checks = [(f"cut-off {cutoff:g}", outcome, cutoff) for cutoff in cutoffs]
    checks += [(name, name, threshold) for name in covariates]
    rows = []
    for name, column, cutoff in checks:
        part = frame
        if cutoff != threshold:
            part = frame[(frame[score] >= threshold) == (cutoff > threshold)]
        try:
            jump = sharp_rdd(part, outcome=column, score=score, threshold=cutoff, cluster=cluster)
        except TooThin:
            continue
        rows.append(
            {
                "check": name,
                "estimate": jump.corrected,
                "low": jump.low,
                "high": jump.high,
                "p_value": jump.p_value,
                "used": jump.used_left + jump.used_right,
            }
        )
    return pd.DataFrame(rows, columns=["check", "estimate", "low", "high", "p_value", "used"])
