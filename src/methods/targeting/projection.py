"""Along which traits an effect differs: the best linear projection of customers' effects on their traits."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.counts import count
from methods.regression.covariates import Covariates
from methods.regression.least_squares import least_squares

FEWEST_A_COLUMN = 20


def best_linear_projection(
    score: np.ndarray, traits: Covariates, *, cluster: np.ndarray | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Return how the effect changes with each trait, all others held equal.

    score: doubly robust scores (rows,), of rows on which nothing was chosen.
    traits: known before; numbers count by one standard deviation, 0/1 columns as they are.
    cluster: (rows,) labels of dependent rows. Columns: trait (column of `traits`), source, slope, low,
        high (units of the outcome), p_value.
    Raises ValueError with fewer than 20 rows a column. Least squares with a robust interval: Semenova and
    Chernozhukov 2021 (Econometrics Journal 24). A projection is no model: it holds however effects bend.

    >>> from methods.regression.covariates import covariate_matrix
    >>> rng = np.random.default_rng(1)
    >>> traits = covariate_matrix(pd.DataFrame({"age": rng.normal(size=200)}), ["age"])
    >>> found = best_linear_projection(2 * traits.matrix[:, 0] + rng.normal(size=200), traits)
    >>> found["trait"].tolist(), bool(found["low"].iloc[0] > 1)
    (['age'], True)
    """
    score = np.asarray(score, dtype=float)
    rows, columns = traits.matrix.shape
    if not columns or rows < FEWEST_A_COLUMN * columns:
        raise ValueError(
            f"{count(rows, 'row carries', 'rows carry')} no projection on {count(columns, 'column')}; "
            f"{FEWEST_A_COLUMN} a column are needed"
        )
    binary = np.array([np.isin(column, (0.0, 1.0)).all() for column in traits.matrix.T])
    size = np.where(binary, 1.0, traits.matrix.std(axis=0))
    design = np.column_stack([np.ones(rows), (traits.matrix - traits.matrix.mean(axis=0)) / size])
    fit = least_squares(design, score, cluster)
    slope, error = fit.coefficients[1:], np.sqrt(np.diag(fit.robust)[1:])
    reach = norm.ppf(0.5 + level / 2) * error
    return pd.DataFrame(
        {
            "trait": traits.names,
            "source": traits.sources,
            "slope": slope,
            "low": slope - reach,
            "high": slope + reach,
            "p_value": 2 * norm.sf(np.abs(slope) / error),
        }
    )
