"""Shops in which nothing varies: every question is answered or refused in a sentence, none breaks."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from helpers import stickiness
from helpers.report import CannotAnswer, Skipped
from helpers.stickiness.b08_funnel.funnel import weakest
from helpers.stickiness.b08_funnel.funnel_steps import STEPS
from market.settings import AS_OF_UTC
from tests.stickiness.conftest import START, tables_of
from tests.stickiness.market_shops import by_id, market

ASKED = (
    stickiness.retention,
    stickiness.repurchase,
    stickiness.order_value,
    stickiness.verdict,
    stickiness.lifetime_value,
)


def orders(customers: int, days: list[int]):
    """Tables in which each customer buys on each of the days."""
    owner = np.repeat(np.arange(customers), len(days))
    return tables_of(np.random.default_rng(1), owner, np.tile(days, customers), customers)


SHOPS = {
    "all orders on one day": orders(60, [40]),
    "one customer": orders(1, list(range(0, 420, 20))),
    "nobody bought again": tables_of(np.random.default_rng(1), np.arange(400), np.arange(400), 400),
    "everybody every month": orders(60, list(range(0, 420, 15))),
    "months without buyers": orders(60, [*range(0, 150, 15), *range(270, 420, 15)]),
    "no order at all": tables_of(np.random.default_rng(1), np.array([], int), np.array([], int), 5),
}


@pytest.mark.parametrize("ask", ASKED, ids=lambda ask: ask.__name__)
@pytest.mark.parametrize("name", SHOPS)
def test_every_question_is_answered_or_refused_in_a_sentence(make_shop, name, ask):
    answer = ask(make_shop({key: frame.copy() for key, frame in SHOPS[name].items()}))
    if not isinstance(answer, Skipped):
        assert len(answer.draw().alt.split()) > 5
        assert answer.table().attrs["caption"]
    for finding in answer.findings:
        assert not re.search(r"\b(nan|None|inf)\b", finding.reading), finding.reading
        assert finding.status == "answered" or finding.reason.endswith(".")
        if finding.verdict in ("supported", "contradicted", "fits"):
            assert finding.low < finding.high


def test_where_nobody_came_back_nothing_goes_with_it(make_shop):
    tables = {name: frame.copy() for name, frame in market()[0].items()}
    kept = tables["orders"].sort_values("placed_at").drop_duplicates("customer_id", keep="last")
    gone = set(tables["orders"]["order_id"]) - set(kept["order_id"])
    for name in ("orders", "order_lines", "returns", "tickets", "reviews", "shares"):
        tables[name] = tables[name][~tables[name]["order_id"].isin(gone)]
    shop = make_shop(tables, as_of=AS_OF_UTC)
    answer = stickiness.drivers(shop)
    assert isinstance(answer, Skipped)
    assert "nobody of the" in answer.reason
    assert "nobody of the" in stickiness.dependence(shop, answer).findings[0].reason
    path = by_id(stickiness.funnel(shop, weak="advert"))["B8.overall"]
    assert path.status == "skipped"
    assert "second order" in path.reason


def test_of_classes_that_came_back_alike_none_is_the_weakest():
    frame = pd.DataFrame({"name": ["a"] * 60 + ["b"] * 60, **dict.fromkeys(STEPS, START)})
    frame["repeat"] = pd.NaT
    with pytest.raises(CannotAnswer, match="none is the weakest"):
        weakest(frame, by="channel")


def test_a_class_that_is_not_recorded_is_named(make_shop):
    tables = {name: frame.copy() for name, frame in market()[0].items()}
    tables["customers"]["age_band"] = None
    answer = stickiness.funnel(make_shop(tables, as_of=AS_OF_UTC), by="age_band")
    assert "this needs customers.age_band" in answer.findings[0].reason
