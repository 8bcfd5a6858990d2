"""E3: do reviews tell more of sellers when reviewers weigh by the fairness of what they gave?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import rankdata

from helpers.data.shop import Shop
from helpers.guardrails.sale_cases import SETTLE_DAYS, sold_lines
from helpers.report import CannotAnswer, Finding, Picture, bars, canvas, question, words_beside
from methods.intervals.estimates import Interval
from methods.intervals.resampling import percentile_interval
from methods.manipulation import fairness_goodness

WORDS = words_beside(__file__)
HISTORY_DAYS = 365
LEAST_GIVEN, FEWEST_REVIEWERS = 3, 100
FEWEST_SELLERS, FEWEST_REVIEWS, FEWEST_SALES = 10, 30, 30
_DRAWS = 999


@dataclass(frozen=True, kw_only=True)
class WeighedReviews:
    """Reviews before the last days: seller_id, customer_id, stars, fairness (of the giver, 0 to 1).

    sellers: one row a seller: plain, weighed (mean stars), kept (share of later sales that stayed sold).
    """

    reviews: pd.DataFrame = field(repr=False)
    sellers: pd.DataFrame = field(repr=False)
    days: int
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a number of reviews given: reviewers, their reviews, mean stars and mean fairness."""
        own = self.reviews.groupby("customer_id").agg(
            given=("stars", "size"), stars=("stars", "sum"), fairness=("fairness", "first")
        )
        classes = pd.cut(own["given"], [0, 1, 2, 5, np.inf], labels=["1", "2", "3 to 5", "6 or more"])
        sums = own.groupby(classes, observed=True).agg(
            reviewers=("given", "size"),
            reviews=("given", "sum"),
            stars=("stars", "sum"),
            fairness=("fairness", "mean"),
        )
        frame = pd.DataFrame(
            {
                "reviews given": sums.index.astype(str),
                "customers": sums["reviewers"].to_numpy(),
                "stars": (sums["stars"] / sums["reviews"]).to_numpy(),
                "fairness": sums["fairness"].to_numpy(),
            }
        )
        frame.attrs = {
            "people": "customers",
            "caption": WORDS.text("caption"),
            "formats": {"stars": ".2f", "fairness": ".2f"},
        }
        return frame

    def draw(self) -> Picture:
        """Draw the two rank correlations with later sales kept."""
        told = [(name, _rank_correlation(self.sellers, name)) for name in ("plain", "weighed")]
        title, alt = WORDS.picture("weighed", self.findings, told=told)
        figure, axes = canvas(title, x="rank correlation with later sales kept", height_inches=1.9)
        bars(axes, [name for name, _ in told], [one for _, one in told])
        return Picture(figure, alt)


@question(WORDS, needs=("reviews.posted_at", "reviews.rating", "items.seller_id", "returns.returned_at"))
def weighed_reviews(shop: Shop, *, days: int = 90, seed: int = 1) -> WeighedReviews:
    """Weigh each review by its giver's fairness, and see whether sellers' stars then foretell returns better.

    days: kept aside at the end to judge by; fairness and stars rest on the 365 days before. What is foretold
    is what customers do, not what they say: later sales that stayed sold. Raises CannotAnswer where too few
    customers gave several reviews, so that there is nothing to weigh, or too few sellers can be followed.
    """
    end = pd.Timestamp(shop.known_until("returns")) - pd.Timedelta(days=SETTLE_DAYS)
    cut = end - pd.Timedelta(days=days)
    reviews = _given(shop, cut)
    given = reviews.groupby("customer_id")["seller_id"].agg(["size", "nunique"])
    known = int(((given["size"] >= LEAST_GIVEN) & (given["nunique"] > 1)).sum())
    if known < FEWEST_REVIEWERS:
        raise CannotAnswer(
            WORDS.text("nothing to weigh", found=known, least=LEAST_GIVEN, days=days, fewest=FEWEST_REVIEWERS)
            + "."
        )
    reviews = reviews.assign(fairness=_fairness(reviews))
    sellers = _sellers(reviews, sold_lines(shop), cut, end)
    if len(sellers) < FEWEST_SELLERS or sellers["kept"].nunique() < 2:
        raise CannotAnswer(
            WORDS.text("few sellers", fewest=FEWEST_SELLERS, reviews=FEWEST_REVIEWS, sales=FEWEST_SALES) + "."
        )
    gain = WORDS.finding(
        "E3.reviewers_gain",
        _gain(sellers, seed=seed),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("others right"),),
        plain=_rank_correlation(sellers, "plain"),
        weighed=_rank_correlation(sellers, "weighed"),
        days=days,
    )
    return WeighedReviews(reviews=reviews, sellers=sellers, days=days, findings=(gain,))


