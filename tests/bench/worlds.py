"""Our adjusted effect on every strange world and on a training programme with survey controls."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

LIBRARIES = ("sklearn.ensemble",)
DRAWS, FEWER_DRAWS, MANY_ROWS = 10, 5, 20_000
FIRST_SEED = 9_000  # of no seed that a threshold was chosen on
PROGRAMME = "training programme (nsw)"
PROGRAMME_EFFECT = 1_794.34  # of the trial itself: Imbens and Xu 2024
PROGRAMME_COVARIATES = (
    "age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75", "u74", "u75",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One drawn sample: its columns by role, and the effect it has by design.

    estimand: of all rows (`ate`) or of the treated (`att`). truth: in the unit of the outcome.
    """

    world: str
    seed: int
    frame: pd.DataFrame
    covariates: tuple[str, ...]
    cluster: str | None
    estimand: str
    truth: float

    def matrix(self) -> np.ndarray:
        """Return the covariates as numbers, each level of a text as a column."""
        return pd.get_dummies(self.frame[list(self.covariates)]).to_numpy(dtype=np.float64)


# (sample) → estimate, standard error, what was doubted (empty: nothing)
Estimator = Callable[[Sample], tuple[float, float, str]]


def samples(folder: Path, customers: int) -> None:
    """Draw the samples that ours and the other libraries analyse."""
    from market.strange import WORLDS, draw_world

    for name, rules in WORLDS.items():
        for rows in rules.rows:
            for seed in range(FIRST_SEED, FIRST_SEED + (FEWER_DRAWS if rows == MANY_ROWS else DRAWS)):
                world = draw_world(name, rows=rows, seed=seed)
                if world.randomised:
                    continue
                _keep(
                    folder,
                    Sample(
                        world=f"{name}, {rows:,} rows",
                        seed=seed,
                        frame=world.frame,
                        covariates=world.covariates,
                        cluster=world.cluster,
                        estimand="ate",
                        truth=world.truth["ate"],
                    ),
                )
    _keep_programme(folder)


def _keep_programme(folder: Path) -> None:
    """The trained of a trial beside people of a survey; the draws differ in the folds alone."""
    source = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "nsw"
    if not source.is_dir():
        print(f"{PROGRAMME}: its tables are not here (../shared/data/nsw), so it is left out")
        return
    trained = pd.read_stata(source / "nsw_dw.dta").query("treat == 1")
    both = pd.concat([trained, pd.read_stata(source / "psid_controls.dta")], ignore_index=True)
    both = both.assign(
        t=both["treat"], y=both["re78"], u74=(both["re74"] == 0) * 1, u75=(both["re75"] == 0) * 1
    )
    for seed in range(FIRST_SEED, FIRST_SEED + DRAWS):
        _keep(
            folder,
            Sample(
                world=PROGRAMME,
                seed=seed,
                frame=both[["t", "y", *PROGRAMME_COVARIATES]].astype(float),
                covariates=PROGRAMME_COVARIATES,
                cluster=None,
                estimand="att",
                truth=PROGRAMME_EFFECT,
            ),
        )


def _keep(folder: Path, sample: Sample) -> None:
    place = folder / "worlds" / f"{sample.world} {sample.seed}"
    place.parent.mkdir(exist_ok=True)
    sample.frame.to_parquet(place.with_suffix(".parquet"), index=False)
    roles = {name: value for name, value in vars(sample).items() if name != "frame"}
    place.with_suffix(".json").write_text(json.dumps(roles), encoding="utf-8")


def _kept(folder: Path) -> list[Path]:
    found = sorted((folder / "worlds").glob("*.parquet"))
    if not found:
        raise FileNotFoundError(f"no samples of worlds in {folder}; run the stage `samples` first")
    return found


def put_to(folder: Path, method: str, estimate: Estimator) -> None:
    """Let a method answer every kept sample, and keep its answers beside them."""
    columns = ["method", "world", "seed", "truth", "estimate", "error", "doubt", "seconds"]
    kept = folder / f"worlds_{method}.csv"
    answers = pd.DataFrame(columns=columns)
    for path in _kept(folder):
        roles = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        roles["covariates"] = tuple(roles["covariates"])
        sample = Sample(frame=pd.read_parquet(path), **roles)
        started = time.process_time()
        value, error, doubt = estimate(sample)
        spent = time.process_time() - started
        answers.loc[len(answers)] = [
            method, sample.world, sample.seed, sample.truth, value, error, doubt, spent,
        ]  # fmt: skip
        answers.to_csv(kept, index=False)  # as it goes: a run that is stopped has not been for nothing
    print(summary(answers).to_string(index=False))


def summary(answers: pd.DataFrame) -> pd.DataFrame:
    """One row a world and method: answered, doubted, and of those answered RMSE, held, CPU seconds a fit."""
    found = answers.assign(
        doubted=answers["doubt"].fillna("") != "",
        off=answers["estimate"] - answers["truth"],
        answered=answers["estimate"].notna(),
    )
    found["held"] = (found["off"].abs() <= 1.96 * found["error"]).where(found["answered"])
    found["square"] = found["off"] ** 2
    groups = found.groupby(["world", "method"], sort=False)
    table = groups.agg(
        draws=("answered", "size"), answered=("answered", "sum"), doubted=("doubted", "sum"),
        rmse=("square", "mean"), bias=("off", "mean"), error=("error", "mean"), held=("held", "mean"),
        seconds=("seconds", "median"),
    )  # fmt: skip
    table["rmse"] = np.sqrt(table["rmse"])
    return table.round({"rmse": 4, "bias": 4, "error": 4, "held": 2, "seconds": 2}).reset_index()


def adjusted(folder: Path, customers: int) -> None:
    """Our estimate of each sample; a sample that is refused has none."""
    from methods.errors import CannotAnswer

    def _estimate(sample: Sample) -> tuple[float, float, str]:
        try:
            return _ours(sample)
        except CannotAnswer as limit:
            return np.nan, np.nan, str(limit)

    put_to(folder, "ours", _estimate)


def _ours(sample: Sample) -> tuple[float, float, str]:
    from methods.adjust.adjusted_effect import adjusted_effect

    effect = adjusted_effect(
        sample.frame, outcome="y", treatment="t", covariates=sample.covariates, cluster=sample.cluster,
        seed=sample.seed,
    )  # fmt: skip
    found = getattr(effect, sample.estimand)
    if found is None:
        return np.nan, np.nan, effect.doubt
    return found.estimate, found.standard_error, effect.doubt


STAGES = (samples, adjusted)
