"""Jumps at a cut-off: sharp regression discontinuity, honest intervals, bunching, local randomisation."""

from methods.thresholds.density import Bunching, CutoffDensity, bunching, cutoff_density
from methods.thresholds.local_polynomial import TooThin
from methods.thresholds.local_randomisation import LocalDraw, local_randomisation
from methods.thresholds.rdd_honest_ci import HonestJump, rdd_honest_ci
from methods.thresholds.sharp_rdd import Jump, bandwidth_curve, donut_rdd, placebo_jumps, sharp_rdd

__all__ = [
    "Bunching",
    "CutoffDensity",
    "HonestJump",
    "Jump",
    "LocalDraw",
    "TooThin",
    "bandwidth_curve",
    "bunching",
    "cutoff_density",
    "donut_rdd",
    "local_randomisation",
    "placebo_jumps",
    "rdd_honest_ci",
    "sharp_rdd",
]
