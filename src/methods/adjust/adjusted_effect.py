"""The doubly robust comparison of those who did with those who did not, and what self-selection adds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from methods.adjust.clustered_error import check_clusters, few_clusters_factor
from methods.adjust.disagreement import Disagreement, covering_factor, disagreement, move
from methods.adjust.leaning import TOO_LEANING, leaning
from methods.adjust.left_in_cells import LeftInCells, left_in_cells, looked_at
from methods.adjust.level_bias import level_bias
from methods.adjust.overlap import Overlap, overlap_of
from methods.adjust.separated import separated_rows
from methods.counts import count, percent
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, relative_lift, standard_error
from methods.learners.nuisances import DEEP, MOST_LEARNED, Nuisances, fit_nuisances
from methods.learners.unlike import AlternativeFit
from methods.regression.arms import cluster_labels, outcome_and_treatment, row_weights
from methods.regression.covariates import Covariates, covariate_matrix
from methods.result import Result

FEWEST_COMPARABLE = 10
MOST_OUTSIDE = 0.5
MOST_LEVELS = 30
FEWEST_EVENTS = 30
TOO_MUCH_LEFT = 0.5
ROWS_FOR_ONE_REPEAT, MOST_REPEATS = 10_000, 11
ROWS_IN_SINGLE = 200_000


@dataclass(frozen=True, kw_only=True)
class AdjustedEffect(Result):
    """A raw difference taken apart, in units of the outcome.

    raw: treated minus untreated. ate: effect on everyone (None where too few have a counterpart).
    att: effect on the treated. self_selection: raw minus att, what the treated would have shown anyway.
    untreated_mean_of_treated: the outcome to expect of the treated without treatment. ato: effect on units
    in the measure to which they might as well have been treated as not (overlap weights: Li, Morgan and
    Zaslavsky 2018), to be read where overlap is little; ato_rows: as many rows as carry it.
    relative_raw, relative_att: raw and att as a share of the mean without treatment (None unless positive).
    population: for which of the treated att speaks, and why the others are left out. disagreement: how far
    learners of other kinds move ate and att. left: what goes on driving both within ranges of covariates;
    seen: the same of curves, before deep trees took over for it.
    few_events: empty, or that outcomes of one kind are too few in an arm. uneven: empty, or that an outcome
    of numbers leans too far for so few rows of an arm.
    warning: empty, or what is thin about the comparison; withheld:
    empty, or why no verdict should rest on it. A standard error is that of a normal interval as wide.
    covariates, overlap, nuisances (of the last repeat): for balance and checks.
    """

    rows: int
    treated_rows: int
    raw: Interval
    relative_raw: Interval | None
    ate: Interval | None
    att: Interval
    relative_att: Interval | None
    self_selection: Interval
    untreated_mean_of_treated: Interval
    overlap: Overlap
    covariates: Covariates
    nuisances: Nuisances
    repeats: int
    ato: Interval | None = None
    ato_rows: float = 0.0
    disagreement: Mapping[str, Disagreement] = field(default_factory=dict)
    seen: LeftInCells = field(default_factory=LeftInCells)
    left: LeftInCells = field(default_factory=LeftInCells)
    few_events: str = ""
    uneven: str = ""

    @property
    def population(self) -> str:
        """Whom of the treated att speaks for."""
        lost = self.overlap.trimmed_treated_share
        if lost == 0:
            return f"all {self.treated_rows:,} treated"
        kept = round((1 - lost) * self.treated_rows)
        return (
            f"{kept:,} of {self.treated_rows:,} treated: the other {percent(lost)} were so likely to be "
            "treated "
            f"(chance above {percent(1 - self.overlap.trim, 2)}) that no untreated are like them"
        )

    @property
    def method(self) -> str:
        """One phrase that names the estimator."""
        learners = " and ".join(self.nuisances.learners)
        return f"cross-fitted doubly robust estimate (AIPW; {learners}; {count(self.repeats, 'repeat')})"

    @property
    def warning(self) -> str:
        """What is thin about the comparison, or nothing."""
        apart = [each.warning for each in self.disagreement.values()]
        said = [self.overlap.warning, self.few_events, self.uneven]
        said += [self.nuisances.warning, *apart, self._pattern]
        return "; ".join(dict.fromkeys(filter(None, said)))

    @property
    def withheld(self) -> str:
        """Why no verdict should rest on ate and att, or nothing."""
        part = next((each.withheld for each in self.disagreement.values() if each.withheld), "")
        large = abs(self.left.bias) > TOO_MUCH_LEFT * self.att.standard_error
        return part or (self._pattern if large else "")

    @property
    def _pattern(self) -> str:
        """Say where the models miss what drives both, or nothing."""
        told = self.left if self.left.found else self.seen
        if not told.found:
            return ""
        where = f"within ranges of {' and '.join(self.covariates.names[place] for place in told.columns)}"
        if told is self.left:
            return f"{where} something goes on driving both treatment and outcome that no model here follows"
        return f"{where} something drives both treatment and outcome that curves miss, and trees may in part"

    @property
    def doubt(self) -> str:
        """Why nothing should be called settled, or nothing: what withholds a verdict, else what is thin."""
        return self.withheld or self.warning


@dataclass(frozen=True)
class _Scores:
    """Row values whose means are the potential means of everyone, and of the treated with a counterpart.

    of_treated: 1 / share of the treated with a counterpart, on their rows; 0 elsewhere.
    """

    treated_all: np.ndarray
    control_all: np.ndarray
    control_of_treated: np.ndarray
    of_treated: np.ndarray


def adjusted_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] | Covariates,
    cluster: str | None = None,
    weights: str | None = None,
    folds: int = 0,
    repeats: int = 0,
    learners: Sequence[str] = (),
    most_learned: int = MOST_LEARNED,
    trim: float | None = None,
    seed: int = 1,
    level: float = 0.95,
) -> AdjustedEffect:
    """Return the effect of a treatment that customers chose themselves, adjusted for covariates.

    frame: one row a unit.
    outcome: 0/1 or numbers.
    treatment: 0/1 or false/true.
    covariates: columns known before the treatment, or their finished matrix; a category of more than 30
        levels keeps all of them, each with what is usual in it, learned inside the folds, and what this
        leaves is estimated and taken off (`level_bias`).
    cluster: column of groups that depend on each other: a group lies whole in a fold, and intervals are
        those of CR2 with Satterthwaite's degrees of freedom.
    weights: column of row weights, 0 or more: how many units of the population a row stands for, of which
        the effects are then means. Models are learned without them.
    repeats: of the random folds; the median estimate is told, and how far the repeats lie from it counts in
        the interval (Chernozhukov and others 2018). 0 lets the sample size choose (11 to 1). Beyond 200,000
        rows covariates are kept with seven digits, which halves their memory.
    trim: rows whose propensity lies outside [trim, 1 − trim] have no counterpart and are left out;
        `population` states how many. None takes 0.01, and less where rows are many or a group is small
        (`lowest_propensity`). Kinds in which none, or all, were treated have no counterpart either
        (`separated_rows`; without clusters, which may be alike by chance). Where the sample size chooses
        the learners (from 2,000 rows), others of unlike kinds are fitted beside: intervals cover how far
        these move the estimate, and a verdict is withheld where they part too far. Where what they leave over
        goes together within ranges of covariates (`left_in_cells`; without clusters or categories of many
        levels, and where no learners are named), deep trees take over, and it is said; where even these
        leave much, the verdict is withheld.
    most_learned: rows that a fit draws at most.
    Raises CannotAnswer when a group has fewer than 25 rows or the treated lack comparable untreated, or
    an arm lives in one group of the cluster column alone; ValueError on gaps, in labels and weights too, and
    on weights beside a category of more than 30 levels. Where the arms were drawn by lot, ask
    `trials.intention_to_treat`, which deals them anew where few groups were drawn. Augmented inverse
    propensity weighting: Robins, Rotnitzky and Zhao 1994; cross-fitting: Chernozhukov and others 2018
    (Econometrics Journal); weights are normalised to sum to one in each group.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=1_500)})
    >>> rows["shared"] = (rng.random(1_500) < 1 / (1 + np.exp(-rows["age"]))).astype(int)
    >>> rows["orders"] = rows["age"] + 2 * rows["shared"] + rng.normal(size=1_500)
    >>> found = adjusted_effect(rows, outcome="orders", treatment="shared", covariates=["age"], repeats=1)
    >>> round(found.raw.estimate, 1), round(found.att.estimate, 1)
    (2.9, 1.9)
    """
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    groups, weight = cluster_labels(frame, cluster), row_weights(frame, weights)
    if groups is not None:
        check_clusters(t, groups)
    x = covariates if isinstance(covariates, Covariates) else _numbers(frame, covariates)
    if weight is not None and x.levels:
        raise ValueError(
            f"rows are weighted and {x.levels[0].name!r} has more than {MOST_LEVELS} levels: what is left "
            f"within levels is estimated without weights only; join levels or leave the weights out"
        )
    weight = np.ones_like(y) if weight is None else weight
    repeats = repeats or max(1, min(MOST_REPEATS, ROWS_FOR_ONE_REPEAT // len(t)))
    bounds = lowest_propensity(len(t), t.mean()), 1 - lowest_propensity(len(t), 1 - t.mean())
    lower = min(0.01, bounds[0]) if trim is None else trim
    trim = min(0.01, lowest_propensity(len(t), 1 - t.mean())) if trim is None else trim
    data = _Data(y, t, weight, x, groups, level, (lower, 1 - trim), bounds, not learners)
    fit = functools.partial(
        fit_nuisances, x.matrix, t, y, folds=folds, most_learned=most_learned, names=x.names, cluster=groups,
        levels=x.levels,
    )  # fmt: skip
    fitted = functools.partial(_fitted, data, fit, learners=tuple(learners), repeats=repeats, seed=seed)
    fits = fitted()
    overlap = _overlap(data, fits)
    left = seen = _left(data, fits)  # while little else is held
    if seen.found and fits[0].alternatives and DEEP not in fits[0].learners:
        fits = fitted(pattern=True)
        overlap, left = _overlap(data, fits), _left(data, fits)
    return _effect(data, fits, overlap, seen, left)


def _fitted(
    data: _Data,
    fit: Callable[..., Nuisances],
    *,
    learners: tuple[str, ...],
    repeats: int,
    seed: int,
    pattern: bool = False,
) -> list[Nuisances]:
    """One fit a repeat; the first chooses the learner of all."""
    fits = [fit(learners=learners, seed=seed, pattern=pattern)]
    fits += [fit(learners=fits[0].learners, seed=seed + 1000 * repeat) for repeat in range(1, repeats)]
    if data.cluster is not None:  # whole groups may be alike in treatment by chance
        return fits
    parted = separated_rows(data.x.matrix, data.t)
    return [_parted(each, *parted) for each in fits]


def _overlap(data: _Data, fits: list[Nuisances]) -> Overlap:
    lower, upper = data.kept
    propensity = _averaged([fit.propensity for fit in fits])
    overlap = overlap_of(propensity, data.t, trim=1 - upper, lower=lower, weight=data.weight)
    _check_overlap(overlap)
    return overlap


def _parted(fit: Nuisances, never: np.ndarray, always: np.ndarray) -> Nuisances:
    """The fit with the chance 0 or 1 where nobody, or everybody, of a kind was treated."""

    def put(propensity: np.ndarray) -> np.ndarray:
        return np.where(never, 0.0, np.where(always, 1.0, propensity))

    alternatives = tuple(replace(one, propensity=put(one.propensity)) for one in fit.alternatives)
    return replace(fit, propensity=put(fit.propensity), alternatives=alternatives)


def _numbers(frame: pd.DataFrame, covariates: Sequence[str]) -> Covariates:
    kind = np.float32 if len(frame) > ROWS_IN_SINGLE else np.float64
    return covariate_matrix(frame, covariates, most_levels=MOST_LEVELS, dtype=kind)


def _check_overlap(overlap: Overlap) -> None:
    lost = max(overlap.trimmed_treated_share, overlap.beyond_treated_share)
    if lost > MOST_OUTSIDE:
        raise CannotAnswer(f"{percent(lost, 0)} of the treated have no counterpart among the untreated")
    if overlap.effective_control_for_treated < FEWEST_COMPARABLE:
        raise CannotAnswer(
            "the treated have next to no counterpart: the comparison would rest on about "
            f"{overlap.effective_control_for_treated:.0f} untreated customers"
        )


def lowest_propensity(rows: int, share: float) -> float:
    """Return the smallest chance of a group that a weight may use, so that no one row rules a small sample.

    5 / (√n ln n), at most 0.1 (Gruber, Phillips, Lee and van der Laan 2022, American Journal of
    Epidemiology); for a group of less than half of the rows times twice its share: where 2 % are treated, a
    chance of 1 % is not small.

    >>> round(lowest_propensity(4_000, 0.5), 4), round(lowest_propensity(4_000, 0.02), 5)
    (0.0095, 0.00038)
    """
    return float(min(0.1, 5 / (np.sqrt(rows) * np.log(rows))) * min(1.0, 2 * share))


@dataclass(frozen=True)
class _Data:
    """What is analysed, and how: outcome, treatment and weight (rows,), covariates, clusters, level.

    kept: propensities between which rows count. bounds: propensities between which weights are cut. looks:
    whether to look for what the models miss.
    """

    y: np.ndarray
    t: np.ndarray
    weight: np.ndarray
    x: Covariates
    cluster: np.ndarray | None
    level: float
    kept: tuple[float, float]
    bounds: tuple[float, float]
    looks: bool

    def inside(self, propensity: np.ndarray) -> np.ndarray:
        """Return which rows have a counterpart in the other group."""
        return (propensity >= self.kept[0]) & (propensity <= self.kept[1])


def _scores(data: _Data, fit: Nuisances | AlternativeFit) -> _Scores:
    """Rows without counterpart carry no weight."""
    y, t, w, n = data.y, data.t, data.weight, len(data.t)
    e, m0, m1 = fit.propensity, fit.outcome_control, fit.outcome_treated
    inside, reachable = data.inside(e), e <= data.kept[1]
    e = np.clip(e, *data.bounds)
    share = (inside * w).mean()

    def _over_everyone(expected: np.ndarray, weight: np.ndarray) -> np.ndarray:
        weight = np.where(inside, weight * w, 0.0)
        return (inside * w * expected + weight * (y - expected) / (weight.sum() / n) * share) / share

    odds = np.where(reachable & (fit.propensity > 0), w * (1 - t) * e / (1 - e), 0.0)
    taken = reachable * t * w
    p = taken.mean()
    without = (taken * m0 + odds / (odds.sum() / n) * p * (y - m0)) / p
    return _Scores(_over_everyone(m1, t / e), _over_everyone(m0, (1 - t) / (1 - e)), without, taken / p)


def _of_rows(y: np.ndarray, scores: _Scores) -> dict[str, np.ndarray]:
    """Row values whose means are the effect on everyone and on the treated."""
    return {
        "ate": scores.treated_all - scores.control_all,
        "att": y * scores.of_treated - scores.control_of_treated,
    }


def _effect(
    data: _Data, fits: list[Nuisances], overlap: Overlap, seen: LeftInCells, left_over: LeftInCells
) -> AdjustedEffect:
    """Take the repeats' median, and turn row values into estimates that share one set of influence values."""
    y, t, x = data.y, data.t, data.x
    scores = [_scores(data, fit) for fit in fits]
    treated_all, control_all, without, of_treated = (
        _averaged([getattr(score, name) for score in scores]) for name in _Scores.__annotations__
    )
    w = data.weight
    comparable = _Mean.of_rows(y, of_treated)
    # Models with many columns fit small samples too well; the factor is that of HC1.
    slack = np.sqrt(len(t) / max(len(t) - x.matrix.shape[1], len(t) / 2))
    left = np.mean([_left_in_levels(data, fit) for fit in fits], axis=0)
    (ate_value, ate_spread), (att_value, att_spread) = _over_repeats(y, scores)
    counterfactual = _Mean(
        comparable.value - att_value + left[1, 0],
        slack * (without - without.mean() * of_treated),
        left[1, 1] + att_spread,
    )
    att = comparable - counterfactual
    gain = treated_all - control_all
    everyone = _Mean(ate_value - left[0, 0], slack * (gain - w * gain.mean()), left[0, 1] + ate_spread)
    apart = _disagreements(data, fits[0], scores[0], {"ate": everyone, "att": att})
    treated = _Mean.of_rows(y, w * t / (w * t).mean())
    untreated = _Mean.of_rows(y, w * (1 - t) / (w * (1 - t)).mean())
    raw = treated - untreated
    few = _few_clusters(data, fits[0])
    wider = {
        name: few[name] * covering_factor(each.farthest, level=data.level) for name, each in apart.items()
    }
    estimate = functools.partial(_Mean.estimate, data=data)
    over = functools.partial(_Mean.over, data=data)
    ato, ato_rows = _overlap_weighted(data, fits)
    return AdjustedEffect(
        rows=len(t),
        treated_rows=int(t.sum()),
        raw=estimate(raw, factor=few["raw"]),
        relative_raw=over(treated, untreated, factor=few["raw"]),
        ate=None if overlap.trimmed_share > MOST_OUTSIDE else estimate(everyone, factor=wider["ate"]),
        att=estimate(att, factor=wider["att"]),
        relative_att=over(comparable, counterfactual, factor=wider["att"]),
        self_selection=estimate(raw - att, factor=wider["att"]),
        untreated_mean_of_treated=estimate(counterfactual, factor=wider["att"]),
        overlap=overlap,
        covariates=x,
        nuisances=fits[-1],
        repeats=len(fits),
        ato=estimate(ato, factor=wider["ate"]),
        ato_rows=ato_rows,
        disagreement=apart,
        seen=seen,
        left=left_over,
        few_events=_few_events(y, t),
        uneven=_uneven(data, fits[0]),
    )


