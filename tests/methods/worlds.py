"""Strange worlds put to the methods: what each answer was worth, beside the known truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report.verdicts import nil_verdict
from market.strange import WORLDS, StrangeWorld, draw_world
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.known_zeros import KnownZeros, calibrated_on, known_zeros
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes, normal_interval
from methods.learners.nuisances import DEEP, LINEAR, SMOOTH, TREES
from methods.trials.intention_to_treat import intention_to_treat

SHAPES = ("smooth", "rings", "sawtooth", "threshold")
LEARNED = (SMOOTH, TREES, DEEP)
FATES = ("covered", "missed", "warned wrong", "warned right", "withheld")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An interval (None where refused), what is warned of beside it, and why no verdict rests on it."""

    interval: Interval | None
    warning: str = ""
    withheld: str = ""

    def fate(self, truth: float) -> str:
        """What became of the answer, one of `FATES`."""
        if self.interval is None or self.withheld:
            return "withheld"
        held = not excludes(self.interval, truth)
        if self.warning:
            return "warned wrong" if held else "warned right"
        return "covered" if held else "missed"


def answers(world: StrangeWorld, seed: int) -> dict[str, Answer]:
    """Return the answers by method and estimand, gated as chapter 03 gates its own."""
    names = {"outcome": world.outcome, "treatment": world.treatment, "cluster": world.cluster}
    if world.randomised:
        offer = intention_to_treat(world.frame, **names)
        return {"intention_to_treat ate": Answer(interval=offer.effect, warning=offer.warning)}
    effect = adjusted_effect(world.frame, covariates=world.covariates, seed=seed, **names)
    zeros = _zeros(world, effect, seed) if world.controls else None
    about = {"warning": effect.warning, "withheld": effect.withheld or _erring(zeros, effect)}
    found = {
        "adjusted_effect ate": Answer(interval=effect.ate, **about),
        "adjusted_effect att": Answer(interval=effect.att, **about),
    }
    return found if zeros is None else {**found, "calibrated att": _calibrated(zeros, effect)}


def _zeros(world: StrangeWorld, effect: AdjustedEffect, seed: int) -> KnownZeros:
    frame = world.frame
    return known_zeros(
        frame[world.outcome].to_numpy(float),
        frame[world.treatment].to_numpy(float),
        frame[list(world.controls)].to_numpy(float),
        effect.covariates,
        names=world.controls,
        seed=seed,
    )


def _erring(zeros: KnownZeros | None, effect: AdjustedEffect) -> str:
    """Why A1 would tell no number: what is known to be nil is found to differ."""
    margin = effect.att.standard_error
    erring = zeros is not None and nil_verdict(zeros.mean_error, margin=margin) == "contradicted"
    return "outcomes that the treatment cannot move differ" if erring else ""


def _calibrated(zeros: KnownZeros, effect: AdjustedEffect) -> Answer:
    """The effect on the treated calibrated on the world's controls."""
    found = None if zeros.refused else calibrated_on(zeros, effect.att)
    return Answer(interval=None if found is None or found.withheld else found.calibrated)


def judged(name: str, rows: int, seed: int) -> list[dict[str, object]]:
    """Return one row a method and estimand: what became of it, its width, and its distance from the truth.

    widened: of a calibrated interval, how many times as wide as the plain one of the same rows.
    """
    world = draw_world(name, rows=rows, seed=seed)
    about = {"world": name, "rows": rows}
    try:
        found = answers(world, seed)
    except CannotAnswer:
        method = "intention_to_treat ate" if world.randomised else "adjusted_effect att"
        return [{**about, "method": method, "fate": "withheld"}]
    told: list[dict[str, object]] = []
    for method, answer in found.items():
        truth = world.truth[method.split()[-1]]
        row = {**about, "method": method, "fate": answer.fate(truth)}
        row["known"] = known_holds(world) if method == "adjusted_effect ate" else np.nan
        if (interval := answer.interval) is not None:
            row["held"] = not excludes(interval, truth)
            row["off"] = (interval.estimate - truth) / interval.standard_error
            row["width"] = interval.high - interval.low
        told.append(row)
    if "width" in told[-1] and told[-1]["method"] == "calibrated att":
        told[-1]["widened"] = told[-1]["width"] / told[-2]["width"]
    return told


