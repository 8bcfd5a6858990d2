"""What each family of methods offers: named once, explained, and shown by an example."""

from __future__ import annotations

import importlib
import inspect
from collections import defaultdict

import pytest

import methods
from helpers.paths import project_folder

FAMILIES = sorted(path.parent.name for path in (project_folder() / "src" / "methods").glob("*/__init__.py"))


def offered(family: str) -> dict[str, object]:
    module = importlib.import_module(f"methods.{family}")
    return {name: getattr(module, name) for name in module.__all__}


@pytest.mark.parametrize("family", FAMILIES)
class TestFamily:
    def test_stands_in_the_help_of_the_package(self, family):
        assert f"\n    {family} " in methods.__doc__

    def test_offers_only_its_own(self, family):
        others = {
            name: one.__module__
            for name, one in offered(family).items()
            if not one.__module__.startswith(f"methods.{family}.")
        }
        assert others == {}


def test_no_two_families_offer_the_same_name():
    known = defaultdict(list)
    for family in FAMILIES:
        for name in offered(family):
            known[name].append(family)
    assert {name: where for name, where in known.items() if len(where) > 1} == {}


def test_help_names_only_what_there_is():
    for family in FAMILIES:
        assert offered(family), family
    named = set(methods.__doc__.replace(",", " ").replace("(", " ").replace(")", " ").split())
    functions = {name for name in named if "_" in name and name.isidentifier() and name.islower()}
    there = {name for family in FAMILIES for name in offered(family)}
    assert functions - {"__all__"} <= there


@pytest.mark.parametrize(
    "function",
    [one for family in FAMILIES for one in offered(family).values() if inspect.isfunction(one)],
    ids=lambda one: f"{one.__module__}.{one.__name__}",
)
class TestFunction:
    def test_names_every_parameter(self, function):
        told = function.__doc__
        shared = {"level", "seed", "frame"}  # mean the same everywhere: interval level, random seed, rows
        silent = [name for name in inspect.signature(function).parameters if name not in shared]
        assert [name for name in silent if name not in told] == []

    def test_has_an_example(self, function):
        assert ">>> " in function.__doc__