def _over_repeats(y: np.ndarray, scores: list[_Scores]) -> tuple[tuple[float, float], ...]:
    """The effects on everyone and on the treated: the repeats' median, and their squared distance from it.

    One odd split moves a mean; where only one was drawn its luck is not known.
    """
    found = np.array([[values.mean() for values in _of_rows(y, score).values()] for score in scores])
    middle = np.median(found, axis=0)
    spread = np.median((found - middle) ** 2, axis=0)
    return tuple((float(value), float(square)) for value, square in zip(middle, spread, strict=True))


def _left(data: _Data, fits: list[Nuisances]) -> LeftInCells:
    """What is left of treatment and outcome in cells of covariates.

    Not with clusters, nor categories of many levels: there rows have more in common, which is dealt with
    elsewhere. Nor where learners were named: that repeats an analysis that has been looked at.
    """
    if data.cluster is not None or data.x.levels or not data.looks:
        return LeftInCells()
    e, m0, m1 = (
        _averaged([getattr(fit, name) for fit in fits])
        for name in ("propensity", "outcome_control", "outcome_treated")
    )
    rows = looked_at(np.flatnonzero(data.inside(e)))  # of a million, a copy of few
    t = data.t[rows]
    return left_in_cells(
        data.x.matrix[rows], t - e[rows], data.y[rows] - np.where(t == 1, m1[rows], m0[rows])
    )


