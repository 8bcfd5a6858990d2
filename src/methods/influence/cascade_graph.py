"""A directed graph along which something passes with a chance of its own on every tie.

The independent cascade model (Kempe, Kleinberg & Tardos 2003, KDD): whoever is reached has one go at each
neighbour, which succeeds with the tie's chance, whatever else happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from methods.result import Result

_CELLS_AT_ONCE = 48_000_000  # of the table run × person that remembers who was reached, one byte each


@dataclass(frozen=True, kw_only=True)
class CascadeGraph(Result):
    """Ties grouped by the person they leave and by the one they reach.

    people: how many there are, numbered from 0. from_start, head, head_chance: the ties that leave person i
    are from_start[i]:from_start[i + 1]. to_start, tail, tail_chance: the same for the ties that reach i.
    """

    people: int
    from_start: np.ndarray
    head: np.ndarray
    head_chance: np.ndarray
    to_start: np.ndarray
    tail: np.ndarray
    tail_chance: np.ndarray

    @property
    def ties(self) -> int:
        """Number of directed ties."""
        return len(self.head)

    @property
    def out_degrees(self) -> np.ndarray:
        """Number of ties that leave each person."""
        return np.diff(self.from_start)


def cascade_graph(
    tail: np.ndarray, head: np.ndarray, chance: np.ndarray | float, *, people: int
) -> CascadeGraph:
    """Return the graph of these directed ties.

    tail, head: int, who passes on to whom, one entry a tie. chance: 0 to 1, one a tie or one for all.
    Raises ValueError on ends outside 0 … people − 1, on ties to oneself and on chances outside 0 to 1.

    >>> graph = cascade_graph(np.array([0, 0]), np.array([1, 2]), 0.5, people=3)
    >>> graph.out_degrees.tolist()
    [2, 0, 0]
    """
    tail, head = np.asarray(tail), np.asarray(head)
    chances = np.broadcast_to(np.asarray(chance, dtype=np.float32), tail.shape)
    _check(tail, head, chances, people)
    from_start, by_tail = _grouped(tail, people)
    to_start, by_head = _grouped(head, people)
    return CascadeGraph(
        people=people,
        from_start=from_start,
        head=head[by_tail].astype(np.int32),
        head_chance=chances[by_tail],
        to_start=to_start,
        tail=tail[by_head].astype(np.int32),
        tail_chance=chances[by_head],
    )


def _check(tail: np.ndarray, head: np.ndarray, chance: np.ndarray, people: int) -> None:
    ends = np.concatenate([tail, head])
    if len(ends) and not (ends.min() >= 0 and ends.max() < people):
        raise ValueError(f"ties name persons {ends.min()} to {ends.max()}; allowed are 0 to {people - 1}")
    if (tail == head).any():
        raise ValueError(f"tie {int(np.flatnonzero(tail == head)[0])} leads from a person to the same person")
    wrong = ~((chance >= 0) & (chance <= 1))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"tie {place} has the chance {chance[place]}; allowed are 0 to 1")


def _grouped(ends: np.ndarray, people: int) -> tuple[np.ndarray, np.ndarray]:
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=people))])
    return start, np.argsort(ends, kind="stable")


def reached(
    start: np.ndarray,
    neighbour: np.ndarray,
    chance: np.ndarray,
    *,
    first: np.ndarray,
    known: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return (run, person) of everybody reached in each run, those it began with included.

    start, neighbour, chance: ties by person, as in `CascadeGraph`. first: int (runs, seeds), whom each run
    begins with, all different within a run. known: bool, room for run × person, all False before and after.
    """
    people, (runs, seeds) = len(start) - 1, first.shape
    run, person = np.repeat(np.arange(runs, dtype=np.int64), seeds), first.ravel().astype(np.int64)
    known[run * people + person] = True
    all_runs, all_people = [run], [person]
    while len(run):
        low, many = start[person], start[person + 1] - start[person]
        owner = np.repeat(np.arange(len(run)), many)
        tie = np.arange(len(owner)) + np.repeat(low - np.cumsum(many) + many, many)
        passed = rng.random(len(tie), dtype=np.float32) < chance[tie]
        key = run[owner[passed]] * people + neighbour[tie[passed]]
        key = np.unique(key[~known[key]])
        known[key] = True
        run, person = key // people, key % people
        all_runs.append(run)
        all_people.append(person)
    run, person = np.concatenate(all_runs), np.concatenate(all_people)
    known[run * people + person] = False
    return run, person


def in_blocks(runs: int, people: int) -> tuple[Iterator[int], np.ndarray]:
    """Cut runs into blocks whose tables of run × person stay small; return their sizes and room for one."""
    block = int(np.clip(_CELLS_AT_ONCE // max(people, 1), 1, min(16_384, runs)))
    sizes = (min(block, runs - begun) for begun in range(0, runs, block))
    return sizes, np.zeros(block * people, dtype=bool)
