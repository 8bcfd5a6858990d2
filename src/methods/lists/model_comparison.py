"""All lists against each other: tuned alike before the cut, judged on the same customers after it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.stats import norm

from methods.counts import count
from methods.errors import CannotAnswer
from methods.lists.als import ImplicitAls
from methods.lists.ease import Ease
from methods.lists.item_knn import ItemNeighbours
from methods.lists.lists_for_all import BuyAgain, Popular, PopularInGroup, RecentlyPopular
from methods.lists.purchases import Purchases
from methods.lists.ranking import Learner, Model, accuracy, recommend
from methods.lists.recency import Faded, TrendAndTaste
from methods.lists.split import Split, split_at, split_at_random
from methods.regression.codes import codes_of
from methods.result import Result

TUNED_ON = "ndcg"
TASTE = ("neighbours", "ease", "als")
WINDOW_DAYS = 14.0
CAUTIOUS = ("trend",)  # whose settings go from best sellers to taste
FEWEST_CUSTOMERS = 30
RANDOM_SHARE = 0.1
_DENSE_LIMIT = 5_000
_TUNING_SCORES = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Entry(Result):
    """One list in the comparison and what it did.

    lists: int32 (customers, length) columns of the split, -1 for none. measures: `ranking.accuracy` of
    each customer. tuning: mean NDCG in the tuning window (NaN when untuned). settings: what was chosen.
    model: the model with these settings, not fitted. before: whether it served each customer asked in the
    tuning window, the same ones for all lists; empty when untuned.
    """

    key: str
    label: str
    personal: bool
    settings: str
    tuning: float
    model: Model = field(repr=False)
    lists: np.ndarray = field(repr=False)
    measures: dict[str, np.ndarray] = field(repr=False)
    before: np.ndarray = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ModelComparison(Result):
    """All lists on the same customers (row numbers of the split); entries in order of `candidate_models`.

    best_personal is chosen in the tuning window, so that the judged purchases had no say; best_for_all is the
    list for all that served most of the judged customers, which if anything understates what a personal
    list gains. tuned_on: the split before the cut on which settings were chosen; None without one.
    """

    purchases: Purchases = field(repr=False)
    split: Split = field(repr=False)
    customers: np.ndarray = field(repr=False)
    length: int
    entries: tuple[Entry, ...]
    tuned_on: Split | None = field(default=None, repr=False)

    @property
    def best_for_all(self) -> Entry:
        """The list for all that served most customers."""
        return max((e for e in self.entries if not e.personal), key=lambda e: e.measures["hit_rate"].mean())

    @property
    def best_personal(self) -> Entry:
        """The personal list with the highest NDCG in the tuning window."""
        return max((e for e in self.entries if e.personal), key=lambda e: np.nan_to_num(e.tuning))

    @property
    def best_taste(self) -> Entry:
        """The same among the models that learn tastes from what else was bought."""
        return max((e for e in self.entries if e.key in TASTE), key=lambda e: np.nan_to_num(e.tuning))

    def p_before(self, entry: Entry) -> float | None:
        """Return the p-value of a list's having served no more in the tuning window than the best for all.

        1 where it did not serve more; None without a tuning window. One cut shows what one fashion did to
        all who were judged on it, whom no resampling of customers makes independent: a gain counts that was
        there at an earlier cut as well.
        """
        if self.tuned_on is None:
            return None
        gain = entry.before - self.best_for_all.before
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        return float(2 * norm.sf(gain.mean() / error)) if gain.mean() > 0 and error > 0 else 1.0


def compare_models(
    purchases: Purchases,
    split: Split,
    *,
    length: int = 10,
    tuning_days: int = 56,
    most_customers: int = 20_000,
    seed: int = 1,
    tell: Callable[[str], None] | None = None,
) -> ModelComparison:
    """Tune every model before the cut with at most four settings each, fit it, and judge its lists.

    purchases, split: of the shop.
    length: of a list. Published comparisons mislead where models are not tuned alike (Ferrari Dacrema and
        others, RecSys 2019).
    tuning_days: the last days before the cut, on which settings are chosen.
    most_customers: judge a random sample of that many when there are more.
    tell: takes one plain line a step; by default it is written to stderr when a person watches.

    >>> from methods.lists.split import split_at_random
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame(rng.integers(0, [60, 12], (600, 2)), columns=["customer", "item"])
    >>> rows = rows.drop_duplicates()
    >>> shop = Purchases(rows=rows, customers=np.arange(60), items=np.arange(12), sellers=np.full(12, None),
    ...                  categories=np.full(12, None))
    >>> split = split_at_random(shop, share=0.2, seed=1)
    >>> found = compare_models(shop, split, length=3, tell=lambda line: None)
    >>> found.entries[0].lists.shape[1], found.best_for_all.personal
    (3, False)
    """
    tell = tell or _tell
    rng = np.random.default_rng(seed)
    customers = sample(split.judged, most_customers, rng)
    inner = tuning_split(purchases, split, tuning_days=tuning_days, seed=seed)
    families = candidate_models(purchases, split, seed=seed)
    untried = {TUNED_ON: np.array([np.nan]), "hit_rate": np.empty(0)}
    scored, window_days = [[untried] for _ in families], WINDOW_DAYS
    if inner is not None:
        asked = sample(inner.judged, tuning_customers(inner), rng)
        scored, window_days = _tuned(candidate_models(purchases, inner, seed=seed), inner, asked, length)
    entries = []
    for trials, scores in zip(families, scored, strict=True):
        settings = in_window(trials, window_days)
        place = choose([one[TUNED_ON] for one in scores], cautious=settings[0].key in CAUTIOUS)
        model, before = settings[place], scores[place]
        lists, measures = judge(model, split, customers, length)
        tell(
            f"{model.label}: {count(len(settings), 'setting')} tried, NDCG@{length} "
            f"{measures['ndcg'].mean():.4f}"
        )
        entries.append(_entry(model, before, lists, measures))
    return ModelComparison(
        purchases=purchases,
        split=split,
        customers=customers,
        length=length,
        entries=tuple(entries),
        tuned_on=inner,
    )


def _tuned(
    families: list[list[Model]], inner: Split, asked: np.ndarray, length: int
) -> tuple[list[list[dict[str, np.ndarray]]], float]:
    """Return what each setting did for each customer, and the days of the best sellers lately.

    What sorts them by taste is then tried on the same days, so that only the taste can make a difference.
    """
    scored, window_days = [], WINDOW_DAYS
    for family in families:
        trials = in_window(family, window_days)
        scored.append([judge(model, inner, asked, length)[1] for model in trials])
        place = choose([one[TUNED_ON] for one in scored[-1]], cautious=False)
        window_days = window_of(trials[place], window_days)
    return scored, window_days


def window_of(model: Model, otherwise: float) -> float:
    """Return the days that count as "of late" for best sellers, of any other model those given.

    >>> window_of(ItemNeighbours(), 14.0)
    14.0
    """
    return model.window_days if isinstance(model, RecentlyPopular) else otherwise


def in_window(models: Sequence[Model], window_days: float) -> list[Model]:
    """Return the models, those that sort best sellers of late with so many days for "of late".

    >>> in_window([ItemNeighbours()], 28.0)
    [ItemNeighbours(neighbours=100, shrink=0.0, similarity='cosine')]
    """
    return [
        replace(one, window_days=window_days) if isinstance(one, TrendAndTaste) else one for one in models
    ]


def choose(scores: Sequence[np.ndarray], *, cautious: bool) -> int:
    """Return the place of the setting to take: the best on average.

    scores: of each setting, one number a customer, the same customers.
    cautious: settings go from modest to bold, and the first stays unless the best is better by more than two
        standard errors of the difference, in the manner of Breiman's rule (1984), so that luck in one window
        does not trade the best sellers away.

    >>> choose([np.array([0.5, 0.4, 0.5]), np.array([0.9, 0.1, 0.8])], cautious=True)
    0
    """
    best = int(np.argmax([one.mean() for one in scores]))
    gain = scores[best] - scores[0]
    if cautious and gain.mean() <= 2 * gain.std() / np.sqrt(len(gain)):
        return 0
    return best


def candidate_models(purchases: Purchases, split: Split, *, seed: int) -> list[list[Model]]:
    """Return the models of the comparison: for each, the settings to choose from (at most four)."""
    most_bought = _DENSE_LIMIT if min(split.train.shape) > _DENSE_LIMIT else None
    found: list[list[Model]] = [[Popular()]]
    if split.days_ago is not None:
        windows = (14, 28, 56, 112)
        found.append([RecentlyPopular(days_ago=split.days_ago, window_days=days) for days in windows])
        if split.repeats:
            lives = (14, 30, 90, 365)
            found.append([BuyAgain(days_ago=split.days_ago, half_life_days=days) for days in lives])
    if purchases.segments is not None:
        groups = codes_of(purchases.segments[split.customers])[0]
        found.append([PopularInGroup(groups=groups, borrowed=some) for some in (100.0, 500.0, 2e3, 1e4)])
    pairs = ((50, 5.0), (100, 20.0), (300, 20.0), (300, 100.0))
    neighbours = [ItemNeighbours(neighbours=number, shrink=shrink) for number, shrink in pairs]
    ridge = [Ease(l2=l2, most_bought=most_bought) for l2 in (20.0, 100.0, 500.0, 2000.0)]
    found += [_timely(neighbours, split), _timely(ridge, split)]
    triples = ((16, 5.0, 100.0), (32, 10.0, 15.0), (32, 10.0, 50.0), (32, 10.0, 200.0))
    found.append([ImplicitAls(factors=count, alpha=alpha, l2=l2, seed=seed) for count, alpha, l2 in triples])
    if split.days_ago is not None:
        found.append(_trends(neighbours[1], split.days_ago))
    return found


def _timely(plain: Sequence[Model], split: Split) -> list[Model]:
    """Of four settings the two in the middle as they are, and both fading where purchases have times."""
    if split.days_ago is None:
        return list(plain)
    middle = plain[1:3]
    return [*middle, *(Faded(model=one, days_ago=split.days_ago, half_life_days=90.0) for one in middle)]


def _trends(taste: Model, days_ago: csr_array) -> list[Model]:
    """Best sellers of late by taste; from hardly reordered to mostly taste."""
    return [
        TrendAndTaste(
            taste=Faded(model=taste, days_ago=days_ago, half_life_days=half_life),
            days_ago=days_ago,
            window_days=WINDOW_DAYS,
            weight=weight,
        )
        for half_life, weight in ((30.0, 0.1), (30.0, 0.5), (90.0, 0.5), (90.0, 2.0))
    ]


def tuning_split(purchases: Purchases, split: Split, *, tuning_days: int, seed: int) -> Split | None:
    """Split what lies before the cut once more; None when too few customers could be judged on."""
    row, column = split.train.nonzero()
    try:
        if split.cut_at is not None:
            start = split.cut_at - dt.timedelta(days=tuning_days)
            inner = split_at(purchases, cut_at=start, end_at=split.cut_at, repeats=split.repeats)
        else:
            known = pd.DataFrame({"customer": split.customers[row], "item": split.items[column]})
            inner = split_at_random(replace(purchases, rows=known), share=RANDOM_SHARE, seed=seed + 1)
    except CannotAnswer:
        return None
    return inner if len(inner.judged) >= FEWEST_CUSTOMERS else None


def judge(
    model: Learner, split: Split, customers: np.ndarray, length: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Fit a model before the cut; return its lists of these customers and `ranking.accuracy` of each.

    split: to learn from and to judge by.
    customers: row numbers of it.
    length: of a list. Works with any object that has `fit(interactions)` whose result has `history` and
        `scores(customers)`.

    >>> from methods.lists.lists_for_all import Popular
    >>> from methods.lists.split import split_at_random
    >>> rows = pd.DataFrame({"customer": np.repeat([0, 1, 2, 3], 5), "item": np.tile(np.arange(5), 4)})
    >>> shop = Purchases(rows=rows, customers=np.arange(4), items=np.arange(5), sellers=np.full(5, None),
    ...                  categories=np.full(5, None))
    >>> split = split_at_random(shop, share=0.2, seed=1)
    >>> lists, measures = judge(Popular(), split, split.judged, 5)
    >>> measures["hit_rate"].mean().item()
    1.0
    """
    lists = recommend(model.fit(split.train), customers, length=length, hidden=split.hidden)
    return lists, accuracy(lists, split.test[customers])


