"""D1 and D4 on shops whose tastes are known, on shops without times, and on shops too small."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from helpers.data.list_study import split_shop
from helpers.recommend import accuracy_of_lists, evaluation_population, served_groups, spread_of_lists
from helpers.report import Skipped, save_findings
from helpers.report.finding_view import FindingView
from helpers.report.registry import spec_of
from market.strange import draw_shop
from tests.by_key import by_id
from tests.conftest import write_shop

NEIGHBOURS, EASE, ALS = (
    "bought together (item-kNN)",
    "linear taste model (EASE)",
    "hidden tastes (implicit ALS)",
)


@pytest.fixture(scope="module")
def open_taste(tmp_path_factory, taste_tables):
    from tests.conftest import write_shop

    def build(**options):
        return write_shop(taste_tables(**options), tmp_path_factory.mktemp("shop"))

    return build


@pytest.fixture(scope="module")
def taste(open_taste):
    return open_taste(seed=1, taste=0.7)


@pytest.fixture(scope="module")
def answer(taste):
    return accuracy_of_lists(taste)


def test_where_tastes_differ_every_personal_list_wins(answer):
    findings = by_id(answer)
    for name in (NEIGHBOURS, EASE, ALS):
        finding = findings["D1.gain", name]
        assert finding.verdict == "supported"
        assert finding.low > 5
    assert findings["D1.best_model_gain_ndcg"].low > 20


def test_a_model_that_knew_the_tastes_would_not_do_much_better(taste, answer):
    """The best that anyone can do is the best sellers of the customer's own category."""
    split, lists = answer.comparison.split, answer.comparison.best_personal
    category = answer.comparison.purchases.categories[split.items]
    groups, code = np.unique(category.astype(str), return_inverse=True)
    history = np.zeros((split.train.shape[0], len(groups)))
    np.add.at(history, (split.train.nonzero()[0], code[split.train.nonzero()[1]]), 1)
    own = history.argmax(axis=1)[answer.comparison.customers]
    order = np.array([np.flatnonzero(code == group)[:30] for group in range(len(groups))])
    served = 0
    for row, customer in enumerate(answer.comparison.customers):
        seen = set(split.train[[customer]].indices.tolist())
        shown = [item for item in order[own[row]] if item not in seen][:10]
        served += bool(set(shown) & set(split.test[[customer]].indices.tolist()))
    ideal = served / len(answer.comparison.customers)
    assert lists.measures["hit_rate"].mean() == pytest.approx(ideal, abs=0.06)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_all_tastes_are_alike_no_personal_list_is_said_to_win(open_taste, seed):
    findings = by_id(accuracy_of_lists(open_taste(seed=seed, taste=0.0)))
    for name in (NEIGHBOURS, EASE, ALS):
        assert findings["D1.gain", name].verdict in ("not settled", "contradicted")


def test_the_gain_needed_decides_the_verdict(taste):
    findings = by_id(accuracy_of_lists(taste, smallest_pp=60.0))
    assert {findings["D1.gain", name].verdict for name in (NEIGHBOURS, EASE, ALS)} == {"contradicted"}


def test_gains_are_differences_of_the_shares_served_by_the_same_customers(answer):
    findings = by_id(answer)
    base = answer.comparison.best_for_all.label
    for name in (NEIGHBOURS, EASE, ALS):
        gap = findings["D1.hit_rate", name].estimate - findings["D1.hit_rate", base].estimate
        assert findings["D1.gain", name].estimate == pytest.approx(gap)
    assert {finding.n for finding in answer.findings} == {len(answer.comparison.customers)}


def test_no_list_holds_what_the_customer_had_bought(answer):
    seen = answer.comparison.split.train[answer.comparison.customers].toarray()
    for entry in answer.comparison.entries:
        assert not np.take_along_axis(seen, entry.lists, axis=1).any()


def test_the_purchases_judged_have_no_say_in_what_is_chosen(open_taste, taste_tables, tmp_path):
    from tests.conftest import write_shop

    tables = taste_tables(seed=1, taste=0.7)
    end = tables["orders"]["placed_at"].max()
    late = tables["orders"]["placed_at"] > end - pd.Timedelta(days=55)
    lines = tables["order_lines"]
    scrambled = np.random.default_rng(1).permutation(lines.loc[late, "item_id"])
    lines.loc[late, "item_id"] = scrambled
    changed = accuracy_of_lists(write_shop(tables, tmp_path))
    original = accuracy_of_lists(open_taste(seed=1, taste=0.7))
    for mine, theirs in zip(original.comparison.entries, changed.comparison.entries, strict=True):
        assert mine.settings == theirs.settings
        assert mine.tuning == theirs.tuning
    assert original.comparison.best_personal.key == changed.comparison.best_personal.key


def test_the_same_seed_gives_the_same_findings(taste, answer):
    assert accuracy_of_lists(taste).findings == answer.findings


