"""A8, second look: what changes in differences by own share and prompt when friends are counted?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.find_experiment import find_experiment
from helpers.data.share_study import Study, share_study
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.uplift.a08_spill_over.friend_circles import friend_circles
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, standard_error
from methods.regression.covariates import covariate_matrix
from methods.regression.least_squares import residualise

FEWEST_TIED, SEEN_DAYS = 100, 28
OWN_SHARE, OWN_PROMPT = "own share", "own prompt"
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class IgnoredNetwork:
    """Differences by an own share and an own prompt by plain regression, friends ignored and counted.

    They are not the figures of A1 and A2, which take other customers and other methods: only the change
    says something.

    comparisons: name -> (ignored, counted, counted minus ignored). friend_prompted: of one more friend
    drawn by chance to see the prompt; None without the test.
    """

    comparisons: dict[str, tuple[Interval, Interval, Interval]]
    friend_prompted: Interval | None
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an effect: effect, friends ignored, friends counted, change, low, high (points)."""
        rows = [
            (name, 100 * ignored.estimate, 100 * counted.estimate, *in_percent(change))
            for name, (ignored, counted, change) in self.comparisons.items()
        ]
        names = ["effect", "friends ignored", "friends counted", "change", "low", "high"]
        frame = pd.DataFrame(rows, columns=names)
        frame.attrs = {
            "people": None,
            "caption": WORDS.text("caption"),
            "formats": dict.fromkeys(names[1:], "+.2f"),
        }
        return frame

    def draw(self) -> Picture:
        """Draw each effect with friends ignored and counted."""
        largest = max(abs(change.estimate) for *_, change in self.comparisons.values())
        rows = [
            (WORDS.label("friends", named=name, label=label), effect, colour)
            for name, pair in self.comparisons.items()
            for label, effect, colour in zip(
                ("ignored", "counted"), pair[:2], (PALETTE[6], PALETTE[0]), strict=True
            )
        ]
        spoken = [f"{name} {interval(*in_percent(effect), unit='pp')}" for name, effect, _ in rows]
        title, alt = WORDS.picture("ignored network", self.findings, largest=100 * largest, spoken=spoken)
        figure, axes = canvas(title, height_inches=2.8)
        marks = [Mark(label=name, value=effect, scale=100, colour=colour) for name, effect, colour in rows]
        forest(axes, marks, x="pp more customers who buy again")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "shares.posted_at", "ties"))
def ignored_network(
    shop: Shop,
    *,
    experiment: str = "",
    enrol_days: int = 56,
    landmark_hours: int = 48,
    outcome_days: int = 90,
    seed: int = 1,
) -> IgnoredNetwork:
    """Fit the share study twice, once with friends' shares or friends' prompts held fixed.

    Friends are those whose tie stands at the customer's own order. experiment: name of the prompt's test;
    empty means the one declared as such. Friends in the test were prompted by
    chance, so, given how many were in it, the number prompted is drawn too (Aronow and Samii 2017). Both fits
    share their customers, so the change between them has an interval of its own. Raises CannotAnswer when
    fewer than 100 enrolled customers have friends.
    """
    shop = shop.while_known("shares")
    study = share_study(shop, enrol_days=enrol_days, landmark_hours=landmark_hours, outcome_days=outcome_days)
    frame = _with_friends(shop, study, _arms(shop, experiment), seed=seed)
    tied = int((frame["friends_here"] > 0).sum())
    if tied < FEWEST_TIED:
        raise CannotAnswer(WORDS.text("few tied", tied=tied, fewest_tied=FEWEST_TIED))
    if frame["circle"].nunique() < 2:
        raise CannotAnswer(WORDS.text("one circle"))
    if frame["repurchased"].nunique() < 2:
        raise CannotAnswer(WORDS.text("bought alike"))
    known = covariate_matrix(frame, study.covariates).matrix
    seen = _dose(frame["friends_shared"], frame["friends_here"])
    comparisons = {OWN_SHARE: _compare(frame, "shared", known, seen)}
    friend = None
    drawn = frame["prompted"].notna().to_numpy()
    if drawn.sum() >= FEWEST_TIED and frame["prompted"].nunique() == 2:
        here, traits = frame[drawn], known[drawn]
        friends = _dose(here["friends_prompted"], here["friends_drawn"])
        comparisons[OWN_PROMPT] = _compare(here, "prompted", traits, friends)
        rest = np.column_stack([traits, here["prompted"], friends[:, 1:]])
        friend = _slope(here, friends[:, 0], rest)[0]
    findings = _findings(comparisons, friend, study)
    return IgnoredNetwork(comparisons=comparisons, friend_prompted=friend, findings=findings)


def _arms(shop: Shop, experiment: str) -> pd.Series:
    """1.0 for customers drawn to see the prompt, 0.0 for control; empty without the test."""
    try:
        test = find_experiment(shop, kind="prompt", name=experiment)
    except CannotAnswer:
        return pd.Series(dtype=float)
    rows = shop["experiments"]
    drawn = rows.filter(rows.experiment == test.name).select("customer_id", "arm").execute()
    return (drawn.set_index("customer_id")["arm"] != test.control).astype(float)


