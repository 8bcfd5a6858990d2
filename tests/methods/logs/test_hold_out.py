"""What a coin can say of lists: known potential outcomes, unequal chances, and coins that were none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.errors import CannotAnswer
from methods.logs.hold_out import arm_means, check_coin, uplift_weights


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
            gain = means.combined(**uplift_weights(name))
            covered.append(gain.low <= truth <= gain.high)
            plain = rows[rows["policy"] == name].groupby("shown")["bought"].mean()
            naive.append(gain.low <= plain[True] - plain[False] <= gain.high)
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(naive) < 0.4


def test_the_list_that_is_bought_most_is_not_the_one_that_causes_most():
    means = arm_means(draw(1, customers=4_000), outcome="bought")
    assert means.values["bestseller|shown"] > means.values["nudge|shown"] + 0.05
    assert means.combined(**uplift_weights("nudge"), **uplift_weights("bestseller", times=-1)).low > 0


def test_a_list_of_ones_own_is_judged_on_the_same_rows():
    rows = draw(2)
    own = arm_means(rows, outcome="bought", by=("policy", "eager"))
    assert own.values["nudge|True|shown"] > own.values["nudge|False|shown"]
    some = rows[rows["eager"] & (rows["policy"] == "nudge")]
    plain = some.groupby("shown")["bought"].mean()
    assert own.combined(**uplift_weights("nudge|True")).estimate == pytest.approx(plain[True] - plain[False])


def tosses(seed: int, *, chance: np.ndarray | float = 0.5, lists: int = 2_000) -> pd.DataFrame:
    """One list a customer, of two kinds, with past purchases that nobody's coin should know."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"customer_id": np.arange(lists), "policy": np.where(rng.random(lists) < 0.5, "a", "b")}
    )
    frame["before"] = rng.poisson(2, lists)
    frame["group"] = np.where(frame["before"] > 2, "often", "seldom")
    frame["shown"] = rng.random(lists) < chance
    return frame.assign(shown_chance=0.5)


ASKED = {"by": ("policy", "group"), "history": "before"}


class TestCoin:
    def test_fair_coins_are_refused_at_most_at_the_alarms_rate(self):
        for seed in range(300):
            check_coin(tosses(seed), **ASKED)

    def test_unequal_chances_that_are_written_down_are_fair(self):
        lists = tosses(1)
        chance = np.where(lists["before"] > 2, 0.8, 0.2)
        shown = np.random.default_rng(2).random(len(lists)) < chance
        check_coin(lists.assign(shown=shown, shown_chance=chance), **ASKED)

    @pytest.mark.parametrize("declared", [True, False])
    def test_a_kind_of_list_shown_more_often_is_named(self, declared):
        lists = tosses(3)
        lists["shown"] = np.random.default_rng(4).random(len(lists)) < np.where(
            lists["policy"] == "a", 0.6, 0.4
        )
        lists["shown_chance"] = 0.5 if declared else lists["shown"].mean()
        with pytest.raises(CannotAnswer, match=r"lists \([ab]\) were shown"):
            check_coin(lists, declared=declared, **ASKED)

    def test_a_coin_that_knows_past_purchases_is_named(self):
        lists = tosses(5)
        lists["shown"] = np.random.default_rng(6).random(len(lists)) < 0.42 + 0.04 * lists["before"]
        with pytest.raises(CannotAnswer, match="purchases before"):
            check_coin(lists, by=("policy",), history="before")

    def test_one_toss_for_all_lists_of_a_customer_is_no_fault(self):
        """A toss decides forty lists: by rows as if independent it would look broken."""
        for seed in range(40):
            rng = np.random.default_rng(seed)
            lists = tosses(seed).assign(customer_id=np.arange(2_000) // 40)
            check_coin(lists.assign(shown=(rng.random(50) < 0.5)[lists["customer_id"]]), **ASKED)

    def test_too_few_lists_of_a_kind_are_refused(self):
        with pytest.raises(CannotAnswer, match="20 of each are needed"):
            check_coin(tosses(1, lists=60), **ASKED)
