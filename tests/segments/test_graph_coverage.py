"""Do C3 to C6 find what is planted, at the rate they state, over 100 small markets?"""

from __future__ import annotations

import pytest

from tests.market_runs import in_markets, summary
from tests.segments.graph_measures import measure

MARKETS = 100


@pytest.mark.slow
def test_graph_questions_find_what_is_planted_over_100_markets(tmp_path):
    rows = in_markets(measure, tmp_path, customers=2_000, seeds=range(1, MARKETS + 1))
    found = summary(rows)
    lists = rows[rows["status"] == "measured"].groupby("finding")["estimate"].mean()
    print(f"\n{found.round(3).to_string()}\n{lists.round(3).to_string()}")
    assert found.loc["C3.circles", "coverage"] >= 0.9
    # The intervals of one market hold together in 95 % of markets.
    forms = rows[rows["finding"] == "C6.format_share"].astype({"truth": float})
    held = (forms["low"] <= forms["truth"]) & (forms["truth"] <= forms["high"])
    assert held.groupby(forms["seed"]).all().mean() >= 0.89
    influence = found.loc[["C4.influence", "C4.influence_most_friends"]]
    assert (influence["coverage"] >= 0.89).all()  # fewer than 89 of 100 happen in 1 % of such series
    assert lists["adjusted Rand"] >= 0.95
    assert lists["precision pull"] >= 0.6
    assert lists["precision pull"] >= lists["precision friends"] + 0.3
    assert lists["demand precision"] >= 0.95
    assert lists["demand recall"] >= 0.35
    assert lists["demand called where there is none"] <= 0.2
    assert lists["alike covers 1 where there is none"] >= 0.9
