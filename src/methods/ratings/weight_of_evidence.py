"""A scorecard: traits cut into classes, each worth its weight of evidence, a logistic sum of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from methods.counts import count
from methods.errors import CannotAnswer
from methods.result import Result

_FEWEST_BAD = 25
_HALF = 0.5  # added to each count, so that a class without a case has a finite weight


@dataclass(frozen=True, kw_only=True)
class Scorecard(Result):
    """weights: trait to class to log odds of bad, over those of all. edges: of the traits that are numbers.

    coefficients: of the traits, the constant first. information: trait to its information value, how far it
    parts good from bad (0 is not at all, above 0.3 is strong).
    """

    traits: tuple[str, ...]
    coefficients: np.ndarray
    information: dict[str, float]
    weights: dict[str, pd.Series] = field(repr=False)
    edges: dict[str, np.ndarray] = field(repr=False)

    def chances(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the chance of bad of each row; a class never seen says nothing."""
        columns = [self.weights[name].reindex(self._classes(frame, name)).fillna(0.0) for name in self.traits]
        design = np.column_stack([np.ones(len(frame)), *columns])
        return expit(design @ self.coefficients)

    def _classes(self, frame: pd.DataFrame, name: str) -> pd.Series:
        return _classes(frame[name], self.edges.get(name))


def weight_of_evidence(
    frame: pd.DataFrame,
    *,
    bad: str,
    traits: Sequence[str],
    classes: int = 5,
    ridge: float = 1.0,
) -> Scorecard:
    """Fit a scorecard to what turned out bad (0 or 1).

    traits: columns; numbers of more than `classes` values are cut at quantiles into as many classes, a gap is
    a class of its own. ridge: penalty on the coefficients, in cases. Weights of evidence and their logistic
    sum: Siddiqi 2017, Intelligent Credit Scoring, ch. 9. Raises CannotAnswer below 25 of either kind.

    >>> rows = pd.DataFrame({"late": ["often"] * 100 + ["no"] * 100})
    >>> rows["bad"] = [1, 1, 1, 0] * 25 + [1, 0, 0, 0] * 25
    >>> weight_of_evidence(rows, bad="bad", traits=["late"]).chances(rows).round(2)[[0, 150]].tolist()
    [0.75, 0.25]
    """
    y = frame[bad].to_numpy(dtype=float)
    few = int(min(y.sum(), len(y) - y.sum()))
    if few < _FEWEST_BAD:
        raise CannotAnswer(f"there are {count(few, 'case')} of one kind; at least {_FEWEST_BAD} are needed")
    edges = {name: cut for name in traits if (cut := _edges(frame[name], classes)) is not None}
    weights, information, columns = {}, {}, []
    for name in traits:
        own = _classes(frame[name], edges.get(name))
        bads, goods = (own[y == kind].value_counts().reindex(own.unique(), fill_value=0) for kind in (1, 0))
        share_bad = (bads + _HALF) / (bads.sum() + _HALF * len(bads))
        share_good = (goods + _HALF) / (goods.sum() + _HALF * len(goods))
        weights[name] = np.log(share_bad / share_good)
        information[name] = float(((share_bad - share_good) * weights[name]).sum())
        columns.append(weights[name].reindex(own).to_numpy())
    design = np.column_stack([np.ones(len(y)), *columns])
    return Scorecard(
        traits=tuple(traits),
        coefficients=_logistic(design, y, ridge),
        information=information,
        weights=weights,
        edges=edges,
    )


def _edges(column: pd.Series, classes: int) -> np.ndarray | None:
    """Inner cuts of a column of many numbers; None where its values are classes already."""
    if not pd.api.types.is_numeric_dtype(column) or column.nunique() <= classes:
        return None
    return np.unique(np.nanquantile(column.astype(float), np.linspace(0, 1, classes + 1)[1:-1]))


def _classes(column: pd.Series, edges: np.ndarray | None) -> pd.Series:
    if edges is None:
        return column.astype("object").where(column.notna(), "missing")
    place = pd.Series(np.searchsorted(edges, column.astype(float), side="right"), index=column.index)
    return place.astype("object").where(column.notna(), "missing")


def _logistic(design: np.ndarray, y: np.ndarray, ridge: float) -> np.ndarray:
    penalty = ridge * np.r_[0.0, np.ones(design.shape[1] - 1)]
    centre = np.r_[0.0, np.ones(design.shape[1] - 1)]  # alone, a trait's weight counts once

    def loss(beta: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ beta
        miss = penalty * (beta - centre)
        value = np.logaddexp(0.0, score).sum() - y @ score + 0.5 * miss @ (beta - centre)
        return float(value), design.T @ (expit(score) - y) + miss

    start = centre.copy()
    start[0] = np.log(y.mean() / (1 - y.mean()))
    return minimize(loss, start, jac=True, method="L-BFGS-B").x