def _entry(
    model: Model, before: dict[str, np.ndarray], lists: np.ndarray, measures: dict[str, np.ndarray]
) -> Entry:
    return Entry(
        key=model.key,
        label=model.label,
        personal=model.personal,
        settings=_settings(model),
        tuning=float(before[TUNED_ON].mean()),
        model=model,
        lists=lists,
        measures=measures,
        before=before["hit_rate"],
    )


def tuning_customers(inner: Split) -> int:
    """Return how many customers are enough to choose settings on."""
    return int(np.clip(_TUNING_SCORES // inner.train.shape[1], 1_000, 5_000))


def sample(rows: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return the rows, or a random `most` of them in order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def _settings(model: Any) -> str:
    if isinstance(model, Faded):
        return f"{_settings(model.model)}, half-life {model.half_life_days:g} days"
    shown = {part.name: getattr(model, part.name) for part in fields(model) if part.repr}
    hidden = ("seed", "sweeps", "most_bought", "similarity")
    words = [f"{name} {value:g}" for name, value in shown.items() if name not in hidden]
    if shown.get("most_bought"):
        words.append(f"on the {shown['most_bought']:,} best sellers")
    return ", ".join(words) or "none"


def _tell(line: str) -> None:
    if sys.stderr.isatty():
        print(line, file=sys.stderr)
