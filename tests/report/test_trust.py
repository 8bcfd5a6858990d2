"""The appendix counts which intervals hold their truth, and knows none on real data."""

import importlib
import json
from types import SimpleNamespace

import pytest

from helpers.report import Finding, Skipped, compare_with_truth, show
from helpers.report.agreement import disagreements
from helpers.report.page_reader import read_page


def finding(name, low, high):
    return Finding(
        id=name,
        requirement="A1",
        question="q",
        estimate=(low + high) / 2,
        low=low,
        high=high,
        unit="pp",
        n=50,
        method="m",
        reading="r",
    )


def market(folder, *, as_of="end"):
    return SimpleNamespace(folder=folder, as_of=as_of, receipt=SimpleNamespace(last_moment="end"))


def write_truth(folder, **truth):
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")


@pytest.mark.parametrize(
    ("truth", "covered"), [(2.0, True), (1.0, True), (3.0, True), (0.99, False), (3.1, False)]
)
def test_covered_means_that_the_interval_holds_the_truth(tmp_path, truth, covered):
    write_truth(tmp_path, a=truth)
    appendix = compare_with_truth([finding("a", 1.0, 3.0)], market(tmp_path))
    assert list(appendix.rows["covered"]) == [covered]
    assert appendix.findings == ()


def test_findings_without_a_truth_are_left_out(tmp_path):
    write_truth(tmp_path, a=2.0)
    appendix = compare_with_truth([finding("a", 1.0, 3.0), finding("b", 1.0, 3.0)], market(tmp_path))
    assert list(appendix.rows["finding"]) == ["a"]
    assert "1 of" in appendix.draw().figure.get_suptitle()


def test_real_data_have_no_truth(tmp_path):
    appendix = compare_with_truth([finding("a", 1.0, 3.0)], market(tmp_path))
    assert isinstance(appendix, Skipped)
    assert "real data" in appendix.reason


def test_that_no_truth_is_known_is_no_finding_of_the_page(tmp_path, monkeypatch):
    shown = []
    module = importlib.import_module("helpers.report.show")  # the package gives its function this name
    monkeypatch.setattr(module, "display", lambda data, raw: shown.append(data["text/html"]))
    show(compare_with_truth([finding("a", 1.0, 3.0)], market(tmp_path)))
    assert "real data" in shown[0]
    assert disagreements(read_page(shown[0]), []) == []


def test_a_market_whose_truths_none_of_the_findings_estimate_is_skipped(tmp_path):
    write_truth(tmp_path, other=1.0)
    assert isinstance(compare_with_truth([finding("a", 1.0, 3.0)], market(tmp_path)), Skipped)


def test_an_earlier_as_of_has_another_truth(tmp_path):
    write_truth(tmp_path, a=2.0)
    appendix = compare_with_truth([finding("a", 1.0, 3.0)], market(tmp_path, as_of="earlier"))
    assert "as_of" in appendix.reason
