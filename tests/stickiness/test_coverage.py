"""Do the intervals of chapter B hold the demo market's known truth as often as they say, in many markets?"""

from __future__ import annotations

import functools

import pytest
from scipy.stats import binom

from helpers.stickiness import dependence, drivers, funnel, lifetime_value
from helpers.uplift import share_gap, spill_over
from tests.market_runs import line, market_shop, over_seeds, summary

SEEDS, CUSTOMERS = 100, 1_500
FEWEST = int(binom.ppf(0.001, SEEDS, 0.95))  # an honest 95 % interval covers fewer times once in a thousand


def sharing(shop):
    """B10 with what the chapter on sharing finds in the same market."""
    causes = (*share_gap(shop).findings, *spill_over(shop).findings)
    return dependence(shop, drivers(shop, causes=causes), causes=causes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("analysis", "judged"),
    [
        (drivers, ("B7.late", "B7.returned", "B7.low_rating", "B7.personal")),
        (functools.partial(funnel, weak="advert"), ("B8.view_to_cart: channel: advert",)),
        (lifetime_value, ("B9.purchases_to_come", "B9.value_to_come", "B9.buy_again")),
        (sharing, ("B10.without_own_share", "B10.without_any_share", "B10.resting_on_sharing")),
    ],
    ids=["B7", "B8", "B9", "B10"],
)
def test_intervals_cover_the_known_truth(tmp_path, analysis, judged):
    found = summary(over_seeds(analysis, tmp_path, customers=CUSTOMERS, seeds=range(1, SEEDS + 1)))
    print(f"\n{SEEDS} markets of {CUSTOMERS:,} customers\n{found.round(3).to_string()}")
    few = found.loc[list(judged)]
    assert (few["seeds"] >= 0.9 * SEEDS).all()
    assert (few["coverage"] * SEEDS >= FEWEST - (SEEDS - few["seeds"])).all()


def test_one_market_is_near_its_truth(tmp_path):
    """Two widths away is no accident of one market."""
    shop, truth = market_shop(tmp_path, customers=CUSTOMERS, seed=3)
    answers = (drivers(shop), funnel(shop, weak="advert"), lifetime_value(shop))
    rows = [line(finding, truth, 3) for answer in answers for finding in answer.findings]
    known = [row for row in rows if row["status"] == "answered" and row["truth"] is not None]
    assert len(known) >= 7
    for row in known:
        assert abs(row["estimate"] - row["truth"]) < 2 * (row["high"] - row["low"]), row["finding"]
