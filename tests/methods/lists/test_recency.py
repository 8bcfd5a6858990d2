"""Time-aware lists: fading by hand, and fashion and taste each served where they decide."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from market.strange import draw_shop
from market.strange.shop_world import FIRST_DAY
from methods.lists.ease import Ease
from methods.lists.item_knn import ItemNeighbours
from methods.lists.lists_for_all import RecentlyPopular
from methods.lists.model_comparison import candidate_models, choose, compare_models
from methods.lists.purchases import Purchases
from methods.lists.recency import Faded, TrendAndTaste, dated, faded
from methods.lists.split import split_at, split_at_random


def purchases_of(world: str, seed: int) -> Purchases:
    tables = draw_shop(world, seed=seed).tables
    rows = tables["order_lines"].merge(tables["orders"], on="order_id")
    customers, items = tables["customers"]["customer_id"].to_numpy(), tables["items"]["item_id"].to_numpy()
    frame = pd.DataFrame({"customer": np.searchsorted(customers, rows["customer_id"])})
    frame["item"] = np.searchsorted(items, rows["item_id"])
    frame["placed_at"] = rows["placed_at"].to_numpy()
    nothing = np.full(len(items), None)
    return Purchases(rows=frame, customers=customers, items=items, sellers=nothing, categories=nothing)


def compared(world: str, seed: int):
    bought, end = purchases_of(world, seed), FIRST_DAY + dt.timedelta(days=420)
    split = split_at(bought, cut_at=end - dt.timedelta(days=56), end_at=end)
    return compare_models(bought, split, seed=seed, tell=lambda line: None)


def served(comparison) -> dict[str, float]:
    return {entry.key: 100 * entry.measures["hit_rate"].mean() for entry in comparison.entries}


def test_where_fashion_decides_taste_loses_and_the_blend_does_not():
    for seed in (1, 2):
        comparison = compared("fast_fashion", seed)
        rate = served(comparison)
        assert comparison.best_for_all.key == "recent"
        assert comparison.best_personal.key == "trend"
        assert rate["recent"] - max(rate[key] for key in ("neighbours", "ease", "als")) > 5
        assert rate["trend"] > rate["recent"] - 2


def test_where_taste_decides_fading_taste_and_the_blend_beat_the_best_list_for_all():
    rate = served(compared("lasting_taste", 1))
    assert min(rate["neighbours"], rate["trend"]) > rate["recent"] + 8
    assert rate["neighbours"] > rate["als"] + 5


DAYS = csr_array(np.array([[9, 90, 0, 0], [9, 0, 90, 0], [0, 9, 0, 2], [30, 60, 90, 2]], np.float32))
BOUGHT = csr_array((DAYS > 0).astype(np.float32))


def test_a_purchase_loses_half_its_weight_a_half_life():
    found = faded(BOUGHT, DAYS, half_life_days=30).toarray()
    assert found[3].tolist() == pytest.approx([0.5, 0.25, 0.125, 0.5 ** (2 / 30)])
    assert ((found > 0) == (BOUGHT.toarray() > 0)).all()


@pytest.mark.parametrize("model", [ItemNeighbours(shrink=5.0), Ease(l2=10.0)])
def test_a_very_long_half_life_is_the_model_itself(model):
    who = np.arange(4)
    plain = model.fit(BOUGHT).scores(who)
    slow = Faded(model=model, days_ago=DAYS, half_life_days=1e9)
    assert slow.fit(BOUGHT).scores(who) == pytest.approx(plain, rel=1e-4)
    assert (slow.key, slow.label, slow.personal) == (model.key, model.label, model.personal)


def test_purchases_without_days_are_an_error():
    with pytest.raises(ValueError, match="days_ago lacks purchases"):
        faded(csr_array(np.ones((4, 4), np.float32)), DAYS, half_life_days=30)


def test_whoever_is_hardly_known_gets_the_best_sellers_of_late():
    model = TrendAndTaste(taste=ItemNeighbours(), days_ago=DAYS, window_days=10, weight=1.0)
    fitted = model.fit(BOUGHT)
    trend = RecentlyPopular(days_ago=DAYS, window_days=10).fit(BOUGHT).scores(np.arange(4))
    assert fitted.scores(np.arange(3)) == pytest.approx(trend[:3] / 2)
    assert (fitted.scores(np.array([3])) > trend[3] / 2).any()


def test_other_purchases_bring_their_own_days_or_none():
    model = Faded(model=ItemNeighbours(), days_ago=DAYS)
    assert dated(model, DAYS[:, :2]).days_ago.shape == (4, 2)
    assert dated(model, None) == ItemNeighbours()
    assert dated(Ease(), DAYS) == Ease()


def test_without_times_nothing_fades():
    bought = purchases_of("lasting_taste", 1)
    split = split_at_random(bought, share=0.1, seed=1)
    models = [model for family in candidate_models(bought, split, seed=1) for model in family]
    assert not any(isinstance(model, Faded | TrendAndTaste) for model in models)
    assert all(len(family) <= 4 for family in candidate_models(bought, split, seed=1))


def test_luck_in_one_window_does_not_trade_the_modest_setting_away():
    rng = np.random.default_rng(1)
    modest = rng.random(400)
    lucky, better = modest + rng.normal(0.005, 0.1, 400), modest + rng.normal(0.1, 0.1, 400)
    assert choose([modest, lucky], cautious=True) == 0
    assert choose([modest, lucky], cautious=False) == int(lucky.mean() > modest.mean())
    assert choose([modest, lucky, better], cautious=True) == 2
