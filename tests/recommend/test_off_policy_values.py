"""D5 on the demo market, whose policies' values are known, and on logs that cannot answer."""

from __future__ import annotations

import pytest

from helpers.recommend import off_policy_values
from helpers.report import Skipped, save_findings
from helpers.report.finding_view import FindingView
from helpers.report.trust import truth_of
from market.strange import SHOPS, draw_shop
from tests.by_key import by_id
from tests.conftest import write_shop
from tests.market_runs import market_and_shop

JUDGED = [("D5.value", policy) for policy in ("popular", "personal")]
JUDGED += [("D5.error", policy) for policy in ("popular", "personal")]
JUDGED += [("D5.value_own", policy) for policy in ("popular", "personal")] + ["D5.difference"]


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return market_and_shop(tmp_path_factory.mktemp("market"), customers=4_000, seed=3)


def changed(market, folder, **columns):
    """The market's shop with other columns of its impressions; None leaves one empty."""
    tables = {name: table.to_pandas() for name, table in market[0].tables.items()}
    names = ("customers", "items", "orders", "order_lines")
    tables = {name: tables[name] for name in names} | {"impressions": tables["impressions"].assign(**columns)}
    return write_shop(tables, folder, as_of=market[1].as_of)


def test_each_policy_is_judged_from_the_other_log_and_the_truth_is_near(market):
    answer = off_policy_values(market[1])
    findings = by_id(answer)
    for name in JUDGED:
        finding = findings[name]
        truth = truth_of(market[0].truth, finding)
        assert abs(finding.estimate - truth) < 2 * (finding.high - finding.low) / 2
    assert answer.draw().png().startswith(b"\x89PNG")
    assert len(answer.table()) == 8
    own = answer.table().query("by == 'its own log'").set_index("policy")["clicked, %"]
    for name in own.index:
        assert own[name] == FindingView(findings["D5.value_own", name]).interval.replace(" %", "")
    assert 20 < answer.judged["personal"].overlap.effective_percent < 60


def test_what_the_judged_policy_earned_has_no_say_in_the_estimate(market, tmp_path):
    impressions = market[0].tables["impressions"].to_pandas()
    own = impressions["policy"] == "popular"
    turned = changed(market, tmp_path, clicked=impressions["clicked"] ^ own)
    before, after = (off_policy_values(shop).judged["popular"] for shop in (market[1], turned))
    assert before.values["doubly_robust"].estimate == pytest.approx(after.values["doubly_robust"].estimate)
    assert before.values["own"].estimate == pytest.approx(1 - after.values["own"].estimate)


def test_purchases_before_the_impression_alone_are_traits(market, tmp_path):
    """Everything bought after the last impression is turned into another product: nothing may change."""
    tables = {name: market[0].tables[name].to_pandas() for name in market[0].tables}
    late = tables["orders"].loc[
        tables["orders"]["placed_at"] >= tables["impressions"]["shown_at"].max(), "order_id"
    ]
    assert len(late)
    lines = tables["order_lines"]
    lines.loc[lines["order_id"].isin(late), "item_id"] = lines["item_id"].iloc[0]
    names = ("customers", "items", "orders", "order_lines", "impressions")
    shop = write_shop({name: tables[name] for name in names}, tmp_path, as_of=market[1].as_of)
    ours, theirs = off_policy_values(market[1]), off_policy_values(shop)
    assert [f.estimate for f in ours.findings] == [f.estimate for f in theirs.findings]


def test_a_policy_whose_overlap_fails_is_refused_and_the_other_is_not(market, tmp_path):
    impressions = market[0].tables["impressions"].to_pandas()
    bad = impressions["other_propensity"].where(impressions["policy"] == "personal", 1e-4)
    shop = changed(market, tmp_path, other_propensity=bad)
    answer = off_policy_values(shop)
    (refused,) = [finding for finding in answer.findings if finding.status == "skipped"]
    assert refused.key == ("D5.value", "personal")
    assert "the weights average" in refused.reason
    assert by_id(answer)["D5.value", "popular"].status == "answered"
    assert "refused" in answer.draw().figure.axes[0].get_title(loc="left")
    save_findings("05_recommendation", answer, out=tmp_path)


@pytest.mark.parametrize("whose", ["popular", "personal", "both"])
def test_chances_of_nothing_are_refused_in_one_sentence(market, tmp_path, whose):
    impressions = market[0].tables["impressions"].to_pandas()
    chance = impressions["propensity"].copy()
    logs = ("popular", "personal") if whose == "both" else (whose,)
    for log in logs:
        chance[impressions.index[impressions["policy"] == log][:3]] = 0.0
    answer = off_policy_values(changed(market, tmp_path, propensity=chance))
    refused = [finding for finding in answer.findings if finding.status == "skipped"]
    assert len(refused) == len(logs)
    for finding in refused:
        assert finding.id == "D5.value"
        assert "3 logged impressions of " in finding.reason
        assert finding.reason.count(". ") == 0
    assert by_id(answer)["D5.value_own", "popular"].status == by_id(answer)["D5.difference"].status
    assert answer.draw().png().startswith(b"\x89PNG")
    assert len(answer.table()) == 8 - 3 * len(logs)
    save_findings("05_recommendation", answer, out=tmp_path)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"other_propensity": None}, "needs impressions.other_propensity"),
        ({"policy": "one"}, "of them clicked: 1; one chance"),
        ({"clicked": False}, "of them clicked: 0; one chance"),
    ],
)
def test_a_log_that_cannot_answer_says_what_it_lacks(market, tmp_path, columns, words):
    answer = off_policy_values(changed(market, tmp_path, **columns))
    assert isinstance(answer, Skipped)
    assert words in answer.reason


def test_purchases_can_be_the_reward(market):
    answer = off_policy_values(market[1], reward="bought")
    assert isinstance(answer, Skipped) or "bought" in answer.findings[0].reading
    with pytest.raises(ValueError, match="'clicked' or 'bought'"):
        off_policy_values(market[1], reward="liked")


def test_strange_logs_are_answered_or_refused_with_what_is_wrong(tmp_path):
    said = {}
    for name in [name for name in SHOPS if "log" in name]:
        world = draw_shop(name, seed=2)
        answer = off_policy_values(write_shop(world.tables, tmp_path / name))
        said[name] = by_id(answer)["D5.value", "keen"].reason or ""
        for finding in answer.findings:
            told = ("D5.value_own", "D5.difference", *(["D5.value"] if name == "sound_log" else []))
            if finding.id in told:
                truth = truth_of(world.truth, finding)
                assert abs(finding.estimate - truth) < finding.high - finding.low
    assert not said["sound_log"]
    assert "too low" in said["log_lacks_items"]
    assert "too high" in said["log_of_wrong_chances"]
    assert "anywhere in the list" in said["log_of_slate_chances"]
    assert "worth only" in said["log_of_few_rows"]
