"""Capped means and quantiles: what they are of, how sure, and what they refuse."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mstats

from methods.errors import CannotAnswer
from methods.trials.robust_effects import capped_effect, quantile_effect
from tests.methods.trials.drawn_frames import shop_test

SPENT = {"outcome": "spent", "treatment": "arm"}


def test_the_cap_is_scipys_upper_winsorisation():
    frame = shop_test()
    found = capped_effect(frame, share=0.98, **SPENT)
    capped = np.asarray(mstats.winsorize(frame["spent"].to_numpy(), limits=(None, 0.02)))
    gap = capped[frame["arm"] == 1].mean() - capped[frame["arm"] == 0].mean()
    assert found.effect.estimate == pytest.approx(gap, rel=5e-3)
    assert found.capped == pytest.approx(0.02)
    assert found.plain.estimate == pytest.approx(4.306092, abs=1e-6)  # tea-tasting 1.14.0, Mean("spent")


def test_a_cap_finds_what_one_large_customer_hides():
    frame = shop_test()
    frame.loc[frame["arm"].idxmin(), "spent"] = 1e6
    found = capped_effect(frame, **SPENT)
    assert found.plain.low < 0 < found.plain.high
    assert found.effect.standard_error < 0.01 * found.plain.standard_error


def test_half_the_plain_interval_is_no_cap():
    with pytest.raises(ValueError, match="share"):
        capped_effect(shop_test(), share=0.3, **SPENT)


@pytest.mark.parametrize(
    ("quantile", "draw", "truth"),
    [
        (0.5, lambda rng, n: rng.exponential(10, n), 10 * np.log(2)),
        (0.9, lambda rng, n: rng.lognormal(0, 1, n), np.exp(1.2815516)),
        (0.5, lambda rng, n: rng.standard_t(2, n), 0.0),
    ],
    ids=["median of waits", "ninth tenth of spend", "median of two tails"],
)
def test_quantile_intervals_cover_the_change(quantile, draw, truth):
    # The treated arm is twice the control's draw, so the change is the control's own quantile.
    covered = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        arm = np.tile([0, 1], 200)
        frame = pd.DataFrame({"arm": arm, "spent": draw(rng, 400) * (1 + arm)})
        found = quantile_effect(frame, quantile=quantile, **SPENT).effect
        covered.append(found.low <= truth <= found.high)
    assert 0.925 <= np.mean(covered) <= 0.985


def test_the_estimate_is_the_difference_of_quantiles():
    found = quantile_effect(shop_test(), quantile=0.9, **SPENT)
    assert found.effect.estimate == pytest.approx(5.017965, abs=1e-6)  # tea-tasting 1.14.0, Quantile
    assert found.control.low < found.control.estimate < found.control.high


def test_groups_that_spend_alike_widen_the_interval():
    frame = shop_test()
    copied = pd.concat([frame] * 4, ignore_index=True).assign(circle=np.tile(np.arange(2_000), 4))
    alone, together = (
        quantile_effect(copied, quantile=0.8, cluster=name, **SPENT).effect for name in (None, "circle")
    )
    assert together.high - together.low > 1.6 * (alone.high - alone.low)


def test_most_who_spend_nothing_have_a_median_of_nothing():
    frame = shop_test().assign(spent=lambda rows: rows["spent"] * (rows.index % 10 == 0))
    found = quantile_effect(frame, **SPENT).effect
    assert (found.estimate, found.low, found.high) == (0.0, 0.0, 0.0)


def test_too_few_rows_cannot_bound_the_tail():
    with pytest.raises(CannotAnswer, match="nearer"):
        quantile_effect(shop_test().iloc[:60], quantile=0.99, **SPENT)
    with pytest.raises(ValueError, match="quantile"):
        quantile_effect(shop_test(), quantile=1.0, **SPENT)