def known_holds(world: StrangeWorld) -> float:
    """Whether the estimator that is told the true chances holds the effect on everyone; 0 or 1, nan untold.

    What it misses is the luck of the draw: no analysis, and no learner, could have done better.
    """
    if "propensity" not in world.known or world.cluster is not None:
        return np.nan
    t, y = (world.frame[name].to_numpy(float) for name in (world.treatment, world.outcome))
    e, without, treated = (world.known[name] for name in ("propensity", "without", "treated"))
    effects = treated - without + t * (y - treated) / e - (1 - t) * (y - without) / (1 - e)
    found = normal_interval(float(effects.mean()), float(effects.std() / np.sqrt(len(y))), len(y))
    return float(not excludes(found, world.truth["ate"]))


def table(
    seeds: Iterable[int], *, names: Iterable[str] = tuple(WORLDS), sizes: Sequence[int] = (2_000, 4_000)
) -> pd.DataFrame:
    """Return the share of each fate by world, size and method, the coverage of all, and median widths.

    known: of the draws, how many an estimator that is told the true chances holds (`known_holds`). widened:
    the median, as of widths, over the draws in which the calibrated interval is not withheld.
    """
    rows = [
        row
        for name in names
        for size in WORLDS[name].rows
        if size in sizes
        for seed in seeds
        for row in judged(name, size, seed)
    ]
    frame = pd.DataFrame(rows)
    groups = frame.groupby(["world", "rows", "method"], sort=False)
    fates = groups["fate"].value_counts(normalize=True).unstack(fill_value=0.0)
    fates = fates.reindex(columns=list(FATES), fill_value=0.0)
    held = groups["held"].apply(lambda values: values.dropna().astype(float).mean())
    means = groups[["known", "off"]].mean()
    if "widened" in frame:
        means["widened"] = groups["widened"].median()
    return fates.assign(holds=held, width=groups["width"].median(), **means)


def oracles(name: str, rows: int, seed: int) -> dict[str, bool]:
    """Whether intervals hold the effect on everyone where more is known than any analysis can know.

    form: told along which index chances run, but not how steeply; it misses only where the estimator itself
    does. pick: by that of our learners whose errors, which an oracle sees, go least together (their product
    is the bias); where even this misses too often, no learner here sees the pattern at that size.
    """
    world = draw_world(name, rows=rows, seed=seed)
    known = {key: np.log(value / (1 - value)) for key, value in world.known.items()}
    indices = world.frame.assign(treated_as=known["propensity"], bought_as=known["without"])
    form = _held(world, indices, ("treated_as", "bought_as"), LINEAR)
    picks = {each: _held(world, world.frame, world.covariates, each) for each in LEARNED}
    best = min(picks.values(), key=lambda pick: pick[1])
    return {"form": form[0], "pick": best[0]}


def _held(
    world: StrangeWorld, frame: pd.DataFrame, covariates: Sequence[str], learner: str
) -> tuple[bool, float]:
    """Whether one learner's interval holds the truth, and how far its errors go together."""
    effect = adjusted_effect(
        frame, outcome="y", treatment="t", covariates=covariates, learners=(learner,), repeats=1
    )
    fit, known = effect.nuisances, world.known
    off = [
        (getattr(fit, f"outcome_{ours}") - known[truth]).astype(float)
        for ours, truth in (("control", "without"), ("treated", "treated"))
    ]
    together = abs(float(np.mean((fit.propensity - known["propensity"]) * np.sum(off, axis=0))))
    return effect.ate is not None and not excludes(effect.ate, world.truth["ate"]), together
