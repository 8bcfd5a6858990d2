"""The simulator of incentives: 20,000 customers × 26 weeks × 200 draws × 5 incentives beside none."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

LIBRARIES = ("methods.simulate", "methods.decisions")
CUSTOMERS, TIES, WEEKS, DRAWS = 20_000, 80_000, 26, 200


def simulate_incentives(folder: Path, customers: int) -> float:
    """All draws of all incentives, then what each unknown number is worth (target: 60 CPU s)."""
    from methods.decisions import value_of_knowing
    from methods.simulate import Population, ShopNumbers, as_ties, levers_of, simulate_weeks, sobol

    rng = np.random.default_rng(1)
    ends = np.sort(rng.integers(0, CUSTOMERS, (TIES, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    even = np.ones(CUSTOMERS)
    population = Population(
        shape=1.2 * even, pace=20 * even, here=0.6 * even, leaving=0.1 * even, share_chance=0.22 * even,
        likes=8 * even, circle=np.arange(CUSTOMERS) // 40, ties=as_ties(ends, CUSTOMERS),
    )  # fmt: skip
    unknown = sobol([-0.1, 0.0, 0.1, 0.0], [0.1, 0.4, 0.5, 0.1], DRAWS)
    odds = np.zeros((1, 6, 3))
    odds[0, 5] = [0.01, 0.05, 0.2]
    steps = np.full((6, 2), np.inf)
    steps[5] = [3, 8]
    levers = levers_of(
        {
            "none": {},
            "cashback": {"orders": unknown[:, 1], "pay_order": 0.1},
            "coupon": {"at_likes": 20, "earned": 0.6, "pay_earned": 0.2},
            "bargain": {"asks": 5, "at_helpers": 3, "helps": 0.4, "earned": 0.5, "pay_earned": 0.3},
            "commission": {"asks": 3, "asked": 0.5, "pay_asker": 0.1, "shares": 0.5},
            "levels": {"asks": 1, "level_shares": 0.1, "friend_counts": 1, "pay_earned": 0.5},
        },
        odds=odds,
        steps=steps,
    )
    shop = ShopNumbers(
        orders=unknown[:, 0], unwelcome=unknown[:, 2], tiredness=unknown[:, 3],
        share_effect=0.1, sight_effect=0.05, turns_away=0.01, ends_tie=0.05,
    )  # fmt: skip
    clock = time.process_time()
    found = simulate_weeks(population, shop, levers, incentives=6, weeks=WEEKS)
    worth = 0.3 * found["orders"] - found["paid"]
    told = value_of_knowing(worth, unknown, names=["orders", "cashback", "unwelcome", "tiredness"])
    used = time.process_time() - clock
    print(f"{DRAWS} draws of 6 in {used:.1f} CPU s; worth knowing first: {told.numbers['number'][0]}")
    return used


STAGES = (simulate_incentives,)
