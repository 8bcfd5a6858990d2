"""The classic Qini curve of a randomised test, counted from outcomes, and the coefficients named after it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Qini(Result):
    """A Qini curve and its coefficients, which are not one number: each library has its own.

    curve: targeted (rows, ties together), extra (outcomes gained by treating them). coefficient: area above
    the straight line, as a share of the area of a ranking that knows every outcome (the definition of
    scikit-uplift). by_total: the same area per row targeted, divided by the whole test's gain (that of
    CausalML); it means nothing where the gain is near 0.
    """

    curve: pd.DataFrame
    coefficient: float
    by_total: float


def qini(outcome: np.ndarray, treatment: np.ndarray, predicted: np.ndarray) -> Qini:
    """Return the Qini curve of a ranking: outcomes of the treated, less those of the controls to scale.

    outcome: (rows,) of 0 and 1;
    treatment: (rows,) of 0 and 1, drawn at random;
    predicted: (rows,), highest targeted first. Radcliffe 2007 (Direct Marketing Analytics Journal). For
        intervals use `ranked_area`.
    Raises ValueError on other values and without both arms.

    >>> outcome, treatment = np.array([1, 0, 1, 0, 0, 0]), np.array([1, 0, 1, 0, 1, 0])
    >>> found = qini(outcome, treatment, np.array([0.9, 0.8, 0.3, 0.2, 0.1, 0.0]))
    >>> float(found.curve["extra"].iloc[-1])
    2.0
    """
    y, t = np.asarray(outcome, dtype=float), np.asarray(treatment, dtype=float)
    for name, values in (("outcome", y), ("treatment", t)):
        if not np.isin(values, (0, 1)).all():
            raise ValueError(f"{name} must hold 0 and 1; it holds {np.unique(values)[:5]}")
    if not 0 < t.sum() < len(t):
        raise ValueError("a Qini curve needs treated and untreated rows; one of the two is missing")
    curve = _curve(y, t, np.asarray(predicted, dtype=float))
    best = _curve(y, t, y * t - y * (1 - t))
    targeted, extra = curve["targeted"].to_numpy(), curve["extra"].to_numpy()
    line = targeted[-1] * extra[-1] / 2
    area, most = np.trapezoid(extra, targeted) - line, np.trapezoid(best["extra"], best["targeted"]) - line
    total = abs(extra[-1]) * targeted[-1]
    return Qini(
        curve=curve,
        coefficient=float(area / most) if most > 0 else float("nan"),
        by_total=float(area / total) if total > 0 else float("nan"),
    )


def uplift_at(outcome: np.ndarray, treatment: np.ndarray, predicted: np.ndarray, *, share: float) -> float:
    """Return the difference of mean outcomes, treated less untreated, among the top `share` of all rows.

    outcome, treatment: (rows,).
    predicted: (rows,), highest first.
    Raises ValueError unless 0 < share <= 1.

    >>> outcome, treatment = np.array([1, 0, 0, 1]), np.array([1, 0, 1, 0])
    >>> uplift_at(outcome, treatment, np.array([0.9, 0.8, 0.3, 0.2]), share=0.5)
    1.0
    """
    if not 0 < share <= 1:
        raise ValueError(f"share {share} must lie above 0 and at most at 1")
    top = np.argsort(-np.asarray(predicted), kind="stable")[: math.ceil(share * len(outcome))]
    treated = np.asarray(treatment)[top] == 1
    y = np.asarray(outcome, dtype=float)[top]
    return float(y[treated].mean() - y[~treated].mean())


def _curve(y: np.ndarray, t: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
    order = np.argsort(-predicted, kind="stable")
    y, t, predicted = y[order], t[order], predicted[order]
    last = np.append(np.flatnonzero(np.diff(predicted)), len(y) - 1)
    targeted = last + 1
    treated = np.cumsum(t)[last]
    controls = targeted - treated
    gained, usual = np.cumsum(y * t)[last], np.cumsum(y * (1 - t))[last]
    scale = np.divide(treated, controls, out=np.zeros(len(last)), where=controls > 0)
    extra = gained - usual * scale
    start = pd.DataFrame({"targeted": [0], "extra": [0.0]})
    return pd.concat([start, pd.DataFrame({"targeted": targeted, "extra": extra})], ignore_index=True)
