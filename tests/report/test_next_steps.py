"""Next steps: worth in money, never surer than the finding behind them, and none that a guardrail forbids."""

import math

import pytest
from scipy.stats import norm

from helpers.report import Finding, read_findings, registry, write_findings
from helpers.report.next_steps import PRICE, _steps, next_steps
from helpers.report.question import Skipped


def finding(id, estimate, error, **changes):
    given = {
        "id": id,
        "requirement": id.partition(".")[0],
        "question": "?",
        "estimate": estimate,
        "low": estimate - norm.ppf(0.975) * error,
        "high": estimate + norm.ppf(0.975) * error,
        "unit": "orders per 100 customers",
        "n": 1000,
        "method": "m",
        "reading": "r",
        "verdict": "supported",
    }
    return Finding(**{**given, **changes})


AOV = finding(PRICE, 100.0, 1.0, unit="EUR an order", verdict="reported")


def steps(*found, **options):
    return next_steps([AOV, *found], **options)


def test_every_declared_finding_exists_and_names_are_unique():
    names = [step.name for step in _steps()]
    assert len(set(names)) == len(names)
    asked = {step.finding for step in _steps()} | {bar.finding for step in _steps() for bar in step.barred_by}
    asked |= {name for step in _steps() for name in (step.pays, step.decided_by) if name}
    assert asked <= set(registry())


def test_orders_are_worth_their_margin_with_the_error_of_the_product():
    (step,) = steps(finding("A5.added_orders", 10.0, 1.0), margin_share=0.5).findings
    assert "50 % margin less the cashback paid" in step.reading
    assert step.estimate == pytest.approx(500.0)
    error = math.hypot(1.0 * 50.0, 0.5 * 10.0, 1.0 * 0.5)
    assert step.low == pytest.approx(500 - norm.ppf(0.975) * error, rel=0.02), "numbers leave rounded"
    assert step.unit == "EUR per 100 customers"
    assert "counted as nothing" in step.reading, "what is paid for an order is not known here"


def test_what_is_paid_for_an_order_is_taken_off():
    paid = finding("A5.cost_per_added_order", 40.0, 1.0, unit="EUR", verdict="reported")
    (step,) = steps(finding("A5.added_orders", 10.0, 0.5), paid, margin_share=0.3).findings
    assert step.estimate == pytest.approx(10 * (30 - 40))
    assert step.verdict == "contradicted"
    assert "it loses" in step.reading


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        ([], "margin; opt-outs and ties ended taken off"),
        (["ties ended"], "margin; opt-outs taken off; ties ended not known and counted as none"),
        (["opt-outs", "ties ended"], "margin; opt-outs and ties ended not known and counted as none"),
    ],
)
def test_only_what_was_known_is_said_to_be_taken_off(unknown, said):
    worth = finding("E2.net_value", 4.0, 1.0, unit="EUR a customer", missing=tuple(unknown))
    readings = [one.reading for one in steps(worth).findings]
    assert any(f"({said}; E2.net_value)" in one for one in readings)
    assert set(steps(worth).table()["the figure is"]) == {said}


def test_what_was_not_known_reaches_the_summary_through_its_file(tmp_path):
    worth = finding("E2.net_value", 4.0, 1.0, unit="EUR a customer", missing=("ties ended",))
    saved = read_findings(write_findings([AOV, worth], tmp_path / "06.json"))
    assert "ties ended not known and counted as none" in next_steps(saved).findings[0].reading


@pytest.mark.parametrize(
    ("gain", "verdict", "shown"),
    [
        (10.0, "supported", "supported"),
        (10.0, "not settled", "not settled"),  # its chapter doubts it
        (1.0, "supported", "not settled"),  # its worth may be nothing
        (-10.0, "contradicted", "contradicted"),
    ],
)
def test_a_step_is_no_surer_than_its_finding_or_its_worth(gain, verdict, shown):
    (step,) = steps(finding("A5.added_orders", gain, 1.0, verdict=verdict)).findings
    assert step.verdict == shown


