"""The covariates of this chapter are made as in every other one."""

from helpers.statistics.covariates import Covariates, covariate_matrix

__all__ = ["Covariates", "covariate_matrix"]
