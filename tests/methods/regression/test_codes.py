"""Codes of labels are those of numpy, whatever the labels are."""

from __future__ import annotations

import numpy as np
import pytest

from methods.regression.codes import codes_of

DRAWN = np.random.default_rng(1).integers(-3, 40, 300)


@pytest.mark.parametrize(
    "labels",
    [
        DRAWN,
        DRAWN / 7,
        DRAWN.astype(str),
        np.array([f"客户{number}" for number in DRAWN], dtype=object),
        DRAWN.astype("datetime64[D]"),
        np.array([True, False, True]),
    ],
    ids=["whole", "fraction", "text", "object", "day", "bool"],
)
def test_codes_are_those_of_numpy(labels):
    code, levels = codes_of(labels)
    expected, place = np.unique(labels, return_inverse=True)
    assert np.array_equal(code, place)
    assert np.array_equal(levels, expected)
