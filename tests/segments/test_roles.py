"""C6: roles by month and the form of posts by age."""

import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.report.trust import truth_of
from helpers.segments import format_preference, roles
from helpers.segments.c06_formats.format_preference import FORMATS
from helpers.segments.c06_roles.role_months import ABSENT, ACTIVE, READER, VOICE, half_of_all, role_months
from market.people import AGE_BANDS
from methods.customers.choice_by_group import preference_by_group


@pytest.mark.parametrize(
    ("received", "threshold"),
    [([1, 1, 1, 1, 4], 4), ([5, 5], 5), ([0, 0], 1), ([], 1), ([1, 2, 3, 4], 4)],
)
def test_voices_are_the_fewest_who_collect_half(received, threshold):
    assert half_of_all(np.array(received)) == threshold


@pytest.fixture
def little_shop(make_shop):
    """Ann posts and is answered, Bob answers, Cid comments, Dan does nothing; two whole months."""
    day = pd.Timestamp
    names = ["ann", "bob", "cid", "dan"]
    shares = pd.DataFrame({"share_id": ["s1", "s2"], "customer_id": "ann",
                           "posted_at": [day("2024-01-10"), day("2024-02-10")]})  # fmt: skip
    answers = [("s1", "bob", "like", "2024-01-11"), ("s1", "cid", "comment", "2024-01-12"),
               ("s2", "bob", "like", "2024-02-11"), ("s2", "ann", "like", "2024-02-11"),
               ("s2", None, "like", "2024-02-12"), ("s2", "bob", "reply", "2024-02-13")]  # fmt: skip
    reactions = pd.DataFrame(answers, columns=["share_id", "customer_id", "kind", "posted_at"])
    reactions["reaction_id"] = [f"r{n}" for n in range(len(reactions))]
    reactions["posted_at"] = pd.to_datetime(reactions["posted_at"])
    placed = pd.to_datetime(["2023-12-31 16:00", "2024-03-01 12:00"])
    orders = pd.DataFrame({"order_id": ["o1", "o2"], "customer_id": ["ann", "bob"], "placed_at": placed})
    lines = pd.DataFrame({"order_id": ["o1", "o2"], "line_number": 1, "item_id": "i", "quantity": 1})
    joined = pd.to_datetime(["2023-12-01", "2023-12-01", "2024-02-05", "2023-12-01"])
    return make_shop(
        {
            "customers": pd.DataFrame({"customer_id": names, "joined_at": joined}),
            "items": pd.DataFrame({"item_id": ["i"]}),
            "orders": orders,
            "order_lines": lines,
            "shares": shares,
            "reactions": reactions,
        }
    )


def test_roles_of_a_shop_that_can_be_worked_out_by_hand(little_shop):
    found = role_months(little_shop)
    assert found.threshold == 2
    role = pd.DataFrame(found.role, index=found.customers)
    assert role.loc["ann"].tolist() == [VOICE, VOICE]
    assert role.loc["bob"].tolist() == [READER, READER]
    assert role.loc["cid"].tolist() == [-1, ABSENT]  # the comment came before the customer joined
    assert role.loc["dan"].tolist() == [ABSENT, ABSENT]


def test_roles_of_the_market(shop):
    answer = roles(shop)
    np.testing.assert_allclose(answer.moves.sum(axis=1), 100)
    role = answer.months.role
    both = (role[:, :-1] == VOICE) & (role[:, 1:] == VOICE)
    was = (role[:, :-1] == VOICE) & (role[:, 1:] >= 0)
    assert answer.stays[VOICE].estimate == pytest.approx(100 * both.sum() / was.sum())
    leads = next(finding for finding in answer.findings if finding.key == ("C6.role_stays", "voices"))
    assert leads.verdict == "supported"  # the busy stay busy
    assert sum(answer.now) == (role[:, -1] >= 0).sum()
    assert answer.now[VOICE] < answer.now[ACTIVE] < answer.now[READER]
    assert "roles by month" in answer.draw().alt
    assert len(answer.table()) == 4


class TestFormats:
    def test_the_planted_forms_are_found(self, shop, market):
        answer = format_preference(shop, shuffles=99)
        assert list(dict.fromkeys(answer.shares["band"])) == list(AGE_BANDS)
        for row in answer.shares.itertuples():
            truth = market.truth["C6.format_share"][f"{row.band}, {FORMATS[row.format]}"]
            assert row.low - 1 <= truth <= row.high + 1
        assert answer.p_value == 0.01
        differ, *shares = answer.findings
        assert differ.low > 1
        assert differ.verdict == "supported"
        assert all(truth_of(market.truth, finding) is not None for finding in shares)
        assert "voice" in answer.draw().alt
        assert answer.table().attrs["people"] in answer.table()

    def test_intervals_respect_that_posts_of_one_customer_are_alike(self):
        """A hundred posts of one customer are no hundred customers."""
        rows = pd.DataFrame(
            {
                "who": [f"c{n}" for n in range(60)],
                "age": np.resize(["18-24", "25-34"], 60),
                "form": np.resize(["live", "live", "voice"], 60),
            }
        )
        widths = []
        for posts in (1, 100):
            found = preference_by_group(
                rows.assign(posts=posts), customer="who", group="age", choice="form", count="posts",
                shuffles=19, seed=1,
            )  # fmt: skip
            widths.append((found.shares["high"] - found.shares["low"]).to_numpy())
        np.testing.assert_allclose(widths[0], widths[1])

    def test_no_false_alarm_where_age_does_not_matter(self):
        alarms = 0
        for seed in range(40):
            rng = np.random.default_rng(seed)
            habit = rng.dirichlet([2, 2, 2], 120)
            posts = np.array([rng.multinomial(rng.integers(1, 9), row) for row in habit])
            frame = pd.DataFrame(
                {
                    "who": np.repeat(np.arange(120), 3),
                    "age": np.repeat(rng.choice(["18-24", "25-34"], 120), 3),
                    "form": np.tile(["live", "voice", "short_video"], 120),
                    "posts": posts.ravel(),
                }
            )
            found = preference_by_group(
                frame, customer="who", group="age", choice="form", count="posts", shuffles=99, seed=seed
            )
            alarms += found.p_value <= 0.05
        assert alarms <= 6  # more happen in 1 % of such series

    def test_small_bands_are_left_out(self):
        rows = pd.DataFrame({"who": np.arange(80).astype(str), "form": "live", "posts": 2})
        rows["age"] = ["18-24"] * 35 + ["25-34"] * 35 + ["35-44"] * 10
        found = preference_by_group(
            rows, customer="who", group="age", choice="form", count="posts", shuffles=9, seed=1
        )
        assert set(found.shares["band"]) == {"18-24", "25-34"}


def test_what_is_missing_is_said(bare_shop):
    assert "shares" in roles(bare_shop).reason
    skipped = format_preference(bare_shop)
    assert isinstance(skipped, Skipped)
    assert "shares.format" in skipped.reason
