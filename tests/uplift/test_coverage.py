"""Do A1 and A2 find the demo market's known effects, over many seeds?"""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.market import simulate
from helpers.data.market.settings import AS_OF_UTC
from helpers.uplift import prompt_test, share_gap

JUDGED = (
    "A1.adjusted_uplift",
    "A1.adjusted_uplift_sharers",
    "A1.relative_uplift_sharers",
    "A1.self_selection",
    "A2.first_stage",
    "A2.intention_to_treat",
    "A2.complier_effect",
)
NAIVE = "the raw gap taken for the effect on sharers"


def market_findings(make_shop, folder, *, customers: int, seed: int, effects=None) -> pd.DataFrame:
    """Simulate a market and answer A1 and A2: one row a finding whose truth is known, and the naive gap."""
    market = simulate(customers=customers, seed=seed, effects=effects)
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    shop = make_shop(tables, folder=folder / f"{customers}-{seed}", as_of=AS_OF_UTC)
    rows = []
    for finding in (*share_gap(shop, seed=seed).findings, *prompt_test(shop).findings):
        if finding.status == "skipped":
            continue
        numbers = {"estimate": finding.estimate, "low": finding.low, "high": finding.high}
        if finding.id in market.truth:
            rows.append({"finding": finding.id, "truth": market.truth[finding.id], **numbers})
        if finding.id == "A1.raw_gap":
            rows.append({"finding": NAIVE, "truth": market.truth["A1.adjusted_uplift_sharers"], **numbers})
    return pd.DataFrame(rows)


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Bias, RMSE, coverage, width and repetitions of each finding."""
    error = rows["estimate"] - rows["truth"]
    covered = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
    rows = rows.assign(bias=error, square=error**2, coverage=covered, width=rows["high"] - rows["low"])
    groups = rows.groupby("finding")
    found = groups[["truth", "bias", "coverage"]].mean()
    return found.assign(
        rmse=groups["square"].mean() ** 0.5, width=groups["width"].median(), seeds=groups.size()
    )


def test_one_small_market_is_answered_and_its_effects_are_covered(make_shop, tmp_path):
    rows = market_findings(make_shop, tmp_path, customers=4_000, seed=2)
    assert set(JUDGED) <= set(rows["finding"])
    wide = rows.set_index("finding")
    # Four half-widths: a miss by more is no accident of one seed.
    off = (wide["estimate"] - wide["truth"]).abs() / (wide["high"] - wide["low"])
    assert (off[list(JUDGED)] < 2).all()
    assert not wide.loc[NAIVE, "low"] <= wide.loc[NAIVE, "truth"] <= wide.loc[NAIVE, "high"]


@pytest.mark.slow
@pytest.mark.parametrize("customers", [800, 4_000])
def test_intervals_cover_the_known_effects_over_40_seeds(make_shop, tmp_path, customers):
    rows = [market_findings(make_shop, tmp_path, customers=customers, seed=seed) for seed in range(1, 41)]
    found = summary(pd.concat(rows))
    print(f"\nmarket of {customers} customers\n{found.round(2).to_string()}")
    judged = found.loc[list(JUDGED)]
    assert judged["coverage"].between(0.88, 1.0).all()
    assert found.loc[NAIVE, "coverage"] <= (0.25 if customers == 800 else 0.05)


@pytest.mark.slow
def test_where_nothing_moves_purchases_few_false_alarms_are_raised(make_shop, tmp_path):
    names = ["A1.adjusted_uplift", "A1.adjusted_uplift_sharers", "A2.intention_to_treat"]
    rows = pd.concat(
        market_findings(make_shop, tmp_path, customers=4_000, seed=seed, effects=0) for seed in range(1, 41)
    )
    alarms = (rows["low"] > 0) | (rows["high"] < 0)
    share = alarms.groupby(rows["finding"]).mean()
    print(f"\nfalse alarms where nothing has an effect\n{share.round(3).to_string()}")
    assert (share[names] <= 0.15).all()  # 7 of 40 or more at 5 % happen in 0.3 % of such series
