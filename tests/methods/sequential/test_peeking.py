"""Looking every week: Armitage's table and the sequence's promise."""

import pytest

from methods.sequential.peeking import peeking_false_alarms


@pytest.mark.parametrize(("looks", "published"), [(1, 5.0), (2, 8.3), (5, 14.2), (10, 19.3), (20, 24.8)])
def test_armitages_table(looks, published):
    rates = peeking_false_alarms(looks, simulations=100_000)
    assert 100 * rates.plain.estimate == pytest.approx(published, abs=0.4)
    assert rates.sequence.estimate < 0.05


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_sequence_holds_at_hundreds_of_looks(level):
    rates = peeking_false_alarms(300, level=level, simulations=4000, per_look=20)
    assert rates.sequence.estimate <= 1 - level
    assert rates.plain.estimate > 1.5 * (1 - level)


def test_no_looks_are_refused():
    with pytest.raises(ValueError, match="looks"):
        peeking_false_alarms(0)


def test_the_seed_decides():
    first, second = (peeking_false_alarms(5, simulations=2000, seed=seed) for seed in (1, 1))
    assert first == second
    assert peeking_false_alarms(5, simulations=2000, seed=2).plain != first.plain
