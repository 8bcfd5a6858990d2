"""What the comparison of A1 finds where sharing can have done nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import uplift
from helpers.report import Skipped
from helpers.report.judging import judged_together
from helpers.uplift.a01_share_gap.known_effects import BY_LOT
from methods.intervals.influence import excludes
from tests.market_runs import market_and_shop

NEEDY = "adjusted_uplift_sharers"


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A small market in which nothing hidden drives sharing: its gap, its test by lot, and its truth."""
    market, shop = market_and_shop(tmp_path_factory.mktemp("zeros"), customers=3_000, seed=3)
    return uplift.share_gap(shop), uplift.prompt_test(shop), market.truth


def test_where_nothing_is_hidden_the_comparison_errs_by_nothing(asked):
    gap, _, _ = asked
    found = uplift.known_effects(gap)
    assert len(found.zeros.names) >= 10
    assert found.zeros.felt < 1e-6, "sharers had bought more of everything"
    assert not excludes(found.zeros.mean_error, 0.0)
    assert found.findings[0].verdict != "contradicted"


def test_a_hidden_cause_that_the_past_feels_is_taken_off(asked):
    """Sharers are made keener in a way no trait shows: they buy again and bought before more often."""
    gap, _, _ = asked
    keen = np.random.default_rng(1).random(len(gap.study.frame)) < 0.5 * gap.study.frame["shared"]
    again = np.where(
        keen & (np.random.default_rng(2).random(len(keen)) < 0.5), 1.0, gap.study.frame["repurchased"]
    )
    past = gap.past.copy()
    for place, name in enumerate(past.columns):
        lucky = np.random.default_rng(10 + place).random(len(keen)) < 0.35
        past[name] = np.where(keen & lucky, 1.0, past[name])
    study = replace(gap.study, frame=gap.study.frame.assign(repurchased=again))
    worse = replace(gap, past=past, study=study)
    found = uplift.known_effects(worse)
    assert found.findings[0].verdict == "contradicted"
    assert found.zeros.mean_error.low > 0
    assert found.calibrated is not None
    assert found.calibrated.calibrated.estimate < gap.effect.att.estimate


def test_past_outcomes_that_feel_nothing_calibrate_nothing(asked):
    gap, _, _ = asked
    rng = np.random.default_rng(4)
    blind = pd.DataFrame(rng.integers(0, 2, (len(gap.past), 8)).astype(float)).add_prefix("coin ")
    found = uplift.known_effects(replace(gap, past=blind))
    assert found.calibrated is None
    assert found.findings[1].status == "skipped"
    assert "does not feel who shares" in found.findings[1].reason
    assert "so this is no test" in found.findings[0].reading
    effect = next(
        one for one in judged_together((*gap.findings, *found.findings)).findings if one.id.endswith(NEEDY)
    )
    assert (effect.verdict, effect.estimate is None) == ("not settled", False)


def test_too_few_past_outcomes_are_one_sentence(asked):
    gap, _, _ = asked
    found = uplift.known_effects(replace(gap, past=gap.past.iloc[:, :4]))
    assert isinstance(found, Skipped)
    assert "at least 5 are needed" in found.reason
    for one in judged_together((*gap.findings, *found.findings)).findings:
        if one.id.endswith(NEEDY):
            assert one.verdict == "not settled"


def test_the_test_by_lot_stands_beside(asked):
    gap, prompt, _ = asked
    with_it, without = uplift.known_effects(gap, trial=prompt), uplift.known_effects(gap)
    (effect,) = [one for one in prompt.findings if one.id == "A2.complier_effect"]
    row = with_it.table().set_index("outcome").loc[BY_LOT]
    numbers = (effect.told.estimate, effect.told.low, effect.told.high)
    assert (row["adjusted"], row["low"], row["high"]) == pytest.approx(numbers)
    assert BY_LOT not in without.table()["outcome"].tolist()
    assert BY_LOT in with_it.draw().alt
