"""Who may import whom: the rules that keep methods free of shops, and questions free of each other."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from helpers.paths import project_folder

SOURCE = project_folder() / "src"
MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(SOURCE.rglob("*.py"))
}
METHOD_LIBRARIES = {
    "igraph",
    "numpy",
    "opencc",
    "pandas",
    "pypinyin",
    "rjieba",
    "scipy",
    "sklearn",
    "statsmodels",
    "threadpoolctl",
}
# What every family of methods may build on.
SHARED = {"errors", "result", "counts", "season", "intervals", "regression", "learners"}
CHAPTERS = {"stickiness", "uplift", "segments", "recommend", "guardrails", "incentives"}
BELOW = {"data", "report", "paths"}


@cache
def imported(module: str) -> frozenset[str]:
    """Every module that a module names in an import, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return frozenset(found)


def ours(module: str) -> set[str]:
    return {name for name in imported(module) if name in MODULES}


def of(package: str) -> list[str]:
    return [name for name in MODULES if name.split(".")[0] == package]


def part(module: str, place: int) -> str:
    return [*module.split("."), "", "", "", ""][place]


@pytest.mark.parametrize("module", of("methods"))
class TestMethods:
    def test_know_no_shop(self, module):
        for name in imported(module):
            top = name.split(".")[0]
            assert top in METHOD_LIBRARIES | {"methods", "__future__"} or top in _standard(), name

    def test_import_at_the_top(self, module):
        tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        inside = [node for one in functions for node in ast.walk(one)]
        hidden = [node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not hidden, f"imports inside functions at lines {hidden}"

    def test_keep_to_their_family(self, module):
        family = part(module, 1)
        for name in ours(module):
            other = part(name, 1)
            assert other in {family, *SHARED} or family == "", f"{module} imports {name}"


@pytest.mark.parametrize("module", of("market"))
def test_the_market_knows_nothing_but_the_contract(module):
    for name in ours(module):
        assert name.startswith("market") or name == "helpers.data.catalogue", name


@pytest.mark.parametrize("module", of("helpers"))
class TestHelpers:
    def test_market_is_imported_by_the_demo_command_only(self, module):
        if module != "helpers.command.cli":
            assert not [name for name in imported(module) if name.split(".")[0] == "market"]

    def test_keeps_to_its_room(self, module):
        room = part(module, 1)
        if room == "command":
            return
        assert not [name for name in imported(module) if name.split(".")[0] == "papermill"]
        for name in ours(module):
            other = part(name, 1)
            assert not name.startswith("helpers") or other in BELOW | {room, ""}, f"{module} imports {name}"

    def test_a_question_knows_no_other_question(self, module):
        room, question, inside = part(module, 1), part(module, 2), part(module, 3)
        if room not in CHAPTERS or not inside:
            return
        for name in ours(module):
            other = part(name, 1) == room and part(name, 3) and part(name, 2) != question
            assert not other, f"{module} imports {name}"

    def test_data_and_report_know_no_chapter(self, module):
        if part(module, 1) in ("data", "report"):
            assert not [name for name in ours(module) if part(name, 1) in CHAPTERS | {"command"}]


def test_no_two_files_import_each_other():
    for module in MODULES:
        for name in ours(module):
            assert module == name or module not in ours(name), {module, name}


def _standard() -> frozenset[str]:
    import sys

    return sys.stdlib_module_names
