"""How good a ranking of customers was, and how many more of the seeds' kind there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.intervals.calibration import ranking
from methods.intervals.estimates import Interval, normal_reach
from methods.result import Result

TENTH = 0.1
_DRAWS, _MOST_DRAWN = 60, 100_000
_SHARES = (0.05, 0.1, 0.2)


@dataclass(frozen=True, kw_only=True)
class JudgedRankings(Result):
    """Rankings of the same customers judged by who bought later; the first one is the one in question.

    auc, lift: by name, with intervals over customers; lift is that of the likeliest tenth. gain: area under
    the curve of the first beyond each other one, on the same draws. scores: by name, float per customer.
    bought: bool.
    """

    auc: dict[str, Interval]
    lift: dict[str, Interval]
    gain: dict[str, Interval]
    scores: Mapping[str, np.ndarray]
    bought: np.ndarray

    @property
    def customers(self) -> int:
        """How many were ranked."""
        return len(self.bought)

    def reached(self, parts: np.ndarray) -> dict[str, np.ndarray]:
        """Return the share of later buyers among each part (0 to 1) of the customers, likeliest first."""
        places = np.round(parts * self.customers).astype(int)
        found = {}
        for name, score in self.scores.items():
            hits = np.cumsum(self.bought[np.argsort(-score, kind="stable")])
            found[name] = np.concatenate([[0], hits])[places] / max(hits[-1], 1)
        return found

    def table(self, caption: str) -> pd.DataFrame:
        """Return one row a ranking: area under the curve with interval, lift at three depths."""
        depths = np.array(_SHARES)
        reached = self.reached(depths)
        rows = [
            {
                "ranking": name,
                "area under the curve": found.estimate,
                "from": found.low,
                "to": found.high,
                **{
                    f"lift, likeliest {100 * depth:.0f} %": reached[name][place] / depth
                    for place, depth in enumerate(depths)
                },
            }
            for name, found in self.auc.items()
        ]
        frame = pd.DataFrame(rows)
        forms = {name: ".2f" if name.startswith("lift") else ".3f" for name in frame.columns[1:]}
        frame.attrs = {"people": None, "caption": caption, "formats": forms}
        return frame


def judge_rankings(
    scores: Mapping[str, np.ndarray], bought: np.ndarray, *, seed: int, draws: int = _DRAWS
) -> JudgedRankings:
    """Judge rankings of customers by who bought later (bool); intervals from customers drawn again.

    scores: name to float per customer, higher is likelier. The same draws serve all rankings, so that
        their differences are those of the same customers.
    Raises ValueError when all or nobody bought. Area under the curve: Hanley and McNeil 1982 (Radiology
    143).

    >>> bought = np.tile([False, False, False, True], 50)
    >>> scores = {"recency": bought + np.tile([0.0, 0.5, 0.2, 0.1], 50), "chance": np.arange(200.0) % 7}
    >>> found = judge_rankings(scores, bought, seed=1, draws=50)
    >>> found.auc["recency"].estimate, found.gain["chance"].low > 0
    (1.0, True)
    """
    rng = np.random.default_rng(seed)
    names = list(scores)
    auc = {name: [ranking(scores[name], bought)] for name in names}
    lift = {name: [_lift(scores[name], bought)] for name in names}
    for _ in range(draws):
        rows = _drawn(rng, len(bought))
        if not 0 < bought[rows].sum() < len(rows):
            continue
        for name in names:
            auc[name].append(ranking(scores[name][rows], bought[rows]))
            lift[name].append(_lift(scores[name][rows], bought[rows]))
    areas = {name: np.array(values) for name, values in auc.items()}
    return JudgedRankings(
        auc={name: _interval(values, len(bought)) for name, values in areas.items()},
        lift={name: _interval(np.array(values), len(bought)) for name, values in lift.items()},
        gain={name: _interval(areas[names[0]] - areas[name], len(bought)) for name in names[1:]},
        scores=scores,
        bought=bought,
    )


def _lift(score: np.ndarray, bought: np.ndarray) -> float:
    top = max(round(TENTH * len(score)), 1)
    chosen = np.argpartition(-score, top - 1)[:top]
    return float(bought[chosen].mean() / bought.mean())


def _drawn(rng: np.random.Generator, customers: int) -> np.ndarray:
    return rng.integers(0, customers, min(customers, _MOST_DRAWN))


def _interval(values: np.ndarray, customers: int, *, drawn_from: int = 0) -> Interval:
    """The first value is the estimate, the others are draws whose spread gives a normal interval.

    drawn_from: how many customers a draw was of, where not all of `customers`.
    """
    of = drawn_from or customers
    estimate, error = float(values[0]), float(values[1:].std(ddof=1) * np.sqrt(min(1.0, _MOST_DRAWN / of)))
    return Interval(
        estimate=estimate,
        low=estimate - normal_reach() * error,
        high=estimate + normal_reach() * error,
        n=customers,
        standard_error=error,
    )


def hidden_share(matrix: np.ndarray, seeds: np.ndarray, *, seed: int, folds: int = 3) -> Interval | None:
    """Return what % of those who are no seeds are of the seeds' kind, by positive-unlabelled learning.

    folds: of the scores that no seed helped to learn.
    matrix: float, customers by columns.
    seeds: bool. Elkan & Noto (2008): if seeds are a random part of their kind, the chance to be a seed is
        the chance to be of the kind times a constant, which is the mean score of seeds that the model did
        not see. A logistic curve cannot level off at that constant, so the scores are first calibrated by
        isotonic regression. Interval from customers drawn again, the scores kept. None when the constant
        comes out so small that all others would be of the kind.

    >>> rng = np.random.default_rng(1)
    >>> kind = rng.random(600) < 0.4
    >>> habits = np.column_stack([rng.normal(3.0 * kind), rng.normal(size=600)])
    >>> seeds = kind & (rng.random(600) < 0.5)
    >>> found = hidden_share(habits, seeds, seed=1)
    >>> bool(abs(found.estimate - 100 * kind[~seeds].mean()) < 15)
    True
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    rank = cross_val_predict(model, matrix, seeds, cv=split, method="decision_function")
    score = IsotonicRegression(out_of_bounds="clip").fit(rank, seeds).predict(rank).clip(1e-6, 1 - 1e-6)
    rng = np.random.default_rng(seed)
    rows = [np.arange(len(seeds)), *(_drawn(rng, len(seeds)) for _ in range(_DRAWS))]
    found = np.array([100 * _of_the_kind(score[chosen], seeds[chosen]) for chosen in rows])
    if not np.isfinite(found).all() or found[0] >= 100:
        return None
    interval = _interval(found, int((~seeds).sum()), drawn_from=len(seeds))
    return Interval(**{**vars(interval), "low": max(interval.low, 0.0), "high": min(interval.high, 100.0)})


def _of_the_kind(score: np.ndarray, seeds: np.ndarray) -> float:
    labelled = score[seeds].mean()
    odds = score[~seeds] / (1 - score[~seeds])
    return float(np.minimum((1 - labelled) / labelled * odds, 1.0).mean())
