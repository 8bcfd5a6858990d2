"""What is stored in a matrix of customers and products, and what only looks stored."""

from __future__ import annotations

from scipy.sparse import csr_array


def without_zeros(rows: csr_array) -> csr_array:
    """Return the matrix without stored zeros: a product of value 0 was not bought, and is not relevant.

    rows: customers x products; returned as it is where nothing stored is 0.

    >>> rows = csr_array(([1.0, 0.0], ([0, 0], [1, 2])), shape=(1, 3))
    >>> rows.nnz, without_zeros(rows).nnz
    (2, 1)
    """
    if (rows.data != 0).all():
        return rows
    kept = csr_array(rows, copy=True)
    kept.eliminate_zeros()
    return kept
