"""The drawing of B9: foretold beside actual, by tenths of the customers."""

from __future__ import annotations

from helpers.report import MUTED, PALETTE, Picture, canvas
from helpers.stickiness.value_check import HoldOut
from helpers.stickiness.value_model import Outlook


def draw_value(check: HoldOut | None, outlook: Outlook, *, no_check: str) -> Picture:
    """Draw purchases and chances of the hidden days against what was foretold; else what is to come."""
    if check is None:
        return _to_come(outlook, no_check)
    words = "too few" if check.miss_percent < 0 else "too many"
    figure, axes = canvas(
        f"The model foretold {abs(check.miss_percent):.0f} % {words} purchases in {check.days} hidden days",
        columns=2, width_inches=9.5, height_inches=4.2,
    )  # fmt: skip
    counts, chances = axes[0, 0], axes[0, 1]
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
    said = ", ".join(f"{row.foretold:.0f} % became {row.happened:.0f} %" for row in shares.itertuples())
    return Picture(
        figure,
        "Two panels of ten points beside the diagonal of perfect foretelling. Purchases: "
        f"{check.foretold:,.0f} foretold, {check.actual:,} actual. Foretold chances of buying: {said}.",
    )


def _diagonal(panel, top: float) -> None:
    panel.plot([0, top], [0, top], color=MUTED, ls="--", lw=1, label="as foretold")


def _to_come(outlook: Outlook, no_check: str) -> Picture:
    figure, panel = canvas(
        f"On average {outlook.purchases.mean():.2f} purchases a customer are to come",
        x=f"foretold purchases in {outlook.horizon_days} days",
        y="customers",
    )
    panel.hist(outlook.purchases, bins=30, color=PALETTE[0])
    return Picture(figure, f"Histogram of the foretold purchases of customers, unchecked. {no_check}")
