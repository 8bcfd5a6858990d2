"""In which form a post is made: short video, live, picture and text or voice, by age and own habit."""

from __future__ import annotations

import numpy as np

from market.people import AGE_BANDS, People
from market.settings import stream

FORMATS = ("short_video", "live", "picture_text", "voice")
_BY_AGE = np.array(
    [
        [0.56, 0.14, 0.25, 0.05],
        [0.49, 0.20, 0.26, 0.05],
        [0.27, 0.24, 0.43, 0.06],
        [0.20, 0.43, 0.29, 0.08],
        [0.15, 0.41, 0.26, 0.18],
        [0.11, 0.26, 0.23, 0.40],
    ]
)
_WORDS = {"short_video": "short video", "picture_text": "picture and text"}
_HABIT = 6.0  # the larger, the more alike are customers of one age


def post_formats(people: People, customer: np.ndarray, seed: int) -> np.ndarray:
    """Return the number in FORMATS of each post, given who made it.

    Each customer has own chances, Dirichlet distributed around those of the age band.
    """
    rng = stream(seed, "formats")
    own = np.cumsum(rng.standard_gamma(_HABIT * _BY_AGE[people.age]), axis=1)
    mine = own[customer]
    return (rng.random(len(customer))[:, None] * mine[:, -1:] >= mine[:, :-1]).sum(axis=1).astype(np.int8)


def format_truth() -> dict[str, dict[str, float]]:
    """Return the mean chance (%) of each format in each age band, by "18-24, short video"."""
    return {
        "C6.format_share": {
            f"{band}, {_WORDS.get(name, name)}": 100.0 * float(chance)
            for band, row in zip(AGE_BANDS, _BY_AGE, strict=True)
            for name, chance in zip(FORMATS, row, strict=True)
        }
    }