def test_buying_again_counts_when_asked(taste):
    answer = accuracy_of_lists(taste, repeats=True)
    assert ("D1.hit_rate", "what you bought before") in by_id(answer)
    assert "every later purchase counts" in answer.findings[0].assumptions


def test_without_times_a_random_part_is_held_back_and_called_flattering(open_taste):
    shop = open_taste(seed=1, taste=0.7, dated=False)
    for answer in (evaluation_population(shop), accuracy_of_lists(shop), spread_of_lists(shop)):
        for finding in [one for one in answer.findings if one.status == "answered"]:
            assert "Flattering" in finding.reading
            assert any("flatters" in assumption for assumption in finding.assumptions)
    refused = accuracy_of_lists(shop, protocol="time")
    assert isinstance(refused, Skipped)
    assert "needs the times of orders" in refused.reason


def test_a_shop_with_times_can_be_split_at_random_only_when_asked(taste):
    assert split_shop(taste)[1].leak == ""
    assert split_shop(taste, protocol="random")[1].leak
    with pytest.raises(ValueError, match="'auto', 'time' or 'random'"):
        split_shop(taste, protocol="hope")


def test_a_shop_too_small_is_told_so_and_its_findings_can_be_saved(open_taste, tmp_path):
    shop = open_taste(seed=1, taste=0.7, customers=20)
    judged, accuracy = evaluation_population(shop), accuracy_of_lists(shop)
    spread = spread_of_lists(shop, accuracy=accuracy)
    assert "needs at least 30" in spread.reason
    save_findings("05_recommendation", judged, accuracy, spread, out=tmp_path)
    written = json.loads((tmp_path / "05_recommendation.json").read_text())
    assert [entry["id"] for entry in written] == ["D1", "D4"]


def test_customers_of_one_product_each_teach_nothing(make_shop, taste_tables):
    tables = taste_tables(seed=1, taste=0.7, customers=300, orders=2)
    before = tables["orders"]["placed_at"] < tables["orders"]["placed_at"].max() - pd.Timedelta(days=57)
    first = tables["orders"][before].drop_duplicates("customer_id")
    tables["orders"] = pd.concat([first, tables["orders"][~before]])
    kept = tables["order_lines"]["order_id"].isin(tables["orders"]["order_id"])
    tables["order_lines"] = tables["order_lines"][kept]
    assert " bought two different products before; " in accuracy_of_lists(make_shop(tables)).reason


def test_what_the_lists_show(answer, taste):
    spread = spread_of_lists(taste, accuracy=answer)
    findings = by_id(spread)
    mine, theirs = "best personal list", "best list for all"
    assert findings["D4.coverage", mine].low > findings["D4.coverage", theirs].high
    assert findings["D4.popularity", mine].high < findings["D4.popularity", theirs].low
    assert findings["D4.tail_recall", mine].low > findings["D4.tail_recall", theirs].high
    assert findings["D4.seller_gini", mine].high < findings["D4.seller_gini", theirs].low


def test_every_answer_draws_and_tabulates(taste, answer):
    for result in (evaluation_population(taste), answer, spread_of_lists(taste, accuracy=answer)):
        assert result.draw().png().startswith(b"\x89PNG")
        assert len(result.table()) >= 5
        assert result.table().attrs["caption"]


def test_the_table_shows_each_number_that_the_page_does_not_say(answer):
    rows = answer.table().set_index("list")
    tabled = [one for one in answer.findings if spec_of(one.id).tabled]
    assert len(tabled) == len(rows)
    for one in tabled:
        assert rows.loc[one.segment, "served, %"] == FindingView(one).interval.replace(" %", "")


def test_a_sample_of_customers_is_judged_when_there_are_many(taste):
    answer = accuracy_of_lists(taste, most_customers=100)
    assert {finding.n for finding in answer.findings} == {100}


def test_where_fashion_decides_the_page_offers_no_personal_list(tmp_path):
    shop = write_shop(draw_shop("fast_fashion").tables, tmp_path)
    answer = accuracy_of_lists(shop)
    gains = {one.segment: one for one in answer.findings if one.id == "D1.gain"}
    assert {one.verdict for one in gains.values()} <= {"contradicted", "not settled"}
    assert gains["linear taste model (EASE)"].high < 0
    assert gains["best sellers lately, by your taste"].low > -4
    title = answer.draw().figure.get_suptitle()
    assert "serves no more customers than “best sellers lately, for all”" in title
    advice = served_groups(shop, accuracy=answer).table()["show them"]
    assert "the personal list" not in set(advice)


@pytest.mark.parametrize(("world", "least"), [("lasting_taste", 10.0), ("fast_fashion", -5.0)])
def test_new_products_are_listed_by_what_they_are(tmp_path, world, least):
    shop = write_shop(draw_shop(world).tables, tmp_path)
    found = by_id(evaluation_population(shop))["D1.new_products_gain"]
    assert found.low > least
    assert "by category and title" in found.reading
