"""The opening page shows first what its declared rules choose, of whatever findings a run has."""

from dataclasses import replace

import pytest

from helpers.report import Finding, registry
from helpers.report.opening import _rules, opening, places
from helpers.report.past import Past, earlier_days

PAGE = """<h2 id="1-b6">B6 · Taken together?</h2><figure><img src="data:," alt="The trend."></figure>
<h2 id="2-b4"><em>B4 · Value</em></h2><p>No picture.</p><h2 id="3-words">Findings</h2>"""


def answered(id, **changes):
    given = {
        "id": id,
        "requirement": id.partition(".")[0],
        "question": "?",
        "estimate": 4.0,
        "low": 3.0,
        "high": 5.0,
        "unit": "%",
        "n": 100,
        "method": "m",
        "reading": f"The words of {id}.",
    }
    return Finding(**{**given, **changes})


def skip(requirement, *missing):
    about = {"id": requirement, "requirement": requirement, "question": "Why?"}
    return Finding(**about, status="skipped", reason="No.", missing=missing)


def test_the_rules_name_findings_that_exist():
    rules = dict(_rules())
    ids = [*rules["stickiness"], *rules["figures"], *(id for ids in rules["answers"] for id in ids)]
    assert [id for id in ids if id not in registry()] == []


def test_honesty_and_incentives_are_told_in_one_sentence_each():
    found = [
        answered("E2.turning_point", reading="From 3 to 6 it costs. More words."),
        answered("E3.told_apart"),
        answered("F1.best_design", reading="None is best. But."),
    ]
    page = opening(found, {})
    assert [one.reading for one in page.answers] == ["From 3 to 6 it costs.", "None is best."]
    assert opening([], {}).answers == ()


def test_places_are_found_by_the_headings_with_their_first_picture():
    found = places({"02.html": PAGE})
    assert found["B6"].link == "02.html#1-b6"
    assert "The trend." in found["B6"].picture
    assert (found["B4"].link, found["B4"].picture) == ("02.html#2-b4", "")
    assert "F" not in found


def test_a_page_without_questions_has_no_places():
    assert places({"01.html": "<h1>01 · Data</h1>"}) == {}


def test_the_leading_answer_brings_its_own_picture_and_link():
    page = opening([answered("B6.verdict")], places({"02.html": PAGE}))
    assert page.stickiness.reading == "The words of B6.verdict."
    assert page.stickiness.link == "02.html#1-b6"
    assert "The trend." in page.picture


def test_another_answer_leads_where_the_first_was_not_answered():
    found = [replace(skip("B6"), id="B6.verdict"), answered("A2.intention_to_treat")]
    page = opening(found, places({"02.html": PAGE}))
    assert page.stickiness.reading == "The words of A2.intention_to_treat."
    assert (page.picture, page.stickiness.link) == ("", "findings.html")


def test_a_plain_test_opens_with_what_each_of_its_arms_did():
    arms = [answered("A2.recorded_effect", segment=f"outreach: {arm}") for arm in ("call", "letter")]
    about = registry()["A2.recorded_effect"].about
    shown = [figure.about for figure in opening(arms, {}).figures]
    assert shown == [f"{about}, outreach: call", f"{about}, outreach: letter"]


def test_nothing_answered_is_no_error():
    page = opening([skip("B6", "orders")], {})
    assert (page.stickiness, page.figures, page.claims, page.further_claims) == (None, (), (), 0)
    assert page.opens == (("orders", 1),)


def test_at_most_four_figures_in_the_declared_order_each_with_its_interval():
    page = opening([answered(id) for id in reversed(_rules()["figures"])], {})
    expected = [registry()[id].about for id in _rules()["figures"][:4]]
    assert [figure.about for figure in page.figures] == expected
    assert (page.figures[0].value, page.figures[0].span) == ("4.0 %", "3.0 to 5.0")


@pytest.mark.parametrize(
    ("verdicts", "shown", "further"),
    [
        (["fits", "not settled", "contradicted"], ["contradicted", "fits"], 1),
        (["fits"] * 5, ["fits"] * 3, 2),
        (["not settled"], [], 1),
        ([], [], 0),
    ],
)
def test_settled_claims_are_shown_and_all_are_counted(verdicts, shown, further):
    claims = [
        answered("G1.claim", segment=f"c{place}", verdict=verdict) for place, verdict in enumerate(verdicts)
    ]
    page = opening(claims, {})
    assert [claim.verdict for claim in page.claims] == shown
    assert page.further_claims == further


def test_what_would_open_questions_counts_only_what_is_lacking_alone():
    lacking = {"A1": ("shares",), "A2": ("shares",), "A3": ("shares", "reactions"), "D1": ("items",)}
    found = [skip(requirement, *missing) for requirement, missing in lacking.items()]
    assert opening(found, {}).opens == (("shares", 2), ("items", 1))


def test_a_reason_is_said_once_and_single_numbers_are_no_questions():
    found = [skip("A1"), skip("A1"), replace(skip("A1"), id="A1.gap")]
    assert opening(found, {}).unanswered == ("A1: Why? No.",)


def test_only_settled_changes_stand_on_the_page():
    found = [
        answered("G2.change", segment="B4.aov", verdict="supported", reading="Up."),
        answered("G2.change", segment="B5.nps", verdict="not settled", reading="Open."),
    ]
    assert [change.reading for change in opening(found, {}).changes] == ["Up."]


def test_at_most_three_steps_that_were_shown_stand_on_the_page():
    verdicts = ["supported"] * 4 + ["not settled", "contradicted"]
    found = [
        answered("G2.step", segment=str(place), verdict=verdict, reading=f"Step {place}.")
        for place, verdict in enumerate(verdicts)
    ]
    assert [step.reading for step in opening(found, {}).steps] == ["Step 0.", "Step 1.", "Step 2."]


def test_the_leading_answer_is_said_in_two_sentences_word_for_word():
    reading = "Stickiness rises. It was 3.5 % (U.S. shops only). The rest is long."
    page = opening([answered("B6.verdict", reading=reading)], {})
    assert page.stickiness.reading == "Stickiness rises. It was 3.5 % (U.S. shops only)."


def test_a_figure_shows_its_course_over_reports_on_earlier_days():
    id = _rules()["figures"][0]
    before = [
        Past(run=day, status="published", data=data, data_until=day, findings=(answered(id),))
        for day, data in (
            ("2025-05-31", "shop"), ("2025-05-31", "shop"), ("2025-06-30", "shop"), ("2025-05-31", "other")
        )
    ]  # fmt: skip
    earlier = earlier_days(before, data="shop", before="2025-06-30")
    assert [run.data_until for run in earlier] == ["2025-05-31"]
    (figure,) = opening([answered(id)], {}, earlier=earlier).figures
    assert "<polyline" in figure.course
    assert figure.about in figure.course
    (alone,) = opening([answered(id)], {}).figures
    assert alone.course == ""
