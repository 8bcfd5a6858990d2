"""Live events, learned from friends: how often a post has one, and how many strangers come with the friends.

Friends who like within minutes were watching something together, and some strangers watch it too. On a post
with few friends, or none, nothing but the strangers shows it: how often that happens, and how many of them it
draws, is what the posts with enough friends tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from methods.manipulation.strangers import fit_beta_binomial

FEWEST_FRIENDS = 4
FEWEST_EVENTS = 5
_BEYOND, _MOST_SPREAD = 1e-3, 0.98


@dataclass(frozen=True)
class LiveEvents:
    """What posts with enough friends tell of live events.

    rate: share of posts with one (0 to 1). there: share of a post's friends who like in it. drawn: mean and
    concentration of the share of its strangers who do. begins_days, after_days: float, when events begin
    after the post, and when friends' likes come after that. wide_days: within which an event is over.
    """

    rate: float
    there: float
    drawn: tuple[float, float]
    begins_days: np.ndarray
    after_days: np.ndarray
    wide_days: float

    def chance(self, friends_here: np.ndarray, friends: np.ndarray, usual: np.ndarray) -> np.ndarray:
        """Return the chance that a post's window is a live event, by its friends' likes there (Bayes).

        friends_here, friends: int, an entry a post. usual: float, share of likes expected there without one.
        """
        with_one = self.rate * binom.pmf(friends_here, friends, self.there)
        without = (1 - self.rate) * binom.pmf(friends_here, friends, usual)
        return with_one / np.maximum(with_one + without, 1e-300)

    def draw(self, rng: np.random.Generator, age_days: np.ndarray, posts: int) -> np.ndarray:
        """Return the ages with a part of each post's likes moved into an event; all have equally many."""
        mean, strength = self.drawn
        each = len(age_days) // posts
        drawn = np.repeat(rng.beta(mean * strength, (1 - mean) * strength, posts), each)
        begin = np.repeat(rng.choice(self.begins_days, posts), each)
        return np.where(
            rng.random(len(age_days)) < drawn, begin + rng.choice(self.after_days, len(age_days)), age_days
        )


def learn_live_events(
    friends: tuple[np.ndarray, np.ndarray],
    strangers: tuple[np.ndarray, np.ndarray],
    *,
    together: np.ndarray,
    begins_days: np.ndarray,
    window_days: np.ndarray,
) -> LiveEvents | None:
    """Learn from the posts whose friends came together; None with fewer than 5 such posts.

    friends, strangers: post (int) and age_days (float) of each like. together: p of the tightest window of
    each post's friends. begins_days, window_days: of that window. A post tells with 4 friends or more; it has
    an event where their window is beyond chance 0.001 and holds most of them. All strangers within a window's
    length of those friends count as drawn, so that their share is told rather too large than too small.
    """
    posts = len(together)
    post, age = friends
    size = np.bincount(post, minlength=posts)
    inside = (age >= begins_days[post]) & (age <= begins_days[post] + window_days[post])
    here = np.bincount(post[inside], minlength=posts)
    tells = size >= FEWEST_FRIENDS
    live = tells & (together < _BEYOND) & (2 * here > size)
    if live.sum() < FEWEST_EVENTS:
        return None
    mine = inside & live[post]
    after = age[mine] - begins_days[post[mine]]
    last = np.zeros(posts)
    np.maximum.at(last, post[mine], after)
    other, when = strangers
    since = when - begins_days[other]
    near = live[other] & (since >= (last - window_days)[other]) & (since <= window_days[other])
    count = np.bincount(other, minlength=posts)
    some = live & (count > 0)
    drawn = fit_beta_binomial(np.bincount(other[near], minlength=posts)[some], count[some])
    return LiveEvents(
        rate=float(live.sum() / tells.sum()),
        there=min(float(here[live].sum() / size[live].sum()), _MOST_SPREAD),
        drawn=drawn,
        begins_days=begins_days[live],
        after_days=after,
        wide_days=float(np.quantile(last[live], 0.95)),
    )
