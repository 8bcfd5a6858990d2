"""C9, second part: has the customer base as a whole changed since an earlier date?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from helpers.data.shop import Shop
from helpers.report import MUTED, PALETTE, SEQUENTIAL, CannotAnswer, Finding, Picture, canvas, question
from helpers.segments.features import customer_features
from helpers.segments.history import history_frame, last_day
from helpers.segments.population_drift_findings import (
    QUESTION,
    agree_finding,
    change_words,
    largest_finding,
    moved_finding,
)
from helpers.segments.value import ValueSegments, value_segments
from methods.customers.clustering import matched
from methods.customers.profile import plain_name
from methods.customers.tiers import TIERS, TierRules, assign_tiers
from methods.intervals.estimates import Interval, bootstrap
from methods.intervals.population_stability import SHIFTED, STEADY, stability_index

_SMALLEST = 11  # people; smaller cells are not shown
_LEAST = 100


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
        figure, panels = canvas(
            f"Largest change in {self.days} days: {largest['feature']}, index {largest['index']:.2f} "
            f"({change_words(largest['index'])})",
            columns=2,
            width_inches=12,
            height_inches=1.4 + 0.28 * max(len(self.features), 8),
        )
        left, right = panels[0]
        away = [self.features["index"] - self.features["low"], self.features["high"] - self.features["index"]]
        left.errorbar(
            self.features["index"], self.features["feature"], xerr=away, fmt="o", capsize=3, color=PALETTE[0]
        )
        for limit in (STEADY, SHIFTED):
            left.axvline(limit, color=MUTED, lw=1, ls="--")
        left.invert_yaxis()
        left.set_xlabel(f"stability index (below {STEADY} no change, above {SHIFTED} large)")
        _draw_moves(right, self.moves)
        figure.colorbar(right.images[0], ax=right, label="% of the tier then", shrink=0.8)
        told = ", ".join(f"{row.feature} {row.index:.2f}" for row in self._first(5))
        return Picture(
            figure, f"Stability index of features, largest first: {told}. Right: moves between tiers."
        )

    def _first(self, rows: int):
        return self.features.head(rows).itertuples(index=False)

    def table(self) -> pd.DataFrame:
        """Return one row a feature: its mean then and now, and the stability index."""
        headers = {
            "feature": "feature",
            "then": f"mean {self.days} days ago",
            "now": "mean now",
            "index": "stability index",
            "low": "from",
            "high": "to",
            "reading": "reading",
        }
        frame = self.features[list(headers)].rename(columns=headers)
        forms = {headers[name]: ".3f" for name in ("index", "low", "high")}
        forms |= {headers[name]: ",.2f" for name in ("then", "now")}
        frame.attrs = {"caption": "Change of the customer base, feature by feature", "formats": forms}
        return frame


def _draw_moves(axes, moves: pd.DataFrame) -> None:
    share = 100 * moves.div(moves.sum(axis=1).clip(lower=1), axis=0)
    axes.imshow(share, cmap=SEQUENTIAL, vmin=0, vmax=100, aspect="auto")
    axes.grid(visible=False)
    for (row, column), value in np.ndenumerate(share.to_numpy()):
        if moves.iloc[row, column] >= _SMALLEST:
            colour = "black" if value > 60 else "white"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=9, color=colour)
    axes.set_xticks(range(len(moves.columns)), moves.columns)
    axes.set_yticks(range(len(moves)), moves.index)
    axes.set_xlabel("tier now")
    axes.set_ylabel("tier then")


@question("C9", QUESTION, needs=("orders.placed_at",))
def population_drift(
    shop: Shop,
    *,
    days: int = 91,
    rules: TierRules | None = None,
    segments: ValueSegments | None = None,
    seed: int = 1,
) -> PopulationDrift:
    """Compare the customers of today with those of `days` ago, as each could be seen on its day.

    rules: of the tiers. segments: today's answer to C2; when given, the segments of then are found again from
    what was known then, their numbers matched to today's. seed: of that and of the interval.
    Raises CannotAnswer with fewer than 100 customers known at both dates.
    """
    rules = rules or TierRules()
    before = shop.at(shop.as_of - dt.timedelta(days=days))
    then, now = _tiers(before, rules), _tiers(shop, rules)
    both = then.index.intersection(now.index)
    if len(both) < _LEAST:
        raise CannotAnswer(f"only {len(both)} customers are known {days} days apart; this needs {_LEAST}.")
    moves = pd.crosstab(then[both], now[both], dropna=False).reindex(index=TIERS, columns=TIERS, fill_value=0)
    features = _features(before, shop)
    findings = [largest_finding(features, days), moved_finding(moves, days)]
    table = None
    if segments is not None:
        table, agreement = _segments(before, segments, seed)
        findings.append(agree_finding(agreement, days))
    return PopulationDrift(
        features=features, moves=moves, segments=table, days=days, findings=tuple(findings)
    )


def _tiers(shop: Shop, rules: TierRules) -> pd.Series:
    today = last_day(shop)
    history = history_frame(shop, until=today)
    if not (history["purchases"] > 1).any():
        raise CannotAnswer(
            "nobody had bought on two different days by the earlier date, so there were no tiers."
        )
    return assign_tiers(history, until=today, rules=rules).set_axis(history["customer_id"])


def _features(before: Shop, shop: Shop) -> pd.DataFrame:
    """The stability index of every feature that both dates have; the number of purchases only ever grows."""
    then, now = (customer_features(one, until=last_day(one)).plain for one in (before, shop))
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


def _segments(before: Shop, segments: ValueSegments, seed: int) -> tuple[pd.DataFrame, Interval]:
    earlier = value_segments(before, numbers=(segments.grouping.number,), bootstraps=4, seed=seed)
    if not isinstance(earlier, ValueSegments):
        raise CannotAnswer(f"segments of the earlier date: {earlier.reason}")
    pairs = earlier.members.merge(segments.members, on="customer_id", suffixes=("_then", "_now"))
    now = pairs["segment_now"].to_numpy() - 1
    then = matched(pairs["segment_then"].to_numpy() - 1, now)
    place = np.arange(len(now))

    def agreement(weight: np.ndarray) -> float:
        rows = np.repeat(place, weight.astype(int))
        return float(adjusted_rand_score(then[rows], now[rows]))

    interval = bootstrap(agreement, customers=len(now), draws=100, seed=seed)
    return pd.crosstab(then + 1, now + 1, rownames=["then"], colnames=["now"]), interval
