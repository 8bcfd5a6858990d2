"""Groups compared on the same product only: rates with product levels held equal, clustered both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.regression.loglinear import loglinear_fit
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class WithinGroups(Result):
    """Rates of labels beside a common set of items.

    labels: in order. rates: (labels,) at the mix of items and traits of all rows. covariance: of these, up to
    what moves all alike. rows, compared: all rows, and those of items on which at least two labels are seen.
    """

    labels: tuple[str, ...]
    rates: np.ndarray
    covariance: np.ndarray
    rows: int
    compared: int

    def difference(self, first: str, second: str, *, level: float = 0.95) -> Interval:
        """Return the rate under one label minus that under another, on the same items."""
        one, other = self.labels.index(first), self.labels.index(second)
        contrast = np.zeros(len(self.labels))
        contrast[one] += 1.0
        contrast[other] -= 1.0
        error = float(np.sqrt(max(contrast @ self.covariance @ contrast, 0.0)))
        return normal_interval(contrast @ self.rates, error, self.compared, level=level)

    def rate(self, label: str) -> float:
        """Return the rate under a label at the mix of items and traits of all rows."""
        return float(self.rates[self.labels.index(label)])


def within_groups(
    outcome: np.ndarray,
    label: np.ndarray,
    item: np.ndarray,
    controls: np.ndarray,
    clusters: tuple[np.ndarray, ...],
    *,
    labels: tuple[str, ...],
    multiplied: bool = False,
) -> WithinGroups:
    """Compare labels on the same items, with one free level an item.

    outcome: (rows,).
    label, item: (rows,).
    controls: rows x columns.
    clusters: one or two (rows,) sets of groups; with two, rows may depend through either (Cameron,
        Gelbach and Miller 2011: sum of both one-way covariances minus that of their crossing; where that
        is not positive, the larger one-way one is taken).
    multiplied: False adds a label's effect to the chance, the same for everybody (least squares); True
        multiplies the chance, so that who buys more anyway is moved by more (log-linear fit, its rates
        taken at all rows).
    Raises ValueError when a label is never seen on an item together with another or, multiplied, never
    with an outcome.

    >>> item = np.repeat([0, 1], 4)
    >>> label = np.tile(["friend", "stranger"], 4)
    >>> bought = np.array([1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    >>> labels = ("stranger", "friend")
    >>> found = within_groups(bought, label, item, np.empty((8, 0)), (np.arange(8),), labels=labels)
    >>> round(found.difference("friend", "stranger").estimate, 3)
    0.5
    """
    code = _codes(item)
    dummies = np.stack([label == name for name in labels[1:]], axis=1).astype(float)
    present = np.stack([np.bincount(code, label == name) > 0 for name in labels])
    mixed = present.sum(axis=0) > 1
    lost = [name for name, items in zip(labels, present, strict=True) if not (items & mixed).any()]
    if lost:
        raise ValueError(f"{lost} never meet another group on the same item")
    rates, influence = (_multiplied if multiplied else _added)(outcome, dummies, controls, code)
    return WithinGroups(
        labels=labels,
        rates=rates,
        covariance=_meat(influence, clusters),
        rows=len(outcome),
        compared=int(mixed[code].sum()),
    )


def _added(
    outcome: np.ndarray, dummies: np.ndarray, controls: np.ndarray, code: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rates of all labels and, against the first, each row's part in them; the effect adds to the chance."""
    design = _without_means(np.column_stack([dummies, controls]), code)
    y = _without_means(outcome[:, None], code)[:, 0]
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ (design.T @ y)
    scores = design * (y - design @ beta)[:, None]
    count = dummies.shape[1]
    effects = np.concatenate([[0.0], beta[:count]])
    rates = outcome.mean() + effects - dummies.mean(axis=0) @ effects[1:]
    return rates, np.column_stack([np.zeros(len(y)), scores @ bread[:, :count]])


def _multiplied(
    outcome: np.ndarray, dummies: np.ndarray, controls: np.ndarray, code: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rates of all labels and each row's part in them; the effect multiplies the chance.

    Items without any outcome have a rate of 0 under every label, and no part in the fit.
    """
    count, told = dummies.shape[1], np.bincount(code, outcome)[code] > 0
    members = np.column_stack([1 - dummies.sum(axis=1), dummies])
    if not (members.T @ outcome > 0).all():
        raise ValueError("a group has no outcome at all, so its ratio to the others has no bound")
    design = np.column_stack([dummies, controls])[told]
    fit = loglinear_fit(design, outcome[told], code[told], leading=count)
    relative = np.exp(design @ fit.coefficients)
    total = np.bincount(code[told], outcome[told]) / np.maximum(np.bincount(code[told], relative), 1e-300)
    left = np.zeros(len(outcome))
    left[told] = outcome[told] - relative * total[code[told]]
    logs = np.zeros((len(outcome), count + 1))
    logs[told, 1:] = fit.influence
    effects = np.exp(np.concatenate([[0.0], fit.coefficients[:count]]))
    # What every row would have had under the first label; the fit makes each label's total the observed one.
    shrink = np.exp(-(dummies @ fit.coefficients[:count]))
    first = float((outcome * shrink).mean())
    moves = (left * shrink - logs[:, 1:] @ (dummies.T @ (outcome * shrink))) / len(outcome)
    return first * effects, effects * (moves[:, None] + first * logs)


def _without_means(values: np.ndarray, code: np.ndarray) -> np.ndarray:
    size = np.bincount(code)
    means = np.stack([np.bincount(code, column) / size for column in values.T], axis=1)
    return values - means[code]


def _meat(scores: np.ndarray, clusters: tuple[np.ndarray, ...]) -> np.ndarray:
    codes = [_codes(cluster) for cluster in clusters]
    single = [_one_way(scores, code) for code in codes]
    if len(codes) == 1:
        return single[0]
    both = single[0] + single[1] - _one_way(scores, _codes(codes[0] * (codes[1].max() + 1) + codes[1]))
    if (np.diag(both) >= np.maximum(*map(np.diag, single)) * 0.5).all():
        return both
    return max(single, key=np.trace)


def _one_way(scores: np.ndarray, code: np.ndarray) -> np.ndarray:
    sums = np.stack([np.bincount(code, column) for column in scores.T], axis=1)
    return sums.T @ sums * (len(sums) / (len(sums) - 1))


def _codes(label: np.ndarray) -> np.ndarray:
    """Numbers of the groups in order of appearance; hashing texts is cheaper than sorting them."""
    return pd.factorize(label, use_na_sentinel=False)[0]
