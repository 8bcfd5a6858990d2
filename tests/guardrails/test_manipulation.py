"""E1 on markets whose manipulation is known: what is flagged, how it is told, and who may read it."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from helpers.guardrails import manipulation
from helpers.guardrails.e01_manipulation.cards import FILE, write_cards
from helpers.guardrails.e01_manipulation.liked import liked
from helpers.paths import project_folder
from helpers.report import Skipped, show
from tests.market_runs import market_and_shop
from tests.people_lists import lists_of, told


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return market_and_shop(tmp_path_factory.mktemp("hard"), customers=8_000, seed=1)


@pytest.fixture(scope="module")
def found(market):
    return manipulation(market[1])


@pytest.fixture(scope="module")
def way(market, found):
    return market[0].labels["posts"].set_index("share_id")["way"].reindex(found.posts["share_id"]).to_numpy()


def test_likes_in_numbers_are_all_likes(market):
    numbers = liked(market[1])
    reactions = market[0].tables["reactions"].to_pandas().query("kind == 'like'")
    assert len(numbers.likes) == len(reactions)
    assert (numbers.likes["liker"] < 0).sum() == reactions["customer_id"].isna().sum()
    ties = market[0].tables["ties"].to_pandas()
    friends = set(map(frozenset, ties[["customer_a", "customer_b"]].to_numpy()))
    known = numbers.likes[numbers.likes["liker"] >= 0].head(2_000)
    author = numbers.accounts[numbers.posts["author"].to_numpy()[known["post"]]]
    direct = [
        frozenset(pair) in friends for pair in zip(author, numbers.accounts[known["liker"]], strict=True)
    ]
    assert known["tied"].to_numpy()[direct].all()


def test_manipulated_posts_stand_first(found, way):
    assert average_precision_score(way != "none", -found.posts["rank"]) > 0.6
    honest = (way == "none") & (found.posts["likes"] >= 30)
    assert found.posts["flagged"][honest].mean() <= 0.02
    assert found.posts["flagged"][way == "burst"].mean() > 0.8


def test_numbers_are_told_once(found):
    told = {finding.id for finding in found.findings}
    assert told == {
        "E1.posts_flagged", "E1.accounts_flagged", "E1.sellers_flagged", "E1.precision", "E1.recall",
    }  # fmt: skip
    by_kind = {one.segment: one.estimate for one in found.findings if one.id == "E1.recall"}
    assert by_kind["bursts of 40 likes"] > 80 > 30 > by_kind["drips of 8 likes"]


def test_what_would_stay_hidden_stands_beside_the_flags_and_in_the_picture(found):
    flags = next(one.reading for one in found.findings if one.id == "E1.posts_flagged")
    assert "Not flagged is not cleared: of planted drips of 8, 15 or 40 likes" in flags
    assert {one.kind for one in found.missed} == {"drips"}
    assert "drips, 40 likes" in found.draw().alt


@pytest.mark.parametrize(
    ("judged", "confirmed", "said"), [(0, 0, "none"), (40, 40, "fits"), (30, 28, "open"), (40, 28, "beyond")]
)
def test_verdicts_on_flags_answer_for_the_rate_of_false_ones(found, judged, confirmed, said):
    flagged = np.resize(np.flatnonzero(found.posts["flagged"]), judged)
    verdicts = pd.DataFrame({"post": flagged, "manipulated": np.arange(judged) < confirmed, "chance": 1.0})
    assert replace(found, verdicts=verdicts).by_verdicts == said


def test_without_verdicts_precision_is_unknown(market, make_shop):
    tables = {name: table.to_pandas() for name, table in market[0].tables.items() if name != "audits"}
    answer = manipulation(make_shop(tables))
    (precision,) = [one for one in answer.findings if one.id == "E1.precision"]
    assert precision.status == "skipped"
    assert "unknown; check the 30 that stand first" in precision.reason
    assert not answer.learned


@pytest.mark.parametrize("seed", [1, 2])
def test_a_market_without_fraud_is_left_alone(tmp_path, seed):
    from market import simulate
    from market.settings import AS_OF_UTC
    from tests.conftest import write_shop

    tables = simulate(customers=3_000, seed=seed, fraud="none").tables
    shop = write_shop(
        {name: one.to_pandas() for name, one in tables.items()}, tmp_path / "none", as_of=AS_OF_UTC
    )
    answer = manipulation(shop)
    assert answer.posts["flagged"].sum() <= 1
    assert answer.authors.sum() <= 1


def test_a_shop_of_few_posts_is_refused_in_words(make_shop, random_tables):
    answer = manipulation(make_shop(random_tables(seed=1, customers=40)))
    assert isinstance(answer, Skipped)


def test_cards_say_why_and_never_enter_the_reports(found, tmp_path):
    first = found.posts.nsmallest(5, "rank")
    text = write_cards(first, found.liked, tmp_path / "cards").read_text(encoding="utf-8")
    assert text.count("<section>") == 5
    for said in ("expected", "Innocent explanations", "would be cleared", "If this is wrong"):
        assert said in text
    assert str(found.liked.accounts[first["author"].iloc[0]]) in text
    with pytest.raises(ValueError, match="outside reports"):
        write_cards(first, found.liked, project_folder() / "reports" / "latest")
    assert not (project_folder() / "reports" / "latest" / FILE).exists()


def test_the_picture_of_planted_fakes_stays_whatever_the_audit_withholds(found, monkeypatch):
    module, noted = importlib.import_module("helpers.report.show"), []
    monkeypatch.setattr(module, "display", lambda *_, metadata=None, **__: noted.append(metadata or {}))
    show(found)
    (picture,) = [one for one in noted if "image/png" in one]
    assert picture[module.NOTED] == {"findings": [], "rows": []}


def test_no_page_names_an_account(found):
    said = (
        " ".join(one.reading or "" for one in found.findings) + found.table().to_string() + found.draw().alt
    )
    ids = pd.Index(found.liked.accounts)
    assert not any(str(one) in said.split() for one in np.asarray(ids))


def test_the_lists_of_suspects_are_those_that_are_counted(found, market):
    lists = lists_of(found, market[1])
    liked_posts = (found.posts["likes"] > 0).sum()
    share = 100 * len(lists["suspect_posts"].members) / liked_posts
    assert told(found, "E1.posts_flagged")[None] == pytest.approx(share, abs=0.006)
    assert len(lists["suspect_accounts"].members) == found.authors.sum() > 0
    assert lists["suspect_posts"].members["evidence"].str.len().min() > 0
