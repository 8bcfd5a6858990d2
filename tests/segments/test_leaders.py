"""C4: leaders are those who truly draw answers, and likeness is not taken for influence."""

import datetime as dt
import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.segments import opinion_leaders
from helpers.segments.c04_leaders.contest import number_judged, winner
from helpers.segments.c04_leaders.evidence import gather_evidence
from helpers.segments.c04_leaders.exposures import exposures
from helpers.segments.c04_leaders.item_contagion import item_contagion
from helpers.segments.c04_leaders.list_checks import influence_later, list_stability
from helpers.segments.c04_leaders.opinion_leaders import _findings
from helpers.segments.c04_leaders.profile import _mean
from market.strange.shops import draw_shop
from methods.graphs.author_influence import author_influence, expected_answers
from methods.graphs.leader_scores import judge_scores
from methods.intervals.estimates import wilson
from tests.conftest import write_shop
from tests.people_lists import lists_of

friends_alike_module = importlib.import_module("helpers.segments.c04_leaders.friends_alike")
social_graph_module = importlib.import_module("helpers.segments.c03_social_graph.social_graph")


def test_influence_is_recovered_and_few_exposures_stay_near_one():
    rng = np.random.default_rng(1)
    true = rng.gamma(2.0, 0.5, 400)
    seen = rng.integers(1, 200, 400)
    author = np.repeat(np.arange(400), seen)
    taste = rng.gamma(2.0, 0.5, len(author))
    answered = rng.random(len(author)) < np.minimum(0.06 * true[author] * taste, 1)
    found = author_influence(pd.DataFrame({"author": author, "answered": answered, "taste": taste}))
    covered = (found["low"] <= true) & (true <= found["high"])
    assert covered.mean() == pytest.approx(0.95, abs=0.04)
    assert np.corrcoef(found["influence"], true)[0, 1] > 0.7
    few = seen < 5
    assert found["influence"][few].std() < 0.5 * found["influence"][~few].std()
    np.testing.assert_allclose(found["pull"], found["influence"] * found["expected"])


def test_shared_taste_is_not_influence():
    """An author whose friends love the category is answered three times as often and has no influence."""
    rng = np.random.default_rng(2)
    author = np.repeat(np.arange(200), 100)
    taste = np.where(author < 40, 3.0, 1.0) * rng.uniform(0.9, 1.1, len(author))
    frame = pd.DataFrame(
        {"author": author, "taste": taste, "answered": rng.random(len(author)) < 0.05 * taste}
    )
    found = author_influence(frame)
    assert found["influence"][:40].mean() == pytest.approx(1, abs=0.1)
    assert expected_answers(frame).sum() == pytest.approx(frame["answered"].sum())


def test_precision_and_lift_by_hand():
    scores = pd.DataFrame({"good": [5, 4, 3, 2, 1, 0, 0, 0], "bad": [0, 0, 0, 0, 1, 2, 3, 4]})
    later = np.array([9.0, 8, 0, 0, 1, 0, 0, 0])
    good, bad = judge_scores(scores, later, top=2)
    assert good.precision.estimate == 100
    assert good.lift == pytest.approx(4)
    assert bad.precision.estimate == 0
    assert bad.rank_correlation < 0 < good.rank_correlation


@pytest.fixture(scope="module")
def answer(shop):
    return opinion_leaders(shop)


def test_the_named_are_those_who_truly_draw_answers(answer, market):
    truth = market.labels["customers"].set_index("customer_id")
    best = set(truth["joins_expected"].nlargest(50).index)
    precision = {
        name: len(best & set(answer.evidence.scores[name].nlargest(50).index)) / 50
        for name in answer.evidence.scores
    }
    assert precision["pull"] >= 0.5
    assert precision["pull"] >= precision["friends"] + 0.3
    assert truth.loc[answer.leaders, "influence"].mean() > 1.3


def test_findings_picture_and_tables(answer):
    found = {finding.id: finding for finding in answer.findings}
    assert found["C4.influence"].estimate > found["C4.influence_most_friends"].estimate
    precision = {row.name: row.precision.estimate for row in answer.judged}
    assert precision["pull"] > precision["friends"]
    assert found["C4.bought_after_post"].verdict == "supported"
    assert "precision of each score" in answer.draw().alt
    assert len(answer.table()) == 6
    assert not set(answer.leaders) & set(answer.table().to_numpy().astype(str).ravel())
    assert "posts" in answer.profile["measure"].to_numpy()


@pytest.mark.parametrize(("hits", "hidden"), [(0, False), (7, True), (25, False), (45, True), (50, False)])
def test_no_list_tells_of_ten_people_or_fewer(answer, hits, hidden):
    """Neither the sentence nor the table nor the picture says a share from which a small count follows."""
    told = [replace(row, hits=hits, precision=wilson(hits, 50).scaled(100)) for row in answer.judged]
    changed = replace(answer, judged=tuple(told), leaders=answer.leaders[:50])
    found = {finding.id: finding for finding in _findings(changed)}["C4.precision"]
    assert (found.status == "skipped") == hidden
    assert (changed.table()["% at the top later"] == "hidden").all() == hidden
    share = f"{2 * hits} %"
    assert (share in changed.draw().alt) != hidden
    assert (share in found.reading) != hidden


