"""Candidate sources of a list: friends, strangers in their place, the crowd, taste, or two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from methods.counts import count
from methods.errors import CannotAnswer
from methods.lists.blend import Blend
from methods.lists.friends import FriendsBought, like_minded, random_strangers, strong_and_weak
from methods.lists.lists_for_all import Popular
from methods.lists.model_comparison import (
    FEWEST_CUSTOMERS,
    TUNED_ON,
    ModelComparison,
    judge,
    tuning_customers,
)
from methods.lists.ranking import Fitted, accuracy, recommend
from methods.lists.recency import dated

LABELS = {
    "crowd": "everybody (best sellers)",
    "friends": "friends",
    "strangers": "as many random strangers",
    "like_minded": "as many like-minded strangers",
    "liked": "friends, highly rated only",
    "strong": "strong ties",
    "weak": "as many weak ties",
    "taste": "taste model",
    "taste_friends": "taste model + friends",
    "taste_strangers": "taste model + random strangers",
}
WEIGHTS = (0.05, 0.1, 0.2, 0.4)
_UNTUNED = 0.2


@dataclass(frozen=True, kw_only=True)
class SourceLists:
    """Lists from one kind of source.

    customers: row numbers judged. lists: one array, or one for each drawing of strangers. measures:
    `ranking.accuracy` of each customer, averaged over the drawings.
    """

    key: str
    customers: np.ndarray = field(repr=False)
    lists: tuple[np.ndarray, ...] = field(repr=False)
    measures: dict[str, np.ndarray] = field(repr=False)

    @property
    def label(self) -> str:
        """The source in words."""
        return LABELS[self.key]


def befriended(comparison: ModelComparison, ties: csr_array) -> np.ndarray:
    """Return the judged customers who have a friend; CannotAnswer when there are fewer than 30."""
    chosen = comparison.customers[np.diff(ties.indptr)[comparison.customers] > 0]
    if len(chosen) < FEWEST_CUSTOMERS:
        raise CannotAnswer(
            f"{count(len(chosen), 'judged customer')} with a friend who is a customer too; a comparison of "
            f"friends with strangers needs at least {FEWEST_CUSTOMERS}."
        )
    return chosen


def lists_by_source(
    comparison: ModelComparison,
    ties: csr_array,
    *,
    weight: float,
    liked: csr_array | None = None,
    strong_and_weak_apart: bool = False,
    drawings: int = 5,
    seed: int = 1,
) -> dict[str, SourceLists]:
    """Return what each source's lists did, by its name among LABELS.

    Every list is as long as the comparison's and judged on the same customers with friends (`strong` and
    `weak`: those with both).
    ties: customers x customers of the split, the strength where tied.
    weight: of friends beside taste, as `weight_of_friends` chooses it; strangers get the same.
    liked: customers x products, set where rated highly; None leaves that source out.
    strong_and_weak_apart: whether the strengths mean anything.
    drawings: how often strangers are drawn; their measures are means over the drawings.
    Raises CannotAnswer with fewer than 30 judged customers with a friend.
    """
    split = comparison.split
    who = befriended(comparison, ties)
    plain = unweighted(ties)
    taste = comparison.best_taste.model.fit(split.train)
    nobody = [random_strangers(plain, seed=seed + number) for number in range(drawings)]
    twins = like_minded(split.train, plain, who, seed=seed)
    graphs = {"friends": [plain], "strangers": nobody, "like_minded": [twins]}
    found = {"crowd": _measured("crowd", [Popular().fit(split.train)], comparison, who)}
    for key, drawn in graphs.items():
        fitted = [FriendsBought(ties=graph).fit(split.train) for graph in drawn]
        found[key] = _measured(key, fitted, comparison, who)
    if liked is not None and liked.nnz:
        approved = FriendsBought(ties=plain, liked=liked).fit(split.train)
        found["liked"] = _measured("liked", [approved], comparison, who)
    if strong_and_weak_apart:
        both, strong, weak = strong_and_weak(ties, who, seed=seed)
        if len(both) >= FEWEST_CUSTOMERS:
            for key, graph in (("strong", strong), ("weak", weak)):
                found[key] = _measured(key, [FriendsBought(ties=graph).fit(split.train)], comparison, both)
    found["taste"] = _measured("taste", [taste], comparison, who)
    for key, drawn in (("taste_friends", [plain]), ("taste_strangers", nobody)):
        blends = [
            Blend(first=Ready(taste), second=FriendsBought(ties=graph), weight=weight).fit(split.train)
            for graph in drawn
        ]
        found[key] = _measured(key, blends, comparison, who)
    return found


@dataclass(frozen=True)
class Ready:
    """A model that has been fitted already, so that five blends need not fit it five times."""

    fitted: Fitted

    def fit(self, interactions: csr_array) -> Fitted:
        """Return what was fitted."""
        return self.fitted


def _measured(
    key: str, fitted: Sequence[Fitted], comparison: ModelComparison, who: np.ndarray
) -> SourceLists:
    relevant, hidden = comparison.split.test[who], comparison.split.hidden
    lists = tuple(recommend(one, who, length=comparison.length, hidden=hidden) for one in fitted)
    measured = [accuracy(one, relevant) for one in lists]
    means = {name: np.mean([one[name] for one in measured], axis=0) for name in measured[0]}
    return SourceLists(key=key, customers=who, lists=lists, measures=means)


def weight_of_friends(comparison: ModelComparison, ties: csr_array | None, *, seed: int) -> float:
    """Choose the weight of friends beside taste, the best of four in the tuning window.

    ties: customers x customers of the tuning split, as they stood before it; None where nothing was
        tuned. Without a tuning window, or with fewer than 30 customers with friends in it, 0.2.
    """
    inner = comparison.tuned_on
    if inner is None or ties is None:
        return _UNTUNED
    ties = unweighted(ties)
    asked = inner.judged[np.diff(ties.indptr)[inner.judged] > 0]
    asked = np.random.default_rng(seed).permutation(asked)[: tuning_customers(inner)]
    if len(asked) < FEWEST_CUSTOMERS:
        return _UNTUNED
    taste = dated(comparison.best_taste.model, inner.days_ago).fit(inner.train)
    ready, friends = Ready(taste), FriendsBought(ties=ties)
    scores = [
        judge(Blend(first=ready, second=friends, weight=weight), inner, asked, comparison.length)[1][
            TUNED_ON
        ].mean()
        for weight in WEIGHTS
    ]
    return WEIGHTS[int(np.argmax(scores))]


def unweighted(ties: csr_array) -> csr_array:
    """Return the ties with 1 for every strength."""
    return csr_array((np.ones(ties.nnz, np.float32), ties.indices, ties.indptr), shape=ties.shape)
