"""Figures: same bytes each time, Chinese words everywhere, alt text always."""

from __future__ import annotations

import importlib
import io
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib import pyplot as plt
from PIL import Image

from helpers.report import PALETTE, Picture, canvas, style
from helpers.report.pictures import people_by_amount
from helpers.report.show import show_picture, show_table


def draw(title="Sharing goes with 3 pp more repurchase", label="口红 球鞋 家居"):
    figure, axes = canvas(title, x=label, y="% of customers")
    axes.plot([1, 2], [3, 4])
    return Picture(figure, "A line that rises from 3 to 4.")


def test_picture_is_the_same_bytes_each_time():
    assert draw().png() == draw().png()


def test_chinese_words_have_their_glyphs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw().png() != draw(label="□□ □□ □□").png()


def test_machine_without_a_chinese_font_uses_the_wheel(monkeypatch):
    monkeypatch.setattr(style, "_CHINESE_FONTS", ())
    (name,) = style._chinese_font()
    assert "CJK" in name
    found = font_manager.findfont(name, fallback_to_default=False)
    assert "mplfonts" in found or "CJK" in found


@pytest.mark.parametrize("alt", ["", "Figure 1", "A line chart"])
def test_alt_text_must_be_a_sentence(alt):
    figure, _ = canvas("x")
    with pytest.raises(ValueError, match="sentence"):
        Picture(figure, alt)
    mpl.pyplot.close(figure)


def test_several_panels_and_distinct_colours():
    figure, axes = canvas("x", rows=1, columns=2)
    assert axes.shape == (1, 2)
    assert len(set(PALETTE)) == len(PALETTE)
    mpl.pyplot.close(figure)


def test_show_hands_over_alt_text_and_escaped_table(monkeypatch):
    module = importlib.import_module("helpers.report.show")
    seen = []
    monkeypatch.setattr(module, "display", lambda *items, **options: seen.append((items, options)))
    show_picture(draw())
    frame = pd.DataFrame({"p": ["<b>"], "n": [3]})
    frame.attrs = {"caption": "Few", "people": "n", "other": 1}
    show_table(frame)
    (_, options), ((table,), _) = seen
    assert options["metadata"]["image/png"]["alt"] == "A line that rises from 3 to 4."
    assert "&lt;b&gt;" in table.data
    assert "Few" in table.data
    assert "hidden" in table.data


@pytest.mark.parametrize(
    ("attrs", "said"), [({"caption": "Nothing was asked"}, ["Nothing was asked."]), ({"caption": ""}, [])]
)
def test_a_fold_without_rows_is_its_caption_alone(monkeypatch, attrs, said):
    module = importlib.import_module("helpers.report.show")
    seen = []
    monkeypatch.setattr(module, "display", lambda data, **options: seen.append(data["text/plain"]))
    frame = pd.DataFrame(columns=["id"])
    frame.attrs = {"people": None, **attrs}
    show_table(frame, folded=True)
    assert seen == said


@pytest.mark.parametrize("people", [5, 21, 22, 40, 300, 5_000])
def test_no_bar_of_people_stands_for_few_and_the_axis_ends_before_the_largest(people):
    amounts = np.random.default_rng(people).lognormal(0, 1.5, people)
    figure, panel = canvas("People")
    people_by_amount(panel, amounts)
    heights = np.array([bar.get_height() for bar in panel.patches])
    assert not ((heights > 0) & (heights < 11)).any()
    assert (heights.sum() > 0) == (people >= 22)
    if people >= 22:
        assert heights.sum() <= people - 11
        end = max(bar.get_x() + bar.get_width() for bar in panel.patches)
        assert end < np.sort(amounts)[-11]
    plt.close(figure)


@pytest.mark.parametrize("stacks", [True, False])
def test_panels_that_stand_by_themselves_may_be_stacked_and_the_wide_picture_stays(stacks):
    def picture():
        figure, axes = canvas("Two panels", columns=2, width_inches=11)
        axes[0, 0].plot([1, 2])
        return Picture(figure, "Two panels that stand side by side.", stacks=stacks)

    asked, plain = picture(), picture()
    narrow = asked.narrow_png()
    assert asked.png() == plain.png()
    if not stacks:
        assert narrow is None
        return
    width, height = Image.open(io.BytesIO(narrow)).size
    assert height > 1.2 * width
