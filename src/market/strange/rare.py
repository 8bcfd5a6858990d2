"""Little to learn from: few treated, few outcomes, a rare flag that decides, few counterparts, long tails."""

from __future__ import annotations

import numpy as np

from market.strange.world import StrangeWorld, chance, shares, table, truth_of


def rare_treatment(rows: int, seed: int) -> StrangeWorld:
    """Draw 2 % treated, by a straight line of three covariates."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 5))
    drive = 0.5 * (x[:, 0] + x[:, 1] - x[:, 2])
    base = -0.8 + drive
    return shares(rng, x, chance(-4.2 + drive), chance(base), chance(base + 0.5))


def rare_outcome(rows: int, seed: int) -> StrangeWorld:
    """Draw an outcome of 1 %, whose causes drive the treatment too."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 5))
    drive = 0.5 * (x[:, 0] + x[:, 1] - x[:, 2])
    base = -5.1 + drive
    return shares(rng, x, chance(-0.4 + drive), chance(base), chance(base + 0.5))


def rare_flag(rows: int, seed: int) -> StrangeWorld:
    """Draw a flag held by a tenth: 40 % of them are treated, of the others 2 %."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.random(rows) < 0.1, rng.standard_normal((rows, 4))]).astype(float)
    base = -1.0 + 1.2 * x[:, 0] + 0.3 * x[:, 1]
    return shares(rng, x, np.where(x[:, 0] == 1, 0.40, 0.02), chance(base), chance(base + 0.4))


def weak_overlap(rows: int, seed: int) -> StrangeWorld:
    """Draw chances of treatment near 0 and 1 for a good part of the units (Crump and others 2009)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 5))
    drive = x[:, 0] + 0.7 * x[:, 1]
    base = -0.5 + 0.8 * drive
    return shares(rng, x, chance(2.2 * drive), chance(base), chance(base + 0.2 + 0.3 * np.tanh(drive)))


def heavy_spend(rows: int, seed: int) -> StrangeWorld:
    """Draw money spent: nothing for most, and a log-normal amount with a long tail for the others."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, 5))
    drive = 0.4 * (x[:, 0] + x[:, 1] - x[:, 2])
    propensity = chance(-0.3 + drive)
    t = rng.random(rows) < propensity
    spread = 1.3
    amount = np.exp(3.0 + 0.5 * drive + spread * rng.standard_normal(rows))
    mean = np.exp(3.0 + 0.5 * drive + spread**2 / 2)
    buys = np.stack([chance(-0.9 + drive), chance(-0.9 + drive + 0.3)])
    y = np.where(rng.random(rows) < buys[t * 1, np.arange(rows)], amount, 0.0)
    frame, names = table(x)
    return StrangeWorld(
        frame=frame.assign(t=t * 1, y=y),
        covariates=names,
        known={"propensity": propensity, "without": buys[0] * mean, "treated": buys[1] * mean},
        truth=truth_of((buys[1] - buys[0]) * mean, t),
    )
