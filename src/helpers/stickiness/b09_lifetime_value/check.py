"""The check of B9: what the model predicted of hidden days, beside what came and beside plain rules."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.monthly.levels import label_months
from helpers.data.purchase_forecast import PurchaseForecast
from helpers.report import (
    MUTED,
    PALETTE,
    Finding,
    Picture,
    Verdict,
    canvas,
    effect_verdict,
    judge_claim,
    nil_verdict,
    reference_line,
    words_beside,
)
from helpers.report.release import is_few, shares_leave
from methods.customers.hidden_windows import HiddenWindows
from methods.customers.value_check import NAIVE, ForecastCheck
from methods.customers.value_model import spend_correlation
from methods.intervals.estimates import Interval, normal_reach

WORDS = words_beside(__file__)
MODERATE = 0.3  # correlation beyond which the two models must not be multiplied
FAR_OFF_PERCENT = 25  # miss of one stretch, beyond which no average is said to fit
_CHECKS = ("B9.hidden_days_miss", "B9.gain_over_plain_rules", "B9.sharper_than_average")


def check_findings(ahead: PurchaseForecast) -> tuple[Finding, ...]:
    """Return the total miss, the gain over the best plain rule, and the sharpness of the chances."""
    if ahead.hidden is None:
        return tuple(WORDS.skip(id, ahead.no_trial + ".") for id in _CHECKS)
    return _miss(ahead.hidden), _gain(ahead.hidden.newest), _sharper(ahead.hidden.newest)


def _miss(hidden: HiddenWindows) -> Finding:
    """How far the model was off on average over the stretches; a lone one with its own error."""
    alone = len(hidden.windows) == 1
    total = hidden.newest.miss(level=hidden.level) if alone else hidden.bias()
    alike = hidden.alike()
    return WORDS.finding(
        "B9.hidden_days_miss",
        total,
        method=WORDS.text("hidden", days=hidden.newest.days),
        verdict=_fits(total),
        days=hidden.newest.days,
        misses=_misses(hidden),
        farthest=hidden.farthest.days if hidden.farthest else 0,
        far_miss=hidden.farthest.miss_percent if hidden.farthest else None,
        alike=alike,
        seasonal=alike is not None and alike < 1 - hidden.level,
        left_out=hidden.left_out,
        far_off=FAR_OFF_PERCENT if _is_far_off(hidden) else 0,
    )


def _fits(miss: Interval) -> Verdict:
    """Whether as many came as predicted: the ratio is 1, and surely between half and twice."""
    return judge_claim(1 + miss.low / 100, 1 + miss.high / 100, claimed=1.0)


def _is_far_off(hidden: HiddenWindows) -> bool:
    """Whether a single stretch was missed by so much that an average of nil says little of the next one."""
    tried = [*hidden.windows, *([hidden.farthest] if hidden.farthest else [])]
    return any(abs(one.miss_percent) > FAR_OFF_PERCENT for one in tried)


def _misses(hidden: HiddenWindows) -> list[float]:
    return sorted(one.miss_percent for one in hidden.windows)


def _gain(check: ForecastCheck) -> Finding:
    model, rules = check.methods.iloc[0], check.methods.iloc[1:]
    best = rules.loc[rules["mean_miss"].idxmin()]
    return WORDS.finding(
        "B9.gain_over_plain_rules",
        check.gain,
        method=WORDS.text("gain"),
        verdict=effect_verdict(check.gain),
        own=model["mean_miss"],
        best=best["mean_miss"],
        rule=NAIVE[best["method"]],
    )


def _sharper(check: ForecastCheck) -> Finding:
    chances = check.chances
    return WORDS.finding(
        "B9.sharper_than_average",
        check.sharper,
        method=WORDS.text("sharper"),
        verdict=effect_verdict(check.sharper),
        gap=100 * chances.average_gap,
        ranking=chances.ranking if np.isfinite(chances.ranking) else None,
        recency=check.recency_ranking,
        brier=chances.brier,
        base=chances.base_brier,
    )


def spend_finding(history: pd.DataFrame, *, level: float) -> Finding:
    """Return the correlation of how often and how much customers buy, which the spend model takes for 0."""
    repeats = history["purchases"].to_numpy(dtype=float) - 1
    found = spend_correlation(repeats, history["repeat_spend_cents"].to_numpy(dtype=float), level=level)
    if found is None:
        return WORDS.skip("B9.spend_independence", WORDS.text("spend alike"))
    verdict = nil_verdict(found, margin=MODERATE)
    return WORDS.finding(
        "B9.spend_independence",
        found,
        method=WORDS.text("correlation"),
        verdict="fits" if verdict == "supported" else verdict,
    )


def check_table(tried: HiddenWindows) -> pd.DataFrame:
    """One row a way of predicting the newest hidden days, then one an earlier window of the model."""
    told = tried.frame().to_dict("records")
    newest = told[len(tried.windows) - 1]
    ways = tried.newest.methods.rename(columns={"miss": "miss_percent"})
    ways = ways.assign(**{name: newest[name] for name in ("until", "days", "customers", "actual")})
    ways.loc[0, ["low", "high"]] = newest["low"], newest["high"]
    before = [
        {**row, "method": "earlier", "mean_miss": one.methods["mean_miss"].iloc[0]}
        for row, one in zip(told, tried.tried, strict=True)
        if one is not tried.newest
    ]
    rows = pd.DataFrame([*ways.to_dict("records"), *reversed(before)])
    frame = pd.DataFrame(
        {
            "way of predicting": [WORDS.text(f"way {method}") for method in rows["method"]],
            "known until": rows["until"].dt.strftime("%Y-%m-%d"),
            "days hidden": rows["days"],
            "customers": rows["customers"],
            "predicted": rows["predicted"],
            "actual": rows["actual"],
            "miss, %": rows["miss_percent"],
            "from": rows["low"],
            "to": rows["high"],
            "mean miss": rows["mean_miss"],
        }
    )
    signed = dict.fromkeys(("miss, %", "from", "to"), "+.1f")
    frame.attrs = {
        "caption": WORDS.text("caption", level=tried.level),
        "formats": {"predicted": ",.0f", "mean miss": ".3f", **signed},
        "people": "customers",
    }
    return frame


def no_check_table(reason: str) -> pd.DataFrame:
    """Return a table that says why no days could be hidden."""
    frame = pd.DataFrame({"check": [reason]})
    frame.attrs = {"people": None, "caption": WORDS.text("no check")}
    return frame


def draw_check(tried: HiddenWindows, findings: Iterable[Finding]) -> Picture:
    """Draw predicted against actual purchases and chances of the hidden days, and the miss by window."""
    check, windows = tried.newest, tried.frame()
    more = len(windows) > 1
    tenths = check.chances.buckets
    told = shares_leave(zip(tenths["happened"], tenths["cases"], strict=True))
    shares = tenths.loc[told, ["predicted", "happened", "low", "high"]]
    title, alt = WORDS.picture(
        "check",
        findings,
        days=check.days,
        misses=_misses(tried),
        predicted=check.predicted,
        actual=check.actual,
        chances=list(zip(shares["predicted"], shares["happened"], strict=True)),
        windows=list(zip(windows["until"].dt.strftime("%Y-%m-%d"), windows["miss_percent"], strict=True))
        if more
        else [],
    )
    columns, width = (3, 12.5) if more else (2, 9.5)
    figure, axes = canvas(title, columns=columns, width_inches=width, height_inches=4.2)
    _draw_purchases(axes[0, 0], check.tenths)
    _draw_chances(axes[0, 1], 100 * shares)
    if more:
        _draw_windows(axes[0, 2], tried)
    return Picture(figure, alt)


def _draw_purchases(panel: Axes, tenths: pd.DataFrame) -> None:
    tenths = tenths[~is_few(tenths["customers"])]
    _diagonal(panel, float(tenths[["predicted", "actual"]].to_numpy().max(initial=1.0)) * 1.1)
    panel.errorbar(
        tenths["predicted"],
        tenths["actual"],
        normal_reach() * tenths["error"],
        fmt="o",
        capsize=3,
        color=PALETTE[0],
    )
    panel.set_title("Purchases a customer")
    panel.set_xlabel("predicted, by tenths of the customers")
    panel.set_ylabel("actual, with 95 % interval")


def _draw_chances(panel: Axes, shares: pd.DataFrame) -> None:
    _diagonal(panel, 100.0)
    arms = [shares["happened"] - shares["low"], shares["high"] - shares["happened"]]
    panel.errorbar(shares["predicted"], shares["happened"], arms, fmt="o", capsize=3, color=PALETTE[2])
    panel.set_title("Chance of buying at all")
    panel.set_xlabel("predicted chance, %")
    panel.set_ylabel("% who did buy, with 95 % interval")
    panel.legend(loc="upper left")


def _draw_windows(panel: Axes, tried: HiddenWindows) -> None:
    frame = tried.frame().sort_values("until")
    arms = [frame["miss_percent"] - frame["low"], frame["high"] - frame["miss_percent"]]
    reference_line(panel, 0, upright=False)
    panel.errorbar(frame["until"], frame["miss_percent"], arms, fmt="o", capsize=3, color=PALETTE[1])
    label_months(panel)
    panel.set_title("All purchases of the hidden days")
    panel.set_xlabel("last day known to the model")
    panel.set_ylabel(WORDS.label("miss of actual with", value=f"{100 * tried.level:.0f}"))


def _diagonal(panel: Axes, top: float) -> None:
    panel.plot([0, top], [0, top], color=MUTED, ls="--", lw=1, label="as predicted")
