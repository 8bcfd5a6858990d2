"""Sharing depends on nothing that the customer panel does not show: worked out again from the panel."""

from __future__ import annotations

import datetime as dt

import numpy as np

from helpers.data.panel import customer_panel, index_orders
from market import sharing
from market.columns import Ids
from market.settings import AS_OF_UTC, Effects
from market.simulate import build_world, simulate

CUSTOMERS, SEED = 2_000, 3


def test_the_panel_gives_every_customers_chance_of_sharing_exactly(make_shop):
    # Faked orders stand in the tables and in nobody's habits.
    market = simulate(customers=CUSTOMERS, seed=SEED, fraud="none")
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    shop = make_shop(tables, as_of=AS_OF_UTC)
    start, end = AS_OF_UTC - dt.timedelta(days=148), AS_OF_UTC - dt.timedelta(days=92)
    index = index_orders(shop, start=start, end=end)
    panel = customer_panel(shop, index, landmark_hours=48, outcome_days=90).execute().set_index("customer_id")
    study = market.labels["share_study"].set_index("customer_id")
    assert set(panel.index) == set(study.index)
    panel = panel.loc[study.index]
    known = sharing.Known(
        orders_before=panel.orders_before.to_numpy(dtype=float),
        shares_before=panel.shares_before.to_numpy(dtype=float),
        friends=panel.friends.to_numpy(dtype=float),
        tenure_days=panel.tenure_days.to_numpy(dtype=float),
        lipstick=(panel.index_category == "口红").to_numpy(dtype=bool),
    )
    people = build_world(CUSTOMERS, SEED).people
    number = {name: n for n, name in enumerate(Ids("c", CUSTOMERS).text.to_pylist())}
    who = np.array([number[name] for name in study.index])
    arm = tables["experiments"].query("experiment == 'share_prompt'").set_index("customer_id").arm
    prompted = (arm.loc[study.index] == "prompt").to_numpy()
    logit = sharing.share_logit(known, people, who) + Effects().prompt * prompted
    np.testing.assert_allclose(sharing.share_chance(logit), study.propensity, atol=1e-12)
    would = np.where(prompted, study.shares_if_prompted, study.shares_if_not_prompted)
    assert (panel.shared.to_numpy(dtype=bool) == would).all()


def test_shares_raise_the_rate_more_for_lipstick_and_newcomers():
    def factor(lipstick: bool, orders: int) -> float:
        one = np.array([1.0])
        known = sharing.Known(
            orders_before=one * orders,
            shares_before=one,
            friends=one,
            tenure_days=one,
            lipstick=np.array([lipstick]),
        )
        return float(sharing.share_factor(known)[0])

    assert factor(True, 0) > factor(True, 9) > factor(False, 9)
    assert factor(False, 0) > factor(False, 9) > 0
