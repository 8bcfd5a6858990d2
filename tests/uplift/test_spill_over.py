"""A8: friends' shares, with known effects, against statsmodels, and where nothing can be learned."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.report import CannotAnswer, Skipped
from helpers.uplift import community_purchases
from helpers.uplift.a08_spill_over.customer_weeks import customer_weeks
from helpers.uplift.a08_spill_over.friend_circles import friend_circles
from helpers.uplift.a08_spill_over.ignored_network import ignored_network
from helpers.uplift.a08_spill_over.spill_over import _mates, _same_side, spill_over
from market import simulate
from market.settings import AS_OF_UTC
from methods.adjust.exposure_effect import exposure_effects
from methods.intervals.estimates import Interval
from methods.regression.loglinear import loglinear_fit
from tests.degenerate_shops import mutilated
from tests.uplift.market_shops import REQUIRED, by_id, market_tables

READS = ("shares", "ties", "experiments")


@pytest.fixture(scope="module")
def market():
    return market_tables(customers=4_000, seed=2, names=READS)


@pytest.fixture
def shop(make_shop, market):
    return make_shop(market[0], as_of=AS_OF_UTC)


def chances(seed: int, *, rows: int = 6_000, ratio: float = 1.3):
    """Outcomes whose chance is multiplied by `ratio` a level of exposure; the exposed are the eager ones."""
    rng = np.random.default_rng(seed)
    x, group = rng.standard_normal(rows), rng.integers(0, 12, rows)
    circle = rng.integers(0, 200, rows)
    exposure = np.minimum(rng.poisson(0.5 * np.exp(0.4 * x)), 2)
    base = 0.05 * np.exp(0.5 * x.clip(-2, 2) + 0.05 * group)
    y = (rng.random(rows) < base * ratio**exposure).astype(float)
    truth = (base * (ratio**exposure - 1))[exposure > 0].mean()
    return exposure, y, x[:, None], group, circle, truth


def test_loglinear_fit_is_poisson_regression_with_group_dummies():
    exposure, y, x, group, circle, _ = chances(1)
    matrix = np.column_stack([exposure == 1, exposure == 2, x]).astype(float)
    dummies = (group[:, None] == np.arange(12)).astype(float)
    theirs = sm.GLM(y, np.column_stack([matrix, dummies]), family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": circle, "use_correction": False}
    )
    fit = loglinear_fit(matrix, y, group)
    assert fit.coefficients == pytest.approx(theirs.params[:3], abs=1e-3)
    sums = np.stack([np.bincount(circle, column) for column in fit.influence.T])
    assert np.sqrt((sums**2).sum(axis=1)) == pytest.approx(theirs.bse[:3], rel=0.01)


def test_many_rows_start_from_few_and_end_alike():
    exposure, y, x, group, _, _ = chances(2, rows=60_000)
    matrix = np.column_stack([exposure, x]).astype(float)
    whole = loglinear_fit(matrix, y, group).coefficients
    dummies = (group[:, None] == np.arange(12)).astype(float)
    theirs = sm.GLM(y, np.column_stack([matrix, dummies]), family=sm.families.Poisson()).fit()
    assert whole == pytest.approx(theirs.params[:2], abs=2e-3)


def test_effects_on_the_exposed_are_found_and_covered():
    covered, error = 0, []
    for seed in range(60):
        exposure, y, x, group, circle, truth = chances(seed)
        (effect,) = exposure_effects((exposure,), y, x, group=group, cluster=circle)
        covered += effect.exposed.low <= truth <= effect.exposed.high
        error.append(effect.exposed.estimate - truth)
    assert covered >= 53
    assert abs(np.mean(error)) < 4 * np.std(error) / np.sqrt(60)


def test_groups_without_any_outcome_add_nothing():
    exposure, y, x, group, circle, _ = chances(3)
    silent = np.where(group == 0, 0.0, y)
    (effect,) = exposure_effects((exposure,), silent, x, group=group, cluster=circle)
    kept = group > 0
    (told,) = exposure_effects((exposure[kept],), y[kept], x[kept], group=group[kept], cluster=circle[kept])
    assert effect.total == pytest.approx(told.total)
    assert effect.exposed.n > told.exposed.n


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("outcome", ["where nobody is exposed", "of nobody exposed", "of all in one week"])
def test_outcomes_that_do_not_vary_with_exposure_tell_nothing(outcome):
    exposure, _, x, group, circle, _ = chances(4)
    one_week = (group == 2).astype(float)
    silent = np.where(one_week > 0, 0, exposure) if outcome == "where nobody is exposed" else exposure
    y = one_week * (exposure == 0) if outcome == "of nobody exposed" else one_week
    with pytest.raises(CannotAnswer, match="do not vary between"):
        exposure_effects((silent,), y, x, group=group, cluster=circle)


def fads(seed: int, *, effect: float) -> tuple[SimpleNamespace, np.ndarray, np.ndarray]:
    """Circles of forty over ten weeks, some hit by a fad that makes all share and buy."""
    rng = np.random.default_rng(seed)
    circle, week = np.repeat(np.arange(60), 400), np.tile(np.arange(10), 2_400)
    fad = (rng.random((60, 10)) < 0.2)[circle, week]
    seen = (rng.random(len(circle)) < np.where(fad, 0.6, 0.2)).astype(float)
    bought = (rng.random(len(circle)) < 0.05 + 0.08 * fad + effect * seen).astype(float)
    own = (rng.random(len(circle)) < 0.1).astype(float)
    return SimpleNamespace(circle=circle, week=week, own=own, bought=bought), seen, np.empty((len(circle), 0))


@pytest.mark.parametrize(("effect", "apart"), [(0.0, False), (0.04, True)])
def test_a_fad_of_the_circle_is_no_effect_of_friends(effect, apart):
    panel, seen, controls = fads(3, effect=effect)
    plain, _ = exposure_effects(
        (seen, panel.own), panel.bought, controls, group=panel.week, cluster=panel.circle
    )
    assert plain.exposed.low > effect  # the fad itself is taken for an effect
    mates = _mates(panel, seen, controls)
    assert mates.low <= effect <= mates.high
    assert _same_side(mates, plain.exposed) == apart


def test_members_who_all_see_the_same_can_rule_out_no_fad():
    panel, _, controls = fads(3, effect=0.0)
    assert _mates(panel, (panel.circle + panel.week) % 2.0, controls) is None
    assert not _same_side(None, Interval(estimate=1.0, low=0.5, high=1.5, n=9))


def test_the_panel_equals_a_count_by_hand(shop, market):
    tables = market[0]
    panel = customer_weeks(shop)
    week = 20
    monday = pd.Timestamp(AS_OF_UTC) - pd.Timedelta(weeks=26 - week)
    ids = tables["customers"]["customer_id"].sort_values().to_numpy()
    ties = tables["ties"]
    standing = ties[(ties["since_at"] <= monday) & ~(ties["until_at"] <= monday)]
    posts = tables["shares"]
    recent = posts[(posts["posted_at"] >= monday - pd.Timedelta(weeks=4)) & (posts["posted_at"] < monday)]
    per_sharer = recent["customer_id"].value_counts()
    both = pd.concat(
        [standing.set_axis([*standing.columns[:2], *standing.columns[2:]], axis=1),
         standing.rename(columns={"customer_a": "customer_b", "customer_b": "customer_a"})]
    )  # fmt: skip
    seen = both["customer_b"].map(per_sharer).fillna(0).groupby(both["customer_a"]).sum()
    rows = panel.week == week
    names = ids[panel.customer[rows]]
    assert panel.seen[rows] == pytest.approx(seen.reindex(names).fillna(0).to_numpy())
    orders = tables["orders"].query("status != 'cancelled'")
    inside = orders[(orders["placed_at"] >= monday) & (orders["placed_at"] < monday + pd.Timedelta(weeks=1))]
    assert (panel.bought[rows] == np.isin(names, inside["customer_id"])).all()
    joined = tables["customers"].set_index("customer_id")["joined_at"]
    assert set(names) == set(joined.index[joined < monday])


def test_nothing_from_the_week_on_enters_the_history(make_shop, market, tmp_path, shop):
    tables = dict(market[0])
    panel = customer_weeks(shop)
    cut = pd.Timestamp(AS_OF_UTC) - pd.Timedelta(weeks=1)
    tables["orders"] = tables["orders"][tables["orders"]["placed_at"] < cut]
    tables["shares"] = tables["shares"][tables["shares"]["posted_at"] < cut]
    cut_panel = customer_weeks(make_shop(tables, folder=tmp_path / "cut", as_of=AS_OF_UTC))
    assert (cut_panel.history == panel.history).all()
    assert (cut_panel.seen == panel.seen).all()


def test_one_market_is_answered_drawn_and_covered(shop, market):
    answer = spill_over(shop)
    effect = by_id(answer)["A8.spillover_week"]
    assert effect.low <= market[1]["A8.spillover_week"] <= effect.high
    check = by_id(answer)["A8.shares_yet_to_come"]
    assert check.low <= 0 <= check.high
    # It passes only where nothing as large as the effect itself is left possible.
    small = max(-check.low, check.high) < effect.estimate
    assert check.verdict == ("supported" if small else "not settled")
    assert answer.table()["customer-weeks"].iloc[:-1].sum() == effect.n
    assert answer.draw().png().startswith(b"\x89PNG")
    assert spill_over(shop).findings == answer.findings


def test_a_number_of_shares_that_tells_nothing_is_left_out_of_the_picture(shop):
    answer = spill_over(shop)
    nothing = Interval(estimate=np.nan, low=np.nan, high=np.nan, n=42)
    levels = (*answer.friends.levels[:-1], nothing)
    picture = replace(answer, friends=replace(answer.friends, levels=levels)).draw()
    assert picture.png().startswith(b"\x89PNG")
    assert "nan" not in picture.alt
    assert len(picture.alt.split(";")) == len(answer.draw().alt.split(";")) - 1


def test_a_sample_of_the_customers_gives_the_same_story(shop):
    whole, part = (by_id(spill_over(shop, most_customers=most)) for most in (4_000, 2_000))
    first, second = whole["A8.friends_orders_per_100_shares"], part["A8.friends_orders_per_100_shares"]
    assert second.n < 0.6 * first.n
    assert abs(first.estimate - second.estimate) < second.high - second.low


def test_ignoring_the_network_is_compared_on_the_same_customers(shop):
    answer = ignored_network(shop)
    found = by_id(answer)
    assert {"A8.change_a1", "A8.change_a2", "A8.friend_prompted"} == set(found)
    for ignored, counted, change in answer.comparisons.values():
        assert change.estimate == pytest.approx(counted.estimate - ignored.estimate)
        assert change.standard_error < ignored.standard_error
    assert len(answer.table()) == 2
    assert answer.draw().png().startswith(b"\x89PNG")


def test_shops_without_friends_or_shares_are_one_sentence(make_shop, market, tmp_path):
    tables = market[0]
    required = {name: tables[name] for name in REQUIRED}
    few = {**tables, "shares": tables["shares"].iloc[:3]}
    nobody = {**tables, "ties": tables["ties"].iloc[:2]}
    bare = make_shop(required, folder=tmp_path / "bare", as_of=AS_OF_UTC)
    for answer in (
        spill_over(bare),
        ignored_network(bare),
        spill_over(make_shop(few, folder=tmp_path / "few", as_of=AS_OF_UTC)),
        spill_over(make_shop(nobody, folder=tmp_path / "nobody", as_of=AS_OF_UTC)),
        ignored_network(make_shop(nobody, folder=tmp_path / "nobody", as_of=AS_OF_UTC)),
    ):
        assert isinstance(answer, Skipped)


@pytest.mark.parametrize(
    ("oddity", "asked", "words"),
    [
        ("all tied", community_purchases, "1 circle of friends"),
        ("all orders in one month", spill_over, "cannot be made"),
        ("all orders on one day", spill_over, "do not vary between"),
    ],
)
def test_shops_without_independent_circles_or_later_shares_are_one_sentence(make_shop, oddity, asked, words):
    everything = simulate(customers=1_000, seed=7).tables
    odd = mutilated({name: table.to_pandas() for name, table in everything.items()}, oddity)
    answer = asked(make_shop(odd, as_of=AS_OF_UTC))
    assert isinstance(answer, Skipped)
    assert words in answer.reason


def test_one_circle_is_declined(make_shop, market, tmp_path):
    """Everybody is everybody's friend: there are no two that could be taken for independent."""
    tables = dict(market[0])
    some = tables["customers"]["customer_id"].iloc[:40].to_numpy()
    for name, column in (("customers", "customer_id"), ("orders", "customer_id"), ("shares", "customer_id")):
        tables[name] = tables[name][tables[name][column].isin(some)]
    a, b = np.triu_indices(40, 1)
    tables["ties"] = pd.DataFrame({"customer_a": some[a], "customer_b": some[b]})
    tables["order_lines"] = tables["order_lines"][
        tables["order_lines"]["order_id"].isin(tables["orders"]["order_id"])
    ]
    del tables["experiments"]
    answer = spill_over(make_shop(tables, folder=tmp_path / "one", as_of=AS_OF_UTC))
    assert isinstance(answer, Skipped)


def test_circles_hold_whatever_the_order_of_the_ties(make_shop, market):
    shop, ties = make_shop(market[0], as_of=AS_OF_UTC), market[0]["ties"]
    turned = ties.rename(columns={"customer_a": "customer_b", "customer_b": "customer_a"}).iloc[::-1]
    who = pd.Series([*ties["customer_a"].iloc[:50], "nobody", "no one", "nobody"])
    circle = friend_circles(shop, who, seed=1)
    again = friend_circles(make_shop({**market[0], "ties": turned}, as_of=AS_OF_UTC), who, seed=1)
    assert np.array_equal(circle, again)
    assert circle[-3] == circle[-1] != circle[-2]
    assert not np.isin(circle[-3:], circle[:-3]).any()
    assert len(np.unique(circle[:-3])) > 1
