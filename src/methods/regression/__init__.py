"""Least squares, log-linear fits and covariate matrices, with variances that forgive what they must."""

from methods.regression.clustered import ClusteredFit, clustered_fit, ratio_of_contrasts
from methods.regression.covariates import Covariates, covariate_matrix
from methods.regression.least_squares import LeastSquares, least_squares
from methods.regression.loglinear import LogLinearFit, loglinear_fit
from methods.regression.ridge_left_out import Ridge, ridge_left_out

__all__ = [
    "ClusteredFit",
    "Covariates",
    "LeastSquares",
    "LogLinearFit",
    "Ridge",
    "clustered_fit",
    "covariate_matrix",
    "least_squares",
    "loglinear_fit",
    "ratio_of_contrasts",
    "ridge_left_out",
]
