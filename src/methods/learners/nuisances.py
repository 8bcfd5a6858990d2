"""The two models behind an adjusted comparison: who is treated, and what outcome to expect.

Every prediction is made for rows that the model has not seen (cross-fitting). Several learners are tried
and combined: outcomes by one small regression on those predictions ("short stacking", Ahrens, Hansen,
Schaffer and Wiemann 2025, Journal of Applied Econometrics), propensities by the average of their log odds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression, Ridge

from methods.counts import count
from methods.learners.additive_model import AdditiveModel
from methods.learners.additive_trees import AdditiveTrees
from methods.learners.deep_trees import DeepTrees, QuickTrees
from methods.learners.fit_check import fault_of
from methods.learners.folds import Split, cluster_folds, stratified_folds
from methods.learners.level_means import encoded_levels
from methods.learners.penalised_regression import penalised_regression
from methods.learners.unlike import EARNED, AlternativeFit, unseen
from methods.regression.covariates import Levels
from methods.result import Result

Maker = Callable[[bool], BaseEstimator]

SMALL_SAMPLE, LARGE_SAMPLE = 2_000, 10_000
MOST_LEARNED = 120_000
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, kw_only=True)
class Nuisances(Result):
    """Out-of-sample predictions for every row, shape (rows,).

    propensity: chance of being treated. outcome_control, outcome_treated: the outcome to expect without
    and with the treatment. learners: the names of the learners that were combined. fold: the number of each
    row's fold; its models have seen no row of the fold. warning: empty, or one sentence on fits that failed
    their check and what took their place. alternatives: what learners of other kinds predict,
    where the sample size chose the learner.
    """

    propensity: np.ndarray
    outcome_control: np.ndarray
    outcome_treated: np.ndarray
    learners: tuple[str, ...]
    fold: np.ndarray | None = None
    warning: str = ""
    alternatives: tuple[AlternativeFit, ...] = ()


LEARNERS: MappingProxyType[str, Maker] = MappingProxyType(
    {
        "penalised regression": penalised_regression,
        "curves and surfaces": AdditiveModel,
        "curves, surfaces and trees": AdditiveTrees,
        "quick trees": QuickTrees,
        "deep trees": DeepTrees,
    }
)


LINEAR, SMOOTH, TREES = "penalised regression", "curves and surfaces", "curves, surfaces and trees"
QUICK, DEEP = "quick trees", "deep trees"
ARMS_TOGETHER = (SMOOTH, TREES, QUICK, DEEP)
MOST_LEARNED_BY_A_LINE = 5_000
EARNED_ALONE = 3.0  # quick trees see patterns of 4,000 rows by 5 and more; bends that do little harm by 2


def default_learners(rows: int) -> tuple[str, ...]:
    """Return the learner that a sample of this size can carry: more freedom from 2,000 and 10,000 rows.

    Trees on top of curves and surfaces take a third off the bias of 20,000 rows for 1 % on the standard
    error; of 4,000 rows they take as much off but put 5 % on, so that the error as a whole grows.
    """
    if rows < SMALL_SAMPLE:
        return ("penalised regression",)
    return ("curves and surfaces",) if rows < LARGE_SAMPLE else ("curves, surfaces and trees",)


def default_folds(rows: int, *, most_learned: int = MOST_LEARNED) -> int:
    """Return 5 folds; 4 from 10,000 rows: one more is a quarter more work for hardly more to learn from.

    2 where half of the rows are already more than a learner looks at.
    """
    if rows >= 2 * most_learned:
        return 2
    return 5 if rows < LARGE_SAMPLE else 4


def fit_nuisances(
    matrix: np.ndarray,
    treatment: np.ndarray,
    outcome: np.ndarray,
    *,
    folds: int = 0,
    learners: Sequence[str] = (),
    most_learned: int = MOST_LEARNED,
    seed: int = 1,
    names: Sequence[str] = (),
    cluster: np.ndarray | None = None,
    levels: Sequence[Levels] = (),
    pattern: bool = False,
) -> Nuisances:
    """Return cross-fitted predictions of treatment and outcome.

    matrix: (rows, columns) float.
    treatment: (rows,) of 0 and 1.
    outcome: (rows,) float; 0 and 1 only means a share.
    folds: 0 lets the sample size choose (see `default_folds`).
    learners: names from `LEARNERS`; empty lets the sample size choose.
    Raises KeyError on others.
    most_learned: a fit draws so many of its rows at random, so that with a million rows work grows with
        the predictions only. Curves, surfaces and trees have one outcome model for both arms, with the
        treatment among its covariates, that also takes in which covariates act together on the treatment
        ("double selection": Belloni, Chernozhukov and Hansen 2014, Review of Economic Studies): what
        drives both is what biases.
    names: of the columns, for the warning.
    cluster: (rows,) labels of groups that lie whole in a fold; where whole groups are treated, their
        number is the sample size that chooses.
    levels: categories of very many levels; what is usual in each is learned inside the folds.
    pattern: whether something is known to be left of treatment and outcome alike that curves do not follow.

    Where the sample size chooses, from 2,000 rows on, learners of unlike kinds are fitted to the same folds:
    curves and surfaces, trees on top of these, and a line; from 10,000 rows on the second are taken, below
    they put 5 % on the standard error. Where what trees add to curves goes with what these leave over of
    treatment and outcome alike (cross-validated; `unlike.unseen`), or a `pattern` is known, deep trees are
    taken: less bias for more noise; a line is then left out. In fewer than 10,000 rows trees on top of curves
    are shrunk so much that they may miss what there is; there quick trees alone are asked too.

    >>> rng = np.random.default_rng(1)
    >>> age = rng.normal(size=(300, 1))
    >>> shared = (rng.random(300) < 1 / (1 + np.exp(-age[:, 0]))).astype(float)
    >>> fit = fit_nuisances(age, shared, age[:, 0] + 2 * shared, folds=2)
    >>> round(float((fit.outcome_treated - fit.outcome_control).mean()), 1)
    2.1
    """
    units = _units(treatment, cluster)
    unlike = not learners and units >= SMALL_SAMPLE and bool(matrix.shape[1] or levels)
    chosen = (TREES,) if unlike else tuple(learners) or default_learners(units)
    unknown = [name for name in chosen if name not in LEARNERS]
    if unknown:
        raise KeyError(f"learners {unknown} are not known; there are {list(LEARNERS)}")
    binary = bool(np.isin(outcome, (0, 1)).all())
    # Two halves leave the most pairs of one level and one fold, from which its bias is estimated.
    folds = folds or (2 if levels else default_folds(len(treatment), most_learned=most_learned))
    strata = treatment * 2 + outcome if binary else treatment
    if cluster is None or len(pd.unique(cluster)) == len(cluster):
        splits = stratified_folds(strata, folds=folds, seed=seed)
    else:
        splits = cluster_folds(treatment, cluster, folds=folds, seed=seed)
    faults: list[str] = []
    sample = _Sample(matrix, treatment, outcome, binary, most_learned, faults, tuple(levels), seed)
    found = _predictions(chosen, sample, splits)
    alternatives: tuple[AlternativeFit, ...] = ()
    if unlike:
        further = partial(_predictions, sample=sample, splits=splits)
        kept, alternatives = _compared(found, sample, further, pattern=pattern)
        found, chosen = {kept: found[kept]}, (kept,)
    of_treatment, *of_outcome = np.stack([found[name] for name in chosen], axis=2)
    untreated, with_treatment = (
        _stack(predicted, outcome, rows, binary=binary)
        for predicted, rows in zip(of_outcome, (treatment == 0, treatment == 1), strict=True)
    )
    propensity = _average(of_treatment)
    return Nuisances(
        propensity=propensity,
        outcome_control=untreated,
        outcome_treated=with_treatment,
        learners=chosen,
        fold=_numbered(splits, len(treatment)),
        warning=_warning(faults, fault_of(matrix, treatment, propensity, names=tuple(names))),
        alternatives=alternatives,
    )


def _units(treatment: np.ndarray, cluster: np.ndarray | None) -> int:
    """How many units chose: rows, or clusters where all rows of each are in one arm."""
    if cluster is None:
        return len(treatment)
    _, first, code = np.unique(cluster, return_index=True, return_inverse=True)
    return len(first) if (treatment[first][code] == treatment).all() else len(treatment)


def _numbered(splits: Sequence[Split], rows: int) -> np.ndarray:
    fold = np.empty(rows, dtype=int)
    for number, (_, new) in enumerate(splits):
        fold[new] = number
    return fold


def _warning(faults: list[str], left: str) -> str:
    """Say which fits failed their check, and what is wrong with the chances of treatment still."""
    said = []
    if faults:
        which = " and ".join(sorted(set(faults)))
        said.append(
            f"{count(len(faults), 'fit')} of {which} failed their check: a plain logistic took their place"
        )
    if left:
        said.append(f"the chance of treatment is not known well: {left}")
    return "; ".join(said)


def _compared(
    found: dict[str, np.ndarray],
    sample: _Sample,
    further: Callable[[Sequence[str]], dict[str, np.ndarray]],
    *,
    pattern: bool,
) -> tuple[str, tuple[AlternativeFit, ...]]:
    """The learner to go by, and the others with what the richer of each pair sees and the other does not.

    found: predictions by learner, to which `further` adds those of the learners named, where they are asked.
    """
    treatment = sample.treatment

    def beside(name: str, plain: str, rich: str) -> AlternativeFit:
        factual = [np.where(treatment == 1, found[each][2], found[each][1]) for each in (plain, rich)]
        seen = (
            unseen(treatment, found[plain][0], found[rich][0], binary=True),
            unseen(sample.outcome, *factual, binary=sample.binary),
        )
        e, control, treated = found[name]
        return AlternativeFit(
            learner=name,
            propensity=e,
            outcome_control=control,
            outcome_treated=treated,
            unseen=seen,
            seen_by=rich,
        )

    others = {name: beside(name, SMOOTH, TREES) for name in (SMOOTH, TREES)}
    many = len(treatment) >= LARGE_SAMPLE
    if not (many or pattern or others[SMOOTH].evidence > EARNED):
        found |= {QUICK: further((QUICK,))[QUICK]}
        alone = beside(SMOOTH, SMOOTH, QUICK)
        if alone.evidence > EARNED_ALONE:
            others[SMOOTH] = alone
    kept = TREES if many else SMOOTH
    if pattern or others[SMOOTH].evidence > EARNED:
        found |= {DEEP: further((DEEP,))[DEEP]}
        kept, others[TREES] = DEEP, beside(TREES, TREES, DEEP)
    else:  # where curves do not do, a line does even less
        found |= {LINEAR: further((LINEAR,))[LINEAR]}
        others[LINEAR] = beside(LINEAR, LINEAR, SMOOTH)
    return kept, tuple(each for name, each in others.items() if name != kept)


@dataclass(frozen=True)
class _Sample:
    matrix: np.ndarray
    treatment: np.ndarray
    outcome: np.ndarray
    binary: bool
    most_learned: int
    faults: list[str]
    levels: tuple[Levels, ...]
    seed: int

    def checked(self, model: BaseEstimator, target: np.ndarray) -> BaseEstimator:
        """Return a fitted model; where it failed its own check, what it was to predict is noted."""
        if getattr(model, "fault_", ""):
            self.faults.append("the treatment" if target is self.treatment else "the outcome")
        return model

    def drawn(self, rows: np.ndarray, most: int = 0) -> np.ndarray:
        """Return the rows, or so many of them as a fit may look at."""
        most = most or self.most_learned
        if len(rows) <= most:
            return rows
        return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))

    def of_fold(self, learn: np.ndarray) -> _Sample:
        """Return the sample with two columns a category of many levels, learned from these rows."""
        if not self.levels:
            return self
        arm = [self.outcome[learn][self.treatment[learn] == each].mean() for each in (0, 1)]
        rest = self.outcome - np.where(self.treatment == 1, arm[1], arm[0])
        made = [
            encoded_levels(category.code, target, learn, levels=len(category.names), seed=self.seed)
            for category in self.levels
            for target in (self.treatment, rest)
        ]
        return replace(self, matrix=np.column_stack([self.matrix, *made]))


def _predictions(names: Sequence[str], sample: _Sample, splits: Sequence[Split]) -> dict[str, np.ndarray]:
    """Predict treatment, and outcome without and with it, out of fold; (3, rows) by learner.

    A fit with trees gives what curves and surfaces say without them besides.
    """
    kind = np.result_type(sample.matrix, np.float32)
    found = {name: np.empty((3, len(sample.treatment)), dtype=kind) for name in (*names, SMOOTH)}
    for learn, new in splits:
        fold = sample.of_fold(learn)
        for name in names:
            joint = name in ARMS_TOGETHER and fold.matrix.shape[1] > 0
            if not joint:
                for row, one in zip(found[name], _arms_apart(name, fold, learn, new), strict=True):
                    row[new] = one
                continue
            for place, both in enumerate(_arms_together(name, fold, learn, new)):
                found[name][place, new] = both[-1]
                if len(both) > 1 and SMOOTH not in names:
                    found[SMOOTH][place, new] = both[0]
    return found


def _arms_apart(name: str, sample: _Sample, learn: np.ndarray, new: np.ndarray) -> Iterator[np.ndarray]:
    """Outcome models of their own for the untreated and the treated."""
    make, most = LEARNERS[name], MOST_LEARNED_BY_A_LINE if name == LINEAR else 0
    binary, treatment, outcome = sample.binary, sample.treatment, sample.outcome
    yield _predicted(make(True), sample, treatment, sample.drawn(learn, most), new, binary=True)
    for arm in (0, 1):
        own = sample.drawn(learn[treatment[learn] == arm], most)
        yield _predicted(make(binary), sample, outcome, own, new, binary=binary)


def _arms_together(
    name: str, sample: _Sample, learn: np.ndarray, new: np.ndarray
) -> Iterator[tuple[np.ndarray, ...]]:
    """One outcome model of both arms, told which covariates act together on the treatment.

    Yields one array, or those without and with trees.
    """
    make, matrix, treatment, outcome = LEARNERS[name], sample.matrix, sample.treatment, sample.outcome
    own = sample.drawn(learn)
    chance = sample.checked(make(True).fit(matrix[own], treatment[own]), treatment)
    yield _in_parts(_predictor(chance), matrix, new)
    if np.ptp(outcome[own]) == 0:
        yield from ((np.full(len(new), outcome[own[0]]),) for _ in (0, 1))
        return
    both = _beside(matrix[own], treatment[own])
    expected = make(sample.binary).fit(both, outcome[own], together=chance.together_)
    predict = _predictor(sample.checked(expected, outcome))
    for arm in (0.0, 1.0):
        yield _in_parts(partial(_predicted_beside, predict, arm), matrix, new)


def _predictor(model: BaseEstimator) -> Callable[[np.ndarray], tuple[np.ndarray, ...]]:
    return getattr(model, "predict_twice", lambda part: (model.predict(part),))


def _predicted_beside(
    predict: Callable[[np.ndarray], tuple[np.ndarray, ...]], arm: float, part: np.ndarray
) -> tuple[np.ndarray, ...]:
    return predict(_beside(part, arm))


def _beside(part: np.ndarray, treatment: np.ndarray | float) -> np.ndarray:
    column = np.broadcast_to(np.asarray(treatment, dtype=part.dtype), len(part))
    return np.column_stack([part, column])


def _predicted(
    model: BaseEstimator,
    sample: _Sample,
    target: np.ndarray,
    own: np.ndarray,
    new: np.ndarray,
    *,
    binary: bool,
) -> np.ndarray:
    """Fit on the rows `own`, predict the rows `new`."""
    if np.ptp(target[own]) == 0 or sample.matrix.shape[1] == 0:
        return np.full(len(new), target[own].mean())
    sample.checked(model.fit(sample.matrix[own], target[own]), target)

    def predict(part: np.ndarray) -> tuple[np.ndarray, ...]:
        return (model.predict_proba(part)[:, 1] if binary else model.predict(part),)

    return _in_parts(predict, sample.matrix, new)[0]


def _in_parts(
    predict: Callable[[np.ndarray], tuple[np.ndarray, ...]], matrix: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, ...]:
    parts = np.array_split(rows, len(rows) // ROWS_AT_ONCE + 1)
    return tuple(map(np.concatenate, zip(*(predict(matrix[part]) for part in parts), strict=True)))


def _log_odds(predictions: np.ndarray) -> np.ndarray:
    bounded = np.clip(predictions, 1e-4, 1 - 1e-4)
    return np.log(bounded / (1 - bounded))


def _average(predictions: np.ndarray) -> np.ndarray:
    """Average the log odds. Calibrating them too shrinks propensities and leaves more bias (measured)."""
    return 1 / (1 + np.exp(-_log_odds(predictions).mean(axis=1)))


def _stack(predictions: np.ndarray, target: np.ndarray, rows: np.ndarray, *, binary: bool) -> np.ndarray:
    if predictions.shape[1] == 1 or np.ptp(target[rows]) == 0:
        return predictions.mean(axis=1)
    if not binary:
        return Ridge(alpha=1e-6).fit(predictions[rows], target[rows]).predict(predictions)
    log_odds = _log_odds(predictions)
    return LogisticRegression(C=1e4).fit(log_odds[rows], target[rows]).predict_proba(log_odds)[:, 1]
