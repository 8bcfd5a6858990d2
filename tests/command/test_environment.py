"""environment.yml, pyproject.toml and the lock say the same."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from helpers.command.environment import CONDA_NAMES, PIP_ONLY, environment_text
from helpers.paths import project_folder

PROJECT = tomllib.loads((project_folder() / "pyproject.toml").read_text())["project"]
NEEDED = [Requirement(text) for text in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]]
LOCK = (project_folder() / "requirements.lock").read_text()
ENVIRONMENT = yaml.safe_load((project_folder() / "environment.yml").read_text())
CONDA = [item for item in ENVIRONMENT["dependencies"] if isinstance(item, str)]
(PIP,) = (item["pip"] for item in ENVIRONMENT["dependencies"] if isinstance(item, dict))


def test_file_is_what_pyproject_gives():
    expected = environment_text(project_folder() / "pyproject.toml")
    assert (project_folder() / "environment.yml").read_text() == expected, "run `make lock`"


def test_only_conda_forge_and_only_known_parts():
    assert set(ENVIRONMENT) == {"name", "channels", "dependencies"}
    assert ENVIRONMENT["channels"] == ["conda-forge"]
    assert [re.match(r"[\w-]+", item)[0] for item in PIP if item != "-e ."] == list(PIP_ONLY)
    assert "-e ." in PIP


def test_same_dependencies_and_ranges():
    back = {conda: name for name, conda in CONDA_NAMES.items()}
    said = dict(re.match(r"([\w.-]+)(.*)", item).groups() for item in [*CONDA, *PIP] if item != "-e .")
    assert said.pop("python") == "=3.11.*"
    assert said.pop("pip") == ""
    found = {back.get(name, name): SpecifierSet(span) for name, span in said.items()}
    assert found == {need.name: need.specifier for need in NEEDED}


@pytest.mark.parametrize("need", NEEDED, ids=lambda need: need.name)
def test_lock_is_within_the_range(need):
    found = re.findall(rf"^{re.escape(need.name)}==(\S+)", LOCK, re.MULTILINE)
    assert found, f"{need.name} is not in the lock; run `make lock`"
    assert all(Version(version) in need.specifier for version in found)


def test_lock_is_hashed_and_names_no_index():
    pinned = re.findall(r"^[a-z0-9][\w.\[\]-]*==", LOCK, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)
    hashed = [block for block in blocks if "--hash=sha256:" in block]
    assert len(hashed) == len(pinned) > 80
    assert "://" not in LOCK
    assert "index" not in re.sub(r"#.*|--hash\S+", "", LOCK)
