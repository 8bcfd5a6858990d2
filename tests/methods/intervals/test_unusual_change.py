"""Changes beyond chance and beyond what is usual: rates under shared shocks, drift and none, and power."""

import numpy as np
import pytest

from methods.intervals.clustered_means import Mean
from methods.intervals.unusual_change import unusual_change

PEOPLE = 300
WHO, ONE = np.arange(PEOPLE), np.ones(PEOPLE)


def spans(rng, *, shock=0.0, drift=0.0, change=0.0, many=8):
    """Counts of the same people with habits of their own; newest first."""
    habit = rng.gamma(2.0, 1.0, PEOPLE)
    steps = [drift * place + shock * rng.normal() for place in range(many, 0, -1)]
    steps[0] += change
    return [Mean(top=rng.poisson(habit * np.exp(step)), bottom=ONE, cluster=WHO) for step in steps]


@pytest.mark.parametrize(
    ("world", "at_most"),
    [({}, 0.08), ({"shock": 0.1}, 0.10), ({"shock": 0.3}, 0.10), ({"drift": 0.03}, 0.08)],
)
def test_a_shop_that_stays_as_it_is_seldom_shows_a_change(world, at_most):
    rng = np.random.default_rng(1)
    found = [unusual_change(spans(rng, **world)) for _ in range(400)]
    assert np.mean([one.p_value < 0.05 for one in found]) <= at_most
    assert np.mean([not one.change.low <= 0 <= one.change.high for one in found]) <= at_most


@pytest.mark.parametrize(("world", "change"), [({}, 0.3), ({"shock": 0.05}, 0.5), ({}, -0.3)])
def test_a_real_change_is_found(world, change):
    rng = np.random.default_rng(2)
    found = [unusual_change(spans(rng, change=change, **world)) for _ in range(60)]
    assert np.mean([np.sign(change) * one.change.estimate > 0 and one.p_value < 0.05 for one in found]) >= 0.8


def test_the_same_people_make_the_interval_narrower_than_others():
    rng = np.random.default_rng(3)
    habit = rng.gamma(0.5, 4.0, PEOPLE)
    two = [Mean(top=rng.poisson(habit), bottom=ONE, cluster=WHO) for _ in range(2)]
    others = [two[0], Mean(top=two[1].top, bottom=ONE, cluster=WHO + PEOPLE)]
    same, apart = (unusual_change(pair).change for pair in (two, others))
    assert same.high - same.low < 0.7 * (apart.high - apart.low)


def test_too_few_earlier_changes_say_nothing_of_what_is_usual():
    rng = np.random.default_rng(4)
    found = unusual_change(spans(rng, shock=0.5, many=4))
    assert (found.earlier, found.usual) == (2, 1.0)
    assert unusual_change(spans(rng, shock=0.5, many=5)).usual > 1.0


@pytest.mark.parametrize("fault", ["nothing below", "nothing above", "one person"])
def test_what_has_no_change_is_none(fault):
    none, some = np.zeros(PEOPLE), Mean(top=ONE, bottom=ONE, cluster=WHO)
    other = {
        "nothing below": Mean(top=none, bottom=none, cluster=WHO),
        "nothing above": Mean(top=none, bottom=ONE, cluster=WHO),
        "one person": Mean(top=ONE[:1], bottom=ONE[:1], cluster=WHO[:1]),
    }[fault]
    pair = {"nothing below": [some, other], "nothing above": [other, other], "one person": [other, other]}[
        fault
    ]
    assert unusual_change(pair) is None


def test_no_event_in_one_span_keeps_an_honest_end():
    some, none = np.zeros(PEOPLE), np.zeros(PEOPLE)
    some[:3] = 1.0
    found = unusual_change([Mean(top=none, bottom=ONE, cluster=WHO), Mean(top=some, bottom=ONE, cluster=WHO)])
    assert found.change.low < found.change.estimate < 0 < found.change.high
