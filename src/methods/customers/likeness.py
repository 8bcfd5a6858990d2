"""Who is like those who bought: a logistic model of habits, and of the buyers among friends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.customers.look_alike_scores import judge_rankings

# A share of seeds among few friends is pulled to that among all, as if so much more strength were there.
_FRIENDS_PULL, _BEYOND_PULL = 1.0, 3.0
_SEED_SIZES = (25, 100, 400, 1600)


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """Customers with a purchase, as of the end of a shop.

    habits: float, one row a customer (index customer_id). expected: purchases predicted for the horizon from
    recency and frequency alone. ends_a, ends_b, strength: standing ties between them, by row number.
    seeds: bool, one a customer.
    """

    habits: pd.DataFrame
    expected: np.ndarray
    ends_a: np.ndarray
    ends_b: np.ndarray
    strength: np.ndarray
    seeds: np.ndarray

    def matrix(self, *, seeds: np.ndarray | None = None, ties: str = "true", seed: int = 1) -> np.ndarray:
        """Return what a model sees (float, customers by columns).

        seeds: bool, other seeds than the own ones.
        ties: "true", "none", or "placebo", where everybody keeps the number of friends but one end of
            every tie is dealt anew by `seed`.
        """
        known = [self.habits.to_numpy(), np.log(self.expected + 0.01)[:, None]]
        if ties != "none":
            known.append(self._friends(self.seeds if seeds is None else seeds, ties, seed))
        return np.column_stack(known)

    def _friends(self, seeds: np.ndarray, ties: str, seed: int) -> np.ndarray:
        """Seeds among friends and among friends' friends, and how many friends there are.

        The way out and back to oneself is taken off, or being a seed would tell of itself.
        """
        other = self.ends_b
        if ties == "placebo":
            other = np.random.default_rng(seed).permutation(other)
        size = (len(seeds), len(seeds))
        one_way = sparse.coo_matrix((self.strength, (self.ends_a, other)), shape=size)
        graph = (one_way + one_way.T).tocsr()
        back = np.asarray(graph.multiply(graph).sum(axis=1)).ravel()
        degree, is_seed = np.asarray(graph.sum(axis=1)).ravel(), seeds.astype(float)
        near = graph @ is_seed
        beyond, reach = graph @ near - back * is_seed, graph @ degree - back
        base = is_seed.mean()
        return np.column_stack(
            [
                (near + _FRIENDS_PULL * base) / (degree + _FRIENDS_PULL),
                (beyond + _BEYOND_PULL * base) / (reach + _BEYOND_PULL),
                np.log1p(degree),
            ]
        )


def _model() -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))


def chances(
    past: Likeness,
    bought: np.ndarray,
    present: Likeness,
    *,
    ties: str,
    seed: int,
    seeds: tuple[np.ndarray | None, ...] = (None, None),
) -> np.ndarray:
    """Learn from one window who of the others bought, and return everybody's chance in the next one.

    past, present: the customers when the windows begin.
    bought: bool, one a customer of `past`.
    ties: as in `Likeness.matrix`.
    seeds: other seeds than the own ones, for past and present.
    """
    columns = past.habits.columns.intersection(present.habits.columns)
    one, two = (_with_columns(side, columns) for side in (past, present))
    learn = ~past.seeds
    model = _model().fit(one.matrix(seeds=seeds[0], ties=ties, seed=seed)[learn], bought[learn])
    return model.predict_proba(two.matrix(seeds=seeds[1], ties=ties, seed=seed + 1))[:, 1]


def _with_columns(known: Likeness, columns: pd.Index) -> Likeness:
    return Likeness(**{**vars(known), "habits": known.habits[columns]})


def curve_by_seeds(known: list[Likeness], bought: list[np.ndarray], *, seed: int) -> pd.DataFrame:
    """Return how well the ranking does when only some of the seeds are known: seeds, auc, low, high, lift.

    known, bought: the customers at the beginning of two windows, and who bought in each.
    """
    rng = np.random.default_rng(seed)
    number, others = min(side.seeds.sum() for side in known[:2]), ~known[1].seeds
    rows = []
    for size in (*(size for size in _SEED_SIZES if size < number), number):
        some = tuple(_some(side.seeds, size, rng) for side in known[:2])
        score = chances(known[0], bought[0], known[1], ties="true", seed=seed, seeds=some)
        found = judge_rankings({"some": score[others]}, bought[1][others], seed=seed, draws=30)
        auc = found.auc["some"]
        rows.append((size, auc.estimate, auc.low, auc.high, found.lift["some"].estimate))
    return pd.DataFrame(rows, columns=["seeds", "auc", "low", "high", "lift"])


def _some(seeds: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    kept = np.zeros(len(seeds), dtype=bool)
    kept[rng.permutation(np.flatnonzero(seeds))[:size]] = True
    return kept
