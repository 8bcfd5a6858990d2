"""Tables fit a window of 1280 pixels: nobody has to scroll sideways to read one."""

from __future__ import annotations

import warnings

import pytest

from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop
from tests.notebook_in_process import NOTEBOOKS, run_notebook
from tests.page_widths import CHROMIUM, hidden_pixels

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="widths are measured by Chromium, which is not here")
CHAPTERS = [name for name in NOTEBOOKS if not name.startswith("01")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """What each chapter shows of one market, with a budget and the terms of offers declared."""
    folder = tmp_path_factory.mktemp("widths")
    tables = {name: table.to_pandas() for name, table in simulate(customers=1_500, seed=3).tables.items()}
    write_shop(tables, folder / "shop", as_of=AS_OF_UTC)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            name: run_notebook(name, data=folder / "shop", out=folder / "out", draft=True, budget=4_000.0)
            for name in NOTEBOOKS
        }


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_table_scrolls(chapter, pages, tmp_path):
    shown = (str(data.get("text/html", "")) for data in pages[chapter].shown)
    widths = hidden_pixels([part for part in shown if 'class="table"' in part], folder=tmp_path)
    assert widths, "a chapter shows tables"
    assert {caption: pixels for caption, pixels in widths.items() if pixels > 0} == {}


def test_a_table_that_is_too_wide_is_found(tmp_path):
    def table(name: str, letters: int) -> str:
        cell = f'<td class="short">{"a" * letters}</td>'
        return f'<div class="table" aria-label="{name}"><table><tr>{cell}</tr></table></div>'

    folded = f"<details><summary>Details</summary>{table('wide', 400)}</details>"
    found = hidden_pixels([table("narrow", 1), folded], folder=tmp_path)
    assert found["narrow"] == 0
    assert found["wide"] > 100
