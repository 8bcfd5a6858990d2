"""A3: does more applause bring more repurchase, and how much of what sharing does runs through likes?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.share_study import Study
from helpers.data.shop import Shop
from helpers.report import (
    INK,
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    band_curve,
    canvas,
    dots,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.plain_names import plain_name
from helpers.uplift.a03_likes_dose_response.liked_study import liked_study
from helpers.uplift.gates import common_ground, counted
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.dose_response import DoseResponse, dose_response
from methods.adjust.mediation import Part, part_of
from methods.adjust.sensitivity import Benchmark, omitted_variable_benchmark
from methods.intervals.estimates import Interval
from methods.regression.covariates import Covariates, covariate_matrix

WORDS = words_beside(__file__)
BIN_STARTS = (0, 1, 3, 6, 10, 20)
FEWEST_IN_BIN = 25
LEAST_LEFT_OVER = 0.05
TEN = 10


@dataclass(frozen=True, kw_only=True)
class LikesDoseResponse:
    """The curve over likes, its check by groups, and the part of the share effect that runs through likes.

    response: terms are log(1 + likes) and, where a coupon starts at some likes, having reached them. curve:
    likes, effect, low, high against no likes, coupon left out. groups: likes (text), sharers, mean_likes,
    effect, low, high against the first group, without assuming a shape. part: through likes (and their
    coupon), of the whole effect of sharing on sharers. benchmark: what an unseen trait would leave of the
    curve's slope.
    """

    study: Study
    response: DoseResponse
    curve: pd.DataFrame
    groups: pd.DataFrame
    part: Part
    benchmark: Benchmark
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a group of likes: likes, sharers, effect against the first group, low, high (points)."""
        columns = {"effect": "points", "low": "low", "high": "high"}
        frame = self.groups[["likes", "sharers"]].copy()
        for name, shown in columns.items():
            frame[shown] = 100 * self.groups[name]
        formats = dict.fromkeys(columns.values(), "+.1f")
        caption = WORDS.text("caption", first=self.groups["likes"].iloc[0])
        frame.attrs = {"caption": caption, "formats": formats, "people": "sharers"}
        return frame

    def draw(self) -> Picture:
        """Draw the curve with its band and the groups, beside the share effect and its part."""
        rows = [
            ("whole effect of sharing\non sharers", self.part.whole),
            ("part through likes\n(and their coupon)", self.part.part),
        ]
        spoken = [
            f"{name.replace(chr(10), ' ')} {interval(*in_percent(value), unit='pp')}" for name, value in rows
        ]
        title, alt = WORDS.picture("likes", self.findings, parts=spoken)
        figure, axes = canvas(title, columns=2, width_inches=10.5, height_inches=4.0)
        self._draw_curve(axes[0, 0])
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[place])
            for place, (name, value) in enumerate(rows)
        ]
        forest(axes[0, 1], marks, x="pp more sharers who buy again")
        return Picture(figure, alt)

    def _draw_curve(self, panel: Axes) -> None:
        curve, groups = 100 * self.curve.drop(columns="likes"), self.groups
        band_curve(
            panel, self.curve["likes"], curve["effect"], low=curve["low"], high=curve["high"], label="curve",
            marker="",
        )  # fmt: skip
        slope = self.response.coefficients[0]
        shift = 100 * slope * np.log1p(groups["mean_likes"].iloc[0])
        middle, low, high = (100 * groups[name] + shift for name in ("effect", "low", "high"))
        panel.vlines(groups["mean_likes"], low, high, color=MUTED, linewidth=1)
        dots(panel, groups["mean_likes"], middle, colour=PALETTE[6], sizes=16, label="by groups")
        panel.axhline(0, color=INK, linewidth=0.8)
        panel.set_xlabel("likes received")
        panel.set_ylabel("pp more who buy again than without likes")
        panel.legend(loc="upper left")


@dataclass(frozen=True, kw_only=True)
class TenLikes:
    """What ten likes bring, alone."""

    findings: tuple[Finding, ...]


_NEEDS = ("orders.placed_at", "shares.posted_at", "reactions.posted_at")


