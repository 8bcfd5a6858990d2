"""What importing a family of methods costs beside importing the libraries it uses (at most 1.2 times)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import methods

LIBRARIES = ()
ROOT = Path(methods.__file__).parent
FAMILIES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
REPEATS = 2


def import_cost(folder: Path, customers: int) -> None:
    """Print CPU seconds of each family and of its libraries, the best of three, and their ratio."""
    bare = _seconds("pass")
    for family in FAMILIES:
        ours = _seconds(f"import methods.{family}") - bare
        theirs = _seconds("; ".join(f"import {name}" for name in _libraries(family))) - bare
        print(
            f"methods.{family:<13}{ours:>7.2f} s, its libraries {theirs:>5.2f} s, ratio {ours / theirs:.2f}"
        )


def _libraries(family: str) -> list[str]:
    """Every module of another project that the family names, and what it builds on names."""
    found: set[str] = set()
    waiting, seen = [f"methods.{family}"], set()
    while waiting:
        module = waiting.pop()
        seen.add(module)
        for name in _imported(module):
            if name.startswith("methods."):
                waiting += [] if name in seen else [name]
            elif name.split(".")[0] not in sys.stdlib_module_names:
                found.add(name)
    return sorted(found)


def _imported(module: str) -> set[str]:
    path = ROOT.parent / module.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names - {"__future__"}


def _seconds(code: str) -> float:
    timed = f"import time; {code}; print(time.process_time())"
    run = [sys.executable, "-c", timed]
    return min(
        float(subprocess.run(run, capture_output=True, text=True, check=True).stdout) for _ in range(REPEATS)
    )


STAGES = [import_cost]
