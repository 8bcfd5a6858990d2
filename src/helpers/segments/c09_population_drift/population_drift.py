"""C9, second part: has the customer base as a whole changed since an earlier date?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from sklearn.metrics import adjusted_rand_score

from helpers.data.customer_features import Axes as HabitAxes
from helpers.data.customer_features import customer_features
from helpers.data.customer_groups import groups_before
from helpers.data.customer_history import history_frame, last_day, shop_before
from helpers.data.lifecycle_stages import lifecycle_stages
from helpers.data.shop import Shop
from helpers.report import (
    SEQUENTIAL,
    CannotAnswer,
    Failed,
    Finding,
    Mark,
    Picture,
    Skipped,
    canvas,
    forest,
    heat_map,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import count
from helpers.report.plain_names import plain_name
from helpers.report.question import without
from helpers.report.reasons import bare
from methods.customers.clustering import Grouping
from methods.customers.tiers import TIERS, TierRules
from methods.intervals.agreement import matched
from methods.intervals.estimates import Interval, bootstrap, wilson
from methods.intervals.population_stability import SHIFTED, STEADY, stability_index

WORDS = words_beside(__file__)
_SMALLEST = 11  # people; smaller cells are not shown
_LEAST = 100


class Segments(Protocol):
    """The answer to C2. members: one row a customer with customer_id, segment (number from 1)."""

    @property
    def members(self) -> pd.DataFrame: ...

    @property
    def grouping(self) -> Grouping: ...


@dataclass(frozen=True, kw_only=True)
class PopulationDrift:
    """The customers today beside those of `days` earlier.

    features: one row a feature with stability index, low, high, then, now (means), n. moves: customers
    known at both dates, tier then (rows) by tier now (columns). segments: the same by segment, None when
    not asked for.
    """

    features: pd.DataFrame
    moves: pd.DataFrame
    segments: pd.DataFrame | None
    days: int
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the stability index of every feature, and where the customers of each tier went."""
        largest = self.features.iloc[0]
        told = [f"{row.feature} {row.index:.2f}" for row in self.features.head(5).itertuples(index=False)]
        facts = {"days": self.days, "feature": largest["feature"], "index": largest["index"]}
        change = change_words(largest["index"])
        title, alt = WORDS.picture("drift", self.findings, change=change, first=told, **facts)
        height = 1.4 + 0.28 * max(len(self.features), 8)
        figure, panels = canvas(title, columns=2, width_inches=12, height_inches=height)
        left, right = panels[0]
        marks = [Mark(label=row.feature, value=_index(row)) for row in self.features.itertuples(index=False)]
        forest(left, marks, x=WORDS.label("stability index below no", steady=STEADY, shifted=SHIFTED))
        for limit in (STEADY, SHIFTED):
            reference_line(left, limit)
        image = _draw_moves(right, self.moves)
        figure.colorbar(image, ax=right, label="% of the tier then", shrink=0.8)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a feature: its mean then and now, and the stability index."""
        headers = {
            "feature": "feature",
            "then": WORDS.label("mean ago", days=count(self.days, "day")),
            "now": "mean now",
            "index": "stability index",
            "low": "from",
            "high": "to",
            "reading": "reading",
        }
        frame = self.features[list(headers)].rename(columns=headers)
        forms = {headers[name]: ".3f" for name in ("index", "low", "high")}
        forms |= {headers[name]: ",.2f" for name in ("then", "now")}
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": forms}
        return frame


def change_words(index: float) -> str:
    """Say in words how large a stability index is."""
    return "no change" if index < STEADY else "some change" if index < SHIFTED else "a large change"


def _index(row) -> Interval:
    return Interval(estimate=row.index, low=row.low, high=row.high, n=row.n)


def _draw_moves(panel: Axes, moves: pd.DataFrame):
    share = 100 * moves.div(moves.sum(axis=1).clip(lower=1), axis=0)
    image = heat_map(panel, share.where(moves >= _SMALLEST), colours=SEQUENTIAL, lowest=0, highest=100)
    panel.set_xlabel("tier now")
    panel.set_ylabel("tier then")
    return image


@question(WORDS, needs=("orders.placed_at",))
def population_drift(
    shop: Shop,
    *,
    days: int = 91,
    rules: TierRules | None = None,
    segments: Segments | Skipped | Failed | None = None,
    seed: int = 1,
) -> PopulationDrift:
    """Compare the customers of today with those of `days` ago, as each could be seen on its day.

    rules: of the tiers. segments: today's answer to C2; when given, the segments of then are found again from
    what was known then, their numbers matched to today's; where C2 has no answer, or too few customers had
    come back by then, only that finding is skipped. seed: of that and of the interval.
    Raises CannotAnswer with fewer than 100 customers known at both dates.
    """
    rules = rules or TierRules()
    before = shop_before(shop, days=days)
    then, now = _tiers(before, rules), _tiers(shop, rules)
    both = then.index.intersection(now.index)
    if len(both) < _LEAST:
        raise CannotAnswer(WORDS.text("too few", found=len(both), days=days, fewest=_LEAST))
    moves = pd.crosstab(then[both], now[both], dropna=False).reindex(index=TIERS, columns=TIERS, fill_value=0)
    features = _features(before, shop)
    table, agree = (None, ()) if segments is None else _segments(shop, segments, days=days, seed=seed)
    return PopulationDrift(
        features=features,
        moves=moves,
        segments=table,
        days=days,
        findings=(_largest(features, days), _moved(moves, days), *agree),
    )


def _tiers(shop: Shop, rules: TierRules) -> pd.Series:
    today = last_day(shop)
    if not (history_frame(shop, until=today)["purchases"] > 1).any():
        raise CannotAnswer(WORDS.text("no tiers then"))
    return lifecycle_stages(shop, until=today, rules=rules)


def _features(before: Shop, shop: Shop) -> pd.DataFrame:
    """The stability index of every feature that both dates have; the number of purchases only ever grows."""
    today = customer_features(shop, until=last_day(shop))
    now, then = today.plain, _habits(before, today.axes)
    rows = []
    for name in then.columns.intersection(now.columns).drop("purchases"):
        found = stability_index(then[name], now[name])
        scale = 0.01 if name.endswith("_cents") else 1.0
        rows.append(
            {
                "feature": plain_name(name),
                "index": found.estimate,
                "low": found.low,
                "high": found.high,
                "then": scale * then[name].mean(),
                "now": scale * now[name].mean(),
                "reading": change_words(found.estimate),
                "n": found.n,
            }
        )
    return pd.DataFrame(rows).sort_values("index", ascending=False, kind="stable", ignore_index=True)


def _habits(before: Shop, axes: HabitAxes) -> pd.DataFrame:
    """Every customer's habits as they were known, counted as they are today where all of these were known."""
    until = last_day(before)
    try:
        return customer_features(before, until=until, axes=axes).plain
    except CannotAnswer:
        return customer_features(before, until=until).plain


