"""What a buyer came for: the item of a friend's post, a recommended one, or a faked order's."""

from __future__ import annotations

import numpy as np

from helpers.data.market import recommendations
from helpers.data.market.settings import stream
from helpers.data.market.world import brushing_now


def find_wanted(world, state, shelves, log, *, week, who, day) -> tuple[np.ndarray, np.ndarray]:
    """Return the item each buyer came for (-1: none) and the share that persuaded the buyer (-1: none)."""
    rng = stream(world.seed, "wanted", week)
    uniform = rng.random((3, len(who)))
    friend = world.network.one_friend(who, uniform[0], week)
    stranger = (uniform[0] * len(world.people)).astype(np.int64)
    model = np.where(uniform[1] < 0.14, friend, np.where(uniform[1] > 0.97, stranger, -1))
    model = np.where(model == who, -1, model)
    wanted = np.where(model >= 0, state.shared_item[model], -1)
    source = np.where(wanted >= 0, state.shared_number[model], -1)
    if week >= recommendations.FIRST_WEEK:
        clicked, shown = _recommend(world, state, shelves, log, week)
        takes = (clicked[who] >= 0) & (shown[who] < day) & (uniform[2] < 0.4)
        wanted, source = np.where(takes, clicked[who], wanted), np.where(takes, -1, source)
    fakes = brushing_now(world.people, week)[who]
    if fakes.any():
        brushed = np.flatnonzero(
            world.goods.brushing_seller[world.goods.seller] & (world.goods.launched_week <= 0)
        )
        wanted[fakes] = rng.choice(brushed, fakes.sum()) if len(brushed) else -1
        source[fakes] = -1
    return wanted, source


def _recommend(world, state, shelves, log, week) -> tuple[np.ndarray, np.ndarray]:
    """Show slates; return for every customer the item clicked (-1: none) and when it was shown."""
    rng = stream(world.seed, "slates", week)
    here = state.alive & (world.people.joined_week < week)
    visitors = np.flatnonzero(here & (rng.random(len(here)) < recommendations.SHOWN_PROBABILITY))
    slates = recommendations.show(
        shelves, visitors, state.last_category[visitors], world.taste[visitors], world.goods.category, rng
    )
    moment = 7.0 * week + slates.moment
    log.add(
        "slates", customer=visitors, favourite=slates.favourite, policy=slates.policy, day=moment,
        item=slates.item, propensity=slates.propensity, clicked=slates.clicked,
    )  # fmt: skip
    clicked, shown = np.full(len(here), -1), np.zeros(len(here))
    some = slates.clicked.any(axis=1)
    place = slates.clicked.argmax(axis=1)
    clicked[visitors[some]] = slates.item[some, place[some]]
    shown[visitors] = moment
    return clicked, shown
