"""What families of methods and rooms of helpers offer: named once, explained, shown by an example."""

from __future__ import annotations

import importlib
import inspect
from collections import defaultdict
from dataclasses import is_dataclass
from typing import get_args, get_type_hints

import pytest

import helpers
import methods
from helpers.paths import project_folder
from methods.result import Result

FAMILIES = sorted(path.parent.name for path in (project_folder() / "src" / "methods").glob("*/__init__.py"))


def offered(family: str) -> dict[str, object]:
    module = importlib.import_module(f"methods.{family}")
    return {name: getattr(module, name) for name in module.__all__}


ROOMS = sorted(path.parent.name for path in (project_folder() / "src" / "helpers").glob("*/__init__.py"))


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


def test_nothing_is_offered_twice_under_one_name():
    known = defaultdict(dict)
    for family in FAMILIES:
        for name, one in offered(family).items():
            known[name][f"methods.{family}"] = one
    for room in ROOMS:
        module = importlib.import_module(f"helpers.{room}")
        for name in getattr(module, "__all__", ()):
            known[name][module.__name__] = getattr(module, name)
    twice = {name: list(where) for name, where in known.items() if len(set(map(id, where.values()))) > 1}
    assert twice == {}


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_stand_in_the_help_of_the_helpers(room):
    assert f"\n    {room} " in helpers.__doc__


@pytest.mark.parametrize("family", FAMILIES)
def test_every_result_shows_itself(family):
    silent = [
        name
        for name, one in offered(family).items()
        if is_dataclass(one) and not issubclass(one, Result) and not hasattr(one, "fit")
    ]
    assert silent == []


@pytest.mark.parametrize(
    "function",
    [one for family in FAMILIES for one in offered(family).values() if inspect.isfunction(one)],
    ids=lambda one: f"{one.__module__}.{one.__name__}",
)
def test_what_a_function_returns_shows_itself(function):
    returned, held = [get_type_hints(function)["return"]], []
    while returned:
        kind = returned.pop()
        returned += get_args(kind)
        held += [kind] if is_dataclass(kind) and not hasattr(kind, "fit") else []
    assert [kind.__name__ for kind in held if not issubclass(kind, Result)] == []


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


@pytest.mark.parametrize(
    "model",
    [one for family in FAMILIES for one in offered(family).values() if callable(getattr(one, "fit", None))],
    ids=lambda one: f"{one.__module__}.{one.__name__}",
)
def test_what_is_fitted_has_an_example(model):
    assert ">>> " in model.__doc__
