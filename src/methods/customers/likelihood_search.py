"""The search for the largest likelihood that the models of customers share, over logarithms of parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.optimize import minimize

_MOST_AT_EDGE = 3
_OUT_OF_STEPS = 1  # status of scipy's search


class NotEstimable(ValueError):
    """The data hold too little to fit the model; the message says what is missing."""


@dataclass
class _Edge:
    """Stops a search that stays at the bound: `steps` in a row lie there."""

    bound: float
    steps: int = 0

    def holds(self, place: np.ndarray) -> bool:
        return bool((np.abs(place) > self.bound - 1e-6).any())

    def __call__(self, place: np.ndarray) -> None:
        self.steps = self.steps + 1 if self.holds(place) else 0
        if self.steps == _MOST_AT_EDGE:
            raise StopIteration


def search(
    objective: Callable[[np.ndarray], Any],
    start: np.ndarray,
    *,
    model: str,
    jac: Literal[True, "3-point"] = True,
    most_steps: int = 500,
    tolerance: float = 1e-13,
    bound: float = 12.0,
    most_calls: int = 15_000,
    inside: bool = False,
) -> tuple[np.ndarray, float]:
    """Return the logarithms at which the objective is least, and its value there.

    objective: minus the mean log-likelihood at logarithms of parameters; with its gradient where `jac` is
    True. model: its name, for the error. bound: how far
    a logarithm may lie from 0. most_calls: of the objective. inside: whether a least value at the bound is no
    answer. Raises NotEstimable where the search does not settle within its steps and calls or, with `inside`,
    at the bound.
    """
    edge = _Edge(bound)
    found = minimize(
        objective,
        start,
        jac=jac,
        method="L-BFGS-B",
        bounds=[(-bound, bound)] * len(start),
        callback=edge if inside else None,
        options={"maxiter": most_steps, "maxfun": most_calls, "ftol": tolerance, "gtol": 1e-8},
    )
    if not np.isfinite(found.fun) or found.nit == 0:
        raise NotEstimable(f"the fit of the {model} did not settle: {found.message}")
    if inside and edge.holds(found.x):
        raise NotEstimable(
            f"these data do not follow the {model}: its likelihood still grows where a parameter is "
            f"{np.exp(bound):,.0f} times or less than a {np.exp(bound):,.0f}th of its usual size"
        )
    if inside and found.status == _OUT_OF_STEPS:
        raise NotEstimable(
            f"the fit of the {model} did not settle within {found.nfev} trials: the data hardly tell its "
            "parameters apart"
        )
    return found.x, float(found.fun)
