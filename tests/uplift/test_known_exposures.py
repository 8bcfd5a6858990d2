"""Exposures that cannot bring anybody back: nil where nothing is hidden, else A1 is withheld."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import uplift
from helpers.report import Skipped
from helpers.report.judging import judged_together
from market.strange import draw_shop
from market.strange.shop_world import FIRST_DAY
from tests.conftest import write_shop

EFFECT, CUSTOMERS = "A1.adjusted_uplift_sharers", 1_000


def world(folder, name):
    drawn = draw_shop(name, customers=CUSTOMERS, seed=2)
    shop = write_shop(drawn.tables, folder / name)
    gap = uplift.share_gap(shop)
    return drawn, shop, gap, uplift.known_exposures(shop, gap)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return world(tmp_path_factory.mktemp("plain"), "unseen_posts")


def judged(*answers):
    found = judged_together(finding for answer in answers for finding in answer.findings)
    return {finding.id: finding for finding in found.findings}


def asked_of(plain, tmp_path, **changed):
    """The exposures of the plain shop with some of its tables changed; None takes a table out."""
    drawn, _, gap, _ = plain
    tables = {name: frame for name, frame in {**drawn.tables, **changed}.items() if frame is not None}
    return uplift.known_exposures(write_shop(tables, tmp_path / "changed"), gap)


def test_where_nothing_is_hidden_unseen_posts_do_nothing(plain):
    drawn, _, gap, found = plain
    (unseen,) = found.findings
    assert unseen.low <= drawn.truth["A1.unseen_posts"] <= unseen.high
    assert unseen.verdict != "contradicted"
    effect = judged(gap, found)[EFFECT]
    assert effect.low <= drawn.truth[EFFECT] <= effect.high
    frame = found.table()
    assert frame["cases"].tolist() == [gap.effect.treated_rows, unseen.facts["cases"]]
    assert found.draw().png().startswith(b"\x89PNG")


def test_a_hidden_cause_that_only_they_feel_withholds_the_effect_by_their_name(tmp_path):
    """The adjusted effect misses the truth by far; past outcomes and past spend feel nothing of it."""
    drawn, _, gap, found = world(tmp_path, "unseen_posts_of_the_keen")
    assert gap.effect.att.low > drawn.truth[EFFECT] / 100
    (unseen,) = found.findings
    assert unseen.verdict == "contradicted"
    assert "poster's own mind" in unseen.reading
    effect = judged(gap, found)[EFFECT]
    assert effect.estimate is None
    assert "posts that nobody could see (A1.unseen_posts)" in effect.reason


def test_posts_that_strangers_react_to_were_seen(plain, tmp_path):
    shares, some = plain[0].tables["shares"], plain[0].tables["reactions"]
    likes = pd.DataFrame({"share_id": shares["share_id"], "posted_at": shares["posted_at"]})
    likes = likes.assign(reaction_id=[f"x{row}" for row in range(len(likes))], kind="like")
    found = asked_of(plain, tmp_path, reactions=pd.concat([some, likes]))
    assert isinstance(found, Skipped)
    assert "so strangers see them" in found.reason


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ties": None}, "not known without ties"),
        ({"reactions": None}, "not known without reactions"),
        ("few likes", "silence shows nothing"),
    ],
)
def test_without_a_sign_of_who_sees_posts_nothing_is_unseen(plain, tmp_path, changed, said):
    if changed == "few likes":
        changed = {"reactions": plain[0].tables["reactions"].head(20)}
    found = asked_of(plain, tmp_path, **changed)
    assert isinstance(found, Skipped)
    assert said in found.reason


@pytest.mark.parametrize("of_buyers", [False, True])
def test_late_shares_comfort_and_never_accuse(plain, tmp_path, of_buyers):
    drawn, _, gap, _ = plain
    frame = gap.study.frame
    quiet = frame[(frame["shared"] == 0) & ((frame["repurchased"] == 1) | (not of_buyers))]
    ids = quiet["customer_id"].sample(100, random_state=1)
    orders = drawn.tables["orders"].head(CUSTOMERS)
    late = orders[orders["customer_id"].isin(ids)][["order_id", "customer_id"]].assign(
        share_id=[f"x{row}" for row in range(100)], audience="timeline", prompted=False,
        posted_at=FIRST_DAY + pd.Timedelta(days=398),
    )  # fmt: skip
    found = asked_of(plain, tmp_path, shares=pd.concat([drawn.tables["shares"], late]))
    answer = {finding.id: finding for finding in found.findings}["A1.late_shares"]
    assert answer.facts["cases"] == 100
    assert answer.verdict != "contradicted"
    assert ("proves nothing" in answer.reading) == of_buyers
    assert judged(gap, found)[EFFECT].estimate is not None


def test_below_thirty_cases_it_says_what_was_looked_for(plain, tmp_path):
    gap = plain[2]
    alone = (gap.study.frame["friends"] == 0) & (gap.study.frame["shared"] == 1)
    keep = ~alone | (alone.cumsum() <= 29)
    few = replace(
        gap,
        study=replace(gap.study, frame=gap.study.frame[keep].reset_index(drop=True)),
        effect=replace(gap.effect, covariates=gap.effect.covariates.rows(np.asarray(keep))),
    )
    found = uplift.known_exposures(plain[1], few)
    assert isinstance(found, Skipped)
    looked = "posted where nobody sees it, 29 customers; shared after the outcome window, 0 customers."
    assert looked in found.reason
