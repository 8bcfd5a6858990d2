"""The search for the largest likelihood that the models of customers share, over logarithms of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from scipy.optimize import minimize


class NotEstimable(ValueError):
    """The data hold too little to fit the model; the message says what is missing."""


def search(
    objective: Callable[[np.ndarray], Any],
    start: np.ndarray,
    *,
    model: str,
    jac: Literal[True, "3-point"] = True,
    most_steps: int = 500,
    tolerance: float = 1e-13,
    bound: float = 12.0,
) -> tuple[np.ndarray, float]:
    """Return the logarithms at which the objective is least, and its value there.

    objective: minus the mean log-likelihood at logarithms of parameters; with its gradient where `jac` is
    True. model: its name, for the error. bound: how far
    a logarithm may lie from 0. Raises NotEstimable where the search does not settle.
    """
    found = minimize(
        objective,
        start,
        jac=jac,
        method="L-BFGS-B",
        bounds=[(-bound, bound)] * len(start),
        options={"maxiter": most_steps, "ftol": tolerance, "gtol": 1e-8},
    )
    if not np.isfinite(found.fun) or found.nit == 0:
        raise NotEstimable(f"the fit of the {model} did not settle: {found.message}")
    return found.x, float(found.fun)
