"""Pages stand alone, can be read by everyone, and escape what they are told."""

from __future__ import annotations

import base64

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.report import Finding
from helpers.report.judge import page_faults
from helpers.report.length import MOST_OF_OPENING, page_length
from helpers.report.page import Chapter, Stamp, chapter_page, index_page, with_anchors
from helpers.report.page_reader import read_page

STAMP = Stamp(
    data="demo market", as_of="2025-03-31", run="20250401-053000", commit="0123456789", changed=True
)
PNG = base64.b64encode(b"\x89PNG").decode()
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def page(tmp_path):
    """Return a function `(*cells, **options) -> page` for a notebook of these cells."""

    def make(*cells, **options):
        path = tmp_path / "book.ipynb"
        for position, cell in enumerate(cells):
            cell.id = f"c{position}"
        nbformat.write(new_notebook(cells=list(cells)), path)
        return chapter_page(path, title="02 · Stickiness", stamp=STAMP, **options)

    return make


def code(source="1 + 1", *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)}, execution_count=1)


def shown(**data):
    formats = {name.replace("_", "/"): value for name, value in data.items()}
    return new_output("display_data", data=formats, metadata={"image/png": {"alt": "A line that rises."}})


def test_page_has_what_readers_and_browsers_need(page):
    text = page(new_markdown_cell("# Title\n\n## B1 · One\n\nWords.\n\n### Detail\n\n## B2 · Two"), code())
    assert text.index("Content-Security-Policy") < text.index("charset") < text.index("<title>")
    for part in (
        '<html lang="en">',
        'name="viewport"',
        'class="skip"',
        "<main",
        "<nav",
        "<footer",
        "@media print",
    ):
        assert part in text
    assert "prefers-color-scheme: dark" in text
    assert "<script" not in text
    assert 'href="#1-b1-one">B1 · One</a>' in text
    assert text.index("Title</h1>") < text.index("On this page") < text.index('<h2 id="1-b1-one">')
    assert '<h2 id="3-b2-two">' in text
    assert "run 20250401-053000" in text
    assert "0123456789 with changes that are not committed" in text
    assert page_faults(read_page(text), siblings=["index.html"]) == []
    assert len(text.encode()) < 12_000, "a page without pictures is small"


def test_code_is_folded_and_parameters_of_the_run_are_left_out(page):
    text = page(code("a < b"), code("out = 'folder'", tags=["injected-parameters"]))
    assert '<details class="code"><summary>' in text
    assert "a &lt; b" in text
    assert "folder" not in text


def test_parameters_of_the_run_are_shown_in_their_place(page):
    frame = pd.DataFrame({"parameter": ["window_days"], "value": ["30"], "meaning": [HOSTILE]})
    text = page(code("window_days: int = 60", tags=["parameters"]), parameters=frame)
    assert "Parameters of this run" in text
    assert ">30</td>" in text
    assert "60" not in text.partition("<main")[2]
    assert HOSTILE not in text


def test_error_streams_are_for_the_analyst_of_a_failed_run(page):
    cells = [code("1", new_output("stream", name="stderr", text="a warning"))]
    assert "a warning" not in page(*cells)
    assert "a warning" in page(*cells, show_code=True)
    assert '<details class="code" open' in page(*cells, show_code=True)


def test_error_is_shown_without_colour_codes(page):
    trace = ["\x1b[31mValueError\x1b[0m: <b>"]
    text = page(code("1", new_output("error", ename="ValueError", evalue="<b>", traceback=trace)))
    assert "ValueError: &lt;b&gt;" in text
    assert "\x1b" not in text


def test_picture_carries_its_alt_text(page):
    text = page(code("1", shown(image_png=PNG, text_plain="<Figure>")))
    assert f'src="data:image/png;base64,{PNG}"' in text
    assert 'alt="A line that rises."' in text
    assert "&lt;Figure&gt;" not in text


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stdout", text=HOSTILE),
        new_output("display_data", data={"text/plain": HOSTILE}),
        new_output("execute_result", data={"text/plain": HOSTILE}),
        new_output("display_data", data={"text/markdown": HOSTILE}),
        new_output("display_data", data={"text/latex": HOSTILE}),
        new_output("error", ename="KeyError", evalue="", traceback=[HOSTILE]),
    ],
)
def test_hostile_name_appears_as_text(page, output):
    text = page(code("1", output))
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert HOSTILE not in text


