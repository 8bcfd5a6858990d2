"""Smooth curves and products of covariates, so that a penalised regression can bend and interact."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler

MANY_VALUES = 6


class SmoothTerms(TransformerMixin, BaseEstimator):
    """Turn covariates into themselves, their pairwise products, and a cubic spline of each that is smooth.

    Values beyond the 0.5 % and 99.5 % quantiles of the fitted rows are pulled to those. Up to
    `most_products` columns enter the products (those that vary most among 0/1 columns, all others first).

    >>> rng = np.random.default_rng(1)
    >>> rows = rng.normal(size=(100, 2))
    >>> SmoothTerms().fit(rows).transform(rows).shape[0]
    100
    """

    def __init__(self, *, knots: int = 5, most_products: int = 30) -> None:
        self.knots = knots
        self.most_products = most_products

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> SmoothTerms:
        """Learn the quantiles, the knots and the scale from X of shape (rows, columns)."""
        several = np.array([len(np.unique(column)) > MANY_VALUES for column in X.T])
        quantiles = np.quantile(X, (0.005, 0.995), axis=0)
        self.low_ = np.where(several, quantiles[0], X.min(axis=0))
        self.high_ = np.where(several, quantiles[1], X.max(axis=0))
        clipped = np.clip(X, self.low_, self.high_)
        self.smooth_ = np.flatnonzero(several & (np.ptp(clipped, axis=0) > 0))
        spread = clipped.std(axis=0)
        self.product_ = np.lexsort((-spread, ~several))[: self.most_products]
        self.scaler_ = StandardScaler().fit(clipped)
        self.products_ = PolynomialFeatures(2, interaction_only=True, include_bias=False)
        self.products_.fit(clipped[:1, self.product_])
        if len(self.smooth_):
            self.splines_ = SplineTransformer(
                self.knots, knots="quantile", include_bias=False, extrapolation="constant"
            ).fit(clipped[:, self.smooth_])
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return the terms, shape (rows, terms)."""
        clipped = np.clip(X, self.low_, self.high_)
        scaled = self.scaler_.transform(clipped)
        products = self.products_.transform(scaled[:, self.product_])[:, len(self.product_) :]
        terms = [scaled, products]
        if len(self.smooth_):
            terms.append(self.splines_.transform(clipped[:, self.smooth_]))
        return np.hstack(terms)
