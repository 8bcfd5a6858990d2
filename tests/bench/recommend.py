"""Stages of recommendation: all measures of a million lists of 20, the bootstrap of five models, EASE."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

LIBRARIES = ("helpers.recommend",)
PRODUCTS, PLACES = 20_000, 20


def draw_lists(folder: Path, customers: int) -> None:
    """Write a million lists of 20 and one to nine relevant products each, and the first 100,000 of them."""
    for name, count in (("million", 1_000_000), ("tenth", 100_000)):
        rng = np.random.default_rng(1)
        first = rng.integers(0, PRODUCTS, count).astype(np.int32)
        lists = (first[:, None] + 7 * np.arange(PLACES, dtype=np.int32)) % PRODUCTS
        number = rng.integers(1, 10, count)
        pointer = np.concatenate([[0], np.cumsum(number)]).astype(np.int32)
        away = rng.integers(-PLACES, 3 * PLACES, pointer[-1])
        relevant = (np.repeat(first, number) + 7 * away) % PRODUCTS
        np.savez(
            folder / f"lists_{name}.npz", lists=lists, pointer=pointer, relevant=relevant.astype(np.int32)
        )


def all_measures_million(folder: Path, customers: int) -> float:
    """Recall, NDCG, MAP, MRR, hit rate and everything beyond accuracy (target: 6 CPU s, 1.5 GB)."""
    return _measure(folder, "million")


def all_measures_tenth(folder: Path, customers: int) -> float:
    """The same for 100,000 lists, as many as the peer is given."""
    return _measure(folder, "tenth")


def _measure(folder: Path, name: str) -> float:
    from methods.lists import breadth
    from methods.lists.breadth import Catalogue
    from methods.lists.ranking import accuracy

    lists, relevant = _read(folder, name)
    rng = np.random.default_rng(2)
    catalogue = Catalogue(
        bought_by=rng.uniform(1e-4, 0.1, PRODUCTS),
        head=rng.random(PRODUCTS) < 0.2,
        seller=rng.integers(0, 500, PRODUCTS).astype(np.int16),
        category=rng.integers(0, 12, PRODUCTS).astype(np.int8),
    )
    started = time.process_time()
    found = accuracy(lists, relevant)
    spread = breadth(lists, relevant, catalogue, seed=1)
    spent = time.process_time() - started
    means = ", ".join(f"{measure} {values.mean():.9f}" for measure, values in found.items())
    print(f"{len(lists):,} lists: {means}; and {', '.join(spread)}")
    return spent


def _read(folder: Path, name: str) -> tuple[np.ndarray, csr_array]:
    with np.load(folder / f"lists_{name}.npz") as kept:
        lists, pointer, relevant = kept["lists"], kept["pointer"], kept["relevant"]
    matrix = csr_array((np.ones(len(relevant), np.float32), relevant, pointer), shape=(len(lists), PRODUCTS))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return lists, matrix


def bootstrap(folder: Path, customers: int) -> float:
    """Five models, 100,000 customers, 1,000 resamples (target: 3 CPU s)."""
    from methods.intervals.resampling import bootstrap_means, percentile_interval

    values = np.random.default_rng(3).random((100_000, 5))
    started = time.process_time()
    low, high = percentile_interval(bootstrap_means(values, resamples=1_000, seed=1))
    spent = time.process_time() - started
    print(f"interval of the first: {low[0]:.4f} to {high[0]:.4f}")
    return spent


def ease_dual(folder: Path, customers: int) -> float:
    """EASE with fewer customers than products, 6,000 x 9,000, fitted and all customers' lists made."""
    from methods.lists.ease import Ease
    from methods.lists.ranking import recommend

    rng = np.random.default_rng(4)
    places = rng.integers(0, 6_000, 200_000), (9_000 * rng.random(200_000) ** 3).astype(int)
    bought = csr_array((np.ones(200_000, np.float32), places), shape=(6_000, 9_000))
    bought.sum_duplicates()
    bought.data[:] = 1
    started = time.process_time()
    lists = recommend(Ease(l2=80.0).fit(bought), np.arange(6_000), length=20, hidden=bought)
    spent = time.process_time() - started
    print(f"{len(np.unique(lists)):,} different products listed")
    return spent


STAGES = (draw_lists, all_measures_million, all_measures_tenth, bootstrap, ease_dual)
