"""What is known of each customer before a cut, and what followed: the ground on which leaders are judged."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.customer_history import end_of
from helpers.data.friend_graph import active_ties, friend_graph, standing_graph
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside
from helpers.segments.c04_leaders.exposures import ANSWER_KINDS, answer_kind, exposures
from methods.graphs.author_influence import author_influence
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.leader_scores import answer_scores, friend_scores

WORDS = words_beside(__file__, "opinion_leaders")

LATER = "later posts"
HELD_OUT = "held-out posts (the data have no times, so they need not be later ones)"
_FEWEST_AUTHORS = 100
SCORES = {
    "friends": "number of friends",
    "k_shell": "k-shell of the friends",
    "h_index": "H-index of the friends",
    "answers": "answers so far",
    "pagerank": "PageRank of answers (reversed)",
    "pull": "estimated pull",
}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Scores from before the cut and what followed.

    scores: indexed by customer_id in order, columns of `SCORES` as far as known. later: customers who
    answered the later posts in the costliest way, per row of scores; None without posts. split: what "later"
    is. kind: that answer. links: who answered whom before. seen, later_seen: exposures before and after the
    cut, None without ties and times. ties: the graph of friends. cut: naive UTC, None without times.
    winner: the score that won the contest before the cut, empty where there was none.
    """

    scores: pd.DataFrame
    ties: FriendGraph
    later: np.ndarray | None = None
    split: str = ""
    kind: str = ""
    links: pd.DataFrame | None = None
    seen: pd.DataFrame | None = None
    later_seen: pd.DataFrame | None = None
    cut: dt.datetime | None = None
    winner: str = ""

    @property
    def main(self) -> str:
        """The score that the list of leaders follows: the winner, else the best informed one there is."""
        return self.winner or (
            self.scores.columns[-1]
            if "pull" in self.scores
            else ("answers" if "answers" in self.scores else "friends")
        )


def gather_evidence(shop: Shop, *, later_days: int, seed: int) -> Evidence:
    """Return scores and outcomes; raises CannotAnswer where there is no graph, or too few authors."""
    if shop.missing("shares", "reactions"):
        ties = standing_graph(shop)
        return Evidence(scores=friend_scores(ties), ties=ties)
    shop = shop.while_known("shares", "reactions")
    timed = not shop.missing("shares.posted_at", "reactions.posted_at")
    cut = end_of(shop) - dt.timedelta(days=later_days) if timed else None
    before, after = _split(shop, cut, seed)
    kind = answer_kind(shop)
    links = answers_between(shop, before, until=cut, kinds=ANSWER_KINDS)
    if links["author"].nunique() < _FEWEST_AUTHORS:
        raise CannotAnswer(WORDS.text("few authors", author=links["author"].nunique()))
    listed = not shop.missing("ties")
    pairs = (
        active_ties(shop, at=cut)
        if listed
        else links.rename(columns={"author": "customer_a", "customer_id": "customer_b"})
    )
    ties = friend_graph(pairs)
    scores = friend_scores(ties).join(answer_scores(links), how="outer")
    seen = exposures(shop, until=cut, kind=kind) if cut is not None and listed else None
    if seen is not None:
        pull = author_influence(seen).set_index("author")["pull"]
        scores = scores.join(pull.rename_axis("customer_id"), how="outer")
    scores = scores.fillna(0.0).sort_index()
    followed = answers_between(shop, after, until=None, kinds=(kind,)).groupby("author").size()
    if not timed:
        scores, followed = _by_post(scores, followed, after)
    return Evidence(
        scores=scores,
        ties=ties,
        later=followed.reindex(scores.index, fill_value=0).to_numpy(dtype=float),
        split=LATER if timed else HELD_OUT,
        kind=kind,
        links=links,
        seen=seen,
        later_seen=None
        if seen is None or cut is None
        else exposures(shop, since=cut, until=end_of(shop), kind=kind),
        cut=cut,
    )


def _by_post(scores: pd.DataFrame, followed: pd.Series, after: Table) -> tuple[pd.DataFrame, pd.Series]:
    """Without times the outcome is counted by held-out post, among those who have one.

    A post that fell into one half is missing in the other, so totals would run against each other.
    """
    posts = after.group_by("author").agg(posts=_.count()).to_pandas().set_index("author")["posts"]
    scores = scores[scores.index.isin(posts.index)]
    return scores, (followed.reindex(posts.index, fill_value=0) / posts).sort_index()


def _split(shop: Shop, cut: dt.datetime | None, seed: int) -> tuple[Table, Table]:
    """Posts (share_id, author) before and after the cut; without times two halves drawn by lot."""
    posts = shop["shares"]
    if cut is not None:
        moment = ibis.literal(cut, type="timestamp(6)")
        both = posts.filter(_.posted_at < moment), posts.filter(_.posted_at >= moment)
        return tuple(part.select("share_id", author="customer_id") for part in both)
    every = posts.select("share_id", author="customer_id").order_by("share_id").to_pandas()
    first = np.random.default_rng(seed).random(len(every)) < 0.5
    return ibis.memtable(every[first]), ibis.memtable(every[~first])


def answers_between(
    shop: Shop, posts: Table, *, until: dt.datetime | None, kinds: tuple[str, ...]
) -> pd.DataFrame:
    """Return who answered whose posts how often: author, customer_id, answers, in order.

    posts: share_id and author. until: answers before it only; None: all (where answers have no times).
    """
    given = shop["reactions"].filter(_.customer_id.notnull() & _.kind.isin(list(kinds)))
    if until is not None:
        given = given.filter(_.posted_at < ibis.literal(until, type="timestamp(6)"))
    rows = given.select("share_id", "customer_id").join(posts, "share_id")
    rows = rows.filter(rows.customer_id != rows.author)
    counted = rows.group_by("author", "customer_id").agg(answers=_.count())
    return counted.order_by("author", "customer_id").to_pandas()