@question(WORDS, needs=_NEEDS)
def likes_dose_response(
    shop: Shop,
    *,
    enrol_days: int = 56,
    share_hours: int = 48,
    like_hours: int = 48,
    follow_days: int = 92,
    coupon_likes: int = 20,
    seed: int = 1,
) -> LikesDoseResponse:
    """Compare sharers with more and fewer likes who were alike before, and sharers with those who did not.

    enrol_days: of orders that enrol, as in `share_gap`. share_hours: to post after the order; like_hours: to
    gather likes after that, when the landmark falls for everybody; follow_days: from the order to the end of
    the outcome. coupon_likes: likes that earn a coupon, whose effect is kept apart from that of the likes
    where at least 25 posts reached them; 0: there is none. Raises CannotAnswer below 200 sharers, or where
    all or none of them bought again.
    """
    study = liked_study(
        shop, enrol_days=enrol_days, share_hours=share_hours, like_hours=like_hours, follow_days=follow_days
    )
    told = _response(study, coupon_likes=coupon_likes, seed=seed)
    response, likes, outcome, coupon_likes = told.response, told.likes, told.outcome, told.coupon_likes
    whole = adjusted_effect(
        study.frame, outcome="repurchased", treatment="shared", covariates=study.covariates, seed=seed
    )
    # The slope of likes and the mean outcome of sharers are uncorrelated, as slope and mean always are.
    part = part_of(response.mean_effect(likes), whole.att)
    return LikesDoseResponse(
        study=study,
        response=response,
        part=part,
        benchmark=told.benchmark,
        curve=_curve(response, likes),
        groups=_groups(outcome, likes, told.covariates, seed),
        findings=(
            told.of_ten(study),
            _points(part, coupon_likes, study.landmark_hours),
            _percent(part, told.benchmark, coupon_likes, doubt=whole.doubt),
            _left_over(response),
            common_ground(
                WORDS, whole, study.frame["shared"].to_numpy(float), method=WORDS.text("ground method")
            ),
        ),
    )


@question(WORDS, needs=_NEEDS)
def ten_likes(
    shop: Shop,
    *,
    enrol_days: int = 56,
    share_hours: int = 48,
    like_hours: int = 48,
    follow_days: int = 92,
    coupon_likes: int = 20,
    seed: int = 1,
) -> TenLikes:
    """Return what ten likes bring as `likes_dose_response` does, for whoever asks only that, several times.

    Parameters and what is raised: as there.
    """
    study = liked_study(
        shop, enrol_days=enrol_days, share_hours=share_hours, like_hours=like_hours, follow_days=follow_days
    )
    return TenLikes(findings=(_response(study, coupon_likes=coupon_likes, seed=seed).of_ten(study),))


@dataclass(frozen=True, kw_only=True)
class _Response:
    """The curve over likes with what it was fitted to. coupon_likes: 0 where too few posts reached them."""

    response: DoseResponse
    benchmark: Benchmark
    covariates: Covariates
    outcome: np.ndarray
    likes: np.ndarray
    coupon_likes: int

    def of_ten(self, study: Study) -> Finding:
        alone = likes_alone(self.response, TEN)
        return _ten(alone, self.benchmark, study, self.likes, self.coupon_likes)


def _response(study: Study, *, coupon_likes: int, seed: int) -> _Response:
    sharers = study.frame[study.frame["shared"] == 1].reset_index(drop=True)
    x = covariate_matrix(sharers, study.covariates)
    outcome, likes = (sharers[name].to_numpy(dtype=float) for name in ("repurchased", "likes"))
    _demand_differences(outcome)
    if (likes >= coupon_likes).sum() < FEWEST_IN_BIN:
        coupon_likes = 0
    return _Response(
        response=dose_response(outcome, likes, x, terms=coupon_terms(coupon_likes), seed=seed),
        benchmark=omitted_variable_benchmark(x, np.log1p(likes), outcome),
        covariates=x,
        outcome=outcome,
        likes=likes,
        coupon_likes=coupon_likes,
    )


def coupon_terms(coupon_likes: int) -> Callable[[np.ndarray], np.ndarray]:
    """Return terms of a dose: log(1 + likes) and, above 0, whether `coupon_likes` were reached."""

    def terms(likes: np.ndarray) -> np.ndarray:
        logs = np.log1p(likes)[:, None]
        return np.column_stack([logs, likes >= coupon_likes]) if coupon_likes else logs

    return terms


def likes_alone(response: DoseResponse, likes: float) -> Interval:
    """Return the effect of this many likes against none, with the coupon as it would be without them."""
    weights = np.zeros(len(response.coefficients))
    weights[0] = np.log1p(likes)
    return response.contrast(weights.tolist())


def _demand_differences(outcome: np.ndarray) -> None:
    if len(outcome) and np.ptp(outcome) == 0:
        everybody = outcome[0] == 1
        raise CannotAnswer(WORDS.text("all alike", everybody=everybody, rows=len(outcome)) + ".")


def _curve(response: DoseResponse, likes: np.ndarray) -> pd.DataFrame:
    """The effect of likes alone up to the number that nineteen in twenty sharers stay below."""
    lines = []
    for dose in range(int(np.quantile(likes, 0.95)) + 1):
        found = likes_alone(response, dose)
        lines.append((dose, found.estimate, found.low, found.high))
    return pd.DataFrame(lines, columns=["likes", "effect", "low", "high"])


