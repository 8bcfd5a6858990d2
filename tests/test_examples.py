"""Every example in a docstring runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib

import pytest

from helpers.paths import project_folder

SOURCE = project_folder() / "src"
WITH_EXAMPLES = [
    ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    for path in sorted(SOURCE.rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_of_a_module_are_true(name):
    module = importlib.import_module(name.removesuffix(".__init__"))
    assert not doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed
