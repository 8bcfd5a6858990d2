"""One verdict by the declared rule: right words for known shops, few false alarms, honest skips."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.report import write_findings
from helpers.stickiness import order_value, repurchase, retention, verdict
from helpers.stickiness.b06_verdict.verdict import judge
from methods.intervals.trend import trend


def _judged(slopes, p_values, low=-1.0, high=1.0, *, paired=True):
    together = trend([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    together = replace(together, low=low, high=high, year_on_year=paired)
    return judge(pd.DataFrame({"slope": slopes, "p_holm": p_values}), together)


@pytest.mark.parametrize(
    ("slopes", "p_values", "low", "high", "word"),
    [
        ([1, -1, 2], [0.01, 0.3, 0.2], 0.1, 1, "rising"),
        ([1, -1, 2], [0.9, 0.01, 0.2], -1, -0.1, "falling"),
        ([1, -1, 2], [0.01, 0.3, 0.2], -0.1, 1, "not settled"),
        ([1, -1, 2], [0.9, 0.3, 0.2], 0.1, 1, "not settled"),
        ([1, -1, 2], [0.01, 0.01, 0.2], -1, 1, "mixed"),
        ([1, -1, 2], [0.9, 0.9, 0.2], -0.4, 0.3, "flat"),
        ([1, -1, 2], [0.9, 0.9, 0.2], -0.6, 0.3, "not settled"),
    ],
)
def test_the_rule_gives_each_word(slopes, p_values, low, high, word):
    assert _judged(slopes, p_values, low, high) == word
    assert _judged(slopes, p_values, low, high, paired=False) == "not settled"


@pytest.mark.parametrize(("drift", "word"), [(8.0, "rising"), (-5.0, "falling")])
def test_known_shops_get_their_word(steady_shop, drift, word):
    answer = verdict(steady_shop(customers=800, months=20, drift=drift, rate=0.8))
    assert answer.word == word
    assert answer.together.year_on_year
    assert answer.findings[0].estimate * drift > 0
    assert word in answer.findings[0].reading


def test_a_season_is_no_trend(steady_shop, tmp_path):
    """A wave of a year looks like a trend of 12 months; the same months a year before do not move."""
    wave = {"season": 0.25, "customers": 500}
    assert verdict(steady_shop(months=24, **wave)).word in ("flat", "not settled")
    (finding,) = verdict(steady_shop(months=14, folder=tmp_path / "short", **wave)).findings
    assert "not be told from a season" in finding.reading
    assert finding.verdict == "not settled"


@pytest.mark.slow
@pytest.mark.parametrize("moves", [{}, {"season": 0.1}, {"shocks": 0.1}], ids=["steady", "season", "shocks"])
def test_a_steady_shop_is_rarely_called_rising_or_falling(steady_shop, tmp_path, moves):
    words = [
        verdict(steady_shop(seed=seed, customers=120, months=20, folder=tmp_path / str(seed), **moves)).word
        for seed in range(40)
    ]
    told = sum(word in ("rising", "falling", "mixed") for word in words)
    print(f"\n{moves}: {told} of 40 steady shops were called rising, falling or mixed")
    assert told <= 5


@pytest.mark.slow
def test_a_pace_that_rises_by_2_percent_a_month_is_seen(steady_shop, tmp_path):
    options = {"customers": 1_000, "months": 24, "drift": 2.0, "season": 0.1, "shocks": 0.05}
    words = [
        verdict(steady_shop(seed=seed, folder=tmp_path / str(seed), **options)).word for seed in range(20)
    ]
    print(f"\nrising in {words.count('rising')} of 20")
    assert words.count("rising") >= 10
    assert not {"falling", "flat"} & set(words)


def test_what_was_left_out_is_named(steady_shop):
    answer = verdict(steady_shop(customers=150, months=20))
    assert set(answer.left_out) == {"active customers who interact", "net promoter score"}
    assert "net promoter score" in answer.findings[0].reading
    assert len(answer.table()) == 8
    assert "Holm" in answer.table().attrs["caption"]
    assert len(answer.draw().png()) > 5_000


def test_too_few_months_skip_the_verdict(steady_shop):
    (finding,) = verdict(steady_shop(months=5)).findings
    assert finding.status == "skipped"
    assert "a trend needs 6" in finding.reason


def test_change_since_an_earlier_run(steady_shop, tmp_path):
    early = steady_shop(customers=500, drift=8.0, as_of=pd.Timestamp("2024-09-01").to_pydatetime())
    path = write_findings(
        [one for ask in (retention, repurchase, order_value) for one in ask(early).findings],
        tmp_path / "before.json",
    )
    late = steady_shop(customers=500, drift=8.0, folder=tmp_path / "late")
    changes = {one.segment: one for one in verdict(late, previous_findings=str(path)).findings[1:]}
    assert {one.id for one in changes.values()} == {"B6.change"}
    risen = changes["buyers who buy again next month"]
    assert (risen.verdict, risen.unit) == ("supported", "pp of buyers")
    assert "up by" in risen.reading
    assert changes["average order value"].verdict == "not settled"


def test_without_an_earlier_run_one_sentence_says_so(steady_shop):
    answer = verdict(steady_shop(customers=150))
    assert len(answer.findings) == 1
    assert "No earlier run was given" in answer.table().attrs["caption"]


def test_another_currency_is_not_compared(steady_shop, tmp_path):
    shop = steady_shop(customers=150, currency="GBP")
    path = write_findings(order_value(shop).findings, tmp_path / "before.json")
    other = verdict(steady_shop(customers=150, folder=tmp_path / "b"), previous_findings=str(path))
    assert len(other.findings) == 1


def test_a_wrong_path_is_an_error_that_names_it(steady_shop):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json"):
        verdict(steady_shop(customers=100), previous_findings="nowhere.json")


def test_a_shop_without_times_answers_nothing_and_says_why(make_shop, random_tables):
    tables = {name: random_tables(seed=1)[name] for name in ("customers", "items", "orders", "order_lines")}
    tables["orders"] = tables["orders"].assign(placed_at=pd.NaT)
    shop = make_shop(tables)
    for ask in (retention, repurchase, order_value, verdict):
        (finding,) = ask(shop).findings
        assert finding.status == "skipped"
        assert "orders.placed_at" in finding.reason
