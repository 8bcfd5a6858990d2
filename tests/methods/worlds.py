"""Strange worlds put to the methods: what each answer was worth, beside the known truth."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from market.strange import WORLDS, StrangeWorld, draw_world
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.known_zeros import calibrated_on, known_zeros
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes
from methods.trials.intention_to_treat import intention_to_treat

CAUSES = ("covered", "missed", "warned wrong", "warned right", "withheld")


def answers(world: StrangeWorld, seed: int) -> tuple[dict[str, Interval | None], str, str]:
    """Return intervals (None where refused) by method and estimand, the warning, and why no verdict."""
    names = {"outcome": world.outcome, "treatment": world.treatment, "cluster": world.cluster}
    if world.randomised:
        offer = intention_to_treat(world.frame, **names)
        return {"intention_to_treat ate": offer.effect}, offer.warning, ""
    effect = adjusted_effect(world.frame, covariates=world.covariates, seed=seed, **names)
    found = {"adjusted_effect ate": effect.ate, "adjusted_effect att": effect.att}
    if world.controls:
        found["calibrated att"] = calibrated(world, effect, seed)
    return found, effect.warning, effect.withheld


def calibrated(world: StrangeWorld, effect: AdjustedEffect, seed: int) -> Interval | None:
    """Return the effect on the treated calibrated on the world's controls, or None if refused."""
    frame = world.frame
    zeros = known_zeros(
        frame[world.outcome].to_numpy(float),
        frame[world.treatment].to_numpy(float),
        frame[list(world.controls)].to_numpy(float),
        effect.covariates,
        names=world.controls,
        seed=seed,
    )
    if zeros.refused:
        return None
    found = calibrated_on(zeros, effect.att)
    return None if found.withheld else found.calibrated


def judged(name: str, rows: int, seed: int) -> list[dict[str, object]]:
    """Return one row a method and estimand: what became of it, its width, and its distance from the truth."""
    world = draw_world(name, rows=rows, seed=seed)
    about = {"world": name, "rows": rows}
    try:
        found, warning, withheld = answers(world, seed)
    except CannotAnswer:
        method = "intention_to_treat ate" if world.randomised else "adjusted_effect att"
        return [{**about, "method": method, "fate": "withheld"}]
    told: list[dict[str, object]] = []
    for method, interval in found.items():
        if interval is None:
            told.append({**about, "method": method, "fate": "withheld"})
            continue
        truth = world.truth[method.split()[-1]]
        held = not excludes(interval, truth)
        if withheld:
            fate = "withheld"
        elif warning:
            fate = "warned wrong" if held else "warned right"
        else:
            fate = "covered" if held else "missed"
        off = (interval.estimate - truth) / interval.standard_error
        width = interval.high - interval.low
        told.append({**about, "method": method, "fate": fate, "held": held, "off": off, "width": width})
    return told


def table(seeds: Iterable[int], *, names: Iterable[str] = tuple(WORLDS), most_rows: int) -> pd.DataFrame:
    """Return the share of each fate by world, size and method, the coverage of all, and median widths."""
    rows = [
        row
        for name in names
        for size in WORLDS[name].rows
        if size <= most_rows
        for seed in seeds
        for row in judged(name, size, seed)
    ]
    frame = pd.DataFrame(rows)
    groups = frame.groupby(["world", "rows", "method"], sort=False)
    fates = groups["fate"].value_counts(normalize=True).unstack(fill_value=0.0)
    fates = fates.reindex(columns=list(CAUSES), fill_value=0.0)
    held = groups["held"].apply(lambda values: values.dropna().astype(float).mean())
    return fates.assign(holds=held, off=groups["off"].mean(), width=groups["width"].median())
