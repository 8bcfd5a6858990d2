"""C6, second part: which form of post each age group prefers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import (
    INK,
    PALETTE,
    Finding,
    Picture,
    canvas,
    effect_verdict,
    question,
    words_beside,
)
from helpers.report.release import told_rows
from methods.customers.choice_by_group import Choices, preference_by_group
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
FORMATS = {"short_video": "short video", "live": "live", "picture_text": "picture and text", "voice": "voice"}
CHANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class FormatPreference:
    """Shares of the forms by age band.

    shares: one row a band and form with band, format, customers, posts, percent, low, high (in %, all
    intervals together at 95 %). p_value: chance of such differences if age had nothing to do with the form.
    """

    shares: pd.DataFrame
    p_value: float
    findings: tuple[Finding, ...]

    @property
    def preferred(self) -> pd.DataFrame:
        """The row of the most used form in each band, of those that may leave."""
        return _preferred(self.told)

    @property
    def told(self) -> pd.DataFrame:
        """The rows of `shares` that may leave."""
        return told_rows(self.shares, people="customers", shares={"percent": 100}, within="band")

    def draw(self) -> Picture:
        """Draw the share of each form by age band with its interval."""
        told = self.told
        bands = list(dict.fromkeys(told["band"]))
        best = self.preferred.assign(form=self.preferred["format"].map(_word))
        title, alt = WORDS.picture("forms", self.findings, best=list(best.itertuples()))
        figure, axes = canvas(title, x="age", y="% of posts", width_inches=8.5, height_inches=4.2)
        forms = [name for name in FORMATS if name in set(told["format"])]
        for place, form in enumerate(forms):
            rows = told[told["format"] == form].set_index("band").reindex(bands)
            spot = [band + 0.17 * (place - (len(forms) - 1) / 2) for band in range(len(bands))]
            away = [rows["percent"] - rows["low"], rows["high"] - rows["percent"]]
            axes.errorbar(
                spot, rows["percent"], yerr=away, fmt="o", ms=7, color=PALETTE[place], ecolor=INK,
                capsize=3, label=FORMATS[form],
            )  # fmt: skip
        axes.set_xticks(range(len(bands)), bands)
        axes.set_ylim(0)
        axes.legend(ncols=len(forms), loc="lower center", bbox_to_anchor=(0.5, 1.0))
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row an age band and form."""
        frame = self.told.rename(
            columns={"band": "age", "percent": "% of posts", "low": "from", "high": "to"}
        )
        frame["format"] = frame["format"].map(_word)
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": dict.fromkeys(("% of posts", "from", "to"), ".1f"),
            "people": "customers",
            "shares": {"% of posts": 100},
            "within": "age",
        }
        return frame


@question(WORDS, needs=("shares.format", "customers.age_band"))
def format_preference(shop: Shop, *, shuffles: int = 499, seed: int = 1) -> FormatPreference:
    """Say which form of post each age band uses most.

    shuffles: of the ages among customers, for the test. Raises CannotAnswer with fewer than two age bands of
    30 or more posting customers.
    """
    posts = shop["shares"].filter(lambda row: row.format.notnull()).group_by("customer_id", "format")
    posts = posts.agg(posts=lambda row: row.count())
    ages = shop["customers"].filter(lambda row: row.age_band.notnull()).select("customer_id", "age_band")
    frame = posts.join(ages, "customer_id").select("customer_id", "age_band", "format", "posts").to_pandas()
    found = preference_by_group(
        frame.sort_values(["customer_id", "format"]), customer="customer_id", group="age_band",
        choice="format", count="posts", shuffles=shuffles, seed=seed,
    )  # fmt: skip
    return FormatPreference(
        shares=found.shares,
        p_value=found.p_value,
        findings=(_differ(found, shuffles), *_shares(found)),
    )


def _word(form: str) -> str:
    return FORMATS.get(form, form)


def _preferred(shares: pd.DataFrame) -> pd.DataFrame:
    return shares.loc[shares.groupby("band", sort=False)["percent"].idxmax()]


def _differ(found: Choices, shuffles: int) -> Finding:
    if found.difference is None:
        return WORDS.skip("C6.ages_differ", WORDS.text("all alike"))
    return WORDS.finding(
        "C6.ages_differ",
        found.difference,
        method=WORDS.text("method differ", shuffles=shuffles),
        assumptions=_assumptions(),
        verdict=effect_verdict(found.difference.beyond(1)),
        p_value=found.p_value,
        chance=found.p_value,
        floor=found.floor,
    )


def _shares(found: Choices) -> tuple[Finding, ...]:
    method = WORDS.text("method share", intervals=len(found.shares))
    told = []
    for row in _preferred(found.shares).itertuples():
        rivals = found.shares[(found.shares["band"] == row.band) & (found.shares["format"] != row.format)]
        clear = bool((rivals["high"] < row.low).all()) and found.p_value < CHANCE
        told.append(
            WORDS.finding(
                "C6.format_share",
                Interval(estimate=row.percent, low=row.low, high=row.high, n=row.customers),
                segment=f"{row.band}, {_word(row.format)}",
                method=method,
                assumptions=_assumptions(),
                verdict="supported" if clear else "not settled",
                band=row.band,
                form=_word(row.format),
            )
        )
    return tuple(told)


def _assumptions() -> tuple[str, ...]:
    return WORDS.text("assumption independent"), WORDS.text("assumption age")
