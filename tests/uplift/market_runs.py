"""Analyses run over many simulated markets whose truth is known: bias, error, coverage, false alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from helpers.data.market import simulate
from helpers.data.market.settings import AS_OF_UTC
from helpers.report import Finding


def market_shop(make_shop, folder: Path, *, customers: int, seed: int, effects=None):
    """Simulate a market; return its shop and its truth."""
    market = simulate(customers=customers, seed=seed, effects=effects)
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    shop = make_shop(tables, folder=folder / f"{customers}-{seed}", as_of=AS_OF_UTC)
    return shop, market.truth


def over_seeds(
    make_shop, folder: Path, analysis: Callable, *, customers: int, seeds: Iterable[int], effects=None
) -> pd.DataFrame:
    """Answer one question of many markets: one row a seed and answered finding, with its truth (or nan)."""
    rows = []
    for seed in seeds:
        shop, truth = market_shop(make_shop, folder, customers=customers, seed=seed, effects=effects)
        rows += [line(finding, truth, seed) for finding in analysis(shop).findings]
    return pd.DataFrame([row for row in rows if row["status"] == "answered"])


def line(finding: Finding, truth, seed: int) -> dict:
    """Return a finding as a row."""
    return {
        "finding": finding.id, "seed": seed, "status": finding.status, "truth": truth.get(finding.id),
        "estimate": finding.estimate, "low": finding.low, "high": finding.high,
    }  # fmt: skip


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Bias, RMSE, coverage, median width and seeds of each finding whose truth is known."""
    rows = rows.dropna(subset="truth").astype({"truth": float})
    error = rows["estimate"] - rows["truth"]
    covered = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows = rows.assign(bias=error, square=error**2, coverage=covered, width=rows["high"] - rows["low"])
    groups = rows.groupby("finding")
    found = groups[["truth", "bias", "coverage"]].mean()
    return found.assign(
        rmse=groups["square"].mean() ** 0.5, width=groups["width"].median(), seeds=groups.size()
    )


def alarms(rows: pd.DataFrame) -> pd.Series:
    """Share of seeds in which an interval leaves out 0, by finding."""
    away = (rows["low"] > 0) | (rows["high"] < 0)
    return away.groupby(rows["finding"]).mean()
