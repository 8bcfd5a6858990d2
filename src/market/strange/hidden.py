"""A cause that no covariate shows: with outcomes beside it that feel it too, and with some that do not."""

from __future__ import annotations

import numpy as np

from market.strange.world import StrangeWorld, chance, table, truth_of

CONTROLS = 12


def hidden_felt(rows: int, seed: int) -> StrangeWorld:
    """Draw a hidden cause of treatment and outcome that twelve control outcomes feel, each its own way."""
    return _hidden(rows, seed, felt=0.7)


def hidden_unfelt(rows: int, seed: int) -> StrangeWorld:
    """Draw the same cause beside twelve control outcomes that have nothing to do with it."""
    return _hidden(rows, seed, felt=0.0)


def hidden_harmless(rows: int, seed: int) -> StrangeWorld:
    """Draw a hidden cause of the outcome and of the controls that has no say in who is treated."""
    return _hidden(rows, seed, felt=0.7, choosing=0.0)


def _hidden(rows: int, seed: int, *, felt: float, choosing: float = 0.7) -> StrangeWorld:
    rng = np.random.default_rng(seed)
    x, cause = rng.standard_normal((rows, 4)), rng.standard_normal(rows)
    drive = 0.4 * (x[:, 0] - x[:, 1])
    propensity = chance(-0.4 + drive + choosing * cause)
    t = rng.random(rows) < propensity
    base = -0.8 + drive + 0.7 * cause
    y = rng.random(rows) < chance(base + 0.3 * t)
    frame, names = table(x)
    frame = frame.assign(t=t * 1, y=y * 1)
    controls = tuple(f"control_{number}" for number in range(CONTROLS))
    for number, name in enumerate(controls):
        pull = felt * (0.7 + 0.6 * number / CONTROLS)
        frame[name] = (rng.random(rows) < chance(-0.8 + 0.6 * drive + pull * cause)) * 1
    known = {"propensity": propensity, "without": chance(base), "treated": chance(base + 0.3)}
    truth = truth_of(known["treated"] - known["without"], t)
    return StrangeWorld(
        frame=frame, covariates=names, controls=controls, known=known, truth=truth, clean=choosing == 0
    )
