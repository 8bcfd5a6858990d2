"""Reverse-reachable sets: who could have reached a person drawn by lot.

A list of seeds reaches a random person as often as it hits such a set (Borgs, Brautbar, Chayes & Lucier 2014,
SODA), so a sample of sets judges every list at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.influence.cascade_graph import CascadeGraph, in_blocks, reached
from methods.result import Result

MOST_MEMBERS = 30_000_000  # about 0.6 GB while greedy works on them


@dataclass(frozen=True, kw_only=True)
class ReverseSets(Result):
    """Sets one after another: set i is member[start[i]:start[i + 1]].

    people: of the graph. stopped_early: the cap on members was reached before all sets were drawn.
    """

    people: int
    start: np.ndarray
    member: np.ndarray
    stopped_early: bool

    def __len__(self) -> int:
        return len(self.start) - 1

    @property
    def mean_size(self) -> float:
        """Mean number of people in a set: how many one person at random would reach."""
        return float(self.start[-1] / max(len(self), 1))


def draw_reverse_sets(
    graph: CascadeGraph, *, sets: int, seed: int, most_members: int = MOST_MEMBERS
) -> ReverseSets:
    """Draw sets of those who would have reached a person picked by lot.

    sets: how many. most_members: drawing stops when all sets together hold so many people; above the tipping
    point every set holds a large part of the graph. Raises ValueError on fewer than one set.

    >>> from methods.influence import cascade_graph
    >>> graph = cascade_graph(np.array([0]), np.array([1]), 1.0, people=2)
    >>> sets = draw_reverse_sets(graph, sets=1000, seed=1)
    >>> 1.4 < sets.mean_size < 1.6
    True
    """
    if sets < 1:
        raise ValueError(f"sets is {sets}; allowed is 1 or more")
    rng = np.random.default_rng(seed)
    sizes, members, held, drawn = [], [], 0, 0
    blocks, known = in_blocks(sets, graph.people)
    for block in blocks:
        first = rng.integers(0, graph.people, (block, 1))
        run, person = reached(
            graph.to_start, graph.tail, graph.tail_chance, first=first, known=known, rng=rng
        )
        order = np.argsort(run, kind="stable")
        sizes.append(np.bincount(run, minlength=block))
        members.append(person[order].astype(np.int32))
        held, drawn = held + len(person), drawn + block
        if held >= most_members:
            break
    start = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return ReverseSets(
        people=graph.people, start=start, member=np.concatenate(members), stopped_early=drawn < sets
    )
