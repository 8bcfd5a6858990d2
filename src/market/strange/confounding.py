"""Covariates that drive both treatment and outcome: along a line, smoothly, in rings, teeth and steps."""

from __future__ import annotations

import numpy as np

from market.strange.world import StrangeWorld, chance, heavy, shares

COLUMNS = 6


def mild(rows: int, seed: int) -> StrangeWorld:
    """Draw from straight log odds of normal covariates."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, COLUMNS))
    drive = 0.35 * (x[:, 0] + x[:, 1] - x[:, 2])
    base = -0.8 + drive
    return shares(rng, x, chance(-0.3 + drive), chance(base), chance(base + 0.3), clean=True)


def null(rows: int, seed: int) -> StrangeWorld:
    """Draw as `mild`, with bends, and without any effect."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, COLUMNS))
    drive = 0.5 * x[:, 0] + 0.4 * np.abs(x[:, 1]) - 0.3 * x[:, 2]
    base = chance(-1.0 + drive)
    return shares(rng, x, chance(-0.6 + drive), base, base, clean=True)


def smooth(rows: int, seed: int) -> StrangeWorld:
    """Draw from the smooth sum of Friedman (1991) over squashed heavy-tailed covariates."""
    rng = np.random.default_rng(seed)
    x = heavy(rng, rows, COLUMNS)
    u = chance(x)
    return _confounded(
        rng, x, np.sin(np.pi * u[:, 0] * u[:, 1]) + 2 * (u[:, 2] - 0.5) ** 2 + u[:, 3] + 0.5 * u[:, 4] - 1.5
    )


def rings(rows: int, seed: int) -> StrangeWorld:
    """Draw where the chance turns high and low from ring to ring around the middle of two covariates."""
    rng = np.random.default_rng(seed)
    x = heavy(rng, rows, COLUMNS)
    return _confounded(rng, x, 0.8 * np.cos(2.5 * np.hypot(x[:, 0], x[:, 1])))


def sawtooth(rows: int, seed: int) -> StrangeWorld:
    """Draw where the chance climbs with one covariate and falls back at every whole number."""
    rng = np.random.default_rng(seed)
    x = heavy(rng, rows, COLUMNS)
    return _confounded(rng, x, 2.2 * (x[:, 0] % 1 - 0.5))


def threshold(rows: int, seed: int) -> StrangeWorld:
    """Draw where three steps of covariates, two of them together, decide."""
    rng = np.random.default_rng(seed)
    x = heavy(rng, rows, COLUMNS)
    steps = (x[:, 0] > 0.8) + 1.0 * (x[:, 1] > 0) * (x[:, 2] > 0) - 0.7 * (x[:, 3] < -1)
    return _confounded(rng, x, 1.2 * (steps - 0.4))


def _confounded(rng: np.random.Generator, x: np.ndarray, drive: np.ndarray) -> StrangeWorld:
    """Let one index drive both, of which treatment takes a little more of other covariates too."""
    base = -0.6 + 1.1 * drive
    propensity = np.clip(chance(-0.4 + 1.1 * drive + 0.2 * np.tanh(x[:, -1])), 0.05, 0.95)
    return shares(rng, x, propensity, chance(base), chance(base + 0.3 + 0.1 * np.tanh(x[:, 4])))
