"""Numbers of a simulator fitted to what was observed: history matching, then regression-adjusted ABC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import qmc

from methods.counts import count
from methods.errors import CannotAnswer
from methods.result import Result

IMPLAUSIBLE = 3.0
FEWEST_DRAWS = 32
_KEPT = 0.5
_TRIED, _ENOUGH, _ROUNDS = 20_000, 100, 12


@dataclass(frozen=True, kw_only=True)
class MomentsFit(Result):
    """Draws of the numbers that reproduce what was observed.

    draws: equally likely, float (draws, numbers). plausible: part of the box that history matching could
    not rule out. reached: each observed moment, the middle and the spread of what the fitted draws give
    before noise, float (moments, 3).
    """

    draws: NDArray[np.float64] = field(repr=False)
    plausible: float
    reached: NDArray[np.float64] = field(repr=False)


def sobol(lower: ArrayLike, upper: ArrayLike, draws: int, *, seed: int = 1) -> NDArray[np.float64]:
    """Return evenly spread points of a box (scrambled Sobol), float (draws, numbers).

    lower, upper: ends of each number. draws: points; a power of 2 spreads best.

    >>> sobol([0, 10], [1, 20], 4).shape
    (4, 2)
    """
    low, high = (np.asarray(side, dtype=float) for side in (lower, upper))
    if low.shape != high.shape or (low > high).any():
        raise ValueError(f"the box has lower ends {low.tolist()} and upper ends {high.tolist()}")
    sampler = qmc.Sobol(len(low), rng=np.random.default_rng(seed))
    points = sampler.random_base2(int(np.ceil(np.log2(max(draws, 2)))))[:draws]
    return low + points * (high - low)


def fit_moments(
    simulate: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    lower: ArrayLike,
    upper: ArrayLike,
    observed: ArrayLike,
    errors: ArrayLike,
    names: Sequence[str] = (),
    draws: int = 128,
    waves: int = 2,
    seed: int = 1,
) -> MomentsFit:
    """Return the draws of a simulator's numbers that give the observed moments.

    simulate: numbers (draws, numbers) to moments (draws, moments). lower, upper: the box in which a number is
    equally likely beforehand. observed: the moments; errors: the standard error of each. names: of the
    moments, for messages. draws: of each wave. waves: how many, all but the last to rule out.

    The first wave covers the box; draws with a moment more than 3 errors away are ruled out, by a quadratic
    emulator with its own error (history matching, Craig et al. 1997). The last wave covers what is left.
    Its moments get noise like the observed ones; the half that lies nearest is moved along a local-linear
    regression to what was observed (Beaumont, Zhang and Balding 2002, Epanechnikov weights). Raises
    CannotAnswer where no draw comes near.

    >>> fit = fit_moments(lambda x: x, lower=[0.0], upper=[1.0], observed=[0.3], errors=[0.01])
    >>> bool(abs(fit.draws.mean() - 0.3) < 0.01)
    True
    """
    if draws < FEWEST_DRAWS:
        raise ValueError(f"draws is {draws}; a fit needs at least {FEWEST_DRAWS}")
    target, error = np.asarray(observed, dtype=float), np.asarray(errors, dtype=float)
    if not (np.isfinite(target).all() and (error > 0).all()):
        raise ValueError("every observed moment must be a number with an error above 0")
    low, high = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    rng = np.random.default_rng(seed)
    box, plausible = (low, high), 1.0
    for wave in range(waves - 1):
        numbers = sobol(*box, draws, seed=seed + wave)
        box, part = _matched(numbers, simulate(numbers), target, error, *box, rng, names)
        plausible *= part
    numbers = sobol(*box, draws, seed=seed + waves)
    moments = simulate(numbers)
    noisy = moments + error * rng.standard_normal(moments.shape)
    fitted = _adjusted(numbers, noisy, target, error, box, rng)
    near = _nearest(noisy, target, error)
    reached = np.column_stack([target, moments[near].mean(axis=0), moments[near].std(axis=0)])
    return MomentsFit(draws=fitted, plausible=plausible, reached=reached)


def _matched(
    numbers: NDArray[np.float64],
    moments: NDArray[np.float64],
    target: NDArray[np.float64],
    error: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    rng: np.random.Generator,
    names: Sequence[str],
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], float]:
    """The box around what is not implausible, and how much of the first box that is."""
    scale = np.where(high > low, high - low, 1.0)
    unit = (numbers - low) / scale
    inner, outer, volume = np.zeros(len(low)), np.where(high > low, 1.0, 0.0), 1.0
    for zoom in range(_ROUNDS):
        tried = inner + rng.random((_TRIED, len(low))) * (outer - inner)
        away = _implausibility(unit, moments, target, error, tried, names if zoom == 0 else None)
        kept = tried[away <= IMPLAUSIBLE]
        if len(kept) >= _ENOUGH:
            break
        # What is plausible may be a speck of a box of many numbers: look again around the nearest points.
        near = tried[np.argsort(away, kind="stable")[: _TRIED // 20]]
        room = 0.1 * np.ptp(near, axis=0)
        wide = np.prod(np.where(outer > inner, outer - inner, 1.0))
        inner, outer = np.maximum(near.min(axis=0) - room, inner), np.minimum(near.max(axis=0) + room, outer)
        volume *= np.prod(np.where(outer > inner, outer - inner, 1.0)) / wide
    else:
        raise CannotAnswer(
            f"no simulated shop comes near this one in all of {count(len(target), 'moment')} at once"
        )
    room = 0.1 * np.ptp(kept, axis=0) + 0.002
    least, most = np.maximum(kept.min(axis=0) - room, 0), np.minimum(kept.max(axis=0) + room, 1)
    return (low + least * (high - low), low + most * (high - low)), float(volume * len(kept) / _TRIED)


def _implausibility(
    numbers: NDArray[np.float64],
    moments: NDArray[np.float64],
    target: NDArray[np.float64],
    error: NDArray[np.float64],
    tried: NDArray[np.float64],
    names: Sequence[str] | None,
) -> NDArray[np.float64]:
    """How many errors the worst moment of each tried point lies from what was observed.

    names: of the moments, to refuse one that no point of the whole box comes near; None within a part of it.
    """
    worst = np.zeros(len(tried))
    for place in range(len(target)):
        told, spread = _emulated(numbers, moments[:, place], tried)
        away = np.abs(told - target[place]) / np.hypot(error[place], spread)
        if names is not None and away.min() > IMPLAUSIBLE:
            name = names[place] if names else f"moment {place}"
            raise CannotAnswer(
                f"no simulated shop comes near this one: {name} is {target[place]:.4g}, simulated ones have "
                f"{moments[:, place].min():.4g} to {moments[:, place].max():.4g}"
            )
        worst = np.maximum(worst, away)
    return worst


def _emulated(
    numbers: NDArray[np.float64], values: NDArray[np.float64], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """A quadratic fit of one moment, what it says elsewhere, and the spread of what it misses."""
    basis = _quadratic(numbers)
    fit, *_ = np.linalg.lstsq(basis, values, rcond=None)
    left = max(len(values) - basis.shape[1], 1)
    spread = np.sqrt(((values - basis @ fit) ** 2).sum() / left)
    return _quadratic(at) @ fit, float(spread)


def _quadratic(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    crossed = [numbers[:, i] * numbers[:, j] for i in range(numbers.shape[1]) for j in range(i + 1)]
    return np.column_stack([np.ones(len(numbers)), numbers, *crossed])


def _nearest(
    moments: NDArray[np.float64], target: NDArray[np.float64], error: NDArray[np.float64]
) -> NDArray[np.int64]:
    away = np.sqrt((((moments - target) / np.hypot(error, moments.std(axis=0))) ** 2).sum(axis=1))
    return np.argsort(away, kind="stable")[: max(int(_KEPT * len(moments)), FEWEST_DRAWS // 2)]


def _adjusted(
    numbers: NDArray[np.float64],
    moments: NDArray[np.float64],
    target: NDArray[np.float64],
    error: NDArray[np.float64],
    box: tuple[NDArray[np.float64], NDArray[np.float64]],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Move the nearest draws along the regression of numbers on moments; drawn anew by their weights."""
    near = _nearest(moments, target, error)
    gap = (moments[near] - target) / error
    away = np.sqrt((gap**2).sum(axis=1))
    weight = 1 - (away / (away.max() * 1.000_001)) ** 2
    low, high = box
    inner = np.log((numbers[near] - low + 1e-12) / (high - numbers[near] + 1e-12))
    free = high > low
    design = np.column_stack([np.ones(len(near)), gap])
    root = np.sqrt(weight)[:, None]
    slope, *_ = np.linalg.lstsq(root * design, root * inner, rcond=None)
    moved = inner - gap @ slope[1:]
    back = low + (high - low) / (1 + np.exp(-moved))
    drawn = rng.choice(len(near), size=len(numbers), p=weight / weight.sum())
    return np.where(free, back[drawn], low)
