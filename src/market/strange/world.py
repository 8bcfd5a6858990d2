"""What a strange world is: one frame of units whose rules are not the demo market's, and its truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class StrangeWorld:
    """One drawn sample. frame: one row a unit. outcome, treatment, cluster: names of columns.

    covariates: columns known before the treatment. controls: outcomes that the treatment cannot move.
    known: what no analysis sees, (rows,) each: `propensity`, and the outcome to expect `without` and
    `treated`; empty where whole groups were treated. truth: the effect on all units, `ate`, and on the
    treated, `att`, in the unit of the outcome.
    randomised: whether the treatment was drawn. clean: whether the covariates carry all confounding, in ways
    that a smooth regression sees, with counterparts for all: then an answer is owed.
    """

    frame: pd.DataFrame
    truth: dict[str, float]
    covariates: tuple[str, ...]
    outcome: str = "y"
    treatment: str = "t"
    cluster: str | None = None
    controls: tuple[str, ...] = ()
    known: dict[str, np.ndarray] = field(default_factory=dict)
    randomised: bool = False
    clean: bool = False

    def roles(self) -> dict[str, object]:
        """Return what each column is for, as written beside the frame."""
        return {
            "outcome": self.outcome,
            "treatment": self.treatment,
            "covariates": list(self.covariates),
            "cluster": self.cluster,
            "controls": list(self.controls),
            "randomised": self.randomised,
        }


Maker = Callable[[int, int], StrangeWorld]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A family of samples. about: one line. source: where the design comes from. make: (rows, seed) → sample.

    rows: sizes at which it is asked.
    """

    about: str
    source: str
    make: Maker
    rows: tuple[int, ...] = field(default=(2_000, 4_000))


def chance(log_odds: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(−log odds))."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))


def heavy(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Return covariates with the tails of Student's t of 2 degrees of freedom, (rows, columns)."""
    return rng.standard_t(2, (rows, columns))


def table(x: np.ndarray) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the covariates (rows, columns) as a frame with columns x0, x1, …, and their names."""
    names = tuple(f"x{number}" for number in range(x.shape[1]))
    return pd.DataFrame(x, columns=list(names)), names


def shares(
    rng: np.random.Generator,
    x: np.ndarray,
    propensity: np.ndarray,
    without: np.ndarray,
    treated: np.ndarray,
    **roles: Any,
) -> StrangeWorld:
    """Draw treatment and a 0/1 outcome from their chances, and return the sample with its truth."""
    t = rng.random(len(x)) < propensity
    y = rng.random(len(x)) < np.where(t, treated, without)
    frame, names = table(x)
    gain = treated - without
    return StrangeWorld(
        frame=frame.assign(t=t * 1, y=y * 1),
        covariates=names,
        known={"propensity": propensity, "without": without, "treated": treated},
        truth=truth_of(gain, t),
        **roles,
    )


def truth_of(gain: np.ndarray, t: np.ndarray) -> dict[str, float]:
    """Return the mean effect of all units and of the treated."""
    return {"ate": float(gain.mean()), "att": float(gain[t == 1].mean())}
