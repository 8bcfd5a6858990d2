"""Only a notebook that ran to its end and a page that keeps to itself may be published."""

from __future__ import annotations

import json

import pytest

from helpers.report import Finding, write_findings
from helpers.report.judge import LARGEST_PAGE_BYTES, notebook_fault, page_faults
from helpers.report.page_reader import read_page

PAGE = "<html><head><title>A report</title><style>p {{ color: red }}</style></head><body>{}</body></html>"
ERROR = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []}


def cell(count, *outputs, source="1", tags=()):
    metadata = {"tags": list(tags)} if tags else {}
    given = {"cell_type": "code", "source": source, "execution_count": count, "metadata": metadata}
    return {**given, "outputs": list(outputs)}


@pytest.fixture
def judge(tmp_path):
    """Return a function that judges a notebook of these cells beside a good findings file."""

    def ask(*cells, findings="good"):
        (tmp_path / "book.ipynb").write_text(json.dumps({"cells": list(cells)}))
        path = tmp_path / "findings.json"
        if findings == "good":
            write_findings([], path)
        elif findings is not None:
            path.write_text(findings)
        return notebook_fault(tmp_path / "book.ipynb", findings=path)

    return ask


def test_executed_notebook_is_good(judge):
    words = {"cell_type": "markdown", "source": "words", "metadata": {}}
    assert judge(cell(1), words, cell(None, source="  \n"), cell(2)) is None


def test_unexecuted_cell_is_named(judge):
    fault = judge(cell(1), cell(2), cell(None))
    assert fault.cell == 3
    assert "never executed" in fault.sentence


def test_error_is_named_before_what_it_stopped(judge):
    fault = judge(cell(1), cell(2, tags=["injected-parameters"]), cell(3, ERROR), cell(None))
    assert (fault.cell, fault.sentence) == (2, "cell 2: KeyError: 'x'"), "injected cells are not counted"


@pytest.mark.parametrize(
    ("findings", "said"),
    [(None, "without writing"), ("{", "not JSON"), ("{}", "a list"), ('[{"id": 1}]', "entry 0")],
)
def test_findings_are_read_back(judge, findings, said):
    assert said in judge(cell(1), findings=findings).sentence


def test_missing_notebook_is_a_fault(tmp_path):
    assert notebook_fault(tmp_path / "none.ipynb", findings=tmp_path / "f.json").sentence


def test_finding_that_contradicts_itself_is_a_fault(judge):
    broken = {"id": "A1.x", "requirement": "A1", "question": "?", "estimate": 1.0, "low": 2.0, "high": 3.0}
    entry = {**broken, "low": 5.0, "n": 3, "method": "m", "reading": "r"}
    assert "above high" in judge(cell(1), findings=json.dumps([entry])).sentence


@pytest.mark.parametrize(
    "body",
    [
        "<p>Plain words &lt;script&gt; and https://example.org as text</p>",
        '<img src="data:image/png;base64,AAAA" alt="A line that rises.">',
        '<a href="#top">up</a> <a href="03_uplift.html#x">on</a>',
        "<pre>onclick=alert(1) url(http://x)</pre>",
        '<details open><summary style="color: red">Code</summary></details>',
    ],
)
def test_page_that_keeps_to_itself_is_good(body):
    assert page_faults(read_page(PAGE.format(body)), siblings=["03_uplift.html"]) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<script>1</script>", "<script>"),
        ('<SCRIPT SRC="data:,1"></SCRIPT>', "<script>"),
        ("<iframe></iframe>", "<iframe>"),
        ("<link rel=stylesheet href=a.css>", "<link>"),
        ('<img src="data:image/png;base64,AA">', "no alt text"),
        ('<img src="data:image/png;base64,AA" alt=" ">', "no alt text"),
        ('<img src="https://example.org/a.png" alt="A picture of it.">', "src refers outside"),
        ('<img src="//example.org/a.png" alt="A picture of it.">', "src refers outside"),
        ('<a href="https://example.org">x</a>', "href refers outside"),
        ('<a href="javascript:alert(1)">x</a>', "href refers outside"),
        ('<a href="04_other.html">x</a>', "href refers outside"),
        ('<a href="file:///etc/passwd">x</a>', "href refers outside"),
        ("<img src=x onerror=alert(1)>", "event handler onerror"),
        ("<svg onload=alert(1)>", "event handler onload"),
        ('<p style="background: url(//x)">x</p>', "style refers"),
        ("<style>@import 'a.css'</style>", "style refers"),
        ("<style>p { background: URL(http://x) }</style>", "style refers"),
        ('<meta http-equiv="Refresh" content="0; url=x">', "forwards"),
        ("No description has been provided for this image", "stand-in"),
        ("/srv/shop/project", "private"),
    ],
)
def test_page_that_reaches_out_is_refused(body, said):
    faults = page_faults(read_page(PAGE.format(body)), siblings=["03_uplift.html"], private=["/srv/shop"])
    assert any(said in fault for fault in faults), faults


def test_page_needs_a_title_and_a_bearable_size():
    assert any("no title" in fault for fault in page_faults(read_page("<p>words</p>")))
    assert any("MB" in fault for fault in page_faults(read_page(PAGE.format("x" * LARGEST_PAGE_BYTES))))


def test_secret_of_the_environment_is_refused(monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "correct horse")
    (fault,) = page_faults(read_page(PAGE.format("It was correct horse.")))
    assert "SHOP_PASSWORD" in fault
    assert "horse" not in fault


def test_skipped_finding_is_a_good_finding(judge):
    entry = Finding(id="A1", requirement="A1", question="?", status="skipped", reason="no shares")
    text = json.dumps(
        [{"id": entry.id, "requirement": "A1", "question": "?", "status": "skipped", "reason": "x"}]
    )
    assert judge(cell(1), findings=text) is None
