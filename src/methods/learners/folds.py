"""Which rows are learned from and which are predicted: folds alike in arms and outcomes, clusters whole."""

from __future__ import annotations

import numpy as np

from methods.counts import count
from methods.regression.codes import codes_of

Split = tuple[np.ndarray, np.ndarray]


def stratified_folds(strata: np.ndarray, *, folds: int, seed: int) -> list[Split]:
    """Return (rows to learn from, rows to predict) of folds that hold the same mix of strata (rows,).

    Rows are dealt as scikit-learn's StratifiedKFold deals them; of a stratum of fewer rows than folds each
    fold has one row or none. Raises ValueError where no stratum has a row for every fold.
    """
    _, first, code = np.unique(strata.astype(int), return_index=True, return_inverse=True)
    code = np.argsort(np.argsort(first))[code]  # strata in the order in which they are met
    sizes = np.bincount(code)
    if sizes.max() < folds:
        raise ValueError(f"{count(folds, 'fold')}; the largest stratum has {count(int(sizes.max()), 'row')}")
    dealt = np.sort(code)
    rng = np.random.RandomState(seed)
    fold = np.empty(len(code), dtype=int)
    for stratum in range(len(sizes)):
        shares = [np.count_nonzero(dealt[start::folds] == stratum) for start in range(folds)]
        own = np.repeat(np.arange(folds), shares)
        rng.shuffle(own)
        fold[code == stratum] = own
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(folds)]


def cluster_folds(treatment: np.ndarray, cluster: np.ndarray, *, folds: int, seed: int) -> list[Split]:
    """Return folds in which a cluster lies whole, so that nothing is learned from the shock it shares.

    treatment, cluster: (rows,). Clusters are ordered by their share of treated, in tens of points, and at
        random within them, then dealt out one by one. Fewer clusters than folds: a fold each.
    """
    code, _ = codes_of(cluster)
    share = np.bincount(code, treatment) / np.bincount(code)
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(share)), np.round(10 * share)))
    fold = np.empty(len(share), dtype=int)
    fold[order] = np.arange(len(share)) % min(folds, len(share))
    own = fold[code]
    return [(np.flatnonzero(own != number), np.flatnonzero(own == number)) for number in np.unique(own)]
