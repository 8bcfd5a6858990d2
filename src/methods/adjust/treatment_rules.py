"""Rules by which nobody, or everybody, of a kind is treated: found in the data, and told by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from methods.adjust.separated import FEWEST_ROWS, beyond, chance_of_one
from methods.result import Result

MOST_RULES, ABOUT_AS_MANY = 5, 0.9


@dataclass(frozen=True, kw_only=True)
class TreatmentRule(Result):
    """A kind of which none, or all, were treated.

    covariate: name of the column. side: "is" a level, or "below" or "above" a number. value: the level
    ("unknown" for a gap), or the number that is the first on the other side. always: whether all of the kind
    were treated. rows: how many are of the kind, beyond those of rules before. of_kind: (rows,) bool.
    """

    covariate: str
    side: str
    value: str | float
    always: bool
    rows: int
    of_kind: np.ndarray = field(repr=False)


def treatment_rules(
    frame: pd.DataFrame, *, treatment: str, covariates: Sequence[str]
) -> tuple[TreatmentRule, ...]:
    """Return the rules that part treated from untreated, that of most rows first; empty where there are none.

    frame: one row a unit.
    treatment: column of 0 and 1.
    covariates: columns known before it: numbers, or categories.
    A kind is a level of a category (a gap is one), or all numbers below, or above, the least, or the
    greatest, of a treated row; it holds at least 50 rows. A level makes a rule where chance, at the share
    treated in all, would hardly leave it whole; a number where it would not at a third of the share just
    beyond, for a chance that fades out is no rule. Each rule is looked for among the rows that those before
    it leave. What no rule says, as a chance near 0 by several traits together, is for
    `methods.adjust.overlap`.
    Raises KeyError on a missing column, ValueError on a treatment of other values.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"orders": rng.poisson(3, 1_000), "city": rng.choice(list("abc"), 1_000)})
    >>> rows["shared"] = (rows["orders"] >= 3) & (rng.random(1_000) < 0.4)
    >>> [(rule.covariate, rule.side, rule.value, rule.always)
    ...  for rule in treatment_rules(rows, treatment="shared", covariates=["orders", "city"])]
    [('orders', 'below', 3.0, False)]
    """
    treated = frame[treatment].to_numpy(dtype=float)
    if not np.isin(treated, (0, 1)).all():
        raise ValueError(f"treatment {treatment!r} must hold 0 and 1 without gaps")
    open_rows, found = np.ones(len(frame), dtype=bool), []
    for _ in range(MOST_RULES):
        rest = treated[open_rows]
        if not 0 < rest.mean() < 1:
            break
        best = _plainest(list(_kinds(frame.loc[open_rows, list(covariates)], rest == 1)), frame)
        if best is None:
            break
        whole = np.zeros(len(frame), dtype=bool)
        whole[np.flatnonzero(open_rows)[best.of_kind]] = True
        found.append(replace(best, of_kind=whole))
        open_rows &= ~whole
    return tuple(found)


def _plainest(kinds: list[TreatmentRule], frame: pd.DataFrame) -> TreatmentRule | None:
    """Return that of most rows; of about as many, that of the covariate with the fewest values.

    Where orders rule, the money spent on them parts nearly the same rows.
    """
    most = max((kind.rows for kind in kinds), default=0)
    large = [kind for kind in kinds if kind.rows >= ABOUT_AS_MANY * most]
    return min(large, key=lambda kind: (frame[kind.covariate].nunique(), -kind.rows), default=None)


def _kinds(frame: pd.DataFrame, treated: np.ndarray) -> Iterator[TreatmentRule]:
    chance = chance_of_one(frame.shape[1])
    for name in frame.columns:
        for arm, always in ((treated, False), (~treated, True)):
            for side, value, kind in _parted(frame[name], arm, chance):
                yield TreatmentRule(
                    covariate=str(name), side=side, value=value, always=always, rows=int(kind.sum()),
                    of_kind=kind,
                )  # fmt: skip


def _parted(
    column: pd.Series, arm: np.ndarray, chance: float
) -> Iterator[tuple[str, str | float, np.ndarray]]:
    """Side, value and rows of each kind of a column that an arm is not met in."""
    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if number and column.nunique() > 2:
        yield from beyond(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan), arm, chance)
        levels = {"unknown": column.isna().to_numpy()}
    else:
        text = column.astype("string").fillna("unknown")
        levels = {level: (text == level).to_numpy(dtype=bool) for level in text.unique()}
    for level, kind in levels.items():
        rows = int(kind.sum())
        by_chance = (1 - arm.mean()) ** rows * len(levels)
        if rows >= FEWEST_ROWS and by_chance < chance and not arm[kind].any():
            yield "is", level, kind
