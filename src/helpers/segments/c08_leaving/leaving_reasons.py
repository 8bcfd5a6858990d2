"""C8, second part: why customers were lost, as those say who were asked."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Mark, Picture, canvas, forest, question, words_beside
from helpers.report.release import FEWEST_PEOPLE, told_rows
from methods.intervals.estimates import Interval, share_when_told

WORDS = words_beside(__file__)
FEWEST_ANSWERS = 30


@dataclass(frozen=True, kw_only=True)
class LeavingReasons:
    """Reasons for leaving, largest first: one row a reason with reason, customers, share, low, high (%).

    named: false of the last row, of all that fewer than 11 people gave each; its low and high are NaN where
    these are fewer than 11 even together, and it is not told.
    """

    reasons: pd.DataFrame
    answers: int
    findings: tuple[Finding, ...]

    draws_released = True

    def draw(self) -> Picture:
        """Draw the share of every reason with its interval; small groups are left out."""
        shown = _named(self.reasons)
        told = [f"{row.reason} {row.share:.0f} %" for row in shown.itertuples()]
        # Whose interval reaches the first one's may come first as well.
        leading = shown.loc[shown["high"] >= shown["low"].iloc[0], "reason"].to_list()
        facts = {"leading": leading, "share": shown["share"].iloc[0], "shares": told}
        title, alt = WORDS.picture("reasons", self.findings, **facts)
        figure, axes = canvas(title, height_inches=1.4 + 0.4 * len(shown))
        marks = [Mark(label=row.reason, value=_interval(row, self.answers)) for row in shown.itertuples()]
        forest(axes, marks, zero=None, x=WORDS.label("of lost customers who", answers=f"{self.answers:,}"))
        axes.set_xlim(left=0)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a reason."""
        headers = {"share": "% of answers", "low": "from %", "high": "to %"}
        frame = self.reasons.drop(columns="named").rename(columns=headers)
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"customers": ",", **dict.fromkeys(headers.values(), ".1f")},
            "people": "customers",
        }
        return frame


@question(WORDS, needs=("surveys.reason", "surveys.customer_id"))
def leaving_reasons(shop: Shop) -> LeavingReasons:
    """Count the reasons that lost customers gave, each customer once (the last answer).

    Raises CannotAnswer with fewer than 30 answers, or when no reason was given by 11 customers, or none may
    be told without the few who gave another.
    """
    surveys = shop["surveys"]
    answers = surveys.filter(surveys.reason.notnull() & surveys.customer_id.notnull())
    frame = answers.select("customer_id", "reason", "answered_at", "survey_id").to_pandas()
    frame = frame.sort_values(["answered_at", "survey_id"]).drop_duplicates("customer_id", keep="last")
    counts = frame["reason"].value_counts()
    if len(frame) < FEWEST_ANSWERS or counts.iloc[0] < FEWEST_PEOPLE:
        raise CannotAnswer(
            WORDS.text(
                "few answers",
                found=len(frame),
                fewest_answers=FEWEST_ANSWERS,
                fewest_people=FEWEST_PEOPLE,
            )
        )
    reasons = _with_rare_together(counts)
    limits = [_limits(int(count), len(frame)) for count in reasons["customers"]]
    reasons[["low", "high"]] = pd.DataFrame(limits, index=reasons.index)
    told = _named(reasons)
    if told.empty:
        raise CannotAnswer(WORDS.text("few others"))
    return LeavingReasons(
        reasons=reasons,
        answers=len(frame),
        findings=tuple(_finding(row, len(frame)) for row in told.itertuples()),
    )


def _with_rare_together(counts: pd.Series) -> pd.DataFrame:
    """One row a reason with its share; what few said, often in words of their own, is one row."""
    rare = counts < FEWEST_PEOPLE
    customers = counts[~rare].to_list() + ([int(counts[rare].sum())] if rare.any() else [])
    names = counts.index[~rare].to_list() + ([WORDS.text("others")] if rare.any() else [])
    named = [True] * int((~rare).sum()) + [False] * int(rare.any())
    share = [100 * number / counts.sum() for number in customers]
    return pd.DataFrame({"reason": names, "customers": customers, "share": share, "named": named})


def _named(reasons: pd.DataFrame) -> pd.DataFrame:
    """The reasons that may be told; what few said has no name."""
    told = told_rows(reasons, people="customers")
    return told[told["named"]]


def _limits(count: int, answers: int) -> tuple[float, float]:
    if count < FEWEST_PEOPLE:
        return float("nan"), float("nan")
    share = share_when_told(count, answers, least=FEWEST_PEOPLE).scaled(100)
    return share.low, share.high


def _interval(row, answers: int) -> Interval:
    return Interval(estimate=row.share, low=row.low, high=row.high, n=answers)


def _finding(row, answers: int) -> Finding:
    return WORDS.finding(
        "C8.reason_share",
        _interval(row, answers),
        segment=str(row.reason),
        method=WORDS.text("method", least=FEWEST_PEOPLE),
        assumptions=(WORDS.text("assumption asked"), WORDS.text("assumption said")),
        reason=str(row.reason),
    )
