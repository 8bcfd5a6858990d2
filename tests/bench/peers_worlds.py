"""DoubleML and EconML with boosted trees on the worlds that ours left in the folder."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from tests.bench.peers_uplift import OPTIONS
from tests.bench.worlds import Sample, put_to, summary

LOWEST_PROPENSITY = 0.01


def _trees(sample: Sample) -> tuple:
    """Learners of the outcome and of the treatment; both libraries get the same."""
    binary = bool(np.isin(sample.frame["y"], (0, 1)).all())
    outcome = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    return outcome(**OPTIONS), HistGradientBoostingClassifier(**OPTIONS)


def doubleml_irm(folder: Path, customers: int) -> None:
    """Interactive regression model, five folds; whole clusters in a fold where there are any."""
    import doubleml

    def _estimate(sample: Sample) -> tuple[float, float, str]:
        np.random.seed(sample.seed)  # the library draws its folds from the global generator
        clusters = None if sample.cluster is None else pd.factorize(sample.frame[sample.cluster])[0]
        data = doubleml.DoubleMLData.from_arrays(
            sample.matrix(), sample.frame["y"].to_numpy(dtype=float), sample.frame["t"].to_numpy(dtype=float),
            cluster_vars=clusters,
        )  # fmt: skip
        score = "ATTE" if sample.estimand == "att" else "ATE"
        fitted = doubleml.DoubleMLIRM(data, *_trees(sample), n_folds=5, score=score).fit()
        return float(fitted.coef[0]), float(fitted.se[0]), ""

    put_to(folder, "doubleml", _estimate)


def econml_dr(folder: Path, customers: int) -> None:
    """Doubly robust learner, five folds; for an effect on the treated its effects by covariates, averaged."""
    from econml.dr import LinearDRLearner

    warnings.filterwarnings("ignore", message="A column-vector y was passed")

    def _estimate(sample: Sample) -> tuple[float, float, str]:
        outcome, treatment = _trees(sample)
        x, y, t = sample.matrix(), sample.frame["y"].to_numpy(), sample.frame["t"].to_numpy(dtype=int)
        learner = LinearDRLearner(
            model_propensity=treatment, model_regression=outcome, cv=5, random_state=sample.seed,
            discrete_outcome=isinstance(outcome, HistGradientBoostingClassifier),
            min_propensity=LOWEST_PROPENSITY,
        )  # fmt: skip
        of_treated = sample.estimand == "att"
        learner.fit(y, t, X=x if of_treated else None, W=None if of_treated else x)
        found = learner.ate_inference(x[t == 1]) if of_treated else learner.effect_inference()
        value, error = (
            (found.mean_point, found.stderr_mean) if of_treated else (found.point_estimate, found.stderr)
        )
        return float(np.ravel(value)[0]), float(np.ravel(error)[0]), ""

    put_to(folder, "econml", _estimate)


def side_by_side(folder: Path, customers: int) -> None:
    """All methods on the samples that ours answered without a doubt, and on all samples."""
    answers = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("worlds_*.csv"))])
    ours = answers[(answers["method"] == "ours") & answers["doubt"].isna()]
    for name, kept in (
        ("all samples", answers),
        ("samples that ours answered without a doubt", answers.merge(ours[["world", "seed"]])),
    ):
        print(name)
        print(summary(kept.sort_values(["world", "method"])).to_string(index=False))


STAGES = (doubleml_irm, econml_dr, side_by_side)
