"""The test that a question asks about: the one declared for it, or the one that can only be meant."""

from __future__ import annotations

from helpers.data.even_strata import demand_even_strata
from helpers.data.experiment import USUAL_NAMES, Experiment
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "reasons")

SHOWN = 5


def find_experiment(shop: Shop, *, kind: str, name: str = "") -> Experiment:
    """Return the test of a kind with what its shop declares of it.

    kind: one of USUAL_NAMES. name: of the test; empty means the one that is declared to be of this kind, else
    the one of the kind's usual name, else, for a prompt, the only test there is. Raises CannotAnswer where
    the shop has no such test, or drew it in other shares in some strata (`demand_even_strata`).
    """
    declared = shop.receipt.experiments
    tests = set() if shop.missing("experiments") else _tests(shop)
    of_kind = [one.name for one in declared.values() if one.kind == kind]
    wanted = name or next(iter(of_kind), USUAL_NAMES[kind])
    free = sorted(test for test in tests if not experiment_named(shop, test).kind)
    if wanted not in tests and not name and kind == "prompt" and len(free) == len(tests) == 1:
        (wanted,) = free
    if wanted not in tests:
        raise CannotAnswer(WORDS.text("no such test", wanted=wanted, others=free[:SHOWN], kind=kind))
    test = experiment_named(shop, wanted)
    demand_even_strata(shop, test)
    return test


def experiment_named(shop: Shop, name: str) -> Experiment:
    """Return what a shop declares of a test, and of an undeclared one what its name says."""
    kind = next((kind for kind, usual in USUAL_NAMES.items() if usual == name), "")
    return shop.receipt.experiments.get(name, Experiment(name=name, kind=kind))


def _tests(shop: Shop) -> set[str]:
    return set(shop["experiments"].select("experiment").distinct().execute()["experiment"])
