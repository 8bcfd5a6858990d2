"""Odd shops cost at most a sentence: no chapter breaks, no number is missing, nothing is sure of nothing."""

from __future__ import annotations

import gc
import re
import warnings

import pytest

from helpers.data.shop import Shop
from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop
from tests.degenerate_shops import MUTILATIONS, mutilated
from tests.notebook_in_process import NOTEBOOKS, run_notebook

CUSTOMERS, SEED = 200, 7
# Which chapters read a table, so that an odd table is tried where it matters (a slow test says whether this
# holds); all others change all chapters.
READERS = {
    "programmes": {"03", "04"}, "experiments": {"03", "06"}, "impressions": {"03", "05"}, "holdouts": {"05"},
    "activities": {"07"}, "audits": {"06"},
    "prompts": {"06"}, "events": {"02", "04", "05", "06", "07"}, "surveys": {"02", "04", "06"},
    "returns": {"02", "03", "06"}, "tickets": {"03", "06"}, "reviews": {"02", "05", "06", "07"},
    "coupons": {"02", "03", "05", "06"}, "sellers": set(), "shares": {"02", "03", "04", "06", "07"},
    "reactions": {"02", "03", "04", "06", "07"},
}  # fmt: skip
EVERY = {"02", "03", "04", "05", "06", "07"}
MISSING = re.compile(r"(?<![\w-])(nan|NaN|NaT|None|inf)(?![\w-])")


@pytest.fixture(scope="module", autouse=True)
def seldom_collected():
    """Expressions and pictures keep the collector busy, a sixth of the cost here: let it look less often."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="module")
def tables():
    market = simulate(customers=CUSTOMERS, seed=SEED)
    return {name: table.to_pandas() for name, table in market.tables.items()}


def assert_holds(tables, folder, *names: str) -> None:
    """Run the chapters that read what was mutilated, and read what they say."""
    changed = mutilated(tables, *names)
    write_shop(changed, folder / "shop", as_of=AS_OF_UTC)
    for chapter in _chapters(tables, changed):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = run_notebook(chapter, data=folder / "shop", out=folder / "out", draft=True)
        failed = [f"{finding.id}: {finding.reason}" for finding in run.findings if finding.status == "failed"]
        assert not failed, f"{chapter}: {failed}"
        words = re.sub(r"<[^>]+>", " ", run.words)
        missing = MISSING.search(words)
        assert not missing, f"{chapter}: …{words[max(0, missing.start() - 80) : missing.end() + 40]}…"
        for finding in run.findings:
            if finding.verdict in ("supported", "contradicted", "fits"):
                assert finding.low < finding.high, f"{finding.id} is sure of a number without any spread"


def _chapters(before, after) -> list[str]:
    """The chapters that read a table which is not as it was; the first and the last read everything."""
    odd = {name for name in before if name not in after or not before[name].equals(after[name])}
    numbers = {"01", "08"}.union(*(READERS.get(name, EVERY) for name in odd))
    return [chapter for chapter in NOTEBOOKS if chapter[:2] in numbers]


@pytest.mark.parametrize("name", MUTILATIONS)
def test_an_odd_shop_is_answered_or_refused_in_words(tables, tmp_path, name):
    assert_holds(tables, tmp_path, name)


def _pairs() -> list[tuple[str, str]]:
    """A covering walk: each mutilation beside five others."""
    names = list(MUTILATIONS)
    steps = (1, 5, 11, 19, 31)
    return [(name, names[(place + step) % len(names)]) for step in steps for place, name in enumerate(names)]


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [name for name in NOTEBOOKS if name[:2] in EVERY])
def test_no_chapter_reads_a_table_without_being_tried_on_it(tables, tmp_path, monkeypatch, chapter):
    write_shop(mutilated(tables), tmp_path / "shop", as_of=AS_OF_UTC)
    read, get = set(), Shop.__getitem__
    monkeypatch.setattr(Shop, "__getitem__", lambda shop, name: read.add(name) or get(shop, name))
    run_notebook(chapter, data=tmp_path / "shop", out=tmp_path / "out", draft=True)
    assert {name for name in read if chapter[:2] not in READERS.get(name, EVERY)} == set()


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), _pairs(), ids=" + ".join)
def test_two_oddities_at_once(tables, tmp_path, one, other):
    assert_holds(tables, tmp_path, one, other)
