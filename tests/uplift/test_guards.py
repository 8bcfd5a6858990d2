"""What withholds a verdict in A1 to A6: each guard alone turns a clear effect into an open one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.uplift.a01_share_gap import share_gap
from helpers.uplift.a02_prompt_test import prompt_test
from helpers.uplift.a04_coupon_threshold import coupon_threshold
from helpers.uplift.a05_cashback import cashback
from helpers.uplift.a06_brand_reply import brand_reply
from methods.adjust.bootstrap_coverage import _trust
from methods.intervals.influence import normal_interval
from methods.trials.encouragement import ComplierEffect
from methods.trials.sample_ratio import ALARM

CLEAR = normal_interval(0.08, 0.01, 900)


def overlap(warning: str = "") -> SimpleNamespace:
    return SimpleNamespace(warning=warning, trimmed_share=0.0, trimmed_treated_share=0.0)


def adjusted(warning: str = "") -> SimpleNamespace:
    """An adjusted effect whose every figure is clear."""
    return SimpleNamespace(
        ate=CLEAR, att=CLEAR, ato=CLEAR, ato_rows=412.3, raw=CLEAR, self_selection=CLEAR,
        relative_att=normal_interval(0.1, 0.02, 900),
        overlap=overlap(warning), doubt=warning, rows=900, treated_rows=300, method="m", population="all",
        covariates=SimpleNamespace(sources=("friends",), dropped=()),
    )  # fmt: skip


def trust(bias: float, spread: float = 1.0):
    rng = np.random.default_rng(1)
    return _trust(bias + spread * rng.normal(size=10), bias + spread * rng.normal(size=10), 0.95)


class TestSharing:
    study = SimpleNamespace(landmark_hours=48)

    def verdicts(self, effect, found) -> dict[str, str]:
        findings = share_gap._causal_findings(self.study, effect, found, 37.0)
        return {finding.id: finding.verdict for finding in findings}

    def test_a_clear_effect_is_settled(self):
        found = self.verdicts(adjusted(), {})
        assert found["A1.adjusted_uplift"] == found["A1.adjusted_uplift_sharers"] == "supported"
        assert found["A1.relative_uplift_sharers"] == "contradicted"

    def test_thin_overlap_leaves_all_open(self):
        found = self.verdicts(adjusted("30 % of the customers have no counterpart"), {})
        assert set(found.values()) == {"not settled", "reported"}

    def test_only_with_thin_overlap_those_are_asked_who_might_as_well_have(self):
        thin = share_gap._causal_findings(self.study, adjusted("30 % have no counterpart"), {}, 37.0)
        (alike,) = (finding for finding in thin if finding.id == "A1.uplift_where_alike")
        assert "as good as 412 customers" in alike.reading
        assert alike.estimate == pytest.approx(8.0)
        assert "A1.uplift_where_alike" not in self.verdicts(adjusted(), {})

    def test_learners_that_part_too_far_leave_all_open(self):
        found = self.verdicts(adjusted("learners of unlike kinds part by 0.9 standard errors"), {})
        assert set(found.values()) == {"not settled", "reported"}

    def test_for_whom_the_figure_speaks_is_said(self):
        some = adjusted()
        some.overlap.trimmed_share, some.overlap.trimmed_treated_share = 0.02, 0.05
        some.population = "285 of 300 treated"
        assert "the figure for sharers speaks for 285 of 300 treated" in share_gap.assumptions(some)

    def test_copies_that_miss_by_far_leave_open_what_they_speak_of(self):
        far, near = trust(4.0), trust(0.0)
        assert far.withheld
        assert not near.withheld
        found = self.verdicts(adjusted(), {"ate": near, "att": far})
        assert found["A1.adjusted_uplift"] == "supported"
        assert found["A1.adjusted_uplift_sharers"] == "not settled"
        assert found["A1.relative_uplift_sharers"] == "not settled"
        other = self.verdicts(adjusted(), {"ate": far, "att": near})
        assert other["A1.adjusted_uplift"] == "not settled"
        assert other["A1.adjusted_uplift_sharers"] == "supported"

    def test_a_widened_interval_is_said(self):
        some = replace(trust(0.0), widened=1.4)
        findings = share_gap._causal_findings(self.study, adjusted(), {"ate": some, "att": some}, 37.0)
        assert "made 1.40 times as wide" in findings[1].reading


class TestPrompt:
    def moved(self, *, f: float, low: float = 0.05, high: float = 0.11) -> prompt_test.Sharing:
        effect = ComplierEffect(
            effect=CLEAR, low=low, high=high, first_stage=CLEAR, first_stage_f=f, reduced_form=CLEAR
        )
        return prompt_test.Sharing(moved=effect, profile=pd.DataFrame())

    def found(self, sharing: prompt_test.Sharing, doubt: str = ""):
        arm = SimpleNamespace(what="the prompt", segment=None)
        about = {"n": 900, "segment": None, "scale": 100, "what": "the prompt"}
        return prompt_test._moved(arm, sharing, about, doubt)

    def test_a_clear_effect_on_the_moved_is_settled(self):
        assert self.found(self.moved(f=40.0)).verdict == "supported"

    def test_a_prompt_that_moves_few_settles_nothing(self):
        found = self.found(self.moved(f=9.9))
        assert found.verdict == "not settled"
        assert "moved few customers (F 10; below 10 is weak)" in found.reading

    def test_an_unfair_draw_settles_nothing(self):
        assert self.found(self.moved(f=40.0), doubt="the draw cannot be trusted").verdict == "not settled"

    def test_an_interval_without_an_end_is_withheld(self):
        found = self.found(self.moved(f=40.0, high=np.inf))
        assert found.status == "skipped"
        assert "to bound" in found.reason


class TestCoupon:
    def answer(self, **changes) -> SimpleNamespace:
        checks = pd.DataFrame({"check": ["orders_before", "cut-off 10"], "p_value": [0.4, 0.6]})
        pile = SimpleNamespace(p_value=0.5, excess_percent=2.0, missing_percent=0.0)
        parts = {"pile": pile, "donut": None, "checks": checks, "received": (0.98, 0.0), "threshold": 20}
        return SimpleNamespace(**{**parts, **changes})

    def test_without_any_sign_there_is_no_doubt(self):
        assert coupon_threshold.doubts_of(self.answer()) == []
        assert coupon_threshold.doubts_of(self.answer(received=None)) == []

    @pytest.mark.parametrize(("p", "excess", "donut", "doubted"), [
        (0.049, 3.0, None, True), (0.051, 3.0, None, False), (0.01, -3.0, None, False),
        (0.01, 3.0, "there", False),
    ])  # fmt: skip
    def test_a_pile_is_a_doubt_only_where_its_posts_cannot_be_left_out(self, p, excess, donut, doubted):
        pile = SimpleNamespace(p_value=p, excess_percent=excess, missing_percent=0.0)
        doubts = coupon_threshold.doubts_of(self.answer(pile=pile, donut=donut))
        assert bool(doubts) == doubted

    @pytest.mark.parametrize(("p", "doubted"), [(0.024, True), (0.026, False)])
    def test_a_false_jump_counts_beside_the_other_checks(self, p, doubted):
        checks = pd.DataFrame({"check": ["orders_before", "cut-off 10"], "p_value": [p, 0.6]})
        doubts = coupon_threshold.doubts_of(self.answer(checks=checks))
        assert bool(doubts) == doubted
        assert all("orders before" in doubt for doubt in doubts)

    @pytest.mark.parametrize(
        ("received", "doubted"), [((0.49, 0.0), True), ((0.98, 0.6), True), ((0.51, 0.0), False)]
    )
    def test_few_coupons_are_a_doubt(self, received, doubted):
        assert bool(coupon_threshold.doubts_of(self.answer(received=received))) == doubted


class TestCashback:
    def test_doubts(self):
        def doubt(groups: int, *, dealt: float, draw: float = 0.8, lost: str = "") -> str:
            arms = pd.Series(np.arange(2 * groups) % 2).astype(float)
            ratio = SimpleNamespace(alarm=bool(lost) or draw < ALARM, lost_day=lost)
            arm = SimpleNamespace(trial=SimpleNamespace(groups=arms), randomisation_p=dealt)
            return cashback._doubt(arm, Experiment(name="x", planned={"control": 1, "x": 1}), ratio)

        assert doubt(10, dealt=0.5) == ""
        assert "only 9 groups" in doubt(9, dealt=0.05)
        assert doubt(9, dealt=0.049) == ""
        assert "planned numbers of groups" in doubt(50, dealt=0.01, draw=0.0009)
        assert doubt(50, dealt=0.01, draw=0.0011) == ""
        assert "groups on 2025-03-04" in doubt(50, dealt=0.01, lost="2025-03-04")


class TestReply:
    @pytest.mark.parametrize(("warning", "verdict"), [("", "supported"), ("it is thin", "not settled")])
    def test_thin_overlap_leaves_it_open(self, warning, verdict):
        found = brand_reply._uplift(adjusted(warning), authors=100)
        assert found.verdict == verdict
        assert (f"But {warning}" in found.reading) == bool(warning)

    def test_answers_that_were_left_out_are_told(self):
        effect = adjusted()
        effect.overlap.trimmed_treated_share = 0.14
        assert (
            "14.0 % of the answered were left out" in brand_reply._uplift(effect, authors=100).assumptions[-1]
        )
