"""The world of a market, fixed before its first week, and the history that the weeks leave behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.goods import Goods
from market.network import Network
from market.people import People
from market.programmes import Programmes
from market.settings import CHANGE_WEEK, Change, Effects, Fraud
from market.state import State


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything fixed before the first week.

    circle_log: log likes of each circle. fraud: how well manipulation hides (none, easy, hard). forced_share:
    None, or what every index order must do (for tests).
    from_now_on: what is built at the end of the data, if anything: "group cashback" for everybody,
    "six asks" a week to share, or "no coupon" for likes any more.
    change: what is another from CHANGE_WEEK on, if anything: fewer orders, more shares, or lower prices.
    """

    people: People
    taste: np.ndarray
    network: Network
    goods: Goods
    programmes: Programmes
    circle_log: np.ndarray
    effects: Effects
    seed: int
    fraud: Fraud = "hard"
    forced_share: bool | None = None
    from_now_on: str = ""
    change: Change = ""

    def changed(self, what: Change, week: int) -> bool:
        """Whether this is what changed, and it has by this week."""
        return self.change == what and week >= CHANGE_WEEK


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened.

    log: columns by table. outside: kept week to the log rate apart from the own share and coupon.
    exposure: weeks of the share study and after to the friends' shares seen, weighted and capped.
    snapshots: week to the state at its start. tally: sums over customer-weeks for the truth. state: as the
    weeks ended, `weeks` of them.
    """

    log: dict[str, dict[str, np.ndarray]]
    outside: dict[int, np.ndarray]
    exposure: dict[int, np.ndarray]
    snapshots: dict[int, dict[str, np.ndarray]]
    alive: np.ndarray
    tally: dict[str, float]
    state: State
    weeks: int


def order_probability(log_rate: np.ndarray, fraction: np.ndarray | float) -> np.ndarray:
    """Return the chance of an order in a week of which `fraction` is open to the customer."""
    return -np.expm1(-np.exp(log_rate) * fraction)


def brushing_now(people: People, week: int) -> np.ndarray:
    """Say which accounts place faked orders this week: one in nine weeks, each in its own rhythm."""
    return people.brushing & ((np.arange(len(people)) + week) % 9 == 0)
