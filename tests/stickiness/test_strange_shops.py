"""In shops of other rules the chapter is right or withholds: what is to come, the cycle, the trend, money."""

from __future__ import annotations

import pytest

from helpers.segments import lifecycle
from helpers.stickiness import lifetime_value, order_value, repurchase, verdict
from market.strange import draw_shop

HABITS = ("season", "rising_pace", "left_truncated", "pauses", "heavy_baskets", "structureless")


def asked(make_shop, folder, name, *, customers, seed):
    world = draw_shop(name, customers=customers, seed=seed)
    return make_shop(dict(world.tables), folder=folder), world.truth


def forecasts(shop, truth):
    """Finding, interval and true value of what is to come; a withheld one has no interval."""
    found = {one.id: one for one in (*lifetime_value(shop).findings, *lifecycle(shop).findings)}
    for id in ("B9.purchases_to_come", "B9.buy_again", "C1.expected_orders"):
        value = truth[id]
        yield found[id], value if isinstance(value, float) else value[found[id].segment]


@pytest.mark.parametrize("name", HABITS)
def test_what_is_to_come_is_held_or_withheld(make_shop, tmp_path, name):
    shop, truth = asked(make_shop, tmp_path / name, name, customers=1_000, seed=2)
    for one, value in forecasts(shop, truth):
        assert one.status == "skipped" or one.low <= value <= one.high, one.reading


def test_unchanged_habits_are_not_called_changed_by_a_season(make_shop, tmp_path):
    shop, _ = asked(make_shop, tmp_path / "season", "season", customers=1_000, seed=3)
    change = {one.id: one for one in repurchase(shop, draws=60).findings}["B2.cycle_change_days"]
    assert change.verdict == "not settled"
    assert verdict(shop).word in ("flat", "not settled")


def test_money_without_a_mean_is_withheld(make_shop, tmp_path):
    shop, _ = asked(make_shop, tmp_path / "heavy", "heavy_baskets", customers=1_000, seed=1)
    assert {one.id: one.status for one in order_value(shop).findings} == {
        "B4.aov": "skipped",
        "B4.aov_capped": "answered",
        "B4.arpu_month": "skipped",
        "B4.arpu_capped": "answered",
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", HABITS)
def test_intervals_hold_the_truth_in_many_shops(make_shop, tmp_path, name):
    held, withheld = [], 0
    for seed in range(1, 21):
        shop, truth = asked(make_shop, tmp_path / str(seed), name, customers=1_000, seed=seed)
        for one, value in forecasts(shop, truth):
            withheld += one.status == "skipped"
            held += [] if one.status == "skipped" else [one.low <= value <= one.high]
    print(f"\n{name}: {sum(held)} of {len(held)} held, {withheld} withheld")
    assert sum(held) >= 0.85 * len(held)