def _groups(outcome: np.ndarray, likes: np.ndarray, x: Covariates, seed: int) -> pd.DataFrame:
    """Effects of groups of likes against the first, by the same method without a curve."""
    number = np.searchsorted(BIN_STARTS, likes, side="right") - 1
    # Groups too small to tell are counted with the next smaller number of likes, the first with the next.
    kept = [place for place in range(len(BIN_STARTS)) if (number == place).sum() >= FEWEST_IN_BIN]
    if len(kept) < 2:
        raise CannotAnswer(WORDS.text("same likes"))
    group = np.maximum(np.searchsorted(kept, number, side="right") - 1, 0)

    def dummies(code: np.ndarray) -> np.ndarray:
        return (code[:, None] == np.arange(1, len(kept))[None, :]).astype(float)

    found = dose_response(outcome, group.astype(float), x, terms=dummies, repeats=2, seed=seed)
    lines = []
    for place in range(len(kept)):
        rows = group == place
        effect = found.effect_of(place)
        first, last = int(likes[rows].min()), int(likes[rows].max())
        # The most likes of all are one post's.
        open_end = place == len(kept) - 1
        name = (
            WORDS.label("or more", first=first)
            if open_end
            else f"{first}"
            if first == last
            else WORDS.label("to", first=first, last=last)
        )
        lines.append((name, int(rows.sum()), likes[rows].mean(), effect.estimate, effect.low, effect.high))
    return pd.DataFrame(lines, columns=["likes", "sharers", "mean_likes", "effect", "low", "high"])


def _assumptions(coupon_likes: int) -> tuple[str, ...]:
    return (
        WORDS.text("assumption unseen"),
        WORDS.text("assumption shape", coupon_likes=coupon_likes),
        WORDS.text("assumption bought"),
    )


def _kept(benchmark: Benchmark) -> float:
    """The part of the slope that an unseen twin of the strongest trait would leave."""
    return benchmark.remaining / benchmark.estimate if benchmark.estimate else 0.0


def _ten(ten: Interval, benchmark: Benchmark, study: Study, likes: np.ndarray, coupon_likes: int) -> Finding:
    return WORDS.finding(
        "A3.ten_likes_uplift",
        ten,
        scale=100,
        method=WORDS.text("curve method"),
        assumptions=_assumptions(coupon_likes),
        verdict=effect_verdict(ten),
        mean_likes=likes.mean(),
        landmark_hours=study.landmark_hours,
        outcome_days=study.outcome_days,
        robustness=benchmark.robustness,
        trait=plain_name(benchmark.covariate),
        kept=_kept(benchmark),
    )


def _points(part: Part, coupon_likes: int, landmark_hours: int) -> Finding:
    return WORDS.finding(
        "A3.points_through_likes",
        part.part,
        scale=100,
        method=WORDS.text("curve method"),
        assumptions=_assumptions(coupon_likes),
        verdict=effect_verdict(part.part),
        coupon_likes=coupon_likes,
        landmark_hours=landmark_hours,
        whole=interval(*in_percent(part.whole), unit="pp"),
    )


def _percent(part: Part, benchmark: Benchmark, coupon_likes: int, *, doubt: str) -> Finding:
    """The share is told only where its interval stays between none and all of the effect."""
    share = part.share
    if share is None or doubt or share.low < 0 or share.high > 1:
        whole = interval(*in_percent(part.whole), unit="pp")
        known = None if share is None else share.scaled(100)
        reason = WORDS.text("no bounds", doubt=doubt, share=known, whole=whole)
        return WORDS.skip("A3.percent_through_likes", f"{reason}.")
    return WORDS.finding(
        "A3.percent_through_likes",
        share,
        scale=100,
        method=WORDS.text("share method", curve=WORDS.text("curve method")),
        assumptions=(
            WORDS.text("assumption shared"),
            *(_assumptions(coupon_likes)[:2]),
            WORDS.text("assumption between"),
        ),
        verdict=effect_verdict(share),
        coupon_likes=coupon_likes,
        trait=plain_name(benchmark.covariate),
        kept=min(max(_kept(benchmark), 0.0), 1.0),
    )


def _left_over(response: DoseResponse) -> Finding:
    """Whether likes vary among sharers alike at all: else only the shape of the curve would speak."""
    # Fitted on other customers, a forecast that knows nothing misses by a little more than the mean does.
    left = min(float(response.left_over[0]), 1.0)
    return counted(
        WORDS,
        "A3.likes_left_over",
        left,
        n=len(response.influence),
        method=WORDS.text("left over method"),
        fails=left < LEAST_LEFT_OVER,
    )