def _averaged(values: list[np.ndarray]) -> np.ndarray:
    """The mean of the repeats; of one, itself and no copy."""
    return values[0] if len(values) == 1 else np.mean(values, axis=0)


def _few_events(y: np.ndarray, t: np.ndarray) -> str:
    """Say where a 0/1 outcome came or stayed away so rarely in an arm that a normal interval is short."""
    if not np.isin(y, (0, 1)).all():
        return ""
    counts = {
        f"{what} {name}": int((y[t == arm] == value).sum())
        for arm, name in ((1, "treated"), (0, "untreated"))
        for value, what in ((1, "of the outcome among the"), (0, "without it among the"))
    }
    where = min(counts, key=lambda name: counts[name])
    if counts[where] >= FEWEST_EVENTS:
        return ""
    return f"fewer than {FEWEST_EVENTS} cases {where}: too few for a normal interval to keep its level"


def _uneven(data: _Data, fit: Nuisances) -> str:
    """Say where an outcome of numbers is so uneven for rows so few that a normal interval is short."""
    y, t, e = data.y, data.t, np.clip(fit.propensity, *data.bounds)
    if np.isin(y, (0, 1)).all():
        return ""
    residual = y - np.where(t == 1, fit.outcome_treated, fit.outcome_control)
    kept = data.weight * data.inside(fit.propensity)
    everyone, treated = t / e - (1 - t) / (1 - e), t - (1 - t) * e / (1 - e)
    if max(leaning(residual, kept * weight) for weight in (everyone, treated)) <= TOO_LEANING:
        return ""
    few = "treated" if t.mean() < 0.5 else "untreated"
    return (
        f"the outcome is so uneven, and the {few} are so few, that a handful of rows decide: "
        "a normal interval holds less often than its level says"
    )