def test_shown_steps_come_first_by_worth_then_open_ones_by_what_a_test_would_tell():
    found = [
        finding("A6.reply_uplift", 5.0, 1.5, verdict="not settled"),
        finding("A2.intention_to_treat", 0.2, 1.5, verdict="not settled"),
        finding("A5.added_orders", 3.0, 0.5),
        finding("A7.customer_orders", 1.0, 0.1, segment="club"),
    ]
    names = [one.segment for one in steps(*found).findings]
    assert names == ["programme: club", "cashback", "share_prompt", "answer_customers"]


def test_the_worth_of_knowing_is_the_expected_loss_of_choosing_blindly():
    (step,) = steps(finding("A6.reply_uplift", 0.0, 1.0, verdict="not settled"), margin_share=1.0).findings
    assert float(step.facts["knowing"]) == pytest.approx(100 * norm.pdf(0), rel=0.05)


def test_what_a_guardrail_forbids_is_left_out_by_name():
    against = finding("E2.orders", -5.0, 1.0, verdict="contradicted", segment="six requests")
    (step,) = steps(finding("A2.intention_to_treat", 5.0, 1.0), against).findings
    assert "left out, as E2.orders speaks against it" in step.reading
    assert steps(finding("A2.intention_to_treat", 5.0, 1.0), against).table()["verdict"].tolist() == [
        "left out"
    ]
    assert step.verdict == "not settled"


@pytest.mark.parametrize(
    ("verdict", "shown", "said"),
    [
        ("supported", "supported", "worth"),
        ("not settled", "supported", "its test still says: discuss (A5.decision)."),
        ("reported", "not settled", "left out, as A5.decision speaks against it"),
        ("contradicted", "not settled", "left out, as A5.decision speaks against it"),
    ],
)
def test_a_step_bows_to_the_rule_set_beforehand_for_its_test(verdict, shown, said):
    decision = finding("A5.decision", 3.0, 1.0, unit="pp", verdict=verdict)
    (step,) = steps(finding("A5.added_orders", 10.0, 1.0), decision).findings
    assert step.verdict == shown
    assert said in step.reading
    assert ("discuss" in step.reading) == (verdict == "not settled")


@pytest.mark.parametrize(("value", "name"), [(-2.0, "ask_less"), (2.0, "ask")])
def test_of_two_opposite_steps_one_is_told(value, name):
    gain = finding("E2.net_value", value, 0.2, unit="EUR", segment="six", verdict="reported")
    (step,) = steps(gain).findings
    assert step.segment == f"{name}: six"
    assert step.estimate == pytest.approx(200.0)
    assert step.verdict == "supported"


@pytest.mark.parametrize(
    ("found", "said"),
    [([], "No finding"), ([finding("A5.added_orders", 3.0, 0.5)], "value of an order (B4.aov) is not known")],
)
def test_without_evidence_or_price_nothing_is_advised(found, said):
    answer = next_steps(found)
    assert isinstance(answer, Skipped)
    assert said in answer.reason


def test_a_margin_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        next_steps([], margin_share=30)


def test_the_title_counts_only_what_is_shown():
    assert steps(finding("A5.added_orders", 9.0, 0.5)).draw().figure.get_suptitle().startswith("1 step has")
    open_ = finding("A5.added_orders", 9.0, 0.5, verdict="not settled")
    assert steps(open_).draw().figure.get_suptitle().startswith("No step")


def test_arms_of_one_test_are_one_step_and_programmes_are_several():
    arms = [
        finding("E2.net_value", value, 0.2, unit="EUR", segment=arm, verdict="reported")
        for arm, value in {"three": -2.0, "six": -5.0}.items()
    ]
    clubs = [finding("A7.customer_orders", 1.0, 0.1, segment=name) for name in ("club", "desk")]
    names = [one.segment for one in steps(*arms, *clubs).findings]
    assert sorted(names) == ["ask_less: six", "programme: club", "programme: desk"]
