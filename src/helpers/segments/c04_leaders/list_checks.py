"""Does the list hold? Influence on later posts beyond taste, and the list drawn again from resampled data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.segments.c04_leaders.evidence import Evidence
from methods.graphs.author_influence import expected_answers, redrawn_pull
from methods.graphs.leader_scores import answer_scores, friend_scores, top_list
from methods.graphs.leiden import thinned
from methods.intervals.estimates import Interval, ratio_of_sums


def influence_later(evidence: Evidence, listed: np.ndarray) -> Interval | None:
    """Return answers of friends to the later posts of the listed over what the friends' own taste explains.

    The list was made before these posts, so a lucky past does not count. Clustered on posts: the statement
    is about these authors. None without exposures, with fewer than two later posts of theirs, or where nobody
    answered any: no interval can be had of nothing but zeros.
    """
    rows = evidence.later_seen
    if rows is None or not len(rows):
        return None
    rows = rows.assign(expected=expected_answers(rows))
    rows = rows[rows["author"].isin(listed)]
    sums = rows.groupby("share_id")[["answered", "expected"]].sum()
    if len(sums) < 2 or sums["expected"].sum() <= 0 or sums["answered"].sum() == 0:
        return None
    return ratio_of_sums(sums["answered"].astype(float), sums["expected"])


def authors_seen_later(evidence: Evidence, listed: np.ndarray) -> int:
    """Return how many of the listed posted later where friends saw it: whom `influence_later` rests on."""
    rows = evidence.later_seen
    return 0 if rows is None else int(rows.loc[rows["author"].isin(listed), "author"].nunique())


def list_stability(evidence: Evidence, *, top: int, draws: int, seed: int) -> Interval:
    """Return how much of the list, in %, stays when the data are drawn again: mean and 95 % range.

    Posts are drawn with replacement for `pull`, answers for `answers` and `pagerank`; a tenth of the ties is
    left out for the others.
    """
    names = evidence.scores.index.to_numpy()
    listed = set(names[top_list(evidence.scores[evidence.main].to_numpy(), top)])
    stays = []
    for score in _redrawn(evidence, draws=draws, seed=seed):
        values = score.reindex(names, fill_value=0.0).to_numpy(dtype=float)
        stays.append(100 * len(listed & set(names[top_list(values, top)])) / len(listed))
    low, high = np.quantile(stays, [0.025, 0.975])
    mean = float(np.mean(stays))
    return Interval(estimate=mean, low=min(float(low), mean), high=max(float(high), mean), n=len(listed))


def _redrawn(evidence: Evidence, *, draws: int, seed: int) -> Iterator[pd.Series]:
    """The main score from `draws` resamples of the data."""
    rng = np.random.default_rng(seed)
    if evidence.main == "pull" and evidence.seen is not None:
        yield from redrawn_pull(evidence.seen, draws=draws, rng=rng)
    elif evidence.main in ("answers", "pagerank") and evidence.links is not None:
        answers = evidence.links["answers"].to_numpy()
        for _ in range(draws):
            drawn = evidence.links.assign(answers=rng.poisson(answers))
            yield answer_scores(drawn)[evidence.main]
    else:
        for draw in range(draws):
            yield friend_scores(thinned(evidence.ties, seed=seed + draw))[evidence.main]
