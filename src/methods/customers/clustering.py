"""Groups by a Gaussian mixture, their number chosen by stability: would other customers have given the same?

Fraley & Raftery (2002), "Model-based clustering", for the mixture (scikit-learn, own variances on each axis):
unlike KMeans it allows groups of different size and width. Hubert & Arabie (1985), "Comparing partitions",
for the adjusted Rand index; Hennig (2007), "Cluster-wise assessment of cluster stability", for the Jaccard
index of each group, 0.75 and above reading as stable.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from methods.counts import count
from methods.intervals.agreement import jaccard, rand_indices, rand_of_cells
from methods.intervals.estimates import Interval
from methods.result import Result

STEADY_JACCARD = 0.75
STEADY_RAND = 0.75
_STARTS = 3
# Columns are standardised: a group narrower than this is a value that many share, not a habit.
_NARROWEST_VARIANCE = 1e-2


@dataclass(frozen=True, kw_only=True)
class Runs(Result):
    """Bootstrap regroupings at one number of groups.

    rand: adjusted Rand index with the groups of the sample itself, one a bootstrap. jaccard: Jaccard index of
    each group, bootstraps by groups.
    """

    rand: np.ndarray
    jaccard: np.ndarray

    @property
    def steady(self) -> np.ndarray:
        """Whether each group is stable (mean Jaccard index of 0.75 or more)."""
        return self.jaccard.mean(axis=0) >= STEADY_JACCARD

    def take(self, drawn: np.ndarray) -> Runs:
        """Return these bootstraps only."""
        return Runs(rand=self.rand[drawn], jaccard=self.jaccard[drawn])


@dataclass(frozen=True, kw_only=True)
class Grouping(Result):
    """Groups and how firmly they stand.

    labels: int per row, 0 for the largest group. runs: fresh bootstraps at the chosen number. by_number:
    number of groups to the bootstraps by which it was chosen. model: the fitted mixture; order: its component
    of each group.
    """

    labels: np.ndarray
    runs: Runs
    by_number: dict[int, Runs]
    order: np.ndarray
    model: GaussianMixture = field(repr=False)

    @property
    def number(self) -> int:
        """How many groups there are."""
        return len(self.order)

    @property
    def jaccard(self) -> np.ndarray:
        """Mean Jaccard index of each group."""
        return self.runs.jaccard.mean(axis=0)

    def place(self, matrix: np.ndarray) -> np.ndarray:
        """Return the most likely group of each of these rows."""
        return np.argsort(self.order)[_likeliest(self.model, matrix)]

    def plausible_numbers(self, *, draws: int = 200, seed: int) -> tuple[int, int]:
        """The 95 % range of the number chosen when the bootstraps themselves are drawn again."""
        rng = np.random.default_rng(seed)
        chosen = [
            best_number(
                {
                    k: runs.take(rng.integers(0, len(runs.rand), len(runs.rand)))
                    for k, runs in self.by_number.items()
                }
            )
            for _ in range(draws)
        ]
        low, high = np.quantile(chosen, [0.025, 0.975])
        return int(np.floor(low)), int(np.ceil(high))


@dataclass(frozen=True, kw_only=True)
class Again(Result):
    """How well another grouping groups the same rows alike. rand: in all. jaccard: float, one a group."""

    rand: Interval
    jaccard: np.ndarray


def earlier_groups(
    grouping: Grouping, earlier: Grouping, matrix: np.ndarray, *, draws: int = 200, seed: int
) -> Again:
    """Put the rows of `matrix` into the groups of two groupings on the same axes and compare.

    Adjusted Rand index with a bootstrap interval over rows, and the Jaccard index of each group of `grouping`
    with the most alike of `earlier`.

    >>> rng = np.random.default_rng(1)
    >>> habits = np.concatenate([rng.normal(-3, 1, (60, 2)), rng.normal(3, 1, (40, 2))])
    >>> found = group(habits, numbers=(2,), bootstraps=2, seed=1)
    >>> earlier_groups(found, found, habits, seed=1).rand.estimate
    1.0
    """
    now, then = grouping.place(matrix), earlier.place(matrix)
    cells = np.zeros((grouping.number, earlier.number))
    np.add.at(cells, (now, then), 1.0)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(matrix), cells.ravel() / cells.sum(), size=draws)
    spread = np.quantile([rand_of_cells(one.reshape(cells.shape)) for one in drawn], [0.025, 0.975])
    middle = rand_of_cells(cells)
    return Again(
        rand=Interval(
            estimate=middle, low=min(spread[0], middle), high=max(spread[1], middle), n=len(matrix)
        ),
        jaccard=jaccard(now, then, groups=grouping.number),
    )


def best_number(by_number: dict[int, Runs]) -> int:
    """Choose the number that gives the most stable groups; of equals the one that regroups most alike."""
    return max(by_number, key=lambda number: (by_number[number].steady.sum(), by_number[number].rand.mean()))


def group(
    matrix: np.ndarray,
    *,
    learn: np.ndarray | None = None,
    numbers: Sequence[int] = range(2, 9),
    bootstraps: int = 8,
    largest_sample: int = 4000,
    fresh: bool = True,
    seed: int,
) -> Grouping:
    """Group the rows of `matrix` (float, standardised), the number of groups chosen by bootstrap stability.

    learn: bool, the rows from which groups are learned (all when not given); the others are placed in
        them.
    numbers: numbers of groups tried.
    bootstraps: resamples of at most `largest_sample` rows for each number; the chosen number gets twice
        as many fresh ones, unless `fresh` is False, where nobody asks how firm the groups are: then those
        that chose the number stand. Of equal numbers the most typical grouping is kept. Equal seeds give
        equal labels.
    Raises ValueError with fewer rows to learn from than 10 for each group of the largest number. Hennig
    2007 (Computational Statistics and Data Analysis 52): stability by the bootstrap.

    >>> rng = np.random.default_rng(1)
    >>> habits = np.concatenate([rng.normal(-3, 1, (60, 2)), rng.normal(3, 1, (40, 2))])
    >>> found = group(habits, numbers=(2, 3), bootstraps=3, seed=1)
    >>> found.number, np.bincount(found.labels).tolist()
    (2, [60, 40])
    """
    rows = matrix if learn is None else matrix[learn]
    if len(rows) < 10 * max(numbers):
        raise ValueError(
            f"{count(len(rows), 'row')}; {count(max(numbers), 'group')} need {10 * max(numbers)}"
        )
    rng = np.random.default_rng(seed)
    rows = rows[np.sort(rng.permutation(len(rows))[: 4 * largest_sample])]
    size = min(len(rows), largest_sample)
    # A fit on so few rows loses far more to waiting threads than it gains.
    with threadpool_limits(limits=1):
        fits = {number: _fits(rows, number, draws=bootstraps, size=size, seed=seed) for number in numbers}
        judged = rows[rng.permutation(len(rows))[:size]]
        typical = {number: _most_typical(models, judged) for number, models in fits.items()}
        tried = {number: runs for number, (_, runs) in typical.items()}
        number = best_number(tried)
        model = typical[number][0]
        runs = tried[number]
        if fresh:
            again = _fits(rows, number, draws=2 * bootstraps, size=size, seed=seed + 1)
            runs = _compared(model, again, judged)
        labels = _likeliest(model, matrix)
    order = np.argsort(-np.bincount(labels, minlength=number), kind="stable")
    return Grouping(
        labels=np.argsort(order)[labels],
        runs=Runs(rand=runs.rand, jaccard=runs.jaccard[:, order]),
        by_number=tried,
        order=order,
        model=model,
    )


def _fits(rows: np.ndarray, number: int, *, draws: int, size: int, seed: int) -> list[GaussianMixture]:
    """Fit a mixture to each of `draws` bootstrap samples."""
    rng = np.random.default_rng(seed)
    found = []
    for draw in range(draws):
        sample = rows[rng.integers(0, len(rows), size)]
        found.append(fitted_mixture(sample, number, starts=_STARTS, seed=seed + draw))
    return found


def fitted_mixture(rows: np.ndarray, number: int, *, starts: int, seed: int) -> GaussianMixture:
    """Return a mixture of `number` groups with variances of their own, the best of so many starts.

    rows: float, one row a customer and one column a feature.

    >>> rows = np.random.default_rng(1).normal(size=(200, 2))
    >>> fitted_mixture(rows, 2, starts=1, seed=1).means_.shape
    (2, 2)
    """
    mixture = GaussianMixture(
        number, covariance_type="diag", n_init=starts, reg_covar=_NARROWEST_VARIANCE, max_iter=60,
        random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        # A fit that has not come to rest would not come back either, which is what stability measures.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(rows)


def _most_typical(models: list[GaussianMixture], judged: np.ndarray) -> tuple[GaussianMixture, Runs]:
    """Return the model whose groups agree best with those of the others, and that agreement.

    One fit alone may have stopped at a grouping that hardly any other sample leads to.
    """
    labels = [_likeliest(model, judged) for model in models]
    alike = rand_indices(labels)
    chosen = int(alike.sum(axis=1).argmax())
    others = models[:chosen] + models[chosen + 1 :]
    return models[chosen], _compared(models[chosen], others, judged)


def _compared(model: GaussianMixture, others: list[GaussianMixture], judged: np.ndarray) -> Runs:
    """Compare where other models put the rows with where `model` does."""
    own, groups = _likeliest(model, judged), model.n_components
    labels = [_likeliest(other, judged) for other in others]
    return Runs(
        rand=np.array([adjusted_rand_score(own, other) for other in labels]),
        jaccard=np.array([jaccard(own, other, groups=groups) for other in labels]),
    )


def _likeliest(model: GaussianMixture, rows: np.ndarray) -> np.ndarray:
    """The component of each row with the highest density times weight, without the full posterior."""
    precision = 1.0 / model.covariances_
    constant = np.log(model.weights_) + 0.5 * np.log(precision).sum(axis=1)
    distance = rows**2 @ precision.T - 2 * rows @ (model.means_ * precision).T
    return (constant - 0.5 * (distance + (model.means_**2 * precision).sum(axis=1))).argmax(axis=1)
