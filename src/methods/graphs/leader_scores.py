"""Scores by which opinion leaders are sought, and how well each predicted what followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from methods.graphs.centrality import h_index, k_shell, pagerank
from methods.graphs.friend_graph import FriendGraph
from methods.intervals.estimates import Interval, wilson
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class JudgedScore(Result):
    """One score against what followed. precision: share of its top list who are at the top later.

    lift: precision over the share at the top later of all. rank_correlation: Spearman, over all. hits: how
    many of the list are at the top later.
    """

    name: str
    precision: Interval
    lift: float
    rank_correlation: float
    hits: int


def friend_scores(ties: FriendGraph) -> pd.DataFrame:
    """Return friends, k_shell and h_index of each customer with a tie, indexed by customer_id.

    ties: the graph of friends.

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> friend_scores(ties).astype(int).loc["c"].to_dict()
    {'friends': 3, 'k_shell': 2, 'h_index': 2}
    """
    count = len(ties)
    columns = {
        "friends": ties.degrees,
        "k_shell": k_shell(ties.graph),
        "h_index": h_index(ties.ends, count),
    }
    return pd.DataFrame(columns, index=pd.Index(ties.names, name="customer_id"))


def answer_scores(links_of_answers: pd.DataFrame) -> pd.DataFrame:
    """Return answers and pagerank of each customer who posted or answered, indexed by customer_id.

    links_of_answers: author, customer_id, answers. PageRank runs from who answers to the author: against
        the way the word travels. PageRank: Brin and Page 1998.

    >>> given = pd.DataFrame({"author": ["a", "a"], "customer_id": ["b", "c"], "answers": [2, 1]})
    >>> answer_scores(given)["answers"].to_dict()
    {'a': 3.0, 'b': 0.0, 'c': 0.0}
    """
    both = np.concatenate([links_of_answers["customer_id"], links_of_answers["author"]]).astype(str)
    names, codes = np.unique(both, return_inverse=True)
    ends = codes.reshape(2, -1).T
    weight = links_of_answers["answers"].to_numpy(dtype=float)
    received = np.bincount(ends[:, 1], weight, len(names))
    columns = {"answers": received, "pagerank": pagerank(ends, len(names), weight=weight)}
    return pd.DataFrame(columns, index=pd.Index(names, name="customer_id"))


def judge_scores(scores: pd.DataFrame, later: np.ndarray, *, top: int) -> tuple[JudgedScore, ...]:
    """Judge each column of `scores` by what followed.

    later: float per row of `scores`, what is to be predicted. The top later are those who reach the
        `top`th largest outcome, all of them where several tie, but never those with 0. The interval is
        Wilson's on the list.

    >>> scores = pd.DataFrame({"friends": [9, 7, 2, 1], "answers": [1, 0, 8, 9]})
    >>> [row.hits for row in judge_scores(scores, np.array([4.0, 3.0, 0.0, 1.0]), top=2)]
    [2, 0]
    """
    edge = np.sort(later)[-top]
    best = (later >= edge) & (later > 0)
    return tuple(_judged(name, scores[name].to_numpy(dtype=float), later, best, top) for name in scores)


def top_list(score: np.ndarray, top: int) -> np.ndarray:
    """Return the rows of the `top` largest scores; of equal ones the first rows.

    >>> top_list(np.array([1.0, 5.0, 5.0]), 2).tolist()
    [1, 2]
    """
    return np.argsort(-score, kind="stable")[:top]


def _judged(name: str, score: np.ndarray, later: np.ndarray, best: np.ndarray, top: int) -> JudgedScore:
    hits = int(best[top_list(score, top)].sum())
    precision = wilson(hits, top).scaled(100)
    varies = len(np.unique(score)) > 1 and len(np.unique(later)) > 1
    return JudgedScore(
        name=name,
        precision=precision,
        lift=precision.estimate / max(100 * best.mean(), 1e-12),
        rank_correlation=float(spearmanr(score, later).statistic) if varies else 0.0,
        hits=hits,
    )
