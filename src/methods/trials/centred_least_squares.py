"""What a prompt does just after it, each sent with a known chance: weighted centred least squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.regression.clustered import clustered_fit
from methods.result import Result

LEAST_CHANCE = 0.01
FEWEST_PERSONS = 25


@dataclass(frozen=True, kw_only=True)
class PromptEffect(Result):
    """effect: on the outcome, averaged over all moments. slope: its change a unit of the moderator.

    Without a moderator slope is None. persons: who repeat. left_out: moments at which nothing was left to
    chance. p_value: of no effect; slope_p: of no slope. unprompted: weighted mean outcome without a prompt.
    """

    rows: int
    persons: int
    left_out: int
    effect: Interval
    slope: Interval | None
    p_value: float
    slope_p: float | None
    unprompted: float


def centred_least_squares(
    frame: pd.DataFrame,
    *,
    outcome: str,
    prompted: str,
    chance: str,
    person: str,
    moderator: str | None = None,
    controls: Sequence[str] = (),
    level: float = 0.95,
) -> PromptEffect:
    """Return the effect of a prompt on what follows at once, given all that came before.

    frame: one row a moment at which a prompt was sent or kept back. outcome: numbers. prompted: 0 or 1.
    chance: with which it was sent then, which may depend on anything before. moderator: a number known
        before the moment. controls: further such columns, which only sharpen.
    Moments with a chance below 1 % or above 99 % are left out: nothing was drawn there. Rows are weighted
    to one common chance and the prompt is centred at it, so that the effect needs no model of the outcome
    (Boruvka, Almirall, Witkiewitz and Murphy 2018, JASA 113); CR2 intervals by person.
    Raises CannotAnswer below 25 persons or where all or none were prompted, ValueError on gaps.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"who": np.repeat(np.arange(200), 10), "chance": 0.4})
    >>> rows["sent"] = rng.random(2_000) < 0.4
    >>> rows["shared"] = rng.random(2_000) < 0.1 + 0.2 * rows["sent"]
    >>> found = centred_least_squares(rows, outcome="shared", prompted="sent", chance="chance", person="who")
    >>> found.effect.low < 0.2 < found.effect.high
    True
    """
    names = [outcome, prompted, chance, *controls, *([moderator] if moderator else [])]
    for name in (*names, person):
        if frame[name].isna().any():
            raise ValueError(
                f"column {name!r} has {count(int(frame[name].isna().sum()), 'gap')}; drop or fill them first"
            )
    p = frame[chance].to_numpy(dtype=float)
    drawn = (p >= LEAST_CHANCE) & (p <= 1 - LEAST_CHANCE)
    rows = frame[drawn]
    y, a, p = (rows[name].to_numpy(dtype=float) for name in (outcome, prompted, chance))
    who = rows[person].to_numpy()
    _demand_enough(a, who)
    common = float(a.mean())
    weight = np.where(a == 1, common / p, (1 - common) / (1 - p))
    known = [rows[name].to_numpy(dtype=float) for name in controls]
    moved = rows[moderator].to_numpy(dtype=float) if moderator else None
    columns = [np.ones(len(y)), *known]
    lifts = [a - common]
    if moved is not None:
        moved = moved - np.average(moved)
        columns.append(moved)
        lifts.append((a - common) * moved)
    fit = clustered_fit(np.column_stack([*lifts, *columns]), y, who, weight)
    unit = np.eye(len(lifts) + len(columns))
    has_slope = moved is not None and bool(np.ptp(moved) > 0)
    return PromptEffect(
        rows=len(y),
        persons=fit.clusters,
        left_out=int((~drawn).sum()),
        effect=fit.interval(unit[0], level=level),
        slope=fit.interval(unit[1], level=level) if has_slope else None,
        p_value=fit.p_value(unit[0]),
        slope_p=fit.p_value(unit[1]) if has_slope else None,
        unprompted=float(np.average(y[a == 0], weights=weight[a == 0])),
    )


def _demand_enough(a: np.ndarray, who: np.ndarray) -> None:
    if not len(a):
        raise CannotAnswer(
            "no prompt was left to chance, so what it does cannot be told from why it was sent"
        )
    if not np.isin(a, (0, 1)).all():
        raise ValueError(f"a prompt is sent or not, 0 or 1; found {np.unique(a)[:5]}")
    persons = len(np.unique(who))
    if persons < FEWEST_PERSONS:
        raise CannotAnswer(
            f"prompts were drawn for {count(persons, 'customer')}; at least {FEWEST_PERSONS} are needed"
        )
    if a.min() == a.max():
        raise CannotAnswer(f"{'all' if a.min() else 'none'} of the prompts drawn were sent")
