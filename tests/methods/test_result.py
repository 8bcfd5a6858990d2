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