def _left_in_levels(data: _Data, fit: Nuisances) -> np.ndarray:
    """Bias and variance left within the levels of categories of many levels; (2, 2), zero without any."""
    if not data.x.levels or fit.fold is None:
        return np.zeros((2, 2))
    if fit.fold is None:
        raise ValueError("the bias within levels is estimated by fold; these predictions do not say theirs")
    e, kept = np.clip(fit.propensity, *data.bounds), data.inside(fit.propensity)
    codes = [category.code for category in data.x.levels]
    return level_bias(data.y, data.t, e, fit.outcome_control, fit.outcome_treated, codes, fit.fold, kept)


def _disagreements(
    data: _Data, first: Nuisances, own: _Scores, means: dict[str, _Mean]
) -> dict[str, Disagreement]:
    mine = _of_rows(data.y, own)
    errors = {name: mean.error(data.cluster) for name, mean in means.items()}
    moves: dict[str, dict[str, float]] = {name: {} for name in means}
    for other in first.alternatives:  # one after the other: each holds as many numbers as there are rows
        rows = _of_rows(data.y, _scores(data, other))
        for name, error in errors.items():
            moves[name][other.learner] = move(rows[name] - mine[name], error)
    return {name: disagreement(first.alternatives, each) for name, each in moves.items()}


