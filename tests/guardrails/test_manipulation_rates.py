"""How well does E1 tell manipulated posts over many markets, and how often does it flag without any?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from helpers.guardrails import manipulation
from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop

WAYS = ("burst", "ring", "drip", "top-up")
HARD, QUIET, QUIET_CUSTOMERS = range(1, 6), range(1, 41), 4_000


def _asked(folder, *, customers: int, seed: int, fraud: str, audits: bool = True):
    market = simulate(customers=customers, seed=seed, fraud=fraud)
    tables = {name: one.to_pandas() for name, one in market.tables.items() if audits or name != "audits"}
    shop = write_shop(tables, folder / f"{fraud}-{seed}-{audits}", as_of=AS_OF_UTC)
    return market, manipulation(shop)


def _precision(market, answer) -> dict[str, float]:
    """Average precision over all manipulated posts, and of each way against honest posts."""
    way = market.labels["posts"].set_index("share_id")["way"].reindex(answer.posts["share_id"]).to_numpy()
    score = -answer.posts["rank"].to_numpy()
    found = {"all": average_precision_score(way != "none", score)}
    for one in WAYS:
        these = (way == "none") | (way == one)
        found[one] = average_precision_score(way[these] == one, score[these])
    honest = (way == "none") & (answer.posts["likes"] >= 30).to_numpy()
    return {**found, "honest flagged": answer.posts["flagged"].to_numpy()[honest].mean()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("audits", "least"),
    [(True, {"all": 0.8, "burst": 0.95, "ring": 0.9, "drip": 0.8}), (False, {"all": 0.6, "burst": 0.95})],
    ids=["with 200 verdicts", "without verdicts"],
)
def test_manipulated_posts_stand_before_honest_ones(tmp_path, audits, least):
    rows = [
        _precision(*_asked(tmp_path, customers=20_000, seed=seed, fraud="hard", audits=audits))
        for seed in HARD
    ]
    found = pd.DataFrame(rows, index=list(HARD))
    print(f"\n{found.round(3).to_string()}\nmean {found.mean().round(3).to_dict()}")
    mean = found.mean()
    assert {name: mean[name] for name in least if mean[name] < least[name]} == {}
    assert mean["honest flagged"] <= 0.01


@pytest.mark.slow
def test_markets_without_fraud_show_flags_at_most_at_the_stated_rate(tmp_path):
    shown = []
    for seed in QUIET:
        _, answer = _asked(tmp_path, customers=QUIET_CUSTOMERS, seed=seed, fraud="none")
        sellers = answer.sellers is not None and bool(answer.sellers["flagged"].any())
        shown.append((answer.posts["flagged"].any(), answer.authors.any(), sellers))
    any_flag = pd.DataFrame(shown, columns=["posts", "accounts", "sellers"], index=list(QUIET))
    print(f"\nmarkets of {len(QUIET)} with any flag: {any_flag.sum().to_dict()}")
    # 16 of 100 at a true tenth; as rare in as many markets: its mean and two standard deviations.
    most = 0.1 * len(QUIET) + 2 * np.sqrt(0.09 * len(QUIET))
    assert (any_flag.sum() <= most).all()
