"""environment.yml for conda users, made from pyproject.toml: `python -m helpers.command.environment`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from helpers.paths import project_folder

# Names on conda-forge where they differ. Ibis is split there: the DuckDB backend is a package of its own.
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "igraph": "python-igraph",
}
# Not on conda-forge, so pip brings it.
PIP_ONLY = ("mplfonts", "opencc", "pytauargus")
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?(?P<range>[^;]*)")


def environment_text(pyproject: Path) -> str:
    """Return the text of environment.yml: python, then each direct and test dependency with its range."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    pairs = sorted({conda_name(item): span(item) for item in needed if name(item) not in PIP_ONLY}.items())
    fonts = [f"{name(item)}{span(item)}" for item in needed if name(item) in PIP_ONLY]
    lines = [
        "# Made from pyproject.toml by `make lock`; edit that file instead.",
        f"name: {project['name']}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        f"  - python{_python_span(project['requires-python'])}",
        "  - pip",
        *(f"  - {package}{versions}" for package, versions in pairs),
        "  - pip:",
        *(f"      - {font}  # not on conda-forge" for font in fonts),
        "      - -e .  # finds all it needs above",
    ]
    return "\n".join(lines) + "\n"


def name(requirement: str) -> str:
    """Return the package name of a requirement such as `duckdb>=1.5,<2`."""
    return _part(requirement, "name").lower()


def conda_name(requirement: str) -> str:
    """Return the name that conda-forge uses."""
    return CONDA_NAMES.get(name(requirement), name(requirement))


def span(requirement: str) -> str:
    """Return the version range of a requirement, such as `>=1.5,<2`."""
    return _part(requirement, "range").strip().replace(" ", "")


def _part(requirement: str, part: str) -> str:
    found = _REQUIREMENT.match(requirement)
    if found is None:
        raise ValueError(f"{requirement!r} is not a requirement such as `duckdb>=1.5,<2`")
    return found[part]


def _python_span(text: str) -> str:
    return "=" + text.removeprefix("==") if text.startswith("==") else text


if __name__ == "__main__":
    print(environment_text(project_folder() / "pyproject.toml"), end="")