def _segments(
    shop: Shop, segments: Segments | Skipped | Failed, *, days: int, seed: int
) -> tuple[pd.DataFrame | None, tuple[Finding]]:
    """Then by now, and how well they agree; or why it cannot be said."""
    if isinstance(segments, Skipped | Failed):
        return None, (_no_segments(without(segments)),)
    try:
        axes = customer_features(shop, until=last_day(shop)).axes
        earlier = groups_before(shop, days=days, number=segments.grouping.number, axes=axes, seed=seed)
    except CannotAnswer as limit:
        return None, (_no_segments(WORDS.label("at the earlier date", limit=limit)),)
    known = pd.DataFrame({"customer_id": earlier.features.plain.index, "then": earlier.grouping.labels})
    pairs = known.merge(segments.members, on="customer_id")
    now = pairs["segment"].to_numpy() - 1
    then = matched(pairs["then"].to_numpy(), now)
    table = pd.crosstab(then + 1, now + 1, rownames=["then"], colnames=["now"])
    return table, (_agree(_agreement(then, now, seed=seed), days),)


def _no_segments(why: str) -> Finding:
    return WORDS.skip("C9.segments_agree", bare(why))


def _agreement(then: np.ndarray, now: np.ndarray, *, seed: int) -> Interval:
    place = np.arange(len(now))

    def agreement(weight: np.ndarray) -> float:
        rows = np.repeat(place, weight.astype(int))
        return float(adjusted_rand_score(then[rows], now[rows]))

    return bootstrap(agreement, customers=len(now), draws=100, seed=seed)


def _largest(features: pd.DataFrame, days: int) -> Finding:
    """The habit that changed most."""
    top = next(features.itertuples(index=False))
    return WORDS.finding(
        "C9.largest_drift",
        _index(top),
        segment=str(top.feature),
        method=WORDS.text("method index"),
        assumptions=(WORDS.text("assumption samples"),),
        days=days,
        feature=top.feature,
        change=change_words(top.index),
        features=len(features),
        shifted=features.loc[features["index"] >= STEADY, "feature"].to_list(),
        steady=STEADY,
    )


def _moved(moves: pd.DataFrame, days: int) -> Finding:
    """The share who moved to another tier; no test, for customers known at both dates only age."""
    total, stayed = int(moves.to_numpy().sum()), int(np.diag(moves).sum())
    if ((moves.sum(axis=0) + moves.sum(axis=1)) > 0).sum() < 2:
        return WORDS.skip("C9.tiers_moved", WORDS.text("one tier"))
    return WORDS.finding(
        "C9.tiers_moved",
        wilson(total - stayed, total),
        scale=100,
        method=WORDS.text("method moved"),
        assumptions=(WORDS.text("assumption rules"),),
        days=days,
    )


def _agree(agreement: Interval, days: int) -> Finding:
    """How well the segments of then and now agree."""
    return WORDS.finding(
        "C9.segments_agree",
        agreement,
        method=WORDS.text("method agree"),
        assumptions=(WORDS.text("assumption customers"),),
        days=days,
    )
