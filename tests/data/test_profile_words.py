"""What the first look can say."""

from __future__ import annotations

import pytest

from helpers.data.profile import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

SHARES = {"nil": (0.0, 0.0, 0.0), "some": (25.1, 25.1, 25.1)}
COUNTS = {"files": [1, 18], "rows": [1, 1_471_856], "table": ["order_lines"]}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize("set_aside", [0, 1, 133_362])
def test_refused_rows_read_well(set_aside):
    facts = {**COUNTS, "set_aside": [set_aside]}
    options = {"verdicts": ["reported"], "intervals": SHARES, "facts": facts}
    assert_truth_table(WORDS, "data.rows_refused", **options)
    for found in cases(WORDS, "data.rows_refused", **options):
        assert ("No table had a row set aside" in found.reading) == (set_aside == 0)


def test_a_month_seen_in_part_is_one_month():
    title, alt = WORDS.picture("months", [], orders=1, months=1, fewest=1, most=1, partly=1)
    assert title == "1 order in 1 month"
    assert "1 month seen only in part is grey" in alt
