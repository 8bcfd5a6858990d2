"""Odd shops cost at most a sentence: no chapter breaks, no number is missing, nothing is sure of nothing."""

from __future__ import annotations

import re
import warnings

import pytest

from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop
from tests.degenerate_shops import MUTILATIONS, mutilated
from tests.notebook_in_process import NOTEBOOKS, run_notebook

CUSTOMERS, SEED = 200, 7
MISSING = re.compile(r"(?<![\w-])(nan|NaN|NaT|None|inf)(?![\w-])")


@pytest.fixture(scope="module")
def tables():
    market = simulate(customers=CUSTOMERS, seed=SEED)
    return {name: table.to_pandas() for name, table in market.tables.items()}


def assert_holds(tables, folder, *names: str) -> None:
    """Run every chapter on the mutilated shop and read what it says."""
    write_shop(mutilated(tables, *names), folder / "shop", as_of=AS_OF_UTC)
    for chapter in NOTEBOOKS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = run_notebook(chapter, data=folder / "shop", out=folder / "out")
        failed = [f"{finding.id}: {finding.reason}" for finding in run.findings if finding.status == "failed"]
        assert not failed, f"{chapter}: {failed}"
        words = re.sub(r"<[^>]+>", " ", run.words)
        missing = MISSING.search(words)
        assert not missing, f"{chapter}: …{words[max(0, missing.start() - 80) : missing.end() + 40]}…"
        for finding in run.findings:
            if finding.verdict in ("supported", "contradicted", "fits"):
                assert finding.low < finding.high, f"{finding.id} is sure of a number without any spread"


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTILATIONS)
def test_an_odd_shop_is_answered_or_refused_in_words(tables, tmp_path, name):
    assert_holds(tables, tmp_path, name)


def _pairs() -> list[tuple[str, str]]:
    """A covering walk: each mutilation beside five others."""
    names = list(MUTILATIONS)
    steps = (1, 5, 11, 19, 31)
    return [(name, names[(place + step) % len(names)]) for step in steps for place, name in enumerate(names)]


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), _pairs(), ids=" + ".join)
def test_two_oddities_at_once(tables, tmp_path, one, other):
    assert_holds(tables, tmp_path, one, other)
