"""Posts have the planted form, more alike within a customer than between, and nothing else moves with it."""

import numpy as np
import pytest

from market.formats import FORMATS, format_truth, post_formats
from market.people import AGE_BANDS, make_people


def test_each_age_band_has_its_planted_shares():
    people = make_people(60_000, 3)
    form = post_formats(people, np.arange(len(people)), 3)
    truth = format_truth()["C6.format_share"]
    words = {"short_video": "short video", "picture_text": "picture and text"}
    for number, band in enumerate(AGE_BANDS):
        here = people.age == number
        for place, name in enumerate(FORMATS):
            share = 100 * (form[here] == place).mean()
            error = 100 * np.sqrt(share / 100 * (1 - share / 100) / here.sum())
            assert share == pytest.approx(truth[f"{band}, {words.get(name, name)}"], abs=4 * error)


def test_posts_of_one_customer_are_alike():
    people = make_people(20_000, 3)
    pair = post_formats(people, np.repeat(np.arange(len(people)), 2), 3).reshape(-1, 2)
    same = (pair[:, 0] == pair[:, 1]).mean()
    strangers = (pair[:, 0] == np.roll(pair[:, 1], 1)).mean()
    assert same > strangers + 0.05
