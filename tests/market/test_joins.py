"""Joins follow influence and taste as planted, and come after their post."""

import numpy as np

from market import simulate


def test_joins_come_as_often_as_expected_and_go_with_influence():
    market = simulate(customers=4_000, seed=2)
    reactions = market.tables["reactions"].to_pandas()
    shares = market.tables["shares"].to_pandas().set_index("share_id")
    joins = reactions[reactions["kind"] == "join"]
    posts = shares.loc[joins["share_id"]]
    assert (joins["posted_at"].to_numpy() >= posts["posted_at"].to_numpy()).all()
    assert (joins["customer_id"].to_numpy() != posts["customer_id"].to_numpy()).all()
    people = market.labels["customers"].set_index("customer_id")
    received = posts["customer_id"].value_counts().reindex(people.index, fill_value=0)
    expected = people["joins_expected"]
    assert abs(received.sum() - expected.sum()) < 5 * np.sqrt(expected.sum())
    posts_made = shares["customer_id"].value_counts().reindex(people.index, fill_value=0)
    high = people["influence"] > people["influence"].median()
    rates = [(received[group].sum() / posts_made[group].sum()) for group in (high, ~high)]
    assert rates[0] > 2 * rates[1]
