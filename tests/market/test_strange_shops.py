"""Strange shops: drawn alike by a seed, loaded as anybody's tables are, and true to their own figures."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from helpers.data.load import load
from market.strange import SHOPS, draw_shop
from market.strange.policy_logs import draw_log

NAMES = pytest.mark.parametrize("name", list(SHOPS))


@NAMES
def test_the_same_seed_gives_the_same_shop_and_another_another(name):
    one, again, other = (draw_shop(name, customers=120, seed=seed) for seed in (1, 1, 2))
    for table, frame in one.tables.items():
        pd.testing.assert_frame_equal(frame, again.tables[table])
    assert one.truth == again.truth
    assert any(not frame.equals(other.tables[table]) for table, frame in one.tables.items())


@NAMES
def test_every_row_is_accepted(name, tmp_path):
    shop = draw_shop(name, customers=120)
    folder = shop.write(tmp_path / "shop")
    receipt = load(folder, out=tmp_path / "out")
    assert {table: one.accepted for table, one in receipt.tables.items()} == {
        table: len(frame) for table, frame in shop.tables.items()
    }
    assert json.loads((folder / "truth.json").read_text("utf-8")) == dict(shop.truth)


def test_a_name_that_is_none_is_an_error():
    with pytest.raises(KeyError, match="no shop 'utopia'"):
        draw_shop("utopia")


def test_a_policy_earns_what_the_truth_says():
    rows, truth = draw_log(20_000, 1)
    for policy, own in rows.groupby("policy"):
        by_customer = own.groupby("customer_id")["clicked"].agg(["sum", "size"])
        error = (by_customer["sum"] - truth[policy] * by_customer["size"]).std() * np.sqrt(len(by_customer))
        assert abs(own["clicked"].mean() - truth[policy]) < 4 * error / len(own)


def test_only_a_faulty_log_writes_down_other_chances():
    sound, lacking = (draw_log(2_000, 1, fault=fault)[0] for fault in ("", "lacks items"))
    shown = [set(rows.loc[rows["policy"] == "broad", "item_id"]) for rows in (sound, lacking)]
    assert (len(shown[0]), len(shown[1])) == (40, 36)
    wrong, slates = (draw_log(2_000, 1, fault=fault)[0] for fault in ("wrong chances", "slate chances"))
    for rows in (wrong, slates):
        assert rows["item_id"].equals(sound["item_id"])
        assert not rows["propensity"].equals(sound["propensity"])
