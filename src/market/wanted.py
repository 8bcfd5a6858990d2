"""What a buyer came for: the item of a friend's post, a recommended one, or a faked order's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market import clicks, recommendations
from market.settings import stream
from market.world import brushing_now

if TYPE_CHECKING:
    from market.recommendations import Shelves
    from market.state import Log, State
    from market.world import World


def find_wanted(
    world: World,
    state: State,
    shelves: Shelves,
    log: Log,
    *,
    week: int,
    who: np.ndarray,
    day: np.ndarray,
    chance: np.ndarray,
    opens: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the item each buyer came for (-1: none) and the share that persuaded the buyer (-1: none).

    Clicks on posts are logged, of buyers and of others. chance, opens: each customer's chance of an order
    this week and the day from which it may come.
    """
    rng = stream(world.seed, "wanted", week)
    uniform = rng.random((3, len(who)))
    seen = clicks.look(world, state, who, uniform[:2], week)
    model = np.where(seen.persuades, seen.sender, -1)
    clicks.click(world, state, log, seen, week=week, who=who, day=day, chance=chance)
    wanted = np.where(model >= 0, state.shared_item[model], -1)
    source = np.where(wanted >= 0, state.shared_number[model], -1)
    if week >= recommendations.FIRST_WEEK:
        clicked, shown = _recommend(world, state, shelves, log, week, chance=chance, opens=opens)
        chance_taken = world.effects.persuasion * recommendations.TAKEN_PROBABILITY
        takes = (clicked[who] >= 0) & (shown[who] < day) & (uniform[2] < chance_taken)
        wanted, source = np.where(takes, clicked[who], wanted), np.where(takes, -1, source)
    fakes = brushing_now(world.people, week)[who]
    if fakes.any():
        brushed = np.flatnonzero(
            world.goods.brushing_seller[world.goods.seller] & (world.goods.launched_week <= 0)
        )
        wanted[fakes] = rng.choice(brushed, fakes.sum()) if len(brushed) else -1
        source[fakes] = -1
    return wanted, source


def _recommend(
    world: World,
    state: State,
    shelves: Shelves,
    log: Log,
    week: int,
    *,
    chance: np.ndarray,
    opens: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Show slates; return for every customer the item clicked (-1: none) and when it was shown."""
    rng = stream(world.seed, "slates", week)
    here = state.alive & (world.people.joined_week < week)
    visitors = np.flatnonzero(here & (rng.random(len(here)) < recommendations.SHOWN_PROBABILITY))
    slates = recommendations.show(
        shelves, visitors, state.last_category[visitors], world.taste[visitors], world.goods.category, rng
    )
    moment = 7.0 * week + slates.moment
    open_days = 7.0 - opens[visitors]
    later = (7.0 - np.maximum(slates.moment, opens[visitors])) / np.where(open_days > 0, open_days, 1.0)
    log.add(
        "slates",
        customer=visitors,
        favourite=slates.favourite,
        policy=slates.policy,
        day=moment,
        item=slates.item,
        propensity=slates.propensity,
        clicked=slates.clicked,
        chance=chance[visitors],
        buys_after=chance[visitors] * later,
    )
    clicked, shown = np.full(len(here), -1), np.zeros(len(here))
    some = slates.clicked.any(axis=1)
    place = slates.clicked.argmax(axis=1)
    clicked[visitors[some]] = slates.item[some, place[some]]
    shown[visitors] = moment
    return clicked, shown