def test_the_list_of_most_friends_is_not_told_twice(answer):
    changed = replace(answer, evidence=replace(answer.evidence, winner="friends"))
    found = {finding.id: finding for finding in _findings(changed)}
    for told, twice in (("C4.precision", "C4.precision_most_friends"),
                        ("C4.influence", "C4.influence_most_friends")):  # fmt: skip
        assert found[told].status == "answered"
        assert found[twice].reason.endswith(f"this figure is {told}.")
    assert changed.draw().figure.get_suptitle().count("number of friends") == 1


def test_what_leaders_are_like_tells_of_no_few_of_them(answer):
    for few in (5, 45):
        assert np.isnan(_mean(pd.Series([1.0] * few + [0.0] * (50 - few))))
    assert _mean(pd.Series([1.0] * 20 + [0.0] * 30)) == 0.4
    assert _mean(pd.Series([3.0, 5.0])) == 4.0


def test_a_list_is_never_shorter_than_eleven(shop):
    assert len(opinion_leaders(shop, leaders=3, draws=2).leaders) == 11


def test_scores_see_nothing_of_what_is_predicted(shop, answer):
    until = shop.as_of - dt.timedelta(days=90)
    early = exposures(shop.at(until), until=until, kind="join")
    pd.testing.assert_frame_equal(early, answer.evidence.seen)
    assert answer.evidence.later_seen["share_id"].isin(early["share_id"]).sum() == 0


def test_equal_seeds_give_equal_lists(shop, answer):
    again = opinion_leaders(shop)
    assert again.leaders.tolist() == answer.leaders.tolist()
    assert [f.estimate for f in again.findings] == [f.estimate for f in answer.findings]


def renamed_friends(tables, seed=0):
    """The same graph of friends among other people: nobody's friend is a friend."""
    ids = tables["customers"]["customer_id"].to_numpy()
    other = dict(zip(ids, np.random.default_rng(seed).permutation(ids), strict=True))
    ties = tables["ties"].copy()
    for side in ("customer_a", "customer_b"):
        ties[side] = ties[side].map(other)
    return {**tables, "ties": ties}


def test_strangers_do_not_buy_what_was_posted(market, tmp_path):
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    found = item_contagion(write_shop(renamed_friends(tables), tmp_path))
    for ratio in (found.after, found.before, found.quiet_after, found.quiet_before, found.remains):
        assert ratio.low < 1 < ratio.high + 0.05


def test_early_adopters_who_post_move_nobody(tmp_path):
    """Friends buy the item 2.9 times as often around a post, but before it and without it as well."""
    found = []
    for seed in range(1, 7):
        shop = draw_shop("early_adopters", seed=seed)
        found.append(item_contagion(write_shop(dict(shop.tables), tmp_path / str(seed))))
    assert min(one.after.low for one in found) > 2
    truth = shop.truth["C4.bought_after_post"]
    assert sum(one.remains.low <= truth <= one.remains.high for one in found) >= 5
    assert np.log([one.remains.estimate for one in found]).mean() == pytest.approx(0, abs=0.03)


def test_of_a_larger_shop_the_purchases_of_some_are_looked_at_and_said(shop, answer):
    """Each buyer who was drawn counts as before: the ratios lie within what half of the buyers leave open."""
    most = shop["customers"].count().execute() // 2
    every, some = answer.contagion, item_contagion(shop, most_customers=most)
    assert (every.drawn, some.drawn) == (None, most)
    assert 0.4 < some.after.n / every.after.n < 0.6
    for name in ("after", "before", "remains"):
        one, two = getattr(every, name), getattr(some, name)
        assert two.low < one.estimate < two.high
    said = {finding.id: finding.method for finding in _findings(replace(answer, contagion=some))}
    assert f"purchases of {most:,} customers drawn at random" in said["C4.bought_after_post"]


def test_many_ties_are_rewired_fewer_times(shop, answer, monkeypatch):
    for module in (friends_alike_module, social_graph_module):
        monkeypatch.setattr(module, "MANY_TIES", len(answer.evidence.ties.ends))
    found = friends_alike_module.friends_alike(shop, answer.evidence.ties, seed=1)
    assert found.estimate == pytest.approx(answer.alike.estimate, rel=0.03)
    graph = social_graph_module.social_graph(shop, rewirings=8)
    assert len(graph.clustering.null) == 3
    assert "3 degree-preserving rewirings" in next(
        one.method for one in graph.findings if one.id == "C3.clustering_ratio"
    )


