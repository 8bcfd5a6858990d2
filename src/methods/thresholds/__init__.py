"""Jumps at a cut-off: sharp regression discontinuity, honest intervals, bunching, local randomisation."""

from methods.thresholds.density import Bunching, CutoffDensity, bunching, cutoff_density, score_counts
from methods.thresholds.local_polynomial import (
    Side,
    TooThin,
    best_bandwidths,
    boundary_weights,
    factorial,
    neighbour_residuals,
    repeats,
    weights_variance,
)
from methods.thresholds.local_randomisation import LocalDraw, local_randomisation, permutation_p
from methods.thresholds.rdd_honest_ci import HonestJump, curvature_by_rule, rdd_honest_ci, worst_bias
from methods.thresholds.sharp_rdd import Jump, bandwidth_curve, donut_rdd, placebo_jumps, sharp_rdd, sides

__all__ = [
    "Bunching",
    "CutoffDensity",
    "HonestJump",
    "Jump",
    "LocalDraw",
    "Side",
    "TooThin",
    "bandwidth_curve",
    "best_bandwidths",
    "boundary_weights",
    "bunching",
    "curvature_by_rule",
    "cutoff_density",
    "donut_rdd",
    "factorial",
    "local_randomisation",
    "neighbour_residuals",
    "permutation_p",
    "placebo_jumps",
    "rdd_honest_ci",
    "repeats",
    "score_counts",
    "sharp_rdd",
    "sides",
    "weights_variance",
    "worst_bias",
]
