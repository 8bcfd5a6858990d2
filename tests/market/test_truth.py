"""The truth is what happens when one intervenes: it is compared with markets that were really lived."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.report import registry
from market.settings import Effects
from market.simulate import build_world, simulate
from market.truth import find_truth, share_outcomes
from market.truth_programmes import reply_chance
from market.weeks import live
from tests.market_runs import numbers_of

CUSTOMERS = 4_000


def bought_again(history) -> np.ndarray:
    """Return, for each index customer, whether a purchase fell into (index + 2 days, index + 92 days]."""
    index, orders = history.log["index"], history.log["orders"]
    place = np.full(index["customer"].max() + 1 if len(index["customer"]) else 1, -1)
    place[index["customer"]] = np.arange(len(index["customer"]))
    known = orders["customer"] < len(place)
    row = np.where(known, place[np.where(known, orders["customer"], 0)], -1)
    kept = (row >= 0) & ~orders["cancelled"]
    wait = orders["day"][kept] - index["day"][row[kept]]
    again = np.zeros(len(index["customer"]), bool)
    again[row[kept][(wait >= 2.0 - 1e-9) & (wait <= 92.0)]] = True
    return again


def distance(pairs: list[tuple[float, float]]) -> float:
    """Return the mean difference of lived and true values in standard errors over markets."""
    gap = np.array([lived - true for lived, true in pairs])
    return float(gap.mean() / (gap.std(ddof=1) / np.sqrt(len(gap))))


def test_potential_outcomes_match_markets_in_which_everybody_or_nobody_shares():
    """Friends and replies are switched off here: a whole market that shares would move them too."""
    levels: dict[bool, list] = {True: [], False: []}
    effects = replace(Effects(), spillover=0.0, reply=0.0, share=0.35)
    for seed in range(12):
        world = build_world(CUSTOMERS, seed, effects)
        for forced in (True, False):
            history = live(replace(world, forced_share=forced))
            outcomes = share_outcomes(world, history)
            true = outcomes["shared" if forced else "not_shared"].mean()
            levels[forced].append((bought_again(history).mean(), true))
    gains = [(yes[0] - no[0], yes[1] - no[1]) for yes, no in zip(levels[True], levels[False], strict=True)]
    assert abs(distance(levels[True])) < 3.5
    assert abs(distance(levels[False])) < 3.5
    assert abs(distance(gains)) < 3.5
    assert np.mean(gains, axis=0) == pytest.approx([0.095, 0.095], abs=0.015)


def test_outcomes_as_they_happened_match_the_arm_that_happened():
    pairs, replies = [], []
    for seed in range(20, 32):
        world = build_world(CUSTOMERS, seed)
        history = live(world)
        outcomes = share_outcomes(world, history)
        chance = np.where(history.log["index"]["shared"], outcomes["shared"], outcomes["not_shared"])
        pairs.append((bought_again(history).mean(), chance.mean()))
        replies.append(commenters(world, history))
    assert abs(distance(pairs)) < 3.5
    assert abs(distance(replies)) < 3.5


def commenters(world, history) -> tuple[float, float]:
    """Return the lived and the true share of replied comments whose author bought in the six weeks after."""
    comments, orders = history.log["comments"], history.log["orders"]
    rows = comments["replied"] & (comments["week"] >= 48) & (comments["week"] <= 71)
    these = {name: values[rows] for name, values in comments.items()}
    kept = ~orders["cancelled"]
    weeks = np.zeros((len(world.people), 80), bool)
    weeks[orders["customer"][kept], orders["week"][kept]] = True
    lived = [weeks[a, w + 1 : w + 7].any() for a, w in zip(these["author"], these["week"], strict=True)]
    return float(np.mean(lived)), float(reply_chance(world, history, these, replied=True).mean())


def test_randomised_tests_show_their_truth():
    """Over many markets the difference between the arms is the truth, up to chance."""
    cashback, try_first, prompt = [], [], []
    for seed in range(40, 50):
        world = build_world(CUSTOMERS, seed, replace(Effects(), cashback=0.6, try_first=0.5))
        history = live(world)
        truth, _ = find_truth(world, history)
        plans, joined = world.programmes, world.people.joined_week
        buys = bought_between(history, 36, len(world.people))
        here = joined < 36
        cashback.append((gap(buys, plans.cashback, here), truth["A5.cashback_uplift"] / 100))
        buys = bought_between(history, 48, len(world.people))
        recent = history.snapshots[48]["last_day"] >= 7 * 22
        try_first.append((gap(buys, plans.try_first, recent), truth["A9.offer_uplift"]["try_first"] / 100))
        index = history.log["index"]
        everybody = np.ones(len(index["shared"]), bool)
        prompt.append((gap(index["shared"], index["prompted"], everybody), truth["A2.first_stage"] / 100))
    for pairs in (cashback, try_first, prompt):
        assert abs(distance(pairs)) < 3.5


def bought_between(history, week: int, customers: int) -> np.ndarray:
    orders = history.log["orders"]
    kept = ~orders["cancelled"] & (orders["week"] >= week) & (orders["week"] < week + 8)
    return np.bincount(orders["customer"][kept], minlength=customers) > 0


def gap(outcome: np.ndarray, arm: np.ndarray, among: np.ndarray) -> float:
    return float(outcome[among & arm].mean() - outcome[among & ~arm].mean())


def test_the_null_market_has_no_effects_but_keeps_the_selection():
    truth = simulate(customers=2_000, seed=5, effects=Effects.none()).truth
    kept = {
        "A1.self_selection", "A1.raw_gap", "A1.raw_gap_relative", "A1.common_ground", "A2.sample_ratio",
        "A2.first_stage", "A4.bunching", "A6.raw_gap", "A6.who_is_answered",
        "A5.sample_ratio", "A9.sample_ratio", "A9.sample_ratio: try_first",
    }  # fmt: skip
    assert truth["A1.e_value"] == pytest.approx(1.0)
    # B8, B9, C and invitations describe customers, D what lists are worth, E3 sellers; plans are no effects.
    # Asks move shares, which are worth something, and what leavers say.
    others = ("A1.e_value", "A12.", "B8.", "B9.", "B10.without", "C", "D", "E3.")
    others += ("E2.shares", "E2.net_value", "E2.turning_point", "E2.reason_named")
    others += ("F6.viral", "F6.multiplier", "F6.generation", "A5.sample_ratio", "A9.sample_ratio")
    effects = {name: value for name, value in numbers_of(truth).items() if name not in kept}
    effects = {name: value for name, value in effects.items() if not name.startswith(others)}
    assert effects
    assert max(abs(value) for value in effects.values()) < 1e-9
    assert truth["A1.self_selection"] > 5
    assert truth["A2.first_stage"] > 10


def test_complier_effect_is_intention_to_treat_over_first_stage():
    truth = simulate(customers=2_000, seed=6).truth
    assert truth["A2.complier_effect"] == pytest.approx(
        100 * truth["A2.intention_to_treat"] / truth["A2.first_stage"], rel=1e-9
    )


def test_policies_click_as_their_value_says():
    world = build_world(20_000, 7)
    history = live(world)
    truth, _ = find_truth(world, history)
    slates = history.log["slates"]
    value = truth["D5.value"]
    for number, name in enumerate(("popular", "personal")):
        clicked = slates["clicked"][slates["policy"] == number]
        error = 100 * clicked.std() / np.sqrt(clicked.size)
        assert 100 * clicked.mean() == pytest.approx(value[name], abs=4 * error)
    assert value["personal"] > value["popular"]


@pytest.mark.slow
def test_the_naive_gap_is_calibrated(capsys):
    """Prints the calibration table: the gap people quote beside what sharing really does."""
    rows = []
    for seed in range(1, 13):
        world = build_world(20_000, seed)
        history = live(world)
        outcomes, did = share_outcomes(world, history), history.log["index"]["shared"]
        again = bought_again(history)
        naive = 100 * (again[did].mean() / again[~did].mean() - 1)
        true = 100 * (outcomes["shared"].mean() / outcomes["not_shared"].mean() - 1)
        rows.append((seed, len(did), 100 * did.mean(), naive, true))
    with capsys.disabled():
        print("\nseed  index n  shared %  naive gap %  true uplift %")
        print("\n".join(f"{s:4d}  {n:7d}  {p:8.1f}  {a:11.1f}  {t:13.1f}" for s, n, p, a, t in rows))
    table = np.array(rows)
    assert 34 <= table[:, 3].mean() <= 40
    assert (np.abs(table[:, 4] - 8.5) < 3.5).all()
    assert ((table[:, 1] > 6_000) & (table[:, 1] < 11_000)).all()
    assert ((table[:, 2] > 25) & (table[:, 2] < 40)).all()


def test_every_truth_is_that_of_a_declared_finding():
    unknown = set(simulate(customers=400, seed=3).truth) - set(registry())
    assert not unknown, "a truth that no registry names belongs to no finding"
