"""The truth of the purchase path: where customers won by an advert drop out, given who ordered when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from market.events import KINDS, make_events
from market.people import CHANNELS, habit_to_clock
from market.settings import DAYS, SIZES
from market.world import History, World

WINDOW_DAYS, REPEAT_DAYS, ENTRY_DAYS = 14.0, 60.0, 90.0
_DRAWS, _FAR = 6, 1_000_000  # the visits are drawn anew so often, with seeds far from those of any market


def advert_truth(world: World, history: History) -> dict[str, dict[str, float]]:
    """Return the gap of those won by an advert to all others (pp) in going on from a view to a cart.

    The mean over visits drawn anew for the orders that happened. Not given above the demo's size.
    """
    if len(world.people) > SIZES["demo"]:
        return {}
    orders, lines, kind = history.log["orders"], history.log["lines"], world.people.type
    placed = orders | {"placed": habit_to_clock(orders["day"], kind[orders["customer"]])}
    joined = habit_to_clock(world.people.joined_day, kind)
    gaps = [
        _gap(replace(world, seed=world.seed + _FAR * (draw + 1)), placed, lines, joined)
        for draw in range(_DRAWS)
    ]
    return {"B8.view_to_cart": {"channel: advert": float(np.mean(gaps))}}


def _gap(world: World, orders: dict, lines: dict, joined: np.ndarray) -> float:
    events = pd.DataFrame(make_events(world, orders, lines, joined))
    end = DAYS - WINDOW_DAYS - REPEAT_DAYS
    visits = events[(events["kind"] == KINDS.index("visit")) & events["day"].between(end - ENTRY_DAYS, end)]
    visit = visits.groupby("customer")["day"].min()
    view = _first(events, "view", visit, visit)
    cart = _first(events, "cart", view, visit)
    went_on = view.index.isin(cart.index)
    won = world.people.channel[view.index] == CHANNELS.index("advert")
    return 100.0 * (went_on[won].mean() - went_on[~won].mean())


def _first(events: pd.DataFrame, kind: str, after: pd.Series, visit: pd.Series) -> pd.Series:
    rows = events[(events["kind"] == KINDS.index(kind)) & events["customer"].isin(after.index)]
    who = rows["customer"].to_numpy()
    day = rows["day"].to_numpy()
    due = (day >= after.loc[who].to_numpy()) & (day <= visit.loc[who].to_numpy() + WINDOW_DAYS)
    return rows[due].groupby("customer")["day"].min()
