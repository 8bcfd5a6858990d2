"""Effects of what people chose to do, compared with people who were alike before."""

from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.bootstrap_coverage import BootstrapCoverage, simulated_coverage, with_coverage
from methods.adjust.comparisons import regression_adjusted, shuffled_treatment, weighted_difference
from methods.adjust.dose_response import DoseResponse, dose_response
from methods.adjust.empirical_calibration import (
    Calibrated,
    SystematicError,
    calibrated_interval,
    systematic_error,
)
from methods.adjust.exposure_effect import ExposureEffect, exposure_effects
from methods.adjust.known_zeros import KnownZeros, calibrated_on, known_zeros
from methods.adjust.left_in_cells import LeftInCells, left_in_cells
from methods.adjust.mediation import Part, part_of
from methods.adjust.overlap import Overlap, balance
from methods.adjust.post_stratification import post_stratified_difference
from methods.adjust.sensitivity import (
    Benchmark,
    benchmarks,
    e_value,
    omitted_variable_benchmark,
    robustness_value,
)
from methods.adjust.within_items import WithinGroups, within_groups

__all__ = [
    "AdjustedEffect",
    "Benchmark",
    "BootstrapCoverage",
    "Calibrated",
    "DoseResponse",
    "ExposureEffect",
    "KnownZeros",
    "LeftInCells",
    "Overlap",
    "Part",
    "SystematicError",
    "WithinGroups",
    "adjusted_effect",
    "balance",
    "benchmarks",
    "calibrated_interval",
    "calibrated_on",
    "dose_response",
    "e_value",
    "exposure_effects",
    "known_zeros",
    "left_in_cells",
    "omitted_variable_benchmark",
    "part_of",
    "post_stratified_difference",
    "regression_adjusted",
    "robustness_value",
    "shuffled_treatment",
    "simulated_coverage",
    "systematic_error",
    "weighted_difference",
    "with_coverage",
    "within_groups",
]
