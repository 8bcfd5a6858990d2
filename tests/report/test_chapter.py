"""A chapter asks, judges, and only then shows; one section that breaks costs itself."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from html import escape

import pandas as pd
import pytest

from helpers.report import CannotAnswer, Chapter, Failed, Finding, Picture, Skipped, canvas, follow_up, show
from helpers.report.question import question
from helpers.report.reasons import reason_text
from helpers.report.registry import spec_of


@dataclass(frozen=True)
class Named:
    requirement: str
    question: str


class Shop:
    def missing(self, *needs):
        return ()


@dataclass(frozen=True)
class Answer:
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        figure, axes = canvas("A line")
        axes.plot([1, 2], [1, 2])
        return Picture(figure, "A line that rises from one to two.")

    def table(self) -> pd.DataFrame:
        frame = pd.DataFrame({"a": [1]})
        frame.attrs = {"people": None}
        return frame


def test(id: str, low: float, high: float) -> Finding:
    return Finding(
        id=id, requirement=id.partition(".")[0], question="?", estimate=(low + high) / 2, low=low, high=high,
        n=900, unit="pp of customers", method="m", verdict="supported", reading=f"{id} says so.",
    )  # fmt: skip


test.__test__ = False
A1 = question(Named("A1", "Does it?"), needs=())


@A1
def strong(shop):
    return Answer((test("A1.adjusted_uplift_sharers", 4.0, 6.0),))


@A1
def weak(shop):
    return Answer((test("A2.intention_to_treat", 0.01, 3.0),))


@A1
def broken(shop):
    raise ZeroDivisionError("nobody bought")


@A1
def refused(shop):
    raise CannotAnswer("too few")


@follow_up(Named("A9", "And then?"), of=strong)
def further(answer, *, times=1):
    return Answer((test("A1.raw_gap", 1.0, 2.0),) * times)


@pytest.fixture
def chapter():
    return Chapter(Shop())


def test_verdicts_hold_together_once_judged(chapter):
    one, two = chapter.ask(strong), chapter.ask(weak)
    assert one.needs_judging
    chapter.judge()
    assert not one.needs_judging
    assert [finding.verdict for finding in one.findings + two.findings] == ["supported", "supported"]
    assert chapter.judged.declared == 2
    for _ in range(3):
        chapter.ask(weak)


def test_many_tests_unsettle_the_weak(chapter):
    chapter.ask(strong)
    weakest = chapter.ask(weak)
    for number in range(3):
        name = ("A3.ten_likes_uplift", "A4.coupon_at_threshold", "A5.cashback_uplift")[number]
        chapter.ask(A1(lambda shop, name=name: Answer((test(name, 0.01, 3.0),))))
    chapter.judge()
    assert weakest.findings[0].verdict == "not settled"
    assert "Alone it would be settled" in weakest.findings[0].reading


@pytest.mark.parametrize(("ask", "kind"), [(broken, Failed), (refused, Skipped)])
def test_what_builds_on_an_unanswered_section_is_skipped_with_its_reason(chapter, ask, kind, capsys):
    first = chapter.ask(ask)
    assert isinstance(first.result, kind)
    second = chapter.ask(further, first)
    assert isinstance(second.result, Skipped)
    assert ("failed" if kind is Failed else "too few") in second.result.reason
    assert ("ZeroDivisionError" in capsys.readouterr().err) == (kind is Failed)
    chapter.ask(strong)
    chapter.judge()
    assert chapter.judged.declared == 1, "what was not answered leaves the family"


def test_a_follow_up_gets_the_result_behind_the_section(chapter):
    section = chapter.ask(further, chapter.ask(strong), times=1)
    assert section.findings[0].id == "A1.raw_gap"
    assert section.findings == section.result.findings


@pytest.mark.parametrize("at_fault", ["drawn", "rendered", "tabled"])
def test_a_picture_or_table_that_cannot_be_made_fails_its_section_only(chapter, monkeypatch, at_fault):
    shown = []
    module = importlib.import_module("helpers.report.show")
    monkeypatch.setattr(module, "display", lambda thing, **options: shown.append(thing))

    class Undrawable(Answer):
        def draw(self):
            raise KeyError("no such column")

    class Unrendered(Answer):
        def draw(self):
            figure, axes = canvas("A line")
            axes.plot([1, 2], [1, 2])
            axes.xaxis.set_major_formatter(lambda value, place: 1 / 0)
            return Picture(figure, "A line that rises from one to two.")

    class Untabled(Answer):
        def table(self):
            frame = pd.DataFrame({"a": [1]})
            frame.attrs = {"people": "a column that is not there"}
            return frame

    kind = {"drawn": Undrawable, "rendered": Unrendered, "tabled": Untabled}[at_fault]
    section = chapter.ask(A1(lambda shop: kind((test("A1.raw_gap", 1.0, 2.0),))))
    show(section)
    assert isinstance(section.result, Failed)
    assert 'class="failed"' in shown[-1]["text/html"]
    assert [finding.status for finding in chapter.findings] == ["failed"]


def test_a_section_shown_before_judging_says_so(chapter, monkeypatch):
    shown = []
    module = importlib.import_module("helpers.report.show")
    monkeypatch.setattr(module, "display", lambda thing, **options: shown.append(thing))
    section = chapter.ask(strong)
    show(section)
    assert escape(reason_text("alone")) in shown[0]["text/html"]
    chapter.judge()
    shown.clear()
    show(section)
    assert escape(reason_text("alone")) not in shown[0]["text/html"]


@A1
def failing_check(shop):
    found = test("A1.placebo_treatment", 20.0, 40.0)
    return Answer((replace(found, verdict="contradicted", reading="More than the method promises."),))


def test_a_failed_gate_takes_the_number_out_of_every_view(chapter, monkeypatch):
    """Sentence, picture, table, tests and findings; also of a section asked after the judging."""
    shown = []
    module = importlib.import_module("helpers.report.show")
    monkeypatch.setattr(module, "display", lambda thing, **options: shown.append(thing))
    effect, other, check = chapter.ask(strong), chapter.ask(weak), chapter.ask(failing_check)
    beside = chapter.ask(further, effect)
    chapter.judge()
    late = chapter.ask(A1(lambda shop: Answer((test("A1.e_value", 4.0, 6.0),))))
    for section in (effect, late):
        assert [finding.status for finding in section.findings] == ["skipped"]
        shown.clear()
        show(section)
        html = "".join(one["text/html"] for one in shown)
        assert len(shown) == 1, "neither picture nor table"
        assert reason_text("nothing shown") in html
        assert "A1.placebo_treatment" in html
        assert "says so" not in html
    assert chapter.judged.tests["id"].tolist() == ["A2.intention_to_treat"]
    shown.clear()
    show(beside)
    assert len(shown) == 1, "what builds on it may draw it"
    assert "A1.raw_gap says so" in shown[0]["text/html"]
    assert not other.is_withheld
    assert not check.is_withheld
    assert [one.estimate for one in chapter.findings] == [None, pytest.approx(1.505), 30.0, 1.5, None]


@pytest.mark.parametrize("mute", [True, False])
def test_what_is_asked_after_the_judging_stays_open_where_a_check_it_needs_is_mute(chapter, mute):
    """E-values and the like are shown late; a check that could not answer holds them back all the same."""
    check = replace(test("A1.known_zero_error", -0.1, 0.1), facts={"blind": mute})
    chapter.ask(A1(lambda shop: Answer((check,))))
    chapter.judge()
    late = chapter.ask(A1(lambda shop: Answer((test("A1.adjusted_uplift_sharers", 4.0, 6.0),))))
    (found,) = late.findings
    assert found.verdict == ("not settled" if mute else "supported")
    assert ("It stays open" in found.reading) == mute
    assert found.estimate == 5.0


def test_a_follow_up_needs_what_its_question_needs():
    asked = question(Named("A1", "Does it?"), needs=("orders", "shares.posted_at"), one_of=(("ties",),))
    parent = asked(lambda shop: Answer(()))
    child = follow_up(Named("A1", "And then?"), of=parent)(lambda answer: answer)
    assert (child.needs, child.one_of) == (("orders", "shares.posted_at"), (("ties",),))


@pytest.mark.parametrize(("table", "said"), [(True, False), (False, True)])
def test_a_number_that_the_table_shows_is_said_in_words_only_without_it(monkeypatch, table, said):
    shown = []
    module = importlib.import_module("helpers.report.show")
    monkeypatch.setattr(module, "display", lambda thing, **options: shown.append(thing))
    served, gain = test("D1.hit_rate", 20.0, 40.0), test("D1.gain", 1.0, 2.0)
    assert [spec_of(one.id).tabled for one in (served, gain)] == [True, False]
    show(Answer((served, gain)), table=table)
    html = "".join(one["text/html"] for one in shown if isinstance(one, dict))
    assert "D1.gain" in html
    assert ("D1.hit_rate" in html) == said
