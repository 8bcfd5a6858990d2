"""Lifecycle tiers by rules that can be read: new, active, silent, lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count
from methods.result import Result

TIERS = ("new", "active", "silent", "lost", "no order yet")


@dataclass(frozen=True, kw_only=True)
class TierRules(Result):
    """Where one tier ends and the next begins.

    new_days: a customer is new for so many days after the first purchase.
    silent_after_cycles, lost_after_cycles: own purchase cycles without a purchase after which a customer is
    silent, and lost. Who buys at random at a steady pace waits longer than 2 cycles in 14 % of cases and
    longer than 4 in 2 %.
    habit_weight: how many gaps of the shop's typical length are added to the customer's own, so that one
    quick return does not make a short cycle.

    >>> TierRules().scaled(2.0).new_days
    60
    """

    new_days: int = 30
    silent_after_cycles: float = 2.0
    lost_after_cycles: float = 4.0
    habit_weight: float = 2.0

    def __post_init__(self) -> None:
        if self.new_days < 0 or self.habit_weight <= 0:
            raise ValueError(
                f"new_days {self.new_days} and habit_weight {self.habit_weight}: give days from 0 and a "
                "weight above 0"
            )
        if not 0 < self.silent_after_cycles < self.lost_after_cycles:
            raise ValueError(
                f"silent after {self.silent_after_cycles} and lost after "
                f"{count(self.lost_after_cycles, 'cycle')}: "
                "the first must be above 0 and below the second"
            )

    def scaled(self, factor: float) -> TierRules:
        """Return the rules with all thresholds longer or shorter by a factor."""
        return TierRules(
            new_days=round(self.new_days * factor),
            silent_after_cycles=self.silent_after_cycles * factor,
            lost_after_cycles=self.lost_after_cycles * factor,
            habit_weight=self.habit_weight,
        )

    def words(self) -> dict[str, str]:
        """Return each tier's rule in plain words."""
        silent, lost = self.silent_after_cycles, self.lost_after_cycles
        return {
            "new": f"first purchase within the last {count(self.new_days, 'day')}",
            "active": f"last purchase at most {silent:g} own cycles ago",
            "silent": f"last purchase {silent:g} to {lost:g} own cycles ago",
            "lost": f"last purchase more than {lost:g} own cycles ago",
            "no order yet": "joined, but has not bought anything",
        }


def own_cycles(history: pd.DataFrame, rules: TierRules, *, cycle_days: float) -> pd.Series:
    """Return each customer's own cycle in days: own gaps and `habit_weight` of the shop's, averaged.

    cycle_days: the shop's repurchase cycle (`repurchase_cycle`). Raises ValueError unless it is above 0.
    """
    if not 0 < cycle_days < np.inf:
        raise ValueError(f"cycle_days {cycle_days}: give the shop's repurchase cycle, in days above 0")
    gaps = (history["purchases"] - 1).clip(lower=0)
    span = (history["last_day"] - history["first_day"]).fillna(0)
    return (span + rules.habit_weight * cycle_days) / (gaps + rules.habit_weight)


def assign_tiers(history: pd.DataFrame, *, until: int, rules: TierRules, cycle_days: float) -> pd.Series:
    """Return each customer's tier, a category of `TIERS`; every customer is in exactly one.

    rules: where one tier ends and the next begins.
    history: rows of `purchase_history`;
    until: the day on which the tiers are judged.
    cycle_days: the shop's repurchase cycle (`repurchase_cycle`). Raises ValueError unless it is above 0.

    >>> rows = pd.DataFrame({"first_day": [0, 0, 95], "last_day": [98, 40, 95], "purchases": [9, 3, 1]})
    >>> assign_tiers(rows, until=100, rules=TierRules(), cycle_days=16).tolist()
    ['active', 'silent', 'new']
    """
    silence = until - history["last_day"]
    cycles = silence / own_cycles(history, rules, cycle_days=cycle_days)
    tier = np.select(
        [
            history["purchases"] == 0,
            until - history["first_day"] < rules.new_days,
            cycles <= rules.silent_after_cycles,
            cycles <= rules.lost_after_cycles,
        ],
        ["no order yet", "new", "active", "silent"],
        default="lost",
    )
    return pd.Series(pd.Categorical(tier, categories=TIERS), index=history.index, name="tier")


def tier_sensitivity(
    history: pd.DataFrame,
    *,
    until: int,
    rules: TierRules,
    cycle_days: float,
    factors: Iterable[float] = (0.75, 1.0, 1.25, 1.5),
) -> pd.DataFrame:
    """Return the tiers' shares in % (columns) when all thresholds are scaled by each factor (rows).

    history, until, rules, cycle_days: as `assign_tiers`.
    factors: by which the thresholds are multiplied.

    >>> rows = pd.DataFrame({"first_day": [0, 0, 95], "last_day": [98, 40, 95], "purchases": [9, 3, 1]})
    >>> options = {"until": 100, "rules": TierRules(), "cycle_days": 16}
    >>> tier_sensitivity(rows, factors=(1.0, 4.0), **options).round(0)["active"].tolist()
    [33.0, 0.0]
    """
    shares = {
        factor: assign_tiers(
            history, until=until, rules=rules.scaled(factor), cycle_days=cycle_days
        ).value_counts(normalize=True)
        for factor in factors
    }
    return 100 * pd.DataFrame(shares).T.reindex(columns=list(TIERS)).rename_axis("factor")
