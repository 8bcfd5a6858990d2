"""A ridge by left-out errors: against the library that does the same, and where decompositions give up."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from methods.regression.least_squares import least_squares
from methods.regression.ridge_left_out import ridge_left_out

PENALTIES = (0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0)


def drawn(rows: int, columns: int, *, effect: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(rows)
    x = rng.normal(3.0, 2.0, size=(rows, columns))
    x[:, 1] = x[:, 0]  # the same thing twice
    return x, 5.0 + effect * x[:, 2] + rng.normal(size=rows)


@pytest.mark.parametrize(("rows", "columns"), [(400, 12), (60, 90)])
@pytest.mark.parametrize("effect", [0.0, 0.05, 3.0])
def test_it_is_the_ridge_of_scikit_learn(rows, columns, effect):
    x, y = drawn(rows, columns, effect=effect)
    ours, theirs = ridge_left_out(x, y, penalties=PENALTIES), RidgeCV(alphas=PENALTIES).fit(x, y)
    assert ours.penalty == theirs.alpha_
    assert ours.predict(x) == pytest.approx(theirs.predict(x), abs=1e-8)


def test_least_squares_are_found_where_the_quick_decomposition_gives_up(monkeypatch):
    x, y = drawn(200, 5, effect=1.0)
    before = least_squares(x, y)

    def gives_up(*arguments, **options):
        raise np.linalg.LinAlgError("SVD did not converge")

    monkeypatch.setattr(np.linalg, "svd", gives_up)
    after = least_squares(x, y)
    assert after.coefficients == pytest.approx(before.coefficients)
    assert after.robust == pytest.approx(before.robust)
