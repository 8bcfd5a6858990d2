"""What documents promise: their examples run, their commands are taken, their links lead somewhere."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil

import pytest

from helpers.command import main
from helpers.paths import project_folder

ROOT = project_folder()
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", ".venv-peers", ".venv-mutants", "mutants", "build", "reports", "node_modules"}
    & set(path.relative_to(ROOT).parts)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_examples_run(path):
    failed, _ = doctest.testfile(str(path), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert not failed


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)\)", text):
        assert "://" in target or (path.parent / target).exists(), target


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make")])
def test_make_targets_exist(command):
    target = shlex.split(command)[1]
    assert re.search(rf"^{target}:.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def own_tables(tmp_path_factory):
    """A small shop in files, as somebody would bring it."""
    folder = tmp_path_factory.mktemp("own") / "tables"
    assert main(["demo", "--out", str(folder), "--customers", "200"]) == 0
    return folder


@pytest.mark.parametrize("command", [line for line in COMMANDS if "workbench" in line])
def test_workbench_commands_are_taken(command, own_tables, tmp_path, monkeypatch, capsys):
    """Each is run as it stands, on a small shop; a report only as far as everything is checked."""
    words = [str(own_tables) if word == "path/to/folder" else word for word in shlex.split(command)[1:]]
    if words[0] == "report":
        words += ["--dry-run", "--out", str(tmp_path / "reports")]
    if words[0] == "own":  # writes notebooks, which are not to stand in this project
        shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        monkeypatch.chdir(tmp_path)
    if words[0] == "init":
        words += ["--force", "--currency", "CNY", "--timezone", "Asia/Shanghai"]
    assert main(words) == 0, capsys.readouterr().err
