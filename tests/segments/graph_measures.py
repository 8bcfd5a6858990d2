"""What the graph questions (C3 to C6) find in one market beside what was planted: rows for many markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from helpers.segments import circle_demand, circles, format_preference, opinion_leaders
from market.joins import join_chances
from market.reactions import audience
from market.settings import CATEGORIES
from market.simulate import build_world
from market.weeks import live
from methods.graphs.author_influence import expected_answers
from tests.market_runs import line


def measure(shop, market, seed: int) -> list[dict]:
    """Findings with their truth, and the precisions of lists; a row each."""
    groups = circles(shop, rewirings=3, seed=seed)
    leaders = opinion_leaders(shop, draws=5, seed=seed)
    forms = format_preference(shop, shuffles=19, seed=seed)
    rows = [line(finding, market.truth, seed) for answer in (groups, forms) for finding in answer.findings]
    customers = len(market.labels["customers"])
    world = build_world(customers, seed, market.effects)
    rows += influence_of_leaders(leaders, world, seed)
    rows += [_row(name, seed, value) for name, value in _lists(groups, leaders, market).items()]
    planted = demand_found(shop, groups, world, market, seed)
    return rows + [_row(name, seed, value) for name, value in planted.items()]


def _row(name: str, seed: int, value: float) -> dict:
    return {"finding": name, "seed": seed, "status": "measured", "estimate": float(value)}


def _lists(groups, leaders, market) -> dict[str, float]:
    """Adjusted Rand index of the circles, precision at 50 of lists of leaders."""
    truth = market.labels["customers"].set_index("customer_id")
    circle = truth["circle_after"].reindex(groups.members["customer_id"])
    best = set(truth["joins_expected"].nlargest(50).index)
    scores = leaders.evidence.scores
    precision = {
        f"precision {name}": len(best & set(scores[name].nlargest(50).index)) / 50 for name in scores
    }
    return {"adjusted Rand": adjusted_rand_score(circle, groups.members["circle"]), **precision}


def influence_of_leaders(leaders, world, seed: int) -> list[dict]:
    """The leaders' influence on later posts beside the chances that were at work."""
    history = live(world)
    shares = history.log["shares"]
    share, friend = audience(world.network, shares)
    chance = join_chances(world, shares, share, friend)
    true = pd.Series(chance, index=pd.MultiIndex.from_arrays([share, friend]))
    rows = leaders.evidence.later_seen
    rows = rows.assign(expected=expected_answers(rows))
    found = []
    most = leaders.evidence.scores["friends"].nlargest(len(leaders.leaders)).index
    for name, listed in (("C4.influence", leaders.leaders), ("C4.influence_most_friends", most)):
        these = rows[rows["author"].isin(listed)]
        key = pd.MultiIndex.from_arrays([these[side].str[1:].astype(int) for side in ("share_id", "friend")])
        finding = next((one for one in leaders.findings if one.id == name), None)
        if finding is not None:
            truth = {name: true.reindex(key).sum() / these["expected"].sum()}
            found.append(line(finding, truth, seed))
    return found


def demand_found(shop, groups, world, market, seed: int) -> dict[str, float]:
    """Share of called pairs that are planted, of strong planted pairs that are called, and false calls."""
    answer = circle_demand(shop, groups, seed=seed)
    place = pd.Series(np.arange(len(world.people)), index=market.labels["customers"]["customer_id"])
    own = pd.DataFrame(world.taste[place[groups.members["customer_id"]]], columns=CATEGORIES)
    ratio = (own.groupby(groups.members["circle"].to_numpy()).mean() / own.mean()).stack()
    cells = answer.cells.set_index(["circle", "category"])
    true = ratio.reindex(cells.index)
    called = cells["beyond_chance"]
    members = groups.members.copy()
    members["circle"] = np.random.default_rng(seed).permutation(members["circle"])
    nothing = circle_demand(shop, replace(groups, members=members), seed=seed)
    return {
        "demand precision": (true[called] > 1).mean(),
        "demand recall": called[true > 2].mean(),
        "demand called": called.sum(),
        "demand called where there is none": nothing.cells["beyond_chance"].sum(),
        "alike covers 1 where there is none": nothing.alike.low <= 1 <= nothing.alike.high,
    }
