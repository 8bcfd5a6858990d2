"""A run before it leaves: sentence, table, picture and findings follow one decision, as does the next run."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.command.releases import (
    LastRelease,
    apply,
    asked_by,
    decide,
    list_hidden,
    told_beside,
    told_by,
)
from helpers.report.agreement import disagreements
from helpers.report.cells import finding_cells, write_cells
from helpers.report.executed import row_cells_of, rows_as_told
from helpers.report.finding import Finding, read_findings, write_findings
from helpers.report.page import Stamp, chapter_page
from helpers.report.page_reader import read_page
from helpers.report.reasons import reason_text
from helpers.report.release import Entry
from helpers.report.show import NOTED, Rows, paragraph
from helpers.report.told_parts import told_pictures
from helpers.report.told_picture import told_picture
from helpers.report.withholding import may_stand, stands

CHAPTER = "04_toy"
STAMP = Stamp(data="toy", as_of="2025-06-30", run="r", commit="c")
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def finding(persons, segment, *, id="C1.stages", estimate=30.0, tells=()) -> Finding:
    return Finding(
        id=id,
        requirement=id.split(".")[0],
        question="How many?",
        estimate=estimate,
        low=estimate - 4,
        high=estimate + 4,
        unit="% of customers",
        n=persons,
        segment=segment,
        method="counting",
        reading=f"Of {persons:,} customers {estimate:g} % are {segment}.",
        tells=tells,
    )


def table(counts, **more) -> pd.DataFrame:
    frame = pd.DataFrame({"stage": list(counts), "customers": list(counts.values()), **more})
    frame.attrs = {"people": "customers", "caption": "Stages"}
    return frame


def staged(folder, findings, counts, *, chapter=CHAPTER, frame=None, **more):
    """A staging folder with an executed chapter: sentences, a picture of them, a table, tests."""
    rows = Rows.of(table(counts, **more) if frame is None else frame, place="C1.1")
    tests = pd.DataFrame({"id": ["C1.stages"], "test": ["stages"], "estimate": ["30.0 (26.0 to 34.0)"]})
    tests.attrs = {"people": None, "caption": "Tests"}
    drawn = {"findings": [list(one.key) for one in findings], "rows": [cell.key for cell in rows.cells]}
    html = f'<div class="reading">{"".join(map(paragraph, findings))}</div>'
    outputs = [
        new_output("display_data", {"text/html": html}),
        new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "x"}, NOTED: drawn}),
        new_output("display_data", {"text/html": f"<details>{rows.html}</details>"}, metadata=rows.noted),
        new_output("display_data", {"text/html": Rows.of(tests).html}),
    ]
    (folder / "notebooks").mkdir(parents=True)
    book = new_notebook(cells=[new_code_cell("show(answer)", outputs=outputs)])
    nbformat.write(book, folder / "notebooks" / f"{chapter}.ipynb")
    write_findings(findings, folder / "findings" / f"{chapter}.json")
    write_cells(finding_cells(findings), folder / "findings", chapter)
    return folder


def go(folder, last, *, run, asked="same", chapters=(CHAPTER,), beside=()):
    """Audit and apply; return decision and page, having kept what was told."""
    marks = dict.fromkeys(chapters, asked)
    decision = decide(folder, chapters, told=last.told, asked=marks, beside=beside)
    apply(decision, folder, chapters)
    last.write(told_by(folder, chapters, decision, run=run, asked=marks))
    page = chapter_page(folder / "notebooks" / f"{chapters[0]}.ipynb", title="Toy", stamp=STAMP)
    assert disagreements(read_page(page), read_findings(folder / "findings" / f"{chapters[0]}.json")) == []
    return decision, page


def without_pictures(page):
    return re.sub(r'src="data:image/png[^"]*"', "", page)


@pytest.fixture
def last(tmp_path):
    return lambda: LastRelease.of(tmp_path / "reports", "toy 2025")


def test_a_first_run_without_few_is_left_as_it_is(tmp_path, last):
    findings = [finding(300, "new"), finding(400, "old")]
    folder = staged(tmp_path / "a", findings, {"new": 300, "old": 400})
    before = (folder / "notebooks" / f"{CHAPTER}.ipynb").read_text()
    decision, page = go(folder, last(), run="r1")
    assert not decision.audit.changed
    assert (folder / "notebooks" / f"{CHAPTER}.ipynb").read_text() == before
    assert "data:image/png" in page
    assert rows_as_told(folder / "notebooks" / f"{CHAPTER}.ipynb")["C1.1 |  | new"] == ["new", "300"]


def test_a_second_run_with_three_more_tells_the_first_one_again(tmp_path, last):
    first = [finding(300, "new"), finding(400, "old", estimate=40.0)]
    go(staged(tmp_path / "a", first, {"new": 300, "old": 400, "lost": 900}), last(), run="r1")
    second = [finding(303, "new", estimate=31.0), finding(470, "old", estimate=41.0)]
    counts = {"new": 303, "old": 470, "lost": 990}
    folder = staged(tmp_path / "b", second, counts)
    decision, page = go(folder, last(), run="r2")
    assert "C1.stages | new" in decision.audit.held
    new, old = read_findings(folder / "findings" / f"{CHAPTER}.json")
    assert (new.n, new.estimate) == (300, 30.0)
    assert (new.told_in, "as the run r1 told it" in new.reading) == ("r1", True)
    assert old.withheld == "few people"  # 303 + 470 less 470 would tell the three
    assert "303" not in without_pictures(page)
    assert "new ‡" in page
    assert "30.0 (26.0 to 34.0)" not in page
    # A third run beside the first one's number, which is still the last that was told.
    third = [finding(312, "new", estimate=31.0), finding(480, "old", estimate=41.0)]
    decision, page = go(
        staged(tmp_path / "c", third, {"new": 312, "old": 480, "lost": 1100}), last(), run="r3"
    )
    assert not decision.audit.held
    assert "312" in page


@pytest.mark.parametrize(("moved", "left"), [(0, 31.0), (3, 30.0), (60, 31.0)])
def test_a_picture_can_be_drawn_by_whoever_reads_the_findings_and_tells_no_more(tmp_path, last, moved, left):
    """An attacker learns nothing by it: its bytes follow from findings.json, of which he has each number."""
    go(
        staged(tmp_path / "a", [finding(300, "new"), finding(900, None, id="C1.active")], {}),
        last(),
        run="r1",
    )
    second = [finding(300 + moved, "new", estimate=31.0), finding(960, None, id="C1.active", estimate=44.0)]
    folder = staged(tmp_path / "b", second, {})
    decision, page = go(folder, last(), run="r2")
    told = read_findings(folder / "findings" / f"{CHAPTER}.json")
    assert [one.estimate for one in told] == [left, 44.0]
    (picture,) = told_pictures(folder / "notebooks" / f"{CHAPTER}.ipynb")
    if not decision.findings:
        assert base64.b64encode(picture.png).decode() == PIXEL
        return
    assert PIXEL not in page
    drawn = told_picture(told)
    assert (picture.png, picture.alt) == (drawn.png(), drawn.alt)
    assert "31" not in picture.alt
    assert "1 in grey (‡) stands as last told" in page


def test_where_nothing_is_left_to_draw_the_page_says_so(tmp_path, last):
    go(staged(tmp_path / "a", [finding(300, "new")], {}), last(), run="r1")
    folder = staged(tmp_path / "b", [finding(303, "new", estimate=60.0)], {})
    _, page = go(folder, last(), run="r2")
    assert not told_pictures(folder / "notebooks" / f"{CHAPTER}.ipynb")
    assert reason_text("no picture") in page


@pytest.mark.parametrize(("estimate", "may"), [(33.9, True), (34.1, False), (16.0, False)])
def test_a_number_that_contradicts_what_was_told_is_withheld_and_not_frozen(tmp_path, last, estimate, may):
    """As where orders are booked as cancelled afterwards: few people net, and quite another number."""
    go(staged(tmp_path / "a", [finding(300, "new")], {"new": 300, "old": 400}), last(), run="r1")
    folder = staged(tmp_path / "b", [finding(297, "new", estimate=estimate)], {"new": 297, "old": 440})
    go(folder, last(), run="r2")
    (told,) = read_findings(folder / "findings" / f"{CHAPTER}.json")
    assert stands(told) == may
    assert may or told.withheld == "few people"


@pytest.mark.parametrize(("now", "may"), [(31.0, True), (36.0, False)])
def test_a_number_without_interval_stands_where_so_few_people_can_have_moved_it(now, may):
    before, after = (
        replace(finding(300, "new", estimate=value), low=value, high=value, level=None)
        for value in (30.0, now)
    )
    assert may_stand(after, before, fewest=90) == may


def test_where_another_count_of_its_sentence_moved_by_many_it_neither_stands_nor_tells(tmp_path, last):
    def told(*drawn):
        arms = tuple(Entry(population=f"arm {place}", persons=people) for place, people in enumerate(drawn))
        return [finding(400, None, tells=arms)]

    counts = {"new": 300}
    go(staged(tmp_path / "a", told(200, 200), counts), last(), run="r1")
    folder = staged(tmp_path / "b", told(203, 240), counts)
    decision, _ = go(folder, last(), run="r2")
    assert not decision.audit.held
    assert decision.audit.mixed == {"C1.stages |  | 0"}
    assert read_findings(folder / "findings" / f"{CHAPTER}.json")[0].withheld == "few people"


@pytest.mark.parametrize(("rate", "may"), [(0.52, True), (0.80, False)])
def test_a_row_whose_other_numbers_moved_by_more_than_its_people_is_hidden(tmp_path, last, rate, may):
    first = staged(tmp_path / "a", [finding(900, "all")], {"new": 300}, rate=[0.51])
    go(first, last(), run="r1")
    second = staged(tmp_path / "b", [finding(900, "all")], {"new": 303}, rate=[rate])
    decision, _ = go(second, last(), run="r2")
    assert (decision.rows["C1.1 |  | new"] is not None) == may


def measured(value, moved):
    """A table whose measured numbers stand left of the people, as in A1."""
    frame = pd.DataFrame(
        {
            "comparison": ["raw gap", "weighted"],
            "points": [value, value],
            "told": [f"{value:.1f} (so far)"] * 2,
            "customers": [6290 + moved, 7000],
        }
    )
    frame.attrs = {"people": "customers", "caption": "Compared"}
    return frame


def test_a_row_is_the_same_one_when_what_was_measured_of_it_moved(tmp_path, last):
    """Two weekly reports told 6,290 and 6,286 customers of one row, since its points were in its name."""
    for name, value, moved in (("a", 23.9, 0), ("b", 23.8, -4)):
        folder = staged(tmp_path / name, [finding(900, "all")], {}, frame=measured(value, moved))
        decision, page = go(folder, last(), run=name)
    assert decision.audit.held == {"C1.1 |  | raw gap"}
    assert "6286" not in without_pictures(page).replace(",", "")
    folder = staged(tmp_path / "c", [finding(900, "all")], {}, frame=measured(50.0, -6))
    decision, _ = go(folder, last(), run="c")
    assert decision.rows["C1.1 |  | raw gap"] is None
    told = rows_as_told(folder / "notebooks" / f"{CHAPTER}.ipynb")["C1.1 |  | raw gap"]
    assert told == ["raw gap", "hidden", "hidden", "hidden"]


@pytest.mark.parametrize(
    ("moved", "lead_now", "said"),
    [(0, 30.0, "anew"), (3, 31.0, "as before"), (3, 50.0, "not"), (60, 50.0, "anew")],
)
def test_what_would_tell_the_number_of_another_is_told_as_that_is(tmp_path, last, moved, lead_now, said):
    def asked(side, estimate):
        arm = Entry(population="drawn", persons=400, sides=(side, 400 - side))
        lead = finding(800, None, id="A2.intention_to_treat", estimate=estimate, tells=(arm,))
        return [lead, finding(800, None, id="A2.no_effect", estimate=estimate)]

    go(staged(tmp_path / "a", asked(150, 30.0), {"new": 300}), last(), run="r1")
    folder = staged(tmp_path / "b", asked(150 + moved, lead_now), {"new": 300})
    decision, _ = go(folder, last(), run="r2")
    lead, follower = read_findings(folder / "findings" / f"{CHAPTER}.json")
    for one in (lead, follower):
        assert stands(one) == (said == "as before")
        assert (one.status == "answered") == (said != "not")
    list_hidden(decision, folder)
    listed = {row["what"]: row["why"] for row in json.loads((folder / "hidden.json").read_text())}
    assert ("A2.no_effect | " in listed) == (said != "anew")
    assert all(why.startswith("fewer than 11 people") for why in listed.values())


def test_under_other_parameters_nothing_old_is_told_in_its_place(tmp_path, last):
    counts = {"new": 300, "old": 400}
    go(staged(tmp_path / "a", [finding(300, "new")], counts), last(), run="r1", asked="60 days")
    folder = staged(tmp_path / "b", [finding(305, "new")], {"new": 305, "old": 440})
    go(folder, last(), run="r2", asked="90 days")
    assert read_findings(folder / "findings" / f"{CHAPTER}.json")[0].withheld == "few people"


def test_a_row_that_another_page_gives_back_goes_there_too(tmp_path, last):
    folder = staged(tmp_path / "a", [finding(700, None)], {"new": 5, "old": 60, "silent": 80})
    other = staged(tmp_path / "b", [finding(60, "old", id="C2.segments")], {"x": 500}, chapter="05_toy")
    for kind in ("notebooks", "findings", "findings/release"):
        for path in (other / kind).glob("05_toy.*"):
            path.rename(folder / kind / path.name)
    hidden = {cell.key for cell in row_cells_of(folder / "notebooks" / f"{CHAPTER}.ipynb") if not cell.told}
    assert hidden == {"C1.1 |  | new", "C1.1 |  | old"}
    decision, page = go(folder, last(), run="r1", chapters=(CHAPTER, "05_toy"))
    assert decision.audit.covered
    list_hidden(decision, folder / "notebooks")
    why = {row["what"]: row["why"] for row in json.loads((folder / "notebooks" / "hidden.json").read_text())}
    assert why["C1.1 |  | new"].startswith("fewer than 11")
    assert all("give hidden ones away" in why[key] for key in decision.audit.covered)
    assert all(reason.startswith("fewer than 11 people") for reason in why.values())
    if "C1.1 |  | silent" in decision.audit.covered:
        assert "80" not in without_pictures(page)
        assert PIXEL not in page


def test_what_a_sentence_tells_of_an_arm_holds_the_whole_finding(tmp_path, last):
    def told(side):
        arm = Entry(population="drawn", persons=200, sides=(side, 200 - side))
        return [finding(400, None, tells=(arm,))]

    counts = {"new": 300}
    go(staged(tmp_path / "a", told(50), counts), last(), run="r1")
    folder = staged(tmp_path / "b", told(53), counts)
    decision, _ = go(folder, last(), run="r2")
    assert decision.audit.held == {"C1.stages |  | 0"}
    assert "as the run r1 told it" in read_findings(folder / "findings" / f"{CHAPTER}.json")[0].reading


def test_a_shop_is_known_by_its_name_without_its_day(tmp_path):
    paths = {LastRelease.of(tmp_path, name).path.name for name in ("export_2025-06-01", "export_2025-06-08")}
    assert paths == {"export.json"}
    assert asked_by({"days": 60, "as_of": "2025-01-01"}) == asked_by({"days": 60, "as_of": ""})
    assert asked_by({"days": 60}) != asked_by({"days": 90})


class TestParts:
    """A part of a shop beside the whole, and the other way round: the few between them are told nowhere."""

    CATEGORY, OTHER, SELLER = ("category = “口红”", "category = “球鞋”", "seller = “S1”")

    def tell(self, tmp_path, name, part, new, old=700):
        """Make a report of a part (empty: the whole) in which `new` and `old` people are counted."""
        reports = tmp_path / "reports"
        last = LastRelease.of(reports, "toy 2025", part=part)
        beside = told_beside(reports, "toy 2025", part=part)
        findings = [finding(new, "new"), finding(old, "old")]
        folder = staged(tmp_path / name, findings, {"new": new, "old": old})
        return (*go(folder, last, run=name, beside=beside), findings)

    @pytest.mark.parametrize(("first", "second"), [("", CATEGORY), (CATEGORY, ""), (CATEGORY, SELLER)])
    def test_what_differs_by_few_is_withheld(self, tmp_path, first, second):
        self.tell(tmp_path, "a", first, 300, old=900)
        decision, page, _ = self.tell(tmp_path, "b", second, 295)
        assert "C1.stages | new" in decision.audit.apart
        assert "295" not in page
        found = {one.segment: one for one in read_findings(tmp_path / "b" / "findings" / f"{CHAPTER}.json")}
        assert found["new"].withheld == "few people", "no number of other people stands in its place"
        hidden = list_hidden(decision, tmp_path) or json.loads((tmp_path / "hidden.json").read_text())
        assert any("the whole shop has beside this part" in row["why"] for row in hidden)

    @pytest.mark.parametrize(
        ("first", "second", "new"),
        [("", CATEGORY, 289), ("", CATEGORY, 300), (CATEGORY, OTHER, 295), (CATEGORY, CATEGORY, 280)],
    )
    def test_what_differs_by_many_or_by_nobody_or_shares_no_line_is_told(self, tmp_path, first, second, new):
        self.tell(tmp_path, "a", first, 300, old=900)
        decision, page, _ = self.tell(tmp_path, "b", second, new)
        assert not decision.audit.changed
        assert f"{new}" in page

    def test_each_part_has_a_last_release_of_its_own(self, tmp_path):
        self.tell(tmp_path, "a", self.CATEGORY, 300)
        for part in (self.OTHER, "seller = “S1”", "seller = “S2”", ""):
            assert not LastRelease.of(tmp_path / "reports", "toy 2026", part=part).told
        assert LastRelease.of(tmp_path / "reports", "toy 2026", part=self.CATEGORY).told
