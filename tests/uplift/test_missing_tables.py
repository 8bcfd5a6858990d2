"""Whatever table is missing or empty, each section ends in words and its findings are saved."""

from __future__ import annotations

import pytest

from helpers.report import Skipped, read_findings, save_findings
from helpers.report.judging import judged_together
from market import simulate
from market.settings import AS_OF_UTC
from tests.uplift.chapter_run import ask_chapter
from tests.uplift.market_shops import REQUIRED

OPTIONAL = (
    "returns", "tickets", "reviews", "ties", "shares", "reactions", "coupons", "events", "experiments",
    "programmes", "impressions", "surveys",
)  # fmt: skip
# Tables whose rows name those of another: the loader refuses them when the other is empty.
NAMED_BY = {"shares": ("reactions",)}
# What each section cannot do without: any of them gone, it is skipped.
NEEDS = {
    "gap": {"shares"}, "balance": {"shares"}, "falsification": {"shares"},
    "known_effects": {"shares"}, "sensitivity": {"shares"}, "prompt": {"experiments"},
    "likes": {"shares", "reactions"}, "coupon": {"shares", "reactions"}, "cashback": {"experiments"},
    "reply": {"shares", "reactions"}, "schemes": {"programmes"}, "spill": {"shares", "ties"},
    "community": {"shares", "ties"}, "islands": {"shares", "ties"}, "offer": {"experiments"},
    "profile": {"experiments"},
    "word": {"shares", "reactions", "ties"}, "halo": {"coupons"}, "plan": set(),
}  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    market = simulate(customers=1_200, seed=4)
    return {name: table.to_pandas() for name, table in market.tables.items()}


def asked(make_shop, tables, folder):
    """Answer the whole chapter, draw and tabulate what is answered, save all; return answers and findings."""
    answers = ask_chapter(make_shop(tables, folder=folder / "shop", as_of=AS_OF_UTC), seed=1)
    for answer in answers.values():
        if isinstance(answer, Skipped):
            assert answer.reason.endswith(".") or answer.reason.startswith("Not answered: ")
            assert "Error" not in answer.reason
            continue
        assert answer.draw().png().startswith(b"\x89PNG")
        answer.table()
    together = judged_together(finding for answer in answers.values() for finding in answer.findings)
    save_findings("03_share_uplift", together, out=folder)
    return answers, read_findings(folder / "03_share_uplift.json")


def skipped_names(answers) -> set[str]:
    return {name for name, answer in answers.items() if isinstance(answer, Skipped)}


@pytest.mark.parametrize("keep", ["absent", "empty"])
def test_with_the_required_tables_alone_all_but_the_planner_is_skipped(make_shop, tables, tmp_path, keep):
    few = {name: frame if name in REQUIRED else frame.head(0) for name, frame in tables.items()
           if name in REQUIRED or (keep == "empty" and name in OPTIONAL)}  # fmt: skip
    answers, saved = asked(make_shop, few, tmp_path)
    assert skipped_names(answers) == set(NEEDS) - {"plan"}
    assert {finding.requirement for finding in saved} == {f"A{number}" for number in range(1, 13)}


@pytest.mark.parametrize("missing", OPTIONAL)
@pytest.mark.slow
@pytest.mark.parametrize("keep", ["absent", "empty"])
def test_a_missing_table_skips_the_sections_that_need_it(make_shop, tables, tmp_path, missing, keep):
    left = {name: frame for name, frame in tables.items() if name != missing}
    if keep == "empty":
        left |= {name: tables[name].head(0) for name in (missing, *NAMED_BY.get(missing, ()))}
    answers, saved = asked(make_shop, left, tmp_path)
    skipped = skipped_names(answers)
    assert {name for name, needs in NEEDS.items() if missing in needs} <= skipped
    told = any(missing in (finding.reason or "") for finding in saved)
    assert told or not any(missing in needs for needs in NEEDS.values())
