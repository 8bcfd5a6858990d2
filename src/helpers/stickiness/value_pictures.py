"""The drawing of B9: foretold beside actual, by tenths of the customers."""

from __future__ import annotations

from helpers.report import MUTED, PALETTE, Picture, canvas
from helpers.stickiness.pictures import months
from helpers.stickiness.value_windows import BackTest
from methods.customers.value_model import Outlook


def draw_value(tried: BackTest | None, outlook: Outlook, *, no_check: str) -> Picture:
    """Draw foretold against actual purchases and chances of the newest hidden days, and the miss by window.

    Where no days could be hidden, draw what is to come.
    """
    if tried is None:
        return _to_come(outlook, no_check)
    check = tried.newest
    words = "too few" if check.miss_percent < 0 else "too many"
    title = (
        f"The model foretold {abs(check.miss_percent):.0f} % {words} purchases in {check.days} hidden days"
    )
    before = [f"{miss:+.0f}" for miss in sorted(one.miss_percent for one in tried.earlier)]
    span = " to ".join(dict.fromkeys((*before[:1], *before[-1:])))
    figure, axes = canvas(
        f"{title}; from earlier days on {span} %" if before else title,
        columns=3 if before else 2, width_inches=12.5 if before else 9.5, height_inches=4.2,
    )  # fmt: skip
    counts, chances, *windows = axes[0]
    tenths, shares = check.tenths, 100 * check.chances.buckets[["foretold", "happened", "low", "high"]]
    _diagonal(counts, float(tenths[["foretold", "actual"]].to_numpy().max()) * 1.1)
    counts.errorbar(
        tenths["foretold"], tenths["actual"], 1.96 * tenths["error"], fmt="o", capsize=3, color=PALETTE[0]
    )
    counts.set_title("Purchases a customer")
    counts.set_xlabel("foretold, by tenths of the customers")
    counts.set_ylabel("actual, with 95 % interval")
    _diagonal(chances, 100.0)
    arms = [shares["happened"] - shares["low"], shares["high"] - shares["happened"]]
    chances.errorbar(shares["foretold"], shares["happened"], arms, fmt="o", capsize=3, color=PALETTE[2])
    chances.set_title("Chance of buying at all")
    chances.set_xlabel("foretold chance, %")
    chances.set_ylabel("% who did buy, with 95 % interval")
    chances.legend(loc="upper left")
    missed = (
        f" Third panel, miss of the total by the last day known: {_misses(*windows, tried)}."
        if before
        else ""
    )
    said = ", ".join(f"{row.foretold:.0f} % became {row.happened:.0f} %" for row in shares.itertuples())
    return Picture(
        figure,
        "Two panels of ten points beside the diagonal of perfect foretelling. Purchases: "
        f"{check.foretold:,.0f} foretold, {check.actual:,} actual. Foretold chances of buying: {said}."
        f"{missed}",
    )


def _diagonal(panel, top: float) -> None:
    panel.plot([0, top], [0, top], color=MUTED, ls="--", lw=1, label="as foretold")


def _misses(panel, tried: BackTest) -> str:
    frame = tried.frame()
    arms = [frame["miss_percent"] - frame["low"], frame["high"] - frame["miss_percent"]]
    panel.axhline(0, color=MUTED, ls="--", lw=1)
    panel.errorbar(frame["until"], frame["miss_percent"], arms, fmt="o", capsize=3, color=PALETTE[1])
    months(panel)
    panel.set_title(f"All purchases of the next {tried.newest.days} days")
    panel.set_xlabel("last day known to the model")
    panel.set_ylabel(f"miss, % of actual, with {100 * tried.level:.0f} % interval")
    return ", ".join(f"{row.until:%Y-%m-%d} {row.miss_percent:+.1f} %" for row in frame.itertuples())


def _to_come(outlook: Outlook, no_check: str) -> Picture:
    figure, panel = canvas(
        f"On average {outlook.purchases.mean():.2f} purchases a customer are to come",
        x=f"foretold purchases in {outlook.horizon_days} days",
        y="customers",
    )
    panel.hist(outlook.purchases, bins=30, color=PALETTE[0])
    return Picture(figure, f"Histogram of the foretold purchases of customers, unchecked. {no_check}")
