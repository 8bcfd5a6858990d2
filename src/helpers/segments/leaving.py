"""C8, second part: why customers were lost, as those say who were asked."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.report.table import MINIMUM_PEOPLE
from methods.intervals.estimates import share_when_told

QUESTION = "Why were customers lost?"
_ASKED = (
    "who answers speaks for all who left; this holds where those asked were drawn at random",
    "a reason is what is said when asked, the last one given by a customer",
)


@dataclass(frozen=True, kw_only=True)
class LeavingReasons:
    """Reasons for leaving, largest first: one row a reason with reason, customers, share, low, high (%).

    low and high are NaN where fewer than 11 people gave a reason: such a one is not told.
    """

    reasons: pd.DataFrame
    answers: int
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw the share of every reason with its interval; small groups are left out."""
        shown = self.reasons[self.reasons["customers"] >= MINIMUM_PEOPLE]
        top = shown.iloc[0]
        figure, axes = canvas(
            f"“{top['reason']}” is the reason most often given for leaving: {top['share']:.0f} %",
            x=f"% of {self.answers:,} lost customers who were asked",
            height_inches=1.4 + 0.4 * len(shown),
        )
        away = [shown["share"] - shown["low"], shown["high"] - shown["share"]]
        axes.errorbar(shown["share"], shown["reason"], xerr=away, fmt="o", capsize=4, color=PALETTE[0])
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        told = "; ".join(f"{row.reason} {row.share:.0f} %" for row in shown.itertuples())
        return Picture(figure, f"Shares of the reasons for leaving with intervals: {told}.")

    def table(self) -> pd.DataFrame:
        """Return one row a reason."""
        headers = {"share": "% of answers", "low": "from %", "high": "to %"}
        frame = self.reasons.rename(columns=headers)
        frame.attrs = {
            "caption": "Reasons for leaving",
            "formats": {"customers": ",", **dict.fromkeys(headers.values(), ".1f")},
            "people": "customers",
        }
        return frame


@question("C8", QUESTION, needs=("surveys.reason", "surveys.customer_id"))
def leaving_reasons(shop: Shop) -> LeavingReasons:
    """Count the reasons that lost customers gave, each customer once (the last answer).

    Raises CannotAnswer with fewer than 30 answers, or when no reason was given by 11 customers.
    """
    surveys = shop["surveys"]
    answers = surveys.filter(surveys.reason.notnull() & surveys.customer_id.notnull())
    frame = answers.select("customer_id", "reason", "answered_at", "survey_id").to_pandas()
    frame = frame.sort_values(["answered_at", "survey_id"]).drop_duplicates("customer_id", keep="last")
    counts = frame["reason"].value_counts()
    if len(frame) < 30 or counts.iloc[0] < MINIMUM_PEOPLE:
        raise CannotAnswer(
            f"only {len(frame)} customers gave a reason for leaving; this needs 30, and "
            f"{MINIMUM_PEOPLE} for a reason."
        )
    reasons = pd.DataFrame(
        {
            "reason": counts.index,
            "customers": counts.to_numpy(),
            "share": 100 * counts.to_numpy() / len(frame),
        }
    )
    limits = [_limits(int(count), len(frame)) for count in counts]
    reasons[["low", "high"]] = pd.DataFrame(limits, index=reasons.index)
    told = reasons[reasons["customers"] >= MINIMUM_PEOPLE]
    return LeavingReasons(
        reasons=reasons,
        answers=len(frame),
        findings=tuple(_finding(row, len(frame)) for row in told.itertuples()),
    )


def _limits(count: int, answers: int) -> tuple[float, float]:
    if count < MINIMUM_PEOPLE:
        return float("nan"), float("nan")
    share = share_when_told(count, answers, least=MINIMUM_PEOPLE).scaled(100)
    return share.low, share.high


def _finding(row, answers: int) -> Finding:
    return Finding(
        id=f"C8.reason_{str(row.reason).replace(' ', '_')}",
        requirement="C8",
        question=QUESTION,
        estimate=row.share,
        low=row.low,
        high=row.high,
        unit="% of lost customers who were asked",
        n=answers,
        segment=str(row.reason),
        method="answers of lost customers, each once; mid-p interval of a share that is told from "
        f"{MINIMUM_PEOPLE} people on",
        assumptions=_ASKED,
        reading=f"{row.share:.0f} % of {answers:,} lost customers who were asked left because "
        f"of “{row.reason}” "
        f"({row.low:.0f} to {row.high:.0f} %).",
    )
