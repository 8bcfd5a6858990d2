"""What a coin can say of lists: known potential outcomes, unequal chances, and coins that were none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.recommend import arm_means, read_holdouts, uplift
from helpers.report import CannotAnswer
from tests.conftest import write_shop
from tests.market_runs import market_and_shop

NAMES = ("customers", "items", "orders", "order_lines", "holdouts")


def draw(seed: int, *, customers: int = 1_500) -> pd.DataFrame:
    """Places whose coin shows eager buyers more often: only its known chances undo that."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), 4)
    eager = (rng.random(customers) < 0.5)[who]
    policy = np.where(rng.random(len(who)) < 0.5, "bestseller", "nudge")
    withheld = np.where(policy == "nudge", 0.02, 0.20) + 0.2 * eager
    gain = np.where(policy == "nudge", 0.08, 0.01)
    chance = np.where(eager, 0.8, 0.3)
    shown = rng.random(len(who)) < chance
    bought = rng.random(len(who)) < withheld + gain * shown
    rows = {"customer_id": who, "policy": policy, "shown": shown, "shown_chance": chance}
    return pd.DataFrame({**rows, "bought": bought.astype(float), "eager": eager})


def test_the_known_effects_are_covered_and_the_naive_ones_are_not():
    covered, naive = [], []
    for seed in range(120):
        rows = draw(seed)
        means = arm_means(rows, outcome="bought")
        for name, truth in (("nudge", 0.08), ("bestseller", 0.01)):
            gain = means.combined(**uplift(name))
            covered.append(gain.low <= truth <= gain.high)
            plain = rows[rows["policy"] == name].groupby("shown")["bought"].mean()
            naive.append(gain.low <= plain[True] - plain[False] <= gain.high)
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(naive) < 0.4


def test_the_list_that_is_bought_most_is_not_the_one_that_causes_most():
    means = arm_means(draw(1, customers=4_000), outcome="bought")
    assert means.values["bestseller|shown"] > means.values["nudge|shown"] + 0.05
    assert means.combined(**uplift("nudge"), **uplift("bestseller", times=-1)).low > 0


def test_a_list_of_ones_own_is_judged_on_the_same_rows():
    rows = draw(2)
    own = arm_means(rows, outcome="bought", by=("policy", "eager"))
    assert own.values["nudge|True|shown"] > own.values["nudge|False|shown"]
    some = rows[rows["eager"] & (rows["policy"] == "nudge")]
    plain = some.groupby("shown")["bought"].mean()
    assert own.combined(**uplift("nudge|True")).estimate == pytest.approx(plain[True] - plain[False])


class TestReading:
    @pytest.fixture(scope="class")
    @classmethod
    def market(cls, tmp_path_factory):
        return market_and_shop(tmp_path_factory.mktemp("market"), customers=2_000, seed=5)

    def shop(self, market, folder, change):
        tables = {name: market[0].tables[name].to_pandas() for name in NAMES}
        tables["holdouts"] = change(tables["holdouts"])
        return write_shop(tables, folder, as_of=market[1].as_of)

    def test_groups_count_purchases_before_the_coin_and_money_is_in_whole_units(self, market):
        rows = read_holdouts(market[1])
        orders = market[0].tables["orders"].to_pandas().query("status != 'cancelled'")
        log = market[0].tables["holdouts"].to_pandas().merge(orders[["customer_id", "placed_at"]])
        before = log[log["placed_at"] < log["decided_at"]].groupby("holdout_id").size()
        found = rows.set_index("holdout_id")["group"].to_frame().assign(before=before)
        spans = found.groupby("group")["before"].agg(["min", "max"])
        assert spans.loc["first_order"].tolist() == [1, 1]
        assert spans.loc["few_orders"].tolist() == [2, 4]
        assert spans.loc["many_orders", "min"] == 5
        prices = market[0].tables["items"].to_pandas().set_index("item_id")["list_price_cents"] / 100
        sold = rows[rows["bought"] == 1]
        assert sold["money"].to_numpy() == pytest.approx(sold["item_id"].map(prices).to_numpy(float))
        assert (rows.loc[rows["bought"] == 0, "money"] == 0).all()

    def test_lost_rows_are_noticed(self, market, tmp_path):
        def lose(log):
            quiet = log.groupby("slate_id")["bought"].transform("any") | ~log["shown"]
            return log[quiet]

        with pytest.raises(CannotAnswer, match="rows were lost or the coin was not one"):
            read_holdouts(self.shop(market, tmp_path, lose))

    def test_a_list_never_withheld_cannot_be_judged(self, market, tmp_path):
        with pytest.raises(CannotAnswer, match="shown and withheld"):
            read_holdouts(self.shop(market, tmp_path, lambda log: log[log["shown"]]))
