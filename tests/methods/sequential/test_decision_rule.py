"""The decision rule: every reason by hand, and how often it ships what it should not."""

import numpy as np
import pytest

from methods.intervals.influence import normal_interval
from methods.sequential.decision_rule import Guardrail, decide_launch
from methods.sequential.looks import Look
from methods.sequential.sequential_test import SequentialTest, sequential_test

LOOKS = 12


def path(rng, *, drift: float, end: float = 1.0, looks: int = LOOKS) -> SequentialTest:
    """Looks at a metric whose standard error is 1 at the planned end and whose effect is `drift`."""
    parts = np.arange(1, looks + 1) / looks * end
    score = np.cumsum(rng.normal(drift * np.diff(parts, prepend=0), np.sqrt(np.diff(parts, prepend=0))))
    return sequential_test([
        Look(week=week, rows=week, effect=normal_interval(total / part, part**-0.5, week), fraction=part)
        for week, (total, part) in enumerate(zip(score, parts, strict=True), start=1)
    ])  # fmt: skip


def at(estimate: float, *, fraction: float = 1.0, week: int = 8) -> SequentialTest:
    effect = normal_interval(estimate, fraction**-0.5, 100)
    return sequential_test([Look(week=week, rows=100, effect=effect, fraction=fraction)])


FINE, OPEN, LOST = (Guardrail(test=at(value), margin=3.0) for value in (0.0, -2.0, -6.0))


@pytest.mark.parametrize(
    ("goal", "guardrails", "action", "reason"),
    [
        (at(2.5), {}, "ship", "gain"),
        (at(2.5), {"returns": FINE}, "ship", "gain"),
        (at(2.5), {"returns": OPEN}, "discuss", "guardrail open"),
        (at(9.0), {"returns": LOST}, "do not ship", "guardrail"),
        (at(-2.5), {"returns": FINE}, "do not ship", "harm"),
        (at(1.0), {"returns": FINE}, "discuss", "open"),
        (at(2.5, fraction=0.5), {}, "keep running", "open"),
        (at(9.0, fraction=0.5), {}, "ship", "gain"),
        (at(9.0, fraction=0.5), {"returns": OPEN}, "keep running", "open"),
    ],
)
def test_each_reason(goal, guardrails, action, reason):
    found = decide_launch(goal, guardrails)
    assert (found.action, found.reason) == (action, reason)
    assert found.guardrails == (("returns",) if "guardrail" in reason else ())


def test_too_small_to_be_worth_it_is_no_launch():
    assert decide_launch(at(-0.5), worthwhile=2.0).reason == "too small"
    assert decide_launch(at(-0.5), worthwhile=1.0).action == "discuss"


def test_a_rise_is_the_loss_where_lower_is_better():
    tickets = {"tickets": Guardrail(test=at(6.0), margin=3.0, worse="higher")}
    assert decide_launch(at(2.5), tickets).reason == "guardrail"


def test_a_guardrail_without_a_look_yet_stays_open():
    late = Guardrail(test=at(0.0, week=9), margin=3.0)
    found = decide_launch(at(2.5, week=8), {"returns": late})
    assert (found.reason, found.guardrails) == ("guardrail open", ("returns",))


def test_the_first_look_that_decides_ends_the_test():
    effects = (normal_interval(value, part**-0.5, 9) for value, part in ((9.0, 0.5), (-9.0, 1.0)))
    looks = [Look(week=week, rows=9, effect=one, fraction=week / 2) for week, one in enumerate(effects, 1)]
    found = decide_launch(sequential_test(looks))
    assert (found.action, found.week) == ("ship", 1)
    found = decide_launch(sequential_test(looks), ran_on=True)
    assert (found.action, found.week) == ("do not ship", 2)


def wrong_ships(runs: int, *, goal: float, guarded: float, margin: float = 3.0) -> float:
    """Share of tests that ship, with effects in standard errors of the planned end."""
    shipped = 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        guardrail = Guardrail(test=path(rng, drift=guarded), margin=margin)
        shipped += decide_launch(path(rng, drift=goal), {"returns": guardrail}).action == "ship"
    return shipped / runs


# Effects in standard errors: nothing at all; a guardrail that loses just its margin; both at once.
WRONG = [(0.0, 9.0), (9.0, -3.0), (0.0, -3.0)]


@pytest.mark.parametrize(("goal", "guarded"), WRONG[:2])
def test_few_wrong_ships(goal, guarded):
    assert wrong_ships(150, goal=goal, guarded=guarded) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 150)


def test_a_large_gain_without_loss_ships():
    assert wrong_ships(60, goal=4.0, guarded=1.0) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize(("goal", "guarded"), WRONG)
def test_at_most_five_of_a_hundred_ship_wrongly_with_weekly_looks(goal, guarded, keep_figure):
    share = wrong_ships(2_000, goal=goal, guarded=guarded)
    about = f"2,000 tests with weekly looks, goal {goal:+.0f} se, guardrail {guarded:+.0f} se of margin 3"
    keep_figure("C9", about, shipped=share)
    assert share <= 0.05
