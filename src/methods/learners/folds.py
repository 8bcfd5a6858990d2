"""Which rows are learned from and which are predicted: folds alike in arms and outcomes, clusters whole."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import StratifiedKFold

Split = tuple[np.ndarray, np.ndarray]


def stratified_folds(strata: np.ndarray, *, folds: int, seed: int) -> list[Split]:
    """Return (rows to learn from, rows to predict) of folds that hold the same mix of strata (rows,)."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return list(splitter.split(np.zeros(len(strata)), strata.astype(int)))


def cluster_folds(treatment: np.ndarray, cluster: np.ndarray, *, folds: int, seed: int) -> list[Split]:
    """Return folds in which a cluster lies whole, so that nothing is learned from the shock it shares.

    treatment, cluster: (rows,). Clusters are ordered by their share of treated, in tens of points, and at
        random within them, then dealt out one by one. Fewer clusters than folds: a fold each.
    """
    _, code = np.unique(cluster, return_inverse=True)
    share = np.bincount(code, treatment) / np.bincount(code)
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(share)), np.round(10 * share)))
    fold = np.empty(len(share), dtype=int)
    fold[order] = np.arange(len(share)) % min(folds, len(share))
    own = fold[code]
    return [(np.flatnonzero(own != number), np.flatnonzero(own == number)) for number in np.unique(own)]
