"""A6: the brand answers well-liked comments; does an answer bring the commenter back?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.uplift.comments import answered_comments
from helpers.uplift.drawn_intervals import draw_intervals
from helpers.uplift.wording import POINTS, effect_verdict, points, stated
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.sensitivity import e_value
from methods.intervals.estimates import Interval, wilson
from methods.intervals.influence import normal_interval, standard_error

COVARIATES = (
    "comment_likes", "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days",
    "answers_before", "comments_before", "gender", "age_band", "city_tier",
)  # fmt: skip
FEWEST_COMMENTS = 200
MOST_LIKES_SHOWN = 6
# Answers follow likes so closely that a comment above this chance has no unanswered one to compare with.
TRIM = 0.05


@dataclass(frozen=True, kw_only=True)
class BrandReply:
    """Answered against unanswered comments: as they stand, at equal likes, and with the author's history.

    by_likes: likes (text), comments, answered (share), bought_answered, bought_unanswered with low and high.
    at_equal_likes: the differences within each number of likes, averaged as the answered comments have them.
    """

    comments: pd.DataFrame
    effect: AdjustedEffect
    at_equal_likes: Interval
    by_likes: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a number of likes: likes, comments, answered %, bought % answered and not."""
        frame = self.by_likes
        shown = pd.DataFrame(
            {
                "likes of the comment": frame["likes"],
                "comments": frame["comments"],
                "answered %": 100 * frame["answered"],
                "author bought %, answered": 100 * frame["bought_answered"],
                "author bought %, not answered": 100 * frame["bought_unanswered"],
            }
        )
        formats = {name: ".1f" for name in shown.columns if "%" in name}
        caption = "The brand answers well-liked comments, whose authors buy more anyway"
        shown.attrs = {"caption": caption, "formats": formats, "people": "comments"}
        return shown

    def draw(self) -> Picture:
        """Draw buying by likes for answered and unanswered comments, beside the three comparisons."""
        rows = self._comparisons()
        figure, axes = canvas(
            f"An answer brings {points(self.effect.att)}; the plain comparison says "
            f"{100 * self.effect.raw.estimate:.1f}",
            columns=2, width_inches=10.5, height_inches=4.0,
        )  # fmt: skip
        self._draw_likes(axes[0, 0])
        spoken = draw_intervals(axes[0, 1], rows, x="points more authors who buy")
        return Picture(
            figure,
            "Left, the share of authors who bought, by the likes of their comment, answered or not. "
            f"Right, the difference an answer seems to make: {spoken}.",
        )

    def _comparisons(self) -> list[tuple[str, Interval]]:
        return [
            ("as they stand", self.effect.raw),
            ("at equal likes", self.at_equal_likes),
            ("at equal likes\nand history", self.effect.att),
        ]

    def _draw_likes(self, panel) -> None:
        frame, place = self.by_likes, np.arange(len(self.by_likes))
        for name, shift, color in (("answered", -0.08, PALETTE[0]), ("unanswered", 0.08, PALETTE[6])):
            middle, low, high = (100 * frame[f"{part}_{name}"] for part in ("bought", "low", "high"))
            panel.errorbar(
                place + shift, middle, yerr=[middle - low, high - middle], fmt="o", color=color,
                ecolor=MUTED if name == "unanswered" else color,
                label="answered" if name == "answered" else "not answered",
            )  # fmt: skip
        panel.set_xticks(place, frame["likes"])
        panel.set_xlabel("likes of the comment")
        panel.set_ylabel("% of authors who bought")
        panel.set_ylim(0, None)
        panel.legend(loc="upper left")


@question(
    "A6",
    "Does an answer of the brand bring the commenter back?",
    needs=(
        "orders.placed_at", "shares.posted_at", "reactions.posted_at", "reactions.parent_id",
        "reactions.likes", "reactions.customer_id",
    ),
)  # fmt: skip
def brand_reply(
    shop,
    *,
    enrol_weeks: int = 24,
    reply_hours: int = 24,
    outcome_weeks: int = 6,
    seed: int = 1,
) -> BrandReply:
    """Compare authors of answered comments with authors of unanswered ones of equal likes and history.

    enrol_weeks, reply_hours, outcome_weeks: see `comments.answered_comments`. The estimate is for the
    answered comments; intervals allow for authors with several. Raises CannotAnswer below 200 comments,
    below 25 answered or unanswered, or when likes decide alone who is answered.
    """
    comments = answered_comments(
        shop, enrol_weeks=enrol_weeks, reply_hours=reply_hours, outcome_weeks=outcome_weeks
    )
    if len(comments) < FEWEST_COMMENTS:
        raise CannotAnswer(
            f"only {len(comments)} comments of customers can be followed for {outcome_weeks} weeks; at least "
            f"{FEWEST_COMMENTS} are needed"
        )
    effect = adjusted_effect(
        comments, outcome="bought", treatment="answered", covariates=COVARIATES, cluster="customer_id",
        learners=("penalised regression",), trim=TRIM, seed=seed,
    )  # fmt: skip
    equal = at_equal_values(comments, outcome="bought", treatment="answered", score="comment_likes",
                            cluster="customer_id")  # fmt: skip
    findings = _findings(comments, effect, equal, reply_hours, outcome_weeks)
    return BrandReply(
        comments=comments,
        effect=effect,
        at_equal_likes=equal,
        by_likes=_by_likes(comments),
        findings=findings,
    )


