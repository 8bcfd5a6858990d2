"""Who supplies a list: friends, strangers in their place, the crowd, a taste model, or two of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from helpers.recommend.contest import FEWEST_CUSTOMERS, TUNED_ON, Contest, judge, tuning_customers
from helpers.recommend.friends import (
    FriendsBought,
    like_minded,
    random_strangers,
    read_liked,
    read_ties,
    strong_and_weak,
)
from helpers.report import CannotAnswer
from methods.lists.blend import Blend
from methods.lists.lists_for_all import Popular
from methods.lists.ranking import accuracy, recommend

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
class Supplied:
    """Lists from one kind of supplier.

    customers: row numbers judged. lists: one array, or one for each drawing of strangers. measures:
    `ranking.accuracy` of each customer, averaged over the drawings.
    """

    key: str
    customers: np.ndarray = field(repr=False)
    lists: tuple[np.ndarray, ...] = field(repr=False)
    measures: dict[str, np.ndarray] = field(repr=False)

    @property
    def label(self) -> str:
        """The supplier in words."""
        return LABELS[self.key]


def befriended(contest: Contest, ties: csr_array) -> np.ndarray:
    """Return the judged customers who have a friend; CannotAnswer when there are fewer than 30."""
    chosen = contest.customers[np.diff(ties.indptr)[contest.customers] > 0]
    if len(chosen) < FEWEST_CUSTOMERS:
        raise CannotAnswer(
            f"judged customers with a friend who is a customer too: {len(chosen)}; a comparison of friends "
            f"with strangers needs at least {FEWEST_CUSTOMERS}."
        )
    return chosen


def supply(
    shop, contest: Contest, *, drawings: int = 5, seed: int = 1
) -> tuple[csr_array, float, dict[str, Supplied]]:
    """Return the ties, the weight given to friends beside taste, and what each supplier's lists did.

    Every list is as long as the contest's and judged on the same customers with friends (`strong` and `weak`:
    those with both). drawings: how often strangers are drawn; their measures are means over the drawings.
    The weight is the best of four in the tuning window; strangers get the same.
    """
    split, purchases = contest.split, contest.purchases
    ties = read_ties(shop, purchases, split)
    who = befriended(contest, ties)
    plain = unweighted(ties)
    taste = contest.best_taste.model.fit(split.train)
    weight = weight_of_friends(shop, contest, seed=seed)
    nobody = [random_strangers(plain, seed=seed + number) for number in range(drawings)]
    twins = like_minded(split.train, plain, who, seed=seed)
    graphs = {"friends": [plain], "strangers": nobody, "like_minded": [twins]}
    found = {"crowd": _supplied("crowd", [Popular().fit(split.train)], contest, who)}
    for key, drawn in graphs.items():
        fitted = [FriendsBought(ties=graph).fit(split.train) for graph in drawn]
        found[key] = _supplied(key, fitted, contest, who)
    liked = read_liked(shop, purchases, split)
    if liked is not None and liked.nnz:
        fitted = FriendsBought(ties=plain, liked=liked).fit(split.train)
        found["liked"] = _supplied("liked", [fitted], contest, who)
    if not shop.missing("ties.strength"):
        both, strong, weak = strong_and_weak(ties, who, seed=seed)
        if len(both) >= FEWEST_CUSTOMERS:
            for key, graph in (("strong", strong), ("weak", weak)):
                found[key] = _supplied(key, [FriendsBought(ties=graph).fit(split.train)], contest, both)
    found["taste"] = _supplied("taste", [taste], contest, who)
    for key, drawn in (("taste_friends", [plain]), ("taste_strangers", nobody)):
        blends = [
            Blend(first=Ready(taste), second=FriendsBought(ties=graph), weight=weight).fit(split.train)
            for graph in drawn
        ]
        found[key] = _supplied(key, blends, contest, who)
    return ties, weight, found


@dataclass(frozen=True)
class Ready:
    """A model that has been fitted already, so that five blends need not fit it five times."""

    fitted: object

    def fit(self, interactions: csr_array) -> object:
        """Return what was fitted."""
        return self.fitted


def _supplied(key: str, fitted: list, contest: Contest, who: np.ndarray) -> Supplied:
    relevant, hidden = contest.split.test[who], contest.split.hidden
    lists = tuple(recommend(one, who, length=contest.length, hidden=hidden) for one in fitted)
    measured = [accuracy(one, relevant) for one in lists]
    means = {name: np.mean([one[name] for one in measured], axis=0) for name in measured[0]}
    return Supplied(key=key, customers=who, lists=lists, measures=means)


def weight_of_friends(shop, contest: Contest, *, seed: int) -> float:
    """Choose the weight of friends beside taste in the tuning window, with ties as they stood before it."""
    inner = contest.tuned_on
    if inner is None:
        return _UNTUNED
    ties = unweighted(read_ties(shop, contest.purchases, inner))
    asked = inner.judged[np.diff(ties.indptr)[inner.judged] > 0]
    asked = np.random.default_rng(seed).permutation(asked)[: tuning_customers(inner)]
    if len(asked) < FEWEST_CUSTOMERS:
        return _UNTUNED
    ready, friends = Ready(contest.best_taste.model.fit(inner.train)), FriendsBought(ties=ties)
    scores = [
        judge(Blend(first=ready, second=friends, weight=weight), inner, asked, contest.length)[1][
            TUNED_ON
        ].mean()
        for weight in WEIGHTS
    ]
    return WEIGHTS[int(np.argmax(scores))]


def unweighted(ties: csr_array) -> csr_array:
    """Return the ties with 1 for every strength."""
    return csr_array((np.ones(ties.nnz, np.float32), ties.indices, ties.indptr), shape=ties.shape)
