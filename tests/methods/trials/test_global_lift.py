"""An effect spread over all customers."""

import numpy as np
import pytest

from methods.intervals.influence import normal_interval
from methods.trials.global_lift import global_lift


def test_it_is_what_a_whole_shop_with_the_change_gains():
    rng = np.random.default_rng(1)
    base, gain = rng.uniform(0.1, 0.3, 10_000), np.where(np.arange(10_000) < 2_500, 0.04, 0.0)
    whole = (base + gain).mean() / base.mean() - 1
    effect = normal_interval(0.04, 0.01, 1_000)
    found = global_lift(effect, reached=2_500, everyone=10_000, everyone_mean=base.mean())
    assert found.relative.estimate == pytest.approx(whole)
    assert found.effect.standard_error == pytest.approx(0.0025)
    assert (found.relative.low > 0) == (effect.low > 0)


def test_without_anything_to_compare_there_is_no_ratio():
    assert (
        global_lift(normal_interval(0.1, 0.1, 9), reached=1, everyone=1, everyone_mean=0.0).relative is None
    )


@pytest.mark.parametrize("reached", [0, 11])
def test_more_than_everyone_is_refused(reached):
    with pytest.raises(ValueError, match="everyone"):
        global_lift(normal_interval(0.1, 0.1, 9), reached=reached, everyone=10, everyone_mean=1.0)