def test_leaders_whom_nobody_answered_have_no_interval_of_zeros(answer):
    seen = answer.evidence.later_seen
    assert influence_later(answer.evidence, answer.leaders).low > 0
    silent = seen.assign(answered=seen["answered"] & ~seen["author"].isin(answer.leaders))
    assert influence_later(replace(answer.evidence, later_seen=silent), answer.leaders) is None


def test_what_too_few_are_expected_for_is_skipped_with_its_reason(answer):
    few = replace(answer, contagion=None, alike=None, influence={})
    found = {finding.id: finding for finding in _findings(few)}
    for id, reason in {
        "C4.bought_after_post": "fewer than 20 purchases",
        "C4.placebo_bought_before_post": "fewer than 20 purchases",
        "C4.friends_alike": "fewer than 20 items",
        "C4.influence": "fewer than two of their later posts",
        "C4.influence_most_friends": "fewer than two of their later posts",
    }.items():
        assert found[id].status == "skipped"
        assert reason in found[id].reason
    assert len(few.draw().alt) > 20


def test_no_posted_item_bought_is_a_skip(tables, tmp_path):
    one = tables["order_lines"].groupby("order_id").head(1)
    kept = one.drop_duplicates("item_id").head(300)
    found = {f.id: f for f in opinion_leaders(write_shop({**tables, "order_lines": kept}, tmp_path)).findings}
    for id in ("C4.bought_after_post", "C4.placebo_bought_before_post", "C4.friends_alike"):
        assert found[id].status == "skipped"


@pytest.fixture(scope="module")
def tables(market):
    return {name: table.to_pandas() for name, table in market.tables.items()}


class TestLessData:
    def test_without_times_held_out_posts_take_the_place_of_later_ones(self, tables, tmp_path):
        names = ("customers", "items", "orders", "order_lines", "shares", "reactions")
        timeless = {
            name: tables[name].drop(columns=[c for c in tables[name] if c.endswith("_at")]) for name in names
        }
        answer = opinion_leaders(write_shop(timeless, tmp_path))
        assert "held-out" in answer.findings[0].reading
        assert answer.evidence.main == "answers"
        assert answer.influence == {}
        assert answer.contagion is None
        assert len(answer.draw().alt) > 20

    def test_with_ties_only_it_says_what_cannot_be_told(self, tables, tmp_path):
        names = ("customers", "items", "orders", "order_lines", "ties")
        answer = opinion_leaders(write_shop({name: tables[name] for name in names}, tmp_path))
        assert [finding.id for finding in answer.findings] == ["C4.friends_alike", "C4.list_stability"]
        assert "can't be told" in answer.findings[-1].reading
        assert len(answer.draw().alt) > 20
        assert "leaders" in answer.table()

    def test_without_posts_and_ties_it_is_skipped(self, bare_shop):
        assert isinstance(opinion_leaders(bare_shop), Skipped)


class TestContest:
    def test_the_list_follows_the_score_that_won_before_the_cut(self, shop, answer):
        earlier = gather_evidence(shop.at(answer.evidence.cut), later_days=90, seed=1)
        judged = judge_scores(earlier.scores, earlier.later, top=number_judged(len(earlier.scores)))
        assert answer.evidence.winner == max(judged, key=lambda row: (row.hits, row.rank_correlation)).name
        score = answer.evidence.scores[answer.evidence.winner]
        assert set(answer.leaders) == set(score.nlargest(len(answer.leaders)).index)
        assert (
            answer.judged[0].precision.n == number_judged(len(answer.evidence.scores)) > len(answer.leaders)
        )

    def test_what_is_judged_does_not_choose(self, shop, answer):
        """The posts after the cut are left out of the contest: without them it has the same winner."""
        cut_off = replace(answer.evidence, winner="", later=None, later_seen=None)
        assert winner(shop, cut_off, later_days=90, seed=1) == answer.evidence.winner

    def test_where_the_data_do_not_reach_back_there_is_no_winner(self, shop, answer):
        assert winner(shop, replace(answer.evidence, cut=None), later_days=90, seed=1) == ""
        first = shop["shares"].posted_at.min().execute().to_pydatetime()
        early = replace(answer.evidence, cut=first + dt.timedelta(days=91))
        assert winner(shop, early, later_days=90, seed=1) == ""

    @pytest.mark.parametrize("main", ["pull", "answers", "pagerank", "friends", "k_shell", "h_index"])
    def test_the_list_of_any_winner_is_drawn_again_by_its_own_score(self, answer, main):
        found = list_stability(replace(answer.evidence, winner=main), top=50, draws=3, seed=1)
        assert 20 < found.estimate <= 100


def test_the_list_of_leaders_is_the_one_that_was_judged(answer, shop):
    members = lists_of(answer, shop)["leaders"].members
    assert members["customer_id"].tolist() == list(answer.leaders)
    precision = next(one for one in answer.findings if one.id == "C4.precision")
    assert f"{len(members)}" in precision.reading
