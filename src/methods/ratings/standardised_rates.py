"""How often something happens to each unit's cases, against what their kind lets one expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count
from methods.errors import CannotAnswer
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class StandardisedRates(Result):
    """rates: one row a unit that shares its kinds of cases with others, by unit.

    Columns: cases, happened, expected (counts), ratio (happened over expected), share (ratio times the share
    of all), error (standard error of that share where units do not differ). overall: share of all cases.
    left_out: units alone in all their kinds, or to whom nothing can happen.
    """

    rates: pd.DataFrame
    overall: float
    left_out: int


def standardised_rates(
    frame: pd.DataFrame, *, happened: str, unit: str, kinds: Sequence[str]
) -> StandardisedRates:
    """Return each unit's share of cases with an event, as if all had the same mix of kinds.

    frame: one row a case. happened: 0 or 1. unit: whose case it is. kinds: columns that say what kind a case
    is, such as category and destination; a gap is a kind of its own. Indirect standardisation (Breslow and
    Day 1987, vol. II, ch. 2): what each kind shows over all units is expected of every unit, and the errors
    allow for a unit's own part in that. Raises CannotAnswer without two units to compare or without events.

    >>> rows = pd.DataFrame({"late": [0, 1, 0, 1, 1, 1, 0, 0], "shop": list("aabbaabb")})
    >>> rows["far"] = [0] * 4 + [1] * 4
    >>> standardised_rates(rows, happened="late", unit="shop", kinds=["far"]).rates["ratio"].round(2).tolist()
    [1.5, 0.5]
    """
    kind = kind_codes(frame, kinds)
    cells = pd.DataFrame({"unit": frame[unit].to_numpy(), "kind": kind, "y": frame[happened].astype(float)})
    cells = cells.dropna(subset=["unit", "y"])
    if cells.empty:
        raise CannotAnswer("no unit has cases enough to be compared")
    overall = float(cells["y"].mean())
    if not 0 < overall < 1:
        some = "all" if overall else "none"
        raise CannotAnswer(
            f"it happened in {some} of {count(len(cells), 'case')}, so no unit can be told apart"
        )
    mine = cells.groupby(["unit", "kind"])["y"].agg(["size", "sum"]).reset_index()
    whole = mine.groupby("kind")[["size", "sum"]].transform("sum")
    chance = whole["sum"] / whole["size"]
    mine["expected"] = mine["size"] * chance
    mine["variance"] = mine["expected"] * (1 - chance) * (1 - mine["size"] / whole["size"])
    rates = mine.groupby("unit")[["size", "sum", "expected", "variance"]].sum()
    rates = rates.rename(columns={"size": "cases", "sum": "happened"})
    told = (rates["variance"] > 0) & (rates["expected"] > 0)
    if told.sum() < 2:
        raise CannotAnswer("no two units have cases of one kind, so none can be compared with another")
    rates = rates[told]
    ratio = rates["happened"] / rates["expected"]
    rates = rates.assign(
        ratio=ratio, share=overall * ratio, error=overall * np.sqrt(rates["variance"]) / rates["expected"]
    )
    return StandardisedRates(
        rates=rates.drop(columns="variance"), overall=overall, left_out=int((~told).sum())
    )


def kind_codes(frame: pd.DataFrame, kinds: Sequence[str]) -> np.ndarray:
    """One number a combination of kinds; a missing value is a kind of its own."""
    code = np.zeros(len(frame), dtype=np.int64)
    for name in kinds:
        own, levels = pd.factorize(frame[name], use_na_sentinel=False)
        code = pd.factorize(code * max(len(levels), 1) + own)[0]
    return code
