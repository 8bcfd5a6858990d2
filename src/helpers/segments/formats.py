"""C6, second part: which form of post each age group prefers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.intervals.estimates import ratio_of_sums, share_within_bounds

QUESTION = "Form of post: which interaction does each age group prefer?"
FORMATS = {"short_video": "short video", "live": "live", "picture_text": "picture and text", "voice": "voice"}
FEWEST_POSTERS = 30  # with fewer clusters the intervals promise too much
_LEVEL = 0.95
_ASSUMPTIONS = (
    "posts of one customer may be alike, customers are independent",
    "the age band given is right",
)


@dataclass(frozen=True, kw_only=True)
class FormatPreference:
    """Shares of the forms by age band.

    shares: one row a band and form with band, format, customers, posts, percent, low, high (in %, all
    intervals together at 95 %). p_value: chance of such differences if age had nothing to do with the form.
    """

    shares: pd.DataFrame
    p_value: float

    @property
    def preferred(self) -> pd.DataFrame:
        """The row of the most used form in each band."""
        return self.shares.loc[self.shares.groupby("band", sort=False)["percent"].idxmax()]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The most used form of each age band."""
        return tuple(self._finding(row) for row in self.preferred.itertuples())

    def _finding(self, row) -> Finding:
        rivals = self.shares[(self.shares["band"] == row.band) & (self.shares["format"] != row.format)]
        clear = bool((rivals["high"] < row.low).all())
        beyond = "is beyond" if self.p_value < 0.05 else "may be"
        return Finding(
            id=f"C6.{row.format}_{row.band.replace(' ', '_').replace('-', '_')}",
            requirement="C6",
            question=QUESTION,
            estimate=row.percent,
            low=row.low,
            high=row.high,
            unit="% of posts",
            n=row.customers,
            segment=row.band,
            method=f"share of posts, clustered on customers; {len(self.shares)} intervals at 95 % together "
            "(Bonferroni); age dealt anew among customers for the test",
            assumptions=_ASSUMPTIONS,
            verdict="supported" if clear and self.p_value < 0.05 else "not settled",
            reading=f"Customers aged {row.band} post {FORMATS.get(row.format, row.format)} most: "
            f"{row.percent:.0f} % "
            f"of their posts{'' if clear else ', not clearly more than the next form'}. That the ages differ "
            f"{beyond} chance (p = {self.p_value:.2g}).",
        )

    def draw(self) -> Picture:
        """Draw the share of each form by age band with its interval."""
        bands = list(dict.fromkeys(self.shares["band"]))
        best = self.preferred.set_index("band")["format"].map(lambda name: FORMATS.get(name, name))
        title = f"By age: {bands[0]} prefer {best[bands[0]]}, {bands[-1]} prefer {best[bands[-1]]}"
        figure, axes = canvas(title, x="age", y="% of posts", width_inches=8.5, height_inches=4.2)
        forms = [name for name in FORMATS if name in set(self.shares["format"])]
        for place, form in enumerate(forms):
            rows = self.shares[self.shares["format"] == form].set_index("band").reindex(bands)
            spot = np.arange(len(bands)) + 0.17 * (place - (len(forms) - 1) / 2)
            away = [rows["percent"] - rows["low"], rows["high"] - rows["percent"]]
            axes.errorbar(
                spot, rows["percent"], yerr=away, fmt="o", ms=7, color=PALETTE[place], ecolor=INK,
                capsize=3, label=FORMATS[form],
            )  # fmt: skip
        axes.set_xticks(range(len(bands)), bands)
        axes.set_ylim(0)
        axes.legend(ncols=len(forms), loc="lower center", bbox_to_anchor=(0.5, 1.0))
        spoken = "; ".join(
            f"{row.band}: {best[row.band]} {row.percent:.0f} %" for row in self.preferred.itertuples()
        )
        return Picture(figure, f"Share of each form of post by age band with intervals. Most used: {spoken}.")

    def table(self) -> pd.DataFrame:
        """Return one row an age band and form."""
        frame = self.shares.rename(
            columns={"band": "age", "percent": "% of posts", "low": "from", "high": "to"}
        )
        frame["format"] = frame["format"].map(lambda name: FORMATS.get(name, name))
        frame.attrs = {
            "caption": "Form of posts by age (all intervals together at 95 %)",
            "formats": dict.fromkeys(("% of posts", "from", "to"), ".1f"),
            "people": "customers",
        }
        return frame