def _few_clusters(data: _Data, fit: Nuisances) -> dict[str, float]:
    """The factor on each interval for the clusters being few; 1 without clusters."""
    if data.cluster is None:
        return {"raw": 1.0, "ate": 1.0, "att": 1.0}
    y, t, e = data.y, data.t, np.clip(fit.propensity, *data.bounds)
    m0, m1, w = fit.outcome_control, fit.outcome_treated, data.weight
    expected = np.where(t == 1, m1, m0)
    return {
        name: few_clusters_factor(residual, t, w * weight, data.cluster, level=data.level)
        for name, residual, weight in (
            ("raw", y, np.ones_like(y)),
            ("ate", y - expected, t / e + (1 - t) / (1 - e)),
            ("att", y - m0, t + (1 - t) * e / (1 - e)),
        )
    }


def _overlap_weighted(data: _Data, fits: list[Nuisances]) -> tuple[_Mean, float]:
    """The effect under overlap weights e (1 − e), and the rows that such weights leave (Kish 1965).

    As the slope of what is left of the outcome on what is left of the treatment, which errors of either
    model hardly move (Robinson 1988; Crump, Hotz, Imbens and Mitnik 2006).
    """
    found, rows = [], []
    for fit in fits:
        e = fit.propensity
        left = data.y - e * fit.outcome_treated - (1 - e) * fit.outcome_control
        off = data.t - e
        spread = (data.weight * off**2).mean()
        slope = float((data.weight * off * left).mean() / spread)
        found.append(_Mean(slope, data.weight * off * (left - slope * off) / spread))
        weight = data.weight * e * (1 - e)
        rows.append(weight.sum() ** 2 / (weight**2).sum())
    influence = np.mean([mean.influence for mean in found], axis=0)
    return _Mean(float(np.mean([mean.value for mean in found])), influence), float(np.mean(rows))