def at_equal_values(
    frame: pd.DataFrame, *, outcome: str, treatment: str, score: str, cluster: str | None = None
) -> Interval:
    """Return the treated's mean outcome less that of untreated rows with the same value of `score`.

    Each value counts as often as the treated have it; values without an untreated row are left out.
    Standardisation (post-stratification on the score); interval clustered by `cluster`.
    """
    both = frame.groupby(score)[treatment].transform(lambda column: 0 < column.mean() < 1)
    rows = frame[both]
    y, t = rows[outcome].to_numpy(dtype=float), rows[treatment].to_numpy(dtype=float)
    share = rows.groupby(score)[treatment].transform("mean").to_numpy()
    usual = (
        rows.assign(value=np.where(t == 0, y, np.nan)).groupby(score)["value"].transform("mean").to_numpy()
    )
    weight = np.where(t == 1, 1.0, -share / (1 - share)) / t.mean()
    estimate = np.mean(weight * (y - usual))
    influence = weight * (y - usual) - t / t.mean() * estimate
    groups = None if cluster is None else rows[cluster].to_numpy()
    return normal_interval(estimate, standard_error(influence, groups), len(rows))


def _by_likes(comments: pd.DataFrame) -> pd.DataFrame:
    top = comments["comment_likes"].clip(upper=MOST_LIKES_SHOWN)
    lines = []
    for likes, rows in comments.groupby(top):
        line = {
            "likes": f"{likes} or more" if likes == MOST_LIKES_SHOWN else f"{likes}",
            "comments": len(rows),
            "answered": rows["answered"].mean(),
        }
        for name, part in (("answered", rows["answered"] == 1), ("unanswered", rows["answered"] == 0)):
            found = rows.loc[part, "bought"]
            bought = wilson(found.sum(), len(found)) if len(found) else Interval(
                estimate=np.nan, low=np.nan, high=np.nan, n=0
            )  # fmt: skip
            line |= {
                f"bought_{name}": bought.estimate,
                f"low_{name}": bought.low,
                f"high_{name}": bought.high,
            }
        lines.append(line)
    return pd.DataFrame(lines)


def _plain_gap(comments, effect: AdjustedEffect, reply_hours: int, weeks: int) -> str:
    """Say the raw gap, and why it is no effect: answered comments are the liked ones."""
    answered = comments["answered"] == 1
    liked = comments.groupby(answered)["comment_likes"].mean()
    bought = comments.groupby(answered)["bought"].mean()
    return (
        f"Of {effect.rows:,} comments the brand answered {effect.treated_rows:,} within "
        f"{reply_hours} hours. {bought[True]:.1%} of those authors bought in the following "
        f"{weeks} weeks, against {bought[False]:.1%} of the others: {points(effect.raw)}. But "
        f"answered comments had {liked[True]:.1f} likes on average and the others "
        f"{liked[False]:.1f}, and authors who are liked buy more anyway."
    )


def _findings(comments, effect: AdjustedEffect, equal: Interval, reply_hours: int, weeks: int):
    about = {"requirement": "A6", "question": brand_reply.question, "n": effect.rows}
    doubt = effect.overlap.warning
    verdict = effect_verdict(effect.att, doubt=doubt)
    meaning = {
        "supported": "an answer brings commenters back",
        "contradicted": "an answer keeps commenters away",
        "not settled": "whether an answer brings commenters back is not settled"
        + (f": {doubt}" if doubt else ""),
    }[verdict]
    lost = effect.overlap.trimmed_treated_share
    assumptions = (
        "the brand looks at nothing but the likes of a comment and what is known of its author",
        "likes were given before the answer, not because of it (their time is not recorded)",
        "an answer to one customer does not move another",
        *([f"{lost:.1%} of the answered were left out: no unanswered comment is like them"] if lost else []),
    )
    ratio = effect.relative_att
    strength = "" if ratio is None or verdict != "supported" else (
        f" To explain it away, something unseen would have to multiply both the chance of an answer and that "
        f"of buying by {e_value(1 + ratio.estimate):.2f}."
    )  # fmt: skip
    return (
        stated(
            effect.raw, id="A6.raw_gap", unit=POINTS, method="difference of shares, clustered by author",
            assumptions=("describes the two groups; says nothing about cause",),
            reading=_plain_gap(comments, effect, reply_hours, weeks),
            **about,
        ),
        stated(
            effect.att, id="A6.reply_uplift", unit=POINTS, verdict=verdict,
            method=f"{effect.method}, landmark when the time for an answer is over, clustered by author",
            assumptions=assumptions,
            reading=(
                f"Against unanswered comments with equal likes by authors with a like history, an answer "
                f"brought {points(effect.att)} more authors to buy: {meaning}.{strength}"
            ),
            **about,
        ),
        stated(
            effect.self_selection, id="A6.who_is_answered", unit=POINTS, assumptions=assumptions,
            method=effect.method,
            reading=(
                f"{points(effect.self_selection)} of the plain gap would be there without any answer; "
                f"holding only the likes equal leaves {points(equal)}."
            ),
            **about,
        ),
    )  # fmt: skip
