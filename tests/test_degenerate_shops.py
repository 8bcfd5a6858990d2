"""Odd shops cost at most a sentence: no chapter breaks, no number is missing, nothing is sure of nothing."""

from __future__ import annotations

import gc
import re
import warnings

import pytest

from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop
from tests.degenerate_shops import MUTILATIONS, mutilated
from tests.kept_answers import KeptAnswers
from tests.notebook_in_process import NOTEBOOKS, run_notebook

CUSTOMERS, SEED = 200, 7
MISSING = re.compile(r"(?<![\w-])(nan|NaN|NaT|None|inf)(?![\w-])")


@pytest.fixture(scope="module", autouse=True)
def seldom_collected():
    """Expressions and pictures keep the collector busy, a sixth of the cost here: let it look less often."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="module")
def kept():
    """Asks again only what reads something that was changed."""
    return KeptAnswers()


@pytest.fixture(scope="module")
def tables():
    market = simulate(customers=CUSTOMERS, seed=SEED)
    return {name: table.to_pandas() for name, table in market.tables.items()}


def assert_holds(tables, folder, kept: KeptAnswers, *names: str) -> None:
    """Run every chapter on what was mutilated, and read what they say."""
    write_shop(mutilated(tables, *names), folder / "shop", as_of=AS_OF_UTC)
    for chapter in NOTEBOOKS:
        with warnings.catch_warnings(), kept.in_use():
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


@pytest.mark.parametrize("name", MUTILATIONS)
def test_an_odd_shop_is_answered_or_refused_in_words(tables, tmp_path, kept, name):
    assert_holds(tables, tmp_path, kept, name)


def _pairs() -> list[tuple[str, str]]:
    """A covering walk: each mutilation beside five others."""
    names = list(MUTILATIONS)
    steps = (1, 5, 11, 19, 31)
    return [(name, names[(place + step) % len(names)]) for step in steps for place, name in enumerate(names)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one price", "no ties", "nobody invited", "one arm", "all bought once"])
def test_a_kept_answer_is_what_would_be_worked_out_anew(tables, tmp_path, kept, name):
    """Asked with answers of other shops at hand, and with none."""
    assert_holds(tables, tmp_path / "usual", kept)
    before, anew = kept.worked_out, KeptAnswers()
    assert_holds(tables, tmp_path / "kept", kept, name)
    assert_holds(tables, tmp_path / "anew", anew, name)
    assert anew.worked_out > kept.worked_out - before
    for path in sorted((tmp_path / "kept" / "out").glob("*.json")):
        assert path.read_bytes() == (tmp_path / "anew" / "out" / path.name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), _pairs(), ids=" + ".join)
def test_two_oddities_at_once(tables, tmp_path, kept, one, other):
    assert_holds(tables, tmp_path, kept, one, other)
