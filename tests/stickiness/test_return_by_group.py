"""Which groups of new customers come back: planted gaps are found, groups alike show none, few are pulled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report.release import hidden_rows
from helpers.stickiness import retention, return_by_group
from helpers.stickiness.b02_groups.groups import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

MONTHS, A_MONTH = 9, 120


def shop_of_groups(make_shop, *, seed, back, folder=None):
    """Each month new customers of as many channels as `back`; of each so many buy 30 days later.

    Their age bands say nothing; the category of the first order is that of the channel.
    """
    rng = np.random.default_rng(seed)
    many = MONTHS * A_MONTH
    channel = rng.integers(0, len(back), many)
    joined = pd.Timestamp("2024-01-01") + pd.to_timedelta(
        30.4 * (np.arange(many) // A_MONTH) + rng.random(many) * 20, unit="D"
    )
    ids = np.array([f"c{one}" for one in range(many)])
    again = rng.random(many) < np.array(back)[channel]
    orders = pd.DataFrame(
        {
            "customer_id": np.append(ids, ids[again]),
            "placed_at": np.append(joined, joined[again] + pd.Timedelta(days=30)),
            "item": np.append(channel, np.zeros(again.sum(), int)),
        }
    )
    orders["order_id"] = [f"o{one}" for one in range(len(orders))]
    lines = orders[["order_id"]].assign(
        line_number=1, item_id="i" + orders["item"].astype(str), quantity=1, unit_price_cents=500
    )
    tables = {
        "customers": pd.DataFrame(
            {
                "customer_id": ids,
                "joined_at": joined,
                "channel": np.array(["search", "advert", "friend", "live"])[channel],
                "age_band": rng.choice(["18-24", "25-34", "35-44"], many),
            }
        ),
        "items": pd.DataFrame(
            {"item_id": [f"i{one}" for one in range(4)], "category": ["hats", "socks", "tea", "ink"]}
        ),
        "orders": orders.drop(columns="item"),
        "order_lines": lines,
    }
    end = pd.Timestamp("2025-01-15")
    return make_shop(tables, folder=folder, as_of=end.to_pydatetime(), timezone="UTC")


def settled(answer):
    return {(one.id, one.segment) for one in answer.findings if one.verdict == "supported"}


def test_a_planted_gap_is_found_and_where_it_is_none_is_told(make_shop):
    answer = return_by_group(shop_of_groups(make_shop, seed=1, back=(0.2, 0.3, 0.45)))
    both = ("B2.next_month_spread", "B2.second_order_spread")
    assert settled(answer) == {(id, by) for id in both for by in ("channel", "first category")}
    found = {(one.id, one.segment): one for one in answer.findings}[("B2.second_order_spread", "channel")]
    truth = 100 * np.std([0.2, 0.3, 0.45], ddof=1)
    assert found.low < truth < found.high
    table = answer.table().set_index("group")
    assert table["back_days"].sum() == 3 * table.loc[table["by"] == "channel", "back_days"].sum()
    picture = answer.draw()
    assert picture.figure.get_suptitle().endswith("differs by channel and first category")


def test_groups_alike_seldom_differ(make_shop, tmp_path):
    shops = (
        shop_of_groups(make_shop, seed=seed, back=(0.3,) * 4, folder=tmp_path / str(seed))
        for seed in range(2, 8)
    )
    false = sum(bool(settled(return_by_group(shop))) for shop in shops)
    assert false <= 1, "of 6 shops at a rate of 5 %"


def test_all_groups_together_are_those_of_b1(make_shop):
    """The next month counts as in B1, over the cohorts that were watched for 90 days."""
    shop = shop_of_groups(make_shop, seed=3, back=(0.3, 0.3))
    table = return_by_group(shop, by="channel").table()
    cells = (
        retention(shop)
        .cells.query("months_since == 1")
        .merge(retention(shop).cells.query("months_since == 3")[["cohort_month"]], on="cohort_month")
    )
    assert (table["customers"].sum(), table["back_month"].sum()) == (
        cells["customers"].sum(), cells["active"].sum(),
    )  # fmt: skip


def test_few_stand_together_and_their_rows_are_hidden_where_they_must(make_shop):
    shop = shop_of_groups(make_shop, seed=4, back=(0.3, 0.3, 0.3))
    few = shop_of_groups(make_shop, seed=5, back=(0.3, 0.3))
    answer = return_by_group(few, by="channel")
    assert set(answer.table()["group"]) == {"search", "advert"}
    table = return_by_group(shop, by="city_tier, channel").table()
    assert set(table["by"]) == {"channel"}, "no customer has a city tier"
    unseen = table.attrs["unseen"]
    assert not hidden_rows(table, people="customers", counts=unseen, within="by").any()


@pytest.mark.parametrize(("back", "drawn"), [([0.99, 0.99], False), ([0.6, 0.7], True)])
def test_a_picture_of_groups_that_are_all_hidden_is_not_drawn(make_shop, back, drawn):
    """Nearly everybody comes back, so that each share tells of the few who do not."""
    found = return_by_group(shop_of_groups(make_shop, seed=1, back=back), by="channel")
    assert found.draws_released == drawn


def test_what_cannot_be_parted_is_said(make_shop, random_tables):
    shop = shop_of_groups(make_shop, seed=6, back=(0.3,))
    (found,) = return_by_group(shop, by="channel").findings
    assert "parts the" in found.reason
    with pytest.raises(ValueError, match="group_columns names 'shoe size'"):
        return_by_group(shop, by="shoe size")


def test_sentences_read_well():
    assert_every_block_is_declared(WORDS)
    for id in WORDS.registry:
        facts = {"column": ["age band"], "groups": [2, 12]}
        assert_truth_table(
            WORDS, id, facts=facts, verdicts=["supported", "not settled"],
            intervals={"above": (3.1, 1.8, 4.4)},
        )  # fmt: skip
