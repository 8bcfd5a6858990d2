"""Simulated samples with a known effect, for the tests of the uplift estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd


def logistic(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def chosen_treatment(rows: int, seed: int, *, effect: float = 0.4) -> tuple[pd.DataFrame, dict[str, float]]:
    """A trait and a count drive treatment and outcome; returns the sample and its true ate and att."""
    rng = np.random.default_rng(seed)
    age, orders = rng.standard_normal(rows), rng.poisson(np.exp(rng.standard_normal(rows)))
    kind = rng.choice(["a", "b", "c"], rows)
    drive = 0.7 * age + 0.5 * np.log1p(orders) + 0.4 * (kind == "a")
    propensity = logistic(-1.2 + drive)
    without, treated_mean = logistic(-1.0 + drive), logistic(-1.0 + drive + effect)
    t = rng.random(rows) < propensity
    y = rng.random(rows) < np.where(t, treated_mean, without)
    gain = treated_mean - without
    truth = {"ate": gain.mean(), "att": gain[t].mean(), "without": without[t].mean()}
    frame = pd.DataFrame({"age": age, "orders": orders, "kind": kind, "t": t * 1, "y": y * 1})
    return frame, truth


HARD_COVARIATES = [f"x{number}" for number in range(20)]


def hard_design(rows: int, seed: int) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Twenty correlated covariates (four 0/1, one heavy-tailed) with non-linear shared drivers.

    Returns the sample and the true propensity and outcome chances, for an oracle estimate.
    """
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(np.full((20, 20), 0.3) + 0.7 * np.eye(20))
    x = rng.standard_normal((rows, 20)) @ root.T
    x[:, 16:] = x[:, 16:] > 0
    x[:, 15] = np.exp(np.clip(x[:, 15], -4, 4))
    drive = (
        0.7 * np.sin(1.5 * x[:, 0])
        + 0.5 * x[:, 1] * x[:, 2]
        + 0.6 * (x[:, 3] > 0.5) * x[:, 16]
        + 0.35 * np.log1p(x[:, 15])
        + 0.4 * x[:, 4]
        - 0.18 * x[:, 5] ** 2
        + 0.4 * x[:, 17] * x[:, 6]
        + 0.25 * np.abs(x[:, 7])
    )
    propensity = np.clip(logistic(-0.85 + 0.9 * drive + 0.25 * x[:, 8] - 0.2 * x[:, 9]), 0.03, 0.97)
    base = -1.3 + 0.36 * drive + 0.35 * np.cos(x[:, 10]) + 0.3 * x[:, 11] * x[:, 18]
    base = base + 0.3 * np.maximum(x[:, 1], 0)
    control, treated = logistic(base), logistic(base + 0.1 + 0.12 * x[:, 19] + 0.08 * np.tanh(x[:, 3]))
    t = rng.random(rows) < propensity
    y = rng.random(rows) < np.where(t, treated, control)
    frame = pd.DataFrame(x, columns=HARD_COVARIATES).assign(t=t * 1, y=y * 1)
    return frame, {"propensity": propensity, "control": control, "treated": treated}


def stepped_design(rows: int, seed: int) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """As `hard_design`, with steps, corners and three that act together, and neighbours alike.

    Made to look for bias: every driver of sharing drives the purchase too, and few of them are smooth.
    """
    rng = np.random.default_rng(seed)
    places = np.arange(20)
    root = np.linalg.cholesky(0.5 ** np.abs(np.subtract.outer(places, places)))
    x = rng.standard_normal((rows, 20)) @ root.T
    x[:, 2] = np.exp(0.9 * x[:, 2])
    x[:, [7, 12, 15, 18]] = x[:, [7, 12, 15, 18]] > 0.2
    x[:, 9] = np.round(np.exp(0.6 * x[:, 9] + 0.5))
    drive = (
        0.8 * (x[:, 0] > 0) * (x[:, 1] > -0.3)
        - 0.6 * (x[:, 3] > 0.7)
        + 0.5 * np.maximum(x[:, 4], 0) * np.maximum(x[:, 5] + 0.5, 0)
        + 0.5 * np.tanh(2 * x[:, 6]) * x[:, 7]
        + 0.4 * np.log1p(x[:, 2]) * (x[:, 8] > 0)
        + 0.3 * np.minimum(x[:, 9], 4)
        - 0.5 * np.abs(x[:, 10] - 0.5) * x[:, 12]
        + 0.5 * x[:, 0] * x[:, 3] * x[:, 15]
    )
    propensity = np.clip(logistic(-1.3 + 0.9 * drive + 0.3 * x[:, 11] + 0.2 * x[:, 13] ** 2), 0.03, 0.97)
    base = -1.5 + 0.42 * drive + 0.3 * np.sin(2 * x[:, 14]) - 0.25 * x[:, 11] * x[:, 15] + 0.25 * x[:, 16]
    control, treated = logistic(base), logistic(base + 0.15 + 0.12 * x[:, 17] - 0.1 * x[:, 18])
    t = rng.random(rows) < propensity
    y = rng.random(rows) < np.where(t, treated, control)
    frame = pd.DataFrame(x, columns=HARD_COVARIATES).assign(t=t * 1, y=y * 1)
    return frame, {"propensity": propensity, "control": control, "treated": treated}


def encouragement(rows: int, seed: int, *, moved: float, effect: float) -> tuple[pd.DataFrame, float]:
    """A drawn nudge moves a share of customers; returns the sample and the true effect on them."""
    rng = np.random.default_rng(seed)
    trait = rng.standard_normal(rows)
    z = rng.random(rows) < 0.5
    uniform = rng.random(rows)
    always = uniform < 0.2 * logistic(trait) * 2
    compliers = ~always & (rng.random(rows) < moved)
    t = always | (compliers & z)
    y = 0.5 * trait + effect * t + 0.4 * always + rng.standard_normal(rows)
    return pd.DataFrame({"trait": trait, "z": z * 1, "t": t * 1, "y": y, "moved": compliers}), effect
