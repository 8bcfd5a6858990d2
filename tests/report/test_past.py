"""Past runs side by side: every run that told a figure is a point, every verdict that changed is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.report.finding import Finding, skipped
from helpers.report.judge import page_faults
from helpers.report.page import MOST_RUNS, history_page
from helpers.report.page_reader import read_page
from helpers.report.past import Past, courses, trends
from helpers.report.withholding import held

RATE = "B2.repurchase_rate_90d"


def rate(estimate):
    about = {"requirement": "B2", "question": "?", "unit": "% of customers", "method": "counting", "n": 1000}
    return Finding(
        id=RATE, estimate=estimate, low=estimate - 1, high=estimate + 1, reading="Some return.", **about
    )


def verdict_of(verdict, *, id="A2.intention_to_treat"):
    return replace(rate(1.0), id=id, requirement=id.partition(".")[0], verdict=verdict)


def past(run, *findings, data="shop", **said):
    return Past(run=run, status="published", data=data, findings=findings, **said)


GONE = replace(skipped(requirement="B2", question="?", reason="Few."), id=RATE)


SHOP = "<b>shop</b>"


class TestTrends:
    def test_each_run_that_told_it_is_a_point(self):
        runs = [past("1", rate(30.0)), past("2", GONE), past("3"), past("4", rate(24.0))]
        (trend,) = trends(runs)
        assert [(point.run, point.value) for point in trend.points] == [("1", "30.0 %"), ("4", "24.0 %")]
        assert "30.0 % → 24.0 %" in trend.line

    def test_what_stands_as_told_earlier_is_marked(self):
        (trend,) = trends([past("1", rate(30.0)), past("2", held(rate(30.0), run="1"))])
        assert [point.again for point in trend.points] == [False, True]
        assert "30.0 %‡" in trend.line

    def test_one_run_has_no_course_and_equal_runs_can_be_drawn(self):
        assert trends([past("1", rate(30.0))])[0].picture == ""
        flat = replace(rate(30.0), low=30.0, high=30.0)
        assert "nan" not in trends([past("1", flat), past("2", flat)])[0].picture

    def test_a_rise_is_drawn_upwards(self):
        picture = trends([past("1", rate(20.0)), past("2", rate(40.0))])[0].picture
        points = picture.partition('points="')[2].partition('"')[0].split()
        first, last = (float(point.split(",")[1]) for point in points)
        assert last < first


class TestCourses:
    def test_only_what_changed_and_every_claim(self):
        claim = replace(verdict_of("fits"), id="G1.claim", requirement="G1", segment="37 percent")
        runs = [
            past("1", verdict_of("supported"), verdict_of("supported", id="A5.itt"), claim, rate(1.0)),
            past("2", verdict_of("not settled"), verdict_of("supported", id="A5.itt"), claim),
            past("3", claim),
        ]
        found = {one.id: one.verdicts for one in courses(runs)}
        assert found == {
            "G1.claim": ("fits", "fits", "fits"),
            "A2.intention_to_treat": ("supported", "not settled", ""),
        }


class TestPage:
    @pytest.fixture
    def page(self):
        runs = [
            past(
                "20250101-000000",
                rate(30.0),
                verdict_of("supported"),
                data="<b>shop</b>",
                data_until="2025-01-01",
            ),
            past("20250108-000000", data="other", failed=("A1", "07_incentives")),
            past(
                "20250115-000000",
                rate(24.0),
                verdict_of("not settled"),
                data="<b>shop</b>",
                fingerprint="abcd1234",
            ),
        ]
        return history_page(runs, linked={"20250101-000000"})

    def test_may_be_published(self, page):
        siblings = {"20250101-000000/index.html"}
        assert page_faults(read_page(page), siblings=siblings) == []
        assert "<b>shop" not in page
        assert "abcd1234" in page
        assert "A1, 07_incentives" in page
        assert 'href="20250115-000000' not in page

    def test_the_shop_of_the_newest_run_comes_first(self, page):
        assert page.index("&lt;b&gt;shop") < page.index(">other</h2>")

    def test_no_runs_and_many_runs(self):
        assert "There is no run yet" in history_page([], linked=())
        many = [past(f"2025-{number:04d}", rate(30.0), verdict_of("fits")) for number in range(MOST_RUNS + 5)]
        page = history_page(many, linked=())
        assert "2025-0004" not in page
        assert "2025-0005" in page
