"""A6: the brand answers well-liked comments; does an answer bring the commenter back?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    dots,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.release import share_of_events, told_rows
from helpers.uplift.a06_brand_reply.answered_comments import answered_comments
from helpers.uplift.gates import common_ground
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.post_stratification import post_stratified_difference
from methods.adjust.sensitivity import e_value
from methods.intervals.estimates import Interval, wilson

WORDS = words_beside(__file__)
COVARIATES = (
    "comment_likes", "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days",
    "answers_before", "comments_before", "gender", "age_band", "city_tier",
)  # fmt: skip
# Authors by whether they were answered and bought, whom the shares of a row tell of.
SIDES = ("buyers_answered", "others_answered", "buyers_unanswered", "others_unanswered")
FEWEST_COMMENTS = 200
MOST_LIKES_SHOWN = 6


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

    @property
    def told(self) -> pd.DataFrame:
        """The rows of `by_likes` that may leave."""
        return told_rows(self.by_likes, people="authors", counts=SIDES)

    def table(self) -> pd.DataFrame:
        """One row a number of likes: likes, comments, answered %, bought % answered and not."""
        frame = self.told
        shown = pd.DataFrame(
            {
                "likes of the comment": frame["likes"],
                "authors": frame["authors"],
                "comments": frame["comments"],
                "answered %": 100 * frame["answered"],
                "author bought %, answered": 100 * frame["bought_answered"],
                "author bought %, not answered": 100 * frame["bought_unanswered"],
                **{name: frame[name] for name in SIDES},
            }
        )
        formats = {name: ".1f" for name in shown.columns if "%" in name}
        shown.attrs = {
            "caption": WORDS.text("caption"),
            "formats": formats,
            "people": "authors",
            "unseen": SIDES,
        }
        return shown

    def draw(self) -> Picture:
        """Draw buying by likes for answered and unanswered comments, beside the three comparisons."""
        rows = [
            ("as they stand", self.effect.raw),
            ("at equal likes", self.at_equal_likes),
            ("at equal likes\nand history", self.effect.att),
        ]
        spoken = [
            f"{name.replace(chr(10), ' ')} {interval(*in_percent(value), unit='pp')}" for name, value in rows
        ]
        raw = 100 * self.effect.raw.estimate
        title, alt = WORDS.picture("reply", self.findings, raw=raw, comparisons=spoken)
        figure, axes = canvas(title, columns=2, width_inches=10.5, height_inches=4.0)
        self._draw_likes(axes[0, 0])
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[0 if "history" in name else 6])
            for name, value in rows
        ]
        forest(axes[0, 1], marks, x="pp more authors who buy")
        return Picture(figure, alt)

    def _draw_likes(self, panel: Axes) -> None:
        frame = self.told
        place = np.arange(len(frame))
        for name, label, shift, colour in (
            ("answered", "answered", -0.08, PALETTE[0]),
            ("unanswered", "not answered", 0.08, PALETTE[6]),
        ):
            middle, low, high = (100 * frame[f"{part}_{name}"] for part in ("bought", "low", "high"))
            panel.vlines(place + shift, low, high, color=colour, linewidth=1)
            dots(panel, place + shift, middle, colour=colour, label=label)
        panel.set_xticks(place, frame["likes"])
        panel.set_xlabel("likes of the comment")
        panel.set_ylabel("% of authors who bought")
        panel.set_ylim(0, None)
        panel.legend(loc="upper left")


@question(
    WORDS,
    needs=(
        "orders.placed_at", "shares.posted_at", "reactions.posted_at", "reactions.parent_id",
        "reactions.likes", "reactions.customer_id",
    ),
)  # fmt: skip
def brand_reply(
    shop: Shop,
    *,
    enrol_weeks: int = 24,
    reply_hours: int = 24,
    outcome_weeks: int = 6,
    seed: int = 1,
) -> BrandReply:
    """Compare authors of answered comments with authors of unanswered ones of equal likes and history.

    enrol_weeks, reply_hours, outcome_weeks: see `answered_comments`. The estimate is for the answered
    comments; intervals allow for authors with several. Raises CannotAnswer below 200 comments, below 25
    answered or unanswered, when likes decide alone who is answered, or where all or none of the authors
    bought.
    """
    comments = answered_comments(
        shop, enrol_weeks=enrol_weeks, reply_hours=reply_hours, outcome_weeks=outcome_weeks
    )
    _demand_comments(comments, outcome_weeks)
    effect = adjusted_effect(
        comments, outcome="bought", treatment="answered", covariates=COVARIATES, cluster="customer_id",
        seed=seed,
    )  # fmt: skip
    equal = post_stratified_difference(
        comments, outcome="bought", treatment="answered", score="comment_likes", cluster="customer_id"
    )
    authors = comments["customer_id"].nunique()
    return BrandReply(
        comments=comments,
        effect=effect,
        at_equal_likes=equal,
        by_likes=_by_likes(comments),
        findings=(
            _uplift(effect, authors),
            _raw_gap(comments, effect, reply_hours=reply_hours, outcome_weeks=outcome_weeks),
            _who_is_answered(effect, equal, authors),
            common_ground(
                WORDS, effect, comments["answered"].to_numpy(float), method=WORDS.text("ground method")
            ),
        ),
    )


def _demand_comments(comments: pd.DataFrame, outcome_weeks: int) -> None:
    facts = {"rows": len(comments), "outcome_weeks": outcome_weeks}
    if len(comments) < FEWEST_COMMENTS:
        raise CannotAnswer(WORDS.text("too few", fewest=FEWEST_COMMENTS, **facts) + ".")
    if comments["bought"].nunique() < 2:
        everybody = bool(comments["bought"].iloc[0] == 1)
        raise CannotAnswer(WORDS.text("all alike", everybody=everybody, **facts) + ".")


def _by_likes(comments: pd.DataFrame) -> pd.DataFrame:
    top = comments["comment_likes"].clip(upper=MOST_LIKES_SHOWN)
    lines = []
    for likes, rows in comments.groupby(top):
        line: dict[str, object] = {
            "likes": WORDS.label("or more", likes=likes) if likes == MOST_LIKES_SHOWN else f"{likes}",
            "authors": rows["customer_id"].nunique(),
            "comments": len(rows),
            "answered": rows["answered"].mean(),
        }
        for name, part in (("answered", rows["answered"] == 1), ("unanswered", rows["answered"] == 0)):
            found = rows.loc[part, "bought"]
            sides = share_of_events(name, found > 0, rows.loc[part, "customer_id"]).sides
            line |= dict(zip((f"buyers_{name}", f"others_{name}"), sides or (0, 0), strict=True))
            bought = wilson(found.sum(), len(found)) if len(found) else None
            line |= {
                f"bought_{name}": bought.estimate if bought else np.nan,
                f"low_{name}": bought.low if bought else np.nan,
                f"high_{name}": bought.high if bought else np.nan,
            }
        lines.append(line)
    return pd.DataFrame(lines)


def _uplift(effect: AdjustedEffect, authors: int) -> Finding:
    doubt, ratio = effect.doubt, effect.relative_att
    return WORDS.finding(
        "A6.reply_uplift",
        effect.att,
        scale=100,
        n=effect.rows,
        method=WORDS.text("method", method=effect.method),
        assumptions=_assumptions(effect),
        verdict=effect_verdict(effect.att, doubt=doubt),
        persons=authors,
        strength=1.0 if ratio is None else e_value(1 + ratio.estimate),
        doubt=doubt,
    )


def _assumptions(effect: AdjustedEffect) -> tuple[str, ...]:
    said = tuple(map(WORDS.text, ("looks", "likes before", "apart")))
    lost = effect.overlap.trimmed_treated_share
    return (*said, WORDS.text("left out", lost=lost)) if lost else said


def _raw_gap(
    comments: pd.DataFrame, effect: AdjustedEffect, *, reply_hours: int, outcome_weeks: int
) -> Finding:
    by_answer = comments.groupby(comments["answered"] == 1)[["comment_likes", "bought"]].mean()
    return WORDS.finding(
        "A6.raw_gap",
        effect.raw,
        scale=100,
        n=effect.rows,
        method=WORDS.text("raw method"),
        assumptions=(WORDS.text("raw assumption"),),
        persons=comments["customer_id"].nunique(),
        tells=[
            share_of_events(f"answered: {is_answered}", own["bought"] > 0, own["customer_id"])
            for is_answered, own in comments.groupby(comments["answered"] == 1)
        ],
        answered=effect.treated_rows,
        reply_hours=reply_hours,
        outcome_weeks=outcome_weeks,
        bought_answered=by_answer.loc[True, "bought"],
        bought_others=by_answer.loc[False, "bought"],
        likes_answered=by_answer.loc[True, "comment_likes"],
        likes_others=by_answer.loc[False, "comment_likes"],
    )


def _who_is_answered(effect: AdjustedEffect, equal: Interval, authors: int) -> Finding:
    return WORDS.finding(
        "A6.who_is_answered",
        effect.self_selection,
        scale=100,
        n=effect.rows,
        method=effect.method,
        assumptions=_assumptions(effect),
        persons=authors,
        raw=100 * effect.raw.estimate,
        equal=interval(*in_percent(equal), unit="pp"),
    )
