"""Does every answer of the chapter find the demo market's known truth, over many seeds?

How the long check judges. Each finding's 95 % interval must hold its truth in 92 to 98 % of markets. Of 200
markets an interval that is exactly right holds it in 92 to 98 % of series only nineteen times in twenty, so
for one finding the band is widened by the error of the series: it fails when as few (many) would hold it in
less than one series of a hundred, were the true share 92 % (98 %). Intervals that cover too often by their
nature (`chapter_run.CAUTIOUS` says why) are judged from below only. All findings pooled must lie in the plain
band. COVERAGE_SEEDS says which markets, as first-last (1-200 where it is not set); CHECK_JOBS in how many
processes.
"""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from helpers.report.judging import SETTLED
from tests.market_runs import in_markets, market_and_shop, summary
from tests.uplift.chapter_run import (
    CAUTIOUS,
    UNBOUNDED,
    WITHOUT_TRUTH,
    in_family,
    measure,
    peeking_rate,
)

CUSTOMERS = 4_000
LOWEST, HIGHEST, MOST_ALARMS = 0.92, 0.98, 0.06
RARE = 0.01  # of series, for a verdict on one finding
# Calibration is refused where the known zeros could not show a hidden cause of buying again; the length of a
# test that so few customers would fill in three years is not told.
REFUSED_BY_NATURE = {"A1.calibrated_uplift_sharers", "A12.weeks"}
NAIVE = "the raw gap taken for the effect on sharers"


def seeds() -> range:
    """The markets to run."""
    first, last = os.environ.get("COVERAGE_SEEDS", "1-200").split("-")
    return range(int(first), int(last) + 1)


def judged_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose interval promises coverage of a known truth, and those of the naive reading."""
    raw = rows[rows["finding"] == "A1.raw_gap"].set_index("seed")
    effect = rows[rows["finding"] == "A1.adjusted_uplift_sharers"].set_index("seed")["truth"]
    naive = raw.assign(finding=NAIVE, truth=effect).reset_index()
    known = rows[rows["truth"].notna() & rows["low"].notna() & rows["promised"]]
    return pd.concat([known, naive], ignore_index=True)


def too_few(held: np.ndarray, n: np.ndarray, share: float) -> np.ndarray:
    """Whether as few would be rare, were the true share `share`."""
    return binom.cdf(held, n, share) < RARE


def too_many(held: np.ndarray, n: np.ndarray, share: float) -> np.ndarray:
    """Whether as many would be rare, were the true share `share`."""
    return binom.sf(held - 1, n, share) < RARE


def test_one_small_market_is_answered_and_every_finding_has_a_truth(tmp_path):
    # Not market 2: sharing dealt at random alarms too often there, by chance, and A1 is rightly withheld.
    market, shop = market_and_shop(tmp_path, customers=CUSTOMERS, seed=3)
    rows = pd.DataFrame(measure(shop, market, 3))
    answered = rows[rows["status"] == "answered"]
    without = answered[answered["truth"].isna()]
    assert set(without["finding"]) <= set(WITHOUT_TRUTH)
    skipped = set(rows.loc[rows["status"] == "skipped", "finding"])
    assert skipped <= set(UNBOUNDED) | set(WITHOUT_TRUTH) | REFUSED_BY_NATURE
    known = judged_rows(answered).set_index("finding")
    width = (known["high"] - known["low"]).clip(lower=1e-9)
    off = (known["estimate"] - known["truth"]).abs() / width
    # Four half-widths: a miss by more is no accident of one seed.
    assert (off.drop(NAIVE) < 2).all(), off[off >= 2]
    assert set(CAUTIOUS) - REFUSED_BY_NATURE <= set(known.index)
    assert not known.loc[NAIVE, "low"] <= known.loc[NAIVE, "truth"] <= known.loc[NAIVE, "high"]


@pytest.mark.parametrize(("looks", "percent"), [(1, 5.0), (2, 8.3), (5, 14.2), (10, 19.3), (20, 24.8)])
def test_the_truth_of_peeking_is_the_published_one(looks, percent):
    assert 100 * peeking_rate(looks) == pytest.approx(percent, abs=0.06)


@pytest.mark.slow
def test_intervals_cover_the_known_truth_in_92_to_98_of_100_markets(tmp_path):
    rows = in_markets(measure, tmp_path, customers=CUSTOMERS, seeds=seeds())
    known = judged_rows(rows)
    found = summary(known).assign(bounded=known.groupby("finding")["bounded"].mean())
    print(f"\nmarkets of {CUSTOMERS:,} customers, seeds {seeds()}\n{found.round(3).to_string()}")
    assert too_few(found["coverage"] * found["seeds"], found["seeds"], LOWEST)[found.index == NAIVE].all()
    found = found.drop(NAIVE)
    held, n = (found["coverage"] * found["seeds"]).round(), found["seeds"]
    pooled = held.sum() / n.sum()
    print(f"all findings pooled: {pooled:.3f}")
    often = too_many(held, n, HIGHEST)
    for name in found.index[often & found.index.isin(CAUTIOUS)]:
        print(f"{name} covers in more than {HIGHEST:.0%}: {CAUTIOUS[name]}")
    failed = found[too_few(held, n, LOWEST) | (often & ~found.index.isin(CAUTIOUS))]
    assert failed.empty, f"\n{failed.round(3).to_string()}"
    assert LOWEST <= pooled <= HIGHEST


@pytest.mark.slow
def test_where_nothing_moves_purchases_few_false_alarms_are_raised(tmp_path):
    """Declared tests count after the family's adjustment, checks (placebos, pre-trends) as they stand."""
    rows = in_markets(measure, tmp_path, customers=CUSTOMERS, seeds=seeds(), effects=0)
    nought = rows[(rows["truth"].abs() < 1e-9) & rows["promised"] & (rows["status"] == "answered")]
    family = nought["finding"].map(in_family)
    # That the claimed figures are contradicted is right where nothing has an effect.
    declared = nought[family & ~nought["finding"].str.contains("relative")]
    alarm = declared["verdict"].isin(SETTLED)
    checks = nought[~family]
    cried = (checks["low"] > 0) | (checks["high"] < 0)
    tests = alarm.groupby(declared["finding"]).agg(["mean", "size"])
    others = cried.groupby(checks["finding"]).agg(["mean", "size"])
    any_one = alarm.groupby(declared["seed"]).any()
    print(f"\nfalse alarms of declared tests, adjusted\n{tests.round(3).to_string()}")
    print(f"\nfalse alarms of checks, alone\n{others.round(3).to_string()}")
    print(f"\nmarkets with any false alarm among the declared tests: {any_one.mean():.3f}")
    assert (tests["mean"] <= MOST_ALARMS).all()
    assert not too_many(any_one.sum(), len(any_one), MOST_ALARMS)
    failed = others[too_many((others["mean"] * others["size"]).round(), others["size"], MOST_ALARMS)]
    assert failed.empty, f"\n{failed.round(3).to_string()}"
