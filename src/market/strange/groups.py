"""Units that hang together: sellers that decide, whole groups that adopt and share their luck."""

from __future__ import annotations

import numpy as np

from market.strange.world import StrangeWorld, chance, table, truth_of

SELLERS = 400
VILLAGES, FEW = 30, 6


def sellers(rows: int, seed: int) -> StrangeWorld:
    """Draw units of 400 sellers of very unlike size; the seller drives both treatment and outcome."""
    rng = np.random.default_rng(seed)
    weight = 1 / (5 + np.arange(SELLERS)) ** 0.6
    seller = rng.choice(SELLERS, rows, p=weight / weight.sum())
    own = rng.standard_normal(SELLERS)[seller]
    x = rng.standard_normal((rows, 3))
    propensity = chance(-0.4 + 0.9 * own + 0.4 * x[:, 0])
    t = rng.random(rows) < propensity
    base = -0.6 + 0.9 * own + 0.4 * x[:, 0]
    known = {"propensity": propensity, "without": chance(base), "treated": chance(base + 0.3)}
    y = rng.random(rows) < chance(base + 0.3 * t)
    frame, names = table(x)
    frame = frame.assign(seller=[f"s{number:03d}" for number in seller], t=t * 1, y=y * 1)
    truth = truth_of(known["treated"] - known["without"], t)
    return StrangeWorld(frame=frame, covariates=(*names, "seller"), known=known, truth=truth)


def adoption(rows: int, seed: int) -> StrangeWorld:
    """Draw villages that adopt as a whole, by what their people are like, and share a shock."""
    return _villages(rows, seed, villages=VILLAGES, chosen=True)


def village_trial(rows: int, seed: int) -> StrangeWorld:
    """Draw half of six large villages by lot; people of a village share a shock."""
    return _villages(rows, seed, villages=FEW, chosen=False)


def _villages(rows: int, seed: int, *, villages: int, chosen: bool) -> StrangeWorld:
    rng = np.random.default_rng(seed)
    size = rng.uniform(0.5, 1.5, villages)
    village = rng.choice(villages, rows, p=size / size.sum())
    character, shock = rng.standard_normal(villages), 0.3 * rng.standard_normal(villages)
    order = 0.8 * character * chosen + rng.gumbel(size=villages)
    adopts = np.zeros(villages, dtype=bool)
    adopts[np.argsort(-order)[: villages // 2]] = True
    x = np.column_stack([character[village], rng.standard_normal(rows)])
    t = adopts[village]
    y = 0.3 * x[:, 0] + 0.5 * x[:, 1] + 0.5 * t + shock[village] + rng.standard_normal(rows)
    frame, names = table(x)
    frame = frame.assign(village=[f"v{number:02d}" for number in village], t=t * 1, y=y)
    return StrangeWorld(
        frame=frame,
        covariates=names if chosen else (),
        cluster="village",
        truth=truth_of(np.full(rows, 0.5), t),
        randomised=not chosen,
    )
