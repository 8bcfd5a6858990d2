"""A log of requests whose recorded chances are right, or not: what E2 says, and how often it is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.guardrails import prompt_answers
from helpers.guardrails.e02_prompts.chances_kept import FALSE_ALARM, chances_kept
from helpers.guardrails.e02_prompts.prompt_log import read_prompts
from helpers.report.judging import judged_together
from market.settings import AS_OF_UTC
from tests.conftest import write_shop

REAL = {
    "as recorded": lambda eager, chance: chance,
    "by eagerness": lambda eager, chance: np.where(eager, 0.8, 0.2),
    "fewer than recorded": lambda eager, chance: chance - 0.2,
}


def a_log(seed: int, real: str, *, customers: int = 600, moments: int = 12) -> dict[str, pd.DataFrame]:
    """Requests that change nothing; every second customer shares ten times as often."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), moments)
    eager = who % 2 == 0
    at = AS_OF_UTC - pd.to_timedelta(100 - 5 * np.tile(np.arange(moments), customers), unit="D")
    at = at + pd.to_timedelta(rng.integers(0, 3_600, len(who)), unit="s")
    shared = rng.random(len(who)) < np.where(eager, 0.3, 0.03)
    log = pd.DataFrame(
        {
            "prompt_id": [f"q{row}" for row in range(len(who))], "customer_id": [f"c{one:04}" for one in who],
            "asked_at": at, "chance": 0.5, "asked": rng.random(len(who)) < REAL[real](eager, 0.5),
            "shared": shared,
        }
    )  # fmt: skip
    joined = AS_OF_UTC - pd.Timedelta(days=400)
    people = pd.DataFrame({"customer_id": sorted(set(log["customer_id"])), "joined_at": joined})
    posts = log[log["shared"]]
    shares = pd.DataFrame(
        {
            "share_id": [f"s{row}" for row in range(len(posts))],
            "customer_id": posts["customer_id"].to_numpy(),
            "item_id": "i1", "posted_at": (posts["asked_at"] + pd.Timedelta(hours=2)).to_numpy(),
        }
    )  # fmt: skip
    return {"customers": people, "prompts": log, "shares": shares}


@pytest.mark.parametrize("known", ["customers prompts", "customers prompts shares"])
@pytest.mark.parametrize("real", list(REAL))
def test_a_number_stands_only_where_requests_were_sent_with_their_chances(real, known, tmp_path):
    tables = {name: rows for name, rows in a_log(1, real).items() if name in known.split()}
    answer = prompt_answers(write_shop(tables, tmp_path, as_of=AS_OF_UTC))
    found = {one.key: one for one in judged_together(answer.findings).findings}
    check, effect = found["E2.chances_kept", None], found["E2.prompt_effect", None]
    if real == "as recorded":
        assert check.verdict in ("supported", "not settled")
        assert effect.status == "answered"
        assert effect.verdict == "not settled"
        return
    assert check.verdict == "contradicted"
    for key, one in found.items():
        if key[0] != "E2.chances_kept":
            assert one.status == "skipped", key
            assert "E2.chances_kept" in one.reason, key


def test_unequal_chances_are_seen_though_as_many_were_sent_over_all(tmp_path):
    """Half at .2 and half at .8 are as many as all at .5; only what came before tells."""
    shop = write_shop(a_log(3, "by eagerness"), tmp_path, as_of=AS_OF_UTC)
    rows = read_prompts(shop)
    assert abs(rows["asked"].mean() - 0.5) < 0.02
    found = chances_kept(rows)
    assert found.fails
    assert found.where != "over all"


def drawn(rng, *, real) -> pd.DataFrame:
    """Moments as `read_prompts` gives them, with chances of four sizes; real: chance to the one drawn by."""
    size = 3_000
    chance = rng.choice([0.2, 0.35, 0.5, 0.8], size)
    return pd.DataFrame(
        {
            "asked_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(size), unit="h"),
            "chance": chance, "asked": (rng.random(size) < real(chance)).astype(float),
            "before_28": rng.poisson(1.0, size).astype(float), "surplus_before": rng.normal(0, 1, size),
            "shared_before": rng.poisson(0.4, size).astype(float),
        }
    )  # fmt: skip


def test_right_chances_fail_as_seldom_as_promised():
    rng, draws = np.random.default_rng(5), 400
    fails = sum(chances_kept(drawn(rng, real=lambda chance: chance)).fails for _ in range(draws))
    assert fails <= draws * FALSE_ALARM + 3 * (draws * FALSE_ALARM) ** 0.5


def test_chances_drawn_towards_the_middle_are_seen():
    rng = np.random.default_rng(6)
    found = chances_kept(drawn(rng, real=lambda chance: 0.475 + (chance - 0.475) / 2))
    assert found.fails
    assert found.where.startswith("at chances of")


def test_a_chance_noted_with_two_digits_is_right():
    rng = np.random.default_rng(7)
    rows = pd.concat([drawn(rng, real=lambda chance: chance + 0.003) for _ in range(60)], ignore_index=True)
    assert not chances_kept(rows).fails


def test_what_came_before_is_counted_by_hand(tmp_path):
    tables = a_log(2, "as recorded", customers=40)
    rows = read_prompts(write_shop(tables, tmp_path, as_of=AS_OF_UTC))
    for row in rows.sample(60, random_state=1).itertuples():
        mine = rows[(rows["customer_id"] == row.customer_id) & (rows["asked_at"] < row.asked_at)]
        posts = tables["shares"].query("customer_id == @row.customer_id")["posted_at"]
        assert row.surplus_before == pytest.approx((mine["asked"] - mine["chance"]).sum())
        assert row.shared_before == (posts < row.asked_at - pd.Timedelta(days=1)).sum()


def test_few_moments_tell_nothing():
    rows = drawn(np.random.default_rng(8), real=lambda chance: chance).head(12)
    assert chances_kept(rows) is None
