"""What the likes of each post say about bought applause: four kinds of evidence, each with its p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom

from methods.errors import CannotAnswer
from methods.manipulation.burst import burst_scan
from methods.manipulation.combine import cauchy, pooled_by_account
from methods.manipulation.dense_block import blocks_beyond_chance
from methods.manipulation.lockstep import lockstep_pairs
from methods.manipulation.reach import went_round
from methods.manipulation.strangers import stranger_share
from methods.result import Result

KINDS = ("burst", "strangers", "block", "lockstep")
_FEWEST_OF_BLOCK = 3
_LEFT_OUT, _FITS = 0.005, 3
_BEYOND, _NO_SIGN = 1e-3, 0.05
_CIRCLE = 0.25  # pairs of friends for each pair of strangers, from which a block is a circle of friends


@dataclass(frozen=True, kw_only=True)
class LikeEvidence(Result):
    """Evidence by kind, combined, for posts and their authors.

    posts: a row a post: burst_p, strangers_p, block_p, lockstep_p, the same of the author's other posts
    (burst_others …), own (Cauchy over the kinds), others (the author's other posts pooled), p (own and all of
    the author's together), and what was observed and
    expected: likes, strangers, strangers_expected, burst_likes, burst_expected, burst_days,
    burst_begins_days, block_likes, block, at_home (strangers who like posts of friends of their own as well).
    went_round: bool, it drew people who are about anyway, whose number and haste say nothing (burst_p and
    strangers_p are 1; see `went_round`).
    authors: float (authors,), the pooled p of each author's posts. likers: p by lockstep of each account.
    left_out: kinds that the data could not carry, with the reason. likeness: by kind, of an author's posts.
    """

    posts: pd.DataFrame
    authors: np.ndarray
    likers: np.ndarray
    left_out: dict[str, str]
    likeness: dict[str, float]


def like_evidence(
    likes: pd.DataFrame,
    posts: pd.DataFrame,
    *,
    accounts: int,
    rewirings: int = 20,
    draws: int = 2_000,
    seed: int,
) -> LikeEvidence:
    """Weigh each post's likes against those of honest posts of its size.

    likes: a row a like: post (int, place in `posts`), liker (int, −1 where nobody known), age_days (float,
    after the post), tied (bool, whether the liker is a friend of the author or has a friend in common).
    posts: a row a post: author (int), group (kind of audience), week (int). accounts: how many there are.
    rewirings, draws: of the nulls of blocks and bursts. Strangers are likers nobody knows and known ones
    without a tie. Bursts are sought
    among strangers only: friends who all watch one live event like together and are innocent. Blocks are
    sought among known strangers, rewired within weeks.
    Returns a `LikeEvidence`. Raises CannotAnswer where no kind of evidence can be had.

    >>> rng = np.random.default_rng(1)
    >>> likes = pd.DataFrame({"post": np.repeat(np.arange(100), 20), "liker": rng.integers(-1, 300, 2_000)})
    >>> likes = likes.assign(age_days=rng.random(2_000), tied=rng.random(2_000) < 0.7)
    >>> posts = pd.DataFrame({"author": np.arange(100) % 50, "group": "timeline", "week": np.arange(100) % 4})
    >>> found = like_evidence(likes, posts, accounts=300, seed=1)
    >>> bool((found.posts["p"] < 1e-4).any())
    False
    """
    post, liker = likes["post"].to_numpy(np.int64), likes["liker"].to_numpy(np.int64)
    age, tied = likes["age_days"].to_numpy(float), likes["tied"].to_numpy(bool)
    rows, author = len(posts), posts["author"].to_numpy(np.int64)
    strange = ~tied
    count, odd = np.bincount(post, minlength=rows), np.bincount(post[strange], minlength=rows)
    frame = pd.DataFrame({"likes": count, "strangers": odd}, index=posts.index)
    known = liker >= 0
    parts = {
        "burst": lambda: _burst(post, age, strange, rows, draws=draws, seed=seed),
        "strangers": lambda: _strangers(odd, count, posts["group"].to_numpy()),
        "block": lambda: _blocks(
            post[known], liker[known], tied[known], posts, rewirings=rewirings, seed=seed
        ),
    }
    left_out: dict[str, str] = {}
    for kind, find in parts.items():
        try:
            frame = frame.assign(**find())
        except CannotAnswer as why:
            frame[f"{kind}_p"] = 1.0
            left_out[kind] = str(why)
    together = lockstep_pairs(liker[known], post[known], age[known], accounts=accounts)
    frame["lockstep_p"] = _lockstep(post[known], liker[known], together.component, together.p, count)
    frame["at_home"] = _at_home(post[known], liker[known], tied[known], rows, accounts=accounts)
    frame["went_round"] = _went_round(frame)
    frame.loc[frame["went_round"], ["burst_p", "strangers_p"]] = 1.0
    used = [kind for kind in KINDS if kind not in left_out]
    if used == ["lockstep"] and not known.any():
        raise CannotAnswer("no kind of evidence can be had: " + "; ".join(left_out.values()))
    frame["own"] = cauchy(frame[[f"{kind}_p" for kind in used]].to_numpy())
    pooled = {
        kind: pooled_by_account(frame[f"{kind}_p"].to_numpy(), author, accounts=accounts) for kind in used
    }
    authors = cauchy(np.column_stack([one.account for one in pooled.values()]))
    for kind, one in pooled.items():
        frame[f"{kind}_others"] = one.other_units
    frame["others"] = cauchy(np.column_stack([one.other_units for one in pooled.values()]))
    frame["p"] = cauchy(np.column_stack([frame["own"], authors[author]]))
    return LikeEvidence(
        posts=frame,
        authors=authors,
        likers=together.p,
        left_out=left_out,
        likeness={kind: one.likeness for kind, one in pooled.items()},
    )


def _burst(
    post: np.ndarray, age: np.ndarray, strange: np.ndarray, rows: int, *, draws: int, seed: int
) -> dict[str, np.ndarray]:
    found = burst_scan(
        post[strange],
        age[strange],
        posts=rows,
        beside_post=post[~strange],
        beside_age_days=age[~strange],
        draws=draws,
        seed=seed,
    )
    return {
        "burst_p": found.p,
        "burst_likes": found.likes,
        "burst_expected": found.expected,
        "burst_days": found.window_days,
        "burst_begins_days": found.begins_days,
    }


def _strangers(strangers: np.ndarray, likes: np.ndarray, group: np.ndarray) -> dict[str, np.ndarray]:
    found = stranger_share(strangers, likes, group=group)
    return {"strangers_p": found.p, "strangers_expected": found.expected}


def _at_home(
    post: np.ndarray, liker: np.ndarray, tied: np.ndarray, rows: int, *, accounts: int
) -> np.ndarray:
    """Return how many strangers of each post like posts of friends of their own as well."""
    has_friends = np.bincount(liker[tied], minlength=accounts) > 0
    return np.bincount(post[~tied & has_friends[liker]], minlength=rows)


def _went_round(frame: pd.DataFrame) -> np.ndarray:
    """Return which posts with strangers beyond chance went round, and show no ring and no lockstep."""
    p = frame[[f"{kind}_p" for kind in KINDS]].to_numpy()
    strangers, likes = frame["strangers"].to_numpy(), frame["likes"].to_numpy()
    found = went_round(
        frame["at_home"].to_numpy(), strangers, likes - strangers, usual=p.min(axis=1) > _NO_SIGN
    )
    return found & (p[:, :2].min(axis=1) <= _BEYOND) & (p[:, 2:].min(axis=1) > _NO_SIGN)


def _blocks(
    post: np.ndarray, liker: np.ndarray, tied: np.ndarray, posts: pd.DataFrame, *, rewirings: int, seed: int
) -> dict[str, np.ndarray]:
    """Return for each post its likes from a block of which its author is part, the block, and its p.

    A block among whose likers and authors friends like each other as well is a circle of friends, not a ring.
    p is no smaller than the chance that a post of as many known strangers draws so many from the block:
    a popular post gets a few likes from everybody, and from the members of a ring as well.
    """
    author, week = posts["author"].to_numpy(np.int64)[post], posts["week"].to_numpy(np.int64)[post]
    apart = ~tied
    found = blocks_beyond_chance(
        liker[apart], author[apart], stratum=week[apart], rewirings=rewirings, most_blocks=10, seed=seed
    )
    strangers = np.bincount(post[apart], minlength=len(posts))
    likes, which, p = np.zeros(len(posts), int), np.full(len(posts), -1), np.ones(len(posts))
    for number, (block, chance) in enumerate(zip(found.blocks, found.p, strict=True)):
        member = np.isin(liker, block.rows)
        inside = member & np.isin(author, block.columns)
        near, far = (_pairs(liker[inside & part], author[inside & part]) for part in (tied, apart))
        if near > _CIRCLE * far:
            continue
        mine = np.bincount(post[inside & apart], minlength=len(posts))
        drawn = _drawn_by_chance(np.bincount(post[member & apart], minlength=len(posts)), strangers)
        new = (mine >= _FEWEST_OF_BLOCK) & (mine > likes)
        likes[new], which[new], p[new] = mine[new], number, np.maximum(chance, drawn[new])
    return {"block_p": p, "block_likes": likes, "block": which}


def _drawn_by_chance(members: np.ndarray, strangers: np.ndarray) -> np.ndarray:
    """Return the binomial chance of so many members of a block among each post's known strangers.

    Their usual share is that of the posts not beyond chance 0.005, so that fakes do not hide each other.
    """
    usual = strangers > 0
    chance = np.ones(len(members))
    for _ in range(_FITS):
        share = members[usual].sum() / max(int(strangers[usual].sum()), 1)
        chance = binom.sf(members - 1, strangers, share)
        usual = (strangers > 0) & (chance > _LEFT_OUT)
    return chance


def _pairs(liker: np.ndarray, author: np.ndarray) -> int:
    return len(np.unique(np.column_stack([liker, author]), axis=0))


def _lockstep(
    post: np.ndarray, liker: np.ndarray, component: np.ndarray, p: np.ndarray, count: np.ndarray
) -> np.ndarray:
    """Return the best p of a post's likers in lockstep, where at least 3 of them belong to one group."""
    found = np.ones(len(count))
    inside = component[liker] >= 0
    if not inside.any():
        return found
    frame = pd.DataFrame({"post": post[inside], "component": component[liker[inside]], "p": p[liker[inside]]})
    groups = frame.groupby(["post", "component"])["p"].agg(["size", "min"])
    groups = groups[groups["size"] >= _FEWEST_OF_BLOCK].groupby("post")["min"].min()
    found[groups.index.to_numpy()] = groups.to_numpy()
    return found