def _given(shop: Shop, cut: pd.Timestamp) -> pd.DataFrame:
    """The reviews of the year before a moment: customer_id, seller_id, stars."""
    since = cut - pd.Timedelta(days=HISTORY_DAYS)
    rows = shop["reviews"].filter(
        _.posted_at.notnull() & _.rating.notnull() & (_.posted_at > since) & (_.posted_at <= cut)
    )
    items = shop["items"].select("item_id", "seller_id")
    rows = rows.select("review_id", "customer_id", "item_id", stars=_.rating.cast("float64"))
    found = rows.join(items, "item_id").filter(_.seller_id.notnull() & _.customer_id.notnull())
    return found.order_by("review_id").select("customer_id", "seller_id", "stars").execute()


def _fairness(reviews: pd.DataFrame) -> np.ndarray:
    """The fairness of each review's giver; stars from the fewest to the most given are −1 to 1."""
    giver, customers = pd.factorize(reviews["customer_id"])
    receiver, sellers = pd.factorize(reviews["seller_id"])
    low, high = reviews["stars"].min(), reviews["stars"].max()
    rating = (2 * reviews["stars"] - low - high) / max(high - low, 1.0)
    people = len(customers) + len(sellers)
    found = fairness_goodness(giver, receiver + len(customers), rating.to_numpy(), people=people)
    return found.fairness[giver]


def _sellers(
    reviews: pd.DataFrame, lines: pd.DataFrame, cut: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    reviews = reviews.assign(part=reviews["fairness"] * reviews["stars"])
    own = reviews.groupby("seller_id").agg(
        many=("stars", "size"), plain=("stars", "mean"), part=("part", "sum"), fair=("fairness", "sum")
    )
    later = lines[(lines["placed_at"] > cut) & (lines["placed_at"] <= end) & lines["returned"].notna()]
    sold = later.groupby("seller_id")["returned"].agg(["size", "mean"])
    rows = own.assign(weighed=own["part"] / own["fair"]).join(sold, how="inner")
    rows = rows[(rows["many"] >= FEWEST_REVIEWS) & (rows["size"] >= FEWEST_SALES)]
    return rows.assign(kept=1 - rows["mean"])[["plain", "weighed", "kept"]]


def _rank_correlation(sellers: pd.DataFrame, name: str) -> float:
    return _spearman(sellers[[name, "kept"]].to_numpy())


def _spearman(pairs: np.ndarray) -> float:
    """Spearman's correlation of two columns; 0 where one of them does not vary."""
    ranks = rankdata(pairs, axis=0)
    away = ranks - ranks.mean(axis=0)
    spread = np.sqrt((away**2).sum(axis=0).prod())
    return float(away.prod(axis=1).sum() / spread) if spread > 0 else 0.0


def _gain(sellers: pd.DataFrame, *, seed: int) -> Interval:
    """How much nearer the weighed stars come; the interval resamples sellers."""
    values = sellers[["plain", "weighed", "kept"]].to_numpy()

    def gain(rows: np.ndarray) -> float:
        return _spearman(rows[:, [1, 2]]) - _spearman(rows[:, [0, 2]])

    drawn = np.random.default_rng(seed).integers(0, len(values), (_DRAWS, len(values)))
    low, high = percentile_interval(np.array([gain(values[rows]) for rows in drawn]))
    return Interval(estimate=gain(values), low=float(low), high=float(high), n=len(values))
