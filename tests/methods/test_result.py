"""A method's result shows its numbers, its warnings first, and escapes what names hold."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from helpers.report import show
from methods.intervals import Interval, wilson
from methods.result import Result
from methods.trials import intention_to_treat


@dataclass(frozen=True)
class Answer(Result):
    effects: dict[str, Interval]
    rows: int
    warning: str = ""


def test_a_trial_shows_its_effect():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"arm": np.repeat([0, 1], 500), "bought": rng.random(1_000) < 0.3})
    found = intention_to_treat(
        frame.assign(bought=frame["bought"].astype(float)), outcome="bought", treatment="arm"
    )
    numbers = found.numbers()
    assert list(numbers.columns) == ["estimate", "low", "high", "p", "n"]
    row = numbers.loc["effect"]
    assert row["low"] < row["estimate"] < row["high"]
    assert 0 <= row["p"] <= 1
    assert "effect" in str(found)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", "口红"])
def test_names_and_warnings_are_escaped(name):
    made = Answer(effects={name: wilson(3, 10)}, rows=10, warning=f"few {name}")
    html = made._repr_html_()
    assert "<script>" not in html
    assert html.index("few") < html.index("<table>"), "warnings stand first"
    assert name in made.numbers().index[0]


def test_show_takes_a_result(monkeypatch):
    shown = []
    module = importlib.import_module("helpers.report.show")
    monkeypatch.setattr(module, "display", lambda data, raw=False: shown.append(data["text/html"]))
    show(Answer(effects={"<b>": wilson(3, 10)}, rows=10, warning="thin"))
    (html,) = shown
    assert "thin" in html
    assert "<b>" not in html
    assert "0.3" in html


@dataclass(frozen=True)
class Fit(Result):
    slope: Interval
    several: tuple[Interval, ...]
    converged: bool
    seconds: float
    labels: np.ndarray
    frame: pd.DataFrame
    names: tuple[str, ...]
    parts: tuple[Answer, ...]
    by_name: dict[str, int]
    absent: str | None = None


def test_what_has_no_interval_is_said_by_its_number_or_its_size():
    whole, part = wilson(3, 10), Answer(effects={}, rows=1)
    fit = Fit(
        slope=whole,
        several=(whole, whole),
        converged=True,
        seconds=-1234.5,
        labels=np.zeros((2_000, 3)),
        frame=pd.DataFrame({"<a>": [1]}),
        names=("x", "y" * 200),
        parts=(part, part),
        by_name={"b": 1, "c": 2},
    )
    assert list(fit.numbers().index) == ["slope", "several 1", "several 2"]
    told = fit.others()["value"]
    assert told.drop("names").to_dict() == {
        "converged": "True",
        "seconds": "−1,234",
        "labels": "array, 2,000 × 3",
        "frame": "1 row: <a>",
        "parts": "2 of Answer",
        "by_name": "b, c",
    }
    assert told["names"].startswith("x, y")
    assert len(told["names"]) == 120
    html = fit._repr_html_()
    assert "<a>" not in html
    assert html.index("slope") < html.index("converged")
    assert "2,000 × 3" in str(fit)


def test_an_interval_alone_shows_itself_once():
    @dataclass(frozen=True)
    class Alone(Result):
        estimate: float
        low: float
        high: float
        method: str

    made = Alone(estimate=1.0, low=0.5, high=1.5, method="plain")
    assert list(made.numbers()["estimate"]) == [1.0]
    assert made.others()["value"].to_dict() == {"method": "plain"}
