"""The data dictionary says what the contract and the loader do."""

from __future__ import annotations

import pytest

from helpers.data.catalogue import CATALOGUE
from helpers.data.dictionary import data_dictionary
from helpers.data.experiment import OUTCOMES, USUAL_NAMES, Experiment
from helpers.data.source import (
    COUNT_UNITS,
    ENCODINGS,
    FORMATS,
    MISSING,
    MONEY_UNITS,
    PICKS,
    Condition,
    Feed,
    FileSpec,
    Lookup,
    Source,
    TableSpec,
    Value,
)
from helpers.data.source_file import read_source
from helpers.paths import project_folder

NO_KEYS = {
    "name",
    "text",
    "files",
    "tables",
    "experiments",
    "table",
    "feeds",
    "by_name",
    "borrowed",
}  # nobody writes these


def test_the_committed_dictionary_is_current():
    written = (project_folder() / "data" / "README.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "run: python -m helpers.data.dictionary > data/README.md"


def test_every_column_has_its_line():
    text = data_dictionary()
    for table in CATALOGUE.values():
        section = text.split(f"### {table.name}\n")[1].split("###")[0]
        for column in table.columns:
            assert f"| `{column.name}` |" in section


@pytest.mark.parametrize("kind", [Source, FileSpec, Lookup, TableSpec, Feed, Value, Condition, Experiment])
def test_every_key_of_a_mapping_is_explained(kind):
    text = data_dictionary()
    for key in set(kind.__dataclass_fields__) - NO_KEYS:
        assert f"`{key}`" in text or f"\n{key} = " in text, key


def test_every_word_of_a_mapping_is_explained():
    text = data_dictionary()
    for word in (*FORMATS, *ENCODINGS, *MONEY_UNITS, *PICKS, *MISSING, *COUNT_UNITS, *USUAL_NAMES, *OUTCOMES):
        assert word in text


def test_the_example_mapping_is_one(tmp_path):
    example = data_dictionary().split("```toml\n")[1].split("```")[0]
    (tmp_path / "source.toml").write_text(example, encoding="utf-8")
    source = read_source(tmp_path / "source.toml")
    assert set(source.tables) == {"orders", "order_lines"}
