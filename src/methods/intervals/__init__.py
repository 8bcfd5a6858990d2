"""Intervals, tests and their adjustment: what every other family states its numbers with."""

from methods.intervals.calibration import Calibration, calibration, ranking
from methods.intervals.clustered_means import ClusteredMeans, Mean, clustered_means
from methods.intervals.estimates import (
    Interval,
    above_zero,
    bootstrap,
    net_score,
    ratio_from_sums,
    ratio_of_sums,
    share_difference,
    share_when_told,
    share_within_bounds,
    square_and_add,
    wilson,
)
from methods.intervals.exact_shares import exact_share, share_beyond_expected
from methods.intervals.few_events import combined_rates
from methods.intervals.influence import (
    crossed_error,
    excludes,
    normal_interval,
    relative_lift,
    standard_error,
)
from methods.intervals.multiplicity import benjamini_hochberg, holm, holm_level
from methods.intervals.paired_shares import differing_few, paired_share_difference, ratio_of_few
from methods.intervals.population_stability import stability_index
from methods.intervals.resampling import bootstrap_means, flip_test, leave_out_groups, percentile_interval
from methods.intervals.sample_size import power_of, sample_per_arm, smallest_difference
from methods.intervals.shrinkage import Pooled, pooled_shares
from methods.intervals.studentised_means import studentised_means
from methods.intervals.trend import Trend, trend

__all__ = [
    "Calibration",
    "ClusteredMeans",
    "Interval",
    "Mean",
    "Pooled",
    "Trend",
    "above_zero",
    "benjamini_hochberg",
    "bootstrap",
    "bootstrap_means",
    "calibration",
    "clustered_means",
    "combined_rates",
    "crossed_error",
    "differing_few",
    "exact_share",
    "excludes",
    "flip_test",
    "holm",
    "holm_level",
    "leave_out_groups",
    "net_score",
    "normal_interval",
    "paired_share_difference",
    "percentile_interval",
    "pooled_shares",
    "power_of",
    "ranking",
    "ratio_from_sums",
    "ratio_of_few",
    "ratio_of_sums",
    "relative_lift",
    "sample_per_arm",
    "share_beyond_expected",
    "share_difference",
    "share_when_told",
    "share_within_bounds",
    "smallest_difference",
    "square_and_add",
    "stability_index",
    "standard_error",
    "studentised_means",
    "trend",
    "wilson",
]
