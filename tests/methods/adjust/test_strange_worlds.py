"""Right or silent on worlds whose rules the demo market does not know."""

import numpy as np
import pytest

from market.strange import WORLDS, draw_world
from tests.methods.worlds import answers, table

CLEAN = [name for name in WORLDS if draw_world(name, rows=300).clean]
# A cause that nothing shows cannot be told from the covariates; it takes controls that feel it.
BLIND = ("hidden_felt", "hidden_unfelt")


@pytest.mark.parametrize("name", list(WORLDS))
def test_one_small_draw_is_answered_in_reason(name):
    world = draw_world(name, rows=2_000, seed=11)
    found, warning, withheld = answers(world, seed=11)
    for method, interval in found.items():
        assert np.isfinite([interval.low, interval.high]).all()
        assert interval.low < interval.estimate < interval.high
        off = abs(interval.estimate - world.truth[method.split()[-1]]) / interval.standard_error
        assert off < 3 or warning or withheld or name in (*BLIND, "rings", "sawtooth"), method
    if name in CLEAN:
        assert not withheld
        assert not warning


def test_what_only_trees_see_is_withheld_or_warned_of():
    for name in ("rings", "sawtooth"):
        _, warning, withheld = answers(draw_world(name, rows=4_000, seed=2), seed=2)
        assert "learners of unlike kinds part" in warning + withheld


@pytest.mark.slow
def test_worlds_are_covered_warned_of_or_withheld():
    """Silence is priced: where the method's assumptions hold, at most a tenth is withheld or warned of.

    Elsewhere at most a tenth miss the truth in silence (4 of 20 draws at 5 % happen in 2 of 100 series).
    Reported without a goal: hidden causes, and rings and steps of which no learner sees enough at that size:
    at 4,000 rows steps are missed in silence by 4 of 20 intervals of the treated.
    """
    found = table(range(20), most_rows=4_000)
    print(f"\n20 draws a world\n{found.round(3).to_string()}")
    said = 1 - found["covered"] - found["missed"]
    names = found.index.get_level_values("world")
    clean = names.isin(CLEAN)
    assert (said[clean] <= 0.10).all()
    assert (found["holds"][clean] >= 0.85).all()  # 95 % of 20 draws fall below that in 2 of 100 series
    few = (names == "threshold") | (found.index.get_level_values("rows") <= 2_000) & (names == "rings")
    owed = ~names.isin(BLIND) & ~few
    assert (found["missed"][owed] <= 0.15).all()