def _with_friends(shop: Shop, study: Study, arms: pd.Series, *, seed: int) -> pd.DataFrame:
    """Add friends_here, friends_shared, friends_drawn, friends_prompted, own prompted, and the circle."""
    frame = study.frame.assign(prompted=study.frame["customer_id"].map(arms).astype(float))
    ties = shop["ties"].execute()
    circle = friend_circles(shop, frame["customer_id"], seed=seed)
    pairs = _standing_pairs(frame, ties)
    pairs["prompted"] = pairs["friend_id"].map(frame.set_index("customer_id")["prompted"]).astype(float)
    pairs["drawn"] = pairs["prompted"].notna()
    pairs["shared"] = _shared_meanwhile(shop, pairs, study.outcome_days)
    sums = pairs.groupby("customer_id").agg(
        friends_here=("friend_id", "size"), friends_shared=("shared", "sum"), friends_drawn=("drawn", "sum"),
        friends_prompted=("prompted", "sum"),
    )  # fmt: skip
    joined = frame.merge(sums, left_on="customer_id", right_index=True, how="left").assign(circle=circle)
    return joined.fillna(dict.fromkeys(sums.columns, 0.0))


def _standing_pairs(frame: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """One row an enrolled customer and friend whose tie stands at the customer's order."""
    there = ties.rename(columns={"customer_a": "customer_id", "customer_b": "friend_id"})
    back = ties.rename(columns={"customer_b": "customer_id", "customer_a": "friend_id"})
    rows = pd.concat([there, back]).merge(frame[["customer_id", "index_at", "landmark_at"]], on="customer_id")
    begun = rows["since_at"].isna() | (rows["since_at"] <= rows["index_at"])
    lasts = rows["until_at"].isna() | (rows["until_at"] > rows["index_at"])
    return rows[begun & lasts].reset_index(drop=True)


def _shared_meanwhile(shop: Shop, pairs: pd.DataFrame, outcome_days: int) -> np.ndarray:
    """Whether the friend posted between four weeks before the customer's order and the end of the outcome."""
    posts = shop["shares"].select("customer_id", "posted_at").execute()
    posts = posts.rename(columns={"customer_id": "friend_id"})
    rows = pairs.reset_index(names="pair").merge(posts, on="friend_id")
    opens = rows["index_at"] - pd.Timedelta(days=SEEN_DAYS)
    inside = (rows["posted_at"] >= opens) & (
        rows["posted_at"] <= rows["landmark_at"] + pd.Timedelta(days=outcome_days)
    )
    return np.isin(np.arange(len(pairs)), rows.loc[inside, "pair"]).astype(float)


def _dose(count: pd.Series, possible: pd.Series) -> np.ndarray:
    """How many friends did it, beside how many could have: columns count, possible, its log, none."""
    numbers = possible.to_numpy(dtype=float)
    return np.column_stack([count.to_numpy(dtype=float), numbers, np.log1p(numbers), numbers == 0])


def _compare(
    frame: pd.DataFrame, treatment: str, known: np.ndarray, friends: np.ndarray
) -> tuple[Interval, Interval, Interval]:
    t = frame[treatment].to_numpy(dtype=float)
    ignored, without = _slope(frame, t, known)
    counted, beside = _slope(frame, t, np.column_stack([known, friends]))
    change = counted.estimate - ignored.estimate
    error = standard_error(beside - without, frame["circle"].to_numpy())
    return ignored, counted, normal_interval(change, error, len(t))


def _slope(frame: pd.DataFrame, t: np.ndarray, rest: np.ndarray) -> tuple[Interval, np.ndarray]:
    """Coefficient of t beside the rest, clustered by circle, and each row's influence on it."""
    y, t = residualise(np.column_stack([frame["repurchased"], t]).astype(float), rest).T
    size = t @ t
    if size < 1e-9:
        raise CannotAnswer(WORDS.text("friends held fixed"))
    slope = t @ y / size
    influence = len(t) * t * (y - slope * t) / size
    error = standard_error(influence, frame["circle"].to_numpy())
    return normal_interval(slope, error, len(t)), influence


def _findings(
    comparisons: dict[str, tuple[Interval, Interval, Interval]],
    friend: Interval | None,
    study: Study,
) -> tuple[Finding, ...]:
    found = [
        WORDS.finding(
            "A8.change_a1" if name == OWN_SHARE else "A8.change_a2",
            change,
            scale=100,
            n=change.n,
            method=WORDS.text("method difference"),
            assumptions=(WORDS.text("assumption number of friends"),),
            ignored=100 * ignored.estimate,
            counted=100 * counted.estimate,
        )
        for name, (ignored, counted, change) in comparisons.items()
    ]
    if friend is None:
        return tuple(found)
    prompted = WORDS.finding(
        "A8.friend_prompted",
        friend,
        scale=100,
        n=friend.n,
        method=WORDS.text("method friends prompted"),
        assumptions=(WORDS.text("assumption drawn"),),
        verdict=effect_verdict(friend),
        outcome_days=study.outcome_days,
    )
    return *found, prompted
