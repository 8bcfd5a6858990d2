"""Our adjusted effect on samples of a hard design, on small ones of it, and on a million rows."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

LIBRARIES = ("pandas", "sklearn.ensemble")
SAMPLES, ROWS, MILLION = 16, 20_000, 1_000_000  # of few samples, luck decides whose RMSE is smaller
LEAST_ROWS = 4_000


def samples(folder: Path, customers: int) -> None:
    """Draw the samples that ours and the other libraries analyse, and keep them with their truth."""
    from tests.methods.uplift_designs import HARD_COVARIATES, hard_design

    kinds = [("hard", ROWS)] * SAMPLES + [("small", LEAST_ROWS)] * SAMPLES + [("million", MILLION)]
    for number, (kind, rows) in enumerate(kinds):
        frame, known = hard_design(rows, seed=7_000 + number)
        np.savez(
            folder / f"uplift_{kind}_{number}.npz",
            x=frame[HARD_COVARIATES].to_numpy(dtype=np.float64),
            t=frame["t"].to_numpy(dtype=np.int8),
            y=frame["y"].to_numpy(dtype=np.int8),
            truth=np.mean(known["treated"] - known["control"]),
        )


def adjusted(folder: Path, customers: int) -> None:
    """Our estimate of each sample: RMSE, bias, coverage and CPU seconds."""
    measured(folder, _ours)


def million_rows(folder: Path, customers: int) -> None:
    """One cross-fitted fit of a million rows and 20 covariates as it comes."""
    _one(folder, {})


def million_rows_plain(folder: Path, customers: int) -> None:
    """The same with learners that see every row of their fold: what drawing rows loses."""
    _one(folder, {"most_learned": MILLION, "folds": 2})


def measured(folder: Path, estimate) -> None:
    """Print how `estimate(x, t, y)`, which returns (effect, standard error), does on the kept samples."""
    for kind in ("hard", "small"):
        rows, kept = [], sorted(folder.glob(f"uplift_{kind}_*.npz"))
        if not kept:
            raise FileNotFoundError(f"no {kind} samples in {folder}; run the stage `samples` first")
        for path in kept:
            sample = np.load(path)
            x, t, y = sample["x"], sample["t"].astype(float), sample["y"].astype(float)
            started = time.process_time()
            value, error = estimate(x, t, y)
            rows.append((value - float(sample["truth"]), error, time.process_time() - started))
        off, error, seconds = np.array(rows).T
        held = np.sum(np.abs(off) <= 1.96 * error)
        print(
            f"{kind}, {len(x):,} rows: RMSE {np.sqrt(np.mean(off**2)):.4f}, bias {off.mean():+.4f}, standard "
            f"error {error.mean():.4f}, {held} of {len(off)} held, CPU s a fit {np.median(seconds):.2f}"
        )


def _ours(x, t, y, **options) -> tuple[float, float]:
    import pandas as pd

    from methods.adjust.adjusted_effect import adjusted_effect

    names = [f"x{place}" for place in range(x.shape[1])]
    frame = pd.DataFrame(x, columns=names, copy=False)
    frame["t"], frame["y"] = t, y
    effect = adjusted_effect(frame, outcome="y", treatment="t", covariates=names, **options)
    return effect.ate.estimate, effect.ate.standard_error


def _one(folder: Path, options: dict) -> None:
    (path,) = folder.glob("uplift_million_*.npz")
    sample = np.load(path)
    started = time.process_time()
    value, error = _ours(sample["x"], sample["t"], sample["y"], **options)
    print(
        f"effect {value:.5f} ({error:.5f}), truth {float(sample['truth']):.5f}, "
        f"CPU s {time.process_time() - started:.1f}"
    )


STAGES = (samples, adjusted, million_rows, million_rows_plain)