@question("C6", QUESTION, needs=("shares.format", "customers.age_band"))
def format_preference(shop: Shop, *, shuffles: int = 499, seed: int = 1) -> FormatPreference:
    """Say which form of post each age band uses most.

    shuffles: of the ages among customers, for the test. Raises CannotAnswer with fewer than two age bands of
    30 or more posting customers.
    """
    posts = shop["shares"].filter(lambda row: row.format.notnull()).group_by("customer_id", "format")
    posts = posts.agg(posts=lambda row: row.count())
    ages = shop["customers"].filter(lambda row: row.age_band.notnull()).select("customer_id", "age_band")
    frame = posts.join(ages, "customer_id").select("customer_id", "age_band", "format", "posts").to_pandas()
    return preference_by_group(
        frame.sort_values(["customer_id", "format"]), customer="customer_id", group="age_band",
        choice="format", count="posts", shuffles=shuffles, seed=seed,
    )  # fmt: skip


def preference_by_group(
    frame: pd.DataFrame, *, customer: str, group: str, choice: str, count: str, shuffles: int, seed: int
) -> FormatPreference:
    """Return the shares of each choice by group, with intervals that hold together and a test of difference.

    frame: one row a `customer` and `choice`, with the customer's `group` and the `count`. Groups with fewer
    than 30 customers are left out. The statistic of the test is Pearson's chi-squared; its distribution comes
    from dealing the groups anew among customers, whose counts stay together.
    """
    wide = frame.pivot_table(
        index=[customer, group], columns=choice, values=count, aggfunc="sum", fill_value=0
    )
    groups = wide.index.get_level_values(group)
    sizes = groups.value_counts()
    wide = wide[groups.isin(sizes.index[sizes >= FEWEST_POSTERS])]
    names, code = np.unique(wide.index.get_level_values(group).to_numpy(dtype=str), return_inverse=True)
    if len(names) < 2:
        raise CannotAnswer(
            f"{len(names)} age bands have {FEWEST_POSTERS} customers who posted; it takes two."
        )
    names, code = _in_order(names, code)
    counts = wide.to_numpy(dtype=float)
    level = 1 - (1 - _LEVEL) / (len(names) * counts.shape[1])
    rows = []
    for number, name in enumerate(names):
        mine = counts[code == number]
        for place, form in enumerate(wide.columns):
            share = share_within_bounds(ratio_of_sums(mine[:, place], mine.sum(axis=1), level=level)).scaled(
                100
            )
            rows.append((name, form, len(mine), int(mine.sum()), share.estimate, share.low, share.high))
    columns = ["band", "format", "customers", "posts", "percent", "low", "high"]
    rng = np.random.default_rng(seed)
    seen = _chi_squared(counts, code)
    drawn = [_chi_squared(counts, rng.permutation(code)) for _ in range(shuffles)]
    p_value = (1 + np.sum(np.array(drawn) >= seen)) / (1 + shuffles)
    return FormatPreference(shares=pd.DataFrame(rows, columns=columns), p_value=float(p_value))


def _in_order(names: np.ndarray, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put "under 18" before "18-24": bands in the order of the numbers they name."""
    keys = [
        (float("".join(c for c in n[:8] if c.isdigit())[:2] or 999), not n.startswith("under"), n)
        for n in names
    ]
    order = sorted(range(len(names)), key=keys.__getitem__)
    rank = np.empty(len(names), dtype=int)
    rank[order] = np.arange(len(names))
    return names[order], rank[code]


def _chi_squared(counts: np.ndarray, code: np.ndarray) -> float:
    table = np.column_stack([np.bincount(code, weights=column) for column in counts.T])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - expected) ** 2 / np.maximum(expected, 1e-12)).sum())
