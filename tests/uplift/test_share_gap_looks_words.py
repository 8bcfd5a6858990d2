"""Every sentence that the further looks at A1 can say."""

from __future__ import annotations

import pytest

from helpers.uplift.a01_share_gap import (
    covariate_balance,
    falsification,
    interval_coverage,
    known_effects,
    known_exposures,
    sensitivity,
)
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

LOOKS = (covariate_balance, falsification, interval_coverage, known_effects, known_exposures, sensitivity)
NIL = {"nil": (0.01, -0.02, 0.04)}
OFF = {"above": (0.3, 0.2, 0.4), "below": (-0.3, -0.4, -0.2)}
WIDE = {"wide": (0.05, -0.3, 0.4), "no width": (0.0, 0.0, 0.0)}
SHARE = {"none": (0.0, 0.0, 16.1), "some": (50.0, 27.0, 73.0), "all": (100.0, 83.9, 100.0)}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__.rpartition(".")[2])
def test_registry_and_templates_name_the_same_findings(look):
    assert_every_block_is_declared(look.WORDS)


@pytest.mark.parametrize(
    ("look", "id", "options"),
    [
        (
            covariate_balance,
            "A1.common_ground",
            {
                "verdicts": ["reported"],
                "intervals": SHARE,
                "facts": {
                    "before": [0.02, 1.4],
                    "after": [0.0, 0.3],
                    "line": [0.1],
                    "fails": [False, True],
                    "worth": [1.0, 840.0],
                    "warning": ["", "30 % of the customers have no counterpart in the other group"],
                },
            },
        ),
        *(
            (
                falsification,
                "A1.negative_control",
                {"verdicts": [verdict], "intervals": intervals, "facts": {"raw": [-0.4, 0.0, 0.4]}},
            )
            for verdict, intervals in (("supported", NIL), ("contradicted", OFF), ("not settled", WIDE))
        ),
        (
            falsification,
            "A1.placebo_treatment",
            {
                "verdicts": ["supported", "contradicted"],
                "intervals": SHARE,
                "facts": {"alarms": [0, 1, 7], "shuffles": [1, 20]},
            },
        ),
        *(
            (
                known_exposures,
                id,
                {"verdicts": verdicts, "intervals": intervals, "facts": {"cases": [30, 1_200], "off": [off]}},
            )
            for id, verdicts, intervals, off in (
                ("A1.unseen_posts", ["supported"], NIL, False),
                ("A1.unseen_posts", ["contradicted", "not settled"], OFF, True),
                ("A1.unseen_posts", ["not settled"], WIDE, False),
                ("A1.late_shares", ["supported"], NIL, False),
                ("A1.late_shares", ["not settled"], OFF, True),
                ("A1.late_shares", ["not settled"], WIDE, False),
            )
        ),
        (
            interval_coverage,
            "A1.interval_holds",
            {
                "verdicts": ["supported"],
                "intervals": SHARE,
                "segments": ["all customers", "sharers"],
                "facts": {
                    "copies": [6, 20],
                    "drawn": [0, 20_000],
                    "first": [False, True],
                    "widened": [1.0, 1.4, 2.6],
                    "withheld": [False],
                    "power": [0.34],
                    "needed": [30],
                },
            },
        ),
        (
            sensitivity,
            "A1.e_value",
            {
                "verdicts": ["reported"],
                "intervals": {"weak": (1.3, 1.0, 1.4), "strong": (7.3, 3.0, 12.0)},
                "facts": {
                    "trait": ["orders before"],
                    "estimate": [-3.0, 4.2],
                    "remaining": [-0.4, 0.0, 2.2],
                    "kept": [0.3],
                },
            },
        ),
    ],
)
def test_every_sentence_reads_well(look, id, options):
    assert_truth_table(look.WORDS, id, **options)


@pytest.mark.parametrize(("widened", "withheld", "said"), [
    (1.0, False, "left as it was"), (1.4, False, "1.40 times as wide"), (2.6, True, "number is withheld"),
])  # fmt: skip
def test_what_the_copies_led_to_is_said(widened, withheld, said):
    facts = {"copies": [6], "first": [True], "widened": [widened], "withheld": [withheld]}
    facts |= {"power": [0.34], "needed": [30], "drawn": [0]}
    for found in cases(
        interval_coverage.WORDS,
        "A1.interval_holds",
        verdicts=["reported"],
        intervals=SHARE,
        segments=["sharers"],
        facts=facts,
    ):
        assert said in found.reading


@pytest.mark.parametrize(("after", "said"), [(0.02, "are alike"), (0.3, "still unlike")])
def test_the_title_says_whether_the_groups_are_alike(after, said):
    title, alt = covariate_balance.WORDS.picture("balance", (), line=0.1, before=0.8, after=after)
    assert said in title
    assert "0.80" in alt


@pytest.mark.parametrize(("kept", "said"), [(-0.2, "would be enough"), (0.4, "would leave 1.6 pp")])
def test_the_title_says_what_a_twin_would_leave(kept, said):
    facts = {"trait": "orders before", "estimate": 4.0, "remaining": 4.0 * kept, "kept": kept}
    title, _ = sensitivity.WORDS.picture("benchmarks", (), left=["orders before 1.6 pp"], **facts)
    assert said in title


@pytest.mark.parametrize(
    ("verdict", "intervals"), [("supported", NIL), ("contradicted", OFF), ("not settled", WIDE)]
)
def test_every_sentence_on_known_zeros_reads_well(verdict, intervals):
    facts = {"controls": [5, 15], "raw": [0.0, 21.4], "blind": [False, True], "unrelated": [False, True]}
    assert_truth_table(
        known_effects.WORDS, "A1.known_zero_error", verdicts=[verdict], intervals=intervals, facts=facts
    )


def test_every_sentence_on_the_calibrated_effect_reads_well():
    facts = {"controls": [5, 15], "held": [0, 1, 15], "wider": [0.98, 1.0, 2.4]}
    assert_truth_table(
        known_effects.WORDS, "A1.calibrated_uplift_sharers", verdicts=["reported"], facts=facts
    )


@pytest.mark.parametrize("name", ["unfelt", "unrelated"])
def test_why_nothing_is_calibrated_is_one_sentence(name):
    reading = known_effects.WORDS.skip(
        "A1.calibrated_uplift_sharers", f"{known_effects.WORDS.text(name)}."
    ).reading
    assert reading.startswith("Not answered: ")
    assert reading.count(".") == 1
