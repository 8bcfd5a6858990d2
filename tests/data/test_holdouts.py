"""Reading what a coin showed or withheld, and refusing coins that were none."""

from __future__ import annotations

import pytest

from helpers.data.holdouts import read_holdouts
from methods.errors import CannotAnswer
from tests.conftest import write_shop
from tests.market_runs import market_and_shop

NAMES = ("customers", "items", "orders", "order_lines", "holdouts")


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

    def test_who_had_bought_nothing_yet_is_not_of_one_purchase(self, market, tmp_path):
        log = market[0].tables["holdouts"].to_pandas()
        early = set(log["slate_id"].drop_duplicates().sort_values().iloc[::10])

        def before_all(log):
            first = market[0].tables["orders"].to_pandas()["placed_at"].min()
            return log.assign(decided_at=log["decided_at"].mask(log["slate_id"].isin(early), first))

        rows = read_holdouts(self.shop(market, tmp_path, before_all)).set_index("slate_id")
        assert set(rows.index[rows["group"] == "no_order"]) == early
        assert (rows.loc[sorted(early), "before"] == 0).all()

    def test_lost_rows_are_noticed(self, market, tmp_path):
        def lose(log):
            quiet = log.groupby("slate_id")["bought"].transform("any") | ~log["shown"]
            return log[quiet]

        with pytest.raises(CannotAnswer, match="rows were lost or the coin was not one"):
            read_holdouts(self.shop(market, tmp_path, lose))

    def test_a_list_never_withheld_cannot_be_judged(self, market, tmp_path):
        with pytest.raises(CannotAnswer, match="shown and withheld"):
            read_holdouts(self.shop(market, tmp_path, lambda log: log[log["shown"]]))
