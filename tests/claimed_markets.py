"""The ledger of one simulated market, each claim beside its truth."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.report import claims_ledger, read_chapters
from market.simulate import build_world
from tests.claim_truths import row, truth_of_claim
from tests.market_runs import market_and_shop
from tests.notebook_in_process import Run, run_notebook
from tests.recommend.expectations import Expected, truth_of_lists, truth_of_ties
from tests.segments.graph_measures import influence_of_leaders

# 02 reads what 03 found.
CHAPTERS = ("03_share_uplift", "02_stickiness", "04_segmentation", "05_recommendation", "06_guardrails")


def claims_of_market(folder: Path, *, customers: int, seed: int) -> pd.DataFrame:
    """Run the chapters that test claims on one market; return a row a claim (`claim_truths.row`)."""
    market, shop = market_and_shop(folder, customers=customers, seed=seed)
    out = folder / f"out {customers} {seed}"
    runs = {name: run_notebook(name, data=shop.folder, out=out, draft=True) for name in CHAPTERS}
    truth = market.truth | _worked_out(runs, market, seed)
    ledger = claims_ledger(read_chapters(out))
    rows = [
        row(claim, judged, truth_of_claim(claim, truth))
        for claim, judged in zip(ledger.claims, ledger.findings, strict=True)
    ]
    return pd.DataFrame(rows).assign(seed=seed)


def _worked_out(runs: dict[str, Run], market, seed: int) -> dict[str, float]:
    """Return the truths that hang on whom or which list an answer picked.

    Of D1 it is that of the last cut, which the mean over several cuts is near.
    """
    accuracy, ties = (runs["05_recommendation"].named[name] for name in ("accuracy", "ties"))
    expected = Expected(market, accuracy.comparison, seed=seed)
    gain = truth_of_lists(accuracy, expected)["D1.gain"][accuracy.comparison.best_personal.label]
    world = build_world(len(market.labels["customers"]), seed, market.effects)
    leaders = influence_of_leaders(runs["04_segmentation"].named["opinion"], world, seed)
    influence = {str(one["finding"]): float(one["truth"]) for one in leaders if one["truth"] is not None}
    return {"D1.gain_over_cuts": gain, **truth_of_ties(ties, expected), **influence}