@dataclass(frozen=True)
class _Mean:
    """A mean and the influence of each row on it, so that differences and ratios keep their covariance.

    further: variance that comes on top of that of the rows.
    """

    value: float
    influence: np.ndarray
    further: float = 0.0

    @staticmethod
    def of_rows(y: np.ndarray, weight: np.ndarray) -> _Mean:
        """Return the weighted mean; weights average to 1."""
        value = np.mean(weight * y)
        return _Mean(value, weight * (y - value))

    def __sub__(self, other: _Mean) -> _Mean:
        further = self.further + other.further
        return _Mean(self.value - other.value, self.influence - other.influence, further)

    def error(self, cluster: np.ndarray | None) -> float:
        """Return the standard error, before anything widens it."""
        return float(np.hypot(standard_error(self.influence, cluster), np.sqrt(self.further)))

    def estimate(self, *, data: _Data, factor: float) -> Interval:
        """Return the mean with its interval, a factor wider."""
        error = factor * self.error(data.cluster)
        return normal_interval(self.value, error, len(self.influence), level=data.level)

    def over(self, base: _Mean, *, data: _Data, factor: float) -> Interval | None:
        """Return this mean over another, less 1; None where that says nothing."""
        if min(self.value, base.value) <= 0:
            return None
        influence = self.influence / self.value - base.influence / base.value
        further = self.further / self.value**2 + base.further / base.value**2
        error = factor * _Mean(0.0, influence, further).error(data.cluster)
        return relative_lift(self.value, base.value, len(self.influence), log_error=error, level=data.level)