@pytest.mark.parametrize("kind", ["application/javascript", "text/vnd.mermaid"])
def test_programs_are_dropped(page, kind):
    assert "alert(7)" not in page(code("1", new_output("display_data", data={kind: "alert(7)"})))


def test_anchors_are_unique_and_text_is_plain():
    body, found = with_anchors(
        "<h2>A <em>b</em> &amp; c</h2><h3>口红</h3><h2>A <em>b</em> &amp; c</h2><h1>no</h1>"
    )
    assert [heading.text for heading in found] == ["A b & c", "口红", "A b & c"]
    assert len({heading.anchor for heading in found}) == 3
    assert all(f'id="{heading.anchor}"' in body for heading in found)


def finding(**changes) -> Finding:
    given = {
        "id": "A1.gap",
        "requirement": "A1",
        "question": "How large?",
        "estimate": 3.1,
        "low": 1.8,
        "high": 4.4,
    }
    given |= {"n": 900, "unit": "pp of customers", "method": "difference", "reading": "3.1 pp more return."}
    return Finding(**{**given, **changes})


def test_index_opens_with_the_answers():
    claim = finding(
        id="G1.claim", requirement="G1", verdict="contradicted", reading=f"37 % {HOSTILE} is wrong."
    )
    skip = Finding(id="A2", requirement="A2", question="?", status="skipped", reason="no experiments")
    chapters = [
        Chapter(file="03_uplift.html", title="03 · Uplift", findings=(finding(), skip)),
        Chapter(file="08_summary.html", title="08 · Summary", findings=(claim,)),
    ]
    text = index_page(stamp=STAMP, chapters=chapters, receipt_line="5 rows.", notes=["<b>note</b>"])
    assert text.index("contradicted") < text.index("03 · Uplift") < text.index("5 rows.")
    assert '<a href="03_uplift.html">' in text
    assert "Questions skipped, each with its reason: 1" in text
    assert "<li>A2: ? no experiments</li>" in text
    assert "&lt;b&gt;note&lt;/b&gt;" in text
    assert text.count("is wrong.") == 1
    assert HOSTILE not in text
    assert page_faults(read_page(text), siblings=["03_uplift.html", "08_summary.html", "findings.html"]) == []


@pytest.mark.parametrize(
    ("standing", "clause"),
    [(0, None), (1, "1 number stands as last told"), (2, "2 numbers stand as last told")],
)
def test_the_opening_page_says_how_many_numbers_stand_as_last_told(standing, clause):
    findings = tuple(
        finding(segment=f"s{place}", told_in="r1" if place < standing else None) for place in range(3)
    )
    chapters = [Chapter(file="03_uplift.html", title="03 · Uplift", findings=findings)]
    text = index_page(stamp=STAMP, chapters=chapters, receipt_line="5 rows.")
    assert (clause in text) if clause else ("as last told" not in text)


@pytest.mark.parametrize(("odd", "said"), [(0, None), (1, "One thing looks odd"), (3, "3 things look odd")])
def test_the_opening_page_leads_to_what_looks_odd_in_the_data(odd, said):
    chapters = [
        Chapter(file="01_data_loading.html", title="01 · Data", findings=()),
        Chapter(file="03_uplift.html", title="03 · Uplift", findings=(finding(),)),
    ]
    text = index_page(stamp=STAMP, chapters=chapters, receipt_line="5 rows.", odd=odd)
    assert (said in text) if said else ("odd" not in text)
    assert text.count('<a href="01_data_loading.html">chapter 01</a>') == (odd > 0)


@pytest.mark.parametrize(("each", "claims", "steps"), [(20, 3, 3), (60, 2, 3), (90, 1, 2), (300, 1, 1)])
def test_the_opening_page_leaves_to_its_chapter_what_makes_it_long(each, claims, steps):
    told = [
        finding(
            id=id,
            requirement=id[:2],
            segment=f"{id} {place}",
            verdict=verdict,
            reading=f"{id}{' word' * each}.",
        )
        for id, verdict in (("G1.claim", "fits"), ("G2.step", "supported"))
        for place in range(3)
    ]
    chapters = [Chapter(file="08_summary.html", title="08 · Summary", findings=tuple(told))]
    text = index_page(stamp=STAMP, chapters=chapters, receipt_line="5 rows.")
    assert (text.count("G1.claim word"), text.count("G2.step word")) == (claims, steps)
    words = page_length(read_page(text)).words_open
    assert words <= MOST_OF_OPENING or (claims, steps) == (1, 1)
    assert (claims == 3) or f"{3 - claims} further claim" in text
