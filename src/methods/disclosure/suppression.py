"""Complementary suppression: which further cells go, so that hidden ones keep room to move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from methods.disclosure.programme import NEARLY, checked, groups, together
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Suppression(Result):
    """Which cells go (n cells each).

    hidden: all that are not told. complementary: those of them that go only to cover others. open: primary
    cells that no hiding can cover, since what is known already gives them away. crowded: cells of groups that
    hang together in too large a number to be covered one by one, all hidden that can be.
    """

    hidden: NDArray[np.bool_]
    complementary: NDArray[np.bool_]
    open: NDArray[np.bool_]
    crowded: NDArray[np.bool_]


def complementary(
    values: ArrayLike,
    relations: csr_array,
    primary: ArrayLike,
    *,
    lowest: ArrayLike,
    highest: ArrayLike,
    hidden: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    known: ArrayLike | None = None,
    most_work: float = np.inf,
) -> Suppression:
    """Return a cheap set of cells to hide, so that each primary cell may be anything from lowest to highest.

    values: all cells, at least 0 (n). relations: which add up (sums by n; see `linked`). primary: cells that
    must not be told (n). lowest, highest: the ends that an attacker must be left with (n, or one for all).
    hidden: cells that go anyway (n). cost: of hiding a cell (n; default 1 + its value). known: cells that
    cannot be hidden any more, such as those of an earlier release (n). most_work: bound of the cost, in
    primary cells times the square of the cells that hang together with them, over all groups; beyond it the
    largest groups go whole.
    For each primary cell and each end the cheapest change of cells that moves it there and keeps all sums is
    found by a linear programme; the cells that it touches go. So the end is reached by cells that fit all
    that is told, which proves the room. Raises ValueError where values do not add up.
    Source: Kelly, Golden and Assad (1992), Cell suppression: disclosure protection for sensitive tabular
    data, Networks 22.

    >>> from methods.disclosure import linked
    >>> sums = linked([(3, [0, 1, 2])], cells=4)
    >>> few = [True, False, False, False]
    >>> complementary([3, 40, 300, 343], sums, few, lowest=0, highest=11).hidden.tolist()
    [True, True, False, False]
    """
    first = np.asarray(primary, dtype=bool)
    fixed = np.zeros(len(first), dtype=bool) if known is None else np.asarray(known, dtype=bool)
    gone = first | (np.zeros(len(first), dtype=bool) if hidden is None else np.asarray(hidden, dtype=bool))
    numbers = checked(np.asarray(values, dtype=float), relations, primary=first, hidden=gone, known=fixed)
    prices = 1.0 + numbers if cost is None else np.asarray(cost, dtype=float)
    ends = [np.broadcast_to(np.asarray(end, dtype=float), numbers.shape) for end in (lowest, highest)]
    before, uncovered = gone & ~fixed, first & fixed
    crowded = _crowded(relations, first & ~fixed, most_work=most_work)
    told_not = before | (crowded & ~fixed)
    for places, own in groups(relations, first & ~fixed & ~crowded):
        moves = _moves(numbers[places], first[places] & ~fixed[places], [end[places] for end in ends])
        highest_seen, lowest_seen = np.zeros(len(places)), np.zeros(len(places))
        for position, by in moves:
            if lowest_seen[position] - NEARLY <= by <= highest_seen[position] + NEARLY:
                continue  # a change found for another cell moves this one as far; a part of it fits as well
            price = np.where(told_not[places], 0.0, prices[places])
            free = ~fixed[places]
            change = _cheapest_change(position, by, own, numbers[places], price, free)
            if change is None:
                uncovered[places[position]] = True
            else:
                told_not[places[np.abs(change) > NEARLY]] = True
                np.maximum(highest_seen, change, out=highest_seen)
                np.minimum(lowest_seen, change, out=lowest_seen)
    return Suppression(hidden=told_not, complementary=told_not & ~before, open=uncovered, crowded=crowded)


def _crowded(relations: csr_array, first: NDArray[np.bool_], *, most_work: float) -> NDArray[np.bool_]:
    """Return the cells of the largest groups with primary cells, beyond what the bound of the cost allows."""
    of = together(relations)
    work = np.bincount(of, first) * np.bincount(of).astype(float) ** 2
    cheapest = np.argsort(work, kind="stable")
    beyond = np.zeros(len(work), dtype=bool)
    beyond[cheapest] = np.cumsum(work[cheapest]) > most_work
    return (beyond & (work > 0))[of]


def _moves(
    numbers: NDArray[np.float64], first: NDArray[np.bool_], ends: list[NDArray[np.float64]]
) -> Iterator[tuple[int, float]]:
    """Yield each primary cell with how far it must be able to move, the farthest first."""
    found = [
        (int(place), float(end[place] - numbers[place])) for end in ends for place in np.flatnonzero(first)
    ]
    yield from sorted(
        (move for move in found if abs(move[1]) > NEARLY), key=lambda move: (-abs(move[1]), move)
    )


def _cheapest_change(
    position: int,
    by: float,
    own: csr_array,
    numbers: NDArray[np.float64],
    price: NDArray[np.float64],
    free: NDArray[np.bool_],
) -> NDArray[np.float64] | None:
    """Return the cheapest change of cells that moves one by an amount, or None where there is none."""
    if not own.shape[0]:
        return np.zeros(len(numbers))
    most = np.where(free, np.inf, 0.0)
    least = np.where(free, numbers, 0.0)
    up, down = (
        np.column_stack([np.zeros(len(numbers)), most]),
        np.column_stack([np.zeros(len(numbers)), least]),
    )
    up[position], down[position] = (max(by, 0.0),) * 2, (max(-by, 0.0),) * 2
    found = linprog(
        np.tile(price, 2),
        A_eq=hstack([own, -own], format="csr"),
        b_eq=np.zeros(own.shape[0]),
        bounds=np.vstack([up, down]),
        method="highs",
    )
    if found.status == 2:
        return None
    if found.status != 0:
        raise RuntimeError(f"the programme of cell {position} did not end: {found.message}")
    return found.x[: len(numbers)] - found.x[len(numbers) :]
