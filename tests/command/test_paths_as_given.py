"""A message names a folder or file as it was given, not where it leads or what it is called there."""

from __future__ import annotations

import pytest

from helpers.command import main
from helpers.command.inputs import named


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "deep" / "tables").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "tables")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("given", ["deep/tables", "link", "../{}/link", "deep/../link"])
@pytest.mark.parametrize("verb", ["check", "report"])
def test_a_folder_without_tables_is_named_as_given(here, capsys, verb, given):
    given = given.format(here.name)
    assert main([verb, "--data", given]) != 0
    said = capsys.readouterr().err
    assert f"folder {given!r} holds no table" in said
    assert str(here) not in said


@pytest.mark.parametrize("given", ["nowhere", "deep/nowhere"])
def test_what_is_not_there_is_named_as_given(here, capsys, given):
    assert main(["check", "--data", given]) != 0
    assert repr(given) in capsys.readouterr().err


@pytest.mark.parametrize("mapping", ["deep/source.toml", "link/map.toml"])
def test_a_mapping_that_is_not_there_is_named_as_given(here, capsys, mapping):
    assert main(["check", "--data", "link", "--source", mapping]) != 0
    assert f"mapping {mapping!r} is not there" in capsys.readouterr().err


def test_the_name_of_the_data_is_that_of_the_link(here, monkeypatch):
    assert named("link") == "link"
    assert named("deep/tables/") == "tables"
    monkeypatch.chdir(here / "deep")
    assert named(".") == named("../deep") == "deep"
