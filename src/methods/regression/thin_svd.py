"""Singular values that are found where the quick routine gives up."""

from __future__ import annotations

import numpy as np
from scipy.linalg import svd


def thin_svd(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left vectors, singular values and right vectors of a matrix (rows, columns), as numpy does.

    The quick routine divides and conquers, and now and then does not converge (seen where linear algebra
    ran in two threads); QR steps, several times slower, then give the same numbers. Gaps raise ValueError.

    >>> thin_svd(np.diag([3.0, 4.0]))[1].tolist()
    [4.0, 3.0]
    """
    try:
        return np.linalg.svd(matrix, full_matrices=False)
    except np.linalg.LinAlgError:
        return svd(matrix, full_matrices=False, lapack_driver="gesvd", check_finite=True)
