"""E4: what leaves is counted, what does not is named by its reason, and every sentence reads well."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.guardrails.e04_privacy.privacy import WORDS, privacy
from helpers.report import Skipped
from helpers.report.cells import LAST_TOLD, Cell, write_cells
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

SOME = {"none": (0.0, 0.0, 0.0), "one": (1.0, 1.0, 1.0), "many": (12.0, 12.0, 12.0)}
COUNTS = {"few": [1, 4], "covered": [0, 2], "crowded": [0, 1, 2], "led": [0, 1, 2], "open": [0, 1, 3]}


def shop(*notes: str):
    return SimpleNamespace(missing=lambda *needs: (), receipt=SimpleNamespace(notes=notes))


def cell(key, *counts, of="", told=True, **more) -> Cell:
    return Cell(key=key, of=of, whole="w", counts=counts, told=told, **more)


@pytest.fixture
def folder(tmp_path):
    rows = [cell("a", 5, told=False), cell("b", 40, told=False), cell("c", 60)]
    write_cells(rows, tmp_path, "02_stickiness")
    write_cells([cell("d", 103), cell("e", 300, money=(100.0, 95.0, 4.0))], tmp_path, "04_segmentation")
    write_cells([cell("own", 5, told=False)], tmp_path, "06_guardrails")
    return tmp_path


def of(answer, id):
    return next(one for one in answer.findings if one.id == id)


def test_what_leaves_and_what_does_not_adds_up(folder):
    answer = privacy(shop(), out=str(folder))
    assert (of(answer, "E4.told").estimate, of(answer, "E4.told").n) == (2, 5)
    assert of(answer, "E4.hidden").estimate == pytest.approx(60)
    assert answer.table().drop(columns="chapter").to_numpy().sum() == 5
    assert of(answer, "E4.room").estimate >= 11
    assert of(answer, "E4.as_before").status == "skipped"
    assert "ids of the source" in of(answer, "E4.told").reading
    assert "not told" in answer.draw().alt or "do not" in answer.draw().alt


def test_beside_an_earlier_run_it_says_what_stands_as_before(folder):
    write_cells([cell("d", 100)], folder, LAST_TOLD)
    answer = privacy(shop("Customers are pseudonyms (HMAC-SHA-256, key 12ab34cd)."), out=str(folder))
    assert of(answer, "E4.as_before").estimate == 1
    assert "key 12ab34cd" in of(answer, "E4.told").reading
    assert answer.table().set_index("chapter").loc["04", "moved by fewer than 11"] == 1


def test_without_other_chapters_it_says_so(tmp_path):
    answer = privacy(shop(), out=str(tmp_path))
    assert isinstance(answer, Skipped)
    assert "run notebooks 02 to 05 first" in answer.reason


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "facts"),
    [
        (
            "E4.told",
            {
                "key": ["", "Customers are pseudonyms (HMAC-SHA-256, key 12ab34cd)."],
                "compared": [True, False],
            },
        ),
        ("E4.hidden", COUNTS),
        ("E4.as_before", {}),
        ("E4.room", {"standing": [True, False]}),
    ],
)
def test_every_sentence_reads_well(id, facts):
    assert_truth_table(WORDS, id, verdicts=["reported"], intervals=SOME, facts=facts)
