"""What a simulation may turn: numbers of the shop, and the levers by which an incentive differs from none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class ShopNumbers(Result):
    """Numbers that hold for every incentive; each is one number a draw, float (draws,).

    orders: on the log of the order rate. shares: on the log odds of sharing. likes: on the log of likes.
    joins: joins per friend who sees a share. coupons: log odds that an order uses a coupon.
    leaving: on the log of the chance of leaving. share_effect: of an own share, on the log of the rate for 13
    weeks. sight_effect: of a friend's share of the last 4 weeks, at most 3 count. unwelcome: chance that
    an ask is unwelcome. turns_away: chance that an unwelcome ask loses the customer. ends_tie: that it ends
    the tie. tiredness: on the log of the rate, per ask. half_life: weeks until half of it is gone.
    """

    orders: ArrayLike = 0.0
    shares: ArrayLike = 0.0
    likes: ArrayLike = 0.0
    joins: ArrayLike = 0.0
    coupons: ArrayLike = -30.0
    leaving: ArrayLike = 0.0
    share_effect: ArrayLike = 0.0
    sight_effect: ArrayLike = 0.0
    unwelcome: ArrayLike = 0.0
    turns_away: ArrayLike = 0.0
    ends_tie: ArrayLike = 0.0
    tiredness: ArrayLike = 0.0
    half_life: ArrayLike = 4.0

    def draws(self) -> int:
        """How many draws there are."""
        return max(np.size(getattr(self, each.name)) for each in fields(self))

    def of(self, draw: int) -> dict[str, float]:
        """The numbers of one draw."""
        return {
            each.name: float(np.ravel(getattr(self, each.name))[draw % np.size(getattr(self, each.name))])
            for each in fields(self)
        }


@dataclass(frozen=True, kw_only=True)
class Levers(Result):
    """How each incentive differs from none; each is float (draws, incentives), 0 where it does not.

    orders: on the log of everybody's order rate. shares: on the log odds of sharing an order. asks: friends
    asked by name for each share. asked: on the log of the rate of who was asked, for 2 weeks. earned: on
    the log of the rate of who earned the reward, for 8 weeks. at_likes: likes that earn it (0: none).
    at_helpers: friends of those asked who must help to earn it (0: none). helps: chance that an asked
    friend helps. pay_order: part of the value of every order that is paid back. pay_asker: part of the
    value of an asked friend's order that the asker gets. pay_earned: paid once for a reward, in order
    values, when it is used. level_shares: on the log odds of sharing, per level. odds: float (draws,
    incentives, levels), chance that a share wins pay_earned, by the sharer's level. steps: (incentives,
    levels − 1), experience from which the next level begins; a share counts 1, an asked friend's order
    `friend_counts`.
    """

    orders: ArrayLike = 0.0
    shares: ArrayLike = 0.0
    asks: ArrayLike = 0.0
    asked: ArrayLike = 0.0
    earned: ArrayLike = 0.0
    at_likes: ArrayLike = 0.0
    at_helpers: ArrayLike = 0.0
    helps: ArrayLike = 0.0
    pay_order: ArrayLike = 0.0
    pay_asker: ArrayLike = 0.0
    pay_earned: ArrayLike = 0.0
    level_shares: ArrayLike = 0.0
    friend_counts: ArrayLike = 0.0
    odds: NDArray[np.float64] | None = field(default=None, repr=False)
    steps: NDArray[np.float64] | None = field(default=None, repr=False)

    def of(self, draw: int, incentives: int) -> dict[str, NDArray[np.float32]]:
        """The levers of one draw, one column of so many incentives each."""
        found = {}
        for each in fields(self):
            if each.name in ("odds", "steps"):
                continue
            value = np.atleast_2d(np.asarray(getattr(self, each.name), dtype=float))
            row = np.broadcast_to(value[draw % len(value)], (incentives,))
            found[each.name] = row.astype(np.float32)[:, None]
        return found

    def odds_of(self, draw: int) -> NDArray[np.float64] | None:
        """The chance to win by incentive and level in one draw; None where nothing is drawn by lot."""
        return None if self.odds is None else self.odds[draw % len(self.odds)]


def levers_of(rows: Mapping[str, Mapping[str, ArrayLike]], **tables: NDArray[np.float64]) -> Levers:
    """Return the levers of named incentives side by side.

    rows: incentive to its levers, each a number or float (draws,); a lever that is not named is 0.
    tables: `odds` and `steps`.

    >>> levers_of({"none": {}, "cashback": {"orders": 0.2}}).orders.tolist()
    [[0.0, 0.2]]
    """
    names = {each.name for each in fields(Levers)} - {"odds", "steps"}
    unknown = sorted({lever for row in rows.values() for lever in row} - names)
    if unknown:
        raise ValueError(f"there is no lever {unknown[0]!r}; there are {', '.join(sorted(names))}")
    draws = max((np.size(value) for row in rows.values() for value in row.values()), default=1)
    found = {
        name: np.column_stack(
            [np.broadcast_to(np.ravel(row.get(name, 0.0)), (draws,)) for row in rows.values()]
        )
        for name in names
    }
    return Levers(**found, **tables)
