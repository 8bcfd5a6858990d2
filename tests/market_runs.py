"""Analyses run over many simulated markets whose truth is known: bias, error, coverage, false alarms."""

from __future__ import annotations

import functools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd

from helpers.report import Finding
from helpers.report.trust import truth_of
from market import Market, simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop

Measure = Callable[..., list[dict]]


def market_and_shop(folder: Path, *, customers: int, seed: int, effects=None):
    """Simulate a market; return it and its shop."""
    market = simulate(customers=customers, seed=seed, effects=effects)
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    return market, write_shop(tables, folder / f"{customers}-{seed}", as_of=AS_OF_UTC)


def market_shop(folder: Path, *, customers: int, seed: int, effects=None):
    """Simulate a market; return its shop and its truth."""
    market, shop = market_and_shop(folder, customers=customers, seed=seed, effects=effects)
    return shop, market.truth


def in_markets(
    measure: Measure, folder: Path, *, customers: int, seeds: Iterable[int], effects=None
) -> pd.DataFrame:
    """Call `measure(shop, market, seed)` in one market a seed; return the rows of all of them.

    measure: a function of a module, or a partial of one, so that other processes can find it. The number of
    processes is that of the cores, or of the environment variable CHECK_JOBS.
    """
    task = functools.partial(_in_one, measure, folder, customers, effects)
    jobs = int(os.environ.get("CHECK_JOBS", os.cpu_count() or 1))
    if jobs == 1:
        found = [task(seed) for seed in seeds]
    else:
        # Forked processes would inherit the engine's locks.
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(task, seeds))
    return pd.DataFrame([row for rows in found for row in rows])


def _in_one(measure: Measure, folder: Path, customers: int, effects, seed: int) -> list[dict]:
    market, shop = market_and_shop(folder, customers=customers, seed=seed, effects=effects)
    return measure(shop, market, seed)


def answered(analysis: Callable, shop, market: Market, seed: int) -> list[dict]:
    """The answered findings of one analysis, a row each."""
    found = [line(finding, market.truth, seed) for finding in analysis(shop).findings]
    return [row for row in found if row["status"] == "answered"]


def over_seeds(
    analysis: Callable, folder: Path, *, customers: int, seeds: Iterable[int], effects=None
) -> pd.DataFrame:
    """Answer one question of many markets: one row a seed and answered finding, with its truth (or nan)."""
    measure = functools.partial(answered, analysis)
    return in_markets(measure, folder, customers=customers, seeds=seeds, effects=effects)


def numbers_of(truth: Mapping) -> dict[str, float]:
    """Return the true values by id, or by `id: segment` where one id is asked of several."""
    found: dict[str, float] = {}
    for name, value in truth.items():
        by_segment = value if isinstance(value, Mapping) else {None: value}
        found |= {
            name if segment is None else f"{name}: {segment}": number
            for segment, number in by_segment.items()
        }
    return found


def line(finding: Finding, truth, seed: int) -> dict:
    """Return a finding as a row."""
    return {
        "finding": finding.id, "segment": finding.segment, "seed": seed, "status": finding.status,
        "truth": truth_of(truth, finding),
        "estimate": finding.estimate, "low": finding.low, "high": finding.high,
    }  # fmt: skip


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Bias, RMSE, coverage, median width and seeds of each finding whose truth is known."""
    rows = rows.dropna(subset="truth").astype({"truth": float})
    error = rows["estimate"] - rows["truth"]
    covered = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows = rows.assign(bias=error, square=error**2, coverage=covered, width=rows["high"] - rows["low"])
    groups = rows.groupby(name_of(rows))
    found = groups[["truth", "bias", "coverage"]].mean()
    return found.assign(
        rmse=groups["square"].mean() ** 0.5, width=groups["width"].median(), seeds=groups.size()
    )


def alarms(rows: pd.DataFrame) -> pd.Series:
    """Share of seeds in which an interval leaves out 0, by finding."""
    away = (rows["low"] > 0) | (rows["high"] < 0)
    return away.groupby(name_of(rows)).mean()


def name_of(rows: pd.DataFrame) -> pd.Series:
    """The id of each row, with its segment where one id is asked of several."""
    segment = rows["segment"].fillna("") if "segment" in rows else pd.Series("", index=rows.index)
    return rows["finding"].where(segment == "", rows["finding"] + ": " + segment).rename("finding")
