"""Ridge regression in blocks of columns, each block with a penalty that the data choose."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri

ROUNDS = 8
UNPENALISED = 1e-3
LEAST, MOST = 0.05, 1e7


def solve(gram: np.ndarray, penalty: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Return (gram + diagonal penalty)⁻¹ pull."""
    return cho_solve(cho_factor(gram + np.diag(penalty)), pull)


def block_penalties(
    gram: np.ndarray,
    pull: np.ndarray,
    sizes: np.ndarray,
    start: np.ndarray,
    *,
    spare: tuple[float, int] | None,
) -> np.ndarray:
    """Return the penalty of every column, alike within a block; the first block stays free.

    gram, pull: of the weighted normal equations, (columns, columns) and (columns,).
    sizes, start: columns and first penalty of each block.
    spare: (sum of squares of the target, rows) where the noise is to be estimated; None where weights
        hold its inverse already, as for a share. Each penalty is the noise over the mean square of the
        block's coefficients by effective column, repeated until it settles (Schall 1991, Biometrika:
        variance components by restricted likelihood).
    """
    block = np.repeat(np.arange(len(sizes)), sizes)
    penalty = start.astype(float)
    for _ in range(ROUNDS):
        factor, lower = cho_factor(gram + np.diag(penalty[block]), lower=True)
        found = cho_solve((factor, lower), pull)
        inverse, _ = dpotri(factor, lower=True)
        shrunk = np.bincount(block, penalty[block] * np.diag(inverse), len(sizes))
        effective = np.maximum(sizes - shrunk, 1e-3)
        noise = 1.0
        if spare is not None:
            left = spare[0] - 2 * found @ pull + found @ gram @ found
            noise = max(left / max(spare[1] - effective.sum(), 1.0), 1e-12)
        squares = np.maximum(np.bincount(block, found**2, len(sizes)), 1e-12)
        penalty = np.clip(noise * effective / squares, LEAST, MOST)
        penalty[0] = UNPENALISED
    return penalty[block]
