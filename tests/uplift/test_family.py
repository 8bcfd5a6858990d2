"""The declared family: verdicts that hold together, and what is saved."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.report import Finding, Skipped, claims_ledger, read_findings, save_findings, skipped
from helpers.uplift.family import judged_together, p_of


def finding(name: str, estimate: float, error: float, **fields) -> Finding:
    low, high = estimate - 1.959964 * error, estimate + 1.959964 * error
    verdict = "supported" if low > 0 else "contradicted" if high < 0 else "not settled"
    about = {"requirement": name.split(".")[0], "question": "?", "n": 500, "method": "m", "reading": "Said."}
    return Finding(id=name, estimate=estimate, low=low, high=high, **{"verdict": verdict, **about, **fields})


def answers(*findings):
    return [SimpleNamespace(findings=findings)]


EFFECTS = ("A1.adjusted_uplift_sharers", "A2.intention_to_treat", "A5.cashback_uplift", "A6.reply_uplift")


def test_p_value_is_that_of_the_interval():
    assert p_of(finding("A2.intention_to_treat", 1.959964, 1.0)) == pytest.approx(0.05, abs=1e-6)
    assert p_of(finding("A2.intention_to_treat", -3.0, 1.5)) == pytest.approx(0.0455, abs=1e-4)
    assert p_of(finding("A2.intention_to_treat", 3.0, 1.5, p_value=0.2)) == 0.2


def test_a_verdict_that_chance_could_give_among_many_is_taken_back_everywhere():
    weak, strong = finding(EFFECTS[1], 2.2, 1.0), finding(EFFECTS[0], 9.0, 1.0)
    follower = finding("A2.complier_effect", 10.0, 4.5)
    together = judged_together(answers(weak, strong, follower, finding(EFFECTS[2], 0.1, 1.0)))
    found = {one.id: one for one in together.findings}
    assert found[EFFECTS[0]].verdict == "supported"
    assert found[EFFECTS[1]].verdict == "not settled"
    assert "2 other tests" in found[EFFECTS[1]].reading
    assert found["A2.complier_effect"].verdict == "not settled"
    assert found[EFFECTS[1]].adjusted_p == pytest.approx(2 * p_of(weak))
    assert list(together.tests.rows["together"]) == ["not settled", "supported", "not settled"]
    assert together.tests.draw().png().startswith(b"\x89PNG")
    assert list(together.tests.table()["verdict"]) == list(together.tests.rows["together"])


def test_checks_stay_outside_of_the_family():
    names = ("A7.membership_weekly_pretrend", "A1.negative_control", "A8.shares_yet_to_come", "A4.bunching")
    checks = [finding(name, 5.0, 1.0) for name in names]
    together = judged_together(answers(*checks))
    assert isinstance(together.tests, Skipped)
    assert together.findings == tuple(checks)


def test_without_any_effect_a_false_verdict_is_rare():
    rng = np.random.default_rng(1)
    names = [*EFFECTS, "A3.ten_likes_uplift", "A11.halo", "A10.friend_over_shop", "A7.desk_orders_percent"]
    false = 0
    for _ in range(400):
        drawn = [
            finding(name, float(value), 1.0) for name, value in zip(names, rng.normal(size=8), strict=True)
        ]
        false += any(one.verdict != "not settled" for one in judged_together(answers(*drawn)).findings)
    assert false / 400 < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


def test_the_saved_findings_and_the_ledger_carry_the_verdict(tmp_path):
    claimed = finding(
        "A1.relative_uplift_sharers", 10.0, 12.0, unit="%", p_value=0.03, verdict="contradicted"
    )
    others = [finding(name, 0.5, 1.0) for name in EFFECTS[1:]]
    together = judged_together(
        answers(claimed, *others, skipped(requirement="A12", question="?", reason="No."))
    )
    save_findings("03_share_uplift", together, out=tmp_path)
    saved = read_findings(tmp_path / "03_share_uplift.json")
    assert saved[0].verdict == "not settled"
    assert saved[0].adjusted_p == pytest.approx(0.12)
    assert [one.status for one in saved].count("skipped") == 1
    ledger = {one.id: one.verdict for one in claims_ledger(saved).findings}
    assert ledger["G1.sharing_37_percent_cause"] == "not settled"
